"""Where a fate flips: the line in the plane of two levers, and the least unusual scenario that does it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from core.layout.compile import compile_layout
from core.layout.layout import Layout
from core.questions.batches import Executor, fates
from core.questions.distributions import correlation, distributions
from core.questions.explore import PRECISION, bisect
from core.questions.monte_carlo import sobol_points
from core.scenario.levers import Lever, Scenario, Value, columns_from, lever, nearest
from core.web.web import Web

POINTS = 41  # along each axis of a heat map
RAYS = 256  # directions of the first look of a reverse stress test
REACH = 4.0  # standard deviations up to which it looks
ROUNDS = 4  # of closer looks around the best directions
SHORTER = 1 / 256  # of the way: where shortening stops

Line = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Frontier:
    """Where one company's fate flips in the plane of two levers.

    Attributes
    ----------
    company, x, y : str
        Entity id and lever ids.
    points : tuple of (float, float)
        Points of the frontier, line after line, in public units; empty if there is none.
    lines : tuple of tuple of (float, float)
        The same as lines to draw: several where the fate flips and flips back. A closed line ends where it
        began.
    reason : str
        "flips", or why there is no line: "always_fails" or "never_fails" on the whole plane.
    """

    company: str
    x: str
    y: str
    points: Line
    lines: tuple[Line, ...]
    reason: str


@dataclass(frozen=True)
class FrontierMap:
    """A heat map of two levers with the frontiers of some companies.

    Attributes
    ----------
    x, y : str
        Lever ids.
    x_values, y_values : ndarray
        Public values along the axes.
    failed_count : ndarray (x, y)
        How many of the counted companies have failed by the horizon.
    frontiers : tuple of Frontier
        In the order asked for.
    """

    x: str
    y: str
    x_values: NDArray
    y_values: NDArray
    failed_count: NDArray
    frontiers: tuple[Frontier, ...]


def frontier(
    web: Web, scenario: Scenario, company: str, x: str, y: str, points: int = POINTS, **options: object
) -> Frontier:
    """Where one company's fate flips in the plane of two levers.

    Parameters
    ----------
    web : Web
        A loaded snapshot.
    scenario : Scenario
        The other levers.
    company : str
        Entity id.
    x, y : str
        Number or year levers, by id or long name.
    points : int
        Grid points along each axis.
    **options : object
        ``x_range``, ``y_range`` and ``executor`` of `frontiers`.

    Examples
    --------
    >>> from core.web.web import load_web
    >>> line = frontier(load_web(), Scenario.default(), "coreweave", "g", "r", points=5)
    >>> line.reason, len(line.points) > 2
    ('flips', True)
    """
    return frontiers(web, scenario, [company], x, y, points, **options).frontiers[0]  # type: ignore[arg-type]


def frontiers(
    web: Web,
    scenario: Scenario,
    companies: Sequence[str],
    x: str,
    y: str,
    points: int = POINTS,
    *,
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float, float] | None = None,
    executor: Executor | None = None,
) -> FrontierMap:
    """How many fail over the plane of two levers, and the lines at which named companies' fates flip.

    The grid is shared by all companies; then every pair of neighbouring grid points with different fates is
    closed in on as every break-point is. An island of another fate that fits between grid points is missed.

    Parameters
    ----------
    web : Web
        A loaded snapshot.
    scenario : Scenario
        The other levers.
    companies : sequence of str
        Entity ids of companies and tenants; may be empty.
    x, y : str
        Two number or year levers, by id or long name.
    points : int
        Grid points along each axis, 2 to 201; a year lever has its years.
    x_range, y_range : tuple of float, optional
        From and to, in public units; the lever's whole range if not given.
    executor : Executor, optional
        See `core.questions.batches.run_batches`.

    Returns
    -------
    FrontierMap
        Heat map and frontiers, exact to 0.01 of a lever's unit; between two years drawn half way.

    Raises
    ------
    ValueError
        For a company, lever, range or number of points that cannot be, naming it.
    """
    layout = compile_layout(web)
    for company in companies:
        _check_company(layout, company)
    axes = (_axis(x, x_range, points), _axis(y, y_range, points))
    (one, xs), (two, ys) = axes
    if one.id == two.id:
        raise ValueError(f"a plane needs two levers, got {one.label} twice")
    gx, gy = np.meshgrid(xs, ys, indexing="ij")
    names = tuple(dict.fromkeys((*layout.counted, *companies)))
    fails = fates(web, columns_from(scenario, **{one.id: gx.ravel(), two.id: gy.ravel()}), names, executor)
    fails = fails.reshape(*gx.shape, len(names))
    found = []
    for company in companies:
        mine = fails[:, :, names.index(company)]
        edges = _crossed(mine)
        lines = _connect(edges, _places(web, scenario, company, axes, mine, edges, executor), mine)
        reason = "flips" if lines else ("always_fails" if mine[0, 0] else "never_fails")
        found.append(Frontier(company, one.id, two.id, sum(lines, ()), lines, reason))
    count = fails[:, :, : len(layout.counted)].sum(axis=2)
    return FrontierMap(one.id, two.id, xs, ys, count, tuple(found))


def _check_company(layout: Layout, company: str) -> str:
    """The id of a company or tenant, or a refusal that names the nearest."""
    known = tuple(dict.fromkeys((*layout.companies, *layout.tenants)))
    if company not in known:
        raise ValueError(f"no company {company[:40]!r}; nearest: {nearest(company, known)}")
    return company


def _axis(word: str, ends: tuple[float, float] | None, points: int) -> tuple[Lever, NDArray]:
    one = lever(word)
    if one.low is None or one.high is None:
        raise ValueError(f"{one.label} has options, not a range; a plane needs numbers or years")
    if not 2 <= points <= 201:
        raise ValueError(f"points = {points}: not within 2 to 201")
    low, high = (one.low, one.high) if ends is None else ends
    low, high = float(one.check(low)), float(one.check(high))
    if not low < high:
        raise ValueError(f"{one.label}: {low} to {high} is not a range")
    return one, np.arange(low, high + 1.0) if one.kind == "year" else np.linspace(low, high, points)


Edge = tuple[int, int, int]  # grid point (i, j) and the axis along which its neighbour lies


def _crossed(fails: NDArray) -> list[Edge]:
    """Pairs of neighbouring grid points with different fates."""
    along_x = [(int(i), int(j), 0) for i, j in np.argwhere(fails[1:] != fails[:-1])]
    return along_x + [(int(i), int(j), 1) for i, j in np.argwhere(fails[:, 1:] != fails[:, :-1])]


def _places(
    web: Web,
    scenario: Scenario,
    company: str,
    axes: tuple[tuple[Lever, NDArray], tuple[Lever, NDArray]],
    fails: NDArray,
    edges: list[Edge],
    executor: Executor | None,
) -> list[tuple[float, float]]:
    """Where on each edge the fate flips."""
    (one, xs), (two, ys) = axes
    i, j, axis = np.array(edges, dtype=int).reshape(-1, 3).T

    def place(rows: NDArray, value: NDArray) -> tuple[NDArray, NDArray]:
        """Points of the plane at values along edges."""
        along_x = axis[rows] == 0
        return np.where(along_x, value, xs[i[rows]]), np.where(along_x, ys[j[rows]], value)

    def as_low(rows: NDArray, middle: NDArray) -> NDArray:
        x, y = place(rows, middle)
        batch = columns_from(scenario, **{one.id: x, two.id: y})
        return fates(web, batch, (company,), executor)[:, 0] == fails[i[rows], j[rows]]

    low, high = bisect(
        np.where(axis == 0, xs[i], ys[j]),
        np.where(axis == 0, xs[i + (axis == 0)], ys[j + (axis == 1)]),
        as_low,
        np.array([np.inf if lever_.kind == "year" else PRECISION for lever_, _ in axes])[axis],
    )
    x, y = place(np.arange(len(edges)), (low + high) / 2.0)
    return list(zip(x.tolist(), y.tolist(), strict=True))


def _connect(edges: list[Edge], places: list[tuple[float, float]], fails: NDArray) -> tuple[Line, ...]:
    """Join the crossings of each grid cell into lines (marching squares), longest first."""
    spot = dict(zip(edges, places, strict=True))
    near: dict[Edge, list[Edge]] = {edge: [] for edge in edges}
    for i, j in product(range(fails.shape[0] - 1), range(fails.shape[1] - 1)):
        bottom, right, top, left = (i, j, 0), (i + 1, j, 1), (i, j + 1, 0), (i, j, 1)
        met = [edge for edge in (bottom, right, top, left) if edge in spot]
        pairs = [met] if len(met) == 2 else []
        if len(met) == 4:  # two opposite corners alike: keep the corner that fails on its own side
            one_way = [[bottom, left], [right, top]]
            pairs = one_way if fails[i, j] else [[bottom, right], [left, top]]
        for a, b in pairs:
            near[a].append(b)
            near[b].append(a)
    lines = []
    left_over = dict.fromkeys(sorted(edges, key=lambda edge: (len(near[edge]), edge)))  # open ends first
    while left_over:
        first = next(iter(left_over))
        walk, here = [first], first
        del left_over[first]
        while following := [edge for edge in near[here] if edge in left_over]:
            here = following[0]
            del left_over[here]
            walk.append(here)
        if len(walk) > 2 and first in near[here]:
            walk.append(first)
        lines.append(tuple(spot[edge] for edge in walk))
    return tuple(sorted(lines, key=len, reverse=True))


@dataclass(frozen=True)
class Move:
    """One lever's share in an unusual scenario.

    Attributes
    ----------
    lever : str
        Lever id.
    start, end : float, int, str or bool
        Public values, from and to.
    deviations : float
        How unusual the move is alone, in standard deviations of the lever's declared distribution; signed
        for numbers.
    """

    lever: str
    start: Value
    end: Value
    deviations: float


@dataclass(frozen=True)
class ReverseStress:
    """The least unusual scenario found that changes a company's fate.

    Attributes
    ----------
    company : str
        Entity id.
    goal : str
        "breaks" if the company survives the scenario looked at, else "saves".
    scenario : Scenario or None
        Run and seen to change the fate; None if none was found within reach.
    distance : float
        How unusual it is as a whole, in standard deviations; correlated moves count once. inf if none.
    moves : tuple of Move
        The levers that move, largest first.
    """

    company: str
    goal: str
    scenario: Scenario | None
    distance: float
    moves: tuple[Move, ...]


class _Search:
    """The space of a reverse stress test.

    A candidate is a row of ``at``, number levers in standard deviations from the centre, and a place in
    ``switches``: the options, at most one of them flipped. The distance of a candidate undoes the declared
    correlation, so that falling demand and wider spreads, which go together, count less than the two apart.
    """

    def __init__(self, web: Web, scenario: Scenario, company: str, executor: Executor | None):
        self.web, self.scenario, self.company, self.executor = web, scenario, company, executor
        declared = distributions(web, scenario)
        self.numbers = [name for name in declared if lever(name).kind == "number"]
        discrete = {name: one for name, one in declared.items() if one.shape == "discrete"}
        self.switches: list[dict[str, Value]] = [{}]
        self.switches += [
            {name: v} for name, one in discrete.items() for v in one.options if v != scenario[name]
        ]
        self.surprise = np.array(
            [sum(discrete[name].surprise(v) for name, v in one.items()) for one in self.switches], dtype=float
        )
        self.options = {
            name: np.array([one.get(name, scenario[name]) for one in self.switches]) for name in discrete
        }
        self.spread = np.array([declared[name].spread for name in self.numbers])
        self.centre = np.array([float(scenario[name]) for name in self.numbers])
        self.low = np.array([float(lever(name).low or 0.0) for name in self.numbers])
        self.high = np.array([float(lever(name).high or 0.0) for name in self.numbers])
        self.factor = np.linalg.cholesky(correlation(self.numbers))
        self.inverse = np.linalg.inv(self.factor)
        self.fails_now = False
        self.fails_now = bool(self.flips(np.zeros((1, len(self.numbers))))[0])

    def values(self, at: NDArray) -> NDArray:
        """Public values of the number levers, inside their limits: (candidate, lever)."""
        return np.clip(self.centre + at * self.spread, self.low, self.high)

    def flips(self, at: NDArray, switch: NDArray | int = 0) -> NDArray:
        """Which candidates change the fate."""
        at, switch = self.values(at), np.broadcast_to(switch, len(at))
        arrays = dict(zip(self.numbers, at.T, strict=True))
        arrays |= {name: options[switch] for name, options in self.options.items()}
        batch = columns_from(self.scenario, **arrays)
        return fates(self.web, batch, (self.company,), self.executor)[:, 0] != self.fails_now

    def distances(self, at: NDArray, switch: NDArray | int = 0) -> NDArray:
        """How unusual each candidate is as a whole, in standard deviations."""
        scores = (self.values(at) - self.centre) / self.spread @ self.inverse.T
        return np.sqrt((scores**2).sum(axis=1) + self.surprise[switch])

    def best(self, at: NDArray, switch: NDArray) -> tuple[NDArray, int] | None:
        """The least unusual of the candidates that change the fate; None if none does."""
        hits = np.flatnonzero(self.flips(at, switch))
        if not hits.size:
            return None
        first = hits[np.argmin(self.distances(at, switch)[hits])]
        return at[first], int(switch[first])

    def directions(self, count: int, seed: int) -> NDArray:
        """Evenly spread directions of length 1 in the space without correlation, (count, lever)."""
        points, _ = sobol_points(count, len(self.numbers), seed)
        scores = ndtri(np.clip(points, 1e-9, 1.0 - 1e-9))
        return scores / np.linalg.norm(scores, axis=1, keepdims=True)


def reverse_stress(
    web: Web, scenario: Scenario, company: str, *, seed: int = 0, executor: Executor | None = None
) -> ReverseStress:
    """The least unusual scenario found that breaks a company that survives, or saves one that fails.

    It looks along evenly spread directions from the current scenario, with the options as they are and along
    single levers also with each option flipped; looks closer around the best; undoes every move that is not
    needed; and shortens what is left. The scenario returned has been run and does flip the fate. That none is
    closer is not proved: the search is approximate, and flips at most one option.

    Parameters
    ----------
    web : Web
        A loaded snapshot.
    scenario : Scenario
        Where to start; its horizon stays.
    company : str
        Entity id of a company or tenant.
    seed : int
        Of the directions; the same seed gives the same answer.
    executor : Executor, optional
        See `core.questions.batches.run_batches`.

    Returns
    -------
    ReverseStress
        Distances are in the units of `data/distributions.toml`.

    Raises
    ------
    ValueError
        For an unknown company, naming the nearest.
    """
    search = _Search(web, scenario, _check_company(compile_layout(web), company), executor)
    goal = "saves" if search.fails_now else "breaks"
    found = _first_look(search, seed)
    if found is None:
        return ReverseStress(company, goal, None, math.inf, ())
    at, switch = found
    for closer in range(1, ROUNDS + 1):
        at = _look_closer(search, at, switch, 0.5**closer, seed + closer)
    at, switch = _undo(search, at, switch)
    at = _written(search, _shorten(search, at, switch), switch)
    scenario, moves = _told(search, at, switch)
    return ReverseStress(company, goal, scenario, float(search.distances(at[None, :], switch)[0]), moves)


def _scaled(sizes: NDArray, ways: NDArray) -> NDArray:
    """Every direction at every size, (candidate, lever)."""
    return (sizes[:, None, None] * ways).reshape(-1, ways.shape[1])


def _first_look(search: _Search, seed: int) -> tuple[NDArray, int] | None:
    """The best candidate among many directions at whole and half standard deviations."""
    size, flipped = len(search.numbers), len(search.switches) - 1
    alone = np.concatenate([np.eye(size), -np.eye(size)])
    radii = np.arange(0.5, REACH + 0.5, 0.5)
    free = _scaled(radii, np.concatenate([search.directions(RAYS, seed) @ search.factor.T, alone]))
    bound = np.concatenate([np.zeros((1, size)), _scaled(radii[1::2], alone)])
    switch = np.repeat(np.arange(1 + flipped), [len(free), *[len(bound)] * flipped])
    return search.best(np.concatenate([free, np.tile(bound, (flipped, 1))]), switch)


def _look_closer(search: _Search, at: NDArray, switch: int, width: float, seed: int) -> NDArray:
    """A less unusual candidate near the best one, if there is one: turned a little, and shorter."""
    score = search.inverse @ at
    turned = score + width * np.linalg.norm(score) * search.directions(RAYS // 4, seed)
    tries = np.concatenate([at[None, :], _scaled(np.array([0.6, 0.8, 1.0]), turned @ search.factor.T)])
    found = search.best(tries, np.full(len(tries), switch))
    return at if found is None else found[0]


def _undo(search: _Search, at: NDArray, switch: int) -> tuple[NDArray, int]:
    """Take back the smallest moves, as many as the flip can do without if the others grow by a fiftieth."""
    rank = np.argsort(np.argsort(np.abs(at)))
    fewer = np.where(rank >= np.arange(len(at), 0, -1)[:, None], at * 1.02, 0.0)
    switches = np.repeat(np.unique([0, switch]), len(fewer))  # rather without an option flipped
    tries = np.tile(fewer, (len(switches) // len(fewer), 1))
    near = search.distances(tries, switches) <= 1.02 * search.distances(at[None, :], switch)
    hits = np.flatnonzero(search.flips(tries, switches) & near)
    return (tries[hits[0]], int(switches[hits[0]])) if hits.size else (at, switch)


def _shorten(search: _Search, at: NDArray, switch: int) -> NDArray:
    """Move back towards the centre as far as the flip allows."""
    _, size = bisect(
        np.zeros(1), np.ones(1), lambda _, sizes: ~search.flips(sizes[:, None] * at, switch), SHORTER
    )
    return size * at


def _written(search: _Search, at: NDArray, switch: int) -> NDArray:
    """The candidate with values of two decimals, rounded away from the centre, if that still flips."""
    moved = np.ceil(np.abs(at * search.spread) * 100.0 - 1e-6) / 100.0 * np.sign(at)
    rounded = np.clip(np.round(search.centre + moved, 6), search.low, search.high)
    neat = (rounded - search.centre) / search.spread
    return neat if search.flips(neat[None, :], switch)[0] else at


def _told(search: _Search, at: NDArray, switch: int) -> tuple[Scenario, tuple[Move, ...]]:
    """The candidate as a scenario, and its moves, largest first."""
    before, flipped = search.scenario, search.switches[switch]
    values = np.round(search.values(at), 9).tolist()
    scenario = before.replace(
        **{name: v for name, v, by in zip(search.numbers, values, at, strict=True) if by}, **flipped
    )
    unusual = dict(zip(search.numbers, at.tolist(), strict=True))
    unusual |= dict.fromkeys(flipped, math.sqrt(search.surprise[switch]))
    moves = [
        Move(name, before[name], scenario[name], by)
        for name, by in unusual.items()
        if scenario[name] != before[name]
    ]
    return scenario, tuple(sorted(moves, key=lambda move: -abs(move.deviations)))
