// Puts a small drawing of our own into the page, where it has the page's letters and colours.
// The strips are on every page, so they also fetch the drawing code of the charts, in a quiet moment: reading it
// takes a second or two, and the first chart of a visit may come only with a click.
let asked = false;

function fetchPlotly(chunk) {
  if (asked || window.Plotly) return;
  asked = true;
  const main = document.querySelector('script[type="module"][src]').src;
  (window.requestIdleCallback ?? setTimeout)(() => import(new URL(chunk, main).href)); // Safari has no idle
}

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
  fetchPlotly(data.chunk);
}
