// Draws the navigation (`navigation.py`): links that carry the scenario (`bar.js` keeps them up to date and takes plain
// clicks), in a row where they all fit, else behind a button.
const closers = new WeakMap(); // what ends the listening of a navigation on the page

function element(tag, more, ...inside) {
  const node = Object.assign(document.createElement(tag), more);
  node.append(...inside);
  return node;
}

function draw(nav, { label, menu, root, pages, here }) {
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
  nav.replaceChildren(button, list);
}

function isOpen(nav) {
  return nav.classList.contains("backstop-open");
}

function open(nav, is) {
  nav.classList.toggle("backstop-open", is);
  nav.querySelector("button").setAttribute("aria-expanded", is);
}

function fit(nav) {
  const list = nav.querySelector("ul");
  nav.classList.remove("backstop-narrow"); // is measured in a row
  nav.classList.toggle("backstop-narrow", list.scrollWidth > list.clientWidth + 1);
}

// Once for each navigation: what stands in it is drawn anew for another page or language.
function listen(nav) {
  const outside = ({ target }) => nav.contains(target) || open(nav, false);
  nav.addEventListener("click", ({ target }) => {
    if (target.closest("button")) open(nav, !isOpen(nav));
    else if (target.closest("a")) open(nav, false);
  });
  nav.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && outside({ target: relatedTarget }));
  nav.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !isOpen(nav)) return;
    open(nav, false);
    nav.querySelector("button").focus();
  });
  document.addEventListener("pointerdown", outside);
  const width = new ResizeObserver(() => fit(nav));
  width.observe(nav);
  return () => {
    width.disconnect();
    document.removeEventListener("pointerdown", outside);
    closers.delete(nav);
  };
}

export default function ({ data, parentElement }) {
  const nav = parentElement.querySelector("nav");
  draw(nav, data);
  open(nav, false);
  fit(nav);
  document.fonts.ready.then(() => fit(nav));
  if (!closers.has(nav)) closers.set(nav, listen(nav));
  return closers.get(nav);
}
