"""A second scenario in a link: there and back bit for bit, and never an exception."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.scenario import sides
from core.scenario.levers import Scenario, levers
from core.scenario.text import LONGEST_VALUE

KEYS = ("from", "fromb", "fromc", "fromd", "frome")


def values(one):
    if one.options:
        return st.sampled_from(one.options)
    if one.kind == "year":
        return st.integers(int(one.low), int(one.high))
    return st.floats(one.low, one.high)


@given(st.fixed_dictionaries({one.id: values(one) for one in levers()}))
@settings(max_examples=100)
def test_any_scenario_comes_back_bit_for_bit(settings_of):
    scenario = Scenario.default().replace(**settings_of)
    written = sides.write(scenario, KEYS)
    assert all(len(value) <= LONGEST_VALUE for value in written.values())
    found = sides.read(written, KEYS)
    assert (found.scenario, found.messages) == (scenario, ())


@given(st.text(max_size=150))
def test_nothing_that_a_stranger_writes_raises(text):
    assert isinstance(sides.read({"from": text}, KEYS).scenario, Scenario)


def test_too_few_keys_are_an_error():
    scenario = Scenario.default().replace(
        **{one.id: one.low + 0.123456789 for one in levers() if one.kind == "number"}
    )
    with pytest.raises(ValueError, match="view keys"):
        sides.write(scenario, ("from",))
