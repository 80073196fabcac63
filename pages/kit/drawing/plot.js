// Draws what `plot.py` sends: charts with Plotly.react, rows of figures, and words around them.
const LOOK = 50; // ms between looks whether Plotly has come
const LATE = 15000; // ms after which charts say that Plotly has not come; should it come yet, they are drawn
const PAPER = 680; // px: a chart on A4, between the margins; on other paper it is scaled
const WHOLE = 760; // px that a chart is laid out in at most on the whole screen; then it is shown larger
const FOOT = 76; // px below a chart of a talk, where its steps are
const LOWEST = 260; // px of such a chart
const TIGHTER = 1.15; // times that it may be laid out less high than on its page
const READABLE = 1.2; // times that it is larger at least, where there is the width
const CORNERS = "M3 9V3h6v2H5v4zM15 3h6v6h-2V5h-4zM3 15h2v4h4v2H3zM19 15h2v6h-6v-2h4z"; // of a screen, in 24 by 24
const drawings = new Map(); // key -> a chart or a row of figures on the page
const plotly = { since: performance.now(), missing: false, words: {}, ink: {}, printing: false };

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
  const modebar = { bgcolor: "rgba(0, 0, 0, 0)", color: of("gray-text-color"), activecolor: of("text-color") };
  return { layout: { font, xaxis: axis, yaxis: axis, hoverlabel, modebar, colorway: of("chart-categorical-colors").split(",") } };
}

// Writes plain text with **bold** and coloured signs; a node without text is hidden.
function write(node, text = "") {
  if (node.text === text) return;
  Object.assign(node, { text, hidden: !text });
  node.replaceChildren();
  for (const { text: part, bold, colour } of runs(text)) {
    if (bold) node.append(element("strong", "", part));
    else if (colour) node.append(Object.assign(element("span", "", part), { style: `color: ${colour}` }));
    else node.append(part);
  }
}

// Puts the colours of the light theme in the place of those of the dark one while a page is printed.
function inked(text = "") {
  if (!plotly.printing) return text;
  const hex = (number) => Number(number).toString(16).padStart(2, "0");
  const parts = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return text
    .replace(/#[0-9a-f]{6}\b/gi, (colour) => plotly.ink[colour.toLowerCase()] ?? colour)
    .replace(/(rgba?\()(\d+), ?(\d+), ?(\d+)/g, (found, start, ...rgb) => {
      const light = plotly.ink[`#${rgb.slice(0, 3).map(hex).join("")}`];
      return light ? start + parts(light).join() : found;
    });
}

// The words in a bar of the dark theme are dark; the colours of the light theme all stand out from white.
function lighten({ textposition, textfont, marker }) {
  const full = !marker?.pattern?.shape && (marker?.opacity ?? 1) === 1;
  if (plotly.dark && full && textposition === "inside") textfont.color = "#ffffff";
}

// Before a page is printed: dark ink, whatever the theme, and charts as wide as the paper.
function print(printing) {
  if (plotly.printing === printing) return;
  const dark = Object.keys(plotly.ink).length > 0;
  Object.assign(plotly, { printing, dark });
  const { classList } = document.documentElement;
  classList.toggle("backstop-printing", printing);
  classList.toggle("backstop-dark", printing && dark);
  drawAll();
}

addEventListener("beforeprint", () => print(true));
addEventListener("afterprint", () => print(false));
matchMedia("print").addEventListener("change", ({ matches }) => print(matches));

addEventListener("resize", () => {
  for (const drawing of drawings.values()) if (drawing.data.large) draw(drawing); // the window may be lower, or higher
});

// What was drawn for paper is scaled to the paper there is.
function scale({ place, width, data }) {
  for (const svg of place.querySelectorAll(".main-svg")) {
    if (plotly.printing) svg.setAttribute("viewBox", `0 0 ${width} ${parseFloat(data.height)}`);
    else svg.removeAttribute("viewBox");
  }
}

// The buttons of a chart, and of which chart they are, in the reader's language. What changes in a config has Plotly draw
// all anew: so a chart without a title keeps the name that it began with.
function configured(drawing) {
  const { lang, title, alt, config } = drawing.data;
  if (drawing.lang !== lang) Object.assign(drawing, { lang, alt });
  const named = (name) => (plotly.words[name] ?? "").replace("{chart}", title || drawing.alt);
  if (drawing.buttons?.[0].title !== named("camera")) {
    const button = (name, icon, act) => ({ name, title: named(name), icon, click: () => act(drawing).catch(console.error) });
    drawing.buttons = [button("camera", window.Plotly.Icons.camera, (one) => save(one, plotly.words))];
    if (document.fullscreenEnabled) drawing.buttons.push(button("whole", { width: 24, height: 24, path: CORNERS }, fill));
  }
  return { ...config, modeBarButtons: [drawing.buttons] };
}

// Shows a chart on the whole screen with its words, as large as a room needs; or where it was.
async function fill({ room }) {
  await (document.fullscreenElement ? document.exitFullscreen() : room.requestFullscreen());
}

// What is left of the window below the top of a chart of a talk.
function left(stage) {
  const scrolled = document.querySelector('[data-testid="stMain"]')?.scrollTop ?? 0;
  return Math.max(Math.floor(innerHeight - stage.getBoundingClientRect().top - scrolled - FOOT), LOWEST);
}

// How wide, and on the whole screen or in a talk how high, a chart is laid out; there it is then shown larger.
function sized({ place, stage, room, data }) {
  const isWhole = document.fullscreenElement === room && !plotly.printing;
  const isLarge = data.large && !isWhole && !plotly.printing;
  stage.style.height = isLarge ? `${left(stage)}px` : "";
  room.classList.toggle("backstop-large", Boolean(isLarge));
  const fits = stage.clientHeight / parseFloat(data.height);
  const most = isLarge ? (data.dense ? fits : Math.max(fits * TIGHTER, READABLE)) : Infinity;
  const zoom = isWhole || isLarge ? Math.max(Math.min(stage.clientWidth / WHOLE, most), 1) : 1;
  room.style.setProperty("--backstop-zoom", zoom);
  if (!isWhole && !isLarge) {
    Object.assign(place.style, { height: data.height, width: "" });
    return { width: plotly.printing ? PAPER : place.clientWidth };
  }
  const [width, height] = [stage.clientWidth, stage.clientHeight].map((size) => Math.floor(size / zoom));
  Object.assign(place.style, { height: `${height}px`, width: `${width}px` });
  return { width, height };
}

addEventListener("fullscreenchange", drawAll);

function draw(drawing) {
  const { place, title, caption, note } = drawing;
  const { text, figures, alt, ...words } = drawing.data;
  write(title, words.title);
  write(caption, inked(words.caption));
  write(note, inked(words.note));
  if (alt) set(place, "aria-label", alt);
  if (drawing.kind !== "chart") {
    const shown = JSON.stringify(figures);
    if (shown !== drawing.shown) place.replaceChildren(...figures.map(figure));
    drawing.shown = shown;
    return;
  }
  if (place.hidden !== !text) place.hidden = !text; // said again it would still count as a change
  if (!text) return; // nothing to draw here: the note says why
  const size = sized(drawing);
  if (!window.Plotly) {
    if (plotly.missing) say(drawing, "missing");
    return; // `look` calls again
  }
  if (!place.clientWidth) return; // hidden, as in a closed tab; the observer calls again
  const theme = template(getComputedStyle(place));
  const shown = text + JSON.stringify(size) + plotly.printing + plotly.words.camera + JSON.stringify(theme);
  if (shown === drawing.shown) {
    if (drawing.failed) say(drawing, "failed"); // the language may be another
    return;
  }
  Object.assign(drawing, { shown, width: size.width, failed: false });
  place.querySelector(":scope > .backstop-failed")?.remove();
  const drawn = JSON.parse(inked(text)); // anew each time, as Plotly writes into what it is given
  if (plotly.printing) drawn.data.forEach(lighten);
  const layout = { ...drawn.layout, ...size, template: theme };
  if (plotly.printing !== drawing.printed && drawn.data.some(({ type }) => type === "sankey")) {
    window.Plotly.purge(place); // else it would move to its new places for half a second, and paper does not wait
    drawing.listens = false;
  }
  drawing.printed = plotly.printing;
  new Promise((done) => done(window.Plotly.react(place, drawn.data, layout, configured(drawing)))).then(
    () => {
      scale(drawing);
      listen(drawing);
    },
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
    const [room, stage] = [element("div", "backstop-drawing"), element("div", "backstop-stage")];
    drawing = { key: data.key, kind: data.kind, place: place(data.kind), room, stage, title, caption, note };
    stage.append(drawing.place);
    room.append(title, caption, stage, note);
    parentElement.replaceChildren(room);
    drawings.set(data.key, drawing);
    if (data.kind === "chart") {
      drawing.observer = new ResizeObserver(() => plotly.printing || draw(drawing));
      drawing.observer.observe(stage);
    }
  }
  const turn = {};
  Object.assign(drawing, { data: keep(data), click: setTriggerValue, turn });
  draw(drawing);
  return () => {
    if (drawing.turn !== turn) return; // of a call that a newer one has overtaken: Streamlit ends it after that
    drawing.observer?.disconnect();
    if (data.kind === "chart") window.Plotly?.purge(drawing.place);
    if (drawings.get(data.key) === drawing) drawings.delete(data.key);
  };
}

// This code comes once a run. A drawing brings no more than `place.js`, which waits for it.
export default function ({ data }) {
  const renamed = data.words.camera !== plotly.words.camera; // in another language
  Object.assign(plotly, { words: data.words, ink: data.ink });
  if (renamed) drawAll();
  const room = (window.backstop ??= { waiting: new Set() });
  room.mount = mount;
  for (const begin of room.waiting) begin();
  room.waiting.clear();
}
