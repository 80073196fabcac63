"""A Monte Carlo run of one visit does not freeze another: figures follow the levers while it is under way."""

import re
import statistics

import pytest
from playwright.sync_api import expect

from tests.browser.server import DESKTOP, serve, settle, watch

pytestmark = pytest.mark.browser

DRAWS = 10_000
QUIET = (20.5, 21.5, 22.5, 23.5, 24.5, 25.5)  # demand before the run; nobody has asked for these before
BUSY = (10.5, 11.5, 12.5, 13.5, 14.5, 15.5, 16.5, 17.5)  # and during it
FEWEST = 3  # moves that must be through while a run is under way
SLACK = 6.0  # a frozen page would wait for the rest of the run: ten moves and more
# From Enter to a page that has drawn the new figures, on the clock of the browser.
WATCH = """() => {
  const state = () => document.querySelector('[data-testid="stApp"]').dataset.testScriptState;
  const headline = () => document.querySelector('h1').innerText;
  const before = headline(), start = performance.now();
  window.took = 0;
  const look = () => {
    if (state() !== 'running' && headline() !== before) window.took = performance.now() - start;
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


def move(page, demand) -> float:
    """Move demand, wait until the figures stand there, and give the milliseconds that took."""
    field = page.get_by_role("spinbutton", name="AI demand grows")
    field.fill(str(demand))
    page.evaluate(WATCH)
    field.press("Enter")
    page.wait_for_function("() => window.took", timeout=60_000)
    return page.evaluate("window.took")


def figures(page) -> str:
    return page.get_by_test_id("stMain").inner_text()


def drawn(page) -> int | None:
    """How many draws the other visit's page shows as done; None when no run is under way there."""
    bar = page.get_by_test_id("stProgress")
    found = re.match(r"([\d,]+) of 10,000 draws", bar.first.inner_text()) if bar.count() else None
    return int(found[1].replace(",", "")) if found else None


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

        during, shown = [], {}
        demands = iter(BUSY)
        while len(shown) < FEWEST:  # on a quick machine a run may end before that: then the next one
            stress.get_by_role("button", name="Run", exact=True).click()
            expect(stress.get_by_test_id("stProgress")).to_be_visible(timeout=10_000)
            for demand in demands:
                during.append(move(overview, demand))
                if drawn(stress) in (None, DRAWS):
                    break
                shown[demand] = figures(overview)
            expect(stress.get_by_test_id("stProgress")).not_to_be_visible(timeout=60_000)
            expect(stress.get_by_test_id("stMain")).to_contain_text("In 10,000 draws")
            if len(during) == len(BUSY):
                break

        told = f"before {before}, during {during}, of which {len(shown)} while the run was under way"
        assert len(shown) >= FEWEST, told
        assert max(during) <= SLACK * statistics.median(before), told
        # what stood there during the run is what stands there without one: figures of its own for each move
        assert len(set(shown.values())) == len(shown)
        for demand, text in shown.items():
            move(overview, demand)
            settle(overview)
            assert figures(overview) == text
        drawing.close()
        moving.close()
