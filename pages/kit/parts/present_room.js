// What a talk has to do with its room (`present_room.py`): the speaker's window, whose keys are the talk's, and the vote,
// which lies over the step. A tab keeps its room's token, so that a page that is loaded anew goes on with it.
const KEPT = "backstop-room";
const house = (room.house ??= { code: "", channel: null, asks: false, tried: false });

function meet(talk, given) {
  const kept = sessionStorage.getItem(KEPT);
  if (given) sessionStorage.setItem(KEPT, JSON.stringify({ code: given.code, driver: given.driver }));
  else if (house.code) sessionStorage.removeItem(KEPT); // it was ended
  else if (kept && !house.tried) talk.ask({ resume: JSON.parse(kept) });
  house.tried = true;
  if ((given?.code ?? "") !== house.code) {
    house.channel?.close();
    Object.assign(house, { code: given?.code ?? "", channel: given && new BroadcastChannel(`backstop-${given.code}`) });
    if (house.channel) house.channel.onmessage = ({ data }) => data?.key && room.present.talk?.press(data.key, data.shift);
  }
  if (given && house.asks) speak(talk, given);
  lay(talk, given?.screen, given?.name);
}

// Opens the speaker's window; the first time a room has to be made for it.
function speak(talk, given = talk.data.room) {
  house.asks = !given;
  if (!given) talk.ask({ key: "s" });
  else if (!window.open(given.speaker, "backstop-speaker", "popup,width=1280,height=800")) talk.tell(talk.data.words.blocked);
}

function lay(talk, screen, name) {
  if (!screen) {
    talk.over?.remove();
    talk.over = null;
  } else if (!talk.over) {
    talk.over = node("iframe", "screen", { src: screen, title: talk.data.words.vote });
    talk.place.append(talk.over);
  }
}

function hasHeard(what) {
  house.channel?.postMessage(what);
}
