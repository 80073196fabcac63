"""How numbers are written, in English and in Dutch."""

import math

import pytest

from pages.kit.words import catalogue, numbers


@pytest.fixture
def speak(monkeypatch):
    def choose(language):
        for module in (catalogue, numbers):
            monkeypatch.setattr(module, "language", lambda: language)

    return choose


@pytest.mark.parametrize(
    ("value", "english", "dutch"),
    [
        (21.6, "USD 21.6 bn", "21,6 mrd dollar"),
        (1500.0, "USD 1.5 tn", "1,5 biljoen dollar"),
        (999.4, "USD 999 bn", "999 mrd dollar"),
        (999.6, "USD 1.0 tn", "1,0 biljoen dollar"),
        (0.062, "USD 62 m", "62 mln dollar"),
        (-3.25, "USD −3.2 bn", "−3,2 mrd dollar"),
        (0.0, "USD 0", "0 dollar"),
        (None, "–", "–"),
        (math.nan, "–", "–"),
    ],
)
def test_money(speak, value, english, dutch):
    for language, text in (("en", english), ("nl", dutch)):
        speak(language)
        assert numbers.money(value).replace("\u00a0", " ") == text


def test_ratios(speak):
    speak("nl")
    assert numbers.percent(0.1126) == "11,3\u00a0%"
    assert numbers.turns(7.04) == "7,0x"
    assert numbers.basis_points(0.0225) == "225 bp"
    speak("en")
    assert numbers.percent(-0.0004) == "0.0\u00a0%"  # never "-0.0"
    assert numbers.turns(math.inf) == "∞x"
    assert numbers.turns(None, why="no debt") == "–\u00a0(no debt)"


def test_quarters_and_days(speak):
    speak("en")
    assert numbers.quarter("2029Q3") == "2029\u00a0Q3"
    assert numbers.quarter_in_words("2029Q3") == "third quarter of 2029"
    assert numbers.quarter(None) == "–"
    speak("nl")
    assert numbers.quarter("2029Q3") == "3e\u00a0kw.\u00a02029"
    assert numbers.quarter_in_words("2029Q3") == "derde kwartaal van 2029"
    assert numbers.day("2025-12-31") == "31 december 2025"


def test_lever_values_are_exact(speak):
    speak("nl")
    assert numbers.lever_value(10.37, "%/year") == "10,37\u00a0%"
    assert numbers.lever_value(-15.0, "%/year") == "−15\u00a0%"
    assert numbers.lever_value(2028, "year") == "2028"
    assert numbers.lever_value(False, "yes/no") == "nee"


def test_lists(speak):
    speak("en")
    assert numbers.listing(["a", "b", "c"]) == "a, b and c"
    speak("nl")
    assert numbers.listing(["a", "b", "c"]) == "a, b en c"


@pytest.mark.parametrize(
    ("language", "amount", "quarters", "years"),
    [
        ("en", "1", "1 quarter", "1 year"),
        ("en", "−1", "−1 quarter", "−1 year"),
        ("en", "1.0", "1.0 quarters", "1.0 years"),
        ("en", "4 – 6", "4 – 6 quarters", "4 – 6 years"),
        ("nl", "1", "1 kwartaal", "1 jaar"),
        ("nl", "2", "2 kwartalen", "2 jaar"),
        ("nl", "0", "0 kwartalen", "0 jaar"),
    ],
)
def test_one_is_counted_as_one(speak, language, amount, quarters, years):
    speak(language)
    assert numbers.so_many_quarters(amount) == quarters
    assert numbers.so_many_years(amount) == years
