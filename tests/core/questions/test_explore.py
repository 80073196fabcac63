"""Sweeps, break-points and strips are nothing but many runs."""

import json

import numpy as np
import pytest

from core.__main__ import main
from core.layout.compile import compile_layout
from core.model.engine import run
from core.questions import explore
from core.questions.explore import bisect, break_points, crossings, stops, strips, sweep
from core.results.measures import Measures
from core.scenario.levers import Scenario, columns_from, lever
from tests.worlds import FIRST, NEVER, STRESSED

BASE = Scenario.default(FIRST)


def alone(web, scenario, measure):
    return Measures(run(web, scenario)).value(measure)[0]


@pytest.mark.parametrize(
    "measure",
    [
        "coreweave.failed_quarter",
        "infra_credit.net_irr",
        "called_total",
        "funding_gap.unfunded",
        "alphabet.called",
    ],
)
def test_a_sweep_is_single_runs_bit_for_bit(web, measure):
    found = sweep(web, STRESSED, {"demand_growth": np.array([-30.0, 7.5, 60.0])}, measure)
    assert found.axes[0][0] == "g"
    for value, got in zip((-30.0, 7.5, 60.0), found.values, strict=True):
        assert got == alone(web, STRESSED.replace(g=value), measure), value


def test_two_levers_make_a_grid_in_the_order_given(web):
    found = sweep(
        web, BASE, {"u": np.array([40.0, 85.0]), "r": np.array([2.0, 6.0, 10.0])}, "coreweave.interest"
    )
    assert found.values.shape == (2, 3)
    for i, u in enumerate((40.0, 85.0)):
        for j, r in enumerate((2.0, 6.0, 10.0)):
            assert found.values[i, j] == alone(web, BASE.replace(u=u, r=r), "coreweave.interest")


def test_a_sweep_by_plan_differs(web):
    axes = {"u": np.array([40.0, 50.0])}
    market, plan = (sweep(web, BASE, axes, "coreweave.capex", way).values for way in ("market", "plan"))
    assert (plan > market).all()


@pytest.mark.parametrize("axes", [{}, {"g": [1.0, 2.0], "r": [1.0, 2.0], "u": [50.0, 60.0]}])
def test_one_or_two_levers(web, axes):
    with pytest.raises(ValueError, match="one or two levers"):
        sweep(web, BASE, {k: np.array(v) for k, v in axes.items()}, "failed_count")


def test_wrong_values_and_measures_are_refused(web):
    with pytest.raises(ValueError, match="not within -50 to 100"):
        sweep(web, BASE, {"g": np.array([0.0, 200.0])}, "failed_count")
    with pytest.raises(ValueError, match=r"no measure 'coreweave\.fails'"):
        sweep(web, BASE, {"g": np.array([0.0, 1.0])}, "coreweave.fails")


def fails(web, scenario, word, values):
    """Who fails by the horizon along a lever, {company: array of bool}: straight from one run."""
    result = run(web, columns_from(scenario, **{word: values}), keep=())
    last = (int(scenario["h"]) - 2025) * 4 - 1
    return {company: result.failed_quarter(company) <= last for company in result.layout.counted}


@pytest.mark.parametrize(
    ("word", "scenario"), [("g", BASE), ("u", BASE.replace(g=10)), ("r", BASE), ("v", STRESSED)]
)
def test_break_points_agree_with_a_brute_force_scan(web, word, scenario):
    one = lever(word)
    fine = np.linspace(one.low, one.high, 601)
    truth = fails(web, scenario, word, fine)
    step = fine[1] - fine[0]
    for point in break_points(web, scenario, word):
        flips = fine[:-1][truth[point.company][1:] != truth[point.company][:-1]] + step / 2
        if point.value is None:
            assert flips.size == 0, point
            assert point.reason == ("always_fails" if truth[point.company][0] else "never_fails")
            continue
        found = np.array([point.value, *point.others])
        assert found.size == flips.size, (point, flips)
        for value in found:
            assert np.abs(flips - value).min() <= step / 2 + 0.01, (point, flips)
        nearest = flips[np.argmin(np.abs(flips - scenario[word]))]
        assert abs(nearest - point.value) <= step / 2 + 0.01


@pytest.mark.parametrize(("word", "scenario"), [("g", BASE), ("r", BASE), ("u", BASE)])
def test_a_break_point_separates_failing_from_surviving_within_a_hundredth(web, word, scenario):
    flipping = [p for p in break_points(web, scenario, word) if p.value is not None]
    assert flipping
    for point in flipping:
        sides = np.array([point.value - 0.011, point.value + 0.011])
        below, above = fails(web, scenario, word, sides)[point.company]
        assert (below, above) == ((True, False) if point.reason == "fails_below" else (False, True)), point
        assert fails(web, scenario, word, np.array([point.value, point.value]))[point.company].all(), point


def test_break_points_of_options_are_the_option_that_flips(web):
    found = {p.company: p for p in break_points(web, BASE.replace(g=-20, h=2033), "gw")}
    for company, point in found.items():
        now, other = (
            alone(web, BASE.replace(g=-20, h=2033, gw=gw), f"{company}.failed_quarter")
            for gw in (True, False)
        )
        if (now < NEVER) != (other < NEVER):
            assert point.value is False
            assert point.reason == ("survives_with" if now < NEVER else "fails_with")
        else:
            assert point.value is None
            assert point.reason == ("always_fails" if now < NEVER else "never_fails")
    assert any(p.value is not None for p in found.values())


def test_break_points_of_a_choice_and_of_a_year(web):
    closed = {p.company: p for p in break_points(web, BASE, "f")}["terawulf"]
    assert (closed.value, closed.reason) == ("closed", "fails_with")
    years = {p.company: p for p in break_points(web, BASE.replace(g=0), "t")}["coreweave"]
    quarters = sweep(
        web, BASE.replace(g=0), {"t": np.arange(2026.0, 2031.0)}, "coreweave.failed_quarter"
    ).values
    survives = np.arange(2026, 2031)[quarters > 19]
    assert survives.size
    assert years.value == survives[0] - 1  # the last year in which the turn still kills it by the horizon


def test_strips_are_sweeps_of_the_failed_count(web):
    for strip in strips(web, STRESSED):
        one = lever(strip.lever)
        values = np.linspace(one.low, one.high, explore.SCAN)
        np.testing.assert_array_equal(strip.values, values)
        np.testing.assert_array_equal(
            strip.failed, sweep(web, STRESSED, {strip.lever: values}, "failed_count").values
        )


STARTS = {
    "base": BASE,
    "stressed": STRESSED,
    "odd": STRESSED.replace(g=-7.3, s=120),
    "slow": BASE.replace(g=5),
    "broken": BASE.replace(g=0, gw=False, r=8),
}


@pytest.mark.parametrize("scenario", STARTS.values(), ids=STARTS)
@pytest.mark.parametrize("word", explore.number_levers())
def test_a_break_point_is_one_number_and_the_fate_flips_there(web, capsys, word, scenario):
    """The same from `break_points`, a strip and the command line; a hundredth further the company holds."""
    (strip,) = strips(web, scenario, words=(word,))
    points, one = break_points(web, scenario, word), lever(word)
    assert [point.company for point in points] == list(compile_layout(web).counted)
    assert (
        main(
            [
                "break",
                word,
                "--data",
                FIRST,
                *(f"{name}={value}" for name, value in settings(scenario).items()),
            ]
        )
        == 0
    )
    printed = {row["company"]: row for row in json.loads(capsys.readouterr().out)}
    step = 1.0 if one.kind == "year" else explore.PRECISION
    for point in points:
        ticks = [(value, way) for who, value, way in strip.ticks if who == point.company]
        values = [point.value, *point.others] if point.value is not None else []
        assert sorted(values) == sorted(value for value, _ in ticks)
        row = printed[point.company]
        assert (row["value"], tuple(row["others"]), row["reason"]) == (
            point.value,
            point.others,
            point.reason,
        )
        if values:
            assert (point.value, point.reason.removeprefix("fails_")) in ticks
        else:
            ends = fails_at(web, scenario, word, [one.low, one.high], point.company)
            assert set(ends) == {point.reason == "always_fails"}
        for value, way in ticks:
            beyond = min(max(value + step * (1 if way == "below" else -1), one.low), one.high)
            there, further = fails_at(web, scenario, word, [value, beyond], point.company)
            assert there, (point.company, value)
            assert not further, (point.company, value)


def test_the_break_points_tried_are_many_and_of_every_lever_but_one(web):
    found = [
        strip for scenario in STARTS.values() for strip in strips(web, scenario, explore.number_levers())
    ]
    assert sum(len(strip.ticks) for strip in found) > 80
    # what chips fetch matters to lenders: nobody's fate hangs on it alone
    assert {strip.lever for strip in found if strip.ticks} == set(explore.number_levers()) - {"c"}


def settings(scenario):
    """A scenario as words for the command line."""
    return {name: lever(name).format(scenario[name]) for name in scenario.differs_from(BASE)}


def fails_at(web, scenario, word, values, company):
    batch = columns_from(scenario, **{word: np.array(values)})
    return run(web, batch, keep=()).failed_by_horizon((company,))[:, 0]


@pytest.mark.parametrize("word", explore.number_levers())
def test_stops_are_what_a_slider_can_send(word):
    one = lever(word)
    values = stops(one)
    assert (values[0], values[-1]) == (one.low, one.high)
    assert (
        Scenario.default("2025-12-31")[word] in values
    )  # others may lie between two stops: fields and links take them
    np.testing.assert_allclose(np.diff(values), one.step or 1.0)
    # a browser adds steps up and `levers` rounds to six decimals: the very same number must come out
    assert all(round(one.low + k * (one.step or 1.0), 6) == value for k, value in enumerate(values))


def test_number_levers_can_be_swept(web):
    for word in explore.number_levers():
        one = lever(word)
        values = np.array([one.low, one.high])
        assert sweep(web, BASE, {word: values}, "failed_count").values.shape == (2,)


@pytest.mark.parametrize("g", [10.0, 9.0, -1.0, 100.0, -50.0])
def test_ticks_and_the_scenario_itself_never_contradict_each_other(web, g):
    """Walking from a company's fate at the scenario to either end, the first tick says that it changes."""
    scenario = BASE.replace(g=g)
    failed = run(web, scenario, keep=()).failed_by_horizon(names := compile_layout(web).counted)[0]
    (strip,) = strips(web, scenario, words=("g",))
    for company, fails in zip(names, failed, strict=True):
        ticks = sorted((value, way) for who, value, way in strip.ticks if who == company)
        below = [way for value, way in ticks if value <= g][-1:]
        above = [way for value, way in ticks if value > g][:1]
        assert below in ([], ["above" if fails else "below"]), company
        assert above in ([], ["below" if fails else "above"]), company


def test_bisection_of_many_brackets_stops_where_each_may():
    low, high = bisect(np.zeros(3), np.full(3, 8.0), lambda rows, x: x < (rows + 1) * 1.7, [0.01, 8.0, 1.0])
    assert (low[1], high[1]) == (0.0, 8.0)
    assert ((high - low) <= [0.01, 8.0, 1.0]).all()
    assert (low < [1.7, 3.4, 5.1]).all()
    assert (high >= [1.7, 3.4, 5.1]).all()


@pytest.mark.parametrize("company", ["coreweave", "fluidstack", "hyperion"])
@pytest.mark.parametrize("base", [{}, {"gw": False}, {"g": 0}])
@pytest.mark.parametrize(
    ("x", "at", "y"), [("r", [3.0, 6.0, 9.0], "u"), ("t", [2026.0, 2028.0], "g"), ("u", [60.0, 85.0], "t")]
)
def test_crossings_are_break_points_and_fail_as_said(web, company, base, x, at, y):
    """Inside every span the company fails, at its ends too but for years, and just outside it holds."""
    scenario, one = BASE.replace(**base), lever(y)
    year = one.kind == "year"
    step = 0.0 if year else explore.PRECISION
    (found,) = crossings(web, scenario, (company,), x, y, at)
    for cut, value in zip(found, at, strict=True):
        there = scenario.replace(**{x: round(value) if lever(x).kind == "year" else value})
        edges = [(edge, way) for span in cut.fails for edge, way in zip(span, (-1, 1), strict=True) if edge]
        for point in break_points(web, there, y):
            if point.company == company and not year:
                flips = [] if point.value is None else [point.value, *point.others]
                assert sorted(edge for edge, _ in edges) == sorted(flips)
        points = np.arange(one.low, one.high + 1.0) if year else np.linspace(one.low, one.high, 200)
        tried = np.unique([*points, *(edge + way * step for edge, way in edges)])
        inside = np.zeros(tried.size, dtype=bool)
        for low, high in cut.fails:
            low, high = (-np.inf if low is None else low - step), (np.inf if high is None else high + step)
            inside |= (tried > low) & (tried < high)
        np.testing.assert_array_equal(fails_at(web, there, y, tried, company), inside)
