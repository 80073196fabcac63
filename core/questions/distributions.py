"""How far each lever may stray: the declared distributions of `data/distributions.toml`, in public units."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from core.scenario.levers import DATA, Lever, Scenario, Value, lever, levers
from core.web.web import Web, published

SHAPES = ("triangular", "normal", "uniform", "discrete")


@dataclass(frozen=True)
class Distribution:
    """What one lever may turn out to be, in public units.

    Attributes
    ----------
    lever : str
        Lever id.
    shape : str
        triangular, normal (cut at ``low`` and ``high``), uniform or discrete.
    centre : float, int, str or bool
        The most likely value: a lever's default, or its value in the scenario looked at.
    low, high : float
        Bounds of a number; nan for options.
    spread : float
        Standard deviation before bounds cut it; nan for options. The unit in which "unusual" is measured.
    options : tuple
        Values of a discrete one, in the order of their declaration.
    probabilities : tuple of float
        One per option; they add up to 1.
    row : str
        The row of the snapshot whose range it uses, empty if none.
    basis, source, note : str
        Where the rest comes from, as for every row of the data, and why.

    Examples
    --------
    >>> rate = Distribution("r", "uniform", 3.0, 2.0, 6.0)
    >>> rate.quantile(np.array([0.0, 0.5, 1.0]))
    array([2., 4., 6.])
    """

    lever: str
    shape: str
    centre: Value
    low: float = math.nan
    high: float = math.nan
    spread: float = math.nan
    options: tuple[Value, ...] = ()
    probabilities: tuple[float, ...] = ()
    row: str = ""
    basis: str = "assumption"
    source: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        one = lever(self.lever)
        one.check(self.centre)
        if self.shape not in SHAPES:
            raise ValueError(f"{one.label}: the shape {self.shape!r} is not one of {', '.join(SHAPES)}")
        if self.shape == "discrete":
            if len(self.options) != len(self.probabilities) or self.centre not in self.options:
                raise ValueError(f"{one.label}: needs one probability for each option, the centre included")
            if min(self.probabilities) < 0 or abs(sum(self.probabilities) - 1.0) > 1e-9:
                raise ValueError(f"{one.label}: probabilities {self.probabilities} do not add up to 1")
            for option in self.options:
                one.check(option)
            return
        one.check(self.low)
        one.check(self.high)
        if not self.low <= float(self.centre) <= self.high or self.low == self.high:
            raise ValueError(f"{one.label}: {self.low} to {self.high} does not hold its centre {self.centre}")
        if self.shape == "normal" and not self.spread > 0:
            raise ValueError(f"{one.label}: a normal distribution needs a positive spread")
        if self.shape != "normal":
            object.__setattr__(self, "spread", self._spread())

    def _spread(self) -> float:
        """Standard deviation of a triangular or uniform distribution."""
        a, b, c = self.low, self.high, float(self.centre)
        if self.shape == "uniform":
            return (b - a) / math.sqrt(12.0)
        return math.sqrt((a * a + b * b + c * c - a * b - a * c - b * c) / 18.0)

    def quantile(self, p: NDArray) -> NDArray:
        """Value below which the share ``p`` of all outcomes lies.

        Parameters
        ----------
        p : ndarray
            Shares, 0 to 1, any shape.

        Returns
        -------
        ndarray
            Public values of the same shape, within the bounds; options in the order of their declaration.
        """
        if self.shape == "discrete":
            place = np.searchsorted(np.cumsum(self.probabilities)[:-1], p, side="right")
            return np.array(self.options)[place]
        low, high, centre = self.low, self.high, float(self.centre)
        if self.shape == "uniform":
            value = low + p * (high - low)
        elif self.shape == "normal":
            first, last = ndtr((low - centre) / self.spread), ndtr((high - centre) / self.spread)
            value = centre + self.spread * ndtri(first + p * (last - first))
        else:
            width = high - low
            rising = low + np.sqrt(p * width * (centre - low))
            falling = high - np.sqrt((1.0 - p) * width * (high - centre))
            value = np.where(p * width < centre - low, rising, falling)
        return np.clip(value, low, high)

    def around(self, value: Value) -> Distribution:
        """The same distribution around another centre, cut at the lever's own limits.

        Parameters
        ----------
        value : float, int, str or bool
            The new centre. An option takes the default's probability and leaves the default its own.

        Returns
        -------
        Distribution
            As wide as this one, where the limits of the lever leave room.
        """
        if value == self.centre:
            return self
        if self.shape == "discrete":
            chances = list(self.probabilities)
            here, there = self.options.index(self.centre), self.options.index(value)
            chances[here], chances[there] = chances[there], chances[here]
            return replace(self, centre=value, probabilities=tuple(chances))
        one, move = lever(self.lever), float(value) - float(self.centre)
        low, high = float(one.clamp(self.low + move)), float(one.clamp(self.high + move))
        return replace(self, centre=value, low=low, high=high)

    def surprise(self, value: Value) -> float:
        """How unusual an option is, on the scale of squared standard deviations of a number.

        Minus twice the log of its probability against the centre's: what (x / spread)^2 is for a normal.

        Parameters
        ----------
        value : int, str or bool
            One of the options.

        Returns
        -------
        float
            0 for the centre; never negative; inf for an option of probability 0.

        Examples
        --------
        >>> kept = Distribution("gw", "discrete", True, options=(True, False), probabilities=(0.95, 0.05))
        >>> round(kept.surprise(False), 2), kept.surprise(True)
        (5.89, 0.0)
        """
        chance = dict(zip(self.options, self.probabilities, strict=True))
        if value == self.centre:
            return 0.0
        if not chance[value]:
            return math.inf
        return max(0.0, -2.0 * math.log(chance[value] / max(self.probabilities)))


@lru_cache(maxsize=1)
def _declared() -> dict:
    return tomllib.loads((DATA / "distributions.toml").read_text(encoding="utf-8"))


def distributions(web: Web, scenario: Scenario | None = None) -> dict[str, Distribution]:
    """The declared distribution of every lever that may stray, in the order of the levers.

    Parameters
    ----------
    web : Web
        Its snapshot gives ranges and defaults, as published: an edit of a number does not move them.
    scenario : Scenario, optional
        Centre of all of them; the levers' defaults if not given.

    Returns
    -------
    dict of str to Distribution
        By lever id. The horizon has none: it is a choice of what to look at.
    """
    out, today = {}, Scenario.default(web)
    for one in levers():
        if one.id in _declared():
            made = _make(web, one, today[one.id], _declared()[one.id])
            out[one.id] = made if scenario is None else made.around(scenario[one.id])
    return out


def _make(web: Web, one: Lever, centre: Value, entry: dict) -> Distribution:
    about = {key: entry[key] for key in ("shape", "basis", "source", "note", "row") if key in entry}
    if entry["shape"] == "discrete":
        options, chances = tuple(entry["options"]), tuple(entry["probabilities"])
        return Distribution(one.id, centre=centre, options=options, probabilities=chances, **about)
    if "row" in entry:
        row = published(web.snapshot, web.root).row(entry["row"])  # an edited number has lost its range
        if row.low is None or row.high is None:
            raise ValueError(f"distributions.toml: the row {row.id} of {one.label} has no range")
        low, high = round(row.low * one.per_unit, 9), round(row.high * one.per_unit, 9)
    else:
        low, high = float(entry["low"]), float(entry["high"])
    spread = float(entry.get("spread", math.nan))
    return Distribution(one.id, centre=centre, low=low, high=high, spread=spread, **about)


def correlation(names: Iterable[str]) -> NDArray:
    """Correlation of the normal scores of some levers, (lever, lever); Gaussian copula.

    Parameters
    ----------
    names : iterable of str
        Lever ids.

    Returns
    -------
    ndarray
        1 on the diagonal, the declared values off it, 0 where none is declared.

    Examples
    --------
    >>> correlation(["g", "r", "s"])
    array([[ 1. ,  0. , -0.6],
           [ 0. ,  1. ,  0. ],
           [-0.6,  0. ,  1. ]])
    """
    order = list(names)
    matrix = np.eye(len(order))
    for pair in _declared()["correlation"].values():
        if set(pair["levers"]) <= set(order):
            i, j = (order.index(name) for name in pair["levers"])
            matrix[i, j] = matrix[j, i] = pair["value"]
    return matrix


def transform(chosen: Mapping[str, Distribution], points: NDArray) -> dict[str, NDArray]:
    """Turn evenly spread points of the unit cube into settings of levers, correlated as declared.

    Parameters
    ----------
    chosen : mapping of lever id to Distribution
        One for each coordinate.
    points : ndarray, (scenario, lever)
        Between 0 and 1.

    Returns
    -------
    dict of str to ndarray (scenario,)
        Public values by lever id.

    Raises
    ------
    ValueError
        If the declared correlations contradict each other.
    """
    matrix = correlation(chosen)
    shares = points
    if not np.array_equal(matrix, np.eye(len(chosen))):
        try:
            factor = np.linalg.cholesky(matrix)
        except np.linalg.LinAlgError:
            raise ValueError(f"distributions.toml: correlations of {', '.join(chosen)} contradict") from None
        tiny = 2.0**-40  # an exact 0 or 1 would be infinitely far out
        # One column at a time, not a matrix product: its rounding would hang on the number of points.
        scores = ndtri(np.clip(points, tiny, 1.0 - tiny))
        shares = np.empty_like(points)
        for i in range(len(chosen)):
            mixed = sum(factor[i, j] * scores[:, j] for j in range(i + 1) if factor[i, j])
            shares[:, i] = ndtr(mixed) if np.count_nonzero(factor[i]) > 1 else points[:, i]
    return {name: one.quantile(shares[:, i]) for i, (name, one) in enumerate(chosen.items())}
