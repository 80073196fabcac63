"""No page has a fault that axe-core can find; it is read aloud clearly; the keyboard reaches what matters."""

from itertools import cycle

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from pages.kit.frame.frame import PAGES
from tests.browser.aloud import out_of_order, tree, unclear
from tests.browser.hand import answer
from tests.browser.server import PHONE, settle

pytestmark = pytest.mark.browser

REFUSED = "abc"  # is no number
# Faults of Streamlit 1.67 itself, as narrow as they go: rule, element, why.
NOT_OURS = (
    # Browsers of today let the keyboard scroll a box that holds nothing to stop at.
    ("scrollable-region-focusable", '[data-testid="stPopoverBody"]', "words alone in a popover"),
    ("presentation-role-conflict", '[data-testid="stFileUploaderDropzone"]', "where a file is dropped"),
)


def faults(page) -> list[str]:
    """What axe-core finds, as one line per element."""
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:300]}"
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"]
        if not any(
            rule == violation["id"] and _is(page, node["target"][0], it) for rule, it, _why in NOT_OURS
        )
    ]


def _is(page, target: str, kind: str) -> bool:
    return page.evaluate(
        "([target, kind]) => !!document.querySelector(target)?.matches(kind)", [target, kind]
    )


def walk(visit, stops, look, **how):
    """Open the deep link of every page, one after the other, and give what is found, by page."""
    found, page = {}, None
    for entry in PAGES:
        page = visit("g=0&gw=no", path=entry.name if entry is not PAGES[0] else "", tab=page, **how)
        expect(answer(page)).to_contain_text(stops)
        expect(page.locator(".st-key-lever_g .value")).to_have_value("0")
        found[entry.name] = look(page)
    return {name: faults for name, faults in found.items() if faults}


def sideways(page) -> list[str]:
    """How far the page scrolls to the side, if it does."""
    wide = page.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollWidth")
    return [f"{wide} pixels wide"] if wide > page.viewport_size["width"] else []


def refuse(place) -> None:
    """Type what the first lever of a place cannot be."""
    typed = place.locator(".value").first
    typed.fill(REFUSED)
    typed.press("Enter")
    expect(typed).to_have_attribute("aria-invalid", "true")


def spoken(page) -> list[str]:
    """What is wrong with the names and headings that are read aloud."""
    nodes = tree(page)
    return unclear(nodes) + out_of_order(nodes)


def with_a_popover(page) -> list[str]:
    """Look at a page as it is read, then at it with a refusal in the panel and a popover open."""
    wrong = spoken(page)
    refuse(page.locator(".st-key-panel"))
    page.locator(".st-key-page [aria-haspopup='dialog'][aria-expanded='false']").first.click()
    page.get_by_role("dialog").wait_for()
    settle(page)
    return wrong + faults(page)


def open_dialog(page, opener: str) -> None:
    """Open a dialog of the row above a page; in the drawer a value is refused as well."""
    page.locator(f".st-key-open_{opener} button").click()
    page.get_by_role("dialog").wait_for()
    if opener == "levers":
        refuse(page.get_by_role("dialog"))
    settle(page)


def test_no_page_has_a_fault_also_with_a_refusal_and_a_popover(visit):
    assert walk(visit, "If AI demand stops growing", with_a_popover) == {}


def test_no_page_has_a_fault_or_scrolls_sideways_in_the_dark_on_a_phone_in_dutch(visit):
    how = {"viewport": PHONE, "locale": "nl-NL", "color_scheme": "dark"}
    openers = cycle(("levers", "share"))

    def look(page) -> list[str]:
        wrong = spoken(page) + faults(page) + sideways(page)
        open_dialog(page, next(openers))
        return wrong + faults(page)

    assert walk(visit, "Als de vraag naar AI niet meer groeit", look, **how) == {}


@pytest.mark.parametrize("opener", ["levers", "share"])
def test_no_dialog_has_a_fault_in_the_light(visit, opener):
    page = visit("g=0", **({"viewport": PHONE} if opener == "levers" else {}))  # else the panel is open
    open_dialog(page, opener)
    assert faults(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_receipt_has_a_fault_nor_the_panel_unfolded(visit, scheme):
    page = visit("g=0", color_scheme=scheme)
    page.locator(".st-key-more_levers_button button").click()
    settle(page)
    found = faults(page) + spoken(page)
    page.locator(".st-key-board .opens").first.click()
    page.get_by_role("dialog").wait_for()
    settle(page)
    assert found + faults(page) == []


def test_the_keyboard_reaches_levers_language_share_and_pages(visit):
    page = visit("g=0")
    wanted = {"AI demand grows", "Interest rate", "Capacity in use", "More levers", "Undo", "Share"}
    wanted |= {"Overview", PAGES[1].title}
    reached = set()
    for _press in range(120):
        page.keyboard.press("Tab")
        name = page.evaluate(
            """() => { let e = document.activeElement;
            while (e.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
            return e.getAttribute('aria-label') || e.textContent.trim() || e.tagName; }"""
        )
        reached |= {word for word in wanted if word in name}
    assert wanted - reached <= {"Undo"}  # nothing to undo yet: a disabled button takes no focus
