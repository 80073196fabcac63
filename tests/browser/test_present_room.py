"""Guess, vote, lever: a presenter, the speaker's window and three phones, from a question to a fork."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.server import PHONE, settle, watch

pytestmark = pytest.mark.browser
GUESSES = {"en": 8, "nl": 12, "de": 14}  # a phone in a language that the app does not speak reads English


@pytest.fixture
def presenter(chromium, address):
    """A presenter at a step of the story; gives the page."""
    context = watch(chromium.new_context(locale="nl-NL", viewport={"width": 1280, "height": 720}))
    page = context.new_page()
    page.goto(f"{address}/present?deck=story&step=5&lang=nl")
    settle(page)
    yield page
    context.close()


@pytest.fixture
def phone(chromium, address):
    contexts = []

    def come(code, language):
        contexts.append(chromium.new_context(locale=language, viewport=PHONE, has_touch=True, is_mobile=True))
        page = contexts[-1].new_page()
        page.goto(f"{address}/r/{code}")
        return page

    yield come
    for context in contexts:
        context.close()


def open_room(page) -> str:
    """Open a room by keyboard, close its dialog, and give its code."""
    page.keyboard.press("r")
    page.get_by_role("button", name="Een zaal openen").click()
    code = page.get_by_role("dialog").get_by_role("heading", level=3)
    expect(code).to_have_text(re.compile("^[A-Z]{4,6}$"), timeout=20_000)
    told = code.inner_text()
    settle(page)
    page.keyboard.press("Escape")
    expect(code).not_to_be_visible()
    settle(page)
    return told


def test_three_phones_guess_the_median_becomes_the_lever_and_one_goes_on_alone(presenter, phone):
    code = open_room(presenter)
    phones = {language: phone(code, language) for language in GUESSES}
    for language, page in phones.items():
        expect(page.get_by_role("heading", level=1)).to_contain_text("Fluidstack")
        expect(page.get_by_text("5 van 11" if language == "nl" else "5 of 11")).to_be_visible()
        assert "driver" not in page.content()
    presenter.keyboard.press("ArrowRight")
    expect(phones["nl"].get_by_text("6 van 11")).to_be_visible()

    presenter.keyboard.press("r")
    presenter.get_by_role("dialog").get_by_role("combobox").click()
    presenter.get_by_role("option", name=re.compile("groeien")).click()
    settle(presenter)
    presenter.get_by_role("button", name="Nu vragen").click()
    screen = presenter.frame_locator("iframe.screen")
    expect(screen.get_by_role("heading", level=1)).to_contain_text("AI-rekenkracht")
    for language, page in phones.items():
        page.get_by_role("slider").fill(str(GUESSES[language]))
        page.locator("button.send").click()
        expect(page.get_by_role("status").last).to_contain_text(f"{GUESSES[language]}\u00a0%")
    expect(screen.locator("#time")).to_contain_text("3 van 3")
    expect(screen.locator("#result")).to_be_hidden()  # nobody sees what others guess
    presenter.reload()  # the vote goes on
    settle(presenter)
    expect(screen.locator("#time")).to_contain_text("3 van 3")
    presenter.keyboard.press("ArrowRight")  # the talk stands still under a vote
    presenter.keyboard.press("h")
    expect(screen.get_by_role("heading", level=1).last).to_have_text(
        re.compile("^De zaal zegt 12\u00a0%. Onder .* valt .* om.$")
    )
    expect(screen.locator("#result svg .break.main")).to_have_count(1)
    expect(screen.locator("#result svg circle")).to_have_count(3)
    expect(phones["de"].get_by_role("heading", level=1).last).to_contain_text("The room says 12")

    assert "step=6" in presenter.url
    screen.get_by_role("button", name="Zet de knop op 12").click()
    presenter.wait_for_url(re.compile("[?&]g=12(&|$)"))
    expect(presenter.locator("iframe.screen")).to_have_count(0)
    settle(presenter)
    fork = phones["en"].get_by_role("link", name="Open the whole app here")
    expect(fork).to_have_attribute("href", re.compile("[?&]g=12(&|$)"))
    fork.click()
    phones["en"].wait_for_url(re.compile("private_credit.*[?&]g=12(&|$)"))
    expect(phones["en"].locator(".st-key-happens p").last).to_contain_text("12", timeout=30_000)


def test_the_speakers_window_drives_and_a_page_that_is_loaded_anew_keeps_its_room(presenter, phone):
    code = open_room(presenter)
    with presenter.context.expect_page() as opened:
        presenter.keyboard.press("s")
    speaker = opened.value
    expect(speaker.locator("#now")).to_contain_text("5 van 11")
    expect(speaker.locator("#next")).to_contain_text("Fluidstack")  # what the next move does
    speaker.keyboard.press("ArrowRight")
    expect(speaker.locator("#now")).to_contain_text("6 van 11")
    presenter.wait_for_url(re.compile("step=6"))
    settle(presenter)
    speaker.close()

    presenter.goto(presenter.url.replace("/present?", "/deals?"))  # a page loaded anew, that is no talk
    settle(presenter)
    chip = presenter.get_by_role("button", name=f"Zaal {code}")
    expect(chip).to_be_visible()
    menu = presenter.locator("#backstop-pages").bounding_box()
    assert menu["x"] + menu["width"] <= chip.bounding_box()["x"]
    presenter.goto(presenter.url.replace("/deals?", "/present?deck=story&step=6&"))
    settle(presenter)
    expect(presenter.get_by_text("6 van 11").first).to_be_visible()
    presenter.keyboard.press("End")
    listener = phone(code, "nl")
    expect(listener.get_by_text("11 van 11")).to_be_visible(timeout=20_000)

    settle(presenter)
    presenter.keyboard.press("r")
    presenter.get_by_role("button", name="Zaal sluiten").click()
    expect(listener.get_by_text("Deze zaal is gesloten")).to_be_visible()
    settle(presenter)
    presenter.reload()
    settle(presenter)
    presenter.keyboard.press("r")
    expect(presenter.get_by_role("button", name="Een zaal openen")).to_be_visible()
