"""One scenario's results as plain data: the contract that the command line prints and the pages show."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from core.layout.compile import compile_layout
from core.model.result import Result, last_quarters
from core.results import borrowers, guarantors, investors
from core.results.measures import MARKET_FIELDS, Measures, largest_cut
from core.scenario.levers import Scenario, columns
from core.scenario.link import MODEL_VERSION, encode
from core.scenario.messages import Message, describe
from core.web.web import Web, snapshots

STATUS = ("healthy", "stretched", "supported", "distressed", "failed")
PATHS = (
    "revenue",
    "ebitda",
    "operating_profit",
    "interest",
    "debt",
    "cash",
    "capex",
    "interest_coverage",
    "dscr",
    "net_debt_to_ebitda",
    "asset_cover",
)
FUND_FIGURES = (
    "gross_irr",
    "net_irr",
    "moic",
    "loss_rate",
    "dpi",
    "rvpi",
    "unlevered_irr",
    "after_fee_irr",
    "loss",
)
MORE_PATHS = ("contracted", "spot", "guaranteed", "core", "forward_cover", "runway", "access", "principal")
DOLLAR = 1e-9


def plain(values: np.ndarray | float) -> Any:
    """Numbers as JSON can hold them: nan and infinity become None.

    Parameters
    ----------
    values : ndarray or float
        Any shape.

    Examples
    --------
    >>> plain(np.array([[1.0, np.nan], [np.inf, 2.0]]))
    [[1.0, None], [None, 2.0]]
    """
    if isinstance(values, float):
        return float(values) if math.isfinite(values) else None
    known = np.isfinite(values)
    if known.all():
        return values.tolist()
    told = values.astype(object)
    told[~known] = None
    return told.tolist()


def read(
    result: Result,
    i: int = 0,
    scenario: Scenario | None = None,
    messages: Iterable[Message] = (),
    measures: Measures | None = None,
) -> dict:
    """Scenario ``i`` of a run with all record groups, as a dictionary that JSON can hold.

    Paths are lists with one value a quarter, USD bn, rates and ratios as decimals, missing = None. Quarters
    of failure and of events are numbers from 0 (see ``quarters`` for their names) and are not cut at the
    horizon; statuses, first breaches, fund figures and totals stop there. ``window`` is the first and the
    last quarter of a row's flows.

    Parameters
    ----------
    result : Result
    i : int
        Which scenario of the batch.
    scenario : Scenario, optional
        What was asked for, for the echo of levers and link.
    messages : iterable of Message
        What a link or command line was told.
    measures : Measures, optional
        Reused if the caller has them.
    """
    found = Reading(measures or Measures(result), i)
    data = found["snapshot"] if found["snapshot"] in snapshots() else None  # else of a folder of its own
    return {
        "model": found["model"],
        "snapshot": found["snapshot"],
        "scenario": scenario.as_dict() if scenario is not None else None,
        "link": encode(scenario, data=data) if scenario is not None else None,
        "messages": [describe(x) for x in messages],
        **found,
    }


class Reading(Mapping):
    """The results of `read`, each table made when it is first asked for: the books of funds take longest.

    Parameters
    ----------
    measures : Measures
        Of a run with all record groups.
    i : int
        Which scenario of the batch.
    """

    def __init__(self, measures: Measures, i: int = 0):
        self.measures = measures
        self.result: Result = measures.result
        self.i = i
        self._made: dict[str, Any] = {}

    def __getitem__(self, table: str) -> Any:
        if table not in self._made:
            self._made[table] = TABLES[table](self)
        return self._made[table]

    def __iter__(self) -> Iterator[str]:
        return iter(TABLES)

    def __len__(self) -> int:
        return len(TABLES)

    def name(self, entity: str) -> str:
        """Name that the data gives an entity.

        Parameters
        ----------
        entity : str
        """
        return str(self.result.layout.web.tables["entities"][entity]["name"].value)


def _companies(r: Reading) -> list[dict]:
    result, i, layout = r.result, r.i, r.result.layout
    paths = {field: plain(r.measures.companies(field)[i].T) for field in (*PATHS, *MORE_PATHS)}
    companies = []
    for c, company in enumerate(layout.companies):
        failed = int(result.failed_quarter(company)[i])
        companies.append(
            {
                "id": company,
                "name": r.name(company),
                "kind": layout.kind[layout.index[company]],
                "window": _window(r),
                "status": STATUS[int(result.status[i, c])],
                "supported_by": _supporter(r, company, c),
                "failed_quarter": None if failed >= layout.never else failed,
                "failure_cause": None if failed >= layout.never else result.cause(i, company),
                "first_breach": result.first_breach(i, company),
                **{field: path[c] for field, path in paths.items()},
                **{f: plain(v) for f, v in borrowers.met_without_cash(result, i, company).items()},
                **{f: plain(v) for f, v in borrowers.rent_cover(result, i, company).items()},
            }
        )
    return companies


def _window(r: Reading, *, cut: bool = False) -> list[str]:
    """First and last quarter of a row's flows: of the whole run, or up to the horizon as totals are."""
    result = r.result
    return [
        result.layout.quarters[0],
        result.layout.quarters[int(result.last[r.i]) if cut else result.quarters - 1],
    ]


def window(web: Web, *scenarios: Scenario) -> list[str]:
    """First and last quarter that the measures of some scenarios count, the latest where they differ.

    Parameters
    ----------
    web : Web
    *scenarios : Scenario
    """
    layout = compile_layout(web)
    return [layout.quarters[0], layout.quarters[int(last_quarters(layout, columns(scenarios)).max())]]


def _supporter(r: Reading, company: str, c: int) -> str | None:
    """The giver who pays most, up to the horizon, of what keeps a supported company alive; else None."""
    result, i, pr = r.result, r.i, r.result.layout.promises
    if STATUS[int(result.status[i, c])] != "supported":
        return None
    paid = np.nan_to_num(result.array("called")[i, : result.last[i] + 1]).sum(axis=0)
    mine = [k for k, host in enumerate(pr.host) if result.layout.nodes[host] == company]
    return str(result.layout.nodes[pr.giver[max(mine, key=lambda k: paid[k])]])


def _tenants(r: Reading) -> list[dict]:
    result, i = r.result, r.i
    tenants = []
    for t, tenant in enumerate(result.layout.tenants):
        failed = int(result.failed_quarter(tenant)[i])
        tenants.append(
            {
                "id": tenant,
                "name": r.name(tenant),
                "window": _window(r),
                "paid_share": plain(result.array("paid_share", t)[i]),
                "cash": plain(result.array("tenant_cash", t)[i]),
                "haircut": plain(result.array("haircut", t)[i]),
                "renegotiated_quarter": _cut_from(result, tenant, i),
                "failed_quarter": None if failed >= result.layout.never else failed,
                "failure_cause": None if failed >= result.layout.never else result.cause(i, tenant),
            }
        )
    return tenants


def _cut_from(result: Result, tenant: str, i: int) -> int | None:
    """First quarter in which a tenant cuts what it owes by contract; None if it never does."""
    quarter = int(result.ends["renegotiated"][i, result.layout.index[tenant]])
    return None if quarter >= result.layout.never else quarter


def _funds(r: Reading) -> list[dict]:
    returns, i = r.measures.fund_returns, r.i
    behind = investors.borne_by(r.result.layout, {fund: float(a.loss[i]) for fund, a in returns.items()})
    return [
        {
            "id": fund,
            "name": r.name(fund),
            "window": _window(r, cut=True),
            **{f: plain(getattr(a, f)[i]) for f in FUND_FIGURES},
            "several_rates": {rate: bool(several[i]) for rate, several in a.several_rates.items()},
            "nav": plain(a.nav[i]),
            "loss_by_holding": {k: plain(v[i]) for k, v in a.loss_by_holding.items()},
            "borne_by": behind[fund],
        }
        for fund, a in returns.items()
    ]


def _checks(r: Reading) -> dict[str, float]:
    found = {f"largest_{k}_residual": v for k, v in r.result.residual.items()}
    return found | {"largest_fund_residual": max(a.residual for a in r.measures.fund_returns.values())}


def _guarantor(r: Reading, ident: str, g: guarantors.Guarantor) -> dict:
    i = r.i
    return {
        "id": ident,
        "name": r.name(ident),
        "window": _window(r),
        "promised": g.promised,
        "live": plain(g.live[i]),
        "called": plain(g.called[i]),
        "called_to_operating_cash_flow": plain(g.called_share[i]),
        "rent_without_tenant": plain(g.rent_without_tenant[i]),
        "operating_cash_flow": plain(g.operating_cash_flow[i]),
        "cash": plain(g.cash[i]),
        "borrowed": plain(g.borrowed[i]),
        "ebitda": plain(g.ebitda),
        "reported_debt": plain(g.reported_debt),
        "leverage_as_of": r["snapshot"],
        "agency_debt": plain(g.agency_debt),
        "look_through_debt": plain(g.look_through_debt),
        "reported_leverage": plain(g.reported_leverage),
        "agency_leverage": plain(g.agency_leverage),
        "look_through_leverage": plain(g.look_through_leverage),
        "agency_parts": {k: plain(v) for k, v in g.agency_parts.items()},
        "parts": {k: plain(v) for k, v in g.parts.items()},
        "got": {k: plain(v[i]) for k, v in g.got.items()},
    }


def _promises(r: Reading) -> list[dict]:
    result, i, layout = r.result, r.i, r.result.layout
    pr = layout.promises
    return [
        {
            "id": ident,
            "kind": pr.kind[k],
            "window": _window(r),
            "giver": layout.nodes[pr.giver[k]],
            "for": layout.nodes[pr.host[k]],
            "cap": float(pr.cap[k]),
            "live": plain(result.array("live", k)[i]),
            "called": plain(result.array("called", k)[i]),
        }
        for k, ident in enumerate(pr.ids)
    ]


def _tranches(r: Reading) -> list[dict]:
    """Debt by line: opening tranches and each borrower's new borrowing."""
    result, i = r.result, r.i
    layout, t = result.layout, result.layout.tranches
    principal, drawn = borrowers.principal_due(result, i), result.array("drawn")[i]
    paths = {
        word: plain(result.array(name)[i].T)
        for word, name in (
            ("balance", "balance"),
            ("due", "scheduled"),
            ("received", "received"),
            ("lost", "lost"),
        )
    }

    def _line(ident: str, k: int, borrower: int, **more: list) -> dict:
        """One line, with what is known of it besides."""
        known = {word: path[k] for word, path in paths.items()}
        owner = {"id": ident, "borrower": layout.nodes[borrower], "window": _window(r)}
        return owner | known | more | {"principal": plain(principal[ident])}

    final, regular = plain(t.final), plain(t.regular)
    out = [
        _line(ident, k, t.borrower[k], final=final[k], regular=regular[k]) for k, ident in enumerate(t.ids)
    ]
    for j, b in enumerate(layout.borrowers):
        if (drawn[:, j] > 0.0).any():  # nan, behind the end of a cut run, is nothing drawn
            out.append(_line(f"{layout.nodes[b]}_new", len(t.ids) + j, b, drawn=plain(drawn[:, j])))
    return out


def chain(result: Result, i: int = 0) -> list[dict]:
    """Who fell when, in which round, why and through whom; who cut its contracts; first calls of promises.

    Ordered by quarter and round. ``amount`` is what was missing at a failure, or called in the first quarter
    of a call, USD bn; of a renegotiation the largest share that is cut up to the horizon. ``from`` is the
    counterparty that caused it, None if its own doing.

    Parameters
    ----------
    result : Result
        Run with the groups "promises" and "tenants".
    i : int
        Which scenario of the batch.
    """
    layout, end = result.layout, result.ends[i]
    events = []
    for node, ident in enumerate(layout.nodes):
        quarter = int(end["failed"][node])
        if quarter >= layout.never:
            continue
        cause = result.cause(i, ident)
        events.append(
            {
                "quarter": quarter,
                "round": int(end["wave"][node]),
                "entity": ident,
                "event": "failure",
                "cause": cause,
                "from": cause.partition(":")[2] or None,
                "amount": float(end["shortfall"][node]),
            }
        )
    for t, ident in enumerate(layout.tenants):
        cut = _cut_from(result, ident, i)
        if cut is not None:
            events.append(
                {
                    "quarter": cut,
                    "round": 0,
                    "entity": ident,
                    "event": "renegotiation",
                    "cause": "own_liquidity",
                    "from": None,
                    "amount": largest_cut(result.array("haircut", t)[i], max(int(result.last[i]), cut)),
                }
            )
    called = result.array("called")[i]
    for k in range(len(layout.promises.ids)):
        quarters = np.flatnonzero(called[:, k] > DOLLAR)
        if quarters.size:
            source = guarantors.called_from(layout, k)
            events.append(
                {
                    "quarter": int(quarters[0]),
                    "round": 1,
                    "entity": layout.nodes[layout.promises.giver[k]],
                    "event": "call",
                    "cause": f"promise:{layout.promises.ids[k]}",
                    "from": source,
                    "amount": float(called[quarters[0], k]),
                }
            )
    return sorted(events, key=lambda e: (e["quarter"], e["event"] == "call", e["round"], e["entity"]))


TABLES: dict[str, Callable[[Reading], Any]] = {
    "model": lambda _r: MODEL_VERSION,
    "snapshot": lambda r: r.result.layout.web.snapshot,
    "quarters": lambda r: list(r.result.layout.quarters),
    "last_quarter": lambda r: int(r.result.last[r.i]),
    "failed_count": lambda r: int(r.result.failed_count[r.i]),
    "market": lambda r: {f: plain(r.result.array(f, 0)[r.i]) for f in MARKET_FIELDS},
    "companies": _companies,
    "tenants": _tenants,
    "funds": _funds,
    "investors": lambda r: [
        {"id": k, "name": r.name(k), "window": _window(r, cut=True), "loss": plain(v[r.i])}
        for k, v in r.measures.investors.items()
    ],
    "guarantors": lambda r: [_guarantor(r, g, x) for g, x in r.measures.guarantors.items()],
    "promises": _promises,
    "funding_gap": lambda r: {k: plain(v[r.i]) for k, v in r.measures.gap.items()},
    "tranches": _tranches,
    "chain": lambda r: chain(r.result, r.i),
    "checks": _checks,
}
