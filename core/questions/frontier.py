"""Where a fate flips: the line in the plane of two levers, and the least unusual scenario that does it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from core.kernel.result import counted
from core.layout.compile import compile_layout
from core.layout.layout import Layout
from core.questions.batches import Executor, fates
from core.questions.distributions import correlation, distributions
from core.questions.monte_carlo import sobol_points
from core.scenario.levers import Lever, Scenario, Value, columns_from, lever, nearest
from core.web.web import Web

POINTS = 41  # along each axis of a heat map
HALVINGS = 4  # of a grid step: the line is exact to a thirty-second of a step
RAYS = 256  # directions of the first look of a reverse stress test
REACH = 4.0  # standard deviations up to which it looks
ROUNDS = 4  # of closer looks around the best directions

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
        How many of the seven counted companies have failed by the horizon.
    frontiers : tuple of Frontier
        In the order asked for.
    evaluations : int
        Scenarios run.
    """

    x: str
    y: str
    x_values: NDArray
    y_values: NDArray
    failed_count: NDArray
    frontiers: tuple[Frontier, ...]
    evaluations: int


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
        ``x_range``, ``y_range``, ``halvings`` and ``executor`` of `frontiers`.

    Returns
    -------
    Frontier
        See `frontiers` for how exact it is.

    Raises
    ------
    ValueError
        See `frontiers`.

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
    halvings: int = HALVINGS,
    executor: Executor | None = None,
) -> FrontierMap:
    """How many fail over the plane of two levers, and the lines at which named companies' fates flip.

    One batch for the grid, shared by all companies; then every pair of neighbouring grid points with
    different fates is halved, all of them in one batch per halving. An island of another fate that fits
    between grid points is missed.

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
    halvings : int
        Of each grid step; the line is then exact to ``step / 2**(halvings + 1)``. Between two years it is
        drawn half way.
    executor : Executor, optional
        See `core.questions.batches.run_batches`.

    Returns
    -------
    FrontierMap
        Heat map and frontiers.

    Raises
    ------
    ValueError
        For a company, lever, range or number of points that cannot be, naming it.

    Examples
    --------
    >>> from core.web.web import load_web
    >>> plane = frontiers(load_web(), Scenario.default(), ["coreweave", "hyperion"], "g", "u", points=5)
    >>> plane.failed_count.shape, [one.reason for one in plane.frontiers]
    ((5, 5), ['flips', 'never_fails'])
    """
    layout = compile_layout(web)
    for company in companies:
        check_company(layout, company)
    axes = (_axis(x, x_range, points), _axis(y, y_range, points))
    (one, xs), (two, ys) = axes
    if one.id == two.id:
        raise ValueError(f"a plane needs two levers, got {one.label} twice")
    if not 0 <= halvings <= 20:
        raise ValueError(f"halvings = {halvings}: not within 0 to 20")
    gx, gy = np.meshgrid(xs, ys, indexing="ij")
    names = tuple(dict.fromkeys((*counted(layout), *companies)))
    fails = fates(web, columns_from(scenario, **{one.id: gx.ravel(), two.id: gy.ravel()}), names, executor)
    fails = fails.reshape(*gx.shape, len(names))
    edges = [_crossed(fails[:, :, names.index(company)]) for company in companies]
    places, evaluations = _halve(web, scenario, axes, fails, edges, names, companies, halvings, executor)
    found = []
    for company, mine, at in zip(companies, edges, places, strict=True):
        lines = _connect(mine, at, fails[:, :, names.index(company)])
        always = bool(fails[0, 0, names.index(company)])
        reason = "flips" if lines else ("always_fails" if always else "never_fails")
        found.append(Frontier(company, one.id, two.id, sum(lines, ()), lines, reason))
    count = fails[:, :, : len(counted(layout))].sum(axis=2)
    return FrontierMap(one.id, two.id, xs, ys, count, tuple(found), gx.size + evaluations)


def check_company(layout: Layout, company: str) -> str:
    """Return the id of a company or tenant, or refuse it.

    Parameters
    ----------
    layout : Layout
        The compiled snapshot.
    company : str
        Entity id.

    Returns
    -------
    str
        The same.

    Raises
    ------
    ValueError
        Naming the nearest id.
    """
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


def _halve(
    web: Web,
    scenario: Scenario,
    axes: tuple[tuple[Lever, NDArray], tuple[Lever, NDArray]],
    fails: NDArray,
    edges: list[list[Edge]],
    names: tuple[str, ...],
    companies: Sequence[str],
    halvings: int,
    executor: Executor | None,
) -> tuple[list[list[tuple[float, float]]], int]:
    """Where on each edge the fate flips, by company; and how many scenarios that took."""
    (one, xs), (two, ys) = axes
    who = np.array(
        [names.index(c) for c, mine in zip(companies, edges, strict=True) for _ in mine], dtype=int
    )
    every = np.array([edge for mine in edges for edge in mine], dtype=int).reshape(-1, 3)
    i, j, axis = every.T
    start = np.stack([xs[i], ys[j]], axis=1)
    end = np.stack([xs[i + (axis == 0)], ys[j + (axis == 1)]], axis=1)
    before = fails[i, j, who]
    move = np.array([lever_.kind != "year" for lever_, _ in axes])[axis]
    rows = np.flatnonzero(move)
    for _ in range(halvings if rows.size else 0):
        middle = (start[rows] + end[rows]) / 2.0
        batch = columns_from(scenario, **{one.id: middle[:, 0], two.id: middle[:, 1]})
        same = fates(web, batch, names, executor)[np.arange(rows.size), who[rows]] == before[rows]
        start[rows[same]], end[rows[~same]] = middle[same], middle[~same]
    half = (start + end) / 2.0
    ends = np.cumsum([0, *(len(mine) for mine in edges)])
    places = [[(float(a), float(b)) for a, b in half[k:m]] for k, m in pairwise(ends)]
    return places, int(rows.size * halvings)


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
    evaluations : int
        Scenarios run.
    """

    company: str
    goal: str
    scenario: Scenario | None
    distance: float
    moves: tuple[Move, ...]
    evaluations: int


@dataclass(frozen=True)
class _Try:
    """A candidate: numbers in standard deviations from the centre, options where they differ."""

    at: NDArray
    switch: dict[str, Value]


class _Search:
    """The space of a reverse stress test.

    The distance of a candidate undoes the declared correlation, so that falling demand and wider spreads,
    which go together, count less than the two apart.
    """

    def __init__(self, web: Web, scenario: Scenario, company: str, executor: Executor | None):
        self.web, self.scenario, self.company, self.executor = web, scenario, company, executor
        declared = distributions(web, scenario)
        self.numbers = [name for name in declared if lever(name).kind == "number"]
        self.options = {name: one for name, one in declared.items() if one.shape == "discrete"}
        self.spread = np.array([declared[name].spread for name in self.numbers])
        self.centre = np.array([float(scenario[name]) for name in self.numbers])
        self.low = np.array([float(lever(name).low or 0.0) for name in self.numbers])
        self.high = np.array([float(lever(name).high or 0.0) for name in self.numbers])
        self.factor = np.linalg.cholesky(correlation(self.numbers))
        self.inverse = np.linalg.inv(self.factor)
        self.evaluations = 0
        self.fails_now = bool(self._fails([_Try(np.zeros(len(self.numbers)), {})])[0])

    def values(self, tries: list[_Try]) -> NDArray:
        """Public values of the number levers, inside their limits: (candidate, lever)."""
        return np.clip(self.centre + np.array([one.at for one in tries]) * self.spread, self.low, self.high)

    def _fails(self, tries: list[_Try]) -> NDArray:
        arrays: dict[str, NDArray] = dict(zip(self.numbers, self.values(tries).T, strict=True))
        for name in self.options:
            arrays[name] = np.array([one.switch.get(name, self.scenario[name]) for one in tries])
        self.evaluations += len(tries)
        batch = columns_from(self.scenario, **arrays)
        return fates(self.web, batch, (self.company,), self.executor)[:, 0]

    def distances(self, tries: list[_Try]) -> NDArray:
        """How unusual each candidate is as a whole, in standard deviations."""
        scores = (self.values(tries) - self.centre) / self.spread @ self.inverse.T
        options = [sum(self.options[name].surprise(v) for name, v in one.switch.items()) for one in tries]
        return np.sqrt((scores**2).sum(axis=1) + np.array(options, dtype=float))

    def flips(self, tries: list[_Try]) -> NDArray:
        """Which candidates change the fate."""
        return self._fails(tries) != self.fails_now

    def best(self, tries: list[_Try]) -> _Try | None:
        """The least unusual of the candidates that change the fate; None if none does."""
        hits = np.flatnonzero(self.flips(tries))
        return tries[hits[np.argmin(self.distances(tries)[hits])]] if hits.size else None

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

    Examples
    --------
    >>> from core.web.web import load_web
    >>> found = reverse_stress(load_web(), Scenario.default().replace(g=0), "coreweave")
    >>> found.goal, found.scenario is not None, found.distance < 2
    ('saves', True, True)
    """
    search = _Search(web, scenario, check_company(compile_layout(web), company), executor)
    goal = "saves" if search.fails_now else "breaks"
    found = _first_look(search, seed)
    if found is None:
        return ReverseStress(company, goal, None, math.inf, (), search.evaluations)
    for closer in range(1, ROUNDS + 1):
        found = _look_closer(search, found, 0.5**closer, seed + closer)
    final = _written(search, _shorten(search, _undo(search, found)))
    distance = float(search.distances([final])[0])
    return ReverseStress(company, goal, *_told(search, final, distance), search.evaluations)


def _first_look(search: _Search, seed: int) -> _Try | None:
    """The best candidate among many directions at whole and half standard deviations."""
    size = len(search.numbers)
    alone = np.concatenate([np.eye(size), -np.eye(size)])
    radii = np.arange(0.5, REACH + 0.5, 0.5)
    mixed = search.directions(RAYS, seed) @ search.factor.T
    tries = [_Try(radius * way, {}) for radius in radii for way in (*mixed, *alone)]
    for name, one in search.options.items():
        for option in one.options:
            if option != search.scenario[name]:
                tries.append(_Try(np.zeros(size), {name: option}))
                tries += [_Try(radius * way, {name: option}) for radius in radii[1::2] for way in alone]
    return search.best(tries)


def _look_closer(search: _Search, found: _Try, width: float, seed: int) -> _Try:
    """A less unusual candidate near the best one, if there is one: turned a little, and shorter."""
    score = search.inverse @ found.at
    turned = score + width * np.linalg.norm(score) * search.directions(RAYS // 4, seed)
    tries = [_Try(size * (search.factor @ way), found.switch) for way in turned for size in (0.6, 0.8, 1.0)]
    return search.best([found, *tries]) or found


def _undo(search: _Search, found: _Try) -> _Try:
    """Take back the smallest moves, as many as the flip can do without if the others grow by a fiftieth."""
    smallest_first = np.argsort(np.abs(found.at))
    tries = []
    for switch in ({}, found.switch) if found.switch else ({},):
        for count in range(len(smallest_first), 0, -1):
            at = found.at * 1.02
            at[smallest_first[:count]] = 0.0
            tries.append(_Try(at, switch))
    hits = np.flatnonzero(search.flips(tries) & (search.distances(tries) <= 1.02 * search.distances([found])))
    return tries[hits[0]] if hits.size else found


def _shorten(search: _Search, found: _Try) -> _Try:
    """Move back towards the centre as far as the flip allows, to 1/256 of the way."""
    low, high = 0.0, 1.0
    for _ in range(2):
        sizes = np.linspace(low, high, 17)
        shorter = search.best([_Try(size * found.at, found.switch) for size in sizes])
        scale = np.linalg.norm(found.at)
        high = float(np.linalg.norm(shorter.at) / scale) if shorter is not None and scale > 0 else high
        low = max(0.0, high - (sizes[1] - sizes[0]))
    return _Try(high * found.at, found.switch)


def _written(search: _Search, found: _Try) -> _Try:
    """The candidate with values of two decimals, rounded away from the centre, if that still flips."""
    moved = np.ceil(np.abs(found.at * search.spread) * 100.0 - 1e-6) / 100.0 * np.sign(found.at)
    rounded = np.clip(np.round(search.centre + moved, 6), search.low, search.high)
    neat = _Try((rounded - search.centre) / search.spread, found.switch)
    return neat if search.flips([neat])[0] else found


def _told(search: _Search, final: _Try, distance: float) -> tuple[Scenario, float, tuple[Move, ...]]:
    """The candidate as a scenario, its distance and its moves, largest first."""
    values = np.round(search.values([final])[0], 9).tolist()
    numbers = {name: v for name, v, at in zip(search.numbers, values, final.at, strict=True) if at}
    scenario = search.scenario.replace(**numbers, **final.switch)
    moves = [
        Move(name, search.scenario[name], scenario[name], float(at))
        for name, at in zip(search.numbers, final.at, strict=True)
        if scenario[name] != search.scenario[name]
    ]
    moves += [
        Move(name, search.scenario[name], option, math.sqrt(search.options[name].surprise(option)))
        for name, option in final.switch.items()
    ]
    return scenario, distance, tuple(sorted(moves, key=lambda move: -abs(move.deviations)))
