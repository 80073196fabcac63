"""The app in a hand: levers at the foot of the screen, the answer in sight, a menu out of the way."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from pages.kit.frame.frame import PAGES
from tests.browser.hand import answer
from tests.browser.server import next_frame, settle, watch

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
ARROWS = """() => [...document.querySelectorAll('.st-key-sheet [role="radio"]')]
  .filter(name => getComputedStyle(name, '::after').transform !== 'none').map(name => name.textContent)"""
SHIFTED = 0.1  # of the screen: what the field calls a good layout shift
SHIFTS = """() => {
  window.shifted = 0;
  new PerformanceObserver(list => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value;
  }).observe({ type: 'layout-shift', buffered: true });
}"""


@pytest.fixture
def phone(chromium, address):
    """Open a page on a phone, and give it with its finger: swipe(from, by)."""
    contexts = []

    def open_page(query, path="", locale="nl-NL", **more):
        context = watch(
            chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True, locale=locale, **more)
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{address}/{path}?{query}")
        expect(page.locator(".st-key-sheet")).to_be_visible(timeout=60_000)  # a server just started
        settle(page)
        line = context.new_cdp_session(page)

        def swipe(start, by, steps=10):
            (x, y), (dx, dy) = start, by
            touch = "Input.dispatchTouchEvent"
            line.send(touch, {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
            for part in range(1, steps + 1):
                at = {"x": x + dx * part / steps, "y": y + dy * part / steps}
                line.send(touch, {"type": "touchMove", "touchPoints": [at]})
                next_frame(page)
            line.send(touch, {"type": "touchEnd", "touchPoints": []})
            settle(page)

        return page, swipe

    yield open_page
    for context in contexts:
        context.close()


def height(page) -> int:
    return page.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollHeight")


def scroll_to(page, y) -> None:
    page.evaluate("y => document.querySelector('[data-testid=\"stMain\"]').scrollTo(0, y)", y)
    next_frame(page)


@pytest.mark.parametrize("query", ["lang=nl&g=34", "lang=nl&g=-15&u=60&r=7", "lang=en&g=0"])
def test_the_overview_is_two_screens_and_nothing_jumps(phone, query):
    page, swipe = phone(query)
    assert height(page) <= 2 * PHONE["height"]
    page.evaluate(SHIFTS)
    thumb = page.locator(".st-key-sheet").get_by_role("slider").bounding_box()
    assert min(thumb["width"], thumb["height"]) >= 44
    grip = (thumb["x"] + thumb["width"] / 2, thumb["y"] + thumb["height"] / 2)
    swipe(grip, (60 if grip[0] < PHONE["width"] / 2 else -60, 2))
    assert page.evaluate("window.shifted") < SHIFTED


def test_a_lever_is_moved_with_the_answer_in_sight(phone):
    page, swipe = phone("g=34&lang=nl")
    scroll_to(page, 500)
    before = answer(page).inner_text()
    thumb = page.locator(".st-key-sheet").get_by_role("slider", name="AI-vraag groeit").bounding_box()
    grip = (thumb["x"] + thumb["width"] / 2, thumb["y"] + thumb["height"] / 2)
    swipe(grip, (-110, 3))
    expect(answer(page)).not_to_have_text(before)
    expect(answer(page)).to_be_in_viewport(ratio=0.9)
    expect(answer(page)).to_contain_text("OpenAI")
    page.locator(".st-key-sheet").get_by_role("button", name="Terug").click()
    expect(answer(page)).to_have_text(before)
    page.locator(".st-key-sheet").get_by_role("radio", name="Rente").click()
    expect(page.locator(".st-key-sheet").get_by_role("slider", name="Rente")).to_be_visible()
    assert page.evaluate(ARROWS) == ["Rente"]  # an arrow under its name says that it folds
    page.locator(".st-key-sheet").get_by_role("radio", name="Rente").click()  # folds it
    expect(page.locator(".st-key-sheet").get_by_role("slider")).to_have_count(0)
    assert page.evaluate(ARROWS) == []


def test_every_page_is_reached_by_the_menu_and_covered_by_none(phone):
    page, _swipe = phone("g=0&lang=nl")
    menu = page.get_by_role("button", name=re.compile("Menu"))
    for entry in (*PAGES[1:], PAGES[0]):
        menu.click()
        link = page.locator(f"#backstop-pages a[href*='/{'' if entry is PAGES[0] else entry.name}?']").last
        expect(link).to_be_in_viewport()
        link.click()
        page.wait_for_url(f"**/{'' if entry is PAGES[0] else entry.name}?**")
        settle(page)
        expect(page.locator("#backstop-pages")).not_to_be_visible()
        main = page.get_by_test_id("stMain")
        assert main.evaluate("({scrollWidth, clientWidth}) => scrollWidth <= clientWidth"), entry.name
        if entry is not PAGES[0]:
            scroll_to(page, 600)
            sentence = page.locator(".st-key-happens p").last
            expect(sentence).to_be_in_viewport(ratio=0.9)
            box = sentence.bounding_box()
            on_top = page.evaluate(
                "([x, y]) => Boolean(document.elementFromPoint(x, y).closest('.st-key-happens'))",
                [box["x"] + 20, box["y"] + 12],
            )
            assert on_top, entry.name
            scroll_to(page, 0)
    assert urlsplit(page.url).path == "/"


def test_a_phone_that_is_turned_has_the_panel_and_back_the_sheet(phone):
    page, _swipe = phone("g=0&lang=en", locale="en-GB")
    page.set_viewport_size({"width": 844, "height": 390})
    expect(page.locator(".st-key-panel").get_by_role("slider", name="AI demand grows")).to_be_attached()
    expect(page.locator(".st-key-sheet")).to_have_count(0)
    page.set_viewport_size(PHONE)
    expect(page.locator(".st-key-sheet")).to_be_visible()


def test_a_browser_that_says_it_is_a_phone_has_the_sheet_in_its_first_run(phone):
    agent = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36"
    page, _swipe = phone("g=0&lang=nl", user_agent=agent)
    expect(page.get_by_test_id("stSidebar")).to_have_count(0)
