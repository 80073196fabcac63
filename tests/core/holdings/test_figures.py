"""Figures in every style are the number that was written; a figure with two readings is none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.holdings.figures import decimal_sign, figure
from core.holdings.rows import is_isin
from tests.core.holdings.known import INSTRUMENTS, STYLES, written

FIGURES = {
    "1.000,00": 1000.0,
    "1,000.00": 1000.0,
    "1 000,00": 1000.0,
    "1\N{NARROW NO-BREAK SPACE}000": 1000.0,
    "1'000.00": 1000.0,
    "1’000": 1000.0,
    "1.234.567": 1234567.0,
    "1,234,567": 1234567.0,
    "0.500": 0.5,
    "0,125": 0.125,
    "1551.000": 1551.0,
    "3.5000000000": 3.5,
    "9.0E-6": 9e-6,
    "-5": -5.0,
    "\N{MINUS SIGN}5,5": -5.5,
    "(1.00)": -1.0,
    "12-": -12.0,
    "+$2.10": 2.1,
    "-$12.50": -12.5,
    "$-12.50": -12.5,
    "€ 12,-": 12.0,
    "10.61%": 0.1061,
    "9020 GBX": 90.2,
    "90p": 0.9,
}
CURRENCIES = {
    "€ 8.250,00": "EUR",
    "USD 966.00": "USD",
    "966.00 USD": "USD",
    "500 euro": "EUR",
    "£5": "GBP",
    "9020 GBX": "GBP",
    "9020 GBp": "GBP",
    "CHF 1'000.00": "CHF",
    "12": None,
}


@pytest.mark.parametrize("text", FIGURES)
def test_a_figure_is_the_number_written(text):
    assert figure(text).number == pytest.approx(FIGURES[text], rel=1e-12)


@pytest.mark.parametrize("text", CURRENCIES)
def test_a_currency_beside_a_figure_is_read(text):
    assert figure(text).currency == CURRENCIES[text]


@pytest.mark.parametrize("text", ["1.000", "12,500", "999.999"])
def test_a_figure_with_two_readings_is_none_until_its_column_tells(text):
    alone, point, comma = (figure(text, sign) for sign in (None, ".", ","))
    assert alone.number is None
    assert {float(one) for one in alone.readings} == {point.number, comma.number}
    assert point.number != comma.number


@pytest.mark.parametrize(
    "text",
    ["abc", "1,2,3", "12.34.56", "=1+1", "1_000", "0x10", "9" * 70, "1e99", "½", "--5", "-(5)", "€--5"],
)
def test_what_is_no_number_is_none(text):
    assert figure(text).number is None


@pytest.mark.parametrize("text", ["", " ", "--", "n/a", "n.v.t."])
def test_a_cell_may_say_nothing(text):
    assert figure(text) is None


@settings(max_examples=200, deadline=None)
@given(
    st.integers(-(10**11), 10**11),
    st.sampled_from(STYLES),
    st.sampled_from(("{}", "€ {}", "{} EUR", "EUR {}")),
)
def test_every_style_gives_its_number_back(cents, style, form):
    text = written(cents / 100, style)
    assert figure(form.format(text)).number == pytest.approx(cents / 100, rel=1e-12)
    assert decimal_sign([text]) == {style[-3]}


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(INSTRUMENTS), st.integers(0, 11), st.sampled_from("0123456789"))
def test_one_wrong_digit_of_a_securities_number_is_seen(instrument, place, digit):
    isin = instrument[2]
    changed = isin[:place] + digit + isin[place + 1 :]
    assert is_isin(isin)
    # two letters of the country make four digits, which a digit in their place does not keep apart
    if place > 1 and isin[place].isdigit():
        assert is_isin(changed) == (changed == isin)
