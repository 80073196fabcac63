"""Schedules: what falls due when and what is left, from numbers alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from core.layout.layout import LOOK_AHEAD, Leases, Promises, Tranches


def rent_schedule(rent: float, start: int, ramp: int, term: int, count: int) -> np.ndarray:
    """Rent of a lease by quarter: a linear ramp over ``ramp`` quarters, then full rent until the term ends.

    Parameters
    ----------
    rent : float
        Full rent of a quarter, USD bn.
    start, ramp, term : int
        First quarter, quarters of ramp, and quarters from the first to the last.
    count : int
        How many quarters.

    Examples
    --------
    >>> rent_schedule(1.0, 1, 2, 4, 6).tolist()
    [0.0, 0.5, 1.0, 1.0, 1.0, 0.0]
    """
    q = np.arange(count)
    ramped = np.clip((q - start + 1) / max(ramp, 1), 0.0, 1.0)
    return rent * ramped * (q >= start) * (q < start + term)


def annuity_of(schedule: np.ndarray, rate: float) -> np.ndarray:
    """Present value at the start of each quarter of the rest of a schedule, discounted per quarter.

    Parameters
    ----------
    schedule : ndarray, (row, quarter)
        Due at the end of each quarter, USD bn.
    rate : float
        Decimal a quarter.

    Examples
    --------
    >>> annuity_of(np.array([[1.0, 1.0]]), 0.25).tolist()
    [[1.44, 0.8]]
    """
    value = np.zeros(schedule.shape[0])
    out = np.empty_like(schedule)
    for q in range(schedule.shape[1] - 1, -1, -1):
        value = (value + schedule[:, q]) / (1.0 + rate)
        out[:, q] = value
    return out


def forward_sum(schedule: np.ndarray) -> np.ndarray:
    """Sum of this and the next three quarters of a schedule, for all but its last four quarters.

    Parameters
    ----------
    schedule : ndarray, (row, quarter)
        What is due.
    """
    total = np.cumsum(schedule, axis=1)
    total = np.concatenate([np.zeros((schedule.shape[0], 1)), total], axis=1)
    return total[:, LOOK_AHEAD:-1] - total[:, : -LOOK_AHEAD - 1]


def quarter_after(schedule: np.ndarray, term_end: int) -> np.ndarray:
    """The schedule with nothing due from ``term_end`` on.

    Parameters
    ----------
    schedule : ndarray, (..., quarter)
        What is due.
    term_end : int
        First quarter without dues.
    """
    return schedule * (np.arange(schedule.shape[-1]) < term_end)


def cap_paths(promises: Promises, leases: Leases) -> np.ndarray:
    """The most that each promise can be asked for in each quarter, before any call; (promise, ahead), USD bn.

    A promise stands from its first to its last quarter. A lease backstop is live once the lease has started,
    and its cap falls evenly over the term.

    Parameters
    ----------
    promises : Promises
        Caps and the quarters between which they stand.
    leases : Leases
        What the lease backstops stand behind.
    """
    q = np.arange(leases.rent.shape[2])
    stands = (promises.start[:, None] <= q) & (q < promises.until[:, None])
    paths = promises.cap[:, None] * stands
    for k, i in enumerate(leases.promise):
        if i >= 0:
            elapsed = q - leases.start[k]
            paths[i] *= np.clip(1.0 - elapsed / leases.term[k], 0.0, 1.0) * (elapsed >= 0)
    return paths


def add_up_tranches(t: Tranches, groups: np.ndarray, count: int) -> dict[str, np.ndarray]:
    """Opening debt added up by group, (group, quarter), USD bn a quarter, while the debtor lives.

    Interest is ``fixed_interest + floats * base_rate``; ``rollable`` are bullets and balloons,
    ``convertible`` falls due in cash or shares. ``balance`` is at the end of the quarter, as are ``end_*``;
    ``next_year*`` is principal due in this and the next three quarters: what can be rolled, what can become
    shares, and the rest.

    Parameters
    ----------
    t : Tranches
        Debt lines at the snapshot date.
    groups : ndarray of int, (tranche,)
        Group of each tranche, 0 upwards.
    count : int
        How many groups there are: one may have no tranche.
    """

    def _added(values: np.ndarray) -> np.ndarray:
        """Rows of tranches added up by group."""
        out = np.zeros((count, *values.shape[1:]))
        np.add.at(out, groups, values)
        return out

    rolls = np.array([k in ("bullet", "balloon") for k in t.kind])[:, None]
    rate, floating, convertible = t.rate[:, None], t.floating[:, None], t.convertible[:, None]
    return {
        "fixed_interest": _added(t.opening * rate) / 4.0,
        "floats": _added(t.opening * floating) / 4.0,
        "regular": _added(t.regular + t.final * ~(rolls | convertible)),
        "rollable": _added(t.final * rolls),
        "convertible": _added(t.final * convertible),
        "balance": _added(t.balance),
        "end_fixed_interest": _added(t.balance * rate) / 4.0,
        "end_floats": _added(t.balance * floating) / 4.0,
        "next_year": _added(t.scheduled_next_year - t.final_next_year * (rolls | convertible)),
        "next_year_rollable": _added(t.final_next_year * rolls),
        "next_year_convertible": _added(t.final_next_year * convertible),
        "opening": _added(t.opening),
    }


def resale_curve(parameters: Mapping[str, float]) -> np.ndarray:
    """Share of its cost that a chip fetches after 0, 1, 2 ... years in a normal market, (year,).

    Parameters
    ----------
    parameters : mapping of str to float
        Those of the market table.
    """
    years = sorted(name for name in parameters if name.startswith("recovery.resale_year_"))
    return np.array([1.0, *(parameters[name] for name in years)])


def resale_share(resale: np.ndarray, age_quarters: np.ndarray) -> np.ndarray:
    """Share of its cost that a chip of this age still fetches in a normal market.

    Straight lines between the years of the data book's curve; after its last year the scrap value stays.

    Parameters
    ----------
    resale : ndarray, (year,)
        The curve: share of cost after 0, 1, 2 ... years.
    age_quarters : ndarray
        Quarters; any shape, which the answer keeps.

    Examples
    --------
    >>> resale_share(np.array([1.0, 0.75, 0.55]), np.array([0, 2, 8, 20])).tolist()
    [1.0, 0.875, 0.55, 0.55]
    """
    return np.interp(np.asarray(age_quarters) / 4.0, np.arange(resale.size), resale)


def valuation_weights(
    get: Callable[[str], float], legacy_mw: np.ndarray, resale: np.ndarray, rate: float
) -> dict[str, np.ndarray]:
    """What a MW of chips and a dollar of contract margin are worth, by quarter of valuation and of building.

    Row 0 is the snapshot date, row q + 1 the end of quarter q. Chips: share of their cost (only the young
    generation counts). Contracts: present value factor of the rest of the term, and whether it still runs.
    The opening fleet was bought evenly over twice its average age: ``legacy_chips`` are worth so many MW of
    new chips, ``legacy_in_use`` is the share that still wears out by quarter, ``legacy_contract`` what
    a USD m of yearly margin of its contracts is worth.

    Parameters
    ----------
    get : callable
        Gives a number of the host's row of the capacity table by its item.
    legacy_mw : ndarray, (ahead,)
        MW under legacy contracts by quarter of the run and of the four after it.
    resale : ndarray, (year,)
        The resale curve, as for `resale_share`.
    rate : float
        Discount, decimal a quarter.
    """
    count = legacy_mw.size - LOOK_AHEAD
    row, built = np.arange(count + 1)[:, None], np.arange(count)[None, :]
    age = row - built
    term, life = get("contract_term"), get("chip_life_years") * 4
    known = age >= 1
    worth = np.where(known & (age <= life), resale_share(resale, np.maximum(age, 0)), 0.0)
    remaining = np.where(known, term + 1 - age, 0.0)
    factor = np.where(remaining > 0, (1.0 - (1.0 + rate) ** -np.maximum(remaining, 0.0)) / rate, 0.0)
    ages = np.arange(2 * int(get("legacy_age")) + 1)[:, None] + np.arange(count + 1)  # (vintage, row)
    chips = get("active_mw") * np.mean(resale_share(resale, ages) * (ages <= life), axis=0)
    left = [
        np.sum(legacy_mw[r:] * (1.0 + rate) ** -np.arange(1.0, legacy_mw.size - r + 1.0))
        for r in range(count + 1)
    ]
    return {
        "chip_weight": worth,
        "legacy_chips": chips,
        "legacy_in_use": np.mean(ages[:, :-1] < life, axis=0),
        "contract_weight": factor,
        "contract_live": remaining > 0,
        "legacy_contract": np.array(left),
    }


def static_assets(
    borrowers: list[int],
    landlords: np.ndarray,
    capex: np.ndarray,
    site: np.ndarray,
    chips: np.ndarray,
    resale: np.ndarray,
) -> dict[str, np.ndarray]:
    """Sites (at cost), chips (at resale value) and own building ahead of borrowers without a fleet.

    Column 0 is the snapshot date, column q + 1 the end of quarter q; (borrower, quarter + 1), USD bn.

    Parameters
    ----------
    borrowers : list of int
        Nodes that have debt.
    landlords : ndarray of int, (landlord,)
        Nodes of hosts that still build.
    capex : ndarray, (landlord, quarter)
        Building still to come, USD bn.
    site, chips : ndarray, (node,)
        What stands at the snapshot date, at cost, USD bn.
    resale : ndarray, (year,)
        The resale curve, as for `resale_share`.
    """
    count = capex.shape[1]
    columns = np.arange(count + 1)
    sites = np.repeat(site[borrowers][:, None], columns.size, axis=1)
    ahead = np.zeros_like(sites)
    for j, host in enumerate(landlords):
        k = borrowers.index(host)
        built = np.concatenate([[0.0], np.cumsum(capex[j])])
        sites[k] += built
        ahead[k] = built[np.minimum(columns + LOOK_AHEAD, count)] - built
    return {
        "sites": sites,
        "chips": chips[borrowers][:, None] * resale_share(resale, columns)[None, :],
        "own_capex_ahead": ahead,
    }
