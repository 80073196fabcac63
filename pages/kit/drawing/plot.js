// Draws what `plot.py` sends: charts with Plotly.react, strips as SVG, rows of figures, and words around them. While a
// lever is dragged, it asks for the charts of the stop where the lever is (`drag.py`) and shows them; what the server
// sends for the value where the lever comes to rest is the same, and then nothing is drawn again.
const HOLD = 1500; // ms that a lever may be ahead of the server before what the server says counts
const KNOWN = 6; // scenes of which stops that were asked for are kept
const KEYED = 500; // ms in which a key moves the slider that has the focus
const LOOK = 50; // ms between looks whether Plotly has come
const LATE = 15000; // ms after which charts say that Plotly has not come; should it come yet, they are drawn
const drawings = new Map(); // key -> a chart or a strip on the page
const scenes = new Map(); // scene without one lever -> value of that lever -> key -> drawing
const levers = new Map(); // id -> value of its slider, and since when
const drag = { on: false, began: Infinity, ended: -Infinity };
const asking = { ask: null, since: -Infinity }; // for stops that are not known, during a drag
const plotly = { since: performance.now(), missing: false, words: {} };
let frame;
let keyed = -Infinity;

// Plotly comes as `place.js` has it, or with an unseen chart (`bring_plotly` in plot.py) that shows an alert if it cannot.
function look() {
  const unseen = document.querySelector(".st-key-plotly");
  const { asked, lost } = window.backstop ?? {};
  const late = performance.now() - (asked ?? (unseen ? plotly.since : Infinity)) > LATE; // a page without drawings asks not
  const missing = !window.Plotly && (late || lost || Boolean(unseen?.querySelector('[role="alert"]')));
  if (window.Plotly) clearInterval(looking);
  if (!window.Plotly && missing === plotly.missing) return;
  plotly.missing = missing;
  drawAll();
}

const looking = setInterval(look, LOOK);

// Says in the place of a chart why it is not there.
function say({ place }, why) {
  const note = document.createElement("p");
  note.className = "backstop-failed";
  note.textContent = plotly.words[why] ?? "";
  place.replaceChildren(note);
}

function template(style) {
  const of = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const font = { family: of("font"), color: of("text-color"), size: 12 };
  const axis = {
    gridcolor: of("border-color"),
    linecolor: of("border-color"),
    zerolinecolor: of("border-color"),
    tickfont: { color: of("gray-text-color") },
    title: { font: { color: of("gray-text-color"), size: 13 } },
    ticklabelstandoff: 5,
  };
  const hoverlabel = { bgcolor: of("background-color"), bordercolor: of("border-color"), font };
  return { layout: { font, xaxis: axis, yaxis: axis, hoverlabel, colorway: of("chart-categorical-colors").split(",") } };
}

// The stops that are known of a lever while everything else is as in a scene.
function stops(scene, lever) {
  return scenes.get(without(scene, lever));
}

function without({ id, values }, lever) {
  return JSON.stringify([id, lever, { ...values, [lever]: null }]);
}

// The lever that has moved on from a scene, if the server has not had the time to follow.
function moved({ values }) {
  for (const [id, { value, since }] of levers) {
    const dragged = since >= drag.began;
    const fresh = (dragged && drag.on) || performance.now() - (dragged ? drag.ended : since) < HOLD;
    if (fresh && value !== values[id]) return { id, value };
  }
  return null;
}

// What a drawing shows: as the server sent it, or as it will be where its lever has got to. At a stop that nobody
// knows yet it stays as it is.
function content(drawing) {
  const { key, data } = drawing;
  const lever = data.scene && moved(data.scene);
  const known = lever && stops(data.scene, lever.id)?.get(lever.value)?.[key];
  drawing.content = known || (lever && drawing.content) || data;
  return drawing.content;
}

// Writes plain text with **bold** and coloured signs, :color[■]{foreground="#5381e6"}; a node without text is hidden.
function write(node, text = "") {
  if (node.text === text) return;
  Object.assign(node, { text, hidden: !text });
  node.replaceChildren();
  const parts = text.split(/\*\*(.+?)\*\*|:color\[(.+?)\]\{foreground="(.+?)"\}/); // plain, bold, sign, colour, plain …
  for (let i = 0; i < parts.length; i += 4) {
    const [plain, bold, sign, colour] = parts.slice(i, i + 4);
    node.append(plain);
    if (bold) node.append(element("strong", "", bold));
    if (sign) node.append(Object.assign(element("span", "", sign), { style: `color: ${colour}` }));
  }
}

function draw(drawing) {
  const { place, title, caption, note } = drawing;
  const { text, height, svg, figures, alt, ...words } = content(drawing);
  write(title, words.title);
  write(caption, words.caption);
  write(note, words.note);
  if (alt) set(place, "aria-label", alt);
  if (drawing.kind !== "chart") {
    const shown = svg ?? JSON.stringify(figures);
    if (shown === drawing.shown) return;
    drawing.shown = shown;
    if (figures) place.replaceChildren(...figures.map(figure));
    else place.innerHTML = svg; // made by the server from its own figures, every name escaped
    return;
  }
  if (place.hidden !== !text) place.hidden = !text; // said again it would still count as a change
  if (!text) return; // nothing to draw here: the note says why
  if (place.style.height !== height) place.style.height = height;
  if (!window.Plotly) {
    if (plotly.missing) say(drawing, "missing");
    return; // `look` calls again
  }
  const width = place.clientWidth;
  if (!width) return; // hidden, as in a closed tab; the observer calls again
  const theme = template(getComputedStyle(place));
  const shown = text + width + JSON.stringify(theme);
  if (shown === drawing.shown) {
    if (drawing.failed) say(drawing, "failed"); // the language may be another
    return;
  }
  Object.assign(drawing, { shown, width, failed: false });
  place.querySelector(":scope > .backstop-failed")?.remove();
  const drawn = JSON.parse(text); // anew each time, as Plotly writes into what it is given
  const layout = { ...drawn.layout, width, template: theme };
  new Promise((done) => done(window.Plotly.react(place, drawn.data, layout, drawing.data.config))).then(
    () => listen(drawing),
    (error) => drawing.shown === shown && fail(drawing, error),
  );
}

function listen(drawing) {
  if (drawing.listens) return;
  drawing.listens = true;
  drawing.place.on?.("plotly_click", ({ points }) => {
    if (drawing.data.clickable) drawing.click("clicked", { x: points[0].x, y: points[0].y });
  });
}

function fail(drawing, error) {
  console.error(error);
  Object.assign(drawing, { failed: true, listens: false });
  try {
    window.Plotly.purge(drawing.place);
  } finally {
    say(drawing, "failed");
  }
}

function figure([name, value, was]) {
  const box = document.createElement("div");
  box.append(element("dt", "", name), element("dd", "", value), element("dd", "backstop-was", was));
  return box;
}

function element(tag, className = "", text = "") {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

function set(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

function drawAll() {
  frame = null;
  for (const drawing of drawings.values()) draw(drawing);
  askForMore();
}

function read(input) {
  const id = input.closest('[class*="st-key-"]')?.className.match(/st-key-(?:slider|lever)_(\w+)/)?.[1];
  return { id, value: Math.round(Number(input.value) * 1e6) / 1e6 };
}

function byHand(input) {
  return drag.on || (input === document.activeElement && performance.now() - keyed < KEYED);
}

// A slider of the panel says where its thumb is in the attributes of its input, also while it is dragged.
const moves = new MutationObserver((changes) => {
  for (const { target, attributeName, oldValue } of changes) {
    if (target.type !== "range" || target.getAttribute(attributeName) === oldValue) continue;
    const { id, value } = read(target);
    if (!id || levers.get(id)?.value === value) continue;
    levers.delete(id);
    if (!byHand(target)) continue; // the server moved it, and has sent what belongs there
    levers.set(id, { value, since: performance.now() });
    frame ??= requestAnimationFrame(drawAll);
    setTimeout(drawAll, HOLD + 1);
  }
});
moves.observe(document.body, { subtree: true, attributeFilter: ["value", "aria-valuetext"], attributeOldValue: true });

function dragBegins({ target }) {
  if (target.closest?.('[data-testid="stSlider"]')) Object.assign(drag, { on: true, began: performance.now() });
}

function dragEnds() {
  if (!drag.on) return;
  Object.assign(drag, { on: false, ended: performance.now() });
  setTimeout(drawAll, HOLD + 1);
}

document.addEventListener("keydown", () => (keyed = performance.now()), true);
document.addEventListener("pointerdown", dragBegins, true);
document.addEventListener("pointerup", dragEnds, true);
document.addEventListener("pointercancel", dragEnds, true);

// Asks for the stops of a lever at a value: one question at a time, and none twice in a row.
function ask(scene, id, value) {
  const what = without(scene, id) + value;
  if (!asking.ask || performance.now() - asking.since < HOLD || what === asking.what) return;
  Object.assign(asking, { what, since: performance.now() });
  asking.ask("asked", [id, value]);
}

// In a drag: for the stop where the lever is, if it is not known yet.
function askForMore() {
  if (!drag.on) return;
  for (const { data } of drawings.values()) {
    const lever = data.scene && moved(data.scene);
    if (!lever || stops(data.scene, lever.id)?.has(lever.value)) continue;
    ask(data.scene, lever.id, lever.value);
    return;
  }
}

function keep({ figure, ...data }) {
  return figure ? { text: JSON.stringify(figure), height: `${figure.layout?.height}px`, ...data } : data;
}

function takeAnswer({ scene, lever, stops: found }, ask) {
  Object.assign(asking, { ask, since: -Infinity });
  if (!lever) return;
  const name = without(scene, lever);
  const known = scenes.get(name) ?? new Map();
  scenes.delete(name); // the last one used stands last
  scenes.set(name, known);
  if (scenes.size > KNOWN) scenes.delete(scenes.keys().next().value);
  for (const [value, made] of found) {
    const kept = Object.entries(made).map(([key, data]) => [key, keep(data)]);
    known.set(value, { ...known.get(value), ...Object.fromEntries(kept) });
  }
  for (const { key, data } of drawings.values()) {
    if (!data.scene || without(data.scene, lever) !== name) continue;
    const here = data.scene.values[lever];
    known.set(here, { ...known.get(here), [key]: data }); // to come back to
  }
  frame ??= requestAnimationFrame(drawAll);
}

function place(kind) {
  const node = element(kind === "figures" ? "dl" : "div", `backstop-${kind}`);
  if (kind !== "figures") node.setAttribute("role", kind === "chart" ? "figure" : "img");
  if (kind === "chart") node.style.contain = "layout style"; // a change inside does not lay out the page again
  return node;
}

function mount({ data, parentElement, setTriggerValue }) {
  let drawing = drawings.get(data.key);
  if (drawing?.room.parentElement !== parentElement) {
    const [title, caption, note] = [element("h2"), element("p"), element("p", "backstop-note")];
    const room = element("div", "backstop-drawing");
    drawing = { key: data.key, kind: data.kind, place: place(data.kind), room, title, caption, note };
    room.append(title, caption, drawing.place, note);
    parentElement.replaceChildren(room);
    drawings.set(data.key, drawing);
    if (data.kind === "chart") {
      drawing.observer = new ResizeObserver(() => {
        if (drawing.place.clientWidth !== drawing.width) draw(drawing);
      });
      drawing.observer.observe(drawing.place);
    }
  }
  Object.assign(plotly.words, data.words);
  Object.assign(drawing, { data: keep(data), content: null, click: setTriggerValue });
  draw(drawing);
  return () => {
    drawing.observer?.disconnect();
    if (data.kind === "chart") window.Plotly?.purge(drawing.place);
    if (drawings.get(data.key) === drawing) drawings.delete(data.key);
  };
}

// This code comes once a run, with the answers to a drag. A drawing brings no more than `place.js`, which waits for it.
export default function ({ data, setTriggerValue }) {
  takeAnswer(data, setTriggerValue);
  const room = (window.backstop ??= { waiting: new Set() });
  room.mount = mount;
  for (const begin of room.waiting) begin();
  room.waiting.clear();
}
