// Draws what `plot.py` sends: charts with Plotly.react, rows of figures, and words around them.
const LOOK = 50; // ms between looks whether Plotly has come
const LATE = 15000; // ms after which charts say that Plotly has not come; should it come yet, they are drawn
const CAMERA = "Download plot as a PNG"; // as Plotly calls its button
const drawings = new Map(); // key -> a chart or a row of figures on the page
const plotly = { since: performance.now(), missing: false, words: {} };

// Plotly comes as `place.js` has it, or with an unseen chart (`_unseen` in plot.py) that shows an alert if it cannot.
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
  const { text, height, figures, alt, ...words } = drawing.data;
  write(title, words.title);
  write(caption, words.caption);
  write(note, words.note);
  if (alt) set(place, "aria-label", alt);
  if (drawing.kind !== "chart") {
    const shown = JSON.stringify(figures);
    if (shown !== drawing.shown) place.replaceChildren(...figures.map(figure));
    drawing.shown = shown;
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
  new Promise((done) => done(window.Plotly.react(place, drawn.data, layout, config(drawing)))).then(
    () => listen(drawing),
    (error) => drawing.shown === shown && fail(drawing, error),
  );
}

// Of which chart the button with the camera is, in the reader's language. What changes in a config has Plotly draw all
// anew: so a chart without a title keeps the name that it began with.
function config(drawing) {
  const { lang, title, alt } = drawing.data;
  if (drawing.lang !== lang) Object.assign(drawing, { lang, alt });
  const named = (plotly.words.picture ?? "").replace("{chart}", title || drawing.alt);
  return { ...drawing.data.config, locale: "own", locales: { own: { dictionary: { [CAMERA]: named } } } };
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
  for (const drawing of drawings.values()) draw(drawing);
}

function keep({ figure, ...data }) {
  return figure ? { text: JSON.stringify(figure), height: `${figure.layout?.height}px`, ...data } : data;
}

function place(kind) {
  const node = element(kind === "figures" ? "dl" : "div", `backstop-${kind}`);
  if (kind !== "figures") node.setAttribute("role", kind === "chart" ? "figure" : "img");
  if (kind === "chart") node.style.contain = "layout style"; // a change inside does not lay out the page again
  return node;
}

function mount({ data, parentElement, setTriggerValue }) {
  let drawing = drawings.get(data.key);
  document.documentElement.lang = data.lang; // the switch of languages loads no page anew
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
  Object.assign(drawing, { data: keep(data), click: setTriggerValue });
  draw(drawing);
  return () => {
    drawing.observer?.disconnect();
    if (data.kind === "chart") window.Plotly?.purge(drawing.place);
    if (drawings.get(data.key) === drawing) drawings.delete(data.key);
  };
}

// This code comes once a run. A drawing brings no more than `place.js`, which waits for it.
export default function ({ data }) {
  Object.assign(plotly.words, data.words);
  const room = (window.backstop ??= { waiting: new Set() });
  room.mount = mount;
  for (const begin of room.waiting) begin();
  room.waiting.clear();
}
