"""What one snapshot changes against another: by group of numbers, on one calendar, adding up."""

import math
import re

import pytest

from core.model.engine import run
from core.questions import between
from core.questions.attribution import attribute
from core.questions.batches import measure_values
from core.results import comparison
from core.results.measures import Measures
from core.scenario.levers import Scenario, columns_from
from core.web.web import load_web
from tests import two_snapshots
from tests.third import FIRST, GONE, SHIFT, THIRD

PAUSE = Scenario.default(FIRST).replace(g=0.0, h=2033)
EDITS = {
    "coreweave.cash": 9.0,
    "coreweave.mw_added.y2027": 1200,
    "coreweave.new_price": 14.0,
    "nvidia_coreweave.cap": 3,
    "infra_credit.fee": 2.0,
}
GROUPS = ("debt", "plans", "prices", "promises", "market")
MEASURES = ("pensions.loss", "coreweave.failed_quarter")


@pytest.fixture(scope="module")
def dates(third_data):
    with two_snapshots.in_use(third_data):  # read once, not for every mixture
        yield load_web(FIRST), load_web(THIRD)


@pytest.fixture(scope="module")
def first(dates):
    return dates[0]


@pytest.fixture(scope="module")
def third(dates):
    return dates[1]


def edited(web, *rows):
    return load_web(web.snapshot, {row: EDITS[row] for row in rows or EDITS})


def test_every_number_has_one_group_and_what_was_reported_since_has_none(first):
    for row in first.rows():
        is_number = not isinstance(row.raw, str) and row.table != "actuals"
        assert (between.group_of(row) in GROUPS) is is_number, row.id
    declared = between._declared()
    assert set(declared["tables"].values()) | set(declared["items"].values()) == set(GROUPS)
    assert set(declared["tables"]) == set(first.tables) - {"actuals"}
    found = {f"{row.table}.{row.item}" for row in first.rows()}
    assert set(declared["items"]) <= found


def test_quarters_that_are_over_and_the_rest_of_a_plan_are_no_change(first, third):
    assert between.changed(first, third) == {
        "plans": ("market.buildout_growth",),
        "prices": ("market.price_decline",),
        "market": ("market.base_rate",),
    }
    assert between.changed(first, edited(first)) == dict(zip(GROUPS, ((row,) for row in EDITS), strict=True))


@pytest.mark.parametrize("date", [FIRST, THIRD])
@pytest.mark.parametrize("measure", MEASURES)
def test_parts_add_up_and_swapping_turns_every_sign(first, third, date, measure):
    other = edited(first if date == FIRST else third)
    split = between.attribute_data(first, other, PAUSE, measure, calendar=first.calendar)
    assert set(split.parts) == {*GROUPS, between.REST}
    assert split.undefined == 0
    assert sum(split.parts.values()) == pytest.approx(split.difference, abs=1e-9)
    back = between.attribute_data(other, first, PAUSE, measure, calendar=first.calendar)
    assert {k: -v for k, v in back.parts.items()} == pytest.approx(split.parts, abs=1e-9)
    if date == FIRST:
        assert split.parts[between.REST] == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("row", EDITS)
def test_what_one_number_does_is_the_part_of_its_group(first, row):
    """A worked case: with one number changed, the whole change is its group's."""
    measure = "pensions.loss"
    split = between.attribute_data(first, edited(first, row), PAUSE, measure)
    group = between.group_of(first.row(row))
    alone = [
        float(measure_values(web, columns_from(PAUSE), measure)[0]) for web in (first, edited(first, row))
    ]
    assert split.parts == pytest.approx({group: alone[1] - alone[0], between.REST: 0.0}, abs=1e-12)


def test_quarters_of_failure_are_those_of_one_calendar(first, third):
    label = "coreweave.failed_quarter"
    here, there = (float(Measures(run(web, PAUSE)).value(label)[0]) for web in (first, third))
    split = between.attribute_data(first, third, PAUSE, label)
    assert (split.start, split.end) == (here - SHIFT, there)
    on_first = between.attribute_data(first, third, PAUSE, label, calendar=first.calendar)
    assert (on_first.start, on_first.end) == (here, there + SHIFT)
    calm = between.attribute_data(
        first, third, Scenario.default(FIRST).replace(h=2033), "terawulf.failed_quarter"
    )
    assert calm.start == calm.end == third.calendar.count  # never is never


def test_levers_are_a_part_of_their_own(first, third):
    base = Scenario.default(FIRST).replace(h=2033)
    split = between.attribute_data(first, edited(third), base, "pensions.loss", then=PAUSE)
    alone = attribute(edited(third), base, PAUSE, "pensions.loss")
    assert split.parts[between.LEVERS] == pytest.approx(alone.difference)
    assert sum(split.parts.values()) == pytest.approx(split.difference)
    assert set(split.standard_errors) == set(split.parts)


def test_a_lever_that_nobody_moved_goes_with_the_number_that_is_its_default(first, third):
    ends = [Scenario.default(web).replace(h=2033) for web in (first, third)]
    split = between.attribute_data(first, third, ends[0], "pensions.loss", then=ends[1])
    assert set(split.parts) == {"plans", "prices", "market", between.REST}
    assert sum(split.parts.values()) == pytest.approx(split.difference, abs=1e-9)
    paused = between.attribute_data(first, third, ends[0], "pensions.loss", then=ends[1].replace(g=0))
    numbers = {word: part for word, part in paused.parts.items() if word != between.LEVERS}
    assert numbers == pytest.approx(split.parts)
    alone = attribute(third, ends[1], ends[1].replace(g=0), "pensions.loss")
    assert paused.parts[between.LEVERS] == pytest.approx(alone.difference)


def test_a_figure_that_one_date_lacks_cannot_be_split(first, third):
    told = f"the data of {THIRD} do not know {GONE}.failed_quarter"
    with pytest.raises(ValueError, match=re.escape(told)):
        between.attribute_data(first, third, PAUSE, f"{GONE}.failed_quarter")


def test_figures_stand_side_by_side_on_one_calendar(first, third):
    a, b = (Measures(run(web, PAUSE)) for web in (first, third))
    pairs = {pair.measure: pair for pair in comparison.side_by_side(a, b)}
    gone = pairs[f"{GONE}.failed_quarter"]
    assert [math.isnan(value) for value in (gone.a, gone.b)] == [False, True]
    assert not gone.same
    coreweave = pairs["coreweave.failed_quarter"]
    assert coreweave.never == third.calendar.count
    assert coreweave.a == float(a.value("coreweave.failed_quarter")[0]) - SHIFT
