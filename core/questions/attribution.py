"""What exactly made two scenarios differ, and which lever matters most here.

`attribute` splits the change of a measure over the levers that differ (Shapley): each lever gets the mean of
what it changes, over all orders in which the levers could have been moved. No order is privileged, the parts
add up to the whole change, a lever without effect gets nothing, and swapping the scenarios flips every sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import NDArray

from core.questions.batches import Columns, Executor, measure_values
from core.questions.distributions import distributions
from core.scenario.levers import Lever, Scenario, Value, columns_from, lever, levers
from core.web.web import Web

EXACT = 8  # levers up to which all subsets are run: 2^8 = 256
PAIRS = 64  # orders drawn beyond that, each together with its reverse
RANGES = ("likely", "full")
LIKELY = (0.05, 0.95)  # the points of a lever's distribution between which a tornado moves it


@dataclass(frozen=True)
class Attribution:
    """How the change of a measure from one scenario to another splits over the levers.

    Attributes
    ----------
    measure : str
        What changed.
    start, end, difference : float
        The measure in the first scenario, in the second, and end - start.
    parts : dict of str to float
        Share of each lever that differs, in the unit of the measure; they add up to ``difference`` but for
        rounding (below 1e-9 of the largest value met), which is put nowhere.
    standard_errors : dict of str to float
        Of each part: 0 when all subsets were run, else from the orders drawn.
    evaluations : int
        Scenarios run.
    undefined : int
        Mixtures of the two scenarios in which the measure is not defined; they count as half way between
        start and end, which favours no lever.
    """

    measure: str
    start: float
    end: float
    difference: float
    parts: dict[str, float]
    standard_errors: dict[str, float]
    evaluations: int
    undefined: int = 0

    @property
    def standard_error(self) -> float:
        """The largest standard error of a part; 0 when the split is exact."""
        return max(self.standard_errors.values(), default=0.0)


def attribute(
    web: Web,
    a: Scenario,
    b: Scenario,
    measure: str,
    *,
    seed: int = 0,
    pairs: int = PAIRS,
    executor: Executor | None = None,
) -> Attribution:
    """Split the change of a measure from scenario ``a`` to scenario ``b`` over the levers that differ.

    Up to eight levers: exact, from all subsets in one batch. More: from orders drawn at random, each with its
    reverse, with a standard error.

    Parameters
    ----------
    web : Web
        A loaded snapshot.
    a, b : Scenario
        From and to.
    measure : str
        See `core.results.measures.Measures.value`. A quarter of failure that never comes counts as
        the number of quarters, 32 here: from failing in 2030 Q1 (16) to not failing is a change of 16.
    seed : int
        Of the orders drawn; without effect up to eight levers.
    pairs : int
        Orders drawn, at least 2.
    executor : Executor, optional
        See `core.questions.batches.run_batches`.

    Returns
    -------
    Attribution
        Without parts when the scenarios are equal.

    Raises
    ------
    ValueError
        For an unknown measure, or one that is not defined in ``a`` or ``b``, naming it.

    Examples
    --------
    >>> from core.web.web import load_web
    >>> today = Scenario.default()
    >>> split = attribute(load_web(), today, today.replace(g=-20, gw=False), "failed_count")
    >>> split.start, split.end == split.start + split.difference, list(split.parts)
    (0.0, True, ['g', 'gw'])
    >>> split.evaluations, split.standard_error
    (4, 0.0)
    """
    if pairs < 2:
        raise ValueError(f"pairs = {pairs}: at least 2 orders are needed for a standard error")
    moved = a.differs_from(b)
    orders = None if len(moved) <= EXACT else _orders(len(moved), pairs, seed)
    masks = np.arange(2 ** len(moved)) if orders is None else _masks_met(orders)
    values = measure_values(web, _mixtures(a, b, moved, masks), measure, executor)
    if orders is None:
        return split_over(measure, moved, values)
    values, undefined = _filled(measure, values)
    met = np.zeros(2 ** len(moved))
    met[masks] = values
    parts, errors = _sampled_shapley(met, orders)
    return _told(measure, moved, values, undefined, parts, errors)


def split_over(measure: str, players: Sequence[str], values: Sequence[float] | NDArray) -> Attribution:
    """Split a change over whoever takes part in it, exactly, from the measure of every mixture of two ends.

    Parameters
    ----------
    measure : str
        What changes, for whoever reads it.
    players : sequence of str
        Names of the parts.
    values : sequence of float, or ndarray (2 ** players,)
        The measure where those of a mask are as at the end: bit i of the place is ``players[i]``; nan where
        it is not defined.

    Raises
    ------
    ValueError
        When it is not defined at the start or at the end.

    Examples
    --------
    >>> split_over("cost", ["ann", "bob"], [0.0, 4.0, 0.0, 12.0]).parts
    {'ann': 8.0, 'bob': 4.0}
    """
    filled, undefined = _filled(measure, np.asarray(values, dtype=float))
    nothing = np.zeros(len(players))
    return _told(measure, players, filled, undefined, _shapley(filled, len(players)), nothing)


def _filled(measure: str, values: NDArray) -> tuple[NDArray, int]:
    """The values with those that are not defined half way between both ends, and how many these are."""
    for value, which in ((values[0], "first"), (values[-1], "second")):
        if not np.isfinite(value):
            raise ValueError(f"{measure} is not defined in the {which} scenario, so its change has no parts")
    undefined = ~np.isfinite(values)
    return np.where(undefined, (values[0] + values[-1]) / 2.0, values), int(undefined.sum())


def _told(
    measure: str, players: Sequence[str], values: NDArray, undefined: int, parts: NDArray, errors: NDArray
) -> Attribution:
    start, end = float(values[0]), float(values[-1])
    return Attribution(
        measure=measure,
        start=start,
        end=end,
        difference=end - start,
        parts=dict(zip(players, parts.tolist(), strict=True)),
        standard_errors=dict(zip(players, errors.tolist(), strict=True)),
        evaluations=len(values),
        undefined=undefined,
    )


def _mixtures(a: Scenario, b: Scenario, moved: tuple[str, ...], masks: NDArray) -> Columns:
    """Scenarios in which the levers of a mask are as in ``b`` and the others as in ``a``."""
    if not moved:
        return columns_from(a)
    return columns_from(
        a, **{name: np.where(masks >> i & 1, b[name], a[name]) for i, name in enumerate(moved)}
    )


def _shapley(values: NDArray, players: int) -> NDArray:
    """Exact Shapley values of a game: each player's mean contribution over all orders of joining.

    Examples
    --------
    Alone 0, together 12, the first alone 4: it gets (4 + 12) / 2.

    >>> _shapley(np.array([0.0, 4.0, 0.0, 12.0]), 2)
    array([8., 4.])
    """
    masks = np.arange(2**players)
    sizes = np.array([mask.bit_count() for mask in masks.tolist()])
    out = np.empty(players)
    for i in range(players):
        without = masks[masks >> i & 1 == 0]
        orders = [factorial(k) * factorial(players - k - 1) for k in sizes[without].tolist()]
        weight = np.array(orders) / factorial(players)
        out[i] = np.sum(weight * (values[without | 1 << i] - values[without]))
    return out


def _orders(players: int, pairs: int, seed: int) -> NDArray:
    """Random orders, each followed by its reverse: (pairs, 2, players)."""
    rng = np.random.default_rng(seed)
    forward = np.array([rng.permutation(players) for _ in range(pairs)])
    return np.stack([forward, forward[:, ::-1]], axis=1)


def _prefixes(orders: NDArray) -> NDArray:
    """Coalitions met along each order, from nobody to everybody: (pairs, 2, players + 1)."""
    joined = np.cumsum(1 << orders, axis=2)
    return np.concatenate([np.zeros((*orders.shape[:2], 1), dtype=joined.dtype), joined], axis=2)


def _masks_met(orders: NDArray) -> NDArray:
    return np.unique(_prefixes(orders))


def _sampled_shapley(values: NDArray, orders: NDArray) -> tuple[NDArray, NDArray]:
    """Shapley values from some orders of joining, and their standard errors."""
    steps = np.diff(values[_prefixes(orders)], axis=2)
    gains = np.empty_like(steps)
    np.put_along_axis(gains, orders, steps, axis=2)
    draws = gains.mean(axis=1)
    return draws.mean(axis=0), draws.std(axis=0, ddof=1) / np.sqrt(len(draws))


@dataclass(frozen=True)
class TornadoRow:
    """What one lever alone does to a measure.

    Attributes
    ----------
    lever : str
        Lever id.
    low_value, high_value : float, int, str or bool
        The two settings, in public units. Of a choice or yes/no lever: the options with the lowest and the
        highest measure.
    at_low, at_high, base : float
        The measure at the two settings and as things stand; nan where it is not defined.
    """

    lever: str
    low_value: Value
    high_value: Value
    at_low: float
    at_high: float
    base: float

    @property
    def span(self) -> float:
        """Distance between the two ends, nan if one is not defined."""
        return abs(self.at_high - self.at_low)


def tornado(
    web: Web, scenario: Scenario, measure: str, *, ranges: str = "likely", executor: Executor | None = None
) -> tuple[TornadoRow, ...]:
    """Move every lever alone, the others as they are, and see what a measure does; widest first, one batch.

    Parameters
    ----------
    web : Web
        A loaded snapshot.
    scenario : Scenario
        Where the other levers stay.
    measure : str
        See `core.results.measures.Measures.value`; a quarter of failure that never comes counts as
        the number of quarters.
    ranges : {"likely", "full"}
        "likely" moves a number between the 5 and 95 per cent points of its distribution around the scenario,
        so that bars compare; "full" over its whole range. Options and years always move fully.
    executor : Executor, optional
        See `core.questions.batches.run_batches`.

    Raises
    ------
    ValueError
        For an unknown measure or range.
    """
    if ranges not in RANGES:
        raise ValueError(f"ranges must be one of {', '.join(RANGES)}, got {ranges!r}")
    likely = distributions(web, scenario)
    tried: list[tuple[str, Value]] = [(levers()[0].id, scenario[levers()[0].id])]  # the scenario itself
    for one in levers():
        if one.kind == "number" and ranges == "likely":
            low, high = likely[one.id].quantile(np.array(LIKELY)).tolist()
            tried += [(one.id, low), (one.id, high)]
        else:
            tried += [(one.id, option) for option in one.options or (one.clamp(-np.inf), one.clamp(np.inf))]
    arrays = {
        one.id: np.array([value if name == one.id else scenario[one.id] for name, value in tried])
        for one in levers()
    }
    values = measure_values(web, columns_from(scenario, **arrays), measure, executor)
    base = float(values[0])
    ends: dict[str, list[tuple[Value, float]]] = {}
    for (name, setting), value in zip(tried[1:], values[1:].tolist(), strict=True):
        ends.setdefault(name, []).append((setting, value))
    rows = [_row(lever(name), found, base) for name, found in ends.items()]
    return tuple(sorted(rows, key=lambda row: -row.span if np.isfinite(row.span) else np.inf))


def _row(one: Lever, found: list[tuple[Value, float]], base: float) -> TornadoRow:
    if one.options:
        found = sorted(found, key=lambda end: end[1] if np.isfinite(end[1]) else -np.inf)
    (low, at_low), (high, at_high) = found[0], found[-1]
    return TornadoRow(one.id, low, high, at_low, at_high, base)
