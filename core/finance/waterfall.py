"""Funds: how what comes back is shared between investors and manager."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.compiled.jit import entry
from core.finance.tiers import NOTHING_OPEN, share


@entry
def share_all(
    contributions: np.ndarray,
    distributions: np.ndarray,
    hurdle: np.ndarray,
    carry: np.ndarray,
    catch_up: float,
    periods_per_year: float,
    tiers: np.ndarray,
) -> None:
    """Share the distributions of many funds, (fund, period); fills ``tiers``, (5, fund, period)."""
    for i in range(hurdle.size):
        growth, still = (1.0 + hurdle[i]) ** (1.0 / periods_per_year) - 1.0, NOTHING_OPEN
        for t in range(contributions.shape[1]):
            paid_in, distributed = contributions[i, t], distributions[i, t]
            parts, still = share(paid_in, distributed, growth, carry[i], catch_up, still)
            for tier in range(len(parts)):
                tiers[tier, i, t] = parts[tier]


@dataclass(frozen=True, eq=False)
class Waterfall:
    """Who gets what of each distribution. All arrays (..., T); lp + gp = distributions.

    Attributes
    ----------
    lp : ndarray
        To the investors.
    gp : ndarray
        To the manager as carried interest.
    return_of_capital : ndarray
        First tier: contributions paid back, all to the investors.
    preferred : ndarray
        Second tier: the hurdle on them, all to the investors.
    catch_up : ndarray
        Third tier, in which the manager catches up; of it the share `catch_up` is his. The rest of the
        distribution is split at the carry.
    """

    lp: np.ndarray
    gp: np.ndarray
    return_of_capital: np.ndarray
    preferred: np.ndarray
    catch_up: np.ndarray


def european_waterfall(
    contributions: ArrayLike,
    distributions: ArrayLike,
    hurdle: ArrayLike,
    carry: ArrayLike,
    catch_up: float = 1.0,
    periods_per_year: float = 1,
) -> Waterfall:
    """Share a fund's distributions: capital first, then the hurdle, then catch-up, then the carry split.

    European means over the whole fund: no carry until all capital paid in so far and the hurdle on it are
    back.

    Parameters
    ----------
    contributions, distributions : array_like, (..., T)
        Per period, neither negative.
    hurdle : array_like, (...)
        Preferred return per year, compounded each period at (1 + hurdle) ** (1 / periods_per_year) - 1 on
        capital and preferred return not yet paid.
    carry : array_like, (...)
        Manager's share of profit, 0 up to but not 1.
    catch_up : float
        Manager's share while he catches up; above the carry, or 0 for none (then the carry is earned only on
        what exceeds the hurdle).
    periods_per_year : float
        4 for quarters.

    Returns
    -------
    Waterfall
        Once the manager has caught up, the sum of gp is carry x profit.

    Raises
    ------
    ValueError
        Naming the argument that is negative, not finite, out of range or of a wrong shape.

    Notes
    -----
    Inside a period the hurdle accrues first, on what was open since the period before; then the contribution
    comes in, then the distribution goes out. Carry once paid is not clawed back when capital is called later.

    Examples
    --------
    100 in, 200 back after five years at a hurdle of 8 %: 100 capital, 100 x (1.08**5 - 1) = 46.93 preferred.
    The manager then takes everything until he has 20 % of the profit so far: x = 0.2 (46.93 + x), x = 11.73.
    Of the remaining 200 - 100 - 46.93 - 11.73 = 41.33 he gets 8.27, in all 20 = 20 % of 100:

    >>> w = european_waterfall([100, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 200], hurdle=0.08, carry=0.2)
    >>> print(np.round([w.preferred.sum(), w.catch_up.sum(), w.gp.sum(), w.lp.sum()], 2))
    [ 46.93  11.73  20.   180.  ]
    """
    contributions, distributions = _flows(contributions, distributions)
    hurdle, carry = np.asarray(hurdle, dtype=float), np.asarray(carry, dtype=float)
    if not ((hurdle >= 0) & (hurdle < np.inf)).all():
        raise ValueError(f"hurdle must not be negative, got {hurdle}")
    if not ((carry >= 0) & (carry < 1)).all():
        raise ValueError(f"carry must be at least 0 and below 1, got {carry}")
    if not (catch_up == 0 or (catch_up <= 1 and (carry < catch_up).all())):
        raise ValueError(f"catch_up must be 0, or above the carry and at most 1, got {catch_up}")
    if not 0 < periods_per_year < np.inf:
        raise ValueError(f"periods_per_year must be above 0, got {periods_per_year}")
    shape, periods = distributions.shape[:-1], distributions.shape[-1]
    count = math.prod(shape)
    tiers = np.empty((5, count, periods))
    share_all(
        np.array(contributions.reshape(count, periods), order="C"),
        np.array(distributions.reshape(count, periods), order="C"),
        *(np.array(np.broadcast_to(x, shape)).ravel() for x in (hurdle, carry)),
        float(catch_up),
        float(periods_per_year),
        tiers,
    )
    capital, preferred, caught, manager, investors = tiers.reshape(5, *shape, periods)
    return Waterfall(investors, manager, capital, preferred, caught)


def _flows(contributions: ArrayLike, distributions: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    flows = {}
    for name, value in (("contributions", contributions), ("distributions", distributions)):
        flows[name] = np.asarray(value, dtype=float)
        if flows[name].ndim < 1 or not (np.isfinite(flows[name]) & (flows[name] >= 0)).all():
            raise ValueError(f"{name} must have a time axis and be finite and not negative")
    shapes = [x.shape for x in flows.values()]
    if shapes[0][-1] != shapes[1][-1]:
        raise ValueError(f"contributions and distributions must cover the same periods, got {shapes}")
    try:
        both = np.broadcast_arrays(*flows.values())
    except ValueError:
        raise ValueError(f"contributions and distributions do not broadcast, got {shapes}") from None
    return both[0], both[1]
