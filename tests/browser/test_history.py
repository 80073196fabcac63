"""A journey: open History, read a source, replay 2000 to 2002 on today's web, and go back."""

import pytest
from playwright.sync_api import expect

from core.sources.pairs import pairs
from tests.browser.hand import LEVERS, answer, query_of, stands
from tests.browser.server import settle

pytestmark = pytest.mark.browser


def test_the_past_is_opened_replayed_and_left_again(visit):
    page = visit("r=5", path="history")
    shown = page.locator(".facing .pair")
    expect(shown).to_have_count(len(pairs()))
    first = shown.first.locator("details").first
    expect(first.locator("p").first).to_be_hidden()
    first.locator("summary").click()
    expect(first.locator("p").first).to_be_visible()

    page.get_by_role("radio", name="Replay").click()
    settle(page)
    own, before = answer(page).inner_text(), query_of(page)
    page.get_by_role("button", name="Replay").click()
    settle(page)
    assert stands(page, LEVERS["g"]) == -20
    assert answer(page).inner_text() != own
    assert "r" not in query_of(page)
    expect(page.get_by_role("button", name="Replay")).to_be_disabled()

    page.go_back()
    settle(page)
    assert answer(page).inner_text() == own
    assert query_of(page)["r"] == before["r"]
    assert stands(page, LEVERS["r"]) == 5
    expect(page.get_by_role("button", name="Replay")).to_be_enabled()
