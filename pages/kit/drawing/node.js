// Makes an element with its class, its properties and what stands in it; comes before the files that draw with it.
function node(tag, name = "", more = {}, ...inside) {
  const made = Object.assign(document.createElement(tag), more);
  if (name) made.className = name;
  made.append(...inside);
  return made;
}
