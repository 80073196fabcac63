// Draws the navigation (`navigation.py`): links that carry the scenario (`bar.js` keeps them up to date and takes plain
// clicks), in a row; those that do not fit stand behind a button at its end, on a phone all of them.
const FEW = 4; // fewer in a row are none
const EDGE = 48; // px from the left edge of the window: the panel is closed
const heard = new WeakSet(); // the navigations that are listened to

function element(tag, more, ...inside) {
  const node = Object.assign(document.createElement(tag), more);
  node.append(...inside);
  return node;
}

function draw(nav, { label, menu, more, root, pages, here }) {
  const search = window.backstop?.pages ?? ""; // `bar.js` writes it anew with every move
  const items = pages.map(([path, title]) => {
    const link = element("a", { className: "backstop-page", href: root + path }, title);
    link.search = search;
    if (path === here) link.setAttribute("aria-current", "page");
    return element("li", {}, link);
  });
  const button = element("button", { type: "button", className: "backstop-menu" }, menu);
  const now = element("span", {}, pages.find(([path]) => path === here)[1]);
  const list = element("ul", { id: "backstop-pages" }, ...items);
  nav.setAttribute("aria-label", label);
  button.append(now);
  button.setAttribute("aria-controls", list.id);
  const rest = element("ul", { id: "backstop-rest" });
  const opener = element("button", { type: "button", className: "backstop-more" }, more);
  opener.setAttribute("aria-controls", rest.id);
  nav.replaceChildren(button, list, opener, rest);
}

// The first stop of the Tab key: past the panel, which comes before the page, to its heading.
function offerSkip(words) {
  let link = document.querySelector(".backstop-skip");
  if (!link) {
    link = element("a", { className: "backstop-skip", href: "#stMain", onclick: skip });
    document.body.prepend(link);
  }
  if (link.textContent !== words) link.textContent = words;
}

function skip(event) {
  event.preventDefault(); // the address stays what it is
  const heading = document.querySelector("h1");
  heading.tabIndex = -1;
  heading.focus();
}

function isOpen(nav) {
  return nav.classList.contains("backstop-open");
}

function open(nav, is) {
  nav.classList.toggle("backstop-open", is);
  for (const button of nav.querySelectorAll("button")) button.setAttribute("aria-expanded", is);
}

function fit(nav) {
  const [list, rest] = nav.querySelectorAll("ul");
  const more = nav.querySelector(".backstop-more");
  list.append(...rest.children);
  nav.classList.toggle("backstop-edge", nav.getBoundingClientRect().left < EDGE);
  nav.classList.remove("backstop-narrow"); // is measured in a row
  const tooWide = () => list.getBoundingClientRect().right > nav.getBoundingClientRect().right - (more.hidden ? 0 : more.offsetWidth);
  more.hidden = true;
  more.hidden = !tooWide();
  while (!more.hidden && list.children.length > 1 && tooWide()) rest.prepend(list.lastElementChild);
  const narrow = !more.hidden && list.children.length < FEW;
  if (narrow) list.append(...rest.children);
  more.hidden ||= narrow;
  more.classList.toggle("backstop-here", Boolean(rest.querySelector("[aria-current]")));
  nav.classList.toggle("backstop-narrow", narrow);
}

// Once for each navigation: what stands in it is drawn anew for another page or language.
function listen(nav) {
  heard.add(nav);
  const outside = ({ target }) => nav.contains(target) || open(nav, false);
  nav.addEventListener("click", ({ target }) => {
    if (target.closest("button")) open(nav, !isOpen(nav));
    else if (target.closest("a")) open(nav, false);
  });
  nav.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && outside({ target: relatedTarget }));
  nav.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !isOpen(nav)) return;
    open(nav, false);
    [...nav.querySelectorAll("button")].find((one) => one.offsetWidth)?.focus();
  });
  const away = (event) => (nav.isConnected ? outside(event) : document.removeEventListener("pointerdown", away));
  document.addEventListener("pointerdown", away);
  new ResizeObserver(() => fit(nav)).observe(nav);
}

// What the frame's own style needs of the theme, of which only components are told.
function tellTheme(nav) {
  const theme = getComputedStyle(nav);
  for (const name of ["background-color", "secondary-background-color", "text-color", "link-color", "border-color", "heading-font"])
    document.documentElement.style.setProperty(`--st-${name}`, theme.getPropertyValue(`--st-${name}`));
}

// Tells the server when the window becomes as narrow as a phone's, or no longer is: paper is neither.
const small = matchMedia("(max-width: 768px)");
const widths = new WeakMap(); // a navigation -> how its server is told

function tellWidth(nav, phone, send) {
  let told = phone;
  const tell = () => {
    if (!nav.isConnected) return small.removeEventListener("change", tell);
    if (small.matches === told || matchMedia("print").matches) return;
    told = small.matches;
    send("phone", told);
  };
  small.removeEventListener("change", widths.get(nav));
  widths.set(nav, tell);
  small.addEventListener("change", tell);
  tell();
}

// A tab keeps the token of its room, so that a page that is loaded anew goes on with it; one that the server does not
// know any more is forgotten.
const KEPT = "backstop-room";
let asked = false;

function keepRoom(given, send) {
  const kept = sessionStorage.getItem(KEPT);
  if (given) sessionStorage.setItem(KEPT, JSON.stringify(given));
  else if (kept && !asked) send("room", JSON.parse(kept));
  else sessionStorage.removeItem(KEPT);
  asked = !given && Boolean(kept);
}

export default function ({ data, parentElement, setStateValue }) {
  const nav = parentElement.querySelector("nav");
  keepRoom(data.room, setStateValue);
  tellWidth(nav, data.phone, setStateValue);
  tellTheme(nav);
  draw(nav, data);
  window.backstop?.head?.();
  offerSkip(data.skip);
  open(nav, false);
  fit(nav);
  document.fonts.ready.then(() => fit(nav));
  if (!heard.has(nav)) listen(nav);
}
