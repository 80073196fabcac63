"""What the Big Tech guarantors promised, pay and really owe."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.layout.layout import LEASE_BACKSTOP, QUARTERS, RESIDUAL_VALUE, Layout
from core.model.result import Result

BIG_TECH = "bigtech"  # kind of the companies that are read as guarantors
WARRANT, STAKE = "warrant", "stake"
YEAR = 4


@dataclass(frozen=True)
class Guarantor:
    """One Big Tech company read as a guarantor; USD bn, arrays (scenario, quarter) or (scenario,).

    ``promised`` is the sum of its caps in this web; ``live`` what it could be asked for now; ``called`` what
    it paid in the quarter. ``operating_cash_flow`` is a year's, by quarter; ``ebitda`` a year's, at the
    horizon.
    ``parts`` splits look-through debt; ``got`` is what it received in return.
    """

    promised: float
    live: np.ndarray
    called: np.ndarray
    called_share: np.ndarray
    rent_without_tenant: np.ndarray
    operating_cash_flow: np.ndarray
    ebitda: np.ndarray
    reported_debt: np.ndarray
    look_through_debt: np.ndarray
    reported_leverage: np.ndarray
    look_through_leverage: np.ndarray
    parts: dict[str, np.ndarray]
    got: dict[str, np.ndarray]


def started_lease_value(layout: Layout) -> float:
    """Present value today of one dollar of rent that has not started yet (0 to 1).

    A level annuity of ``lease_years`` at ``lease_rate``, ``lease_delay`` years away, per dollar of rent.

    Parameters
    ----------
    layout : Layout
        Where the three parameters stand.
    """
    rate, years, delay = (layout.p(f"lookthrough.lease_{k}") for k in ("rate", "years", "delay"))
    return (1.0 - (1.0 + rate) ** -years) / (rate * years) / (1.0 + rate) ** delay


def _figure(layout: Layout, company: str, item: str) -> float:
    row = layout.web.tables["entities"][company].get(item)
    return float(row.value) if row is not None else 0.0


def _enterprise_value(result: Result, host: str) -> np.ndarray:
    """Assets of a company as a going concern: sites at cost, chips at resale value; 0 once failed."""
    c = result.layout.companies.index(host)
    return np.nan_to_num(result.at_horizon(result.array("assets", c)))


def read_guarantor(result: Result, company: str) -> Guarantor:
    """Read one Big Tech company out of a run (groups "promises", "market" and "companies").

    Look-through debt = reported debt + leases on the books + leases not yet started (discounted) + its share
    of joint-venture notes + the rest of the residual value guarantee + live backstops + firm purchase
    commitments to compute hosts + vendor finance. Source of each part: the data book.

    Parameters
    ----------
    result : Result
        Run with the groups named above.
    company : str
        Id of the Big Tech company.
    """
    layout, n = result.layout, result.n
    pr = layout.promises
    node = layout.index[company]
    mine = [i for i, g in enumerate(pr.giver) if g == node]
    called = result.array("called")[:, :, mine].sum(axis=2)
    live = result.array("live")[:, :, mine].sum(axis=2)
    dev = result.dev
    wealthy = layout.fields["wealthy"]
    elasticity = wealthy["elasticity"][wealthy["node"] == node][0]
    cash_flow = _figure(layout, company, "operating_cash_flow") * dev**elasticity
    trailing = np.cumsum(called, axis=1)
    trailing[:, YEAR:] = trailing[:, YEAR:] - np.cumsum(called, axis=1)[:, :-YEAR]
    zeros = np.zeros(n)
    parts = {
        "reported": zeros + _figure(layout, company, "debt"),
        "leases": zeros
        + _figure(layout, company, "operating_leases")
        + _figure(layout, company, "finance_leases"),
        "leases_not_commenced": zeros
        + _figure(layout, company, "leases_not_commenced") * started_lease_value(layout),
        "joint_venture": zeros.copy(),
        "residual_value": zeros.copy(),
        "backstops": zeros.copy(),
        "purchase_commitments": zeros + _figure(layout, company, "purchase_commitments"),
        "vendor_finance": zeros + _figure(layout, company, "vendor_finance"),
    }
    for i in mine:
        left = result.at_horizon(result.array("live", i))
        if pr.kind[i] == RESIDUAL_VALUE:
            rows = layout.tranches.borrower == pr.host[i]
            notes = layout.tranches.balance[rows].sum(axis=0)[result.last]
            share = _figure(layout, company, "venture_share")
            parts["joint_venture"] = share * notes
            parts["residual_value"] = np.minimum(pr.cap[i], (1.0 - share) * notes)
        else:
            parts["backstops"] = parts["backstops"] + left
    debt = sum(parts.values(), zeros)
    ebitda = _figure(layout, company, "ebitda") * result.at_horizon(dev) ** elasticity
    return Guarantor(
        promised=float(pr.cap[mine].sum()) if mine else 0.0,
        live=live,
        called=called,
        called_share=trailing / cash_flow,
        rent_without_tenant=_rent_without_tenant(result, node),
        operating_cash_flow=cash_flow,
        ebitda=ebitda,
        reported_debt=parts["reported"],
        look_through_debt=debt,
        reported_leverage=parts["reported"] / ebitda,
        look_through_leverage=debt / ebitda,
        parts=parts,
        got=_in_return(result, company),
    )


def _rent_without_tenant(result: Result, node: int) -> np.ndarray:
    """Rent paid while the tenant for whom the space was taken pays nothing any more; (scenario, quarter)."""
    layout = result.layout
    out = np.zeros((result.n, QUARTERS))
    bill = layout.fields["bill"]
    tenants = layout.fields["lab"]["node"][bill["lab"][bill["host"] == node]]
    mine = [i for i, t in enumerate(layout.leases.tenant) if t == node]
    if not tenants.size or not mine:
        return out
    failed = result.ends["failed"][:, tenants].min(axis=1)
    alone = np.arange(QUARTERS)[None, :] >= failed[:, None]
    return result.array("rent_paid")[:, :, mine].sum(axis=2) * alone


def _in_return(result: Result, company: str) -> dict[str, np.ndarray]:
    """Warrants and stakes of a giver, by row of the promises table: USD bn at the horizon."""
    layout = result.layout
    out = {}
    for subject, items in layout.web.tables["promises"].items():
        kind = items["kind"].value
        if items["giver"].value != company or kind not in (WARRANT, STAKE):
            continue
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
