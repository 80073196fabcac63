"""What an investment earned: the rate at which a stream of flows is worth nothing today.

What the investor pays in is negative, what he gets back is positive; the first flow is
today and one period lies between two flows. Rates are decimals per period: a quarterly stream gives a
quarterly rate.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from core.compiled.jit import entry
from core.finance.rates import rate_of_return


@entry
def rate_all(rows: np.ndarray, periods: float, rate: np.ndarray, several: np.ndarray) -> None:
    """Rates of many streams, (row, flow); fills ``rate`` and ``several``, (row,)."""
    scaled = np.zeros(rows.shape[1])
    for i in range(rows.shape[0]):
        rate[i], several[i] = rate_of_return(rows[i], scaled, periods)


def irr(flows: ArrayLike, periods: float = 1.0) -> np.ndarray:
    """Rate of return per period: the rate at which the stream is worth nothing today.

    Parameters
    ----------
    flows : array_like, (..., T)
        Contributions negative, distributions positive.
    periods : float
        Periods in a year: 1 for yearly flows, 4 for quarterly ones.

    Returns
    -------
    ndarray, (...)
        Per period, decimal. -1 if money went in and none came back. `nan` if nothing went in, or if no rate
        makes the stream worth nothing. Of several such rates the one nearest +10 % a year: nearest when each
        is told by the year, ``(1 + rate)^periods - 1``.

    Raises
    ------
    ValueError
        If there is no time axis, a flow is not finite, or a year has no periods.

    See Also
    --------
    irr_with_flag : says also whether there were several.

    Examples
    --------
    100 grows to 121 in two periods, 100 x 1.1 x 1.1:

    >>> print(f"{irr([-100, 0, 121]):.4f}")
    0.1000

    All is lost; nothing was ever paid in:

    >>> irr([[-100, 0, 0], [0, 5, 5]])
    array([-1., nan])

    Quarterly flows that fit 2 % and 12 % a quarter: 8.2 % a year is nearer to 10 % than 57.4 %.

    >>> print(f"{irr([-1, 2.14, -1.1424], periods=4):.4f}")
    0.0200
    """
    return irr_with_flag(flows, periods)[0]


def irr_with_flag(flows: ArrayLike, periods: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Rate of return per period, and whether other rates would fit as well.

    Parameters
    ----------
    flows : array_like, (..., T)
        Contributions negative, distributions positive.
    periods : float
        Periods in a year: 1 for yearly flows, 4 for quarterly ones.

    Returns
    -------
    rate : ndarray, (...)
        As `irr`.
    several : ndarray of bool, (...)
        More than one rate above -1 makes the stream worth nothing; a single number then says little.

    Raises
    ------
    ValueError
        If there is no time axis, a flow is not finite, or a year has no periods.

    Notes
    -----
    Works on x = 1 / (1 + rate) for x up to 1 and, with the stream reversed, on 1 + rate for the rest, so
    that no power overflows. A stream that changes sign once has exactly one root (Descartes) and needs no
    search. Others are searched on a grid of 65 points a side: two roots closer than the grid may go unseen.
    """
    flows = np.asarray(flows, dtype=float)
    if flows.ndim < 1 or not np.isfinite(flows).all():
        raise ValueError("flows must have a time axis and be finite")
    if not 0.0 < periods < np.inf:
        raise ValueError(f"periods of a year must be above 0 and finite, not {periods}")
    shape, rows = flows.shape[:-1], math.prod(flows.shape[:-1])
    rate, several = np.empty(rows), np.empty(rows, dtype=bool)
    rate_all(np.array(flows.reshape(rows, flows.shape[-1]), order="C"), float(periods), rate, several)
    return rate.reshape(shape)[()], several.reshape(shape)[()]
