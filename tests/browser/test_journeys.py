"""What a person does and sees, in a real headless Chromium."""

import math
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from core.scenario.receipt import make_receipt
from pages.kit.frame.frame import PAGES
from tests.browser.hand import SHOWN, answer, stands, story
from tests.browser.server import PHONE, Server, next_frame, rest, serve, settle, watch

pytestmark = pytest.mark.browser


def headline(page) -> str:
    return answer(page).inner_text()


def levers_in_address(page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def field(page, title):
    return page.get_by_role("textbox", name=title)


def test_the_keyboard_moves_demand_and_the_headline_follows(visit):
    page = visit()
    before = headline(page)
    thumb = page.get_by_role("slider", name="AI demand grows")
    thumb.focus()
    for _step in range(5):
        page.keyboard.press("PageDown")
    expect(answer(page)).not_to_have_text(before)
    rest(page)
    moved = stands(page)
    assert moved < 35
    assert float(levers_in_address(page)["g"]) == moved


def test_a_bent_link_is_told_and_its_valid_rest_is_kept(visit):
    page = visit("g=10&r=60&u=abc&%24%5Calpha%24%3Cimg+src%3Dx%3E**b**=1&f=closed")
    banner = page.locator(".st-key-link_banner")
    expect(banner).to_contain_text("60 lies outside")
    expect(banner).to_contain_text("'abc' is not a number")
    expect(banner).to_contain_text("**b**")  # a stranger's markdown, formulas and tags stay dead letters
    assert banner.locator("img, .katex, b").count() == 0
    expect(field(page, "AI demand grows")).to_have_value("10")
    expect(field(page, "Interest rate")).to_have_value("12")
    assert {"g": "10", "r": "12", "f": "closed"}.items() <= levers_in_address(page).items()


def test_a_link_between_two_steps_of_the_slider_is_kept_exactly(visit):
    page = visit("g=10.37")
    expect(field(page, "AI demand grows")).to_have_value("10.37")
    assert levers_in_address(page)["g"] == "10.37"


def test_a_deep_link_is_right_on_the_first_visit_after_a_server_start(chromium):
    """Each page alone, as that server runs it: test_frame.py; each page's link in a browser: test_axe.py."""
    with serve() as fresh:
        context = watch(chromium.new_context(locale="en-GB"))
        page = context.new_page()
        page.goto(f"{fresh}/{PAGES[1].name}?g=0")
        settle(page)
        expect(answer(page)).to_contain_text("If AI demand stops growing")
        expect(field(page, "AI demand grows")).to_have_value("0")
        context.close()


def test_undo_and_redo_with_the_mouse(visit):
    page = visit("g=20")
    story(page, "Demand pauses")
    expect(answer(page)).to_contain_text("stops growing")
    page.get_by_role("button", name="Undo").click()
    expect(answer(page)).to_contain_text("20")
    settle(page)
    assert levers_in_address(page)["g"] == "20"


def test_dutch_on_a_phone_fits_and_the_levers_open(visit):
    page = visit("g=0", viewport=PHONE, locale="nl-NL")
    expect(answer(page)).to_contain_text("Als de vraag naar AI niet meer groeit")
    wide = page.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollWidth")
    assert wide <= PHONE["width"]
    drawer = page.get_by_role("dialog")
    expect(drawer).not_to_be_visible()
    page.locator(".st-key-open_levers").get_by_role("button", name="Knoppen").click()
    demand = drawer.get_by_role("textbox", name="AI-vraag groeit")
    expect(demand).to_be_in_viewport()
    demand.fill("60")
    demand.press("Enter")
    expect(drawer.get_by_text("Als de vraag naar AI met 60").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).not_to_be_visible()
    expect(answer(page)).to_contain_text("Als de vraag naar AI met 60")
    page.wait_for_url(re.compile(r"[?&]g=60&"))


@pytest.mark.parametrize("wait", [0, 60, 120, 200])
def test_a_second_move_at_once_does_not_undo_the_first(visit, wait):
    page = visit("g=0")
    for lever, value in (("AI demand grows", "60"), ("Interest rate", "5")):
        field(page, lever).fill(value)
        # shorter than a run: the browser still shows the old preset and sliders
        field(page, lever).press("Enter", delay=wait)
    page.wait_for_url(re.compile(r"r=5&"))
    settle(page)
    expect(field(page, "AI demand grows")).to_have_value("60")
    expect(field(page, "Interest rate")).to_have_value("5")
    assert {"g": "60", "r": "5"}.items() <= levers_in_address(page).items()


def test_keys_in_quick_succession_all_count_and_the_lever_does_not_jump_back(visit):
    page = visit("g=18", path="funding_gap")
    thumb, where, jumps = page.get_by_role("slider", name="AI demand grows").first, 18, []
    for keys in (
        (("PageDown", 60), ("PageUp", 120), ("PageUp", 20), ("ArrowLeft", 120), ("PageUp", 60)),
        (("ArrowLeft", 250), ("PageDown", 180), ("ArrowRight", 150), ("ArrowLeft", 0)),
        (("ArrowRight", 200), ("PageDown", 180), ("PageDown", 60), ("PageUp", 180), ("PageDown", 240)),
    ):
        for key, pause in keys:
            jumps += [] if thumb.get_attribute("aria-valuenow") == str(where) else [where]
            where += {"PageDown": -10, "PageUp": 10, "ArrowLeft": -1, "ArrowRight": 1}[key]
            thumb.focus()
            page.keyboard.press(key, delay=pause)
        page.wait_for_url(re.compile(rf"g={where}&"))
        settle(page)
        expect(thumb).to_have_attribute("aria-valuenow", str(where))
        expect(field(page, "AI demand grows")).to_have_value(str(where))
        assert levers_in_address(page)["g"] == str(where)
    assert jumps == []


def test_the_levers_can_be_reached_after_the_sidebar_was_closed_by_hand(visit):
    page = visit("g=0")
    page.get_by_test_id("stSidebar").hover()
    page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    expect(field(page, "AI demand grows")).not_to_be_in_viewport()
    page.get_by_test_id("stExpandSidebarButton").click()
    demand = field(page, "AI demand grows")
    expect(demand).to_be_in_viewport()


def test_what_breaks_coreweave_is_found_from_the_strip(visit):
    page = visit("h=2033")
    names, demand, here = page.locator(".st-key-lever_g .names span"), field(page, "AI demand grows"), 35.0
    for _step in range(8):  # from one breaking point to the next, as somebody does who reads them
        told = [re.match(r"(.+) (−?[\d.]+)", one).groups() for one in names.all_inner_texts()]
        found = {who: float(at.replace("−", "-")) for who, at in told}
        place = max(place for place in found.values() if place < here)
        here = math.floor(place) - 1
        demand.fill(str(here))
        demand.press("Enter")
        page.wait_for_url(re.compile(rf"[?&]g={here}&"))
        settle(page)
        row = page.get_by_role("button", name=re.compile("^CoreWeave, fails 20"))
        if row.count():
            break
    else:
        pytest.fail("no breaking point led to CoreWeave")
    row.click()  # its chart
    expect(page.locator(".st-key-chart_cause")).to_contain_text("CoreWeave: ")
    expect(row).to_have_attribute("aria-expanded", "true")


def test_google_is_switched_off_and_the_loss_followed(visit):
    page = visit("g=0&h=2033")
    expect(answer(page)).to_contain_text("Google")
    page.get_by_text("More levers").click()
    page.get_by_text("Google honours its rent guarantees").click()
    expect(answer(page)).to_contain_text("Google walks away")
    settle(page)
    for name, path in (("Deals", "deals"), ("Chain reaction", "chain_reaction")):
        page.get_by_role("navigation").get_by_role("link", name=name).click()
        page.wait_for_url(f"**/{path}?**")
        settle(page)
        expect(answer(page)).to_contain_text("Google walks away")
        assert levers_in_address(page)["gw"] == "no"


SCROLLS = """() => { window.scrolls = [];
  const panel = document.querySelector('[data-testid="stSidebarContent"]');
  panel.addEventListener('scroll', () => window.scrolls.push(panel.scrollTop)); }"""


def test_the_panel_stays_where_it_is_scrolled_to_while_it_unfolds(visit):
    for _time in range(4):  # with an animated expander it jumped up in six of ten
        page = visit(path="stress")
        page.evaluate(SCROLLS)
        page.get_by_text("More levers").click()
        for _turn in range(14):
            page.mouse.wheel(0, 120)
            next_frame(page)
        settle(page)
        page.wait_for_function(
            "() => document.getAnimations().every(({ playState }) => playState !== 'running')"
        )
        scrolls = page.evaluate("window.scrolls")
        assert scrolls == sorted(scrolls)
        assert scrolls[-1] > 300


def test_a_shared_view_shows_the_same_figures_in_a_fresh_browser(visit, chromium):
    page = visit()
    story(page, "Google walks away")
    expect(answer(page)).to_contain_text("Google walks away")
    settle(page)
    page.get_by_role("button", name="Share", exact=True).click()
    link = page.get_by_label("The link").input_value()
    assert "&k=" in link
    assert len(link) < 2000
    fresh = watch(chromium.new_context(locale="en-GB"))
    other = fresh.new_page()
    other.goto(link)
    settle(other)
    assert headline(other) == headline(page)
    expect(other.get_by_text("The figures are those of when this link was shared.")).to_be_visible()
    assert other.evaluate(SHOWN) == page.evaluate(SHOWN)
    fresh.close()


def test_an_old_link_is_opened_and_its_receipt_read(visit):
    then = {"coreweave": "2027Q3", "net.infra_credit": 0.02, "m": "2026.10"}
    page = visit(f"m=2026.10&g=0&k={make_receipt(then)}")
    banner = page.locator(".st-key-receipt_banner")
    expect(banner).to_contain_text("CoreWeave: when shared, fails 2027")
    expect(banner).to_contain_text("The model is another one: 2026.13 instead of 2026.10.")
    demand = field(page, "AI demand grows")
    demand.fill("10")
    demand.press("Enter")
    expect(banner).not_to_be_visible()


def test_a_server_that_was_killed_and_started_again_shows_the_same_view(chromium):
    server = Server()
    context = watch(chromium.new_context(locale="en-GB"))
    page = context.new_page()
    try:
        page.goto(server.start())
        settle(page)
        story(page, "Google walks away")
        expect(answer(page)).to_contain_text("Google walks away")
        settle(page)
        before, link = headline(page), page.url
        server.stop(kill=True)
        server.start()
        page.reload()
        settle(page)
        assert headline(page) == before
        assert page.url == link
        assert {"gw": "no", "fl": "no"}.items() <= levers_in_address(page).items()
    finally:
        context.close()
        server.stop()


def test_the_language_switch_keeps_the_scenario(visit):
    page = visit("g=0")
    page.get_by_role("radio", name="NL").click()
    expect(answer(page)).to_contain_text("Als de vraag naar AI niet meer groeit")
    settle(page)
    assert {"g": "0", "lang": "nl"}.items() <= levers_in_address(page).items()
    for name, words in (
        ("EN", "If AI demand stops growing"),
        ("NL", "Als de vraag naar AI niet meer groeit"),
    ):
        page.get_by_role(
            "radio", name=name, exact=True
        ).click()  # the browser still sends the other language's label
        expect(answer(page)).to_contain_text(words)


def test_two_quick_clicks_on_a_story_take_it(visit):
    page = visit(path="chain_reaction")
    page.locator(".st-key-try_this").get_by_text("Demand pauses").dblclick()
    expect(answer(page)).to_contain_text("If AI demand stops growing")
    settle(page)
    assert levers_in_address(page)["g"] == "0"
