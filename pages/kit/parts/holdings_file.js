// A broker's file from the visitor's own machine (`holdings_file.py`): chosen or dropped, sent once, and not kept. Moves
// are numbered as those of levers are (`lever.js`).
const room = (window.backstop ??= { waiting: new Set() });
room.moves ??= Date.now();
const known = new WeakMap();

async function base64(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

class Way {
  constructor(place) {
    this.input = node("input", "", { type: "file", onchange: () => this.take(this.input.files[0]) });
    this.name = node("span");
    this.told = node("span", "told", { role: "status" });
    this.label = node("label", "", {}, this.input, this.name);
    place.replaceChildren(this.label, this.told);
    const over = (on) => (event) => {
      event.preventDefault();
      this.label.classList.toggle("over", on);
    };
    this.label.addEventListener("dragover", over(true));
    this.label.addEventListener("dragleave", over(false));
    this.label.addEventListener("drop", (event) => {
      over(false)(event);
      this.take(event.dataTransfer.files[0]);
    });
  }

  show({ words, kinds, most, answered }, send) {
    Object.assign(this, { words, most, send });
    this.input.accept = kinds;
    if (this.name.textContent !== words.choose) this.name.textContent = words.choose;
    if (!this.sent || this.sent > (answered ?? 0)) return;
    const n = this.sent;
    this.sent = null;
    this.told.textContent = "";
    send({ n }); // the server has read it: nothing of it goes along with what is sent next
  }

  async take(file) {
    this.input.value = ""; // the same file may be chosen again
    if (!file) return;
    if (file.size > this.most) {
      this.told.textContent = this.words.large;
      return;
    }
    this.told.textContent = this.words.reading;
    const content = await base64(file);
    this.sent = ++room.moves;
    this.send({ n: this.sent, name: file.name, content });
  }
}

export default function ({ data, parentElement, setStateValue }) {
  let way = known.get(parentElement);
  if (!way) known.set(parentElement, (way = new Way(parentElement.querySelector(".file"))));
  way.show(data, (moved) => setStateValue("moved", moved));
}
