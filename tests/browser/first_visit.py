"""A first visit on a slow line: when the headline stands, when the first chart, and how much the page jumps.

Run by `python -m tests.bench --visit`: Chromium emulates a line of 9 Mbit/s and 80 ms, with an empty cache.
"""

from __future__ import annotations

from statistics import median

from tests.browser.server import PHONE, browser, serve, wait_for_model

MBIT, LATENCY_MS = 9, 80
TURNS = 3
HEADLINE_S, CHART_S, SHIFT = 3.0, 5.0, 0.1
QUERIES = ("/?g=0&lang=nl", "/neoclouds?g=0&lang=nl")
# Notes when the headline and the first chart come, in ms since the visit began, and what jumped meanwhile.
WATCH = """() => {
  const seen = (window.seen = { headline: 0, chart: 0, shift: 0 });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) seen.shift += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
  const look = () => {
    if (!seen.headline && document.querySelector('h1')) seen.headline = performance.now();
    const board = document.querySelector('.st-key-board [data-testid*="Isolated"]')?.shadowRoot;
    const chart = document.querySelector('.backstop-chart svg .trace, .backstop-chart svg .point');
    if (!seen.chart && (board?.querySelector('.row') || chart))
      seen.chart = performance.now();
    if (!seen.chart) requestAnimationFrame(look);
  };
  look();
}"""


def first_visits() -> None:
    """Print the medians of a few first visits to a warm server."""
    line = f"first visit, {MBIT} Mbit/s {LATENCY_MS} ms"
    print(f"\n{line:<42}{'headline s':>12}{'chart s':>10}{'shift':>8}{'MB':>7}")
    with serve() as address, browser() as chromium:
        wait_for_model(f"{address}/card.png")
        for query in QUERIES:
            _visit(chromium, address + query)  # the server packs its files once
            found = [_visit(chromium, address + query) for _turn in range(TURNS)]
            headline, chart, shift, size = (median(one[name] for one in found) for name in found[0])
            missed = headline > HEADLINE_S or chart > CHART_S or shift >= SHIFT
            aim = f"   aim {HEADLINE_S:g} s, {CHART_S:g} s, {SHIFT:g}{': missed' if missed else ''}"
            print(f"{query:<42}{headline:>12.2f}{chart:>10.2f}{shift:>8.3f}{size:>7.2f}{aim}")


def _visit(chromium, address: str) -> dict[str, float]:
    context = chromium.new_context(viewport=PHONE, locale="nl-NL")
    context.add_init_script(f"({WATCH})()")
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    speed = MBIT * 1e6 / 8
    limits = {"latency": LATENCY_MS, "downloadThroughput": speed, "uploadThroughput": speed}
    line.send("Network.emulateNetworkConditions", {"offline": False, **limits})
    sizes: list[float] = []
    line.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(address, wait_until="commit")
    page.wait_for_function("() => window.seen.chart", timeout=60_000)
    page.wait_for_timeout(1000)
    seen = page.evaluate("window.seen")
    context.close()
    return {
        "headline": seen["headline"] / 1e3,
        "chart": seen["chart"] / 1e3,
        "shift": seen["shift"],
        "size": sum(sizes) / 1e6,
    }
