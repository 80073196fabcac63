// Undo, Redo and Reset. A click is never lost: what has not been answered is sent again with the next one, so that two
// quick clicks are two steps, however long the server takes. Moves are numbered as those of levers are (`lever.js`).
const room = (window.backstop ??= { waiting: new Set() });
room.moves ??= Date.now();
const known = new WeakMap(); // where the buttons stand on the page -> them

function button(word, press) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: word });
  made.addEventListener("click", () => press(word));
  return made;
}

class Steps {
  constructor(place) {
    this.asked = [];
    this.place = place;
    this.buttons = new Map();
  }

  take({ buttons, answered }, send) {
    this.send = send;
    this.asked = this.asked.filter(({ n }) => n > (answered ?? 0));
    for (const [word, label, can] of buttons) {
      if (!this.buttons.has(word)) {
        this.buttons.set(word, button(word, (clicked) => this.press(clicked)));
        this.place.append(this.buttons.get(word));
      }
      const shown = this.buttons.get(word);
      if (shown.textContent !== label) shown.textContent = label;
      if (shown.disabled === can) shown.disabled = !can;
    }
  }

  press(word) {
    this.asked.push({ n: ++room.moves, step: word });
    this.send({ n: room.moves, all: this.asked });
  }
}

export default function ({ data, parentElement, setStateValue }) {
  let steps = known.get(parentElement);
  if (!steps) known.set(parentElement, (steps = new Steps(parentElement.querySelector(".backstop-steps"))));
  steps.take(data, (moved) => setStateValue("moved", moved));
}
