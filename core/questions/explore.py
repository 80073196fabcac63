"""Questions answered by running many scenarios at once: sweeps, break-points, failure strips."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.kernel.engine import run
from core.layout.compile import compile_layout
from core.model.result import Result, counted
from core.results.measures import Measures, check_measure, groups_for
from core.scenario.levers import Lever, Scenario, columns, columns_from, lever, levers
from core.web.web import Web

SCAN = 33  # points of the first look along a lever
PRECISION = 0.01  # of the lever's unit: where bisection stops
MAIN = ("g", "r", "u")
STRIP_POINTS = 33


@dataclass(frozen=True)
class Sweep:
    """A measure over one or two levers: ``values`` has one axis per lever, in the order of ``axes``."""

    measure: str
    axes: tuple[tuple[str, np.ndarray], ...]
    values: np.ndarray


def sweep(
    web: Web, scenario: Scenario, axes: Mapping[str, np.ndarray], measure: str, building: str = "market"
) -> Sweep:
    """A measure over a grid of one or two levers, the others as in ``scenario``; one batch.

    Parameters
    ----------
    web : Web
    scenario : Scenario
    axes : mapping of lever id to ndarray
        Values in public units, one or two levers.
    measure : str
        See `core.results.measures.Measures.value`.
    building : {"market", "plan"}

    Raises
    ------
    ValueError
        If there are not one or two levers, a value is outside its lever's range, or the measure is unknown.
    """
    if not 1 <= len(axes) <= 2:
        raise ValueError(f"a sweep moves one or two levers, got {len(axes)}")
    layout = compile_layout(web)
    if measure not in ("failed_count", "called_total"):
        check_measure(layout, measure)
    names = [lever(word).id for word in axes]
    points = [np.asarray(v, dtype=float) for v in axes.values()]
    grid = np.meshgrid(*points, indexing="ij")
    batch = columns_from(scenario, **{n: g.ravel() for n, g in zip(names, grid, strict=True)})
    result = run(web, batch, building, keep=groups_for(layout, measure))
    values = Measures(result).value(measure).reshape(grid[0].shape)
    return Sweep(measure, tuple(zip(names, points, strict=True)), values)


@dataclass(frozen=True)
class BreakPoint:
    """Where a company's fate flips along one lever.

    ``value`` is the nearest flip from the current value (public units; a choice for yes/no and choice
    levers), None if there is none; ``others`` are further flips; ``reason`` says what the flip means:
    fails_below, fails_above, fails_with, survives_with, always_fails, never_fails.
    """

    company: str
    lever: str
    value: float | str | bool | None
    others: tuple
    reason: str


def _failures(web: Web, batch: Mapping[str, np.ndarray], companies: tuple[str, ...]) -> np.ndarray:
    """Who fails by the horizon, (scenario, company)."""
    return run(web, batch, keep=(), to_horizon=True).failed_by_horizon(companies)


def _ends(one: Lever) -> tuple[float, float]:
    """Ends of a lever's range in public units; ValueError names a lever that has none."""
    if one.low is None or one.high is None:
        raise ValueError(f"lever {one.label} has no range")
    return one.low, one.high


def stops(one: Lever) -> np.ndarray:
    """Every value that a lever's slider can stand on, low to high, in public units.

    Parameters
    ----------
    one : Lever
        With a range and a step.

    Raises
    ------
    ValueError
        If the lever has no range.
    """
    low, high = _ends(one)
    step = one.step or 1.0
    return np.round(low + step * np.arange(round((high - low) / step) + 1), 9)


def break_points(web: Web, scenario: Scenario, word: str) -> tuple[BreakPoint, ...]:
    """Break-points of all counted companies along one lever: a scan, then bisection of every bracket at once.

    Parameters
    ----------
    web : Web
    scenario : Scenario
        The other levers.
    word : str
        Lever id or long name.

    Returns
    -------
    tuple of BreakPoint
        One per neocloud and lab, in the order of the data. A flip narrower than 1/32 of the lever's range can
        be missed; what is found is exact to 0.01 of the lever's unit.
    """
    one = lever(word)
    companies = counted(compile_layout(web))
    if one.kind in ("choice", "yesno"):
        return _flipping_options(web, scenario, one, companies)
    low_end, high_end = _ends(one)
    current = float(scenario[one.id])
    points = np.unique(np.concatenate([np.linspace(low_end, high_end, SCAN), [current]]))
    if one.kind == "year":
        points = stops(one)
    fails = _failures(web, columns_from(scenario, **{one.id: points}), companies)
    brackets = [
        (c, k)
        for c in range(len(companies))
        for k in range(len(points) - 1)
        if fails[k, c] != fails[k + 1, c]
    ]
    low = np.array([points[k] for _, k in brackets])
    high = np.array([points[k + 1] for _, k in brackets])
    fails_low = np.array([fails[k, c] for c, k in brackets], dtype=bool)
    which = np.array([c for c, _ in brackets], dtype=int)
    while low.size and one.kind != "year" and np.max(high - low) > PRECISION:
        middle = (low + high) / 2.0
        hit = _failures(web, columns_from(scenario, **{one.id: middle}), companies)[
            np.arange(low.size), which
        ]
        same = hit == fails_low
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    flips: dict[int, list[tuple[float, str]]] = {c: [] for c in range(len(companies))}
    for c, a, b, bad in zip(which, low, high, fails_low, strict=True):
        flips[int(c)].append((float(a if bad else b), "fails_below" if bad else "fails_above"))
    out = []
    for c, company in enumerate(companies):
        found = sorted(flips[c], key=lambda f: (abs(f[0] - current), f[0]))
        if found:
            out.append(BreakPoint(company, one.id, found[0][0], tuple(v for v, _ in found[1:]), found[0][1]))
        else:
            out.append(
                BreakPoint(company, one.id, None, (), "always_fails" if fails[0, c] else "never_fails")
            )
    return tuple(out)


def _flipping_options(
    web: Web, scenario: Scenario, one: Lever, companies: tuple[str, ...]
) -> tuple[BreakPoint, ...]:
    """For yes/no and choice levers: the option that changes a company's fate."""
    options = one.options
    fails = _failures(web, columns([scenario.replace(**{one.id: option}) for option in options]), companies)
    now = options.index(scenario[one.id])
    out = []
    for c, company in enumerate(companies):
        flips = [options[k] for k in range(len(options)) if fails[k, c] != fails[now, c]]
        if flips:
            reason = "survives_with" if fails[now, c] else "fails_with"
            out.append(BreakPoint(company, one.id, flips[0], tuple(flips[1:]), reason))
        else:
            out.append(
                BreakPoint(company, one.id, None, (), "always_fails" if fails[now, c] else "never_fails")
            )
    return tuple(out)


@dataclass(frozen=True)
class Strip:
    """The failure strip of one lever: how many fail along its range, and where each company breaks.

    ``values`` (points,), ``failed`` (points,) of the seven counted companies, ``ticks`` (company, value,
    way): way is "below" if the company fails below the value.
    """

    lever: str
    values: np.ndarray
    failed: np.ndarray
    ticks: tuple[tuple[str, float, str], ...]


def strips(
    web: Web, scenario: Scenario, words: tuple[str, ...] = MAIN, points: int = STRIP_POINTS
) -> tuple[Strip, ...]:
    """Failure strips of several levers from one batched run.

    Parameters
    ----------
    web : Web
    scenario : Scenario
        The other levers of each strip.
    words : tuple of str
        Number levers.
    points : int
        Scenarios per strip. Ticks lie half way between two points: exact to half a step, enough for a
        picture; `break_points` gives the exact place.
    """
    return strips_of(web, [scenario], words, points)[0]


def strips_of(
    web: Web, scenarios: Sequence[Scenario], words: tuple[str, ...] = MAIN, points: int = STRIP_POINTS
) -> list[tuple[Strip, ...]]:
    """`strips` of several scenarios, all from one batched run.

    Parameters
    ----------
    web : Web
    scenarios : sequence of Scenario
        At least one.
    words : tuple of str
        Number levers.
    points : int
        See `strips`.
    """
    layout = compile_layout(web)
    companies = counted(layout)
    chosen = [lever(word) for word in words]
    spans = [np.linspace(*_ends(one), points) for one in chosen]
    # each scenario's own value walks along, so that no tick stands on the wrong side of it
    walks = [
        [np.union1d(span, float(scenario[one.id])) for one, span in zip(chosen, spans, strict=True)]
        for scenario in scenarios
    ]
    parts = [
        columns_from(scenario, **{one.id: walk})
        for scenario, mine in zip(scenarios, walks, strict=True)
        for one, walk in zip(chosen, mine, strict=True)
    ]
    batch = {k: np.concatenate([p[k] for p in parts]) for k in parts[0]}
    sizes = [walk.size for mine in walks for walk in mine]
    fails = iter(np.split(_failures(web, batch, companies), np.cumsum(sizes)[:-1]))
    return [
        tuple(
            _strip(one.id, span, walk, next(fails), companies)
            for one, span, walk in zip(chosen, spans, mine, strict=True)
        )
        for mine in walks
    ]


def _strip(
    word: str, span: np.ndarray, walk: np.ndarray, fails: np.ndarray, companies: tuple[str, ...]
) -> Strip:
    """One strip from who fails, (point of the walk, company)."""
    ticks = []
    for c, company in enumerate(companies):
        for k in np.flatnonzero(fails[1:, c] != fails[:-1, c]):
            ticks.append((company, float((walk[k] + walk[k + 1]) / 2.0), "below" if fails[k, c] else "above"))
    return Strip(word, span, fails[np.isin(walk, span)].sum(axis=1), tuple(ticks))


@dataclass(frozen=True)
class Walk:
    """Scenarios along one lever, the others standing still: ``values`` (point,) and a run of them all."""

    lever: str
    values: np.ndarray
    result: Result


def walk(web: Web, scenario: Scenario, word: str, keep: Iterable[str] | None = None) -> Walk:
    """Run every stop of a lever in one batch.

    Parameters
    ----------
    web : Web
    scenario : Scenario
        The other levers.
    word : str
        A number or year lever.
    keep : iterable of str, optional
        Record groups; see `core.kernel.engine.run`.

    Raises
    ------
    ValueError
        If the lever has no range.
    """
    one = lever(word)
    values = stops(one)
    return Walk(one.id, values, run(web, columns_from(scenario, **{one.id: values}), keep=keep))


def number_levers() -> tuple[str, ...]:
    """Levers that can be swept."""
    return tuple(one.id for one in levers() if one.kind in ("number", "year"))
