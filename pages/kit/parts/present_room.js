// What a talk has to do with its room (`present_room.py`): the speaker's window, whose keys are the talk's, and the vote,
// which lies over the step.
const house = (room.house ??= { code: "", channel: null, asks: false });
const OVER = ["v", "h", "r", "b", ".", "away", "lever"]; // keys that mean the same while a vote lies over the step

function meet(talk, given) {
  if ((given?.code ?? "") !== house.code) {
    house.channel?.close();
    Object.assign(house, { code: given?.code ?? "", channel: given && new BroadcastChannel(`backstop-${given.code}`) });
    if (house.channel) house.channel.onmessage = ({ data }) => data?.key && room.present.talk?.press(data.key, data.shift);
  }
  if (given && house.asks) speak(talk, given);
  lay(talk, given?.screen);
}

// Opens the speaker's window; the first time a room has to be made for it.
function speak(talk, given = talk.data.room) {
  house.asks = !given;
  if (!given) talk.ask({ key: "s" });
  else if (!window.open(given.speaker, "backstop-speaker", "popup,width=1280,height=800")) talk.tell(talk.data.words.blocked);
}

// A vote that is open holds the talk where it is; Escape ends it, and whatever leads on or back ends a result that is shown.
function holds(talk, key) {
  if (!talk.over || OVER.includes(key)) return false;
  if (key === "Escape" || talk.data.room?.revealed) talk.ask({ key: "away" });
  return true;
}

function lay(talk, screen) {
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
