"""What the Big Tech guarantors promised, pay and really owe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.layout.layout import LEASE_BACKSTOP, RESIDUAL_VALUE, Layout
from core.model.market import QUARTERS_PER_YEAR as YEAR
from core.model.result import Result
from core.web.snapshot import Row

KEPT = 32  # what is known of a company at the date, of the layouts in use
BIG_TECH = "bigtech"  # kind of the companies that are read as guarantors
WARRANT, STAKE = "warrant", "stake"
WITHIN_A_YEAR = 0.5  # years: what starts within one starts half a year from now on average


ITEMS = (  # of a company's own balance sheet and footnotes
    "debt",
    "operating_leases",
    "finance_leases",
    "leases_not_commenced",
    "venture_share",
    "purchase_commitments",
    "vendor_finance",
)


@dataclass(frozen=True)
class Guarantor:
    """One Big Tech company read as a guarantor; USD bn, arrays (scenario, quarter) or (scenario,).

    ``promised`` is the sum of its caps in this web; ``live`` what it could be asked for now; ``called`` what
    it paid in the quarter. ``operating_cash_flow`` is a year's, by quarter; ``got`` is what it received in
    return. ``cash`` is what it has at the end of the quarter, ``borrowed`` what it had to borrow in it to
    keep its buffer; nan of a company whose building the data do not plan.

    Debt, ``ebitda`` and leverage are as of the snapshot's date, one number for all scenarios: as reported, in
    the style of rating agencies, and looked through. ``agency_parts`` and ``parts`` split the last two.
    """

    promised: float
    live: np.ndarray
    called: np.ndarray
    called_share: np.ndarray
    rent_without_tenant: np.ndarray
    operating_cash_flow: np.ndarray
    ebitda: float
    reported_debt: float
    agency_debt: float
    look_through_debt: float
    reported_leverage: float
    agency_leverage: float
    look_through_leverage: float
    agency_parts: dict[str, float]
    parts: dict[str, float]
    got: dict[str, np.ndarray]
    cash: np.ndarray
    borrowed: np.ndarray


def spenders(layout: Layout) -> tuple[str, ...]:
    """Ids of the rich companies of whose building the data know: those with a cash path of their own.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    """
    rich = layout.fields["wealthy"]
    return tuple(layout.nodes[n] for n, own in zip(rich["node"], rich["spends"], strict=True) if own)


def lease_value(layout: Layout, delay: float | None = None) -> float:
    """Present value today of one dollar of rent that has not started yet (0 to 1).

    A level annuity of ``lookthrough.lease_years`` at ``lookthrough.lease_rate``, per dollar of rent.

    Parameters
    ----------
    layout : Layout
        Where the parameters stand.
    delay : float, optional
        Years until the rent starts; without it ``lookthrough.lease_delay``, the average of all leases.
    """
    rate, years = (layout.p(f"lookthrough.lease_{k}") for k in ("rate", "years"))
    away = layout.p("lookthrough.lease_delay") if delay is None else delay
    return (1.0 - (1.0 + rate) ** -years) / (rate * years) / (1.0 + rate) ** away


def _figure(layout: Layout, company: str, item: str) -> float:
    row = layout.web.tables["entities"][company].get(item)
    return float(row.value) if row is not None else 0.0


def _enterprise_value(result: Result, host: str) -> np.ndarray:
    """Assets of a company as a going concern: sites at cost, chips at resale value; 0 once failed."""
    c = result.layout.companies.index(host)
    return np.nan_to_num(result.at_horizon(result.array("assets", c)))


def read_guarantor(result: Result, company: str) -> Guarantor:
    """Read one Big Tech company out of a run (groups "promises", "market" and "companies").

    All as of the snapshot's date. Agency-style debt = reported debt + leases on the books + leases that start
    within a year (discounted) + a share (half) of what is guaranteed. Look-through debt = reported debt +
    leases on the books + all leases not yet started (discounted) + its share of joint-venture notes + the
    rest of the residual value guarantee + backstops + firm purchase commitments to compute hosts + vendor
    finance. A guarantee counts to its limit from the day it is signed.

    Parameters
    ----------
    result : Result
        Run with the groups named above.
    company : str
        Id of the Big Tech company.
    """
    layout = result.layout
    pr = layout.promises
    node = layout.index[company]
    mine = [i for i, g in enumerate(pr.giver) if g == node]
    called = result.array("called")[:, :, mine].sum(axis=2)
    live = result.array("live")[:, :, mine].sum(axis=2)
    dev = result.dev
    elasticity = _figure(layout, company, "revenue_elasticity")
    cash_flow = _figure(layout, company, "operating_cash_flow") * dev**elasticity
    cash, borrowed = _own_path(result, company)
    trailing = np.cumsum(called, axis=1)
    trailing[:, YEAR:] = trailing[:, YEAR:] - np.cumsum(called, axis=1)[:, :-YEAR]
    agency_parts, parts = _debts(layout, company)
    agency, debt = sum(agency_parts.values()), sum(parts.values())
    ebitda = _figure(layout, company, "ebitda")
    return Guarantor(
        promised=float(pr.cap[mine].sum()) if mine else 0.0,
        live=live,
        called=called,
        called_share=trailing / cash_flow,
        rent_without_tenant=_rent_without_tenant(result, node),
        operating_cash_flow=cash_flow,
        ebitda=ebitda,
        reported_debt=parts["reported"],
        agency_debt=agency,
        look_through_debt=debt,
        reported_leverage=parts["reported"] / ebitda,
        agency_leverage=agency / ebitda,
        look_through_leverage=debt / ebitda,
        agency_parts=dict(agency_parts),
        parts=dict(parts),
        got=_in_return(result, company),
        cash=cash,
        borrowed=borrowed,
    )


def _own_path(result: Result, company: str) -> tuple[np.ndarray, np.ndarray]:
    """Cash of a company and what it had to borrow, (scenario, quarter), USD bn; nan where not known."""
    layout = result.layout
    if company not in spenders(layout):
        unknown = np.full((result.n, layout.never), np.nan)
        return unknown, unknown
    place = layout.fields["wealthy"]["node"].tolist().index(layout.index[company])
    return result.array("giver_cash", place), result.array("giver_borrowed", place)


@lru_cache(maxsize=KEPT)
def _debts(layout: Layout, company: str) -> tuple[dict[str, float], dict[str, float]]:
    """Parts of agency-style and of look-through debt at the snapshot's date, USD bn."""
    pr, p, node = layout.promises, layout.p, layout.index[company]
    known = {item: _figure(layout, company, item) for item in ITEMS}
    venture, residual, backstops = 0.0, 0.0, 0.0
    for i in np.flatnonzero(pr.giver == node):
        if pr.kind[i] == RESIDUAL_VALUE:
            notes = float(layout.tranches.opening[layout.tranches.borrower == pr.host[i], 0].sum())
            venture = known["venture_share"] * notes
            residual = min(float(pr.cap[i]), notes - venture)
        else:
            backstops += float(pr.cap[i])
    books = {"reported": known["debt"], "leases": known["operating_leases"] + known["finance_leases"]}
    soon = p("lookthrough.lease_within_year") * lease_value(layout, WITHIN_A_YEAR)
    agency = books | {
        "leases_within_year": known["leases_not_commenced"] * soon,
        "guarantees": p("lookthrough.guarantee_weight") * (residual + backstops),
    }
    everything = books | {
        "leases_not_commenced": known["leases_not_commenced"] * lease_value(layout),
        "joint_venture": venture,
        "residual_value": residual,
        "backstops": backstops,
        "purchase_commitments": known["purchase_commitments"],
        "vendor_finance": known["vendor_finance"],
    }
    return agency, everything


def _rent_without_tenant(result: Result, node: int) -> np.ndarray:
    """Rent paid while the tenant for whom the space was taken pays nothing any more; (scenario, quarter)."""
    layout = result.layout
    out = np.zeros((result.n, layout.never))
    bill = layout.fields["bill"]
    tenants = layout.fields["lab"]["node"][bill["lab"][bill["host"] == node]]
    mine = [i for i, t in enumerate(layout.leases.tenant) if t == node]
    if not tenants.size or not mine:
        return out
    failed = result.ends["failed"][:, tenants].min(axis=1)
    alone = np.arange(layout.never)[None, :] >= failed[:, None]
    return result.array("rent_paid")[:, :, mine].sum(axis=2) * alone


@lru_cache(maxsize=KEPT)
def _returns(layout: Layout, company: str) -> dict[str, Mapping[str, Row]]:
    """Rows of what a giver holds in return."""
    return {
        subject: items
        for subject, items in layout.web.tables["promises"].items()
        if items["giver"].value == company and items["kind"].value in (WARRANT, STAKE)
    }


def _in_return(result: Result, company: str) -> dict[str, np.ndarray]:
    """Warrants and stakes of a giver, by row of the promises table: USD bn at the horizon."""
    layout = result.layout
    out = {}
    for subject, items in _returns(layout, company).items():
        on = str(items["on"].value) if "on" in items else ""
        if "share" in items and on in layout.companies:
            c = layout.companies.index(on)
            debt = np.nan_to_num(result.at_horizon(result.array("debt", c)))
            out[subject] = float(items["share"].value) * np.maximum(_enterprise_value(result, on) - debt, 0.0)
        elif "cost" in items:
            failed = (
                result.failed_quarter(on) <= result.last
                if on in layout.index
                else np.zeros(result.n, dtype=bool)
            )
            out[subject] = np.where(failed, 0.0, float(items["cost"].value))
    return out


def called_from(layout: Layout, promise: int) -> str:
    """Whose failure triggers a promise: the tenant of a backed lease, else the host.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    promise : int
        Its number in ``layout.promises``.
    """
    if layout.promises.kind[promise] == LEASE_BACKSTOP:
        k = int(np.flatnonzero(layout.leases.promise == promise)[0])
        return layout.nodes[layout.leases.tenant[k]]
    return layout.nodes[layout.promises.host[promise]]
