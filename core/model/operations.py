"""What each company earns and owes before finance: fleets, leases, labs, the intermediary."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.model.state import FleetState, State


@dataclass
class FleetQuarter:
    """One quarter of a compute host: USD bn a quarter, each (scenario,)."""

    legacy_revenue: np.ndarray
    new_revenue: np.ndarray
    spot: np.ndarray
    backstop: np.ndarray
    opex: np.ndarray
    site_lease: np.ndarray
    capex: np.ndarray
    depreciation: np.ndarray


def sell_free_capacity(
    free: np.ndarray, tightness: np.ndarray, sold_share: np.ndarray, backstop_price: float, cap: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Income from capacity without a contract: (spot, bought by the backstop giver), same unit as ``free``.

    ``free`` is what the capacity would earn at a tightness of 1. When the market pays more than the
    backstop, the market is served first and the giver takes what is left; otherwise the giver takes all he
    must and the market gets the rest. (The other order lets a better market lower income: docs/model.md,
    section 8.)

    Parameters
    ----------
    free : ndarray, (scenario,)
        Income at a tightness of 1.
    tightness : ndarray, (scenario,)
        Spot price against the reference, 1 in the base case.
    sold_share : ndarray, (scenario,)
        Share of free capacity that the market buys.
    backstop_price : float
        Tightness at which the giver pays.
    cap : ndarray, (scenario,)
        What the giver may still be asked for, same unit as ``free``.

    Examples
    --------
    >>> sell_free_capacity(np.array([10.0]), np.array([0.5]), np.array([0.6]), 0.8, np.array([4.0]))
    (array([2.5]), array([4.]))
    """
    market_first = tightness >= backstop_price
    guaranteed = free * backstop_price
    after_market = np.minimum((1.0 - sold_share) * guaranteed, cap)
    before_market = np.minimum(guaranteed, cap)
    left = np.maximum(free - before_market / backstop_price, 0.0)  # not a rounding error below nothing
    spot = np.where(market_first, sold_share * free, np.minimum(sold_share * free, left)) * tightness
    return spot, np.where(market_first, after_market, before_market)


def refit_share(state: State, access: np.ndarray, q: int) -> np.ndarray:
    """Share of ending contracts that is re-equipped with new chips and signed anew.

    Parameters
    ----------
    state : State
        How hosts build, and what the market wants.
    access : ndarray, (scenario,)
        Market access, 0 to 1.
    q : int
        Quarter.
    """
    return np.ones(state.n) if state.building == "plan" else access * state.terms.refit[q]


def run_fleet(fleet: FleetState, state: State, access: np.ndarray, cap: np.ndarray, q: int) -> FleetQuarter:
    """Move contracts and chips of a compute host one quarter on, and earn.

    Parameters
    ----------
    fleet : FleetState
        Changed in place.
    state : State
        Read only.
    access : ndarray, (scenario,)
        Market access: what is built beyond the committed part waits for it.
    cap : ndarray, (scenario,)
        What the giver of a capacity backstop may still be asked for, USD bn.
    q : int
        Quarter.
    """
    plan, m = fleet.plan, state.market
    ageing, tau = m.ageing, m.tightness[q]
    if q > 0:
        fleet.new_mw = fleet.new_mw + fleet.built[q - 1]
        fleet.new_revenue = fleet.new_revenue + fleet.built[q - 1] * fleet.price[q - 1]
        fleet.young_mw = fleet.young_mw + fleet.built[q - 1]
        if q > plan.chip_life:
            fleet.young_mw = fleet.young_mw - fleet.built[q - 1 - plan.chip_life]
    refit = refit_share(state, access, q)
    legacy_ending = plan.legacy_mw[q - 1] - plan.legacy_mw[q] if q > 0 else 0.0
    ending = np.full(state.n, legacy_ending)
    fleet.free_value = fleet.free_value * ageing
    if legacy_ending:
        worn = ageing ** (plan.legacy_age + q)
        fleet.free_value = fleet.free_value + legacy_ending * (1.0 - refit) * worn
    old = q - 1 - plan.term
    if old >= 0:
        fleet.new_mw = np.maximum(fleet.new_mw - fleet.built[old], 0.0)
        fleet.new_revenue = np.maximum(fleet.new_revenue - fleet.built[old] * fleet.price[old], 0.0)
        fleet.free_value = fleet.free_value + fleet.built[old] * (1.0 - refit) * ageing ** (plan.term + 1)
        ending = ending + fleet.built[old]

    go = np.ones(state.n) if q < plan.committed or state.building == "plan" else access
    added, refitted = plan.mw_added[q] * go, ending * refit
    fleet.built[q] = added + refitted
    fleet.price[q] = plan.new_price * tau ** state.layout.p("market.contract_exponent")

    to_bn = 1.0 / 4000.0  # USD m a year -> USD bn a quarter
    price_share = state.layout.promises.share[plan.backstop] if plan.backstop >= 0 else 1.0
    spot, backstop = sell_free_capacity(
        fleet.free_value * plan.new_price * to_bn, tau, m.sold_share[q], price_share, cap
    )
    legacy_chips = plan.active_mw if q < plan.chip_life - plan.legacy_age else 0.0
    per_mw = plan.capex_per_mw / 1000.0
    out = FleetQuarter(
        legacy_revenue=np.full(state.n, plan.legacy_mw[q] * plan.legacy_price * to_bn),
        new_revenue=fleet.new_revenue * to_bn,
        spot=spot,
        backstop=backstop,
        opex=fleet.total_mw * (plan.opex - plan.site_lease) * to_bn,
        site_lease=fleet.total_mw * plan.site_lease * to_bn,
        capex=(added + plan.reequip_share * refitted) * per_mw,
        depreciation=per_mw
        * (
            plan.chip_share * (legacy_chips + fleet.young_mw) / plan.chip_life
            + (1.0 - plan.chip_share) * fleet.total_mw / plan.site_life
        ),
    )
    fleet.total_mw = fleet.total_mw + added
    return out
