"""The market every company lives in: demand, capacity, utilisation, tightness.

It does not depend on who pays whom, so its whole path is computed before the web is cleared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.layout.layout import QUARTERS, Layout

QUARTERS_PER_YEAR = 4


@dataclass(frozen=True)
class Market:
    """Paths of the AI-compute market; every array is (quarter, scenario) unless it says otherwise.

    Attributes
    ----------
    demand, capacity : ndarray
        Index, 1 at the snapshot date.
    dev : ndarray
        Demand against what it would be at the default growth: 1 in the base case.
    utilisation : ndarray
        Share of capacity that earns money, at most 98 %.
    tightness : ndarray
        Spot price of a chip against the same chip at reference utilisation; 1 in the base case.
    sold_share : ndarray
        Share of capacity without a contract that finds a buyer.
    ageing : ndarray, (scenario,)
        What a quarter of age leaves of a chip's rental price.
    """

    demand: np.ndarray
    capacity: np.ndarray
    dev: np.ndarray
    utilisation: np.ndarray
    tightness: np.ndarray
    sold_share: np.ndarray
    ageing: np.ndarray


def build_response(utilisation: np.ndarray, layout: Layout) -> np.ndarray:
    """How much of the planned growth of capacity is ordered at this utilisation (1 = the plan).

    Zero at 50 % utilisation or less, at most 1.2: it is this answer, a year late, that makes gluts.

    Parameters
    ----------
    utilisation : ndarray
        Share of capacity in use, 0 to 1; any shape, which the answer keeps.
    layout : Layout
        Where the parameters of building stand.
    """
    floor = layout.p("market.build_floor")
    return np.clip(
        (utilisation - floor) / (layout.p("market.u_ref") - floor), 0.0, layout.p("market.build_cap")
    )


def market_path(layout: Layout, levers: dict[str, np.ndarray]) -> Market:
    """Demand, capacity and prices of all quarters for a batch of scenarios.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    levers : dict of str to ndarray
        Levers in model units, each (scenario,); used here: g, u, t, b, d, e.

    Returns
    -------
    Market
        Paths of 32 quarters. Capacity moves before utilisation is read, or utilisation would drift in the
        base case; building reacts to utilisation of a year ago.
    """
    n = levers["g"].shape[0]
    default_growth = layout.p("market.demand_growth")
    first_turned = (levers["t"] - layout.first_year) * QUARTERS_PER_YEAR
    quarters = np.arange(QUARTERS)[:, None]
    yearly = np.where(quarters >= first_turned[None, :], 1.0 + levers["g"], 1.0 + default_growth)
    demand = np.cumprod(yearly**0.25, axis=0)
    base_demand = (1.0 + default_growth) ** (0.25 * (quarters + 1.0))

    cap, floor = layout.p("market.u_cap"), layout.p("market.u_floor")
    pipeline, lag = int(layout.p("market.pipeline")), int(layout.p("market.build_lag"))
    planned = (1.0 + levers["b"]) ** 0.25
    capacity = np.empty((QUARTERS, n))
    utilisation = np.empty((QUARTERS, n))
    level = np.ones(n)
    for q in range(QUARTERS):
        if q < pipeline:
            level = level * planned
        else:
            level = level * (1.0 + levers["b"] * build_response(utilisation[q - lag], layout)) ** 0.25
        capacity[q] = level
        utilisation[q] = np.minimum(cap, levers["u"] * demand[q] / level)
    reference = layout.p("market.u_ref")
    tightness = (np.maximum(utilisation, floor) / reference) ** levers["e"]
    return Market(
        demand=demand,
        capacity=capacity,
        dev=demand / base_demand,
        utilisation=utilisation,
        tightness=tightness,
        sold_share=np.minimum(1.0, utilisation / reference),
        ageing=(1.0 - levers["d"]) ** 0.25,
    )
