"""Charts follow a lever while it is dragged, and never stay wrong."""

import pytest

from tests.browser.hand import ANSWER, SHOWN, answer, drawn, field, newcomer, stands, thumb, track
from tests.browser.server import ROOT, next_frame, rest, settle

pytestmark = pytest.mark.browser

SAME = f"before => JSON.stringify(({SHOWN})()) === JSON.stringify(before)"
FRAME = 17  # ms: the sentence is looked at once a frame
ROW = "row=coreweave"  # the first page has a chart when a row is open
PAGES = ["", "neoclouds", "chain_reaction", "deals", "funding_gap"]


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


def served(page, path):
    """What the server draws for whoever opens the address of the page anew, as the browser writes it."""
    return drawn(newcomer(page, path))


def as_for_a_newcomer(page, visit, path):
    """What somebody sees who opens the address of the page anew."""
    return visit(page.url.partition("?")[2], path=path).evaluate(SHOWN)


FOLLOWED = f"""at => {{
  const shown = ({SHOWN})();
  const asked = new URLSearchParams(location.search).get('g');
  return Number(asked) === at && shown.some(one => one[0] === 'g' && Number(one[2]) === at);
}}"""


def test_all_that_is_on_the_page_follows_a_thumb_that_is_held(visit):
    page = visit("g=35")
    before, said = page.evaluate(SHOWN), answer(page).inner_text()
    hold(page, -20)
    there = stands(page)
    assert abs(there + 20) <= 1
    page.wait_for_function(FOLLOWED, arg=there)
    settle(page)
    held, told = page.evaluate(SHOWN), answer(page).inner_text()
    assert [one for one in held if one in before] == []  # charts, strips, sentences
    assert told != said
    page.mouse.up()
    rest(page)
    assert page.evaluate(SHOWN) == held == as_for_a_newcomer(page, visit, "")
    page.bring_to_front()  # a tab behind another draws nothing
    page.get_by_role("button", name="Undo").first.click()
    page.wait_for_function(FOLLOWED, arg=35)
    settle(page)
    assert page.evaluate(SHOWN) == before


@pytest.mark.parametrize("path", PAGES[:3])
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
    typed = field(page)
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


@pytest.mark.parametrize("path", PAGES)
def test_a_first_move_from_todays_data_draws_no_chart_anew(visit, path):
    page = visit(ROW if not path else "", path=path)
    marked = page.evaluate("""() => {
      const charts = [...document.querySelectorAll('.backstop-chart')];
      return charts.map(chart => (chart.marked = true)).length;
    }""")
    typed = field(page)
    typed.fill("-20")
    typed.press("Enter")
    page.wait_for_function("() => location.search.includes('g=-20')")
    settle(page)
    kept = "() => [...document.querySelectorAll('.backstop-chart')].filter(chart => chart.marked).length"
    assert page.evaluate(kept) == marked > 0


TIMES = """() => {
  window.times = { headline: null, charts: [] };
  const says = () => document.querySelector('ANSWER').innerText, said = says();
  const look = () => {
    if (says() !== said) window.times.headline ??= performance.now();
    if (window.times.headline === null) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  for (const chart of document.querySelectorAll('.backstop-chart'))
    chart.on('plotly_afterplot', () => window.times.charts.push(performance.now()));
}""".replace("ANSWER", ANSWER)


@pytest.mark.parametrize("path", ["", "neoclouds", "deals"])
def test_the_headline_stands_before_the_charts_are_drawn(visit, path):
    page = visit(f"g=12&{ROW}" if not path else "g=12", path=path)
    page.evaluate(TIMES)
    typed = field(page)
    typed.fill("-21")
    typed.press("Enter")
    page.wait_for_function("() => location.search.includes('g=-21')")
    settle(page)
    times = page.evaluate("window.times")
    assert times["charts"]
    assert times["headline"] <= min(times["charts"]) + FRAME
