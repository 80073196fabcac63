"""What is read aloud, and what the keyboard alone can do."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.browser.aloud import HEAR, tree
from tests.browser.hand import answer, stands, thumb, track
from tests.browser.server import rest, settle

pytestmark = pytest.mark.browser

APART = 950  # ms between two sentences, of a second that a clock of the browser rounds
DRAGGED = (-5, -15, -25, -35, -45, -20, -10, 5)  # a held thumb goes there, and waits each time for the page
FOLLOWED = "at => new URLSearchParams(location.search).get('g') === String(at)"


def statuses(page) -> list[tuple[str | None, str]]:
    return [(one.live, one.name) for one in tree(page) if one.role == "status"]


def heard(page) -> list[str]:
    return [text for text, _when in page.evaluate("window.heard")]


def test_the_answer_is_read_after_a_move_and_at_most_once_a_second_while_a_thumb_is_held(visit):
    page = visit("g=18")
    assert [live for live, _name in statuses(page)] == ["polite"]
    expect(page.get_by_role("status")).to_have_text("")  # nothing on the first visit
    page.evaluate(HEAR)

    thumb(page).focus()
    page.keyboard.press("PageDown")
    rest(page)
    assert heard(page) == [answer(page).inner_text()]
    page.get_by_role("button", name="CoreWeave").first.click()  # a chart opens; the sentence is the same
    settle(page)
    assert len(heard(page)) == 1

    for value in DRAGGED:
        begin, end, y = track(page, "g", value)
        page.mouse.move(begin, y)
        if value == DRAGGED[0]:
            page.mouse.down()
        page.mouse.move(end, y)
        page.wait_for_function(FOLLOWED, arg=int(stands(page)))
    page.mouse.up()
    rest(page)
    said = answer(page).inner_text()
    page.wait_for_function("said => window.heard.at(-1)[0] === said", arg=said)
    times = [when for _text, when in page.evaluate("window.heard")]
    assert 2 < len(times) < 1 + len(DRAGGED)
    assert min(later - earlier for earlier, later in pairwise(times[1:])) > APART
    assert all(one != other for one, other in pairwise(heard(page)))


def test_the_first_stop_of_the_keyboard_leads_past_the_panel_to_the_answer(visit):
    page = visit("g=0&lang=nl")
    before = page.evaluate("[location.href, history.length]")
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Naar het antwoord")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(link).not_to_be_in_viewport()
    assert page.evaluate("[location.href, history.length]") == before
    page.keyboard.press("Tab")
    expect(page.locator(".st-key-board .opens").first).to_be_focused()  # not in the panel
