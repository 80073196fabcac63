"""What a company's assets are worth to its creditors, and who gets it when it has failed."""

from __future__ import annotations

import numpy as np

from core.layout import Layout, resale_share
from core.state import FleetState, State


def chip_value(fleet: FleetState, layout: Layout, q: int) -> np.ndarray:
    """Resale value of a host's chips at the end of quarter ``q`` in a normal market, USD bn, (scenario,).

    Only the young generation counts: chips that were replaced are worth what the scrap floor says once.
    """
    plan = fleet.plan
    cost = plan.capex_per_mw * plan.chip_share / 1000.0
    ages = q - np.arange(q + 1) + 1
    weights = np.where(ages <= plan.chip_life, resale_share(layout.resale, ages), 0.0)
    built = np.sum(weights[:, None] * fleet.built[: q + 1], axis=0)
    legacy_age = plan.legacy_age + q + 1
    legacy = plan.active_mw * resale_share(layout.resale, legacy_age) * (legacy_age <= plan.chip_life)
    return cost * (built + legacy)


def contract_value(
    fleet: FleetState, state: State, q: int, reliable_legacy: np.ndarray, reliable_new: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Take-or-pay still owed by investment-grade tenants after running costs, and its yearly EBITDA.

    Parameters
    ----------
    fleet : FleetState
    state : State
    q : int
        Valued at the end of this quarter.
    reliable_legacy, reliable_new : ndarray, (scenario,)
        Share of each book owed by investment-grade tenants that still pay.

    Returns
    -------
    value, ebitda : ndarray, (scenario,)
        USD bn and USD bn a year.
    """
    layout, plan = state.layout, fleet.plan
    rate = layout.p("recovery.discount") / 4.0
    remaining = plan.term - (q - np.arange(q + 1))
    factor = np.where(remaining > 0, (1.0 - (1.0 + rate) ** -np.maximum(remaining, 0.0)) / rate, 0.0)
    margin = np.maximum(fleet.price[: q + 1] - plan.opex, 0.0) * fleet.built[: q + 1]
    new = np.sum(factor[:, None] * margin, axis=0) / 4000.0
    ahead = plan.legacy_mw[q + 1 :]
    discount = (1.0 + rate) ** -np.arange(1.0, ahead.size + 1.0)
    legacy_margin = plan.legacy_price - plan.opex
    legacy = float(np.sum(ahead * discount)) * legacy_margin / 4000.0
    live = (remaining > 0)[:, None]
    yearly_new = np.sum(np.where(live, margin, 0.0), axis=0) / 1000.0
    yearly_legacy = plan.legacy_mw[q + 1] * legacy_margin / 1000.0
    value = reliable_new * new + reliable_legacy * legacy
    return value, reliable_new * yearly_new + reliable_legacy * yearly_legacy


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
    chips on the resale curve plus sites at a share of cost; plus take-or-pay owed by investment-grade
    tenants. Chips and sites lose value at different speeds: one rate for both would fail every sound site.
    """
    p = layout.p
    pieces = chips * tau ** p("recovery.tau_exponent") + sites * p("recovery.site_share")
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
