// The picture of a chart to publish, which the button of a chart saves: page and title, caption, the chart, then from when
// the data are, by which model, the levers that were moved, and the link of the view. One file with `plot.js`, before it.
const LEAST = 800; // px; a picture has twice as many dots across
const SHARP = 2;
const EDGE = 24; // px around all
const NAME = 90; // signs of a file's name, without its date

// Plain text with **bold** and coloured signs, :color[■]{foreground="#5381e6"}, as runs of one look.
function runs(text) {
  const parts = text.split(/\*\*(.+?)\*\*|:color\[(.+?)\]\{foreground="(.+?)"\}/); // plain, bold, sign, colour, plain …
  const found = [];
  for (let i = 0; i < parts.length; i += 4) {
    const [plain, bold, sign, colour] = parts.slice(i, i + 4);
    found.push({ text: plain }, { text: bold ?? "", bold: true }, { text: sign ?? "", colour });
  }
  return found.filter((run) => run.text);
}

// Breaks a paragraph into lines as wide as may be; a word that is wider, such as a link, is broken as well.
function broken(pen, { text, size, family, weight = 400, leading, ink }, width) {
  const lines = [];
  for (const paragraph of text.split("\n")) {
    let line = { parts: [], wide: 0, leading };
    lines.push(line);
    for (const { text: words, bold, colour } of runs(paragraph)) {
      const font = `${bold ? 600 : weight} ${size}px ${family}`;
      pen.font = font;
      for (const word of words.match(/\s+|\S+/g)) {
        const fits = pen.measureText(word).width <= width;
        for (const piece of fits ? [word] : word) {
          const wide = pen.measureText(piece).width;
          if (line.wide + wide > width && line.wide) lines.push((line = { parts: [], wide: 0, leading }));
          if (!line.wide && !piece.trim()) continue;
          line.parts.push({ text: piece, at: line.wide, font, ink: colour ?? ink });
          line.wide += wide;
        }
      }
    }
  }
  return lines;
}

function height(lines) {
  return lines.reduce((sum, { leading }) => sum + leading, 0);
}

function pen(canvas) {
  const made = canvas.getContext("2d");
  made.scale(SHARP, SHARP);
  made.textBaseline = "middle";
  return made;
}

function put(pen, lines, top) {
  let y = top;
  for (const { parts, leading } of lines) {
    for (const { text, at, font, ink } of parts) {
      Object.assign(pen, { font, fillStyle: ink });
      pen.fillText(text, EDGE + at, y + leading / 2);
    }
    y += leading;
  }
}

// Draws a chart as Plotly draws it, with words around it, and gives the canvas.
async function picture({ place, data, width }, words) {
  const style = getComputedStyle(place);
  const of = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const [ink, grey, family] = [of("text-color"), of("gray-text-color"), of("font")];
  const wide = Math.max(LEAST, width + 2 * EDGE);
  const room = wide - 2 * EDGE;
  const { data: traces, layout } = JSON.parse(data.text);
  const size = { width: room, height: layout.height ?? place.clientHeight };
  const chart = new Image();
  const drawn = { data: traces, layout: { ...layout, ...size, template: template(style) } };
  chart.src = await window.Plotly.toImage(drawn, { format: "png", scale: SHARP, ...size });
  await chart.decode();
  const canvas = document.createElement("canvas");
  const title = { text: data.title || data.alt, size: 20, family: of("heading-font"), weight: 600, leading: 26, ink };
  const small = { size: 12, family, leading: 17, ink: grey };
  const measure = canvas.getContext("2d");
  const above = [{ ...small, text: words.page }, title, data.caption && { ...small, text: data.caption, size: 13, leading: 19 }];
  const below = [words.dated, words.levers, `${words.source} · ${location.href}`].map((text) => ({ ...small, text }));
  const [head, foot] = [above.filter(Boolean), below].map((all) => all.flatMap((one) => broken(measure, one, room)));
  const top = EDGE + height(head) + EDGE / 2;
  const end = top + size.height + EDGE / 2;
  Object.assign(canvas, { width: wide * SHARP, height: Math.ceil((end + height(foot) + EDGE) * SHARP) });
  const made = pen(canvas);
  made.fillStyle = of("background-color");
  made.fillRect(0, 0, canvas.width, canvas.height);
  made.drawImage(chart, EDGE, top, size.width, size.height);
  put(made, head, EDGE);
  put(made, foot, end);
  return canvas;
}

// Names a file in plain letters: the page, the chart, the date of its data.
function fileName({ data, key }, { page, date }) {
  const plain = `backstop ${page} ${data.title || key.replace("chart_", "")}`.normalize("NFKD").toLowerCase();
  const name = plain.replace(/[\u0300-\u036f]/g, "").replace(/[^a-z0-9]+/g, "-");
  return `${name.slice(0, NAME).replace(/-$/, "")}-${date}.png`;
}

async function save(drawing, words) {
  const canvas = await picture(drawing, words);
  const file = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const link = Object.assign(document.createElement("a"), {
    href: URL.createObjectURL(file),
    download: fileName(drawing, words),
  });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), LATE); // by then the browser has it
}

