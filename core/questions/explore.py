"""Questions answered by running many scenarios at once: sweeps, break-points, failure strips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.kernel.engine import run
from core.kernel.result import counted
from core.layout.compile import compile_layout
from core.results.measures import Measures, check_measure, groups_for
from core.scenario.levers import Lever, Scenario, columns, columns_from, lever, levers
from core.web.web import Web

SCAN = 33  # points of the first look along a lever
PRECISION = 0.01  # of the lever's unit: where bisection stops
MAIN = ("g", "r", "u")
STRIP_POINTS = SCAN  # the same first look: a strip and a break-point are one number


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


@dataclass(frozen=True)
class _Line:
    """Where one scenario looks along one of its levers first, (point,), in public units."""

    scenario: Scenario
    lever: Lever
    points: np.ndarray

    @classmethod
    def through(cls, scenario: Scenario, one: Lever, points: int = SCAN) -> _Line:
        """Evenly spread, the scenario's own value among them: no flip stands on the wrong side of it."""
        if one.kind == "year":
            return cls(scenario, one, stops(one))
        return cls(scenario, one, np.union1d(np.linspace(*_ends(one), points), float(scenario[one.id])))


Flips = dict[str, list[tuple[float, str]]]  # by company, low to high: value, and "below" or "above" it fails


def _look(web: Web, lines: Sequence[_Line], companies: tuple[str, ...]) -> list[tuple[np.ndarray, Flips]]:
    """Who fails at the points of each line, (point, company), and where exactly every fate flips.

    All points are one batch; then every bracket of every line is halved, all in one batch, until it is
    narrower than `PRECISION`. A flip is given as the value next to it at which the company fails.
    """
    base = columns([line.scenario for line in lines])

    def fails_at(on: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Who fails where lines stand at values, (value, company); ``on`` is the line of each value."""
        batch = {name: column[on] for name, column in base.items()}
        for i, line in enumerate(lines):
            mine = on == i
            batch[line.lever.id][mine] = line.lever.to_model(values[mine])
        return _failures(web, batch, companies)

    sizes = [line.points.size for line in lines]
    first = fails_at(np.repeat(np.arange(len(lines)), sizes), np.concatenate([line.points for line in lines]))
    found = np.split(first, np.cumsum(sizes)[:-1])
    brackets = [
        (i, int(k), int(c))
        for i, fails in enumerate(found)
        for c, k in np.argwhere((fails[1:] != fails[:-1]).T)
    ]
    low = np.array([lines[i].points[k] for i, k, _ in brackets])
    high = np.array([lines[i].points[k + 1] for i, k, _ in brackets])
    fails_low = np.array([found[i][k, c] for i, k, c in brackets], dtype=bool)
    on = np.array([i for i, _, _ in brackets], dtype=int)
    which = np.array([c for _, _, c in brackets], dtype=int)
    closing = np.array([lines[i].lever.kind != "year" for i, _, _ in brackets], dtype=bool)
    while (open_ := np.flatnonzero(closing & (high - low > PRECISION))).size:
        middle = (low[open_] + high[open_]) / 2.0
        hit = fails_at(on[open_], middle)[np.arange(open_.size), which[open_]]
        same = hit == fails_low[open_]
        low[open_[same]], high[open_[~same]] = middle[same], middle[~same]
    flips: list[Flips] = [{company: [] for company in companies} for _ in lines]
    for (i, _, c), start, end, bad in zip(brackets, low.tolist(), high.tolist(), fails_low, strict=True):
        flips[i][companies[c]].append((start, "below") if bad else (end, "above"))
    return list(zip(found, flips, strict=True))


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
    current = float(scenario[one.id])
    ((fails, flips),) = _look(web, [_Line.through(scenario, one)], companies)
    out = []
    for c, company in enumerate(companies):
        found = sorted(flips[company], key=lambda flip: (abs(flip[0] - current), flip[0]))
        if found:
            others = tuple(value for value, _ in found[1:])
            out.append(BreakPoint(company, one.id, found[0][0], others, f"fails_{found[0][1]}"))
        else:
            reason = "always_fails" if fails[0, c] else "never_fails"
            out.append(BreakPoint(company, one.id, None, (), reason))
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
        Scenarios per strip that are looked at first. Ticks are those of `break_points`, to 0.01 of the
        lever's unit.
    """
    return strips_of(web, [scenario], words, points)[0]


def strips_of(
    web: Web, scenarios: Sequence[Scenario], words: tuple[str, ...] = MAIN, points: int = STRIP_POINTS
) -> list[tuple[Strip, ...]]:
    """`strips` of several scenarios, all closed in on together.

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
    companies = counted(compile_layout(web))
    lines = [_Line.through(scenario, lever(word), points) for scenario in scenarios for word in words]
    made = [
        _strip(line, fails, flips, points)
        for line, (fails, flips) in zip(lines, _look(web, lines, companies), strict=True)
    ]
    return [tuple(made[i : i + len(words)]) for i in range(0, len(made), len(words))]


def _strip(line: _Line, fails: np.ndarray, flips: Flips, points: int) -> Strip:
    """One strip from who fails, (point of the line, company), and the flips found on it."""
    span = np.linspace(*_ends(line.lever), points)
    ticks = tuple((company, value, way) for company, mine in flips.items() for value, way in mine)
    return Strip(line.lever.id, span, fails[np.isin(line.points, span)].sum(axis=1), ticks)


def number_levers() -> tuple[str, ...]:
    """Levers that can be swept."""
    return tuple(one.id for one in levers() if one.kind in ("number", "year"))
