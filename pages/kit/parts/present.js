// Leads through a talk (`present.py`): keys as presenters know them, buttons, and what lies over the step (all steps, QR
// code, timer, keys, a black screen). It asks the server for steps by number; while levers run from where they were to
// where they are it asks for the chart on the way, one picture at a time. Moves are numbered as those of levers are
// (`lever.js`); the listener is one, for whichever talk is on the page.
const room = (window.backstop ??= { waiting: new Set() });
room.moves ??= Date.now();
const RUN = 1000; // ms in which levers run
const less = matchMedia("(prefers-reduced-motion: reduce)");
const ICONS = { // of 24 x 24, drawn as lines
  overview: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h6v6h-6z",
  screen: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  code: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2M20 14v2M14 20h2M18 18h2v2",
  timer: "M12 6a7 7 0 1 0 .01 0M12 9v4l2.5 1.5M9.5 2.5h5",
  room: "M9 11a3 3 0 1 0 -.01 0M3 20c0-4 2.5-6 6-6s6 2 6 6M16 11a2.5 2.5 0 1 0 0-5M17 14c2.6.4 4 2.6 4 6",
  help: "M9 9a3 3 0 1 1 4.2 2.7c-.8.4-1.2 1-1.2 2.1M12 17.3v.2",
  close: "M5 5l14 14M19 5L5 19",
};
const SVG = "http://www.w3.org/2000/svg";
const IDLE = 4000; // ms after which a number that was begun is forgotten

function icon(name) {
  const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS(SVG, tag));
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", "aria-hidden": "true" })) svg.setAttribute(key, value);
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

class Talk {
  constructor(place) {
    this.place = place;
    this.asked = [];
    this.typed = "";
    this.since = Date.now();
    this.each = 0;
    this.levers = node("div", "levers");
    this.ticks = node("div", "ticks");
    this.count = node("span", "count");
    this.back = this.button("back", () => this.go(this.here - 1));
    this.on = this.button("on", () => this.go(this.here + 1));
    this.foot = node("div", "foot", {}, this.back, node("div", "where", {}, this.ticks, this.count), this.on);
    this.tools = node("div", "tools");
    this.said = node("p", "said", { role: "status" });
    this.clock = node("div", "clock", { hidden: true });
    this.paper = node("div", "paper");
    this.dialog = node("dialog", "backstop-over");
    this.dialog.addEventListener("close", () => (this.open = ""));
    this.dialog.addEventListener("click", ({ target }) => target === this.dialog && this.dialog.close());
    this.dark = node("dialog", "backstop-black", { onclick: () => this.dark.close() });
    place.replaceChildren(this.levers, this.foot, this.tools, this.clock, this.said, this.dialog, this.dark, this.paper);
  }

  button(name, act, words = "") {
    return node("button", name, { type: "button", onclick: act, textContent: words });
  }

  // What the server says of the step on the screen.
  take(data, send, still) {
    const other = !this.data || this.data.talk !== data.talk || this.data.number !== data.number;
    Object.assign(this, { data, send });
    if (data.still !== less.matches) still(less.matches);
    this.asked = this.asked.filter(({ n }) => n > (data.answered ?? 0));
    if (!this.asked.some(({ step }) => step)) this.here = data.number; // else more keys are on their way
    if (other) this.begun = performance.now();
    this.draw();
    this.run(other);
    if (this.open === "code") this.showCode();
    this.wait(other);
    meet(this, data.room);
  }

  draw() {
    const { words, captions, number, count, comma } = this.data;
    document.documentElement.classList.add("backstop-talk");
    this.back.replaceChildren(node("span", "arrow", { textContent: "‹ " }), captions[number - 2] ?? "");
    this.on.replaceChildren(captions[number] ?? "", node("span", "arrow", { textContent: " ›" }));
    for (const [button, name, can] of [[this.back, words.previous, number > 1], [this.on, words.next, number < count]]) {
      button.disabled = !can;
      button.setAttribute("aria-label", can ? `${name}: ${button === this.back ? captions[number - 2] : captions[number]}` : name);
    }
    this.ticks.replaceChildren(...captions.map((_, i) => node("i", i < number ? "past" : "")));
    this.count.textContent = [words.of[number - 1], this.data.room?.label].filter(Boolean).join(" · ");
    const tool = (name, key) => {
      const made = node("button", "", { type: "button", onclick: () => this.press(key), title: words[name], ariaLabel: words[name] }, icon(name));
      return made;
    };
    const leave = node("a", "backstop-page leave", { href: this.data.home, title: words.leave, ariaLabel: words.leave }, icon("close"));
    leave.search = room.pages ?? "";
    const held = this.tools.contains(document.activeElement) ? [...this.tools.children].indexOf(document.activeElement) : -1;
    this.tools.replaceChildren(
      tool("overview", "o"), tool("screen", "f"), tool("room", "r"), tool("code", "q"), tool("timer", "t"), tool("help", "?"), leave,
    );
    if (held >= 0) this.tools.children[held].focus();
    this.drawPaper();
  }

  // ------------------------------------------------------------ levers on their way

  number(value, like) {
    const digits = (like.match(/[.,](\d+)$/) ?? ["", ""])[1].length;
    const text = value.toFixed(digits).replace("-", "−");
    return this.data.comma ? text.replace(".", ",") : text;
  }

  drawLevers(at) {
    const rows = this.data.moves.map(({ name, unit, from, to, old, new: now }) => {
      const text = at >= 1 ? now : from === undefined ? old : this.number(from + (to - from) * at, now);
      return node("span", "lever", {}, `${name} `, node("s", "", { textContent: old }), " → ", node("b", "", { textContent: `${text} ${unit}`.trim() }));
    });
    this.levers.replaceChildren(...rows);
  }

  run(other) {
    if (other) this.running = this.data.at !== null && this.data.at < 1 && this.data.moves.length > 0;
    if (!this.running) return this.drawLevers(1);
    this.frame ??= requestAnimationFrame(() => this.step());
    const at = this.data.at ?? 1;
    if (at >= 1) this.running = false;
    else if (!this.asked.some((one) => "at" in one)) this.ask({ at: this.passed(), held: true }); // the next picture
  }

  passed() {
    return less.matches || this.hurry ? 1 : Math.min((performance.now() - this.begun) / RUN, 1);
  }

  step() {
    this.frame = null;
    if (!this.place.isConnected) return;
    this.drawLevers(this.running ? this.passed() : 1);
    if (this.running) this.frame = requestAnimationFrame(() => this.step());
  }

  // ------------------------------------------------------------ what the hand does

  ask(what) {
    const asked = { n: ++room.moves, ...what };
    this.asked.push(asked);
    this.send({ ...asked, all: this.asked });
  }

  go(number) {
    const to = Math.min(Math.max(number, 1), this.data.count);
    this.hurry = false;
    if (to === this.here) return;
    this.here = to;
    this.asked = this.asked.filter((one) => !("at" in one));
    this.ask({ step: to });
    hasHeard({ step: to });
  }

  // Returns whether a key was one of ours.
  press(key, shift = false) {
    if (this.dark.open) return this.dark.close(), true;
    const small = key.length === 1 ? key.toLowerCase() : key;
    if (this.dialog.open && ["Escape", { overview: "o", code: "q", timer: "t", keys: "?" }[this.open]].includes(small)) {
      this.dialog.close();
      return true;
    }
    if (holds(this, small)) return true;
    if (/^\d$/.test(small)) return this.type(small), true;
    const typed = this.typed;
    if (typed && (small === "Enter" || small === "g")) return this.type(""), this.close(), this.go(Number(typed)), true;
    if (small === "g") return false;
    if (typed) this.type("");
    const act = {
      ArrowRight: () => this.go(this.here + 1), PageDown: () => this.go(this.here + 1), n: () => this.go(this.here + 1),
      " ": () => this.go(this.here + (shift ? -1 : 1)),
      ArrowLeft: () => this.go(this.here - 1), PageUp: () => this.go(this.here - 1), p: () => this.go(this.here - 1),
      Home: () => this.go(1), End: () => this.go(this.data.count),
      o: () => this.showOverview(), f: () => this.screen(), b: () => this.black(), ".": () => this.black(),
      q: () => this.askCode(), t: () => this.showTimer(), "?": () => this.showKeys(),
      s: () => speak(this), v: () => this.ask({ key: "v" }), h: () => this.ask({ key: "h" }), r: () => this.ask({ key: "r" }),
      away: () => this.ask({ key: "away" }), lever: () => this.ask({ key: "lever" }),
      Escape: () => this.tools.querySelector(".leave").click(),
    }[small];
    if (!act) {
      if (this.running && !["Shift", "Control", "Alt", "Meta", "Tab"].includes(key)) this.hurry = true; // skip the way
      return false;
    }
    if (this.running) this.hurry = true;
    act();
    return true;
  }

  type(digit) {
    clearTimeout(this.forgets);
    this.typed = digit ? (this.typed + digit).slice(-2) : "";
    if (digit) this.forgets = setTimeout(() => this.type(""), IDLE);
    this.tell(this.typed && this.data.words.going.replace("{number}", this.typed));
  }

  tell(text) {
    const words = text ?? "";
    if (this.said.textContent !== words) this.said.textContent = words;
  }

  // ------------------------------------------------------------ what lies over the step

  close() {
    if (this.dialog.open) this.dialog.close();
  }

  show(what, title, ...inside) {
    this.dialog.className = `backstop-over ${what}`;
    this.dialog.setAttribute("aria-label", title);
    const { close: name } = this.data.words;
    const close = node("button", "close", { type: "button", onclick: () => this.dialog.close(), title: name, ariaLabel: name }, icon("close"));
    this.dialog.replaceChildren(node("header", "", {}, node("h2", "", { textContent: title }), close), ...inside);
    this.open = what;
    if (!this.dialog.open) this.dialog.showModal();
  }

  showOverview() {
    const { captions, pages, words, number } = this.data;
    const steps = captions.map((caption, i) => {
      const act = () => (this.dialog.close(), this.go(i + 1));
      const inside = [node("b", "", { textContent: i + 1 }), node("span", "", { textContent: caption }), node("small", "", { textContent: pages[i] })];
      const made = node("button", "", { type: "button", onclick: act }, ...inside);
      if (i + 1 === number) made.setAttribute("aria-current", "step");
      return made;
    });
    this.show("overview", words.overview, node("div", "grid", {}, ...steps));
    steps[number - 1]?.focus();
  }

  showKeys() {
    const rows = this.data.words.keys.flatMap(([keys, what]) => [node("dt", "", { textContent: keys }), node("dd", "", { textContent: what })]);
    this.show("keys", this.data.words.help, node("dl", "", {}, ...rows));
  }

  askCode() {
    this.show("code", this.data.words.code);
    this.showCode();
    if (!this.data.code && !this.data.too_long) this.ask({ key: "q" });
  }

  showCode() {
    const { words, code, url, too_long: long } = this.data;
    const picture = code ? [node("img", "", { src: code, alt: words.code })] : [];
    const text = long ? words.too_long : this.data.room?.way ? words.follow : words.scan;
    this.show("code", words.code, node("p", "", { textContent: text }), ...picture, node("p", "url", { textContent: url }));
  }

  showTimer() {
    const { words } = this.data;
    this.clock.hidden = false;
    this.ticking ??= setInterval(() => this.tick(), 500);
    const options = words.seconds.map(([s, textContent]) => node("option", "", { value: s, textContent, selected: s === this.each }));
    const choice = node("select", "", { disabled: less.matches, onchange: () => this.goOn(Number(choice.value)) }, ...options);
    const again = this.button("again", () => ((this.since = Date.now()), this.tick()), words.again);
    const note = less.matches ? [node("p", "", { textContent: words.still })] : [];
    this.show("timer", words.timer, node("p", "big", { textContent: this.time() }), again, node("label", "", {}, `${words.each} `, choice), ...note);
    this.tick();
  }

  time() {
    const passed = Math.floor((Date.now() - this.since) / 1000);
    return `${Math.floor(passed / 60)}:${String(passed % 60).padStart(2, "0")}`;
  }

  tick() {
    if (!this.place.isConnected) return clearInterval(this.ticking);
    this.clock.textContent = this.time();
    const big = this.dialog.querySelector(".big");
    if (big) big.textContent = this.time();
  }

  goOn(seconds) {
    this.each = seconds;
    this.wait(true);
  }

  // Waits for the next step where steps go on by themselves.
  wait(anew) {
    if (!anew && this.timer) return;
    clearTimeout(this.timer);
    this.timer = null;
    if (!this.each || less.matches || this.data.number >= this.data.count) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      if (this.place.isConnected && !this.dark.open) this.go(this.here + 1);
    }, this.each * 1000);
  }

  screen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.().catch(() => {}); // a browser may not allow it: nothing to do
  }

  black() {
    this.dark.replaceChildren(node("p", "", { textContent: this.data.words.black }));
    this.dark.showModal();
  }

  // ------------------------------------------------------------ paper

  drawPaper() {
    const { paper, words } = this.data;
    const key = JSON.stringify(paper);
    if (key === this.printed) return;
    this.printed = key;
    const line = (tag, text) => (text ? [node(tag, "", { textContent: text })] : []);
    const pages = paper.map(({ say, headline, more, levers, notes }, i) => node("section", "", {},
      ...line("p", `${words.of[i]} · ${say}`), ...line("h2", headline), ...line("p", more),
      ...line("p", `${words.levers} ${levers}`), ...(notes ? [node("h3", "", { textContent: words.notes }), node("p", "notes", { textContent: notes })] : [])));
    this.paper.replaceChildren(...pages);
  }
}

// Keys of whoever writes in a field, or asks the browser for something, are theirs.
function hear(event) {
  const talk = room.present?.talk;
  if (!talk?.place.isConnected || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
  const at = event.composedPath()[0];
  if (at instanceof Element && (at.closest("input, textarea, select, [contenteditable]") || at.isContentEditable)) return;
  const onButton = at instanceof Element && at.closest("button, a, summary");
  if (onButton && !talk.typed && (event.key === "Enter" || (event.key === " " && !talk.dark.open))) return; // presses it
  const elsewhere = document.querySelector('[data-testid="stDialog"], [data-testid="stPopoverBody"]');
  if (elsewhere) return; // what lies over the talk has the keys
  if (talk.dialog.open && !["Escape", "Enter"].includes(event.key) && event.key.length > 1) return; // moves inside it
  if (talk.press(event.key, event.shiftKey)) event.preventDefault();
}

if (!room.present) {
  room.present = { hear };
  document.addEventListener("keydown", (event) => room.present.hear(event));
}

export default function ({ data, parentElement, setStateValue }) {
  const place = parentElement.querySelector(".backstop-present");
  let { talk } = room.present;
  if (talk?.place !== place) room.present.talk = talk = new Talk(place);
  room.present.hear = hear; // of this code, which may have come anew
  talk.take(data, (moved) => setStateValue("moved", moved), (still) => setStateValue("still", still));
}
