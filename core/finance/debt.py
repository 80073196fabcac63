"""Loans and bonds: what is due when and what is left; what they are worth is a rule of `loans`.

Rates are decimals per quarter, quarters are counted from 0 and a quarter's payment falls at its end.
Principal comes in two kinds: regular (the profile) and final (what is left at maturity, the part a borrower
hopes to roll over).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from core.compiled.jit import entry
from core.finance import loans

KINDS = ("amortising", "level", "balloon", "bullet", "convertible")
_AT_MATURITY = ("bullet", "convertible")
ROUNDING = 1e-12  # share of a balance that is left when a profile ends by itself


@entry
def pay_level_all(balance: np.ndarray, rate: np.ndarray, periods: np.ndarray, payment: np.ndarray) -> None:
    """Level payments of many loans; fills ``payment``."""
    for i in range(payment.size):
        payment[i] = loans.level_payment(balance[i], rate[i], periods[i])


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
    given = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (balance, rate, periods)))
    if not (given[2] > 0).all():
        raise ValueError("periods must be above 0")
    if not (given[1] > -1).all():
        raise ValueError("rate must be above -1")
    payment = np.empty(given[0].size)
    pay_level_all(*(np.array(x).ravel() for x in given), payment)
    return payment.reshape(given[0].shape)[()]


def principal_schedule(
    kind: str, balance: float, rate: float, first: int, profile: int, maturity: int, quarters: int
) -> tuple[np.ndarray, np.ndarray]:
    """Principal due at the end of each quarter, by profile and because the loan ends.

    Parameters
    ----------
    kind : str
        amortising (equal principal), level (equal payment), balloon (a level profile cut off at maturity),
        bullet or convertible (everything at maturity). Amortising and level loans too pay at maturity what
        their profile left.
    balance : float
        Owed at the start.
    rate : float
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
    regular : ndarray, (Q,)
        Profile payments.
    final : ndarray, (Q,)
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
    regular, final = np.zeros((2, max(quarters, maturity + 1)))
    if kind not in _AT_MATURITY:
        paid = max(min(profile, maturity + 1 - first), 0)  # payments at or before maturity
        growth = 0.0 if kind == "amortising" else rate  # principal of a level payment grows at the coupon
        parts = (1.0 + growth) ** np.arange(profile)
        regular[first : first + paid] = balance * parts[:paid] / parts.sum()
    rest = balance - regular.sum()
    if rest >= ROUNDING * balance:
        final[maturity] = rest
    return regular[:quarters], final[:quarters]


def stated_schedule(
    balance: float, due: ArrayLike, first: int, maturity: int, quarters: int
) -> tuple[np.ndarray, np.ndarray]:
    """Principal of a loan with a table of its own, by quarter: as stated, and what is left at maturity.

    Parameters
    ----------
    balance : float
        Owed at the start; no more than this is ever due.
    due : array_like, (Q,)
        What the table states for each quarter; outside ``first`` to ``maturity`` nothing is due.
    first, maturity : int
        Quarters of the first and of the last payment, 0 = at the end of the first quarter.
    quarters : int
        Length of the window.

    Returns
    -------
    regular : ndarray, (quarters,)
        What the table states, as far as it is still owed.
    final : ndarray, (quarters,)
        The rest at maturity.

    Examples
    --------
    90 of which the table knows 60 until quarter 2, when the rest is due:

    >>> stated_schedule(90, [20, 20, 20, 20], first=0, maturity=2, quarters=4)
    (array([20., 20., 20.,  0.]), array([ 0.,  0., 30.,  0.]))
    """
    stated = np.zeros(max(quarters, maturity + 1))
    known = np.asarray(due, dtype=float)[: maturity + 1]
    stated[first : known.size] = known[first:]
    regular = np.diff(np.minimum(np.cumsum(stated), balance), prepend=0.0)
    final = np.zeros_like(regular)
    rest = balance - regular.sum()
    if rest >= ROUNDING * balance:
        final[maturity] = rest
    return regular[:quarters], final[:quarters]


def balance_path(balance: float, principal: ArrayLike) -> np.ndarray:
    """What is still owed, before the first quarter and at the end of each.

    Parameters
    ----------
    balance : float
        Owed at the start.
    principal : array_like, (Q,)
        Principal paid at the end of each quarter, regular and final together.

    Returns
    -------
    ndarray, (Q + 1,)
        Entry 0 is the start; entry q is what quarter q pays interest on.

    Examples
    --------
    >>> balance_path(90, [0, 15, 15, 60])
    array([90., 90., 75., 60.,  0.])
    """
    return balance - np.cumsum([0.0, *np.asarray(principal, dtype=float)])


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
