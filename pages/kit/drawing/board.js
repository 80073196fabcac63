// Draws the Overview (`board.py`): plain tables and buttons, of fixed heights, so that nothing jumps while a lever moves.
// What has not changed is left as it is, and so keeps the focus.
const boards = new WeakMap();
const MANY = 6; // years: on a phone every other one is named
const SHORT = 0.12; // of the axis: a part of a year has no room for its name on a phone
const REST = 5000; // ms without a move after which more futures may be asked for

function marked(name, at, text, label) {
  const mark = node("span", `mark ${name}`, { textContent: text, title: label });
  mark.style.left = `${at * 100}%`;
  return mark;
}

function span(name, from, to) {
  const made = node("span", name);
  made.style.left = `${from * 100}%`;
  made.style.width = `${(to - from) * 100}%`;
  return made;
}

function opener(text, open, ask, name, label) {
  return node("button", name, { type: "button", textContent: text, ariaLabel: label, onclick: () => ask("open", open) });
}

function head({ title, caption, open, sources }, ask) {
  const line = node("div", "head", {}, node("h2", "", { textContent: title }), opener(sources, open, ask, "sources", `${sources}: ${title}`));
  return [line, ...(caption ? [node("p", "caption", { textContent: caption })] : [])];
}

const PARTS = {
  likely({ dots, text, faded }) {
    const row = node("div", "dots", { ariaHidden: "true" });
    for (let i = 0; i < 10; i += 1) row.append(node("i", i < dots ? "full" : ""));
    return [node("div", faded ? "likely faded" : "likely", {}, row, node("p", "", { textContent: text }))];
  },

  figures(figures, ask) {
    return figures.map(({ label, value, unit, note, open, alarm }) =>
      node("div", "figure", {}, node("p", "label", { textContent: label }),
        node("p", alarm ? "value alarm" : "value", {}, opener(value, open, ask, "opens", `${label}: ${value}`), node("small", "", { textContent: unit })),
        node("p", "note", { textContent: note })));
  },

  timeline(told, ask) {
    const { keys, years, why, rows } = told;
    const [line] = head(told, ask);
    const legend = node("div", "legend", {}, ...Object.entries(keys).map(([kind, text]) =>
      node("span", "", {}, node("i", `mark ${kind}`, { textContent: { warned: "!", paid: "$" }[kind] ?? "" }), text)));
    line.insertBefore(legend, line.lastChild);
    const axis = node("div", "axis", { ariaHidden: "true" }, node("span", "who"),
      node("span", years.length > MANY ? "track dense" : "track", {}, ...years.map(([text, from, to]) => Object.assign(span(to - from < SHORT ? "year part" : "year", from, to), { textContent: text }))),
      node("span", "why", { textContent: why }));
    const list = node("ol", "rows", {}, ...rows.map((row) => {
      const track = node("span", "track", {}, ...years.map(([, from, to]) => span("grid", from, to)));
      track.append(span("lives", 0, row.end));
      if (row.warned !== null && row.when) track.append(span("warns", row.warned, row.end));
      for (const [from, to] of row.supported) track.append(span("hatched", from, to));
      if (row.warned !== null) track.append(marked("warned", row.warned, "!", keys.warned));
      if (row.paid !== null) track.append(marked("paid", row.paid, "$", keys.paid));
      if (row.when) {
        track.append(marked("fails", row.end, "", keys.fails));
        const when = node("span", "when", { textContent: row.when });
        when.style.left = `${row.end * 100}%`;
        track.append(when);
      }
      if (row.aside) track.append(node("span", "when aside", { textContent: row.aside }));
      const button = node("button", `row ${row.tone}`, { type: "button", ariaLabel: row.told, onclick: () => ask("row", row.id) },
        node("span", "who", { textContent: row.name }), track, node("span", "why", { textContent: row.why }));
      button.setAttribute("aria-expanded", row.chosen);
      return node("li", "", {}, button);
    }));
    return [line, axis, list];
  },

  funds(told, ask) {
    const { columns, ticks, rows, zero } = told;
    const scale = node("td", "plot", {}, ...ticks.map(([text, at]) =>
      Object.assign(node("span", "tick", { textContent: text }), { style: `left: ${at * 100}%` })));
    const top = node("tr", "", {}, node("td"), scale, ...columns.map((text) => node("th", "", { textContent: text, scope: "col" })));
    const body = rows.map(({ name, now, was, text, before, main }) => {
      const plot = node("td", "plot", {}, ...ticks.map(([, at]) => Object.assign(node("span", "grid"), { style: `left: ${at * 100}%` })),
        Object.assign(node("span", "grid zero"), { style: `left: ${zero * 100}%` }));
      if (now !== null && was !== null) plot.append(span(now < was ? "falls" : "rises", Math.min(now, was), Math.max(now, was)));
      if (was !== null) plot.append(marked("ring", was, "", ""));
      if (now !== null) plot.append(marked("dot", now, "", ""));
      return node("tr", main ? "main" : "", {}, node("th", "", { textContent: name, scope: "row" }), plot,
        node("td", "now", { textContent: text }), node("td", "was", { textContent: before }));
    });
    return [...head(told, ask), node("table", "fund-table", { ariaLabel: told.title }, node("thead", "", {}, top), node("tbody", "", {}, ...body))];
  },

  promises(told, ask) {
    return [...head(told, ask), node("ul", "list", {}, ...told.rows.map(({ name, what, share, later, text, of }) =>
      node("li", "", {}, node("span", "giver", {}, node("b", "", { textContent: name }), ` ${what}`),
        node("span", "paid-of", {}, node("b", "", { textContent: text }), ` ${of}`),
        node("span", "bar", { ariaHidden: "true" }, span("later", 0, later), span("paid-part", 0, share)))))];
  },

  positions({ title, caption, heads, rows, more }) {
    const cell = (name, at, ...inside) => node("td", name, {}, node("span", "of", { ariaHidden: "true", textContent: heads[at] }), ...inside);
    const line = node("div", "head", {}, node("h2", "", { textContent: title }), node("span", "beside", { textContent: caption }));
    const top = node("tr", "", {}, ...heads.map((text) => node("th", "", { textContent: text, scope: "col" })));
    const body = rows.map(({ colour, name, how, worth, web, fate, usual, lost }) => {
      const key = Object.assign(node("i", "key", { ariaHidden: "true" }), { style: `background: ${colour}` });
      const was = usual ? [node("small", "", { textContent: usual })] : [];
      return node("tr", "", {}, node("th", "", { scope: "row" }, key, name), cell("how", 1, how), cell("worth", 2, worth),
        cell("web", 3, web), cell(lost ? "fate lost" : "fate", 4, node("b", "", { textContent: fate }), ...was));
    });
    const table = node("table", "", { ariaLabel: title }, node("thead", "", {}, top), node("tbody", "", {}, ...body));
    return [line, table, ...(more ? [node("p", "more", { textContent: more })] : [])];
  },

  line: (text) => [node("p", "", { textContent: text })],
};

class Board {
  constructor(room) {
    this.root = node("div", "board");
    this.parts = {};
    room.append(this.root);
    this.shadow = this.root.getRootNode();
    this.shadow.host?.addEventListener("focus", () => this.takeBack());
    for (const kind of ["keydown", "focusin"]) this.root.addEventListener(kind, () => this.shadow.host?.removeAttribute("tabindex"));
  }

  // A dialog gives the focus back to what had it, which is to it the host of a shadow root: so that can be focused until
  // then, or until something else here is used. While it can, the Tab key passes the whole board over.
  lend() {
    this.lender = this.shadow.activeElement;
    if (this.lender && this.shadow.host) this.shadow.host.tabIndex = -1;
  }

  takeBack() {
    if (this.shadow.activeElement || !this.lender) return; // the event is also told of what stands inside
    this.shadow.host.removeAttribute("tabindex"); // first, else it would take the focus along
    this.lender.focus();
  }

  take(data, send) {
    const ask = (kind, name) => {
      if (kind === "open") this.lend();
      send([kind, name]);
    };
    for (const [name, part] of Object.entries(PARTS)) {
      const text = JSON.stringify(data[name] ?? null);
      if (this.parts[name]?.text === text) continue;
      const focused = this.root.getRootNode().activeElement;
      const path = focused && this.parts[name]?.box.contains(focused) ? [...this.parts[name].box.querySelectorAll("button")].indexOf(focused) : -1;
      const box = this.parts[name]?.box ?? node("section", name);
      this.parts[name] = { text, box };
      if (data[name] == null) {
        box.remove();
        continue;
      }
      box.replaceChildren(...part(data[name], ask));
      if (!box.isConnected) this.root.append(box);
      if (path >= 0) box.querySelectorAll("button")[path]?.focus();
    }
    clearTimeout(this.timer);
    const { rest } = data;
    const wait = () => (this.timer = setTimeout(rested, REST));
    const rested = () => {
      if (document.hidden) wait();
      else if (this.root.isConnected) ask("rest", rest);
    };
    if (rest) wait();
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  let board = boards.get(parentElement);
  if (!board) {
    board = new Board(parentElement);
    boards.set(parentElement, board);
  }
  board.take(data, (asked) => setTriggerValue("asked", asked));
}
