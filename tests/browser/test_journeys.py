"""What a person does and sees, in a real headless Chromium."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from pages.kit.frame import PAGES
from tests.browser.server import PHONE, serve, settle

pytestmark = pytest.mark.browser


def headline(page) -> str:
    return page.locator("h1").inner_text()


def levers_in_address(page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def field(page, title):
    return page.get_by_role("spinbutton", name=title)


def test_the_keyboard_moves_demand_and_the_headline_follows(visit):
    page = visit()
    before = headline(page)
    thumb = page.get_by_role("slider", name="AI demand grows")
    thumb.focus()
    for _step in range(5):
        page.keyboard.press("PageDown")
    settle(page)
    expect(page.locator("h1")).not_to_have_text(before)
    moved = float(field(page, "AI demand grows").input_value())
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


def test_the_share_button_gives_the_address(visit):
    page = visit("g=0&gw=no")
    page.get_by_role("button", name="Share").click()
    link = page.locator(".stCode code").inner_text()
    assert link == page.url


def test_back_and_forward_travel_through_scenarios(visit):
    page = visit()
    page.get_by_role("button", name="Demand pauses").click()
    expect(page.locator("h1")).to_contain_text("If AI demand stops growing")
    page.get_by_role("button", name="Rates at 9 %").click()
    expect(page.locator("h1")).to_contain_text("interest at 9")
    settle(page)
    page.go_back()
    expect(page.locator("h1")).to_contain_text("If AI demand stops growing")
    settle(page)
    expect(field(page, "Interest rate")).to_have_value("3.75")
    page.go_forward()
    expect(page.locator("h1")).to_contain_text("interest at 9")


@pytest.mark.parametrize("entry", PAGES[:1] if len(PAGES) == 1 else PAGES[1:], ids=lambda entry: entry.name)
def test_a_deep_link_is_right_on_the_first_visit_after_a_server_start(chromium, entry):
    with serve() as fresh:
        page = chromium.new_page(locale="en-GB")
        page.goto(f"{fresh}/{entry.name}?g=0")
        settle(page)
        expect(page.locator("h1")).to_contain_text("If AI demand stops growing")
        expect(field(page, "AI demand grows")).to_have_value("0")
        page.close()


def test_undo_and_redo_with_the_mouse(visit):
    page = visit("g=20")
    page.get_by_role("button", name="Demand pauses").click()
    expect(page.locator("h1")).to_contain_text("stops growing")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("h1")).to_contain_text("20")
    settle(page)
    assert levers_in_address(page)["g"] == "20"


def test_dutch_on_a_phone_fits_and_the_levers_open(visit):
    page = visit("g=0", viewport=PHONE, locale="nl-NL")
    expect(page.locator("h1")).to_contain_text("Als de vraag naar AI niet meer groeit")
    wide = page.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollWidth")
    assert wide <= PHONE["width"]
    demand = field(page, "Vraag naar AI groeit")
    expect(demand).not_to_be_in_viewport()
    page.get_by_role("button", name="Knoppen").click()
    expect(demand).to_be_in_viewport()


def test_the_language_switch_keeps_the_scenario(visit):
    page = visit("g=0")
    page.get_by_role("radio", name="NL").click()
    expect(page.locator("h1")).to_contain_text("Als de vraag naar AI niet meer groeit")
    settle(page)
    assert {"g": "0", "lang": "nl"}.items() <= levers_in_address(page).items()
