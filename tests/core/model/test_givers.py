"""Cash of rich companies that build, on whole runs: by hand from their plans, and what a call costs them."""

import numpy as np
import pytest

from core.model.engine import run
from core.results.guarantors import BIG_TECH, spenders
from core.results.measures import Measures
from core.results.reading import read
from core.scenario.levers import Scenario
from core.web.web import OPERATORS, load_web
from tests.worlds import FIRST, STRESSED, random_levers

CENT = 1e-9  # USD bn
WORLDS = {
    "today": {},
    "stressed": {"g": -15, "u": 60, "r": 7},
    "boom": {"g": 70, "u": 92},
    "Meta leaves a glut": {"g": -20, "u": 60, "mr": False},
    "Fluidstack stops": {"fl": False},
}


@pytest.fixture(scope="module")
def web():
    return load_web()


@pytest.fixture(scope="module")
def worlds(web):
    base = Scenario.default(web)
    return Measures(run(web, [base.replace(h=2033, **changes) for changes in WORLDS.values()]))


@pytest.fixture(scope="module")
def corners(web):
    return Measures(run(web, random_levers(21, 300)))


def plan(web, giver):
    """What a giver means to build by quarter, USD bn: each year in equal parts over what is left of it."""
    calendar, rows = web.calendar, web.tables["plans"][f"{giver}.capex"]
    left = {str(year): sum(one.startswith(str(year)) for one in calendar.labels) for year in calendar.years}
    return np.array([rows[f"y{one[:4]}"].value / left[one[:4]] for one in calendar.labels])


def by_hand(web, result, giver, called, i):
    """Cash and new debt of a giver by quarter: flow, building, calls; above its first it pays out."""
    items = web.tables["entities"][giver]
    start, buffer = float(items["cash"].value), float(web.value("givers.buffer"))
    income = float(items["operating_cash_flow"].value) / 4
    income = income * result.dev[i] ** float(items["revenue_elasticity"].value)
    cash, held, borrowed = start, [], []
    for earned, built, asked in zip(income, plan(web, giver), called, strict=True):
        left = cash + earned - built
        borrowed.append(max(buffer * start - left, 0.0))
        cash = min(left + borrowed[-1] - asked, start)
        held.append(cash)
    return np.array(held), np.array(borrowed)


def test_all_rich_companies_that_build_have_a_path_and_no_other(web, worlds):
    layout = worlds.layout
    builders = [one for one in layout.of_kind(BIG_TECH) if f"{one}.capex" in web.tables["plans"]]
    assert set(spenders(layout)) == set(builders) - set(OPERATORS)
    assert len(spenders(layout)) == len(layout.of_kind(BIG_TECH)) - len(OPERATORS)
    for giver, found in worlds.guarantors.items():
        known = giver in spenders(layout)
        assert np.isfinite(found.cash).all() == np.isfinite(found.borrowed).all() == known
        assert np.isnan(found.cash).all() == (not known)


@pytest.mark.parametrize("world", WORLDS)
def test_their_cash_is_that_of_the_pencil(web, worlds, world):
    i, result = list(WORLDS).index(world), worlds.result
    for giver in spenders(worlds.layout):
        found = worlds.guarantors[giver]
        held, borrowed = by_hand(web, result, giver, found.called[i], i)
        np.testing.assert_allclose(found.cash[i], held, atol=1e-9, err_msg=giver)
        np.testing.assert_allclose(found.borrowed[i], borrowed, atol=1e-9, err_msg=giver)
    everybody = [worlds.guarantors[giver] for giver in spenders(worlds.layout)]
    assert any(one.borrowed[i].any() for one in everybody)
    assert any((np.diff(one.cash[i]) < 0).any() for one in everybody)


def test_their_cash_stays_between_their_buffer_and_what_they_had(web, corners):
    """A call comes on top: what it takes below the buffer is borrowed in the next quarter."""
    buffer = float(web.value("givers.buffer"))
    for giver in spenders(corners.layout):
        start, found = float(web.value(f"{giver}.cash")), corners.guarantors[giver]
        assert (found.cash <= start + CENT).all()
        assert (found.cash >= buffer * start - found.called - CENT).all(), giver
        assert (found.borrowed >= 0).all()


def test_they_borrow_only_what_is_missing_to_their_buffer(web, corners):
    """Whoever borrows is left with just the buffer, but for the calls of the quarter."""
    buffer, times = float(web.value("givers.buffer")), 0
    for giver in spenders(corners.layout):
        found, start = corners.guarantors[giver], float(web.value(f"{giver}.cash"))
        borrows = found.borrowed > CENT
        before_calls = (found.cash + found.called)[borrows]
        np.testing.assert_allclose(before_calls, buffer * start, atol=1e-9)
        times += int(borrows.sum())
    assert times > 100


def test_a_call_costs_a_giver_its_cash_one_for_one(web):
    """The same world with and without its promises, where in neither it pays out or borrows."""
    scenario = Scenario.default(web).replace(g=-30, u=50, h=2033, fl=False)
    kept, broken = (
        Measures(run(web, scenario.replace(gw=honours, nb=honours), "plan")) for honours in (True, False)
    )
    compared = 0
    for giver in ("alphabet", "nvidia"):
        pays, walks = kept.guarantors[giver], broken.guarantors[giver]
        start = float(web.value(f"{giver}.cash"))
        called = pays.called[0]
        assert called.sum() > 0.1
        assert not walks.called.any()
        for q in range(called.size):
            earlier = 0.0 if q == 0 else walks.cash[0, q - 1] - pays.cash[0, q - 1]
            free = pays.cash[0, q] < start - CENT and walks.cash[0, q] < start - CENT
            if free and not pays.borrowed[0, q] and not walks.borrowed[0, q]:
                assert walks.cash[0, q] - pays.cash[0, q] == pytest.approx(earlier + called[q], abs=1e-9)
                compared += called[q] > CENT
    assert compared > 2


def test_readings_tell_the_cash_of_those_who_build_and_of_nobody_else(web, worlds):
    told = read(worlds.result, 1, measures=worlds)
    for row in told["guarantors"]:
        known = row["id"] in spenders(worlds.layout)
        assert (None not in row["cash"]) == (None not in row["borrowed"]) == known
        if known:
            assert row["cash"] == worlds.guarantors[row["id"]].cash[1].tolist()


def test_on_the_first_data_nobodys_cash_is_known():
    first = load_web(FIRST)
    result = run(first, STRESSED)
    assert spenders(result.layout) == ()
    for row in read(result, 0, STRESSED)["guarantors"]:
        assert {*row["cash"], *row["borrowed"]} == {None}
