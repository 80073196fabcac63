"""A Monte Carlo run of one visit does not freeze another: figures follow the levers while it is under way."""

import statistics

import pytest
from playwright.sync_api import expect

from tests.browser.hand import ANSWER
from tests.browser.server import DESKTOP, serve, settle, watch

pytestmark = pytest.mark.browser

DRAWS = 10_000
QUIET = (20.5, 21.5, 22.5, 23.5, 24.5, 25.5)  # demand before the run; nobody has asked for these before
BUSY = tuple(10.5 + k / 4 for k in range(32))  # during it: some, and on until several were made
SOME, RUNS = 8, 2  # the second begins when the first has ended
SLACK = 6.0  # a frozen page would wait for the rest of the run: ten moves and more
# From Enter to a page that has drawn the new figures, on the clock of the browser.
WATCH = """() => {
  const state = () => document.querySelector('[data-testid="stApp"]').dataset.testScriptState;
  const headline = () => document.querySelector('ANSWER').innerText;
  const before = headline(), start = performance.now();
  window.took = 0;
  const look = () => {
    if (state() !== 'running' && headline() !== before) window.took = performance.now() - start;
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}""".replace("ANSWER", ANSWER)


# Presses "Run" whenever no run is under way, so that one nearly always is.
AGAIN = """() => {
  const run = [...document.querySelectorAll('button')].find(one => one.innerText.trim() === 'Run');
  window.runs = 0;
  let busy = false;
  const look = () => {
    const bar = document.querySelector('[data-testid="stProgress"]');
    if (busy && bar) busy = 'seen';
    if (!busy || (busy === 'seen' && !bar)) { busy = true; window.runs += 1; run.click(); }
    if (!window.enough) requestAnimationFrame(look);
  };
  look();
}"""


def move(page, demand) -> float:
    """Move demand, wait until the figures stand there, and give the milliseconds that took."""
    field = page.get_by_role("textbox", name="AI demand grows")
    field.fill(str(demand))
    page.evaluate(WATCH)
    field.press("Enter")
    page.wait_for_function("() => window.took", timeout=60_000)
    return page.evaluate("window.took")


def figures(page) -> str:
    """Read what is seen of the page; what is read aloud may come a moment later."""
    return page.get_by_test_id("stMain").evaluate(
        """main => {
          const seen = main.cloneNode(true);
          seen.querySelectorAll('.backstop-said').forEach(one => one.remove());
          return seen.textContent;
        }"""
    )


def test_levers_of_one_visit_move_while_another_draws_ten_thousand(chromium):
    with serve() as address:
        drawing, moving = (
            watch(chromium.new_context(viewport=DESKTOP, locale="en-GB")) for _visit in range(2)
        )
        stress, overview = drawing.new_page(), moving.new_page()
        stress.goto(f"{address}/stress?tab=chance&draws={DRAWS}&seed=7")
        overview.goto(f"{address}/?g=35")
        settle(stress)
        settle(overview)
        move(overview, 30)  # the first move warms up
        before = [move(overview, demand) for demand in QUIET]

        stress.evaluate(AGAIN)
        expect(stress.get_by_test_id("stProgress").or_(stress.get_by_text("In 10,000"))).to_be_visible()
        during, shown = [], {}
        for demand in BUSY:
            during.append(move(overview, demand))
            shown[demand] = figures(overview)
            if len(during) >= SOME and stress.evaluate("window.runs") >= RUNS:
                break
        runs = stress.evaluate("() => { window.enough = true; return window.runs; }")
        expect(stress.get_by_test_id("stMain")).to_contain_text("In 10,000 draws", timeout=60_000)
        expect(stress.get_by_test_id("stProgress")).to_have_count(0)

        told = f"before {before}, during {during}, while {runs} runs were made"
        assert runs >= RUNS, told
        assert max(during) <= SLACK * statistics.median(before), told
        # what stood there during the run is what stands there without one: figures of its own for each move
        assert len(set(shown.values())) == len(shown)
        for demand, text in list(shown.items())[-SOME:]:
            move(overview, demand)
            settle(overview)
            assert figures(overview) == text
        drawing.close()
        moving.close()
