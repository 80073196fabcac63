"""What an investment earned: rate of return, multiples, net present value.

One sign convention: what the investor pays in is negative, what he gets back is positive; the first flow is
today and one period lies between two flows. Rates are decimals per period: a quarterly stream gives a
quarterly rate.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

PREFERRED_RATE = 0.10  # of several rates that fit, the one nearest to this is reported
MAX_STEPS = 200  # halving alone needs about 90
_SMALLEST = 1e-12
_CHUNK = 256  # rows per grid evaluation, so that a chunk stays in the processor's cache
# Discount factors between which roots are told apart. Quarterly returns crowd near 1, so the grid is dense
# there.
_GRID = 1.0 - np.concatenate([np.linspace(0.9999, 0.22, 24), np.geomspace(0.2, 1e-4, 40), [0.0]])


# Rows, and for each the ends between which its root lies and its sign at the lower one.
Brackets = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def npv(rate: ArrayLike, flows: ArrayLike) -> np.ndarray:
    """What a stream of flows is worth today at a given rate.

    Parameters
    ----------
    rate : array_like
        Per period, above -1; broadcasts against the leading axes of flows.
    flows : array_like, (..., T)
        First flow is today.

    Returns
    -------
    ndarray, (...)
        Same unit as the flows.

    Raises
    ------
    ValueError
        If a rate is -1 or below.

    Examples
    --------
    -100 + 60 / 1.1 + 60.5 / 1.1**2 = -100 + 54.545 + 50:

    >>> print(f"{npv(0.10, [-100, 60, 60.5]):.3f}")
    4.545
    """
    rate, flows = np.asarray(rate, dtype=float), np.asarray(flows, dtype=float)
    if (rate <= -1).any():
        raise ValueError("rate must be above -1")
    periods = np.arange(flows.shape[-1])
    return (flows * (1.0 + rate[..., None]) ** -periods).sum(axis=-1)


def irr(flows: ArrayLike) -> np.ndarray:
    """Rate of return per period: the rate at which the stream is worth nothing today.

    Parameters
    ----------
    flows : array_like, (..., T)
        Contributions negative, distributions positive.

    Returns
    -------
    ndarray, (...)
        Per period, decimal. -1 if money went in and none came back. `nan` if nothing went in, or if no rate
        makes the stream worth nothing. Of several such rates the one nearest +10 % a period.

    Raises
    ------
    ValueError
        If a flow is not finite.

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
    """
    return irr_with_flag(flows)[0]


def irr_with_flag(flows: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Rate of return per period, and whether other rates would fit as well.

    Parameters
    ----------
    flows : array_like, (..., T)
        Contributions negative, distributions positive.

    Returns
    -------
    rate : ndarray, (...)
        As `irr`.
    several : ndarray of bool, (...)
        More than one rate above -1 makes the stream worth nothing; a single number then says little.

    Raises
    ------
    ValueError
        If a flow is not finite.

    Notes
    -----
    Works on x = 1 / (1 + rate) for x up to 1 and, with the stream reversed, on 1 + rate for the rest, so
    that no power overflows. A stream that changes sign once has exactly one root (Descartes) and needs no
    search. Others are searched on a grid of 65 points a side: two roots closer than the grid may go unseen.
    Newton steps that fall back on halving, written out here because
    `scipy.optimize.elementwise.find_root` costs 20 times more on a few rows and its import alone 0.6 s.

    Examples
    --------
    -100 + 230 x - 132 x**2 = 0 for x = 1 / 1.1 and x = 1 / 1.2:

    >>> rate, several = irr_with_flag([-100, 230, -132])
    >>> print(f"{rate:.4f} {several}")
    0.1000 True
    """
    flows = np.asarray(flows, dtype=float)
    if not np.isfinite(flows).all():
        raise ValueError("flows must be finite")
    rows = flows.reshape(-1, flows.shape[-1])
    gained, paid_in = (rows > 0).any(axis=1), (rows < 0).any(axis=1)
    rate = np.where(paid_in, -1.0, np.nan)
    several = np.zeros(rate.shape, dtype=bool)

    mixed = np.flatnonzero(gained & paid_in)
    if mixed.size:
        scaled = rows[mixed] / np.abs(rows[mixed]).max(axis=1, keepdims=True)
        once = _sign_changes(scaled) == 1
        rate[mixed], several[mixed] = _rates(scaled[once], scaled[~once], once)
    return rate.reshape(flows.shape[:-1])[()], several.reshape(flows.shape[:-1])[()]


def _sign_changes(rows: np.ndarray) -> np.ndarray:
    """Number of times a row changes sign, zeros passed over, (M,)."""
    sign = np.sign(rows)
    last = np.maximum.accumulate(np.where(sign != 0, np.arange(rows.shape[1]), 0), axis=1)
    carried = np.take_along_axis(sign, last, axis=1)  # leading zeros stay 0 and make no product below 0
    return (carried[:, 1:] * carried[:, :-1] < 0).sum(axis=1)


def _rates(single: np.ndarray, others: np.ndarray, once: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rates of streams with one sign change and of others, and which have several; all refined in one go."""
    backward, around_one = _one_bracket(single)
    # Each of the others forward, for 1 / (1 + rate) below 1, then each reversed, for 1 + rate below 1.
    row, around_many, exact = _grid_brackets(np.concatenate([others, others[:, ::-1]]))
    found = _refine(*(np.concatenate(pair) for pair in zip(around_one, around_many, strict=True)))
    z, roots = found[: len(single)], np.concatenate([found[len(single) :], exact])
    rate, several = np.empty(once.size), np.zeros(once.size, dtype=bool)
    z[single.sum(axis=1) == 0] = 1.0
    rate[once] = np.where(backward, z - 1.0, 1.0 / z - 1.0)
    rate[~once], several[~once] = _best_root(others, row, roots)
    return rate, several


def _one_bracket(rows: np.ndarray) -> tuple[np.ndarray, Brackets]:
    """Rows with one sign change: 1 / (1 + rate) lies below 1, or 1 + rate does (then the row is turned)."""
    sign = np.sign(rows)
    first = np.take_along_axis(sign, (sign != 0).argmax(axis=1)[:, None], axis=1)[:, 0]
    backward = first * rows.sum(axis=1) > 0  # the later flows are too small to turn the sum
    turned = np.where(backward[:, None], rows[:, ::-1], rows)
    low_sign = np.where(backward, -first, first)
    return backward, (turned, np.zeros(len(rows)), np.ones(len(rows)), low_sign)


def _best_root(rows: np.ndarray, row: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of all rates found the one nearest +10 %, the higher on a tie, and whether there are several."""
    turned = row >= len(rows)
    at_par = np.flatnonzero(rows.sum(axis=1) == 0)
    row = np.concatenate([row - len(rows) * turned, at_par])
    found = np.concatenate([np.where(turned, z - 1.0, 1.0 / z - 1.0), np.zeros(at_par.size)])
    rate = np.full(len(rows), np.nan)
    # Write the worst first: the last one written to a row stays.
    order = np.lexsort((found, -np.round(np.abs(found - PREFERRED_RATE), 12)))
    rate[row[order]] = found[order]
    return rate, np.bincount(row, minlength=len(rows)) > 1


def _grid_brackets(rows: np.ndarray) -> tuple[np.ndarray, Brackets, np.ndarray]:
    """Row numbers of the roots of sum(row * z**t) for 0 < z < 1, brackets of the first, the exact last."""
    sign = np.empty((len(rows), _GRID.size))
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        value = np.zeros((len(part), _GRID.size))
        for t in range(rows.shape[1] - 1, -1, -1):
            value *= _GRID
            value += part[:, t, None]
        sign[start : start + _CHUNK] = np.sign(value)
    row, cell = np.nonzero(sign[:, :-1] * sign[:, 1:] < 0)
    exact_row, exact_cell = np.nonzero(sign[:, :-1] == 0)
    around = rows[row], _GRID[cell], _GRID[cell + 1], sign[row, cell]
    return np.concatenate([row, exact_row]), around, _GRID[exact_cell]


@np.errstate(under="ignore")  # powers of a small z may vanish: they do not count
def _refine(rows: np.ndarray, low: np.ndarray, high: np.ndarray, low_sign: np.ndarray) -> np.ndarray:
    """Root of sum(row * z**t) between low, where its sign is low_sign, and high, where it is not, (M,)."""
    z = 0.5 * (low + high)
    out = z.copy()
    live = np.arange(len(rows))
    step = high - low
    slope_rows = rows[:, 1:] * np.arange(1, rows.shape[1])
    for _ in range(MAX_STEPS):
        if not live.size:
            break
        powers = np.empty(rows.shape)
        powers[:, 0] = 1.0
        powers[:, 1:] = z[:, None]
        np.multiply.accumulate(powers, axis=1, out=powers)
        value = (rows * powers).sum(axis=1)
        slope = (slope_rows * powers[:, :-1]).sum(axis=1)
        below = value * low_sign > 0
        low, high = np.where(below, z, low), np.where(below, high, z)
        newton = np.divide(-value, slope, out=np.full(z.shape, np.inf), where=np.abs(slope) > _SMALLEST)
        good = (z + newton > low) & (z + newton < high) & (np.abs(newton) < 0.5 * np.abs(step))
        step = np.where(good, newton, 0.5 * (low + high) - z)
        step[value == 0] = 0.0
        z = z + step
        moving = np.abs(step) > 4e-16 * z
        if not moving.all():
            out[live[~moving]] = z[~moving]
            live = live[moving]
            rows, slope_rows, z, low, high, low_sign, step = (
                a[moving] for a in (rows, slope_rows, z, low, high, low_sign, step)
            )
    out[live] = z
    return out


def dpi(flows: ArrayLike) -> np.ndarray:
    """Turns of the money paid in that have come back so far (distributed to paid-in).

    Parameters
    ----------
    flows : array_like, (..., T)
        Contributions negative, distributions positive.

    Returns
    -------
    ndarray, (...)
        Multiple, x; `nan` if nothing was paid in.

    Examples
    --------
    Paid in 10 + 20 = 30, back 15 + 30 = 45, 45 / 30:

    >>> dpi([-10, -20, 15, 30])
    np.float64(1.5)
    """
    flows = np.asarray(flows, dtype=float)
    return _per_paid_in(np.maximum(flows, 0.0).sum(axis=-1), flows)


def rvpi(flows: ArrayLike, nav: ArrayLike) -> np.ndarray:
    """Turns of the money paid in that are still in the fund (residual value to paid-in).

    Parameters
    ----------
    flows : array_like, (..., T)
        Contributions negative, distributions positive.
    nav : array_like, (...)
        Net asset value left.

    Returns
    -------
    ndarray, (...)
        Multiple, x; `nan` if nothing was paid in.

    Examples
    --------
    15 left of 10 + 20 paid in:

    >>> rvpi([-10, -20, 15, 30], nav=15)
    np.float64(0.5)
    """
    return _per_paid_in(np.asarray(nav, dtype=float), np.asarray(flows, dtype=float))


def tvpi(flows: ArrayLike, nav: ArrayLike = 0.0) -> np.ndarray:
    """Turns of the money paid in that have come back or are still there: dpi + rvpi.

    Parameters
    ----------
    flows : array_like, (..., T)
        Contributions negative, distributions positive.
    nav : array_like, (...)
        Net asset value left.

    Returns
    -------
    ndarray, (...)
        Multiple, x; `nan` if nothing was paid in.

    Examples
    --------
    (45 + 15) / 30:

    >>> tvpi([-10, -20, 15, 30], nav=15)
    np.float64(2.0)
    """
    return dpi(flows) + rvpi(flows, nav)


def moic(flows: ArrayLike) -> np.ndarray:
    """Turns of the money paid in that came back, for an investment that is over: tvpi with nothing left.

    Parameters
    ----------
    flows : array_like, (..., T)
        Contributions negative, distributions positive.

    Returns
    -------
    ndarray, (...)
        Multiple, x; `nan` if nothing was paid in.

    Examples
    --------
    40 / 12:

    >>> print(f"{moic([-12, 0, 0, 40]):.3f}")
    3.333
    """
    return dpi(flows)


def _per_paid_in(value: np.ndarray, flows: np.ndarray) -> np.ndarray:
    paid_in = np.maximum(-flows, 0.0).sum(axis=-1)
    value, paid_in = np.broadcast_arrays(value, paid_in)
    return np.divide(value, paid_in, out=np.full(paid_in.shape, np.nan), where=paid_in > 0)[()]
