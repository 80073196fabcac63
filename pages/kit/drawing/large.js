// Charts for a room full of people (`plot.large`): as tall as the window leaves room for, and all in them as much larger
// as they are wider than in a column of a page. One file with `plot.js`, before it.
const COLUMN = 640; // px: as wide as charts are made for
const LOWEST = 260; // px of a chart
const LARGEST = 2.4; // times
const READABLE = 1.2; // times, also in a chart that is no higher than on its page
const FOOT = 76; // px kept below the chart for the steps
const SIZES = new Set(["size", "width", "xshift", "yshift", "standoff", "pad", "arrowwidth"]);
const NOT_SIZES = new Set(["bar", "domain"]); // what is as wide as its place on an axis

function large({ data }) {
  return data.large && !plotly.printing;
}

// What is left of the window below the top of a chart.
function room_left({ place, data }) {
  const top = place.getBoundingClientRect().top + (document.querySelector('[data-testid="stMain"]')?.scrollTop ?? 0);
  const rest = Math.floor(innerHeight - top - FOOT);
  return Math.max(LOWEST, rest, place.clientWidth < COLUMN ? parseFloat(data.height) : 0);
}

function grown(value, by) {
  if (Array.isArray(value)) return value.map((one) => grown(one, by));
  return typeof value === "number" ? value * by : value;
}

// Multiplies every size of type, lines and marks inside a part of a figure.
function grow(part, by, isBar = false) {
  for (const [name, value] of Object.entries(part)) {
    if (name === "width" && isBar) continue;
    if (SIZES.has(name)) part[name] = grown(value, by);
    else if (value && typeof value === "object" && !NOT_SIZES.has(name)) grow(value, by);
  }
}

function enlarge({ data, layout }, width, height) {
  const by = Math.max(1, Math.min(width / COLUMN, Math.max((height / layout.height) * 1.15, READABLE), LARGEST));
  for (const trace of data) grow(trace, by, trace.type === "bar");
  for (const name of ["annotations", "shapes", "xaxis", "yaxis", "margin", "hoverlabel"]) {
    if (layout[name]) grow(layout[name], by);
  }
  for (const name of Object.keys(layout)) if (/^[xy]axis\d+$/.test(name)) grow(layout[name], by);
  for (const side of "lrtb") if (layout.margin?.[side]) layout.margin[side] *= by;
  layout.font = { ...layout.font, size: (layout.font?.size ?? 12) * by };
  layout.height = height;
}
