"""Questions answered by running many scenarios at once: sweeps, break-points, failure strips, the gap."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.layout.compile import compile_layout
from core.model.engine import run
from core.questions.batches import fates, measure_values
from core.results.measures import Measures
from core.scenario.levers import Lever, Scenario, columns, columns_from, lever, levers
from core.web.web import Web

SCAN = 33  # points of the first look along a lever
PRECISION = 0.01  # of the lever's unit: where bisection stops
MAIN = ("g", "r", "u")
GAP_POINTS = 21
GAP_GROUPS = frozenset({"companies", "holders", "market"})


@dataclass(frozen=True)
class Sweep:
    """A measure over one or two levers: ``values`` has one axis per lever, in the order of ``axes``."""

    measure: str
    axes: tuple[tuple[str, np.ndarray], ...]
    values: np.ndarray


def sweep(
    web: Web, scenario: Scenario, axes: Mapping[str, np.ndarray], measure: str, building: str = "market"
) -> Sweep:
    """A measure over a grid of one or two levers, the others as in ``scenario``.

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
    names = [lever(word).id for word in axes]
    points = [np.asarray(v, dtype=float) for v in axes.values()]
    grid = np.meshgrid(*points, indexing="ij")
    batch = columns_from(scenario, **{n: g.ravel() for n, g in zip(names, grid, strict=True)})
    values = measure_values(web, batch, measure, building=building)
    return Sweep(measure, tuple(zip(names, points, strict=True)), values.reshape(grid[0].shape))


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


def _ends(one: Lever) -> tuple[float, float]:
    """Ends of a lever's range in public units; ValueError names a lever that has none."""
    if one.low is None or one.high is None:
        raise ValueError(f"lever {one.label} has no range")
    return one.low, one.high


def _span(one: Lever) -> NDArray:
    """Where a lever is looked at first, (point,)."""
    return np.linspace(*_ends(one), SCAN)


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


def bisect(
    low: NDArray,
    high: NDArray,
    as_low: Callable[[NDArray, NDArray], NDArray],
    precision: NDArray | float = PRECISION,
) -> tuple[NDArray, NDArray]:
    """Halve brackets, all of them at once, until each is as narrow as it must be.

    Parameters
    ----------
    low, high : ndarray (bracket,)
        Ends between which something flips.
    as_low : callable
        Told numbers of brackets and a value in each, (some,), says where things are as at the low end.
    precision : ndarray (bracket,) or float
        Width from which on a bracket is left as it is.

    Returns
    -------
    low, high : ndarray (bracket,)
        Closer ends, between which it still flips.
    """
    low, high = low.astype(float), high.astype(float)
    while (rows := np.flatnonzero(high - low > precision)).size:
        middle = (low[rows] + high[rows]) / 2.0
        same = as_low(rows, middle)
        low[rows[same]], high[rows[~same]] = middle[same], middle[~same]
    return low, high


@dataclass(frozen=True)
class _Line:
    """Where one scenario looks along one of its levers first, (point,), in public units."""

    scenario: Scenario
    lever: Lever
    points: NDArray

    @classmethod
    def through(cls, scenario: Scenario, one: Lever) -> _Line:
        """Evenly spread, the scenario's own value among them: no flip stands on the wrong side of it."""
        if one.kind == "year":
            return cls(scenario, one, stops(one))
        return cls(scenario, one, np.union1d(_span(one), float(scenario[one.id])))


Flips = dict[str, list[tuple[float, str]]]  # by company, low to high: value, and "below" or "above" it fails


def _look(web: Web, lines: Sequence[_Line], companies: tuple[str, ...]) -> list[tuple[NDArray, Flips]]:
    """Who fails at the points of each line, (point, company), and where exactly every fate flips.

    Every break-point anywhere is found here: all points are one batch, then every bracket of every line is
    halved until it is narrower than `PRECISION`. A flip is given as the value next to it at which the company
    fails.
    """
    base = columns([line.scenario for line in lines])
    sizes = [line.points.size for line in lines]
    on, points = np.repeat(np.arange(len(lines)), sizes), np.concatenate([line.points for line in lines])

    def fails_at(on: NDArray, values: NDArray) -> NDArray:
        """Who fails where lines stand at values, (value, company); ``on`` is the line of each value."""
        batch = {name: column[on] for name, column in base.items()}
        for i, line in enumerate(lines):
            batch[line.lever.id][on == i] = line.lever.to_model(values[on == i])
        return fates(web, batch, companies)

    first = fails_at(on, points)
    which, at = np.nonzero((first[1:] != first[:-1]).T & (on[1:] == on[:-1]))  # company by company, upwards
    narrow = np.array([np.inf if line.lever.kind == "year" else PRECISION for line in lines])
    low, high = bisect(
        points[at],
        points[at + 1],
        lambda rows, middle: (
            fails_at(on[at[rows]], middle)[np.arange(rows.size), which[rows]] == first[at[rows], which[rows]]
        ),
        narrow[on[at]],
    )
    flips: list[Flips] = [{company: [] for company in companies} for _ in lines]
    for i, c, start, end, bad in zip(
        on[at], which, low.tolist(), high.tolist(), first[at, which], strict=True
    ):
        flips[i][companies[c]].append((start, "below") if bad else (end, "above"))
    return list(zip(np.split(first, np.cumsum(sizes)[:-1]), flips, strict=True))


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
    companies = compile_layout(web).counted
    found: dict[str, list[tuple]] = {}
    if one.options:
        fails = fates(
            web, columns([scenario.replace(**{one.id: option}) for option in one.options]), companies
        )
        fails_now = fails[one.options.index(scenario[one.id])]
        for c, company in enumerate(companies):
            reason = "survives_with" if fails_now[c] else "fails_with"
            flipped = np.flatnonzero(fails[:, c] != fails_now[c])
            found[company] = [(one.options[k], reason) for k in flipped]
    else:
        ((fails, flips),) = _look(web, [_Line.through(scenario, one)], companies)
        fails_now, current = fails[0], float(scenario[one.id])
        for company, mine in flips.items():
            nearest_first = sorted(mine, key=lambda flip: (abs(flip[0] - current), flip[0]))
            found[company] = [(value, f"fails_{way}") for value, way in nearest_first]
    out = []
    for company, always in zip(companies, fails_now, strict=True):
        (value, reason), *others = found[company] or [(None, "always_fails" if always else "never_fails")]
        out.append(BreakPoint(company, one.id, value, tuple(other for other, _ in others), reason))
    return tuple(out)


@dataclass(frozen=True)
class Strip:
    """The failure strip of one lever: how many fail along its range, and where each company breaks.

    ``values`` (points,), ``failed`` (points,) of the counted companies, ``ticks`` (company, value,
    way): way is "below" if the company fails below the value.
    """

    lever: str
    values: np.ndarray
    failed: np.ndarray
    ticks: tuple[tuple[str, float, str], ...]


def strips(web: Web, scenario: Scenario, words: tuple[str, ...] = MAIN) -> tuple[Strip, ...]:
    """Failure strips of several levers from one batched run; their ticks are those of `break_points`.

    Parameters
    ----------
    web : Web
    scenario : Scenario
        The other levers of each strip.
    words : tuple of str
        Number levers.
    """
    lines = [_Line.through(scenario, lever(word)) for word in words]
    made = []
    for line, (fails, flips) in zip(lines, _look(web, lines, compile_layout(web).counted), strict=True):
        span = _span(line.lever)
        ticks = tuple((company, value, way) for company, mine in flips.items() for value, way in mine)
        made.append(Strip(line.lever.id, span, fails[np.isin(line.points, span)].sum(axis=1), ticks))
    return tuple(made)


def number_levers() -> tuple[str, ...]:
    """Levers that can be swept."""
    return tuple(one.id for one in levers() if one.kind in ("number", "year"))


@dataclass(frozen=True)
class Crossing:
    """For which values of the second lever a company fails, at one value of the first.

    Attributes
    ----------
    x : float
        Value of the first lever, public units.
    fails : tuple of (float or None, float or None)
        Spans of the second lever in which the company fails, above and below; None is the end of the lever's
        range. Empty: it never fails there; one span without ends: it always does.
    """

    x: float
    fails: tuple[tuple[float | None, float | None], ...]


def crossings(
    web: Web, scenario: Scenario, companies: tuple[str, ...], x: str, y: str, at: Sequence[float]
) -> tuple[tuple[Crossing, ...], ...]:
    """Where companies fail along one lever, at some values of another: the break-points of the second.

    Parameters
    ----------
    web : Web
        A loaded snapshot.
    scenario : Scenario
        The other levers.
    companies : tuple of str
        Entity ids.
    x, y : str
        Two number or year levers, by id or long name.
    at : sequence of float
        Values of the first, public units.
    """
    first, second = lever(x), lever(y)
    values = [round(value) if first.kind == "year" else value for value in at]
    lines = [_Line.through(scenario.replace(**{first.id: value}), second) for value in values]
    looked = _look(web, lines, companies)
    return tuple(
        tuple(
            Crossing(float(value), _spans(second, flips[company], bool(fails[-1, c])))
            for value, (fails, flips) in zip(at, looked, strict=True)
        )
        for c, company in enumerate(companies)
    )


def _spans(
    one: Lever, flips: list[tuple[float, str]], fails_high: bool
) -> tuple[tuple[float | None, float | None], ...]:
    """Spans of failure from flips, low to high; of a year lever the ends are years in which it holds."""
    spans: list[tuple[float | None, float | None]] = []
    start, step = None, 1.0 if one.kind == "year" else 0.0
    for value, way in flips:
        if way == "above":
            start = value - step
        else:
            spans.append((start, value + step))
    return (*spans, (start, None)) if fails_high else tuple(spans)


@dataclass(frozen=True)
class GapPath:
    """The funding gap along one lever: ``values`` (points,) in public units, ``figures`` name to (points,).

    The names are those of `core.results.gap.funding_gap`.
    """

    lever: str
    values: np.ndarray
    figures: dict[str, np.ndarray]


def gap_path(web: Web, scenario: Scenario, word: str, points: int = GAP_POINTS) -> GapPath:
    """The funding gap along one lever, over its whole range.

    Parameters
    ----------
    web : Web
    scenario : Scenario
        The other levers.
    word : str
        A number lever, by id or long name.
    points : int
        Scenarios along the lever.

    Raises
    ------
    ValueError
        If the lever is unknown or not a number, or there are fewer than two points.
    """
    if points < 2:
        raise ValueError(f"a path needs two points or more, got {points}")
    one = lever(word)
    if one.kind != "number" or one.low is None or one.high is None:
        raise ValueError(f"lever {one.id} is not a number and has no path")
    values = np.linspace(one.low, one.high, points)
    found = run(web, columns_from(scenario, **{one.id: values}), keep=GAP_GROUPS)
    return GapPath(one.id, values, Measures(found).gap)
