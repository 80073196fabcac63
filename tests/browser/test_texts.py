"""No text is cut, lies over another or is too small, on any page, from a phone to a wide screen."""

import pytest
from playwright.sync_api import expect

from pages.kit.frame.frame import PAGES
from tests.browser.server import serve, settle, watch
from tests.browser.texts import faults

pytestmark = pytest.mark.browser

WIDTHS = (1920, 1366, 1280, 1024, 768, 390, 320)
PHONES, HEIGHT = 768, 900
# nearly all have failed, in the longer language; nobody has
VISITS = {"nl": ("g=-15&u=60&r=7&lang=nl", WIDTHS), "en": ("g=34&lang=en", (1280, 1024, 320))}


@pytest.fixture(scope="module")
def tab(chromium):
    """One tab for all pages: what it has loaded comes at once."""
    with serve() as address:
        page = watch(chromium.new_context(locale="en-GB")).new_page()
        yield page, address
        page.context.close()


@pytest.mark.parametrize("language", VISITS)
@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.name)
def test_texts_of_a_page_are_whole_at_every_width(tab, entry, language):
    page, address = tab
    query, widths = VISITS[language]
    page.set_viewport_size({"width": widths[0], "height": HEIGHT})
    page.goto(f"{address}/{'' if entry is PAGES[0] else entry.name}?{query}")
    found = {}
    for width in widths:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        expect(page.locator(".st-key-sheet")).to_be_visible(visible=width <= PHONES)
        settle(page)
        found |= {f"{width} px: {fault}": 0 for fault in faults(page)}
    assert list(found) == []


def test_what_is_wrong_with_texts_is_seen(tab):
    """Each kind of fault, put into a page on purpose."""
    page, address = tab
    page.set_viewport_size({"width": 1280, "height": HEIGHT})
    page.goto(f"{address}/?{VISITS['en'][0]}")
    settle(page)
    for style, fault in (
        ("width: 30px; overflow: hidden; white-space: nowrap", "is cut"),
        ("font-size: 11px", "11.0 px"),
        ("margin-left: -50vw; white-space: nowrap", "is cut"),
        ("height: 0", "lies over"),
        ("width: 200vw; height: 20px; text-align: right", "too wide"),
    ):
        page.evaluate(
            """style => {
              const made = document.createElement('p');
              made.innerHTML = '<span>words that were put here</span><span>below it</span>';
              made.firstChild.style = `display: block; ${style}`;
              document.querySelector('.st-key-overview').append(made);
              window.made = made;
            }""",
            style,
        )
        assert any(fault in one for one in faults(page)), fault
        page.evaluate("window.made.remove()")
    assert faults(page) == []
