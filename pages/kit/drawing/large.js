// Charts for a room full of people, on the whole screen or as a step of a talk (`plot.large`): laid out as in a column of
// a page and then shown larger, so that words and lines grow with it. One file with `plot.js`, before it.
const COLUMN = 700; // px: as wide as charts are made for
const LOWEST = 260; // px of a chart
const LARGEST = 2.6; // times
const READABLE = 1.5; // times, also in a chart that is no higher than on its page
const FOOT = 76; // px kept below the chart for the steps

// What a talk leaves of the window below the top of a chart.
function roomLeft({ stage, data }) {
  const top = stage.getBoundingClientRect().top + (document.querySelector('[data-testid="stMain"]')?.scrollTop ?? 0);
  return Math.max(LOWEST, Math.floor(innerHeight - top - FOOT), stage.clientWidth < COLUMN ? parseFloat(data.height) : 0);
}

// How wide a chart is laid out, and how high where that is not its own height; sets how many times as large it is shown.
function sized(drawing) {
  const { place, stage, room, data } = drawing;
  const isWhole = !plotly.printing && document.fullscreenElement === room;
  const isLarge = !plotly.printing && !isWhole && data.large;
  stage.style.height = isLarge ? `${roomLeft(drawing)}px` : "";
  stage.classList.toggle("backstop-large", isWhole || isLarge);
  if (!isWhole && !isLarge) {
    Object.assign(place.style, { height: data.height, width: "" });
    return { width: plotly.printing ? PAPER : place.clientWidth };
  }
  const tall = isWhole ? LARGEST : Math.max((stage.clientHeight / parseFloat(data.height)) * 1.15, READABLE);
  const zoom = Math.max(1, Math.min((isWhole ? innerWidth : stage.clientWidth) / COLUMN, tall, LARGEST));
  room.style.setProperty("--backstop-zoom", zoom);
  const [width, height] = [stage.clientWidth, stage.clientHeight].map((size) => Math.floor(size / zoom));
  Object.assign(place.style, { height: `${height}px`, width: `${width}px` });
  return { width, height };
}
