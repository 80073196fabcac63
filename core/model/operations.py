"""What a host of chips earns and spends before finance."""

from __future__ import annotations

from core.compiled.jit import rule
from core.layout.layout import MILLIONS

TO_BN = 1.0 / (4.0 * MILLIONS)  # USD m a year -> USD bn a quarter


@rule
def sell_free_capacity(free, tightness, sold_share, backstop_price, cap):
    """Income from capacity without a contract: (spot, bought by the backstop giver), same unit as ``free``.

    ``free`` is what the capacity would earn at a tightness of 1. When the market pays more than the
    backstop, the market is served first and the giver takes what is left; otherwise the giver takes all he
    must and the market gets the rest. (The other order would let a better market lower income.)
    (10, 0.5, 0.6, 0.8, 4) gives (2.5, 4).
    """
    guaranteed = free * backstop_price
    if tightness >= backstop_price:
        return sold_share * free * tightness, min((1.0 - sold_share) * guaranteed, cap)
    bought = min(guaranteed, cap)
    left = max(free - bought / backstop_price, 0.0)  # not a rounding error below nothing
    return min(sold_share * free, left) * tightness, bought


@rule
def put_to_work(plan, fleet, q):
    """Chips ordered a quarter ago start to earn; those at the end of their life stop counting as young."""
    if q == 0:
        return
    fleet.new_mw += fleet.signed[q - 1]
    fleet.new_revenue += fleet.signed[q - 1] * fleet.price[q - 1]
    fleet.young_mw += fleet.built[q - 1]
    fleet.fresh_mw = fleet.built[q - 1] - fleet.signed[q - 1]
    if q > plan.chip_life:
        worn_out = q - 1 - plan.chip_life
        fleet.young_mw -= fleet.in_use[worn_out]
        fleet.in_use[worn_out] = 0.0


@rule
def end_contracts(plan, fleet, refit, ageing, q):
    """Contracts that run out: what is not re-equipped goes to the spot market. Returns the MW that end.

    Chips that are replaced leave the books with those that replace them.
    """
    ending = plan.legacy_mw[q - 1] - plan.legacy_mw[q] if q > 0 else 0.0
    fleet.free_value = fleet.free_value * ageing + fleet.fresh_mw
    if ending != 0.0:
        fleet.free_value += ending * (1.0 - refit) * ageing ** (plan.legacy_age + q)
        fleet.legacy_replaced += ending * refit
    old = q - 1 - plan.term
    if old >= 0:
        ended = fleet.signed[old]
        fleet.new_mw = max(fleet.new_mw - ended, 0.0)
        fleet.new_revenue = max(fleet.new_revenue - ended * fleet.price[old], 0.0)
        fleet.free_value += ended * (1.0 - refit) * ageing ** (plan.term + 1)
        fleet.young_mw -= fleet.in_use[old] * refit
        fleet.in_use[old] *= 1.0 - refit
        ending += ended
    return ending


@rule
def planned(plan, fleet, growth, due, q):
    """MW that a host means to add in quarter ``due``, as it stands at ``q``: its plan; later, its market.

    From ``follows_from`` on it keeps a share of the market whose capacity grows by ``growth`` a quarter.
    """
    if due < plan.follows_from:
        return plan.mw_added[due]
    own = fleet.total_mw + on_order(plan, fleet, q)
    return max(plan.mw_added[due], plan.follow_share * growth * own)


@rule
def order(plan, fleet, growth, go, q):
    """Order what is to be added ``order_lead`` quarters on, as far as ``go`` lets it. Returns the MW to pay.

    What comes sooner than that was ordered and paid before the snapshot.
    """
    due = q + plan.order_lead
    if due >= plan.mw_added.size:
        return 0.0
    fleet.coming[due] = planned(plan, fleet, growth, due, q - 1) * go
    return fleet.coming[due]


@rule
def sign(plan, fleet, market_price, sold_share, q):
    """Sell under contract what is built in quarter ``q``: first to the backlog, then to the market.

    A backlog of B fills B / (price x term) MW at the price it was signed at. Of what is built beyond it the
    share ``sign_share`` finds a tenant for a whole term at ``market_price``, less in a market with idle
    capacity; the rest is sold from quarter to quarter. Without a backlog in the data all of it is sold.
    """
    built = fleet.built[q]
    fleet.signed[q], fleet.price[q] = built, market_price
    if not plan.knows_backlog:
        return
    whole_term = plan.new_price * TO_BN * plan.term
    ordered = min(built, fleet.backlog / whole_term)
    fleet.backlog -= ordered * whole_term
    found = plan.sign_share * sold_share * (built - ordered)
    fleet.signed[q] = ordered + found
    if fleet.signed[q] > 0.0:
        fleet.price[q] = (ordered * plan.new_price + found * market_price) / fleet.signed[q]


@rule
def on_order(plan, fleet, q):
    """MW that are paid at the end of quarter ``q`` and come later; quarter -1 is the snapshot date."""
    total = 0.0
    for i in range(q + 1, min(q + 1 + plan.order_lead, plan.mw_added.size)):
        total += fleet.coming[i]
    return total


@rule
def run_fleet(p, lever, path, plan, fleet, now, access, cap, q):
    """Move contracts and chips of a compute host one quarter on, and earn.

    Building beyond the committed part waits for market ``access`` (0 to 1); ``cap`` is what the giver of a
    capacity backstop may still be asked for, USD bn. Fills ``now``.
    """
    tau = path.tightness[q]
    refit = 1.0 if lever.as_planned else access * path.refit[q]
    go = 1.0 if lever.as_planned or q < plan.committed else access
    put_to_work(plan, fleet, q)
    ending = end_contracts(plan, fleet, refit, path.ageing, q)
    ordered = order(plan, fleet, path.growth[q], go, q)
    added, refitted = fleet.coming[q], ending * refit
    fleet.built[q] = fleet.in_use[q] = added + refitted
    sign(plan, fleet, plan.new_price * tau**p.market_contract_exponent, path.sold_share[q], q)

    free = fleet.free_value * plan.new_price * TO_BN
    now.spot, now.backstop = sell_free_capacity(free, tau, path.sold_share[q], plan.price_share, cap)
    now.legacy_revenue = plan.legacy_mw[q] * plan.legacy_price * TO_BN
    now.new_revenue = fleet.new_revenue * TO_BN
    now.opex = fleet.total_mw * (plan.opex - plan.site_lease) * TO_BN
    now.site_lease = fleet.total_mw * plan.site_lease * TO_BN
    now.capex = (ordered + plan.reequip_share * refitted) * plan.capex_per_mw
    now.depreciation = depreciation(plan, fleet, q)
    fleet.total_mw += added


@rule
def depreciation(plan, fleet, q):
    """Chips wear out in a few years, shell and power last longer; USD bn a quarter.

    Chips of the opening fleet have many ages and leave one after the other; those replaced are the oldest.
    """
    legacy_chips = min(plan.active_mw * plan.legacy_in_use[q], plan.active_mw - fleet.legacy_replaced)
    chips = plan.chip_share * (legacy_chips + fleet.young_mw) / plan.chip_life
    sites = (1.0 - plan.chip_share) * fleet.total_mw / plan.site_life
    return plan.capex_per_mw * (chips + sites)
