// Draws the navigation (`navigation.py`): links that carry the scenario (`bar.js` keeps them up to date and takes plain
// clicks), in a row where they all fit, else behind a button.
function element(tag, more, ...inside) {
  const node = Object.assign(document.createElement(tag), more);
  node.append(...inside);
  return node;
}

function draw(nav, { label, menu, root, pages, here }) {
  const items = pages.map(([path, title]) => {
    const link = element("a", { className: "backstop-page", href: root + path + location.search }, title);
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
  return { button, list };
}

export default function ({ data, parentElement }) {
  const nav = parentElement.querySelector("nav");
  const { button, list } = draw(nav, data);
  const open = (is) => {
    nav.classList.toggle("backstop-open", is);
    button.setAttribute("aria-expanded", is);
  };
  const outside = ({ target }) => nav.contains(target) || open(false);
  const escape = ({ key }) => {
    if (key !== "Escape" || !nav.classList.contains("backstop-open")) return;
    open(false);
    button.focus();
  };
  open(false);
  button.addEventListener("click", () => open(!nav.classList.contains("backstop-open")));
  list.addEventListener("click", ({ target }) => target.closest("a") && open(false));
  nav.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && outside({ target: relatedTarget }));
  document.addEventListener("pointerdown", outside);
  nav.addEventListener("keydown", escape);
  const fit = () => {
    nav.classList.remove("backstop-narrow"); // is measured in a row
    nav.classList.toggle("backstop-narrow", list.scrollWidth > list.clientWidth + 1);
  };
  const width = new ResizeObserver(fit);
  width.observe(nav);
  document.fonts.ready.then(fit);
  return () => {
    width.disconnect();
    document.removeEventListener("pointerdown", outside);
  };
}
