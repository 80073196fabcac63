"""What only a browser knows of an address."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.server import settle

pytestmark = pytest.mark.browser
DROPPED = re.compile("too many parameters to be read")


def test_a_link_with_more_parameters_than_are_taken_says_so(visit):
    page = visit("r=9&" + "&".join(f"x{number}=1" for number in range(1100)))
    expect(page.get_by_text(DROPPED)).to_contain_text("1,101")
    page.get_by_role("button", name="Undo").first.wait_for()
    page.get_by_role("slider", name="AI demand grows").first.focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    expect(page.get_by_text(DROPPED)).to_have_count(0)


@pytest.mark.parametrize("query", ["", "r=9", "embed=true"])
def test_every_other_link_does_not(visit, query):
    page = visit(query)
    expect(page.locator(".st-key-drag")).to_have_count(1)
    expect(page.get_by_text(DROPPED)).to_have_count(0)
