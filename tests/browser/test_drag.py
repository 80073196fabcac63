"""Charts follow a lever while it is dragged, and never stay wrong."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.hand import SHOWN, drawn, newcomer, thumb, track
from tests.browser.server import ROOT, next_frame, rest, settle

pytestmark = pytest.mark.browser

SAME = f"before => JSON.stringify(({SHOWN})()) === JSON.stringify(before)"
PAGES = ["", "neoclouds", "chain_reaction", "deals", "funding_gap"]
AHEAD = int(
    re.search(r"const HOLD = (\d+);", (ROOT / "pages" / "kit" / "drawing" / "plot.js").read_text("utf-8"))[1]
)  # ms


def press(page, key, name="AI demand grows", delay=0):
    """Press a key on a lever, and hold it for some ms; it acts when it goes down."""
    thumb(page, name).focus()
    page.keyboard.press(key, delay=delay)


def hold(page, value):
    """Take the thumb of demand to a value, step by step, and do not let go."""
    begin, end, y = track(page, "g", value)
    page.mouse.move(begin, y)
    page.mouse.down()
    for part in range(1, 6):
        page.mouse.move(begin + (end - begin) * part / 5, y)
        next_frame(page)


def outlast(page, ms):
    """Wait until the clock of the page has gone on by so much: what ends by itself in that time has ended."""
    page.wait_for_function("until => performance.now() > until", arg=page.evaluate("performance.now()") + ms)


def served(page, path):
    """What the server draws for whoever opens the address of the page anew, as the browser writes it."""
    return drawn(page, newcomer(page, path))


def as_for_a_newcomer(page, visit, path):
    """What somebody sees who opens the address of the page anew."""
    return visit(page.url.partition("?")[2], path=path).evaluate(SHOWN)


def test_charts_follow_a_lever_that_is_dragged_and_not_released(visit):
    page = visit("g=35")
    before = page.evaluate(SHOWN)[:3]
    hold(page, -20)
    page.wait_for_function(
        f"before => JSON.stringify(({SHOWN})().slice(0, 3)) !== JSON.stringify(before)", arg=before
    )
    outlast(page, AHEAD + 100)  # longer than a lever may be ahead when nobody holds it
    held = page.evaluate(SHOWN)[:3]
    assert held != before
    assert "g=35" in page.url
    page.mouse.up()
    page.wait_for_function("() => !location.search.includes('g=35')")
    rest(page)
    assert re.search(r"g=-(19|20|21)\b", page.url)
    assert page.evaluate(SHOWN)[:3] == held == as_for_a_newcomer(page, visit, "")[:3]


@pytest.mark.parametrize("path", PAGES)
def test_after_quick_moves_undo_and_a_typed_value_the_page_is_what_a_newcomer_sees(visit, monkeypatch, path):
    monkeypatch.chdir(ROOT)  # as Streamlit reads its settings from there
    page = visit("g=18", path=path)
    for key in ("ArrowLeft", "ArrowLeft", "PageDown", "ArrowRight", "ArrowLeft"):
        press(page, key, delay=150)
    rest(page)
    assert page.evaluate(SHOWN) == served(page, path)
    press(page, "ArrowRight", "Interest rate", delay=100)
    press(page, "ArrowRight")
    rest(page)
    assert page.evaluate(SHOWN) == served(page, path)
    stood = page.url
    page.get_by_role("button", name="Undo").first.click()
    page.wait_for_url(lambda now: now != stood)
    rest(page)
    assert page.evaluate(SHOWN) == served(page, path)
    typed = page.get_by_role("spinbutton", name="AI demand grows")
    typed.fill("3.5")
    typed.press("Enter")
    page.wait_for_function("() => location.search.includes('g=3.5')")
    settle(page)
    assert page.evaluate(SHOWN) == served(page, path) == as_for_a_newcomer(page, visit, path)


def test_a_lever_between_its_stops_shows_what_it_stands_on(visit):
    page = visit("g=20.37")
    press(page, "ArrowRight", "Capacity in use")
    page.wait_for_function("() => location.search.includes('u=89')")
    settle(page)
    assert "g=20.37" in page.url
    assert page.evaluate(SHOWN) == as_for_a_newcomer(page, visit, "")


def test_what_answers_a_drag_takes_no_room(visit):
    page = visit("g=35")
    for _key in range(6):
        press(page, "ArrowLeft", delay=200)
    rest(page)
    expect(page.locator(".st-key-drag")).to_have_count(1)
    footer = page.locator(".st-key-footer").bounding_box()
    sent = page.locator(".st-key-drag").bounding_box()
    assert sent["height"] < 2
    assert sent["y"] - footer["y"] - footer["height"] < 20


@pytest.mark.parametrize("path", PAGES)
def test_a_first_move_from_todays_data_draws_no_chart_anew(visit, path):
    page = visit(path=path)
    marked = page.evaluate("""() => {
      const charts = [...document.querySelectorAll('.backstop-chart')];
      return charts.map(chart => (chart.marked = true)).length;
    }""")
    typed = page.get_by_role("spinbutton", name="AI demand grows")
    typed.fill("-20")
    typed.press("Enter")
    page.wait_for_function("() => location.search.includes('g=-20')")
    settle(page)
    kept = "() => [...document.querySelectorAll('.backstop-chart')].filter(chart => chart.marked).length"
    assert page.evaluate(kept) == marked > 0


TIMES = """() => {
  window.times = { headline: null, charts: [] };
  const said = document.querySelector('h1').innerText;
  const look = () => {
    if (document.querySelector('h1').innerText !== said) window.times.headline ??= performance.now();
    if (window.times.headline === null) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  for (const chart of document.querySelectorAll('.backstop-chart'))
    chart.on('plotly_afterplot', () => window.times.charts.push(performance.now()));
}"""


@pytest.mark.parametrize("path", ["", "neoclouds", "deals"])
def test_the_headline_stands_before_the_charts_are_drawn(visit, path):
    page = visit("g=12", path=path)
    page.evaluate(TIMES)
    typed = page.get_by_role("spinbutton", name="AI demand grows")
    typed.fill("-21")
    typed.press("Enter")
    page.wait_for_function("() => location.search.includes('g=-21')")
    settle(page)
    times = page.evaluate("window.times")
    assert times["charts"]
    assert times["headline"] <= min(times["charts"])
