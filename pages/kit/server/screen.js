// What the presenter's screen shows of a vote, over the step of the talk (`present_room.py`): the question with the way
// into the room, then the answers over the point at which somebody breaks. Keys go to the talk, as from the speaker's page.
const channel = new BroadcastChannel(`backstop-${place.code}`);
let now = {};

follow(place.events + location.search, {
  state(state) {
    now = state;
    draw();
  },
  count(count) {
    Object.assign(now, count);
    drawTime();
  },
  over() {},
});
find("away").textContent = words.away;
setInterval(drawTime, 250);
addEventListener("resize", draw);
addEventListener("keydown", ({ key, shiftKey: shift, ctrlKey, altKey, metaKey, target }) => {
  if (ctrlKey || altKey || metaKey || (target.closest("button") && [" ", "Enter"].includes(key))) return;
  channel.postMessage({ key, shift });
});
for (const button of document.querySelectorAll("[data-key]")) {
  button.addEventListener("click", () => channel.postMessage({ key: button.dataset.key }));
}

function draw() {
  const { vote, result } = now;
  find("ask").hidden = !vote || Boolean(result);
  find("result").hidden = !result;
  if (!vote) return;
  if (result) drawResult(find("result"), result, vote);
  find("words").textContent = vote.words;
  const value = result?.median ?? null;
  find("lever").hidden = value === null;
  if (value !== null) find("lever").textContent = fill(words.lever, { value: withUnit(value, vote) });
  find("hide").textContent = words[result ? "hide" : "show"];
  drawTime();
}

function drawTime() {
  const { vote } = now;
  if (!vote) return;
  const left = Math.max(0, Math.ceil((now.ends - performance.now()) / 1000));
  const open = vote.open && left > 0;
  const time = open ? fill(left === 1 ? words.left_one : words.left, { count: left }) : words.closed;
  find("time").textContent = `${fill(words.answered, now)} · ${time}`;
  find("close").textContent = words[open ? "end" : "reopen"];
}
