"""Frontiers against sweeps; the least unusual scenario against break-points and random draws."""

import json

import numpy as np
import pytest

from core.__main__ import main
from core.model.engine import run
from core.questions.distributions import correlation, distributions
from core.questions.explore import PRECISION, break_points, sweep
from core.questions.frontier import _connect, _crossed, frontier, frontiers, reverse_stress
from core.scenario.levers import Scenario, columns_from, lever
from core.web.web import load_web
from tests.worlds import FIRST

WEB = load_web(FIRST)
TODAY = Scenario.default(FIRST)


def fails(company, start=TODAY, **values):
    return run(WEB, columns_from(start, **values)).failed_by_horizon((company,))[:, 0]


@pytest.fixture(scope="module")
def plane():
    return frontiers(WEB, TODAY, ["coreweave", "openai", "hyperion"], "demand_growth", "r", points=17)


def test_heat_map_is_the_sweep(plane):
    swept = sweep(WEB, TODAY, {"g": plane.x_values, "r": plane.y_values}, "failed_count")
    np.testing.assert_array_equal(plane.failed_count, swept.values)
    assert plane.failed_count.max() > plane.failed_count.min()


def test_fates_differ_on_the_two_sides_of_every_point(plane):
    for line in plane.frontiers[:2]:
        assert len(line.points) > 10
        x, y = np.array(line.points).T
        on_grid = np.isin(x, plane.x_values)  # these were halved along y, the others along x
        dx, dy = np.where(on_grid, 0.0, PRECISION / 2), np.where(on_grid, PRECISION / 2, 0.0)
        before, after = (fails(line.company, g=x + s * dx, r=y + s * dy) for s in (-1, 1))
        assert np.all(before != after)


def test_every_flip_of_the_grid_is_on_the_frontier(plane):
    gx, gy = np.meshgrid(plane.x_values, plane.y_values, indexing="ij")
    for line in plane.frontiers:
        grid = fails(line.company, g=gx.ravel(), r=gy.ravel()).reshape(gx.shape)
        flips = np.count_nonzero(grid[1:] != grid[:-1]) + np.count_nonzero(grid[:, 1:] != grid[:, :-1])
        assert len(set(line.points)) == flips
        assert sum(map(len, line.lines)) == len(line.points)


def test_no_crossing_is_said_and_why(plane):
    assert (plane.frontiers[2].reason, plane.frontiers[2].points) == ("never_fails", ())
    lost = frontier(WEB, TODAY, "coreweave", "g", "r", 5, x_range=(-50.0, -30.0))
    assert (lost.reason, lost.lines) == ("always_fails", ())


def test_a_line_across_the_other_lever_is_found():
    # Only demand decides within this narrow band of rates: no flip along y at all.
    line = frontier(WEB, TODAY, "coreweave", "g", "r", 9, y_range=(3.74, 3.76), x_range=(0.0, 40.0))
    (expected,) = [b.value for b in break_points(WEB, TODAY, "g") if b.company == "coreweave"]
    assert line.reason == "flips"
    assert {point[1] for point in line.points} >= {3.74, 3.76}
    assert all(abs(x - expected) < 0.5 for x, _ in line.points)


def test_frontier_meets_the_break_point(plane):
    line = frontier(WEB, TODAY, "coreweave", "g", "r", 9)
    for demand in (25.0, 43.75):
        (point,) = [y for x, y in line.points if x == demand]
        (expected,) = [
            b.value for b in break_points(WEB, TODAY.replace(g=demand), "r") if b.company == "coreweave"
        ]
        assert point == pytest.approx(expected, abs=1.5 * PRECISION)  # a bracket, and half of one


def lines_of(picture):
    grid = np.array([[c == "#" for c in row] for row in picture]).T
    edges = _crossed(grid)
    middle = [(i + 0.5, float(j)) if axis == 0 else (float(i), j + 0.5) for i, j, axis in edges]
    return _connect(edges, middle, grid)


def test_several_lines_rings_and_corners_that_touch():
    stripes = lines_of(["....", "####", "....", "...."])
    assert [len(line) for line in stripes] == [4, 4]
    assert stripes[0] == tuple(sorted(stripes[0]))
    (ring,) = lines_of(["....", ".##.", "...."])
    assert ring[0] == ring[-1]
    assert len(ring) == 6 + 1
    touching = lines_of(["#.", ".#"])
    assert {frozenset(line) for line in touching} == {
        frozenset({(0.5, 0.0), (0.0, 0.5)}),  # each failing corner is cut off on its own
        frozenset({(0.5, 1.0), (1.0, 0.5)}),
    }
    assert lines_of(["..", ".."]) == ()


def test_a_year_is_an_axis_of_its_years():
    plane = frontiers(WEB, TODAY.replace(r=8), ["coreweave"], "g", "t", points=9)
    assert plane.y_values.tolist() == [2026, 2027, 2028, 2029, 2030]
    assert plane.failed_count.shape == (9, 5)
    assert all(y in plane.y_values or y % 1 == 0.5 for _, y in plane.frontiers[0].points)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (("corewave", "g", "r"), "nearest: coreweave"),
        (("coreweave", "g", "demand_growth"), "twice"),
        (("coreweave", "g", "gw"), "has options"),
        (("coreweave", "g", "q"), "not a lever"),
        (("coreweave", "g", "r", 1), "points = 1"),
    ],
)
def test_wrong_planes_are_refused_by_name(call, told):
    with pytest.raises(ValueError, match=told):
        frontier(WEB, TODAY, *call)
    with pytest.raises(ValueError, match="range"):
        frontier(WEB, TODAY, "coreweave", "g", "r", x_range=(10.0, 10.0))


@pytest.fixture(scope="module")
def broken():
    return reverse_stress(WEB, TODAY, "coreweave")


def test_the_scenario_found_does_break_the_company(broken):
    assert broken.goal == "breaks"
    assert bool(run(WEB, broken.scenario).failed_by_horizon(("coreweave",))[0, 0])
    assert {move.lever for move in broken.moves} == set(broken.scenario.differs_from(TODAY))


def deviations(name, value):
    return abs(value - TODAY[name]) / distributions(WEB)[name].spread


def test_its_distance_is_that_of_its_moves(broken):
    names = [name for name, one in distributions(WEB).items() if lever(name).kind == "number"]
    moved = {move.lever: move.deviations for move in broken.moves}
    x = np.array([moved.get(name, 0.0) for name in names])
    squares = x @ np.linalg.inv(correlation(names)) @ x
    squares += sum(d**2 for name, d in moved.items() if name not in names)
    assert broken.distance == pytest.approx(np.sqrt(squares), rel=1e-6)
    for move in broken.moves:
        if move.lever in names:
            assert abs(move.deviations) == pytest.approx(deviations(move.lever, move.end), abs=1e-6)


def test_nothing_tried_at_random_or_one_by_one_is_much_less_unusual(broken):
    for name in ("g", "r", "u", "s"):
        for found in break_points(WEB, TODAY, name):
            if found.company == "coreweave" and found.value is not None:
                # With its usual companion, a move of demand or spreads alone is more unusual than its size.
                assert broken.distance <= deviations(name, found.value) / np.sqrt(1 - 0.6**2) + 0.02
    names = [name for name, one in distributions(WEB).items() if lever(name).kind == "number"]
    spreads = np.array([distributions(WEB)[name].spread for name in names])
    rng = np.random.default_rng(0)
    way = rng.normal(size=(1500, len(names)))
    scores = 0.95 * broken.distance * way / np.linalg.norm(way, axis=1, keepdims=True)
    moved = scores @ np.linalg.cholesky(correlation(names)).T * spreads
    limits = [(lever(name).low, lever(name).high) for name in names]
    values = {name: np.clip(TODAY[name] + moved[:, i], *limits[i]) for i, name in enumerate(names)}
    assert not fails("coreweave", **values).any()


def test_a_company_that_fails_is_saved_and_one_beyond_reach_is_said_so():
    start = TODAY.replace(g=0)
    saved = reverse_stress(WEB, start, "coreweave")
    assert saved.goal == "saves"
    assert not run(WEB, saved.scenario).failed_by_horizon(("coreweave",))[0, 0]
    nothing = reverse_stress(WEB, TODAY, "hyperion")
    assert (nothing.scenario, nothing.distance, nothing.moves) == (None, np.inf, ())
    with pytest.raises(ValueError, match="nearest: openai"):
        reverse_stress(WEB, TODAY, "openaj")


def test_same_seed_same_answer(broken):
    assert reverse_stress(WEB, TODAY, "coreweave") == broken


def test_command(capsys):
    outputs = []
    for call in (["coreweave", "g", "u"], ["--company", "coreweave", "--x", "g", "--y", "u"]):
        assert main(["frontier", *call, "r=5", "--points", "7", "--data", FIRST]) == 0
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1]
    told = json.loads(outputs[0])
    assert (told["company"], told["x"], told["y"]) == ("coreweave", "g", "u")
    line = frontier(WEB, TODAY.replace(r=5), "coreweave", "g", "u", 7)
    assert told["points"] == [list(point) for point in line.points]
    for wrong in (["coreweave", "g"], ["coreweave", "g", "u", "r"], ["coreweave", "g", "u", "--points", "1"]):
        assert main(["frontier", *wrong]) == 2
        assert capsys.readouterr().err.count("\n") == 1
