// The place of a drawing: `plot.js`, which comes once a run and not with each of them, draws in it.
const room = (window.backstop ??= { waiting: new Set() });

export default function (place) {
  let end;
  const begin = () => (end = room.mount(place));
  if (room.mount) begin();
  else room.waiting.add(begin);
  return () => {
    room.waiting.delete(begin);
    end?.();
  };
}
