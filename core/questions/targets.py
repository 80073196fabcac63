"""Does the base case look like the world? Ranges that it must meet, and what happened since, not fitted."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.model.engine import run
from core.results.measures import Measures
from core.scenario.levers import Scenario
from core.web.web import DATA, USD_BN_PER_USD_M, Row, Web


@dataclass(frozen=True)
class Target:
    """A figure of the base case and the range that its sources leave open.

    Attributes
    ----------
    id, unit : str
    value, low, high : float
        In this unit.
    source, why : str
        Key of ``sources.toml``, and how it leads to the range.
    """

    id: str
    unit: str
    value: float
    low: float
    high: float
    source: str
    why: str

    @property
    def inside(self) -> bool:
        """Whether the value lies in its range."""
        return self.low <= self.value <= self.high


@dataclass(frozen=True)
class Backtest:
    """A figure of the base case beside what was reported later.

    Attributes
    ----------
    id : str
    value : float
        What the model says, in the unit of the row.
    actual : Row
        What happened, or was announced, with its source.
    """

    id: str
    value: float
    actual: Row


@lru_cache(maxsize=1)
def declared() -> dict:
    """What ``targets.toml`` declares: entries under ``target`` and ``backtest``."""
    return tomllib.loads((DATA / "targets.toml").read_text(encoding="utf-8"))


def targets(web: Web) -> tuple[Target, ...]:
    """Every target with its value in the base case.

    Parameters
    ----------
    web : Web
        The snapshot.
    """
    base = Measures(run(web, Scenario.default()))
    return tuple(
        Target(**{k: v for k, v in entry.items() if k != "figure"}, value=figure(base, entry["figure"]))
        for entry in declared()["target"]
    )


def backtest(web: Web) -> tuple[Backtest, ...]:
    """Every line of the back-test: the base case beside the actuals.

    Parameters
    ----------
    web : Web
        The snapshot.
    """
    base = Measures(run(web, Scenario.default()))
    return tuple(
        Backtest(entry["id"], figure(base, entry["figure"]), web.row(entry["actual"]))
        for entry in declared()["backtest"]
    )


def figure(base: Measures, what: Mapping) -> float:
    """Evaluate a figure of ``targets.toml`` in the first scenario of a run.

    Parameters
    ----------
    base : Measures
        Of a run with all record groups.
    what : mapping
        Its head names the ways.

    Raises
    ------
    ValueError
        If it names none of them.
    """
    quarters = base.layout.quarters
    if "sum" in what:
        span = slice(quarters.index(what["from"]), quarters.index(what["to"]) + 1)
        total = _added_up(base, what["sum"], span)
        return total / _added_up(base, what["over"], span) if "over" in what else total
    if "at" in what:
        company, field = what["at"].split(".")
        return float(base.company(company, field)[0, quarters.index(what["to"])])
    if "failed" in what:
        return float(base.result.failed_quarter(what["failed"])[0])
    if "measure" in what:
        return float(base.value(what["measure"])[0])
    if "lease" in what:
        return _rent_cover(base.layout.web, what["lease"], what["notes"])
    raise ValueError(f"no way to find a figure in {dict(what)!r}")


def _added_up(base: Measures, paths: Sequence[str], span: slice) -> float:
    return sum(float(base.company(*path.split("."))[0, span].sum()) for path in paths)


def _rent_cover(web: Web, lease: str, notes: str) -> float:
    """Rent when complete after the host's running cost, over a year's interest on its notes."""

    def number(row: str) -> float:
        return float(web.value(row))

    rent = number(f"{lease}.mw") * number(f"{lease}.rent") * USD_BN_PER_USD_M
    kept = rent * number(f"{web.value(f'{lease}.host')}.operating_margin")
    return kept / (number(f"{notes}.balance") * number(f"{notes}.rate"))
