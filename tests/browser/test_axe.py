"""No page has a serious or critical fault that axe-core can find; the keyboard reaches what matters."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from pages.kit.frame.frame import PAGES
from tests.browser.hand import answer
from tests.browser.server import PHONE, settle

pytestmark = pytest.mark.browser

GRAVE = ("serious", "critical")
# Faults of Streamlit 1.67 itself, as narrow as they go: (rule, an ancestor of the element, why).
NOT_OURS = (
    # Streamlit writes the chosen segment in primaryColor, and white on it in a primary button. In the dark no
    # colour is readable in both places; this is 3.5:1, and the chosen segment has a frame as well.
    (
        "color-contrast",
        '[data-testid="stButtonGroup"] [role="radio"][aria-checked="true"]',
        "one colour for two uses",
    ),
)


def faults(page) -> list[str]:
    """What axe-core finds, grave and ours, as one line per element."""
    found = []
    for violation in Axe().run(page).response["violations"]:
        if violation["impact"] not in GRAVE:
            continue
        for node in violation["nodes"]:
            if not any(
                rule == violation["id"] and _stands_in(page, node["target"][0], place)
                for rule, place, _why in NOT_OURS
            ):
                found.append(f"{violation['id']} ({violation['impact']}): {node['html'][:300]}")
    return found


def _stands_in(page, target: str, place: str) -> bool:
    return page.evaluate("([t, p]) => !!document.querySelector(t)?.closest(p)", [target, place])


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


def test_no_page_has_a_grave_fault(visit):
    assert walk(visit, "If AI demand stops growing", faults) == {}


def test_no_page_has_a_grave_fault_or_scrolls_sideways_in_the_dark_on_a_phone_in_dutch(visit):
    how = {"viewport": PHONE, "locale": "nl-NL", "color_scheme": "dark"}
    found = walk(
        visit, "Als de vraag naar AI niet meer groeit", lambda page: faults(page) + sideways(page), **how
    )
    assert found == {}


@pytest.mark.parametrize("opener", ["Levers", "Share"])
def test_no_dialog_has_a_grave_fault(visit, opener):
    page = visit("g=0", **({"viewport": PHONE} if opener == "Levers" else {}))  # else the panel is open
    page.get_by_role("button", name=opener, exact=True).click()
    page.get_by_role("dialog").wait_for()
    settle(page)
    assert faults(page) == []


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
