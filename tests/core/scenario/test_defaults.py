"""Where a lever stands by default is said by the data that are looked at: links, sides, presets, marks."""

import re

import pytest

from core.results.headline_then import link_mark
from core.results.narrative import premise
from core.scenario import sides
from core.scenario.levers import Scenario
from core.scenario.link import encode, parse
from core.scenario.messages import describe
from core.scenario.presets import presets
from core.web.refusal import DataError
from core.web.web import load_web
from tests import two_snapshots
from tests.core.scenario.test_levers import TABLE
from tests.third import FIRST, THIRD, made_up

pytestmark = pytest.mark.usefixtures("two_dates")

OF_FIRST = {one[0]: one[4] for one in TABLE}
OF_THIRD = {"r": 3.5, "d": 15.0, "b": 30.0}


def test_a_default_is_what_the_row_of_the_snapshot_says():
    for date, more in ((FIRST, {}), (THIRD, OF_THIRD), (None, OF_THIRD)):
        assert Scenario.default(date).as_dict() == OF_FIRST | more
        assert Scenario.from_mapping({"g": 1}, date) == Scenario.default(date).replace(g=1)
    edited = load_web(FIRST, {"market.base_rate": 5})
    assert Scenario.default(edited) == Scenario.default(FIRST)  # an edit moves no default


def test_moves_are_carried_to_other_data():
    moved = Scenario.default(FIRST).replace(g=0, r=3.75)
    assert moved.carried(["g"], THIRD) == Scenario.default(THIRD).replace(g=0)
    assert moved.carried(["g", "r"], THIRD) == Scenario.default(THIRD).replace(g=0, r=3.75)


def test_data_on_which_a_lever_cannot_stand_are_refused(tmp_path):
    root = made_up(tmp_path / "data")
    table = root / THIRD / "market.csv"
    lines = table.read_text(encoding="utf-8")
    table.write_text(lines.replace(",base_rate,3.5,", ",base_rate,14,"), encoding="utf-8")
    told = re.escape(f"{THIRD}: base_rate (r) = 14.0: not within 0 to 12 %")
    with two_snapshots.in_use(root), pytest.raises(DataError, match=told):
        Scenario.default()


@pytest.mark.parametrize(("data", "rate"), [(None, 3.5), (FIRST, 3.75), (THIRD, 3.5)])
def test_levers_that_a_link_does_not_name_stand_as_its_data_have_them(data, rate):
    today = Scenario.default(data)
    dated = {"data": data} if data else {}
    bent = parse({"g": "0", "r": "x", **dated})
    assert bent.scenario == parse("g=0&r=x", data=data).scenario == today.replace(g=0)
    assert f"it stays at {rate:g}" in describe(bent.messages[0])
    other = 3.75 if rate == 3.5 else 3.5  # as the other data have it
    for scenario, touched in (
        (today, ()),
        (today, ("g", "r")),
        (today.replace(r=other), ()),
        (today.replace(r=9), ("d",)),
    ):
        parsed = parse(encode(scenario, touched, data=data))
        assert parsed.scenario == scenario
        assert set(parsed.touched) == {*touched, *scenario.differs_from(today)}
    for preset in presets():
        assert parse(encode(preset.on(data), data=data)).scenario == preset.on(data)
        assert preset.on(data).differs_from(today) == tuple(preset.levers)
        assert premise(preset.on(data), data).code != "premise_several"


def test_the_mark_of_a_link_is_that_of_what_it_names_on_all_data():
    marks = {
        link_mark(Scenario.from_mapping({"g": 0}, date), ["g"], data=date) for date in (None, FIRST, THIRD)
    }
    assert len(marks) == 1


def test_a_side_stands_on_its_own_data_and_keeps_what_it_names():
    keys = ("from", "fromb")
    for date, rate in ((None, 3.5), (FIRST, 3.75), (THIRD, 3.5)):
        found = sides.read({"from": "g:0"}, keys, date)
        assert (found.scenario["g"], found.scenario["r"]) == (0, rate)
        named = sides.read({"from": "g:0,r:3.5"}, keys, date)
        assert sides.write(named.scenario, keys, named.touched, date) == {"from": "g:0,r:3.5"}
