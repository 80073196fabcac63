"""A talk in a real browser: by keyboard alone, each key, a deck of one's own from three pages, paper."""

import re

import pytest
from playwright.sync_api import expect

from core.scenario import decks
from core.sources import story
from tests.browser.server import DESKTOP, PHONE, settle
from tests.pages.test_present import MARKUP, own, step

pytestmark = pytest.mark.browser

STORY = story.deck("nl")
COUNT = len(STORY.steps)
ROOM = {"width": 1280, "height": 720}


def stands(page, number: int) -> None:
    """The step on the screen is this one."""
    expect(page.locator(".backstop-present .count")).to_have_text(re.compile(rf"^{number} "))


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_the_whole_story_is_told_in_dutch_by_keyboard_alone(visit):
    page = visit("lang=nl", path="present", viewport=ROOM, locale="nl-NL")
    page.locator(".st-key-present_begin button").focus()
    press(page, "Enter")
    page.locator(".st-key-present_step").wait_for()
    settle(page)
    seen = []
    for number, one in enumerate(STORY.steps, start=1):
        stands(page, number)
        expect(page.locator(".st-key-present_say")).to_have_text(one.say)
        settle(page)
        seen.append(page.locator("h1").inner_text())
        assert page.locator(".backstop-chart svg").first.is_visible()
        assert page.locator(".st-key-panel").count() == 0
        size = page.locator("h1").evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
        assert size >= 32
        box = page.locator(".backstop-chart").bounding_box()
        assert box["y"] + box["height"] <= ROOM["height"] - 50
        assert box["width"] > 1100
        press(page, "ArrowRight")
    stands(page, COUNT)
    assert len(set(seen)) == COUNT
    assert not any("{" in text or " USD " in text for text in seen)
    press(page, "Escape")
    page.wait_for_url(lambda url: "/present" not in url)
    settle(page)
    assert "g=-30" in page.url
    expect(page.locator(".backstop-history, .st-key-panel").first).to_be_visible()


def test_every_key_does_what_presenters_expect(visit):
    page = visit("deck=story&step=1", path="present", viewport=ROOM)
    stands(page, 1)
    for key, number in (
        *(("ArrowRight", 2), ("Space", 3), ("n", 4), ("PageDown", 5)),
        *(("ArrowLeft", 4), ("p", 3), ("Shift+Space", 2), ("PageUp", 1)),
        *(("ArrowLeft", 1), ("End", COUNT), ("ArrowRight", COUNT), ("Home", 1)),
    ):
        press(page, key)
        stands(page, number)
    press(page, "1", "0", "Enter")
    stands(page, 10)
    press(page, "3", "g")
    stands(page, 3)
    press(page, *["ArrowRight"] * 4)  # faster than the server: none is lost
    stands(page, 7)
    settle(page)
    press(page, "Control+ArrowRight", "Alt+ArrowRight")
    stands(page, 7)
    dialog = page.locator("dialog.backstop-over")
    for key, name in (("o", "All steps"), ("?", "Keys"), ("t", "Timer"), ("q", "QR code")):
        press(page, key)
        expect(dialog).to_be_visible()
        expect(dialog).to_have_attribute("aria-label", name)
        press(page, "Escape")
        expect(dialog).not_to_be_visible()
    stands(page, 7)  # Escape has closed what was open, and no more
    press(page, "q")
    expect(dialog.locator("img")).to_be_visible()
    expect(dialog.locator(".url")).to_have_text(re.compile("deck=story&step=7"))
    press(page, "q")
    press(page, "o")
    dialog.get_by_role("button", name=re.compile(story.deck("en").steps[1].say)).click()
    stands(page, 2)
    dark = page.locator("dialog.backstop-black")
    for key in ("b", "."):
        press(page, key)
        expect(dark).to_be_visible()
        press(page, "ArrowRight")  # any key brings the step back, and moves nothing
        expect(dark).not_to_be_visible()
    stands(page, 2)
    press(page, "r")
    room = page.get_by_role("dialog", name="A room for your audience")
    expect(room).to_be_visible()
    press(page, "ArrowRight")  # belongs to what lies over the talk
    press(page, "Escape")
    expect(room).not_to_be_visible()
    stands(page, 2)
    settle(page)
    press(page, "f")
    page.wait_for_function("() => document.fullscreenElement")
    press(page, "f")
    page.wait_for_function("() => !document.fullscreenElement")
    page.get_by_role("button", name="Next step").click()
    stands(page, 3)
    settle(page)


def test_a_step_goes_on_by_itself_and_stands_still_with_less_motion(visit):
    page = visit("deck=story&step=1", path="present", viewport=ROOM)
    press(page, "t")
    page.evaluate("() => { const s = document.querySelector('.backstop-over select'); s[1].value = '1'; }")
    page.locator(".backstop-over select").select_option(index=1)
    press(page, "Escape")
    stands(page, 2)
    press(page, "t")
    page.locator(".backstop-over select").select_option(index=0)
    press(page, "Escape")
    page.emulate_media(reduced_motion="reduce")
    page.reload()
    settle(page)
    press(page, "t")
    expect(page.locator(".backstop-over select")).to_be_disabled()
    page.emulate_media(reduced_motion="no-preference")


def test_levers_run_from_where_they_were_and_any_key_skips_the_way(visit):
    page = visit("deck=story&step=6", path="present", viewport=ROOM)
    page.evaluate(
        """() => {
          window.seen = [];
          const note = () => {
            const text = document.querySelector('.backstop-present .lever b')?.textContent;
            if (text && text !== window.seen.at(-1)) window.seen.push(text);
            requestAnimationFrame(note);
          };
          note();
        }"""
    )
    press(page, "ArrowRight")
    stands(page, 7)
    page.wait_for_function("() => window.seen.at(-1) === '−10 % a year'")
    seen = [text for text in page.evaluate("window.seen") if "% a year" in text]
    assert len(seen) > 5
    assert page.url.count("g=-10") == 1


def test_a_deck_from_three_pages_is_shared_and_opened_in_a_fresh_browser(visit):
    page = visit("g=-5&co=terawulf", path="neoclouds")
    for line, path in (("First", "Deals"), ("Second", "Funding gap"), ("Third", "Present")):
        page.locator(".st-key-open_share button").click()
        field = page.get_by_label("A line to say with it in a talk")
        field.fill(line)
        page.get_by_role("button", name="Add this view to my deck").click()
        expect(page.get_by_text(re.compile("^added: "))).to_be_visible()
        press(page, "Escape")
        settle(page)
        page.get_by_role("navigation").get_by_role("link", name=path, exact=True).click()
        page.wait_for_url(f"**/{path.lower().replace(' ', '_')}?**")
        settle(page)
    lines = page.get_by_label(re.compile("^Line of step"))
    expect(lines).to_have_count(3)
    page.locator(".st-key-deck_down_0 button").click()
    settle(page)
    assert [one.input_value() for one in lines.all()] == ["Second", "First", "Third"]
    page.locator(".st-key-deck_share button").first.click()
    link = page.locator("textarea.backstop-link").input_value()
    assert len(link) < 500
    other = visit(link.partition("?")[2], path="present", viewport=ROOM)
    expect(other.locator(".st-key-present_say")).to_have_text("Second")
    press(other, "ArrowRight")
    expect(other.locator(".st-key-present_say")).to_have_text("First")
    expect(other.locator("h1")).to_have_text(re.compile("TeraWulf"))
    settle(other)
    assert "g=-5" in other.url


def test_markup_in_a_deck_is_a_text(visit):
    word = decks.packed(own(step("deals", MARKUP, MARKUP), step("overview", MARKUP)))
    page = visit(f"deck={word}", path="present", viewport=ROOM)
    expect(page.locator(".st-key-present_say")).to_have_text(MARKUP)
    press(page, "o")
    expect(page.locator(".backstop-over .grid button").first).to_contain_text(MARKUP)
    assert page.locator("img[src=x]").count() == 0


def test_paper_has_one_page_for_each_step(visit):
    page = visit("deck=story&step=2&lang=nl", path="present", viewport=DESKTOP)
    page.emulate_media(media="print")
    pages = page.locator(".backstop-present .paper section")
    expect(pages).to_have_count(COUNT)
    expect(pages.nth(COUNT - 1)).to_be_visible()
    expect(page.locator(".backstop-present .foot")).not_to_be_visible()
    pdf = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == COUNT


def test_a_talk_fits_a_phone(visit):
    page = visit("deck=story&step=7&lang=nl", path="present", viewport=PHONE, locale="nl-NL")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name=re.compile("^Volgende stap")).click()
    stands(page, 8)
    settle(page)
