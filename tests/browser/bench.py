"""A thumb that is held, to all it moves painted: page by page, beside what a bare page takes after a release.

Run by `python -m tests.bench --browser`. The bare page has the same charts, from constants, and Streamlit's
own slider; both are measured in one run, in one Chromium. Of a drag every value that was sent counts, from
the moment the thumb came there to the last change of the page before the next value went out.
"""

from __future__ import annotations

import math
import random
import statistics
import tempfile
from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlencode

from pages.kit.frame.frame import PAGES, Entry
from tests import bare
from tests.browser.hand import track
from tests.browser.server import DESKTOP, browser, serve, settle, watch

AIM_HELD_MS, AIM_RATIO = 250.0, 0.7  # p95 on the Overview; median beside the bare page's, on any page
TURNS, DRAGS, SEED = 15, 14, 2026
DRAG_STEPS, STEP_MS, LINGER_MS = 20, 40, 1000  # as a hand does it
# Notes when something inside a chart of the page last changed, as the next frame is drawn.
WATCH = """() => {
  window.painted = {start: performance.now(), charts: 0};
  window.watcher?.disconnect();
  window.watcher = new MutationObserver(changes => requestAnimationFrame(() => {
    for (const change of changes) {
      const node = change.target.nodeType === 1 ? change.target : change.target.parentElement;
      if (node?.closest('[data-testid="stPlotlyChart"]')) window.painted.charts = performance.now();
    }
  }));
  window.watcher.observe(document.body, {subtree: true, childList: true, attributes: true});
}"""
QUIET = """() => {
  const last = Math.max(window.painted.charts, window.painted.start);
  const state = document.querySelector('[data-testid="stApp"]').dataset.testScriptState;
  return state !== 'running' && performance.now() - last > 700;
}"""
# Notes when the thumb came to each value, when a value was sent, and when a chart or the headline was drawn.
FOLLOW = """() => {
  const log = (window.log = {came: {}, sent: [], drawn: []});
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (what) {
    const told = /"n":\\d+,"value":(-?[\\d.]+),"drag":\\d/.exec(new TextDecoder().decode(what));
    if (told) log.sent.push([performance.now(), told[1]]);
    return send.call(this, what);
  };
  new MutationObserver(() => requestAnimationFrame(() => log.drawn.push(performance.now()))).observe(
    document.querySelector('[data-testid="stMain"]'), {subtree: true, childList: true, characterData: true});
  for (const board of document.querySelectorAll('[class*="st-key-board"] [data-testid*="Isolated"]'))
    new MutationObserver(() => requestAnimationFrame(() => log.drawn.push(performance.now()))).observe(
      board.shadowRoot, {subtree: true, childList: true, characterData: true});
  const room = document.querySelector('.st-key-lever_g [data-testid*="Isolated"]').shadowRoot;
  const note = ([{target}]) => (log.came[target.getAttribute('aria-valuenow')] = performance.now());
  new MutationObserver(note).observe(room.querySelector('.thumb'), {attributeFilter: ['aria-valuenow']});
}"""


def repaint(only: Collection[str] = ()) -> None:
    """Print, for every page or those named, the time to repaint, the bare page's, and the ratio."""
    pages = [(i, entry) for i, entry in enumerate(PAGES) if not only or entry.name in only]
    with tempfile.TemporaryDirectory() as folder:
        drawn = {entry.name: bare.figures(entry.name, _link(i), TURNS) for i, entry in pages}
        script = bare.write(Path(folder), drawn)
        print(f"\nseed {SEED}, {DRAGS} drags a page")
        print(f"{'page':<16}{'charts':>8}{'stops':>8}{'p50 ms':>8}{'p95 ms':>8}{'bare ms':>10}{'ratio':>8}")
        with serve() as ours, serve(str(script)) as theirs, browser() as chromium:
            for i, entry in pages:
                if not bare.has_charts(drawn[entry.name]):
                    print(f"{entry.name:<16}{0:>8}")
                    continue
                pair = [watch(chromium.new_context(viewport=DESKTOP)).new_page() for _side in range(2)]
                pair[0].goto(f"{ours}/{entry.name if i else ''}?{urlencode(_link(i))}")
                pair[1].goto(f"{theirs}/?page={entry.name}")
                _compare(entry, pair)
                for page in pair:
                    page.context.close()


def _link(i: int) -> dict[str, str]:
    """Return the scenario of a page: one of its own, as the server remembers what another page asked for."""
    row = {} if i else {"row": "coreweave"}  # the first page has a chart when a row is open
    return {"g": f"{bare.START}", "r": f"{3.5 + i / 100:g}", "lang": "en"} | row


def _compare(entry: Entry, pair: list) -> None:
    app, plain = pair
    for page in pair:
        settle(page)
    count = plain.locator('[data-testid="stPlotlyChart"]').count()
    released = [painted["charts"] - painted["start"] for painted in map(_press, [plain] * TURNS)]
    bare_ms = statistics.median(released[1:])  # the first turn warms up
    dice, held = random.Random(SEED), []
    app.evaluate(FOLLOW)
    for _drag_number in range(DRAGS):
        held += _drag(app, dice.randrange(-45, 95))
    held.sort()
    middle, late = statistics.median(held), held[int(0.95 * len(held))]
    missed = middle / bare_ms > AIM_RATIO or (entry is PAGES[0] and late > AIM_HELD_MS)
    print(
        f"{entry.name:<16}{count:>8}{len(held):>8}{middle:>8.0f}{late:>8.0f}{bare_ms:>10.0f}"
        f"{middle / bare_ms:>8.2f}{'  missed' if missed else ''}",
        flush=True,
    )


def _press(page) -> dict:
    page.get_by_role("slider", name=bare.DEMAND).first.focus()
    page.evaluate(WATCH)
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(QUIET, timeout=20_000)
    return page.evaluate("window.painted")


def _drag(page, target: float) -> list[float]:
    """Drag demand to a value; by value sent the ms from the thumb there to the last that was drawn for it."""
    begin, end, y = track(page, "g", target)
    page.evaluate("Object.assign(window.log, {came: {}, sent: [], drawn: []})")
    page.mouse.move(begin, y)
    page.mouse.down()
    for part in range(1, DRAG_STEPS + 1):
        page.mouse.move(begin + (end - begin) * part / DRAG_STEPS, y)
        page.wait_for_timeout(STEP_MS)
    page.wait_for_timeout(LINGER_MS)
    page.mouse.up()
    log = page.evaluate("window.log")
    settle(page)
    ends = [at for at, _value in log["sent"][1:]] + [math.inf]
    found = []
    for (sent, value), until in zip(log["sent"], ends, strict=True):
        drawn = [at for at in log["drawn"] if sent < at < until]
        if drawn and value in log["came"]:
            found.append(max(drawn) - log["came"][value])
    return found
