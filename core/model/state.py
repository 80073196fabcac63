"""What a scenario carries from one quarter to the next, as it stands at the snapshot date."""

from __future__ import annotations

import numpy as np

from core.compiled.jit import rule
from core.layout.layout import GOOGLE_WALKS, NVIDIA_BUYS

OWN_LIQUIDITY, MATURITY, MARKET_ACCESS, COUNTERPARTY = range(4)  # COUNTERPARTY + node names the counterparty


@rule
def start_state(web, lever, s):
    """The web at the snapshot date, the same for every scenario but for which promises are honoured."""
    for node in range(web.node.cash.size):
        s.living[node], s.failed[node] = 1, web.never
        s.cash[node] = s.closed[node] = web.node.cash[node]
        s.cause[node], s.source[node], s.wave[node] = -1, -1, 0
        s.shortfall[node], s.relet[node] = 0.0, 0.0
        s.haircut[node], s.agreed[node], s.renegotiated[node] = 0.0, 0.0, web.never
    s.paid_by_givers = 0.0
    s.cut_anew = 0
    for o in range(web.operator.node.size):
        s.breach[o] = s.posted[o] = 0.0
    for i in range(web.promise.cap.size):
        s.called[i] = 0.0
        s.honoured[i] = honoured(lever, web.promise.lever[i])
    for c in range(web.contract.size):
        s.lost[c] = 0.0
    for i in range(web.claim.place.size):
        s.recovery[i], s.claims[i] = 0.0, 0.0
    for check in range(s.residual.size):
        s.residual[check] = 0.0
    for k in range(web.borrower.node.size):
        s.settled[k], s.debt.used[k] = 0, 0
        s.access[k] = s.willing[k] = 1.0
        s.cover[k] = s.opening_cover[k] = np.inf
        s.owed[k] = web.borrower.opening[k, 0]
        for q in range(s.debt.level.shape[1]):
            s.debt.level[k, q] = s.debt.payment[k, q] = s.debt.rate[k, q] = s.debt.bullet[k, q] = 0.0
    for f in range(web.fleet.size):
        start_fleet(web.fleet[f], s.fleet[f])
        living_customers(web, s, f)


@rule
def honoured(lever, hangs_on):
    """Whether a promise is honoured in a scenario."""
    if hangs_on == GOOGLE_WALKS:
        return lever.gw
    if hangs_on == NVIDIA_BUYS:
        return lever.nb
    return 1


@rule
def start_fleet(plan, fleet):
    """The fleet at the snapshot date: every MW under a legacy contract, what comes first is on order."""
    for q in range(fleet.built.size):
        fleet.built[q], fleet.signed[q], fleet.price[q], fleet.in_use[q] = 0.0, 0.0, 0.0, 0.0
        fleet.coming[q] = plan.mw_added[q] if q < plan.order_lead else 0.0
    fleet.legacy_replaced = fleet.new_mw = fleet.new_revenue = fleet.free_value = fleet.young_mw = 0.0
    fleet.fresh_mw = 0.0
    fleet.backlog = plan.backlog
    fleet.total_mw = plan.active_mw
    fleet.undrawn = plan.undrawn


@rule
def living_customers(web, s, f):
    """Shares of a compute host's two books that tenants still pay; ``safe`` ones are of sound tenants."""
    plan, fleet = web.fleet[f], s.fleet[f]
    fleet.legacy = fleet.new = fleet.safe_legacy = fleet.safe_new = 0.0
    for c in range(plan.fee_row.size):
        tenant = web.row.payer[plan.fee_row[c]]
        paying = plan.fee_share[c] * s.living[tenant] * (1.0 - s.haircut[tenant])
        safe = paying * web.node.reliable[tenant]
        if plan.is_legacy[c]:
            fleet.legacy += paying
            fleet.safe_legacy += safe
        else:
            fleet.new += paying
            fleet.safe_new += safe
