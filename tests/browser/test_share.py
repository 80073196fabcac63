"""The Share dialog as a hand, a camera, a screen reader and a phone find it."""

from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from tests.browser.server import PHONE, settle

pytestmark = pytest.mark.browser
LAPTOP = {"width": 1280, "height": 720}
# What the page hands on, noted in place of what the browser would do with it.
NOTES = """() => {
  window.shared = [];
  const note = {configurable: true, value: async what => { window.shared.push(what); }};
  if (%s) Object.defineProperty(navigator, 'share', note);
  else delete Navigator.prototype.share;
}"""


def opened(visit, query="g=0&gw=no&r=6.5", sheet=False, **more):
    """Open the dialog on a page whose browser has a share sheet, or none."""
    page = visit(query, **{"viewport": LAPTOP} | more)
    page.evaluate(NOTES % str(sheet).lower())
    page.locator(".st-key-open_share button").click()
    page.locator(".backstop-share").wait_for()
    settle(page)
    return page


def clipboard(page) -> str:
    """Read what was copied, as somebody does who pastes it."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return page.evaluate("navigator.clipboard.readText()")


def test_a_camera_reads_the_address_from_a_laptops_screen_without_scrolling(visit):
    page = opened(visit)
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(page.screenshot())))
    assert code.text == page.url == page.get_by_label("The link").input_value()


@pytest.mark.parametrize(
    ("name", "of"), [("Copy the link", "The link"), ("Copy text and link", "With a few words")]
)
def test_the_keyboard_copies_and_is_told_so(visit, name, of):
    page = opened(visit)
    for _press in range(9):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == name:
            break
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.keyboard.press("Enter")
    told = page.locator(".backstop-share").get_by_role("status")
    expect(told).to_have_text("Copied.")
    copied = clipboard(page)
    assert copied == page.get_by_label(of).input_value()
    assert copied.endswith(page.url)


def test_a_page_that_may_not_write_to_the_clipboard_copies_in_the_older_way(visit):
    page = opened(visit)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed')); }")
    page.get_by_role("button", name="Copy the link").click()
    expect(page.locator(".backstop-share").get_by_role("status")).to_have_text("Copied.")
    assert clipboard(page) == page.url
    page.evaluate("() => { document.execCommand = () => false; }")
    page.get_by_role("button", name="Copy the link").click()
    expect(page.locator(".backstop-share").get_by_role("status")).to_contain_text("does not allow copying")


def test_a_phone_has_its_own_share_sheet(visit):
    page = opened(visit, "g=0&lang=nl", sheet=True, viewport=PHONE)
    share = page.locator(".backstop-share").get_by_role("button", name="Delen")
    expect(share).to_be_in_viewport()
    assert share.bounding_box()["height"] >= 44
    share.click()
    (shared,) = page.evaluate("window.shared")
    assert shared["url"] == page.url
    assert shared["text"].startswith("Als de vraag naar AI niet meer groeit")
    assert "http" not in shared["text"]


def test_without_a_share_sheet_there_is_no_button_for_it(visit):
    page = opened(visit)
    assert page.locator(".backstop-share button").all_inner_texts() == ["Copy the link", "Copy text and link"]
