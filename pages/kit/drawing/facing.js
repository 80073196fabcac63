// Draws then and now side by side (`facing.py`): each figure large, its source below it, the rest of what is known of the
// source on a touch. What has not changed is left as it is, and so stays open.
const drawn = new WeakMap();

function source({ line, told, address }) {
  const title = node("p", "", { textContent: told[0] });
  if (address) title.replaceChildren(node("a", "", { href: address, target: "_blank", rel: "noopener", textContent: told[0] }));
  return node("details", "", {}, node("summary", "", { textContent: line }), title,
    ...told.slice(1).map((textContent) => node("p", "", { textContent })));
}

function figure({ value, label, marks, from }) {
  return node("div", "figure", {}, node("p", "value", { textContent: value }), node("p", "label", {}, label,
    ...marks.flatMap((textContent) => [" ", node("span", "mark", { textContent })])), ...from.map(source));
}

function side(name, head, figures) {
  return node("div", `side ${name}`, {}, node("p", "head", { textContent: head }), ...figures.map(figure));
}

function pair({ says, then, now, differs, against }, words) {
  const told = node("div", "words", {}, node("p", "", {}, node("b", "", { textContent: words.differs }), ` ${differs}`));
  if (against) {
    told.append(node("p", "", {}, node("b", "", { textContent: words.against }), ` ${against.says}`),
      node("div", "counter", {}, ...against.figures.map(figure)));
  }
  return [node("h3", "", { textContent: says }), side("then", words.then, then), side("now", words.now, now), told];
}

export default function ({ data, parentElement }) {
  let room = drawn.get(parentElement);
  if (!room) {
    room = { root: node("div", "facing"), boxes: new Map() };
    parentElement.append(room.root);
    drawn.set(parentElement, room);
  }
  const wanted = [];
  for (const { title, pairs } of data.themes) {
    const parts = [[`h ${title}`, "h2", "theme", () => [title]], ...pairs.map((one) => [one.id, "article", "pair", () => pair(one, data.words), one])];
    for (const [id, tag, name, make, held] of parts) {
      const text = JSON.stringify([held, data.words]);
      const before = room.boxes.get(id);
      const box = before?.box ?? node(tag, name);
      if (before?.text !== text) box.replaceChildren(...make());
      room.boxes.set(id, { box, text });
      wanted.push(box);
    }
  }
  if (wanted.length !== room.root.children.length || wanted.some((box, i) => room.root.children[i] !== box)) room.root.replaceChildren(...wanted);
}
