// The result of a vote: the answers spread over the point at which somebody breaks, or a bar for each option.
const DOT = 13; // px between two dots at most
const HIGH = 150; // px that the highest pile may have
const ROW = 18; // px of a line of labels
const LETTER = 7; // px that a letter of a label takes, about
const MOST_BREAKS = 4; // that have a name on a phone
const SMALLEST = 280; // px of a drawing

function label(x, y, text, className, wide) {
  const half = (text.length * LETTER) / 2;
  const middle = Math.min(Math.max(x, half), Math.max(wide - half, half)); // stays inside
  return shape("text", { x: middle.toFixed(1), y, class: className, "text-anchor": "middle" }, text);
}

function drawResult(place_, result, vote) {
  const total = result.answers.reduce((sum, [, count]) => sum + count, 0);
  const parts = [node("p", "small", { textContent: vote.words })];
  if (result.says) parts.push(node("h1", "", { textContent: result.says }));
  if (!total) parts.push(node("p", "", { textContent: words.none }));
  else if (vote.kind === "choice") parts.push(bars(result, vote, total));
  else parts.push(...spread(result, vote, total, Math.max(place_.clientWidth, SMALLEST)));
  if (result.rest) parts.push(node("p", "", { textContent: result.rest }));
  place_.replaceChildren(...parts);
}

function bars(result, vote, total) {
  const most = Math.max(...result.answers.map(([, count]) => count));
  const names = new Map(vote.options.map(({ id, name }) => [id, name]));
  return node(
    "ul",
    "bars",
    {},
    ...result.answers.map(([id, count]) => {
      const bar = node("span", "bar");
      bar.style.width = `${(100 * count) / most}%`;
      const model = id === result.model;
      const name = model ? `${names.get(id)} (${words.model})` : names.get(id);
      const share = node("span", "count", { textContent: fill(words.share, { count, total }) });
      return node("li", model ? "model" : "", {}, node("span", "who", { textContent: name }), bar, share);
    }),
  );
}

function spread(result, vote, total, wide) {
  const { low, high, step, unit } = { ...vote, ...result };
  const measure = { step, unit };
  const at = (value) => ((Math.min(Math.max(value, low), high) - low) / (high - low)) * wide;
  const breaks = (result.breaks ?? []).filter((one) => one.at >= low && one.at <= high).slice(0, MOST_BREAKS);
  const [main] = breaks;
  const below = main?.fails !== "above";
  const fails = (value) => Boolean(main) && (below ? value < main.at : value >= main.at);
  const foot = at(main?.at ?? low);
  // Columns begin at the break, so that no dot stands on the wrong side of it; one at an end stays inside.
  const piles = new Map();
  for (const [value, count] of result.answers) {
    const side = main && value < main.at ? -1 : 1;
    const column = side < 0 ? Math.min(-1, Math.floor((at(value) - foot) / DOT)) : Math.floor((at(value) - foot) / DOT);
    const pile = piles.get(column) ?? { count: 0, fails: fails(value) };
    pile.count += count;
    piles.set(column, pile);
  }
  const rise = Math.min(DOT, HIGH / Math.max(...[...piles.values()].map(({ count }) => count)));
  const top = breaks.length * ROW + 8;
  const ground = top + HIGH;
  const drawing = shape("svg", { viewBox: `0 0 ${wide} ${ground + 76}`, width: wide, height: ground + 76, role: "img" });
  drawing.append(shape("rect", { x: 0, y: ground, width: wide, height: 14, class: "band" }));
  for (const [from, to, colour] of result.band ?? []) {
    const width = Math.max(at(to) - at(from), 0);
    const piece = shape("rect", { x: at(from), y: ground, width, height: 14 });
    piece.style.fill = colour;
    drawing.append(piece);
  }
  for (const [column, pile] of piles) {
    const x = Math.min(Math.max(foot + (column + 0.5) * DOT, DOT / 2), wide - DOT / 2);
    for (let i = 0; i < pile.count; i += 1) {
      const y = ground - DOT / 2 - 1 - i * rise;
      drawing.append(shape("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: DOT / 2 - 1.2, class: pile.fails ? "dot fails" : "dot" }));
    }
  }
  breaks.forEach((one, i) => {
    const x = at(one.at);
    const y = (i + 1) * ROW - 4;
    const words_ = fill(words.at, { name: one.name, value: withUnit(one.at, { step: 0.1, unit }) });
    drawing.append(shape("line", { x1: x, x2: x, y1: y + 4, y2: ground + 14, class: i ? "break" : "break main" }));
    const half = (words_.length * LETTER) / 2 + 6;
    const aside = i ? (x < foot ? -half : half) : 0; // beside the lines, not on the first one
    drawing.append(label(x + aside, y, words_, i ? "" : "strong", wide));
  });
  const marks = [
    ["median", result.median, words.median, ground + 42],
    ["today", result.today, words.today, ground + 62],
  ].filter(([, value]) => Number.isFinite(value));
  for (const [kind, value, text, y] of marks) {
    const x = at(value);
    drawing.append(shape("path", { d: `M${x} ${ground + 16}l6 9h-12z`, class: kind }));
    drawing.append(label(x, y, fill(text, { value: withUnit(value, measure) }), kind, wide));
  }
  drawing.append(shape("text", { x: 0, y: ground + 76 - 2, class: "end" }, withUnit(low, measure)));
  drawing.append(shape("text", { x: wide, y: ground + 76 - 2, class: "end", "text-anchor": "end" }, withUnit(high, measure)));
  if (!main) return [drawing];
  const less = result.answers.reduce((sum, [value, count]) => sum + (value < main.at ? count : 0), 0);
  const line = (failing, template, count) =>
    node("p", failing ? "side fails" : "side", {
      textContent: fill(template, { count, total, fate: fill(failing ? words.fails : words.survives, main) }),
    });
  const sides = [line(below, words.less, less), line(!below, words.more, total - less)];
  drawing.setAttribute("aria-label", sides.map((one) => one.textContent).join(" "));
  return [...sides, drawing];
}
