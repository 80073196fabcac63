// The audience's page: what is on the screen, the question, the result. A listener keeps what the hand is doing:
// the slider is made once for a question and stands where it was left, whatever else comes.
const REST = 1200; // ms that the screen stands still before its picture is fetched: a lever that moves has many
const ring = 2 * Math.PI * 16;
let now = { shown: null, vote: null, result: null };
let asked = null; // the question as it stands on the page
let picture = 0;

follow(place.events, {
  state(state) {
    now = state;
    draw();
  },
  count(count) {
    Object.assign(now, count);
    drawTime();
  },
  over() {
    for (const field of document.querySelectorAll("main input, main button")) field.disabled = true;
    if (now.vote) Object.assign(now.vote, { open: false });
    drawTime();
    place.over = "";
  },
});
setInterval(drawTime, 250);
addEventListener("resize", () => now.result && drawResult(find("result"), now.result, now.vote));

function draw() {
  const { shown, vote, result } = now;
  drawShown(shown, Boolean(vote));
  find("ask").hidden = !vote || Boolean(result);
  find("result").hidden = !result;
  if (vote && asked?.n !== vote.n) ask(vote);
  if (!vote) asked = null;
  if (asked && now.mine !== undefined && now.mine !== null) answered(now.mine);
  if (result) drawResult(find("result"), result, vote);
  drawTime();
}

function drawShown(shown, small) {
  const part = find("shown");
  part.className = small ? "small" : "";
  if (!shown) {
    part.replaceChildren(node("p", "", { textContent: words.waiting }));
    return;
  }
  find("app").href = `${place.base}/${shown.path}?${shown.query}`;
  const card = part.querySelector("img") ?? node("img", "", { alt: "", width: 1200, height: 630, hidden: true });
  const step = fill(words.step, shown);
  const over = shown.of > 1 ? `${step} · ${shown.title}` : shown.title;
  const head = node(small ? "p" : "h1", "headline", { textContent: shown.headline });
  head.setAttribute("aria-live", "polite");
  part.replaceChildren(
    node("p", "small", { textContent: small ? words.now : over }),
    head,
    ...(shown.line ? [node("p", "line", { textContent: shown.line })] : []),
    card,
  );
  const source = `${place.base}/card.png?${shown.query}`;
  clearTimeout(picture);
  if (small || card.getAttribute("src") === source) return;
  card.classList.add("old");
  picture = setTimeout(() => {
    card.onload = () => card.classList.remove("old");
    card.onerror = () => (card.hidden = true);
    Object.assign(card, { src: source, hidden: false });
  }, REST * (1 + Math.random()));
}

// ------------------------------------------------------------ the question

function ask(vote) {
  asked = { n: vote.n, mine: null };
  const parts = [node("p", "small", { textContent: words.asks }), node("h1", "", { textContent: vote.words })];
  if (vote.kind === "number") parts.push(...slider(vote));
  else parts.push(choice(vote));
  asked.says = node("p", "says", { role: "status" });
  const circle = (className) => shape("circle", { cx: 20, cy: 20, r: 16, class: className, "stroke-dasharray": ring });
  asked.ring = circle("left");
  asked.digits = shape("text", { x: 20, y: 25, "text-anchor": "middle" });
  const dial = shape("svg", { viewBox: "0 0 40 40", width: 40, height: 40, "aria-hidden": "true" });
  dial.append(circle("whole"), asked.ring, asked.digits);
  asked.time = node("b");
  asked.count = node("span");
  parts.push(asked.says, node("div", "time", {}, dial, node("p", "", {}, asked.time, asked.count)));
  asked.free = node("p", "small", { textContent: words.free });
  parts.push(asked.free);
  find("ask").replaceChildren(...parts);
}

function slider(vote) {
  const { low, high, step } = vote;
  const middle = low + Math.round((high - low) / 2 / step) * step;
  const field = node("input", "", { type: "range", min: low, max: high, step, value: vote.start ?? middle });
  const figure = node("output", "figure");
  const show = () => {
    figure.textContent = withUnit(Number(field.value), vote);
    field.setAttribute("aria-valuetext", `${figure.textContent} ${vote.per ?? ""}`.trim());
    field.style.setProperty("--at", (field.value - low) / (high - low));
  };
  field.setAttribute("aria-label", vote.words);
  field.addEventListener("input", show);
  const button = node("button", "send", { type: "button", textContent: words.send });
  button.addEventListener("click", () => send(Number(field.value), button));
  asked.take = (value) => {
    if (asked.mine === null) field.value = value; // after a reload
    button.textContent = words.change;
    show();
  };
  asked.fields = [field, button];
  asked.spoken = (value) => withUnit(value, vote);
  show();
  const zero = low < 0 && high > 0 ? [0] : [];
  const ends = node(
    "div",
    "ends",
    {},
    ...[low, ...zero, high].map((value) => {
      const end = node("span", "", { textContent: value === high ? withUnit(value, vote) : written(value, step) });
      end.style.setProperty("--at", (value - low) / (high - low));
      return end;
    }),
  );
  const note = vote.note ? [node("p", "small", { textContent: vote.note })] : [];
  const head = node("p", "value", {}, figure, node("span", "", { textContent: vote.per ?? "" }));
  return [head, field, ends, ...note, button];
}

function choice(vote) {
  const buttons = vote.options.map(({ id, name }) => {
    const button = node("button", "option", { type: "button", textContent: name });
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => send(id, button));
    return [id, button];
  });
  asked.fields = buttons.map(([, button]) => button);
  asked.spoken = (value) => vote.options.find(({ id }) => id === value)?.name ?? "";
  asked.take = (value) => {
    for (const [id, button] of buttons) button.setAttribute("aria-pressed", String(id === value));
  };
  return node("div", "options", { role: "group", ariaLabel: vote.words }, ...asked.fields);
}

async function send(answer, button) {
  const question = asked;
  button.disabled = true;
  const given = { method: "POST", headers: { "Content-Type": "application/json" } };
  given.body = JSON.stringify({ vote: question.n, answer });
  try {
    const told = await fetch(`${place.base}/r/${place.code}/vote?lang=${place.lang}`, given);
    const { mine, says } = await told.json();
    if (question !== asked) return;
    if (told.ok) answered(mine);
    else question.says.textContent = says;
  } catch {
    question.says.textContent = words.failed;
  } finally {
    button.disabled = !isOpen();
  }
}

function answered(value) {
  asked.take(value);
  asked.mine = value;
  asked.says.textContent = fill(words.sent, { value: asked.spoken(value) });
}

// ------------------------------------------------------------ time

function isOpen() {
  return Boolean(now.vote?.open) && performance.now() < now.ends;
}

function drawTime() {
  if (!asked || !now.vote) return;
  const open = isOpen();
  const left = Math.max(0, (now.ends - performance.now()) / 1000);
  const count = Math.ceil(left);
  const time = open ? fill(count === 1 ? words.left_one : words.left, { count }) : words.closed;
  if (asked.time.textContent !== time) asked.time.textContent = time;
  asked.digits.textContent = open ? count : "";
  asked.ring.setAttribute("stroke-dashoffset", open ? ring * (1 - left / now.vote.seconds) : ring);
  asked.count.textContent = fill(words.answered, { ...now, listeners: Math.max(now.listeners, now.votes) });
  asked.free.textContent = open ? words.free : words.wait;
  if (open !== asked.open) for (const field of asked.fields) field.disabled = !open;
  asked.open = open;
}
