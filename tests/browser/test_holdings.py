"""Own euros on a phone, in Dutch: rows of a broker are pasted, demand stops, and what happens is read."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import expect

from tests.browser.server import PHONE, settle, watch
from tests.browser.texts import faults

pytestmark = pytest.mark.browser

# A portfolio as DEGIRO writes it, on one Dutch page: its layout is real, its figures are invented.
DEGIRO = """Product,Symbool/ISIN,Aantal,Slotkoers,Lokale waarde,,Waarde in EUR
CASH & CASH FUND & FTX CASH (EUR),,,,EUR,"214,70","214,70"
"COREWEAVE, INC. CLASS A",US21873S1087,12,"80,50",USD,"966,00","832,76"
ALPHABET INC. CLASS A,US02079K3059,5,"310,20",USD,"1551,00","1337,07"
"META PLATFORMS, INC. CLASS A",US30303M1027,3,"655,00",USD,"1965,00","1693,97"
VANGUARD FTSE ALL-WORLD UCITS ETF USD ACC,IE00BK5BQT80,40,"148,36",EUR,"5934,40","5934,40"
"""
OWN = re.compile(r"Van uw €\s10\.013 hangt")


@pytest.fixture
def phone(chromium, address):
    """A page of its own on a phone with a finger."""
    context = watch(chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True, locale="nl-NL"))
    page = context.new_page()
    page.goto(f"{address}/holdings?lang=nl")
    settle(page)
    yield page
    context.close()


def table(page):
    return page.locator(".st-key-rows_holdings")


def move_to(page, value) -> None:
    """Move demand by the field of the sheet."""
    field = page.locator(".st-key-sheet .value").first
    field.fill(value)
    field.press("Enter")
    settle(page)


def test_rows_of_a_broker_are_pasted_and_demand_stops(phone, tmp_path):
    box = phone.get_by_role("textbox", name="Wat bezit u?")
    box.fill(DEGIRO)
    phone.get_by_role("button", name="Laat zien").tap()
    settle(phone)
    sentence = phone.locator(".st-key-happens p").last
    expect(sentence).to_contain_text(OWN)
    calm = sentence.inner_text()
    expect(table(phone)).to_contain_text("COREWEAVE, INC. CLASS A, 12")
    expect(table(phone)).not_to_contain_text("zonder schok:")

    move_to(phone, "0")
    expect(sentence).not_to_have_text(calm)
    expect(sentence).to_contain_text("CoreWeave")
    expect(table(phone)).to_contain_text("zonder schok:")
    phone.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 700)")
    expect(sentence).to_be_in_viewport(ratio=0.9)
    assert faults(phone) == []

    assert "us21873s1087" not in unquote(phone.url).lower()

    phone.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
    mine = tmp_path / "eigen.csv"
    mine.write_text("Naam;Aantal;Waarde in EUR\nPIMCO Income Fund;10;1.000,00\n", encoding="utf-8")
    phone.locator(".st-key-holdings_file input[type=file]").set_input_files(Path(mine))
    expect(phone.get_by_text("eigen.csv: 1 positie")).to_be_visible()
    expect(sentence).to_contain_text(re.compile(r"€\s11\.013"))

    phone.get_by_role("button", name="Alles vergeten").tap()
    settle(phone)
    expect(table(phone)).to_have_count(0)
    expect(box).to_have_value("")
