// Draws the charts of a report with Plotly, which lies packed in the file; a browser that cannot unpack it says so.
(async () => {
  const figures = [...document.querySelectorAll("figure")];
  try {
    const packed = Uint8Array.from(atob(document.getElementById("plotly").textContent), (sign) => sign.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const code = await new Response(stream).text();
    document.head.append(Object.assign(document.createElement("script"), { textContent: code }));
    for (const figure of figures) {
      const { data, layout } = JSON.parse(figure.querySelector("script").textContent);
      await Plotly.newPlot(figure.querySelector("div"), data, layout, { displayModeBar: false, responsive: true });
    }
  } catch (error) {
    console.error(error);
    for (const figure of figures) figure.append(figure.querySelector("noscript").textContent);
  }
})();
