"""Loans and bonds: what is due when, what is left, what it is worth, what the market asks for it.

Rates are decimals per quarter, quarters are counted from 0 and a quarter's payment falls at its end.
Principal comes in two kinds: regular (the profile) and final (what is left at maturity, the part a borrower
hopes to roll over).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

KINDS = ("amortising", "level", "balloon", "bullet", "convertible")
_AT_MATURITY = ("bullet", "convertible")
_TINY_RATE = 1e-7  # below it (1 - v**k) / y loses digits and a series takes over


def level_payment(balance: ArrayLike, rate: ArrayLike, periods: ArrayLike) -> np.ndarray:
    """The constant payment that pays a loan off, interest included.

    balance x rate / (1 - (1 + rate) ** -periods); balance / periods at rate 0.

    Parameters
    ----------
    balance : array_like
        Owed today.
    rate : array_like
        Per period, above -1; zero allowed.
    periods : array_like
        Number of payments, the first one period from now; above 0.

    Returns
    -------
    ndarray
        Payment per period, positive, in the unit of the balance.

    Raises
    ------
    ValueError
        If periods is not above 0 or rate not above -1.

    Examples
    --------
    100 at 10 % over two periods: 57.619 now leaves 110 - 57.619 = 52.381, and 52.381 x 1.1 = 57.619:

    >>> print(f"{level_payment(100, 0.10, 2):.3f}")
    57.619
    >>> level_payment(15_000, 0, 60)
    np.float64(250.0)
    """
    balance, rate, periods = (np.asarray(x, dtype=float) for x in (balance, rate, periods))
    if not (periods > 0).all():
        raise ValueError("periods must be above 0")
    if not (rate > -1).all():
        raise ValueError("rate must be above -1")
    return (balance / _annuity(rate, periods))[()]


def _annuity(rate: ArrayLike, periods: ArrayLike) -> np.ndarray:
    """Present value of 1 per period."""
    rate, periods = np.asarray(rate), np.asarray(periods)
    factor = -np.expm1(-periods * np.log1p(rate))
    if rate.all():
        return factor / rate
    return np.divide(factor, rate, out=np.array(factor + periods), where=rate != 0)  # factor 0 at rate 0


def principal_schedule(
    kind: str, balance: ArrayLike, rate: ArrayLike, first: int, profile: int, maturity: int, quarters: int
) -> tuple[np.ndarray, np.ndarray]:
    """Principal due at the end of each quarter, by profile and because the loan ends.

    Parameters
    ----------
    kind : str
        amortising (equal principal), level (equal payment), balloon (a level profile cut off at maturity),
        bullet or convertible (everything at maturity). Amortising and level loans too pay at maturity what
        their profile left.
    balance : array_like, (...)
        Owed at the start.
    rate : array_like, (...)
        Coupon per quarter; matters for level and balloon only.
    first : int
        Quarter of the first principal payment, 0 = at the end of the first quarter. Until then interest only.
    profile : int
        Number of quarters after which the profile would have paid everything; not used for bullet and
        convertible.
    maturity : int
        Quarter in which the rest is due. Beyond the window: not in the result.
    quarters : int
        Length of the window, Q.

    Returns
    -------
    regular : ndarray, (..., Q)
        Profile payments.
    final : ndarray, (..., Q)
        Rest at maturity.

    Raises
    ------
    ValueError
        If the kind is unknown, the profile is shorter than 1 or a date lies before quarter 0.

    Examples
    --------
    90 in equal parts of 90 / 6 = 15 from quarter 1, ending in quarter 3 with 90 - 3 x 15 = 45 left:

    >>> principal_schedule("amortising", 90, 0.02, first=1, profile=6, maturity=3, quarters=5)
    (array([ 0., 15., 15., 15.,  0.]), array([ 0.,  0.,  0., 45.,  0.]))
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
    if maturity < 0 or first < 0:
        raise ValueError(f"first and maturity must not lie before quarter 0, got {first} and {maturity}")
    if profile < 1:
        raise ValueError(f"profile must be at least 1 quarter, got {profile}")
    balance, rate = np.broadcast_arrays(np.asarray(balance, dtype=float), np.asarray(rate, dtype=float))
    quarter = np.arange(max(quarters, maturity + 1))
    if kind in _AT_MATURITY:
        share = np.zeros((*balance.shape, quarter.size))
    else:
        n = quarter - first  # payments made before
        running = (n >= 0) & (n < profile) & (quarter <= maturity)
        growth = (
            0.0 if kind == "amortising" else rate[..., None]
        )  # principal of a level payment grows at the coupon
        weight = np.exp(np.maximum(n, 0) * np.log1p(growth)) / _growing_sum(growth, profile)
        share = np.broadcast_to(np.where(running, weight, 0.0), (*balance.shape, quarter.size))
    regular = balance[..., None] * share
    final = np.zeros_like(regular)
    final[..., maturity] = np.maximum(balance - regular.sum(axis=-1), 0.0)
    final[final < 1e-12 * balance[..., None]] = 0.0  # a profile that ends by itself leaves only rounding
    return regular[..., :quarters], final[..., :quarters]


def _growing_sum(rate: ArrayLike, periods: ArrayLike) -> np.ndarray:
    """1 + (1 + rate) + ... over a number of terms."""
    rate, periods = np.broadcast_arrays(np.asarray(rate, dtype=float), np.asarray(periods, dtype=float))
    return np.divide(np.expm1(periods * np.log1p(rate)), rate, out=periods.copy(), where=rate != 0)


def balance_path(balance: ArrayLike, principal: ArrayLike) -> np.ndarray:
    """What is still owed, before the first quarter and at the end of each.

    Parameters
    ----------
    balance : array_like, (...)
        Owed at the start.
    principal : array_like, (..., Q)
        Principal paid at the end of each quarter, regular and final together.

    Returns
    -------
    ndarray, (..., Q + 1)
        Entry 0 is the start; entry q is what quarter q pays interest on.

    Examples
    --------
    >>> balance_path(90, [0, 15, 15, 60])
    array([90., 90., 75., 60.,  0.])
    """
    balance, principal = np.asarray(balance, dtype=float), np.asarray(principal, dtype=float)
    start = np.broadcast_to(balance[..., None], (*principal.shape[:-1], 1))
    return np.concatenate([start, start - np.cumsum(principal, axis=-1)], axis=-1)


def mark_value(
    kind: ArrayLike,
    balance: ArrayLike,
    coupon: ArrayLike,
    y: ArrayLike,
    first: ArrayLike,
    profile: ArrayLike,
    maturity: ArrayLike,
    now: ArrayLike,
) -> np.ndarray:
    """What the remaining scheduled payments of a loan are worth at today's yield.

    The loan is taken to follow its own schedule from the balance it has now. Closed form; equals the
    discounted flows of `principal_schedule`.

    Parameters
    ----------
    kind : array_like of str
        One of `KINDS`; broadcasts like all others.
    balance : array_like
        Outstanding at the end of quarter `now`.
    coupon, y : array_like
        Coupon and yield per quarter, above -1.
    first, profile, maturity : array_like of int
        As in `principal_schedule`, counted from the same quarter 0.
    now : array_like of int
        Quarter at whose end the value is wanted; its own payment has been made. -1 = at the start.

    Returns
    -------
    ndarray
        Same unit as the balance; 0 from maturity on: what is overdue then has no schedule.

    Examples
    --------
    A bullet of 100 at 3 % with two quarters to go, at a yield of 2 %: 3 / 1.02 + 103 / 1.02**2 = 2.941 +
    99.000:

    >>> print(f"{mark_value('bullet', 100, 0.03, 0.02, first=0, profile=1, maturity=5, now=3):.3f}")
    101.942

    At a yield equal to the coupon every loan is worth its balance:

    >>> marks = mark_value(np.array(KINDS), 100, 0.03, 0.03, first=2, profile=12, maturity=9, now=4)
    >>> print(np.round(marks, 9))
    [100. 100. 100. 100. 100.]
    """
    kind = np.asarray(kind)
    if not _is_one_of(kind, KINDS).all():
        raise ValueError(f"kind must be one of {', '.join(KINDS)}")
    balance, coupon, y = (np.asarray(x, dtype=float) for x in (balance, coupon, y))
    first, profile, maturity, now = (np.asarray(x) for x in (first, profile, maturity, now))
    left = np.maximum(maturity - now, 0)  # quarters to maturity
    flat = _is_one_of(kind, _AT_MATURITY)
    wait = np.where(flat, left, np.clip(first - now - 1, 0, left))  # interest only
    steps = np.where(
        flat, 1, np.maximum(first + profile - 1 - np.maximum(now, first - 1), 1)
    )  # of the profile
    paid = np.minimum(steps, left - wait)  # of which before or at maturity

    log_v = -np.log1p(y)
    v_wait, v_paid = np.exp(wait * log_v), np.exp(paid * log_v)
    annuity = _annuity(y, paid)
    growing = np.where(kind == "amortising", 0.0, coupon)
    # Share of the balance that each kind has paid off by maturity, and the value of its regular payments.
    repaid = _growing_sum(growing, paid) / _growing_sum(growing, steps)
    level = annuity / _annuity(coupon, steps)
    equal = annuity * (1.0 / steps + coupon) - coupon / steps * _rising_annuity(y, paid, v_paid, annuity)
    regular = np.where(kind == "amortising", equal, level)
    rest = np.where(left > 0, 1.0 - repaid, 0.0)
    return (balance * (coupon * _annuity(y, wait) + v_wait * (regular + rest * v_paid)))[()]


def _is_one_of(kind: np.ndarray, kinds: Sequence[str]) -> np.ndarray:
    """As np.isin, which sorts and takes ten times as long for a few words."""
    return np.logical_or.reduce([kind == one for one in kinds])


def _rising_annuity(
    y: np.ndarray, periods: np.ndarray, v_periods: np.ndarray, annuity: np.ndarray
) -> np.ndarray:
    """Present value of 0, 1, 2, ... at the end of each period: (annuity - periods v**periods) / y."""
    near_zero = 0.5 * periods * (periods - 1.0) - y * (periods**3.0 - periods) / 3.0
    value = annuity - periods * v_periods
    return np.divide(
        value, y, out=np.broadcast_to(near_zero, value.shape).copy(), where=np.abs(y) > _TINY_RATE
    )


def bucket_anchors(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Cover at which each bucket's spread holds exactly: its middle; the inner end of the outer two.

    Parameters
    ----------
    low, high : ndarray, (bucket,)
        Ends of the buckets, worst first; the outer ends may be infinite.

    Returns
    -------
    ndarray, (bucket,)
        Cover; straight lines join the spreads in between.

    Examples
    --------
    >>> bucket_anchors(np.array([-99.0, 1.0, 3.0]), np.array([1.0, 3.0, 99.0]))
    array([1., 2., 3.])
    """
    return np.concatenate([high[:1], 0.5 * (low[1:-1] + high[1:-1]), low[-1:]])
