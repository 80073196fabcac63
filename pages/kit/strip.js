// Puts a small drawing of our own into the page, where it has the page's letters and colours.
export default function ({ data, parentElement }) {
  let place = parentElement.querySelector(".backstop-strip");
  if (!place) {
    place = document.createElement("div");
    place.className = "backstop-strip";
    place.setAttribute("role", "img");
    parentElement.replaceChildren(place);
  }
  place.setAttribute("aria-label", data.alt);
  place.innerHTML = data.svg; // drawn by the server from its own figures, every name in it escaped
}
