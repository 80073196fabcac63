// A lever: its name, a field to type in, and a slider drawn on its failure strip. It keeps what the hand is doing and
// nothing else: a move is sent with a number, and until the server has answered that number the lever shows the hand's
// value. One move is on its way at a time; then the newest follows, so that no answer is ever waited for twice.
const SLOP = 4; // px that a finger moves sideways before it drags
const PATIENCE = 3000; // ms after which a move is given up whose answer never came
const PAGE = 10; // steps of Page up and Page down
const GAP = 8; // px between two names
const INSET = 11; // px by which the band is longer than the way of the thumb, at each end
const HANDLED = ["ArrowLeft", "ArrowDown", "ArrowRight", "ArrowUp", "PageDown", "PageUp", "Home", "End"];
const SVG = "http://www.w3.org/2000/svg";
const known = new WeakMap(); // where a lever stands on the page -> the lever
const room = (window.backstop ??= { waiting: new Set() });
room.moves ??= Date.now(); // moves are numbered in the order of the hand, whatever made them

const bounded = (value, low, high) => Math.min(Math.max(value, low), high);

function node(tag, className, more = {}) {
  return Object.assign(document.createElement(tag), { className }, more);
}

function set(element, name, value) {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

function text(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

function tidy(value) {
  return Math.round(value * 1e6) / 1e6; // 0.1 added three times
}

class Lever {
  constructor(place) {
    this.root = node("div", "lever");
    this.label = node("label", "name");
    this.input = node("input", "value", { type: "text", inputMode: "decimal", autocomplete: "off", spellcheck: false });
    this.unit = node("span", "unit");
    this.band = node("div", "band");
    this.names = node("div", "names");
    this.ticks = document.createElementNS(SVG, "svg");
    this.mark = node("span", "today");
    this.ghost = node("span", "ghost", { hidden: true });
    this.thumb = node("div", "thumb", { tabIndex: 0 });
    this.track = node("div", "track");
    this.line = node("p", "line");
    this.key = node("div", "key");
    const top = node("div", "top");
    const entry = node("span", "entry");
    const id = `lever_${++room.moves}`;
    Object.assign(this.input, { id });
    Object.assign(this.line, { id: `${id}_line` });
    set(this.label, "for", id);
    set(this.input, "aria-describedby", this.line.id);
    set(this.thumb, "role", "slider");
    set(this.thumb, "aria-describedby", this.line.id);
    set(this.ticks, "aria-hidden", "true");
    entry.append(this.input, this.unit);
    top.append(this.label, entry);
    this.track.append(this.band, this.mark, this.ticks, this.names, this.ghost, this.thumb);
    this.root.append(top, this.track, this.line, this.key);
    place.append(this.root); // beside the style sheet
    this.listen();
    new ResizeObserver(() => this.drawNames()).observe(this.track);
  }

  take(data, send) {
    Object.assign(this, { data, send });
    if (this.flying && (data.answered >= this.flying.n || performance.now() - this.flying.since > PATIENCE)) {
      this.flying = null;
      if (this.next) this.fly();
    }
    this.draw();
  }

  // ------------------------------------------------------------ what the hand does

  listen() {
    this.track.addEventListener("pointerdown", (event) => this.press(event));
    this.track.addEventListener("pointermove", (event) => this.pull(event));
    this.track.addEventListener("pointerup", (event) => this.release(event));
    this.track.addEventListener("pointercancel", (event) => this.cancel(event));
    this.thumb.addEventListener("keydown", (event) => this.type(event));
    this.thumb.addEventListener("blur", () => this.flush());
    this.input.addEventListener("focus", () => this.input.select());
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.enter();
      if (event.key === "Escape") this.leave();
    });
    this.input.addEventListener("blur", () => this.enter());
  }

  press(event) {
    if (event.button || this.grip) return; // a second finger moves nothing
    const { left, width } = this.track.getBoundingClientRect();
    const touched = event.pointerType !== "mouse";
    const grip = { id: event.pointerId, x: event.clientX, y: event.clientY, from: this.value, width, began: false, drag: ++room.moves };
    this.grip = grip;
    if (!touched) {
      event.preventDefault(); // no text is selected on the way
      this.thumb.focus({ preventScroll: true });
      this.track.setPointerCapture(event.pointerId);
      const { low, high } = this.data;
      const there = low + ((event.clientX - left) / width) * (high - low);
      const onThumb = event.target === this.thumb;
      grip.start = onThumb ? this.value : there;
      grip.began = true;
      if (!onThumb) this.follow(there);
    }
  }

  pull(event) {
    const { grip } = this;
    if (grip?.id !== event.pointerId) return;
    if (!event.buttons && event.pointerType === "mouse") return void this.release(event); // it was let go elsewhere
    const moved = event.clientX - grip.x;
    if (!grip.began) {
      if (Math.abs(moved) < SLOP || Math.abs(moved) <= Math.abs(event.clientY - grip.y)) return;
      grip.began = true; // a finger that goes up or down scrolls the page: the browser then cancels
      grip.start = grip.from;
      this.track.setPointerCapture(event.pointerId);
    }
    const { low, high } = this.data;
    this.follow(grip.start + (moved / grip.width) * (high - low));
  }

  follow(value) {
    const { low, high, step } = this.data;
    const stop = bounded(tidy(low + Math.round((value - low) / step) * step), low, high);
    if (stop === this.value) return;
    this.grip.moved = true;
    this.moveTo(stop, this.grip.drag);
  }

  release(event) {
    const { grip } = this;
    if (grip?.id !== event.pointerId) return;
    this.grip = null;
    if (grip?.moved) this.moveTo(this.hand, grip.drag); // the hand has let go: what takes longer may begin
    this.flush();
  }

  cancel(event) {
    const { grip } = this;
    if (grip?.id !== event.pointerId) return;
    this.grip = null;
    if (grip?.moved) this.moveTo(grip.from, grip.drag);
    this.flush();
  }

  type(event) {
    if (!HANDLED.includes(event.key) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const { low, high, step } = this.data;
    const far = event.key.startsWith("Page") ? PAGE * step : step;
    const up = ["ArrowRight", "ArrowUp", "PageUp"].includes(event.key);
    const at = (this.value - low) / step; // a value between two stops goes to the next one
    const next = up ? Math.floor(at + 1e-9) * step + far : Math.ceil(at - 1e-9) * step - far;
    const value = { Home: low, End: high }[event.key] ?? bounded(tidy(low + next), low, high);
    if (value !== this.value) this.moveTo(value, event.repeat ? (this.held ??= ++room.moves) : (this.held = ++room.moves));
  }

  enter() {
    const words = this.input.value.trim();
    const { refused, typed, text: standing } = this.data;
    if (words === (refused ? typed : standing) || words === this.sent) return;
    this.sent = words;
    this.send({ n: ++room.moves, text: words.slice(0, 60) });
  }

  leave() {
    this.input.value = this.data.text; // also takes back what was refused
    this.input.blur();
  }

  moveTo(value, drag) {
    this.hand = value;
    this.next = { value, drag };
    if (!this.flying) this.fly();
    this.draw();
  }

  fly() {
    const n = ++room.moves;
    this.flying = { n, since: performance.now() };
    this.send({ n, ...this.next, held: Boolean(this.grip?.began) });
    this.next = null;
    setTimeout(() => this.land(n), PATIENCE + 50);
  }

  // The hand goes elsewhere: what it did here must not come after what it does there.
  flush() {
    if (this.next) this.fly();
    this.draw();
  }

  // An answer that never came: the server has gone on without it.
  land(n) {
    if (this.flying?.n !== n) return;
    this.flying = null;
    if (this.next) this.fly();
    this.draw();
  }

  // ------------------------------------------------------------ what is seen

  get value() {
    return this.flying || this.next || this.grip?.began ? (this.hand ?? this.data.value) : this.data.value;
  }

  written(value) {
    if (value === this.data.value) return this.data.text;
    const digits = String(this.data.step).split(".")[1]?.length ?? 0;
    return value.toFixed(digits).replace("-", "−").replace(".", this.data.point);
  }

  at(value) {
    const { low, high } = this.data;
    return (value - low) / (high - low);
  }

  draw() {
    const { data } = this;
    if (!this.flying && !this.next && !this.grip) this.hand = null;
    const { value } = this;
    const shown = this.written(value);
    this.root.classList.toggle("small", !data.band);
    this.root.classList.toggle("keyed", Boolean(data.key));
    this.root.classList.toggle("held", Boolean(this.grip?.began));
    this.root.classList.toggle("refused", Boolean(data.refused));
    text(this.label, data.label);
    this.label.title = data.help;
    text(this.unit, data.unit);
    const answered = data.answered !== this.told;
    const taken = answered && this.sent !== null && this.input.value.trim() === this.sent; // and nothing typed since
    if (answered) this.sent = null;
    this.told = data.answered;
    const typing = this.input.getRootNode().activeElement === this.input;
    const field = data.refused ? data.typed : shown;
    const writes = typing && this.input.value !== this.last && this.input.value !== data.typed;
    if (this.input.value !== field && (taken || !writes)) {
      this.input.value = field;
    }
    this.last = field;
    set(this.input, "aria-invalid", Boolean(data.refused));
    set(this.thumb, "aria-label", data.label);
    set(this.thumb, "aria-valuemin", data.low);
    set(this.thumb, "aria-valuemax", data.high);
    set(this.thumb, "aria-valuenow", value);
    set(this.thumb, "aria-valuetext", `${shown} ${data.unit}`);
    this.thumb.style.left = `${this.at(value) * 100}%`;
    this.ghost.hidden = !this.grip?.began || this.grip.from === value;
    if (!this.ghost.hidden) this.ghost.style.left = `${this.at(this.grip.from) * 100}%`;
    text(this.line, data.refused || data.line || "");
    this.line.hidden = !data.band && !data.refused;
    this.drawBand();
    this.drawNames();
  }

  drawBand() {
    const { band, today, key } = this.data;
    const drawn = JSON.stringify([band, today, key]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const edge = (place) => `calc(${INSET}px + ${place} * (100% - ${2 * INSET}px))`; // the thumb stays on the band
    const pieces = (band ?? []).map(([from, to, colour], i) => {
      const piece = node("span", "piece");
      const left = i ? edge(this.at(from)) : 0;
      const right = i < band.length - 1 ? edge(1 - this.at(to)) : 0;
      return Object.assign(piece, { style: `left: ${left}; right: ${right}; background: ${colour}` });
    });
    this.band.replaceChildren(...pieces);
    const place = this.at(today.value);
    text(this.mark, today.words);
    this.mark.style.left = `${place * 100}%`;
    this.mark.style.setProperty("--shift", `${-100 * bounded(place * 3 - 1, 0, 1)}%`); // near an end it stays inside
    this.mark.style.setProperty("--needle", `${100 * bounded(place * 3 - 1, 0, 1)}%`);
    this.key.hidden = !key;
    if (!key) return;
    const boxes = node("span", "boxes");
    boxes.append(...key.colours.map((colour) => Object.assign(node("i", ""), { style: `background: ${colour}` })));
    this.key.replaceChildren(node("span", "", { textContent: key.from }), boxes, node("span", "", { textContent: key.to }));
  }

  // The nearest breaking points by name, under the track: names keep apart, a bent line leads to one that had to move.
  drawNames() {
    const { clientWidth: width } = this.track;
    const marks = this.data.marks ?? [];
    const drawn = JSON.stringify([width, marks, this.data.low, this.data.high]);
    if (!width || drawn === this.named) return;
    this.named = drawn;
    const shown = marks.map(({ value, words }) => ({ x: this.at(value) * width, name: node("span", "", { textContent: words }) }));
    this.names.replaceChildren(...shown.map(({ name }) => name));
    for (const one of shown) {
      one.wide = one.name.offsetWidth;
      one.left = bounded(one.x - one.wide / 2, 0, Math.max(width - one.wide, 0));
    }
    for (let i = 1; i < shown.length; i += 1) {
      const [before, here] = [shown[i - 1], shown[i]];
      const overlap = before.left + before.wide + GAP - here.left;
      if (overlap <= 0) continue;
      here.left = Math.min(here.left + overlap / 2, width - here.wide);
      before.left = Math.max(Math.min(before.left, here.left - GAP - before.wide), 0);
      here.left = Math.max(here.left, before.left + before.wide + GAP);
    }
    set(this.ticks, "width", width);
    this.ticks.replaceChildren(
      ...shown.map(({ x, left, wide }) => {
        const line = document.createElementNS(SVG, "path");
        const foot = bounded(x, left + 4, left + wide - 4);
        set(line, "d", `M${x.toFixed(1)} 0V20${Math.abs(foot - x) > 1 ? `H${foot.toFixed(1)}` : ""}V26`);
        return line;
      }),
    );
    for (const { name, left } of shown) name.style.left = `${left}px`;
  }
}

export default function ({ data, parentElement, setStateValue }) {
  let lever = known.get(parentElement);
  if (!lever) {
    if (!window.ResizeObserver || !window.PointerEvent) {
      setStateValue("plain", true); // an old browser gets a slider of Streamlit's own
      return;
    }
    lever = new Lever(parentElement);
    known.set(parentElement, lever);
  }
  lever.take(data, (move) => setStateValue("moved", move));
}
