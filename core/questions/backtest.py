"""What the model says of quarters that have passed since, beside what was reported. Nothing is fitted."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from statistics import median

import numpy as np

from core.model.engine import run
from core.model.market import QUARTERS_PER_YEAR as YEAR
from core.results.guarantors import BIG_TECH
from core.results.measures import Measures
from core.results.reading import plain
from core.scenario.levers import Scenario
from core.web.snapshot import Row
from core.web.web import DATA, Web

FLOWS = (
    "revenue",
    "ebitda",
    "operating_profit",
    "interest",
    "principal",
    "capex",
    "operating_cash_flow",
)
STOCKS = ("debt", "cash", "leases_not_commenced", "purchase_commitments")
COMPANY = (*FLOWS[:-1], "debt", "cash")
CARRIED = STOCKS[1:]  # of a guarantor, in every quarter as the snapshot states them
RATIOS = {"interest_coverage": ("ebitda", "interest")}  # of what was reported for one and the same quarter
QUARTERS_IN = {"Q": 1, "H": 2}  # of a period by its letter; one without is a year
WORST = 3


@dataclass(frozen=True)
class Outcome:
    """One figure that was reported after the snapshot: whose, which, when, what it was, what was computed.

    ``computed`` and ``scenario`` are USD bn on today's data and in the scenario; None after a failure.
    """

    entity: str
    measure: str
    quarter: str
    row: Row
    computed: float | None
    scenario: float | None

    @property
    def miss(self) -> float | None:
        """What was computed over what was reported, less one; None where one of them says nothing.

        >>> row = type("Row", (), {"value": 2.0})
        >>> Outcome("a", "revenue", "2026Q1", row, computed=2.5, scenario=1.0).miss
        0.25
        """
        reported = float(self.row.value)
        return None if self.computed is None or reported <= 0 else self.computed / reported - 1.0


def outcomes(web: Web, baseline: Measures, scenario: Measures) -> tuple[Outcome, ...]:
    """Every reported figure that the model computes, or carries along as the snapshot states it.

    Parameters
    ----------
    web : Web
        Actuals stand in its table of that name.
    baseline, scenario : Measures
        Of runs with all record groups, on today's data and of the scenario; the first of each batch counts.

    Returns
    -------
    tuple of Outcome
        In the data's order. A half or a whole year is compared with the sum of its quarters; stocks with the
        end of the period. Periods that the run does not hold in full are left out, and so is what the
        snapshot was made with.
    """
    found = []
    for subject, items in web.tables["actuals"].items():
        entity, _, measure = subject.partition(".")
        for quarter, row in items.items():
            places = _places(baseline.layout.quarters, quarter)
            if not places or _was_known(web, entity, measure, row):
                continue
            paths = [_path(measures, entity, measure) for measures in (baseline, scenario)]
            if paths[0] is None:
                continue
            figures = [None if path is None else _figure(path, measure, places) for path in paths]
            found.append(Outcome(entity, measure, quarter, row, *figures))
    return tuple(found)


def _was_known(web: Web, entity: str, measure: str, report: Row) -> bool:
    """Whether a report came no later than the snapshot, or than what the snapshot itself states of it.

    >>> from core.web.web import load_web
    >>> web = load_web("2026-06-30")  # its debt of Oracle is the one that was reported in August
    >>> rows = {measure: web.row(f"oracle.{measure}.2026Q3") for measure in ("debt", "operating_cash_flow")}
    >>> [_was_known(web, "oracle", measure, row) for measure, row in rows.items()]
    [True, False]
    """
    own = web.tables["entities"].get(entity, {}).get(measure)
    return report.as_of <= max(web.snapshot, own.as_of if own else "")


def _places(labels: tuple[str, ...], period: str) -> list[int]:
    """Which quarters of a run make a quarter, half or year; none if the run does not hold it whole.

    >>> _places(("2026Q1", "2026Q2", "2026Q3", "2026Q4"), "2026H2")
    [2, 3]
    >>> _places(("2026Q3", "2026Q4"), "2026")
    []
    """
    year, letter, number = period[:4], period[4:5], int(period[5:] or 1)
    length = QUARTERS_IN.get(letter, YEAR)
    names = [f"{year}Q{(number - 1) * length + k + 1}" for k in range(length)]
    return [labels.index(name) for name in names] if set(names) <= set(labels) else []


def _figure(path: np.ndarray, measure: str, places: list[int]) -> float | None:
    return plain(float(path[places].sum() if measure in FLOWS else path[places[-1]]))


def _path(measures: Measures, entity: str, measure: str) -> np.ndarray | None:
    """A measure of the first scenario by quarter, USD bn (a quarter); None where the model has none."""
    layout, result = measures.layout, measures.result
    if entity in layout.companies and entity not in layout.of_kind(BIG_TECH):
        return measures.company(entity, measure)[0] if measure in COMPANY else None
    if entity in layout.of_kind("lab"):
        if measure == "revenue":
            return _lab_revenue(measures, entity)
        return result.array("tenant_cash", layout.tenants.index(entity))[0] if measure == "cash" else None
    if entity not in layout.of_kind(BIG_TECH):
        return None
    giver, still = measures.guarantors[entity], np.ones(len(layout.quarters))
    if measure == "operating_cash_flow":
        return giver.operating_cash_flow[0] / YEAR
    if measure == "debt":
        return still * giver.reported_debt
    if measure in CARRIED and measure in layout.web.tables["entities"][entity]:
        return still * float(layout.web.value(f"{entity}.{measure}"))
    return None


def _lab_revenue(measures: Measures, lab: str) -> np.ndarray:
    """A lab's own revenue by quarter: its plan, moved by demand; nan from its failure on."""
    layout, result = measures.layout, measures.result
    group = layout.fields["lab"]
    place = group["node"].tolist().index(layout.index[lab])
    revenue = group["revenue"][place][: len(layout.quarters)] * result.dev[0] ** group["elasticity"][place]
    failed = int(result.failed_quarter(lab)[0])
    return np.where(np.arange(len(revenue)) < failed, revenue, np.nan) if failed < len(revenue) else revenue


def median_miss(found: Iterable[Outcome]) -> float | None:
    """Half of the figures are off by less, whichever way; None if there is none to compare.

    Parameters
    ----------
    found : iterable of Outcome
        Those without a miss do not count.

    Examples
    --------
    >>> median_miss([]) is None
    True
    """
    misses = [abs(one.miss) for one in found if one.miss is not None]
    return median(misses) if misses else None


def worst(found: Iterable[Outcome], count: int = WORST) -> tuple[Outcome, ...]:
    """The figures that are furthest off, worst first; of a measure of a company its worst period alone.

    Parameters
    ----------
    found : iterable of Outcome
        Those without a miss do not count.
    count : int
        How many at most.
    """
    seen: dict[tuple[str, str], Outcome] = {}
    for one in sorted((o for o in found if o.miss is not None), key=lambda o: -abs(o.miss or 0.0)):
        seen.setdefault((one.entity, one.measure), one)
    return tuple(seen.values())[:count]


@lru_cache(maxsize=1)
def reasons() -> Mapping[str, Mapping[str, str]]:
    """Why a figure is off, by ``<entity>.<measure>`` and language, one sentence each.

    Examples
    --------
    >>> sorted(reasons()["coreweave.operating_profit"])
    ['en', 'nl']
    """
    return tomllib.loads((DATA / "backtest.toml").read_text(encoding="utf-8"))["why"]


def is_guidance(row: Row) -> bool:
    """Tell whether a row of the actuals is what a company expects: that has a range, a report has none.

    Parameters
    ----------
    row : Row
        Of the table of actuals.

    Examples
    --------
    >>> from core.web.web import load_web
    >>> [is_guidance(load_web().row(f"coreweave.interest.{quarter}")) for quarter in ("2026Q2", "2026Q3")]
    [False, True]
    """
    return row.low is not None or row.high is not None


def reported(web: Web, entity: str, measure: str) -> dict[str, float]:
    """What was reported, by period, without guidance; a ratio where both of its parts were reported.

    Parameters
    ----------
    web : Web
        Actuals stand in its table of that name.
    entity, measure : str
        For example ``coreweave`` and ``interest_coverage``.

    Returns
    -------
    dict of str to float
        Often empty.

    Examples
    --------
    >>> from core.web.web import load_web
    >>> round(reported(load_web(), "coreweave", "interest_coverage")["2026Q1"], 2)
    2.16
    """
    if measure in RATIOS:
        top, bottom = (reported(web, entity, part) for part in RATIOS[measure])
        return {period: top[period] / bottom[period] for period in top if bottom.get(period, 0.0) > 0}
    rows = web.tables["actuals"].get(f"{entity}.{measure}", {})
    return {
        period: float(row.value)
        for period, row in rows.items()
        if not (isinstance(row.value, str) or is_guidance(row))
    }


def guided(web: Web, entity: str, measure: str) -> dict[str, tuple[float, float]]:
    """What a company expects, by period, as low and high; without expectations that name one end only.

    Parameters
    ----------
    web : Web
        Actuals stand in its table of that name.
    entity, measure : str
        For example ``coreweave`` and ``interest``.

    Returns
    -------
    dict of str to tuple of two floats
        Often empty.

    Examples
    --------
    >>> from core.web.web import load_web
    >>> guided(load_web(), "coreweave", "revenue")
    {'2026Q3': (3.45, 3.6), '2026': (12.4, 13.2)}
    """
    rows = web.tables["actuals"].get(f"{entity}.{measure}", {})
    return {
        period: (row.low, row.high)
        for period, row in rows.items()
        if row.low is not None and row.high is not None
    }


def since(web: Web) -> tuple[Row, ...]:
    """Everything that was reported, or expected by a company, on a later day than the snapshot's.

    Parameters
    ----------
    web : Web
        The data that are looked at.

    Returns
    -------
    tuple of Row
        In the data's order.

    Examples
    --------
    >>> from core.web.web import load_web
    >>> "meta.debt.2026Q2" in {row.id for row in since(load_web("2025-12-31"))}
    True
    """
    table = web.tables["actuals"]
    return tuple(row for items in table.values() for row in items.values() if row.as_of > web.snapshot)


def as_dict(web: Web) -> dict:
    """The whole back-test of a snapshot, ready for JSON.

    Parameters
    ----------
    web : Web
        A loaded snapshot; its base case is run.

    Returns
    -------
    dict
        ``snapshot``, ``rows`` and ``median_error``. A row has ``entity``, ``measure``, ``quarter`` (or a half
        or a year), ``model``, ``actual``, ``low`` and ``high`` in USD bn (None where there is none) and
        ``error``, model over actual less one, None where it is not defined.
    """
    base = Measures(run(web, Scenario.default(web)))
    found = outcomes(web, base, base)
    return {
        "snapshot": web.snapshot,
        "rows": [
            {
                "entity": one.entity,
                "measure": one.measure,
                "quarter": one.quarter,
                "model": one.computed,
                "actual": float(one.row.value),
                "low": one.row.low,
                "high": one.row.high,
                "error": one.miss,
            }
            for one in found
        ],
        "median_error": median_miss(found),
    }
