"""What a company's assets are worth to its creditors, and who gets it when it has failed."""

from __future__ import annotations

import numpy as np

from core.layout.layout import Layout
from core.model.state import FleetState


def chip_value(fleet: FleetState, q: int) -> np.ndarray:
    """Resale value of a host's chips at the end of quarter ``q`` in a normal market, USD bn, (scenario,).

    Only the young generation counts: chips that were replaced are worth nothing to a creditor.

    Parameters
    ----------
    fleet : FleetState
        What was built, and when.
    q : int
        Valued at the end of this quarter; -1 is the snapshot date.
    """
    plan = fleet.plan
    built = (plan.chip_weight[q + 1, : q + 1, None] * fleet.built[: q + 1]).sum(axis=0)
    return (built + plan.legacy_chips[q + 1]) * (plan.capex_per_mw * plan.chip_share / 1000.0)


def contract_value(
    fleet: FleetState, q: int, reliable_legacy: np.ndarray, reliable_new: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Take-or-pay still owed by investment-grade tenants after running costs, and its yearly EBITDA.

    Parameters
    ----------
    fleet : FleetState
    q : int
        Valued at the end of this quarter.
    reliable_legacy, reliable_new : ndarray, (scenario,)
        Share of each book owed by investment-grade tenants that still pay.

    Returns
    -------
    value, ebitda : ndarray, (scenario,)
        USD bn and USD bn a year.
    """
    plan = fleet.plan
    margin = np.maximum(fleet.price[: q + 1] - plan.opex, 0.0) * fleet.built[: q + 1]
    new = (plan.contract_weight[q + 1, : q + 1, None] * margin).sum(axis=0)
    yearly_new = (plan.contract_live[q + 1, : q + 1, None] * margin).sum(axis=0)
    legacy_margin = plan.legacy_price - plan.opex
    value = reliable_new * new + reliable_legacy * (plan.legacy_contract[q + 1] * legacy_margin)
    yearly = reliable_new * yearly_new + reliable_legacy * (plan.legacy_mw[q + 1] * legacy_margin)
    return value / 4000.0, yearly / 1000.0


def collateral(
    layout: Layout,
    going_concern: np.ndarray,
    chips: np.ndarray,
    sites: np.ndarray,
    tau: np.ndarray,
    owed: np.ndarray,
) -> np.ndarray:
    """What creditors could realise before cost and the recovery lever, USD bn.

    The better of a sale as a going concern (a multiple of the EBITDA that is not already in ``owed``) and of
    chips on the resale curve plus sites; plus take-or-pay owed by investment-grade tenants. Chips and sites
    lose value at different speeds: one rate for both would fail every sound site.

    Parameters
    ----------
    layout : Layout
        Where the multiple and the exponent stand.
    going_concern : ndarray
        Yearly EBITDA outside the contracts in ``owed``.
    chips : ndarray
        Resale value in a normal market of the chips that no contract in ``owed`` wears out: counted once.
    sites : ndarray
        What sites fetch.
    tau : ndarray
        Tightness of the market.
    owed : ndarray
        Present value of take-or-pay.
    """
    p = layout.p
    pieces = chips * tau ** p("recovery.tau_exponent") + sites
    return np.maximum(p("recovery.multiple") * np.maximum(going_concern, 0.0), pieces) + owed


def by_seniority(value: np.ndarray, claims: np.ndarray, seniority: np.ndarray) -> np.ndarray:
    """Share a value among claims: senior classes first, pro rata inside a class, never more than is owed.

    Parameters
    ----------
    value : ndarray, (scenario,)
    claims : ndarray, (claim, scenario)
    seniority : ndarray, (claim,)

    Returns
    -------
    ndarray, (claim, scenario)

    >>> by_seniority(np.array([5.0]), np.array([[4.0], [2.0], [2.0]]), np.array([2, 3, 3])).ravel().tolist()
    [4.0, 0.5, 0.5]
    """
    out = np.zeros_like(claims)
    left = value
    for seniority_class in np.unique(seniority):
        rows = np.flatnonzero(seniority == seniority_class)
        owed = np.sum(claims[rows], axis=0)
        paid = np.minimum(left, owed)
        out[rows] = claims[rows] * np.where(owed > 0, paid / np.where(owed > 0, owed, 1.0), 0.0)
        left = left - paid
    return out
