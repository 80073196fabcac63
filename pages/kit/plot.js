// Draws a figure with Plotly.react: an update changes the chart that is there instead of building a new one.
const charts = new WeakMap(); // place -> what is known about the chart in it
let loading;

function plotly(chunk) {
  if (window.Plotly) return window.Plotly;
  // Streamlit's own chunk for Plotly charts, which leaves Plotly on the window; beside the app's main script.
  const main = document.querySelector('script[type="module"][src]').src;
  loading ??= import(new URL(chunk, main).href);
  return null;
}

function template(place) {
  const style = getComputedStyle(place);
  const of = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const font = { family: of("font"), color: of("text-color"), size: 12 };
  const axis = {
    gridcolor: of("border-color"),
    linecolor: of("border-color"),
    zerolinecolor: of("border-color"),
    tickfont: { color: of("gray-text-color") },
    title: { font: { color: of("gray-text-color"), size: 13 } },
    ticklabelstandoff: 5,
  };
  const hoverlabel = { bgcolor: of("background-color"), bordercolor: of("border-color"), font };
  return { layout: { font, xaxis: axis, yaxis: axis, hoverlabel, colorway: of("chart-categorical-colors").split(",") } };
}

function draw(chart) {
  const Plotly = plotly(chart.data.chunk);
  if (!Plotly) {
    loading.then(() => draw(chart));
    return;
  }
  const { figure, config } = chart.data;
  const width = chart.place.clientWidth;
  if (!width) return; // hidden, as in a closed tab; the observer calls again
  const layout = { ...figure.layout, width, template: template(chart.place) };
  Plotly.react(chart.place, figure.data, layout, config);
  chart.width = width;
  if (!chart.listens) {
    chart.listens = true;
    chart.place.on("plotly_click", ({ points }) => {
      if (chart.data.clickable) chart.click("clicked", { x: points[0].x, y: points[0].y });
    });
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  let chart = charts.get(parentElement);
  if (!chart) {
    const place = document.createElement("div");
    place.className = "backstop-chart";
    place.setAttribute("role", "figure");
    place.style.contain = "layout style"; // what changes inside does not make the browser lay out the page again
    parentElement.replaceChildren(place);
    chart = { place };
    chart.observer = new ResizeObserver(() => {
      if (chart.place.clientWidth !== chart.width) draw(chart);
    });
    charts.set(parentElement, chart);
    chart.observer.observe(place);
  }
  Object.assign(chart, { data, click: setTriggerValue });
  chart.place.setAttribute("aria-label", data.alt);
  chart.place.style.height = `${data.figure.layout.height}px`;
  draw(chart);
  return () => {
    chart.observer.disconnect();
    window.Plotly?.purge(chart.place);
    charts.delete(parentElement);
  };
}
