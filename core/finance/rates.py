"""Rules of `returns`: the rate at which a stream of flows is worth nothing today.

What the investor pays in is negative, what he gets back is positive; the first flow is today and one period
lies between two flows. Rates are decimals per period; what several of them come
to a year decides which one is reported.
"""

from __future__ import annotations

import numpy as np

from core.compiled.jit import rule

PREFERRED_RATE = 0.10  # a year; of several rates that fit, the one nearest to this is reported
MAX_STEPS = 200  # halving alone needs about 90
SMALLEST = 1e-12
LAST_BITS = 4e-16  # a step of less than this share of the root changes nothing
NO_RATE = -1.0  # all is lost
# Discount factors between which roots are told apart. Quarterly returns crowd near 1, so the grid is dense
# there.
GRID = 1.0 - np.concatenate([np.linspace(0.9999, 0.22, 24), np.geomspace(0.2, 1e-4, 40), [0.0]])


@rule
def at(flows, turned, t):
    """Flow ``t`` of a stream, or of the stream read from its end."""
    return flows[flows.size - 1 - t] if turned else flows[t]


@rule
def worth(flows, turned, z):
    """Sum of flow x z**t, and its slope."""
    value, slope, power = at(flows, turned, 0), 0.0, 1.0
    for t in range(1, flows.size):
        flow = at(flows, turned, t)
        slope += flow * t * power
        power *= z
        value += flow * power
    return value, slope


@rule
def root(flows, turned, low, high, low_sign):
    """Root of `worth` between low, where its sign is ``low_sign``, and high, where it is not.

    Newton steps that fall back on halving.
    """
    z, step = 0.5 * (low + high), high - low
    for _ in range(MAX_STEPS):
        value, slope = worth(flows, turned, z)
        if value == 0.0:
            return z
        if value * low_sign > 0.0:
            low = z
        else:
            high = z
        newton = -value / slope if abs(slope) > SMALLEST else np.inf
        inside = low < z + newton < high and abs(newton) < 0.5 * abs(step)
        step = newton if inside else 0.5 * (low + high) - z
        z += step
        if abs(step) <= LAST_BITS * z:
            return z
    return z


@rule
def sign_changes(flows):
    """How often a stream changes sign, zeros passed over; and its first sign."""
    changes, first, last = 0, 0.0, 0.0
    for t in range(flows.size):
        sign = np.sign(flows[t])
        if sign != 0.0:
            if last * sign < 0.0:
                changes += 1
            if first == 0.0:
                first = sign
            last = sign
    return changes, first


@rule
def only_rate(flows, first, total):
    """Rate of a stream with one change of sign: it has exactly one root (Descartes).

    1 / (1 + rate) lies below 1, or 1 + rate does: then the later flows are too small to turn the sum.
    """
    if total == 0.0:
        return 0.0
    if first * total > 0.0:
        return root(flows, True, 0.0, 1.0, -first) - 1.0
    return 1.0 / root(flows, False, 0.0, 1.0, first) - 1.0


@rule
def off_preferred(rate, periods):
    """How far a rate per period lies from the preferred one, both by the year."""
    return round(abs((1.0 + rate) ** periods - 1.0 - PREFERRED_RATE), 12)


@rule
def better(rate, best, periods):
    """Whether a rate is nearer to the preferred one a year, or as near and higher."""
    if np.isnan(best):
        return True
    off, before = off_preferred(rate, periods), off_preferred(best, periods)
    return off < before or (off == before and rate > best)


@rule
def best_rate(flows, total, periods):
    """Of all rates found on the grid the preferred one, nan if there is none; and how many there are."""
    best, found = np.nan, 0
    if total == 0.0:
        best, found = 0.0, 1
    for side in range(2):  # forward for 1 / (1 + rate) below 1, then turned for 1 + rate below 1
        turned = side == 1
        value = worth(flows, turned, GRID[0])[0]
        for cell in range(GRID.size - 1):
            # Both sides end at a rate of nought and must agree on the sign there, or rounding loses a root.
            following = worth(flows, turned, GRID[cell + 1])[0] if cell + 2 < GRID.size else total
            if value == 0.0 or np.sign(value) * np.sign(following) < 0.0:
                z = GRID[cell]
                if value != 0.0:
                    z = root(flows, turned, GRID[cell], GRID[cell + 1], np.sign(value))
                rate = z - 1.0 if turned else 1.0 / z - 1.0
                found += 1
                if better(rate, best, periods):
                    best = rate
            value = following
    return best, found


@rule
def rate_of_return(flows, scaled, periods):
    """Rate of return per period, and whether other rates would fit as well.

    ``scaled`` is room for the flows, ``periods`` how many of them a year has.

    -1 if money went in and none came back; nan if nothing went in or no rate makes the stream worth nothing.
    """
    most, gained, paid_in = 0.0, False, False
    for t in range(flows.size):
        most = max(most, abs(flows[t]))
        gained = gained or flows[t] > 0.0
        paid_in = paid_in or flows[t] < 0.0
    if not paid_in:
        return np.nan, False
    if not gained:
        return NO_RATE, False
    total = 0.0
    for t in range(flows.size):
        scaled[t] = flows[t] / most
        total += scaled[t]
    changes, first = sign_changes(scaled)
    if changes == 1:
        return only_rate(scaled, first, total), False
    best, found = best_rate(scaled, total, periods)
    return best, found > 1
