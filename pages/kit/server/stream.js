// What the pages of a room share: their words, small helpers, and a listener that comes back by itself.
const place = document.body.dataset;
const words = JSON.parse(place.words);
const PAUSE = 3000; // ms at least before a refused stream is asked for again
const ASLEEP = 30000; // ms out of sight after which a phone may have lost its stream without knowing
const SVG = "http://www.w3.org/2000/svg";

const find = (id) => document.getElementById(id);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_whole, name) => values[name]);

// Texts of others only ever become textContent.
function node(tag, className = "", more = {}, ...inside) {
  const made = Object.assign(document.createElement(tag), { className, ...more });
  made.append(...inside);
  return made;
}

function shape(tag, attributes, text = "") {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
}

function written(value, step = 1) {
  const digits = (String(step).split(".")[1] ?? "").length;
  const format = new Intl.NumberFormat(place.lang, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return format.format(value).replace("-", "−");
}

const withUnit = (value, vote) => `${written(value, vote.step)}${vote.unit ? `\u00a0${vote.unit}` : ""}`;

function say(key) {
  const line = find("state");
  if (line.textContent !== (key ? words[key] : "")) line.textContent = key ? words[key] : "";
  line.hidden = !key;
  place.line = key || "open";
}

// handlers: state(state), with `ends`, when its vote ends; count(count); over(). The server tells the present state
// first, whenever one comes.
function follow(events, handlers) {
  let source;
  let hidden = 0;
  const end = () => {
    source.close();
    source = null;
    say("gone");
    handlers.over();
  };
  const open = () => {
    source?.close();
    const mine = (source = new EventSource(events));
    mine.onopen = () => say("");
    mine.addEventListener("state", ({ data }) => {
      const state = JSON.parse(data);
      handlers.state({ ...state, ends: performance.now() + (state.vote?.left ?? 0) * 1000 });
    });
    mine.addEventListener("count", ({ data }) => handlers.count(JSON.parse(data)));
    mine.addEventListener("over", end);
    mine.onerror = async () => {
      if (mine !== source) return;
      say("lost");
      if (mine.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      const status = await fetch(events, { method: "HEAD" }).then((answer) => answer.status, () => 0);
      if (mine !== source) return;
      if (status === 404 || status === 410) return void end(); // also where the server has begun anew
      say(status === 503 ? "full" : "lost");
      setTimeout(() => mine === source && open(), PAUSE * (1 + Math.random()));
    };
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) hidden = performance.now();
    else if (source && performance.now() - hidden > ASLEEP) open();
  });
  open();
}
