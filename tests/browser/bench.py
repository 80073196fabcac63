"""Lever released to charts repainted, page by page, against a bare page with the same charts from constants.

Run by `python -m tests.bench --browser`. Both pages are measured in one run, turn by turn, in one Chromium: a
key on the slider, then the moment of the last change inside a chart. The failure strips are timed apart.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlencode

from pages.kit.frame.frame import PAGES, Entry
from tests import bare
from tests.browser.server import DESKTOP, browser, serve, settle, watch

AIM, AIM_STRIPS_MS = 1.15, 150.0
TURNS = 15
DRAGS = (48.0, 2.0, 57.0, -9.0, 66.0)  # where demand is dragged to, never known before
DRAG_STEPS, DRAG_MS, LINGER_MS = 10, 600, 300  # as a hand does it
AIM_MS = 500  # from the hand, or the Tab key, on another lever to its first move
# Notes when something inside a chart, or a strip in the sidebar, last changed, as the next frame is drawn.
WATCH = """() => {
  const chart = '.backstop-chart, [data-testid="stPlotlyChart"]';
  const strip = '.backstop-strip';
  window.painted = {start: performance.now(), charts: 0, strips: 0};
  window.watcher?.disconnect();
  window.watcher = new MutationObserver(changes => requestAnimationFrame(() => {
    for (const change of changes) {
      const node = change.target.nodeType === 1 ? change.target : change.target.parentElement;
      if (node?.closest(chart)) window.painted.charts = performance.now();
      if (node?.closest(strip)) window.painted.strips = performance.now();
    }
  }));
  window.watcher.observe(document.body, {subtree: true, childList: true, attributes: true});
}"""
QUIET = """() => {
  const last = Math.max(window.painted.charts, window.painted.strips, window.painted.start);
  const state = document.querySelector('[data-testid="stApp"]').dataset.testScriptState;
  return state !== 'running' && performance.now() - last > 700;
}"""


def repaint(only: Collection[str] = ()) -> None:
    """Print, for every page or those named, the time to repaint, the bare page's, and the ratio."""
    pages = [(i, entry) for i, entry in enumerate(PAGES) if not only or entry.name in only]
    with tempfile.TemporaryDirectory() as folder:
        drawn = {entry.name: bare.figures(entry.name, _link(i), TURNS) for i, entry in pages}
        script = bare.write(Path(folder), drawn)
        print(
            f"\n{'page':<16}{'charts':>8}{'ms':>8}{'bare ms':>10}{'ratio':>8}{'strips ms':>12}{'limit':>8}"
            f"{'other lever ms':>18}{'ratio':>8}{'dragged ms':>14}"
        )
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
    return {"g": f"{bare.START}", "r": f"{3.5 + i / 100:g}", "lang": "en"}


def _compare(entry: Entry, pair: list) -> None:
    app, plain = pair
    for page in pair:
        settle(page)
    count = plain.locator('[data-testid="stPlotlyChart"]').count()
    times: dict[str, list[float]] = {name: [] for name in ("app", "bare", "strips", "other", "back")}
    for _turn in range(TURNS):
        _note(times, "app", "strips", _press(app))
        _note(times, "bare", None, _press(plain))
    for turn in range(TURNS):  # never twice the same lever: where it goes is known only if there was time
        _note(times, "other", None, _press(app, ("Interest rate", bare.DEMAND)[turn % 2], aim_ms=AIM_MS))
        _note(times, "back", None, _press(plain, key="ArrowRight"))
    # the first turn warms both up
    found = {name: statistics.median(side[1:]) if side[1:] else 0.0 for name, side in times.items()}
    dragged = statistics.median(_drag(app, target) for target in DRAGS)
    limit = AIM * found["bare"] + AIM_STRIPS_MS
    ratio, other = found["app"] / found["bare"], found["other"] / found["back"]
    missed = ratio > AIM or found["strips"] > limit
    print(
        f"{entry.name:<16}{count:>8}{found['app']:>8.0f}{found['bare']:>10.0f}{ratio:>8.2f}"
        f"{found['strips']:>12.0f}{limit:>8.0f}{found['other']:>18.0f}{other:>8.2f}"
        f"{dragged:>14.0f}{'  missed' if missed else ''}"
    )


def _note(times: dict[str, list[float]], charts: str, strips: str | None, painted: dict) -> None:
    """Keep how long it took until charts and strips stood; a move that changes none does not count."""
    for name, kind in ((charts, "charts"), (strips, "strips")):
        if name and painted[kind]:
            times[name].append(painted[kind] - painted["start"])


def _press(page, lever: str = bare.DEMAND, key: str = "ArrowLeft", aim_ms: float = 0.0) -> dict:
    page.get_by_role("slider", name=lever).first.focus()
    page.wait_for_timeout(aim_ms)
    page.evaluate(WATCH)
    page.keyboard.press(key)
    page.wait_for_function(QUIET, timeout=20_000)
    return page.evaluate("window.painted")


def _drag(page, target: float) -> float:
    """Drag demand to a value, linger, and release; the ms from there to the last change in a chart, or 0."""
    slider = page.locator(".st-key-slider_g")
    track = slider.locator("[data-orientation]").nth(1).bounding_box()
    y = track["y"] + track["height"] / 2
    now = float(slider.locator("input").input_value())
    page.mouse.move(_along(track, now), y)
    page.mouse.down()
    for part in range(1, DRAG_STEPS + 1):
        page.mouse.move(_along(track, now + (target - now) * part / DRAG_STEPS), y)
        page.wait_for_timeout(DRAG_MS / DRAG_STEPS)
    page.wait_for_timeout(LINGER_MS)
    page.evaluate(WATCH)
    page.mouse.up()
    page.wait_for_timeout(3000)
    painted = page.evaluate("window.painted")
    return max(0.0, painted["charts"] - painted["start"])


def _along(track: dict, demand: float) -> float:
    return track["x"] + track["width"] * (demand + 50) / 150
