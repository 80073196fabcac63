// Writes the address bar (`address.py`), and tells the server of what a visitor does with history. Streamlit pushes an
// entry at every write of its own, and goes on sending the query of the last Back, Forward or click in place of what the
// bar shows: so each of them carries a mark, by which the server knows a new one from one that it has read. As it runs
// on every page, it also reads the answer aloud.
const MARK = "_"; // as in `visit.py`
const STREAMLITS_OWN = ["embed", "embed_options"]; // that it never hands to the app, and that a reload needs
const TRIES = 5; // times that a page is asked for which Streamlit left again
const ALOUD = 1000; // ms between two sentences that are read aloud: a held thumb makes many
const ROUNDS = 100; // times that words are put back: a translator that never tires gets its way
const LATER = 1000; // ms after which a browser that finds so many entries too quick is asked again
const room = (window.backstop ??= { waiting: new Set() });
const bar = (room.bar ??= begin()); // one for all places that write it, the drawer's too

function begin() {
  window.navigation?.addEventListener("currententrychange", ({ navigationType }) => {
    if (navigationType === "traverse" && hasMoved()) mark("link");
  });
  addEventListener("popstate", opened);
  document.addEventListener("click", follow);
  new MutationObserver(putBack).observe(document.body, { subtree: true, childList: true });
  const { pathname: path, search } = location;
  return { visit: null, entries: 0, marks: 0, asked: "", shown: "", tries: 0, path, search, sent: search, said: null, rounds: 0 };
}

// A translator that heeds no translate="no" puts a <font> with words of its own where a text was, into which Streamlit
// goes on writing, unseen: the page would show old words, or break. What was there is put back at once.
function putBack(changes, observer) {
  const isFont = (node) => node?.nodeName === "FONT";
  let found = false;
  for (const { addedNodes, removedNodes, previousSibling, nextSibling } of changes) {
    const font = [...addedNodes, previousSibling, nextSibling].find(isFont);
    const text = [...removedNodes].find(({ nodeType }) => nodeType === Node.TEXT_NODE);
    if (!text || !font?.isConnected) continue;
    font.replaceWith(text);
    found = true;
  }
  if (found && ++bar.rounds === ROUNDS) observer.disconnect();
}

// Whether the bar shows something else than was written last; a mere # is nothing.
function hasMoved() {
  return location.pathname !== bar.path || location.search !== bar.search;
}

// Puts a mark into the bar until Streamlit has read it.
function mark(kind, tries = TRIES) {
  Object.assign(bar, { asked: `${kind}${++bar.marks}`, shown: location.href, tries });
  history.replaceState({}, "", `${location.pathname}${location.search || "?"}&${MARK}=${bar.asked}`);
}

// Streamlit, which listens for longer, has just read the bar.
function opened({ isTrusted }) {
  if (bar.shown) history.replaceState({}, "", bar.shown);
  else if (!isTrusted || !hasMoved()) return;
  else if (location.search === bar.sent) open("link"); // a browser that could not mark it sends nothing new
  Object.assign(bar, { shown: "", path: location.pathname, search: location.search, sent: location.search });
}

// Lets Streamlit open what the bar shows.
function open(kind, tries) {
  mark(kind, tries);
  dispatchEvent(new PopStateEvent("popstate"));
}

// A plain click on a link to a page of ours; with Ctrl, Shift or the middle button the browser opens it itself.
function follow(event) {
  const link = event.target.closest?.("a.backstop-page");
  if (!link || event.defaultPrevented || event.button) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (link.pathname === location.pathname) return;
  history.pushState({}, "", link.href);
  open("page"); // what the levers say the server knows better than the link
}

function write({ visit, query, pages, entries, heard }) {
  const other = visit !== bar.visit;
  const began = other && bar.visit === null;
  const adds = !other && entries > bar.entries;
  const own = [...new URLSearchParams(location.search)].filter(([name]) => STREAMLITS_OWN.includes(name));
  const search = `?${[query, new URLSearchParams(own)].filter(String).join("&")}`;
  if (other) Object.assign(bar, { visit, entries });
  if (other && !began && bar.search && bar.search !== search) {
    location.replace(bar.path + bar.search); // a server that started anew was sent an older query: begin anew as well
    return;
  }
  if (bar.asked && !began && heard !== bar.asked) return; // it is of a moment before what was asked last
  if (location.pathname !== bar.path && bar.tries) {
    history.replaceState({}, "", bar.path + search);
    open("page", bar.tries - 1); // what was clicked at the same time has asked for the page before, and came later
    return;
  }
  try {
    history[adds ? "pushState" : "replaceState"]({}, "", location.pathname + search + location.hash);
  } catch {
    setTimeout(() => write({ visit, query, pages, entries, heard }), LATER);
    return;
  }
  Object.assign(bar, { entries, path: location.pathname, search: location.search });
  room.pages = `?${pages}`; // for the navigation, which may be drawn later
  for (const link of document.querySelectorAll("a.backstop-page")) link.search = room.pages;
  room.head();
}

// Says above a printed page what it is of; the link is that of the bar.
function head({ dated, levers, link }) {
  const line = (...inside) => {
    const made = document.createElement("p");
    made.append(...inside);
    return made;
  };
  const name = Object.assign(document.createElement("strong"), { textContent: "Backstop" });
  const here = Object.assign(document.createElement("a"), { href: location.href, textContent: location.href });
  for (const paper of document.querySelectorAll(".backstop-paper"))
    paper.replaceChildren(line(name, ` · ${dated}`), line(levers), line(`${link} `, here));
}

// Puts the answer where a screen reader hears of it, when it is another one than was heard last; none when a visit
// begins. It stands in the place that the server wrote to last: what lies outside an open drawer is not read.
function tell(place, answer) {
  Object.assign(bar, { place, answer, said: bar.said ?? answer });
  if (!bar.speaks) speak();
}

function speak() {
  bar.speaks = null;
  if (bar.answer === bar.said || !bar.place.isConnected) return;
  bar.said = bar.place.textContent = bar.answer;
  bar.speaks = setTimeout(speak, ALOUD); // what comes until then is heard at its end, the newest alone
}

export default function ({ data, parentElement }) {
  Object.assign(document.documentElement, { lang: data.lang, translate: false });
  room.head = () => head(data.paper); // for the navigation, which may be drawn later
  tell(parentElement.querySelector(".backstop-said"), data.answer);
  write(data);
}
