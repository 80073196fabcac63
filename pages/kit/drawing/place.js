// The place of a drawing: `plot.js`, which comes once a run and not with each of them, draws in it.
const room = (window.backstop ??= { waiting: new Set() });

// Plotly's file is on its way since the front door's head asked for it: run it with the first drawing.
function bring() {
  const head = document.querySelector("link.backstop-plotly");
  if (!head || room.plotly) return;
  room.plotly = Object.assign(document.createElement("script"), { src: head.href, async: true });
  room.asked = performance.now();
  room.plotly.addEventListener("error", () => (room.lost = true));
  document.head.append(room.plotly);
}

export default function (place) {
  let end;
  const begin = () => (end = room.mount(place));
  bring();
  if (room.mount) begin();
  else room.waiting.add(begin);
  return () => {
    room.waiting.delete(begin);
    end?.();
  };
}
