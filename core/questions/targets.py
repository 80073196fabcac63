"""Does the base case look like the world? Ranges that it must meet, and what happened since, not fitted."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.layout.compile import compile_layout
from core.model.engine import run
from core.results.measures import Measures, all_measures
from core.scenario.levers import Scenario
from core.web.web import DATA, USD_BN_PER_USD_M, Row, Web

NEVER = "never"  # as a bound: the company does not fail
FAILED_COUNT = "failed_count"  # a measure of every snapshot


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
    """Every target that a snapshot can answer, with its value in the base case.

    Parameters
    ----------
    web : Web
        The snapshot.
    """
    base = Measures(run(web, Scenario.default()))
    found = []
    for entry in declared()["target"]:
        if can_answer(web, entry["figure"]):
            told = {name: entry[name] for name in ("id", "unit", "source", "why")}
            low, high = (_bound(web, entry[end]) for end in ("low", "high"))
            found.append(Target(**told, low=low, high=high, value=figure(base, entry["figure"])))
    return tuple(found)


def _bound(web: Web, bound: float | str) -> float:
    """An end of a range as a number: quarters are counted from the first, never is after the last."""
    if not isinstance(bound, str):
        return bound
    return web.calendar.count if bound == NEVER else web.calendar.labels.index(bound)


def can_answer(web: Web, what: Mapping) -> bool:
    """Whether a snapshot has the quarters, companies and rows of a figure.

    Parameters
    ----------
    web : Web
        The snapshot.
    what : mapping
        As for `figure`.
    """
    layout = compile_layout(web)
    quarters = [what[end] for end in ("from", "to") if end in what]
    paths = (*what.get("sum", ()), *what.get("over", ()), *([what["at"]] if "at" in what else ()))
    companies = {path.partition(".")[0] for path in paths}
    subjects = [what[name] for name in ("lease", "notes") if name in what]
    return (
        all(quarter in layout.quarters for quarter in quarters)
        and companies <= set(layout.companies)
        and what.get("failed", layout.nodes[0]) in layout.index
        and what.get("measure", FAILED_COUNT) in all_measures(layout)
        and all(subject in web.tables["offtake"] or subject in web.tables["tranches"] for subject in subjects)
    )


def backtest(web: Web) -> tuple[Backtest, ...]:
    """Every line of the back-test that a snapshot can answer: the base case beside the actuals.

    Parameters
    ----------
    web : Web
        The snapshot.
    """
    base = Measures(run(web, Scenario.default()))
    return tuple(
        Backtest(entry["id"], figure(base, entry["figure"]), web.row(entry["actual"]))
        for entry in declared()["backtest"]
        if can_answer(web, entry["figure"]) and has_row(web, entry["actual"])
    )


def has_row(web: Web, row_id: str) -> bool:
    """Whether a snapshot has a row.

    Parameters
    ----------
    web : Web
        The snapshot.
    row_id : str
        As for `Web.row`.
    """
    subject, _, item = row_id.rpartition(".")
    return any(item in subjects.get(subject, {}) for subjects in web.tables.values())


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
