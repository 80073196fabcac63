"""What follows from the market and the levers alone, for all quarters at once, before anything is cleared."""

from __future__ import annotations

from core.compiled.jit import rule
from core.model.market import clip

OPEN, STRICT, CLOSED = range(3)  # what lever f says of lenders


@rule
def investor_confidence(p, utilisation):
    """Investors' money that reaches labs and intermediaries: it dries up when capacity stands idle."""
    fullness = utilisation / p.market_u_ref
    return clip((fullness - p.market_funding_floor) / p.market_funding_range, 0.0, p.market_funding_cap)


@rule
def lenders_terms(p, lever, path):
    """Cover that lenders ask for, and market access as far as the credit market decides it."""
    if lever.f == STRICT:
        path.cover_floor, path.cover_range = p.access_strict_floor, p.access_strict_range
    else:
        path.cover_floor, path.cover_range = p.access_cover_floor, p.access_cover_range
    if lever.f == CLOSED:
        path.spread_access = 0.0
    else:
        path.spread_access = clip((p.access_spread_limit - lever.s) / p.access_spread_range, 0.0, 1.0)


@rule
def market_terms(web, lever, path, quarters):
    """Everything that the market and the levers decide without the web, in the first so many quarters.

    Labs: own revenue follows demand; investors' money dries up when capacity stands idle; the compute bill is
    slow to fall. The intermediary: part of its income follows spot prices.
    """
    p, lab, wealthy = web.p, web.lab, web.wealthy
    lenders_terms(p, lever, path)
    for q in range(quarters):
        u, tau, dev = path.utilisation[q], path.tightness[q], path.dev[q]
        path.relet[q] = p.market_relet_share * min(u * tau / p.market_u_ref, 1.0)
        path.refit[q] = clip((u - p.market_reequip_floor) / p.market_reequip_range, 0.0, 1.0)
        path.use_access[q] = clip((u - p.access_u_floor) / p.access_u_range, 0.0, 1.0)
        path.confidence[q] = investor_confidence(p, u) * lever.v
        path.bill_kept[q] = clip(dev, p.market_bill_floor, 1.0) ** p.market_bill_exponent
        path.through_follows[q] = min(tau, p.market_intermediary_tau_cap) ** p.market_intermediary_exponent
        grown = 1.0
        for a in range(lab.node.size):
            if a == 0 or lab.elasticity[a] != lab.elasticity[a - 1]:
                grown = dev ** lab.elasticity[a]  # powers are dear, and most follow demand alike
            path.lab_revenue[q, a] = lab.revenue[a, q] * grown
        for w in range(wealthy.node.size):
            if w == 0 or wealthy.elasticity[w] != wealthy.elasticity[w - 1]:
                grown = dev ** wealthy.elasticity[w]
            path.wealthy_income[q, w] = wealthy.income[w] * grown
        for o in range(web.operator.node.size):
            path.core_income[q, o] = web.operator.core_ebitda[o, q] * dev ** web.operator.elasticity[o]


@rule
def let_to_intermediary(web, schedule, lever, q):
    """Sum of a schedule over the leases that the intermediary has taken."""
    total = 0.0
    for k in range(web.lease.tenant.size):
        if web.lease.tenant[k] == web.middle.node:
            total += schedule[lever.mr, k, q]
    return total
