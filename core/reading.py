"""One scenario's results as plain data: the contract that the command line prints and the pages show."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from core import borrowers, guarantors, investors
from core.layout import NEVER
from core.link import MODEL_VERSION, Message, describe, encode
from core.measures import MARKET_FIELDS, Measures
from core.result import Result
from core.scenario import Scenario

STATUS = ("healthy", "stretched", "distressed", "failed")
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
MORE_PATHS = ("contracted", "spot", "guaranteed", "forward_cover", "runway", "access", "principal")
DOLLAR = 1e-9


def plain(values: np.ndarray | float) -> list | float | None:
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
    array = np.asarray(values, dtype=float)
    if array.ndim > 1:
        return [plain(row) for row in array]
    if array.ndim == 1:
        found = array.tolist()
        return found if np.isfinite(array).all() else [v if math.isfinite(v) else None for v in found]
    return float(array) if math.isfinite(array) else None


def read(
    result: Result,
    i: int = 0,
    scenario: Scenario | None = None,
    messages: Iterable[Message] = (),
    measures: Measures | None = None,
) -> dict:
    """Scenario ``i`` of a run with all record groups, as a dictionary that JSON can hold.

    Paths are lists of 32 quarters, USD bn, rates and ratios as decimals, missing = None. Quarters of failure
    and of events are numbers 0 to 31 (see ``quarters`` for their names) and are not cut at the horizon;
    statuses, first breaches, fund figures and totals stop there.

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
    m = measures or Measures(result)
    layout, web = result.layout, result.layout.web
    names = web.tables["entities"]
    last = int(result.last[i])

    def _name(entity: str) -> str:
        """Name that the data gives an entity."""
        return str(names[entity]["name"].value)

    companies = []
    for c, company in enumerate(layout.companies):
        failed = int(result.failed_quarter(company)[i])
        companies.append(
            {
                "id": company,
                "name": _name(company),
                "kind": layout.kind[layout.index[company]],
                "status": STATUS[int(result.status[i, c])],
                "failed_quarter": None if failed >= NEVER else failed,
                "failure_cause": None if failed >= NEVER else result.cause(i, company),
                "first_breach": result.first_breach(i, company),
                **{f: plain(m.company(company, f)[i]) for f in (*PATHS, *MORE_PATHS)},
                **{f: plain(v) for f, v in borrowers.met_without_cash(result, i, company).items()},
                **{f: plain(v) for f, v in borrowers.rent_cover(result, i, company).items()},
            }
        )
    tenants = []
    for t, tenant in enumerate(layout.tenants):
        failed = int(result.failed_quarter(tenant)[i])
        tenants.append(
            {
                "id": tenant,
                "name": _name(tenant),
                "paid_share": plain(result.array("paid_share")[i, :, t]),
                "cash": plain(result.array("tenant_cash")[i, :, t]),
                "failed_quarter": None if failed >= NEVER else failed,
                "failure_cause": None if failed >= NEVER else result.cause(i, tenant),
            }
        )
    behind = investors.borne_by(layout, {fund: float(a.loss[i]) for fund, a in m.accounts.items()})
    funds = [
        {
            "id": fund,
            "name": _name(fund),
            **{
                f: plain(getattr(a, f)[i])
                for f in (
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
            },
            "nav": plain(a.nav[i]),
            "loss_by_holding": {k: plain(v[i]) for k, v in a.loss_by_holding.items()},
            "borne_by": behind[fund],
        }
        for fund, a in m.accounts.items()
    ]
    return {
        "model": MODEL_VERSION,
        "snapshot": web.snapshot,
        "scenario": scenario.as_dict() if scenario is not None else None,
        "link": encode(scenario, scenario.differs_from(Scenario.default())) if scenario is not None else None,
        "messages": [describe(x) for x in messages],
        "quarters": list(layout.quarters),
        "last_quarter": last,
        "failed_count": int(result.failed_count[i]),
        "market": {f: plain(result.array(f)[i, :, 0]) for f in MARKET_FIELDS},
        "companies": companies,
        "tenants": tenants,
        "funds": funds,
        "investors": [{"id": k, "name": _name(k), "loss": plain(v[i])} for k, v in m.investors.items()],
        "guarantors": [_guarantor(g, _name(g), x, i) for g, x in m.guarantors.items()],
        "promises": _promises(result, i),
        "funding_gap": {k: plain(v[i]) for k, v in m.gap.items()},
        "tranches": _tranches(result, i),
        "chain": chain(result, i),
        "checks": {f"largest_{k}_residual": v for k, v in result.record.residual.items()}
        | {"largest_fund_residual": max(a.residual for a in m.accounts.values())},
    }


def _guarantor(ident: str, label: str, g: guarantors.Guarantor, i: int) -> dict:
    return {
        "id": ident,
        "name": label,
        "promised": g.promised,
        "live": plain(g.live[i]),
        "called": plain(g.called[i]),
        "called_to_operating_cash_flow": plain(g.called_share[i]),
        "rent_without_tenant": plain(g.rent_without_tenant[i]),
        "operating_cash_flow": plain(g.operating_cash_flow[i]),
        "ebitda": plain(g.ebitda[i]),
        "reported_debt": plain(g.reported_debt[i]),
        "look_through_debt": plain(g.look_through_debt[i]),
        "reported_leverage": plain(g.reported_leverage[i]),
        "look_through_leverage": plain(g.look_through_leverage[i]),
        "parts": {k: plain(v[i]) for k, v in g.parts.items()},
        "got": {k: plain(v[i]) for k, v in g.got.items()},
    }


def _promises(result: Result, i: int) -> list[dict]:
    layout = result.layout
    pr = layout.promises
    return [
        {
            "id": ident,
            "kind": pr.kind[k],
            "giver": layout.nodes[pr.giver[k]],
            "for": layout.nodes[pr.host[k]],
            "cap": float(pr.cap[k]),
            "live": plain(result.array("live")[i, :, k]),
            "called": plain(result.array("called")[i, :, k]),
        }
        for k, ident in enumerate(pr.ids)
    ]


def _tranches(result: Result, i: int) -> list[dict]:
    """Debt by line: opening tranches and each borrower's new borrowing."""
    layout, q = result.layout, result.record.quarterly
    t = layout.tranches
    principal = borrowers.principal_due(result, i)
    out = []
    for k, ident in enumerate(t.ids):
        out.append(
            {
                "id": ident,
                "borrower": layout.nodes[t.borrower[k]],
                "balance": plain(q["balance"][:, k, i]),
                "due": plain(q["scheduled"][:, k, i]),
                "received": plain(q["received"][:, k, i]),
                "lost": plain(q["lost"][:, k, i]),
                "final": plain(t.final[k]),
                "regular": plain(t.regular[k]),
                "principal": plain(principal[ident]),
            }
        )
    for j, b in enumerate(layout.borrowers):
        k = len(t.ids) + j
        if q["drawn"][:, j, i].any():
            out.append(
                {
                    "id": f"{layout.nodes[b]}_new",
                    "borrower": layout.nodes[b],
                    "balance": plain(q["balance"][:, k, i]),
                    "due": plain(q["scheduled"][:, k, i]),
                    "received": plain(q["received"][:, k, i]),
                    "lost": plain(q["lost"][:, k, i]),
                    "drawn": plain(q["drawn"][:, j, i]),
                    "principal": plain(principal[f"{layout.nodes[b]}_new"]),
                }
            )
    return out


def chain(result: Result, i: int = 0) -> list[dict]:
    """Who fell when, in which round, why and through whom; and when each promise was first called.

    Ordered by quarter and round. ``amount`` is what was missing at a failure, or called in the first quarter
    of a call, USD bn. ``from`` is the counterparty that caused it, None if its own doing.

    Parameters
    ----------
    result : Result
        Run with the group "promises".
    i : int
        Which scenario of the batch.
    """
    layout, once = result.layout, result.record.once
    events = []
    for node, ident in enumerate(layout.nodes):
        quarter = int(once["failed"][node, i])
        if quarter >= NEVER:
            continue
        cause = result.cause(i, ident)
        events.append(
            {
                "quarter": quarter,
                "round": int(once["wave"][node, i]),
                "entity": ident,
                "event": "failure",
                "cause": cause,
                "from": cause.partition(":")[2] or None,
                "amount": float(once["shortfall"][node, i]),
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
