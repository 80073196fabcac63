// The speaker's page: what is said now and next, the notes, the clock, and what the next move will do. Its keys go to
// the app's page, a window of the same browser, which moves on; what that shows comes back by the event stream.
const channel = new BroadcastChannel(`backstop-${place.code}`);
// Keys of a presenter that make sense from afar; F would need a hand in the other window, S opens this one.
const SENT = ["ArrowRight", "ArrowLeft", " ", "PageDown", "PageUp", "Home", "End", "Enter", "Escape", ..."npgobvhqNPGOBVHQ.0123456789"];
const LONG = { from: 1, to: 240, first: 15 }; // min of a talk
const clock = JSON.parse(sessionStorage.getItem("backstop-clock") ?? "{}"); // a page that is loaded anew goes on
clock.minutes ??= LONG.first;
clock.spoken ??= 0; // ms before it was last started
const FRESH = 2000; // ms in which the server may still tell the step before
let now = {};
let turned = { step: 0, at: -FRESH }; // to what the app's page has just turned

follow(place.events + location.search, {
  state(state) {
    now = state;
    if (now.staged?.steps && performance.now() - turned.at < FRESH) now.staged.step = turned.step;
    draw();
  },
  count(count) {
    Object.assign(now, count);
    drawTime();
  },
  over() {
    for (const button of document.querySelectorAll("footer button")) button.disabled = true;
  },
});

function press(key, shift = false) {
  if (key === "t" || key === "T") run();
  else if (SENT.includes(key)) channel.postMessage({ key, shift });
  else return false;
  return true;
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input")) return;
  if (event.target.closest("button") && [" ", "Enter"].includes(event.key)) return; // presses the button
  if (press(event.key, event.shiftKey)) event.preventDefault();
});
for (const button of document.querySelectorAll("[data-key]")) {
  button.addEventListener("click", () => {
    press(button.dataset.key);
    button.blur(); // the next Space is a step again
  });
}
// The app's page is there first: all steps are known here, so what it turns to is shown before the server tells it.
channel.addEventListener("message", ({ data }) => {
  const step = Number(data?.step);
  if (!now.staged?.steps?.[step - 1]) return;
  turned = { step, at: performance.now() };
  now.staged.step = step;
  draw();
});

// ------------------------------------------------------------ what is shown

function draw() {
  const { staged = {} } = now;
  const { step = 1, steps = [] } = staged;
  const [here, coming] = [steps[step - 1], steps[step]];
  const of = fill(words.of, { step, of: steps.length });
  if (!here) find("now").replaceChildren(node("p", "", { textContent: words.waiting }));
  else find("now").replaceChildren(...part(words.now, [of, here.title], here, "h1"), ...notes(here));
  const last = [node("h2", "", { textContent: words.next }), node("p", "", { textContent: words.last })];
  if (coming) find("next").replaceChildren(...part(words.next, [coming.title], coming), ...does(coming));
  else find("next").replaceChildren(...(here ? last : []));
  document.title = [staged.title, document.title.split(" · ").pop()].filter(Boolean).join(" · ");
  drawTime();
}

function part(name, more, step, tag = "p") {
  const told = more.filter(Boolean).map((text) => ` · ${text}`).join("");
  const parts = [node("h2", "", {}, node("b", "", { textContent: name }), told)];
  parts.push(node(tag, "headline", { textContent: step.headline ?? "" }));
  if (step.say) parts.push(node("p", "say", { textContent: step.say }));
  if (step.query !== undefined) {
    const src = `${place.base}/card.png?${step.query}`;
    parts.push(node("img", "", { alt: "", width: 1200, height: 630, src }));
  }
  return parts;
}

function notes(step) {
  return step.notes ? [node("h2", "", {}, node("b", "", { textContent: words.notes })), node("p", "notes", { textContent: step.notes })] : [];
}

function does(step) {
  if (!step.does?.length) return [];
  const rows = step.does.map(({ name, now: was, then, alarm, first }) => {
    const same = was === then;
    const row = node("tr", first ? "first" : "", {}, node("th", "", { textContent: name, scope: "row" }));
    row.append(node("td", "was", { textContent: was }), node("td", "arrow", { textContent: same ? "" : "→" }));
    row.append(node("td", alarm ? "then alarm" : "then", { textContent: same ? words.stays : then }));
    return row;
  });
  return [node("h2", "", {}, node("b", "", { textContent: words.does })), node("table", "", {}, node("tbody", "", {}, ...rows))];
}

// ------------------------------------------------------------ time

const spoken = () => clock.spoken + (clock.since ? Date.now() - clock.since : 0);
const minutes = (time) => {
  const seconds = Math.floor(Math.abs(time) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
};

function run() {
  clock.spoken = spoken();
  clock.since = clock.since ? null : Date.now();
  keep();
}

function keep() {
  sessionStorage.setItem("backstop-clock", JSON.stringify(clock));
  drawTime();
}

function drawTime() {
  const text = (id, told) => find(id).textContent !== told && (find(id).textContent = told);
  const whole = clock.minutes * 60000;
  const left = whole - spoken();
  text("clock", new Intl.DateTimeFormat(place.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format());
  text("spoken", fill(words.spoken, { time: minutes(spoken()) }));
  text("left", fill(left < 0 ? words.over : words.left, { time: minutes(left) }));
  find("left").classList.toggle("over", left < 0);
  find("bar").value = Math.min(spoken() / whole, 1);
  text("run", clock.since ? words.stop : words.start);
  const told = [fill(words.room, place)];
  told.push(now.public === false ? words.private : fill(words.listening, { count: now.listeners ?? 0 }));
  if (now.vote) {
    const seconds = Math.max(0, Math.ceil((now.ends - performance.now()) / 1000));
    told.push(fill(now.vote.open && seconds ? words.voting : words.voted, { seconds, count: now.votes }));
  }
  text("house", told.join(" · "));
}

find("minutes").value = clock.minutes;
find("minutes").addEventListener("input", ({ target }) => {
  const given = Number(target.value);
  if (given >= LONG.from && given <= LONG.to) Object.assign(clock, { minutes: given });
  keep();
});
find("run").addEventListener("click", ({ target }) => {
  run();
  target.blur();
});
setInterval(drawTime, 250);
drawTime();
