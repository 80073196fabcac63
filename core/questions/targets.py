"""Does the base case look like the world? Ranges that it must meet, and what happened since, not fitted."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.finance.clearing import SECURED, UNSECURED
from core.layout.compile import compile_layout
from core.layout.layout import MILLIONS, Layout
from core.model.engine import run
from core.model.result import Result
from core.questions.distributions import distributions, transform
from core.questions.monte_carlo import sobol_points
from core.results.measures import Measures, all_measures
from core.scenario.levers import Scenario, columns_from
from core.web.calendar import QUARTERS_PER_YEAR
from core.web.web import USD_BN_PER_USD_M, Row, Web

CLASSES = {"secured": SECURED, "unsecured": UNSECURED}
PICKS = {"least": np.nanmin, "most": np.nanmax}
NOTHING = 1e-9  # USD bn
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
    outside : str
        Why the value may lie outside its range; empty where it must not.
    """

    id: str
    unit: str
    value: float
    low: float
    high: float
    source: str
    why: str
    outside: str = ""

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


def declared(web: Web) -> dict[str, list[dict]]:
    """What ``targets.toml`` beside a snapshot's tables declares: entries under ``target`` and ``backtest``.

    Parameters
    ----------
    web : Web
        The snapshot; one without the file declares nothing.
    """
    file = web.root / web.snapshot / "targets.toml"
    found = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return {"target": [], "backtest": []} | found


def targets(web: Web) -> tuple[Target, ...]:
    """Every target that a snapshot can answer, with its value in the base case.

    Parameters
    ----------
    web : Web
        The snapshot.
    """
    base = Measures(run(web, Scenario.default(web)))
    found = []
    for entry in declared(web)["target"]:
        if can_answer(web, entry["figure"]):
            told = {name: entry[name] for name in ("id", "unit", "source", "why", "outside") if name in entry}
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
    companies |= {what[name] for name in ("due", "debt_to_ebitda", "recovered", "backlog") if name in what}
    subjects = [what[name] for name in ("lease", "notes") if name in what]
    rows = (*what.get("reported", ()), *what.get("reported_over", ()))
    return (
        all(quarter in layout.quarters for quarter in quarters)
        and companies <= set(layout.companies)
        and all(what.get(name, layout.nodes[0]) in layout.index for name in ("failed", "burn"))
        and all(has_row(web, row) for row in rows)
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
    base = Measures(run(web, Scenario.default(web)))
    return tuple(
        Backtest(entry["id"], figure(base, entry["figure"]), web.row(entry["actual"]))
        for entry in declared(web)["backtest"]
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
    first, last = (quarters.index(what[end]) if end in what else 0 for end in ("from", "to"))
    span = slice(first, last + 1)
    if "sum" in what:
        total = _added_up(base, what["sum"], what.get("reported", ()), span)
        below = _added_up(base, what.get("over", ()), what.get("reported_over", ()), span)
        return total / below if "over" in what else total
    if "backlog" in what:
        return backlog(base.layout, what["backlog"], span if "to" in what else None)
    if "due" in what:
        return _opening_principal(base, what["due"], span)
    if "debt_to_ebitda" in what:
        company = what["debt_to_ebitda"]
        debt, ebitda = (base.company(company, name)[0] for name in ("debt", "ebitda"))
        ends = range(first, last + 1, QUARTERS_PER_YEAR)
        ratios = [debt[q] / ebitda[q - QUARTERS_PER_YEAR + 1 : q + 1].sum() for q in ends]
        return float(PICKS[what["pick"]](ratios))
    if "burn" in what:
        return float(PICKS[what["pick"]](_quarters_of_burn(base, what["burn"])))
    if "recovered" in what:
        return recovered(
            base.layout.web, what["recovered"], CLASSES[what["class"]], what["draws"], what["seed"]
        )
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


def _added_up(base: Measures, paths: Sequence[str], reported: Sequence[str], span: slice) -> float:
    computed = sum(float(base.company(*path.split("."))[0, span].sum()) for path in paths)
    return computed + sum(float(base.layout.web.value(row)) for row in reported)


def backlog(layout: Layout, host: str, span: slice | None = None) -> float:
    """What tenants of a compute host owe by running and signed contracts of the snapshot date, USD bn.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    host : str
        Id of the host.
    span : slice, optional
        Quarters in which it falls due if all is built as planned; without it all of it.
    """
    plan = next(one for one in layout.fields["fleet"] if one["node"] == layout.index[host])
    quarterly = plan["legacy_price"] / MILLIONS / QUARTERS_PER_YEAR
    running = plan["legacy_mw"] * quarterly
    if span is None:
        return float(running.sum() + plan["backlog"])
    price = plan["new_price"] / MILLIONS / QUARTERS_PER_YEAR
    sold = np.minimum(np.cumsum(plan["mw_added"]), plan["backlog"] / (price * plan["term"]))
    due = np.concatenate([[0.0], sold[:-1]]) * price  # what is built earns from the quarter after
    return float(running[span].sum() + due[span].sum())


def _opening_principal(base: Measures, company: str, span: slice) -> float:
    """What falls due on a company's opening debt by its terms, USD bn."""
    t = base.layout.tranches
    mine = t.borrower == base.layout.index[company]
    return float((t.regular + t.final)[mine, span].sum())


def _quarters_of_burn(base: Measures, lab: str) -> np.ndarray:
    """For how many quarters a lab's cash lasts at the burn of the year ahead; nan without any."""
    layout = base.layout
    place = layout.fields["lab"]["node"].tolist().index(layout.index[lab])
    cash = base.result.array("tenant_cash", layout.tenants.index(lab))[0]
    raised = layout.fields["lab"]["funding"][place] * _confidence(base)
    burn = raised[1:] - np.diff(cash)  # of the quarters after the first
    ahead = np.array([burn[q : q + QUARTERS_PER_YEAR].mean() for q in range(burn.size)])
    return np.where(ahead > NOTHING, cash[:-1] / np.maximum(ahead, NOTHING), np.nan)


def _confidence(base: Measures) -> np.ndarray:
    """Share of their plan that investors give at the utilisation of the base case, (quarter,)."""
    p = base.layout.p
    fullness = base.result.array("utilisation", 0)[0] / p("market.u_ref")
    share = (fullness - p("market.funding_floor")) / p("market.funding_range")
    return np.clip(share, 0.0, p("market.funding_cap"))


def recovered(web: Web, company: str, seniority: int, draws: int, seed: int) -> float:
    """Share of its claims that a class of creditors gets back, mean of the draws in which the company fails.

    Parameters
    ----------
    web : Web
        The snapshot; levers are drawn from its distributions.
    company : str
        Id of a borrower.
    seniority : int
        Class of claims, as the tranches state it.
    draws, seed : int
        How many, and of which sequence.

    Returns
    -------
    float
        nan when it fails in none.
    """
    names = {number: name for name, number in CLASSES.items()}
    return recoveries(web, company, draws, seed)[names[seniority]]


@lru_cache(maxsize=16)
def recoveries(web: Web, company: str, draws: int, seed: int) -> dict[str, float]:
    """Share of its claims that each class of creditors gets back, mean of the draws in which it fails.

    New loans are secured; claims are balances at the end of the quarter before.

    Parameters
    ----------
    web : Web
        The snapshot; levers are drawn from its distributions.
    company : str
        Id of a borrower.
    draws, seed : int
        How many, and of which sequence.

    Returns
    -------
    dict of str to float
        By name of the class; nan when the company fails in none, or when nothing is owed to the class.
    """
    drawn = distributions(web)
    points, _starts = sobol_points(draws, len(drawn), seed)
    settings = transform(drawn, points)
    result = run(web, columns_from(Scenario.default(web), **settings), keep=("losses",))
    found = {name: recovered_in(result, company, seniority) for name, seniority in CLASSES.items()}
    return {name: float(np.mean(shares)) if shares else float("nan") for name, shares in found.items()}


def recovered_in(result: Result, company: str, seniority: int) -> list[float]:
    """Share of its claims that a class of creditors gets back, for each scenario in which the company fails.

    Parameters
    ----------
    result : Result
        A run that kept losses.
    company : str
        Id of a borrower.
    seniority : int
        Class of claims.
    """
    layout, tranches = result.layout, result.layout.tranches
    borrower = layout.borrowers.tolist().index(layout.index[company])
    mine = np.flatnonzero((tranches.place == borrower) & (tranches.seniority == seniority))
    if seniority == SECURED:
        mine = np.append(mine, len(tranches.ids) + borrower)
    failed = result.failed_quarter(company)
    shares = []
    for i in np.flatnonzero((failed > 0) & (failed < layout.never)):
        owed = result.array("balance")[i, failed[i] - 1, mine].sum()
        if owed > NOTHING:
            shares.append(float(1.0 - result.array("lost")[i, failed[i], mine].sum() / owed))
    return shares


def _rent_cover(web: Web, lease: str, notes: str) -> float:
    """Rent when complete after the host's running cost, over a year's interest on its notes."""

    def number(row: str) -> float:
        return float(web.value(row))

    rent = number(f"{lease}.mw") * number(f"{lease}.rent") * USD_BN_PER_USD_M
    kept = rent * number(f"{web.value(f'{lease}.host')}.operating_margin")
    return kept / (number(f"{notes}.balance") * number(f"{notes}.rate"))
