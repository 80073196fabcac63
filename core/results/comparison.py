"""Two scenarios side by side: their headline figures, and how large a share of a change is, as a word."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from core.layout.layout import Layout
from core.model.engine import run
from core.results.measures import Measures, all_measures
from core.scenario.levers import Scenario, columns
from core.web.calendar import Calendar
from core.web.web import Web

# Measure and how it is written: count, quarter, money (USD bn), percent (decimal), turns (multiple).
FIGURES: Mapping[str, str] = {
    "failed_count": "count",
    "coreweave.failed_quarter": "quarter",
    "terawulf.failed_quarter": "quarter",
    "cipher.failed_quarter": "quarter",
    "fluidstack.failed_quarter": "quarter",
    "openai.failed_quarter": "quarter",
    "anthropic.failed_quarter": "quarter",
    "xai.failed_quarter": "quarter",
    "oracle.failed_quarter": "quarter",
    "coreweave.interest_coverage": "turns",
    "called_total": "money",
    "alphabet.called": "money",
    "nvidia.called": "money",
    "meta.called": "money",
    "oracle.agency_leverage": "turns",
    "oracle.look_through_leverage": "turns",
    "infra_credit.net_irr": "percent",
    "pimco.net_irr": "percent",
    "blackstone.net_irr": "percent",
    "apollo.net_irr": "percent",
    "blue_owl.net_irr": "percent",
    "kkr.net_irr": "percent",
    "pensions.loss": "money",
    "insurers.loss": "money",
    "wealth.loss": "money",
    "funding_gap.unfunded": "money",
}
# The fineness at which two figures count as the same: half of the last digit that pages show.
SAME = {"count": 0.5, "quarter": 0.5, "money": 0.0005, "percent": 0.0005, "turns": 0.05}
# Share of a change from which on a word fits, largest first: the words lie half way between the fractions.
SHARES = (
    (0.995, "all"),
    (0.875, "nearly_all"),
    (0.71, "three_quarters"),
    (0.58, "two_thirds"),
    (0.42, "half"),
    (0.29, "third"),
    (0.18, "quarter"),
    (0.03, "little"),
)


@dataclass(frozen=True)
class Pair:
    """One headline figure of two scenarios.

    Attributes
    ----------
    measure, unit : str
        Key and value of `FIGURES`.
    a, b : float
        The figure in each; nan where it is not defined.
    never : int
        What stands for a failure that does not come, in a figure that is a quarter.
    """

    measure: str
    unit: str
    a: float
    b: float
    never: int

    @property
    def difference(self) -> float:
        """How much higher the figure is in B; nan if one is not defined, or one company never fails.

        >>> Pair("called_total", "money", 1.0, 3.5, 32).difference
        2.5
        >>> Pair("coreweave.failed_quarter", "quarter", 16.0, 32.0, 32).difference
        nan
        """
        if self.unit == "quarter" and (self.a >= self.never) != (self.b >= self.never):
            return math.nan
        return self.b - self.a

    @property
    def same(self) -> bool:
        """Whether a reader of the page sees the same figure twice.

        >>> [Pair("called_total", "money", 1.0, b, 32).same for b in (1.0001, 1.2)]
        [True, False]
        """
        if math.isnan(self.a) or math.isnan(self.b):
            return math.isnan(self.a) and math.isnan(self.b)
        return abs(self.b - self.a) < SAME[self.unit]


def figures_of(layout: Layout) -> dict[str, str]:
    """The headline figures that a snapshot has: not all know the same companies.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.

    Returns
    -------
    dict of str to str
        As `FIGURES`, in its order.
    """
    known = set(all_measures(layout))
    return {name: unit for name, unit in FIGURES.items() if name in known}


def compare(web: Web, a: Scenario, b: Scenario) -> tuple[Pair, ...]:
    """All headline figures of two scenarios, from one run of both.

    Parameters
    ----------
    web : Web
        A loaded snapshot.
    a, b : Scenario
        Each is seen to its own last year.
    """
    figures = Measures(run(web, columns([a, b])))
    return side_by_side(figures, figures, 1)


def side_by_side(
    a: Measures, b: Measures, place: int = 0, calendar: Calendar | None = None
) -> tuple[Pair, ...]:
    """All headline figures of two scenarios that have been run already, each perhaps on other data.

    Parameters
    ----------
    a : Measures
        The first scenario of its batch is the one.
    b : Measures
        The other's figures; may be the same batch.
    place : int
        Which scenario of the batch of ``b``.
    calendar : Calendar, optional
        On which quarters of failure are counted; that of ``b`` if not given.
    """
    counted = calendar or b.layout.calendar

    def _values(side: Measures, at: int) -> dict[str, float]:
        later = counted.lead(side.layout.calendar)
        return {
            name: float(side.value(name)[at]) + (later if unit == "quarter" else 0)
            for name, unit in figures_of(side.layout).items()
        }

    one, other = _values(a, 0), _values(b, place)
    return tuple(
        Pair(name, unit, one.get(name, math.nan), other.get(name, math.nan), counted.count)
        for name, unit in FIGURES.items()
        if name in one or name in other
    )


def share(part: float, whole: float) -> str:
    """The word for a share of a change: "two_thirds", or "against" for a part that works the other way.

    Parameters
    ----------
    part, whole : float
        One lever's part and the whole change, in the same unit.

    Returns
    -------
    str
        A word of `SHARES`, "more" (the part alone is larger than the whole), "against" or "nothing".

    Examples
    --------
    >>> share(2.0, 3.0), share(1.0, 1.0), share(-1.0, 2.0), share(1.2, 1.0), share(0.0, 1.0)
    ('two_thirds', 'all', 'against', 'more', 'nothing')
    """
    ratio = part / whole if whole else 0.0
    if abs(ratio) < SHARES[-1][0]:
        return "nothing"
    if ratio < 0:
        return "against"
    return "more" if ratio > 1.005 else next(word for limit, word in SHARES if ratio >= limit)
