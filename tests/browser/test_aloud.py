"""What is read aloud, and what the keyboard alone can do."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.browser.aloud import HEAR, tree
from tests.browser.hand import LEVERS, answer, follow, stands, story, thumb, track
from tests.browser.server import rest, settle
from tests.browser.test_address import START, is_as_a_newcomer_sees_it, key

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


STOPS = 80  # of the Tab key, more than there are on a page
HERE = """() => {
  let here = document.activeElement;
  while (here.shadowRoot?.activeElement) here = here.shadowRoot.activeElement;
  return here.ariaLabel || here.textContent.trim();
}"""


def tab_to(page, start: str) -> None:
    """Press Tab until the keyboard stands on what is called so."""
    for _press in range(STOPS):
        page.keyboard.press("Tab")
        if page.evaluate(HERE).startswith(start):
            return
    pytest.fail(f"the Tab key does not come to {start!r}")


def test_the_keyboard_alone_goes_from_a_lever_to_its_reasons_and_back(visit):
    page = visit("g=18")
    before = answer(page).inner_text()
    tab_to(page, LEVERS["g"])
    page.keyboard.press("PageDown")
    page.keyboard.press("PageDown")
    rest(page)
    after = answer(page).inner_text()
    assert after != before
    expect(page.get_by_role("status")).to_have_text(after)
    expect(thumb(page)).to_be_focused()

    tab_to(page, "First to fail")
    page.keyboard.press("Enter")
    receipt = page.get_by_role("dialog")
    receipt.wait_for()
    settle(page)
    page.keyboard.press("Escape")
    expect(receipt).not_to_be_visible()
    settle(page)
    assert page.evaluate(HERE).startswith("First to fail")

    tab_to(page, "CoreWeave, ")
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-chart_cause")).to_contain_text("CoreWeave: ")
    settle(page)
    assert page.evaluate(HERE).startswith("CoreWeave, ")

    tab_to(page, "Neoclouds")
    page.keyboard.press("Enter")
    page.wait_for_url("**/neoclouds?**")
    settle(page)
    tab_to(page, "Undo")
    page.keyboard.press("Enter")
    page.wait_for_url("**/neoclouds?**g=8&**")
    settle(page)
    assert stands(page) == 8
    assert page.evaluate(HERE) == "Undo"


ZOOMED = {"width": 640, "height": 360}  # a screen of 1280 x 720 at 200 %
LINE = 4  # px by which the boxes of two lines overlap without their letters
# Pairs of texts that lie over each other, and texts that leave the window.
COLLIDING = """() => {
  const texts = [];
  const gather = (root) => {
    for (const node of root.querySelectorAll('*')) {
      if (node.shadowRoot) gather(node.shadowRoot);
      const { visibility, clipPath } = getComputedStyle(node);
      if (visibility === 'hidden' || clipPath !== 'none') continue;
      for (const text of node.childNodes) {
        if (text.nodeType !== Node.TEXT_NODE || !text.data.trim()) continue;
        const range = document.createRange();
        range.selectNodeContents(text);
        for (const box of range.getClientRects()) if (box.width) texts.push([text.data.trim(), node, box]);
      }
    }
  };
  gather(document.querySelector('.st-key-page'));
  const outside = texts.filter(([, , box]) => box.right > innerWidth).map(([text]) => text);
  const over = (one, other) =>
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1 &&
    Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > LINE;
  const pairs = texts.flatMap(([text, node, box], i) =>
    texts.slice(i + 1)
      .filter(([, there, other]) => there !== node && over(box, other))
      .map(([other]) => [text, other]));
  return [outside, pairs];
}""".replace("LINE", str(LINE))


@pytest.mark.parametrize("lang", ["en", "nl"])
def test_the_first_page_is_whole_at_twice_its_size(visit, lang):
    page = visit(f"g=-30&r=8&lang={lang}", viewport=ZOOMED)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") == ZOOMED["width"]
    assert page.evaluate(COLLIDING) == [[], []]
    page.locator(".st-key-open_levers button").click()
    thumbs = page.get_by_role("dialog").get_by_role("slider")
    for number in range(3):
        thumbs.nth(number).scroll_into_view_if_needed()
        expect(thumbs.nth(number)).to_be_in_viewport()


# As a translator does that heeds no translate="no"; shadow roots it leaves alone.
TRANSLATE = """() => {
  const walker = document.createTreeWalker(document.querySelector('#root'), NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  const isRead = (text) => text.data.trim() && !text.parentElement.closest('script, style, svg');
  const read = texts.filter(isRead);
  for (const text of read) {
    const [outer, inner] = [document.createElement('font'), document.createElement('font')];
    inner.append(text.data);
    outer.append(inner);
    text.replaceWith(outer);
  }
  return read.length;
}"""


def test_a_page_that_was_translated_stays_right(visit):
    page = visit(START)
    errors = []
    page.on("pageerror", lambda error: errors.append(error))

    def click(selector):
        return lambda: page.locator(selector).first.click()

    moves = (
        lambda: key(page),
        lambda: story(page, "Rates at 9 %"),
        lambda: key(page, "ArrowRight"),
        click(".undo"),
        click(".st-key-board .row"),
        lambda: follow(page, "Neoclouds"),
        lambda: key(page),
        lambda: page.get_by_role("radio", name="Cipher").click(),
        click(".undo"),
        lambda: story(page, "Demand pauses"),
    )
    for number, move in enumerate(moves, start=1):
        assert page.evaluate(TRANSLATE)
        move()
        settle(page)
        if number in (3, 5, len(moves)):  # before another page takes over, and at the end
            is_as_a_newcomer_sees_it(page)
    assert errors == []
