"""The market every company lives in: demand, capacity, utilisation, tightness.

It does not depend on who pays whom, so its whole path is computed before the web is cleared.
"""

from __future__ import annotations

from core.compiled.jit import rule

QUARTERS_PER_YEAR = 4
QUARTER = 1.0 / QUARTERS_PER_YEAR


@rule
def clip(value, low, high):
    """``value``, but not below ``low`` nor above ``high``."""
    return min(max(value, low), high)


@rule
def build_response(p, utilisation):
    """How much of the planned growth of capacity is ordered at this utilisation (1 = the plan).

    Zero at 50 % utilisation or less, at most 1.2: it is this answer, a year late, that makes gluts.
    """
    floor = p.market_build_floor
    return clip((utilisation - floor) / (p.market_u_ref - floor), 0.0, p.market_build_cap)


@rule
def market_path(p, lever, path, quarters):
    """Demand, capacity and prices of the first so many quarters.

    Capacity moves before utilisation is read, or utilisation would drift in the base case; building reacts to
    utilisation of a year ago.
    """
    default_growth = (1.0 + p.market_demand_growth) ** QUARTER
    growth = (1.0 + lever.g) ** QUARTER
    pipeline = (1.0 + lever.b) ** QUARTER
    demand, capacity = 1.0, 1.0
    for q in range(quarters):
        before = capacity
        demand *= growth if q >= lever.first_turned else default_growth
        if q < p.market_pipeline:
            capacity *= pipeline
        else:
            reacts_to = path.utilisation[q - p.market_build_lag]
            capacity *= (1.0 + lever.b * build_response(p, reacts_to)) ** QUARTER
        path.demand[q] = demand
        path.capacity[q] = capacity
        path.growth[q] = capacity / before - 1.0
        path.dev[q] = demand / (1.0 + p.market_demand_growth) ** (QUARTER * (q + 1.0))
        utilisation = min(p.market_u_cap, lever.u * demand / capacity)
        path.utilisation[q] = utilisation
        path.tightness[q] = (max(utilisation, p.market_u_floor) / p.market_u_ref) ** lever.e
        path.sold_share[q] = min(1.0, utilisation / p.market_u_sold)
    path.ageing = (1.0 - lever.d) ** QUARTER
