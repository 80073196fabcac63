// Writes the address bar (`address.py`), and tells the server of what a visitor does with history. Streamlit pushes an
// entry at every write of its own, and goes on sending the query of the last Back, Forward or click in place of what the
// bar shows: so each of them carries a mark, by which the server knows a new one from one that it has read.
const MARK = "_"; // as in `visit.py`
const STREAMLITS_OWN = ["embed", "embed_options"]; // that it never hands to the app, and that a reload needs
const LATER = 1000; // ms after which a browser that finds so many entries too quick is asked again
const room = (window.backstop ??= { waiting: new Set() });
const bar = (room.bar ??= begin()); // one for all places that write it, the drawer's too

function begin() {
  addEventListener("popstate", travel, true);
  document.addEventListener("click", follow);
  return { visit: null, entries: 0, marks: 0, asked: "", shown: location.pathname + location.search };
}

// Back, Forward or an address that was changed by hand: Streamlit hears of it with the mark of a link.
function travel(event) {
  if (!event.isTrusted || location.pathname + location.search === bar.shown) return; // a mere #
  event.stopImmediatePropagation();
  tell("link", location.search);
}

// A plain click on a link to a page of ours; with Ctrl, Shift or the middle button the browser opens it itself.
function follow(event) {
  const link = event.target.closest?.("a.backstop-page");
  if (!link || event.defaultPrevented || event.button) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (link.pathname === location.pathname) return;
  history.pushState({}, "", link.href);
  tell("page", ""); // what the levers say the server knows better
}

// Lets Streamlit open what the bar shows, with another query than that.
function tell(kind, query) {
  const shown = location.href;
  bar.asked = `${kind}${++bar.marks}`;
  history.replaceState({}, "", `${location.pathname}${query ? `${query}&` : "?"}${MARK}=${bar.asked}`);
  dispatchEvent(new PopStateEvent("popstate"));
  history.replaceState({}, "", shown);
  bar.shown = location.pathname + location.search;
}

function write({ visit, query, entries, heard }) {
  const other = visit !== bar.visit;
  const began = other && bar.visit === null;
  const adds = !other && entries > bar.entries;
  const own = [...new URLSearchParams(location.search)].filter(([name]) => STREAMLITS_OWN.includes(name));
  const search = `?${[query, new URLSearchParams(own)].filter(String).join("&")}`;
  const was = bar.shown.replace(/^[^?]*/, "");
  Object.assign(bar, { visit, entries });
  if (other && !began && was && was !== search) {
    history.replaceState({}, "", location.pathname + was);
    tell("link", was); // a server that started anew was sent an older query, and Streamlit put that into the bar
    return;
  }
  if (bar.asked && !began && heard !== bar.asked) return; // it is of a moment before what was asked last
  try {
    history[adds ? "pushState" : "replaceState"]({}, "", location.pathname + search + location.hash);
  } catch {
    setTimeout(() => write({ visit, query, entries, heard }), LATER);
    return;
  }
  bar.shown = location.pathname + location.search;
  for (const link of document.querySelectorAll("a.backstop-page")) link.search = query;
}

export default function ({ data }) {
  Object.assign(document.documentElement, { lang: data.lang, translate: false });
  write(data);
}
