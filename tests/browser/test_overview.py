"""The Overview on one screen, and what a hand does there."""

import re
from itertools import product

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.hand import answer, field, stands, thumb
from tests.browser.server import PHONE, settle, watch

pytestmark = pytest.mark.browser

SCREEN = {"width": 1280, "height": 720}
LINKS = {
    "base": "",
    "stressed": "g=-20",
    "hard": "g=-30&r=8",
    "all": "g=-50&r=12&u=30&f=closed&h=2033",
}
# Where each part stands, from top to bottom; in whole pixels.
PLACES = """() => {
  const roots = ['board', 'board_below', 'likely'].map(
    key => document.querySelector(`.st-key-${key} [data-testid="stBidiComponentIsolated"]`).shadowRoot);
  const kinds = 'section, .row, .figure, li, tbody tr, button.sources';
  const parts = roots.flatMap(root => [...root.querySelectorAll(kinds)]);
  const own = [...document.querySelectorAll('.st-key-answer h1, [class*="st-key-lever_"], .st-key-footer')];
  return [...own, ...parts].map(part => {
    const { x, y, width, height } = part.getBoundingClientRect();
    return [x, y, x + width, y + height];
  });
}"""
CUT = """() => {
  const hosts = document.querySelectorAll('[class*="st-key-board"] [data-testid="stBidiComponentIsolated"]');
  const texts = '.label, .note, .who, .why, .caption, th, td:not(.plot), .giver, .paid-of, h2';
  const isCut = ({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1;
  const all = [...hosts].flatMap(host => [...host.shadowRoot.querySelectorAll(texts)]);
  return all.filter(isCut).map(node => node.textContent);
}"""


@pytest.mark.parametrize(("lang", "scheme"), [("en", "light"), ("nl", "dark")])
@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
def test_the_answer_is_on_one_screen_and_none_of_it_is_cut(visit, link, lang, scheme):
    page = visit(f"lang={lang}&{link}", viewport=SCREEN, color_scheme=scheme)
    main = page.get_by_test_id("stMain")
    high, wide = (main.evaluate(f"node => node.{size}") for size in ("scrollHeight", "scrollWidth"))
    assert high <= SCREEN["height"]
    assert wide <= SCREEN["width"]
    assert all(bottom <= SCREEN["height"] for _x, _y, _right, bottom in page.evaluate(PLACES))
    assert page.evaluate(CUT) == []


@pytest.mark.parametrize("lang", ["en", "nl"])
def test_nothing_jumps_between_moves(visit, lang):
    page = visit(f"lang={lang}", viewport=SCREEN)
    before = page.evaluate(PLACES)
    for demand in ("10", "-20", "-50", "35", "60"):
        box = page.locator(".st-key-lever_g .value")
        box.fill(demand)
        box.press("Enter")
        page.wait_for_url(re.compile(rf"[?&]g={demand}(&|$)"))
        settle(page)
        after = page.evaluate(PLACES)
        assert len(after) == len(before)
        assert np.abs(np.subtract(after, before)).max() <= 2


def test_a_figure_opens_its_receipt_and_a_row_its_chart(visit):
    page = visit("g=0")
    page.get_by_role("button", name="First to fail: OpenAI: 2029\u00a0Q4").click()
    receipt = page.get_by_role("dialog")
    expect(receipt).to_contain_text("Who fails, and when")
    expect(receipt).to_contain_text("DSCR")
    page.keyboard.press("Escape")
    expect(receipt).not_to_be_visible()
    row = page.get_by_role("button", name=re.compile("^OpenAI, fails"))
    row.focus()
    page.keyboard.press("Enter")  # as a keyboard touches it
    chart = page.locator(".st-key-chart_cause")
    expect(chart).to_contain_text("OpenAI: cannot pay its compute bill")
    expect(chart.locator(".main-svg").first).to_be_visible()
    page.wait_for_url(re.compile("row=openai"))  # the bar is written after the chart
    expect(row).to_be_focused()
    row.click()
    expect(chart).to_have_count(0)
    page.wait_for_url(lambda url: "row=" not in url)


def test_how_likely_it_is_gets_finer_at_rest(visit):
    page = visit("g=19")
    settle(page)
    ran = page.evaluate("window.told.ended")
    ended = "ran => window.told.ended > ran"
    page.wait_for_function(ended, arg=ran, timeout=20_000)  # by itself
    settle(page)
    ran = page.evaluate("window.told.ended")
    page.wait_for_timeout(7000)
    assert page.evaluate("window.told.ended") == ran  # once is enough


# ---------------------------------------------------------------- touch


@pytest.fixture
def phone(chromium, address):
    """A phone whose panel of levers is open, and its fingers."""
    context = watch(chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True, locale="en-GB"))
    page = context.new_page()
    page.goto(f"{address}/?g=10&lang=en")
    settle(page)
    page.get_by_role("button", name="Levers", exact=True).click()
    page.get_by_role("dialog").get_by_role("slider").first.wait_for()
    settle(page)
    still = "() => document.getAnimations().every(({ playState }) => playState !== 'running')"
    page.wait_for_function(still)  # the drawer slides in
    line = context.new_cdp_session(page)

    def swipe(start, by, steps=12):
        (x, y), (dx, dy) = start, by
        line.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        for part in range(1, steps + 1):
            at = {"x": x + dx * part / steps, "y": y + dy * part / steps}
            line.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [at]})
        line.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        settle(page)

    yield page, swipe
    context.close()


LEVERS = {"g": "AI demand grows", "r": "Interest rate", "u": "Capacity in use"}


def values(page) -> list[str]:
    return [drawer(page, name).get_attribute("aria-valuenow") for name in LEVERS.values()]


def demand(page) -> float:
    return float(drawer(page, LEVERS["g"]).get_attribute("aria-valuenow"))


def drawer(page, name):
    return page.get_by_role("dialog").get_by_role("slider", name=name)


def test_a_finger_that_goes_up_scrolls_and_moves_no_lever(phone):
    page, swipe = phone
    before, url = values(page), page.url
    for word, across in product(LEVERS, (0.1, 0.5, 0.9)):
        track = page.get_by_role("dialog").locator(f".st-key-drawer_lever_{word} .track")
        track.scroll_into_view_if_needed()
        box = track.bounding_box()
        swipe((box["x"] + box["width"] * across, box["y"] + 25), (3, -180))
        assert values(page) == before, (word, across)
        assert page.url == url


def test_a_finger_that_goes_sideways_moves_a_lever_from_anywhere_on_it(phone):
    page, swipe = phone
    track = page.get_by_role("dialog").locator(".st-key-drawer_lever_g .track")
    box = track.bounding_box()
    swipe((box["x"] + box["width"] * 0.2, box["y"] + 28), (box["width"] * 0.2, 4))  # not from the thumb
    assert abs(demand(page) - 40) <= 2  # a fifth of 150 more
    grip = drawer(page, LEVERS["g"]).bounding_box()
    swipe((grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2), (-box["width"] * 0.4, 2))
    assert abs(demand(page) + 20) <= 3
    assert grip["width"] >= 44
    page.keyboard.press("Escape")
    expect(answer(page)).to_contain_text("shrinks by")


def test_a_tap_on_a_track_moves_nothing(phone):
    page, swipe = phone
    box = page.get_by_role("dialog").locator(".st-key-drawer_lever_r .track").bounding_box()
    before = page.url
    swipe((box["x"] + box["width"] * 0.8, box["y"] + 28), (0, 0))
    assert page.url == before


# ---------------------------------------------------------------- typed


TYPED = [
    ("Interest rate", "r", "0,5", "0.5"),
    ("Interest rate", "r", "6,5", "6.5"),
    ("AI demand grows", "g", "7,5", "7.5"),
    ("AI demand grows", "g", "1,2", "1.2"),
    ("AI demand grows", "g", "-6", "-6"),
    ("AI demand grows", "g", "−5", "-5"),
    ("Capacity in use", "u", "72,5", "72.5"),
    ("Interest rate", "r", "6,5 %", "6.5"),
]
REFUSED = [
    ("1.000", "can be 1 or 1000"),
    ("abc", "is not a number"),
    ("99999", "Possible is"),
    ("", "Nothing was typed"),
]
KEYS = [("ArrowRight", 19), ("ArrowDown", 18), ("PageUp", 28), ("PageDown", 18), ("End", 100), ("Home", -50)]


@pytest.mark.parametrize("locale", ["en-GB", "nl-NL"])
def test_what_is_typed_is_taken_or_refused_whatever_the_browser_speaks(visit, locale):
    page = visit("lang=en&g=18", locale=locale)
    for name, word, typed, right in TYPED:
        box = field(page, name)
        box.fill(typed)
        box.press("Enter")
        page.wait_for_url(re.compile(rf"[?&]{word}={re.escape(right)}(&|$)"))
        settle(page)
        assert stands(page, name) == float(right)
        expect(box).to_have_value(right.replace("-", "−"))  # also while typed in
    box, line = field(page), page.locator(".st-key-lever_g .line")
    for typed, why in REFUSED:
        box.fill(typed)
        box.press("Enter")
        expect(line).to_contain_text(why)
        expect(line).to_contain_text("−5")  # it stays
        expect(box).to_have_attribute("aria-invalid", "true")
    box.fill("12")
    box.press("Enter")
    expect(box).to_have_attribute("aria-invalid", "false")
    expect(line).not_to_contain_text("stays")


def test_keys_move_a_lever_as_they_do_any_slider(visit):
    page = visit("g=18")
    grip = thumb(page)
    grip.focus()
    for key, there in KEYS:
        page.keyboard.press(key)
        expect(grip).to_have_attribute("aria-valuenow", str(there))
        settle(page)
    assert grip.get_attribute("aria-valuetext") == "−50 % a year"
    assert "would" in page.locator(".st-key-lever_g .line").inner_text()
