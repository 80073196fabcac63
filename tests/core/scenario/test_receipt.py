"""Receipts: short, whole or refused, and those of old read for ever."""

import random
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model import engine
from core.results import headline_then
from core.results.reading import read
from core.scenario import packed
from core.scenario.levers import Scenario, levers
from core.scenario.link import MODEL_VERSION, encode, parse
from core.scenario.packed import LENGTH, forms, pack, unpack
from core.scenario.receipt import make_receipt, read_receipt, sound_receipt
from core.web.web import BIG_TECH, GUARANTORS, LABS, NEOCLOUDS, OPERATORS, load_web, snapshots

# Out in the world: what they say must never change.
PINNED = {
    "15KCjDskDrMjUVU536v828R9HOJ9": {
        "m": "2026.13",
        "s": "2026-06-30",
        "d": "0a1",
        "l": "ffe",
        "coreweave": "2031Q2",
        "openai": "2029Q4",
        "oracle": "2032Q2",
        "cut.openai": "2027Q4",
        "called.alphabet": 1.1,
        "called.nvidia": 6.3,
        "called.meta": 14.5,
        "net.infra_credit": -0.011,
    },
    "15KKJwYzYiACalD38rUHKjAzeBCw": {
        "m": "2026.14",
        "s": "2025-12-31",
        "d": "000",
        "l": "123",
        "fluidstack": "2027Q1",
        "dscr.coreweave": 1.37,
        "net.infra_credit": None,
    },
    # as they were written until model 2026.13
    "f64af318.eyJhbnRocm9waWMiOiIyMDI5UTQiLCJjYWxsZWQubnZpZGlhIjozLjY3MiwiY2lwaGVyIjoiMjAzM1EyIiwiY29yZXdlYXZlI"
    "joiMjAzMFEyIiwiZCI6IjliNTc2YyIsImZsdWlkc3RhY2siOiIyMDMwUTQiLCJsIjoiYjg1NWY1IiwibSI6IjIwMjYuMTEiLCJuZXQuaW5m"
    "cmFfY3JlZGl0IjowLjA3NTA3LCJvcGVuYWkiOiIyMDI5UTQiLCJ4YWkiOiIyMDI5UTMifQ": {
        "m": "2026.11",
        "d": "9b576c",
        "l": "b855f5",
        "called.nvidia": 3.672,
        "net.infra_credit": 0.07507,
        "anthropic": "2029Q4",
        "cipher": "2033Q2",
        "coreweave": "2030Q2",
        "fluidstack": "2030Q4",
        "openai": "2029Q4",
        "xai": "2029Q3",
    },
}
MARKS = {"m": MODEL_VERSION, "s": "2026-06-30", "d": "0a1b2c", "l": "ffe123"}
FORM = forms()["1"]


def quarters(names):
    """Some of them, each with a quarter after that of the data."""
    some = st.dictionaries(st.sampled_from(names), st.integers(0, FORM.quarters - 1))
    return some.map(
        lambda found: {name: f"{2026 + (2 + n) // 4}Q{(2 + n) % 4 + 1}" for name, n in found.items()}
    )


def steps(names, step, low, count):
    digits = len(str(step).partition(".")[2])
    value = st.integers(0, count - 1).map(lambda n: round(low + n * step, digits))
    return st.dictionaries(st.sampled_from(names), value)


HEADLINES = st.builds(
    lambda *parts: {name: figure for part in parts for name, figure in part.items()},
    st.just(MARKS),
    quarters(FORM.failed + FORM.cut),
    steps(FORM.called, FORM.called_step, 0.0, FORM.called_steps).map(
        lambda found: {name: amount for name, amount in found.items() if amount}
    ),
    steps(FORM.service, FORM.service_step, FORM.service_low, FORM.service_steps).map(
        lambda found: dict(list(found.items())[:1])
    ),
    st.just({FORM.net: None})
    | steps([FORM.net], FORM.net_step, FORM.net_low, FORM.net_steps).map(
        lambda found: found or {FORM.net: None}
    ),
)


@pytest.mark.parametrize("receipt", PINNED)
def test_a_receipt_of_this_form_says_the_same_for_ever(receipt):
    assert read_receipt(receipt) == PINNED[receipt]


@settings(max_examples=300, deadline=None)
@given(HEADLINES)
def test_a_short_receipt_keeps_what_it_was_given(headline):
    receipt = make_receipt(headline)
    assert len(receipt) == LENGTH
    assert receipt.isascii()
    assert receipt.isalnum()
    assert read_receipt(receipt) == headline | {"d": "0a1", "l": "ffe"}
    assert parse(f"g=1&k={receipt}").receipt == receipt


def test_the_form_knows_every_figure_that_is_written_today():
    """A company, lab or guarantor that is new needs a form of its own: without one its links are long."""
    assert set(FORM.failed) == {*NEOCLOUDS, *LABS, *OPERATORS}
    assert set(FORM.cut) == {f"cut.{who}" for who in LABS}
    assert set(FORM.called) == {f"called.{who}" for who in GUARANTORS}
    assert set(FORM.service) == {f"dscr.{who}" for who in NEOCLOUDS}
    assert FORM.net == f"net.{headline_then.FUND}"
    largest = 1
    for base in FORM.bases:
        largest *= base
    assert largest <= len(packed._SIGNS) ** (LENGTH - 2)


def test_one_sign_that_became_another_is_always_noticed():
    receipt = make_receipt(MARKS | {"openai": "2029Q4", "called.nvidia": 6.3, "net.infra_credit": 0.1006})
    for place, stood in enumerate(receipt):
        for sign in packed._SIGNS:
            if sign != stood:
                with pytest.raises(ValueError, match="not a whole receipt"):
                    read_receipt(receipt[:place] + sign + receipt[place + 1 :])


@pytest.mark.parametrize("damage", [str.upper, str.lower, str.swapcase, lambda k: k[:-1], lambda k: k[1:]])
def test_a_damaged_receipt_is_told_and_costs_nothing_else(damage):
    receipt = make_receipt(MARKS | {"openai": "2029Q4", "called.nvidia": 6.3, "net.infra_credit": 0.1006})
    parsed = parse(f"g=0&k={damage(receipt)}&r=6")
    assert [one.code for one in parsed.messages] == ["bad_receipt"]
    assert (parsed.receipt, parsed.touched) == (None, ("g", "r"))


@settings(max_examples=300, deadline=None)
@given(st.text(packed._SIGNS, min_size=LENGTH, max_size=LENGTH) | st.text(max_size=40))
def test_a_strangers_receipt_is_sound_or_refused(text):
    if sound_receipt(text) is None:
        with pytest.raises(ValueError, match="not a whole receipt"):
            unpack(text)
    else:
        assert unpack(text.strip()).keys() <= FORM.names


def test_a_sealed_number_that_is_too_large_is_refused():
    body = "1" + packed._SIGNS[-1] * (LENGTH - 2)
    with pytest.raises(ValueError, match="not a whole receipt"):
        unpack(body + packed._check_sign(body))


@pytest.mark.parametrize(
    "strange",
    [
        {"called.amazon": 1.0},
        {"called.meta": 40.0},
        {"called.meta": -1.0},
        {"called.meta": float("nan")},
        {"coreweave": "2026Q2"},  # not after the data
        {"coreweave": "2099Q1"},
        {"coreweave": "never"},
        {"m": "1999.1"},
        {"s": "2026-06-29"},
        {"d": "xyz"},
        {"dscr.coreweave": 1.0, "dscr.cipher": 1.0},
        {"net.infra_credit": "much"},
    ],
)
def test_what_has_no_place_in_the_short_form_is_never_written_as_something_else(strange):
    assert pack(MARKS | {"net.infra_credit": 0.1} | strange) is None


def test_without_its_marks_or_its_return_a_receipt_is_none_of_the_short_form():
    whole = MARKS | {"net.infra_credit": 0.1}
    assert pack(whole)
    for name in whole:
        assert pack({other: figure for other, figure in whole.items() if other != name}) is None


def test_a_ratio_or_return_beyond_the_range_is_left_out():
    short = make_receipt(MARKS | {"dscr.coreweave": 99.0, "net.infra_credit": -1.5})
    assert len(short) == LENGTH
    assert read_receipt(short).keys() == MARKS.keys()
    now = {"dscr.coreweave": 1.0, "net.infra_credit": 0.1}
    assert headline_then.differences(read_receipt(short), now) == ()


def some_scenarios(date, count=20):
    dice = random.Random(16)
    for number in range(count):
        some = dice.sample(levers(), 3 if number % 2 else len(levers()))
        found = {
            one.id: dice.choice(one.options)
            if one.options
            else one.check(round(dice.uniform(one.low, one.high), 0 if one.kind == "year" else 2))
            for one in some
        }
        yield Scenario.default(date).replace(**found), tuple(found)


@pytest.mark.parametrize("date", snapshots())
def test_every_scenario_has_a_short_receipt_that_agrees_with_its_figures(date):
    web = load_web(date)
    for scenario, touched in some_scenarios(date):
        reading = read(engine.run(web, scenario))
        receipt = headline_then.write(reading, scenario, touched)
        assert len(receipt) == LENGTH
        then, now = read_receipt(receipt), headline_then.headline_figures(reading)
        assert headline_then.differences(then, now) == ()
        assert {who for who in BIG_TECH if now.get(f"called.{who}", 0) > 0.05} <= {
            name.removeprefix("called.") for name in then
        }
        assert headline_then.made_with(then) == date
        assert [fact.code for fact in headline_then.reasons(then, date, scenario, touched)] == ["corrected"]
        other = headline_then.reasons(then, date, scenario.replace(s=scenario["s"] / 2 + 1), touched)
        assert [fact.code for fact in other] == ["link_changed"]


def test_the_receipt_of_another_model_is_read_and_says_so():
    receipt = make_receipt(MARKS | {"m": "2031.2", "s": "2030-12-31", "net.infra_credit": 0.1})
    then = read_receipt(receipt)
    assert len(receipt) == LENGTH
    codes = [fact.code for fact in headline_then.reasons(then, snapshots()[-1], Scenario.default(), ())]
    assert "model_changed" in codes


@pytest.mark.parametrize("date", snapshots())
def test_a_link_with_three_levers_is_short_whatever_else_it_says(date):
    receipt = make_receipt(MARKS | {"net.infra_credit": 0.1})
    scenario = Scenario.default(date).replace(g=-12.5, r=6.25, u=70)
    shared = encode(scenario, ["g", "r", "u"], lang="nl", receipt=receipt, data=date)
    assert len(f"/private_credit?{shared}") <= 110
    short = encode(Scenario.default().replace(g=0, r=6.5, u=70), ["g", "r", "u"], receipt=receipt)
    assert len(f"/?{short}") <= 60
    assert quote(receipt, safe="") == receipt
