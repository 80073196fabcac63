"""Rules of loans: what pays one off, and what its remaining payments are worth. Rates are per quarter."""

from __future__ import annotations

import math

from core.compiled.jit import rule

AMORTISING, LEVEL, BALLOON, BULLET, CONVERTIBLE = range(5)
TINY_RATE = 1e-7  # below it (1 - v**k) / y loses digits and a series takes over


@rule
def annuity(rate, periods):
    """Present value of 1 per period."""
    return -math.expm1(-periods * math.log1p(rate)) / rate if rate != 0.0 else periods * 1.0


@rule
def level_payment(balance, rate, periods):
    """The constant payment that pays a loan off, interest included."""
    return balance / annuity(rate, periods)


@rule
def growing_sum(rate, periods):
    """1 + (1 + rate) + ... over a number of terms."""
    return math.expm1(periods * math.log1p(rate)) / rate if rate != 0.0 else periods * 1.0


@rule
def rising_annuity(y, periods, v_periods, level):
    """Present value of 0, 1, 2, ... at the end of each period."""
    if abs(y) > TINY_RATE:
        return (level - periods * v_periods) / y
    return 0.5 * periods * (periods - 1.0) - y * (periods**3.0 - periods) / 3.0


@rule
def mark_value(kind, balance, coupon, y, first, profile, maturity, now):
    """What the remaining scheduled payments are worth; 0 from maturity on."""
    left = max(maturity - now, 0)
    if kind in (BULLET, CONVERTIBLE):
        wait, steps = left, 1  # interest only
    else:
        wait = min(max(first - now - 1, 0), left)
        steps = max(first + profile - 1 - max(now, first - 1), 1)  # of the profile
    paid = min(steps, left - wait)  # of which before or at maturity
    v_wait, v_paid = math.exp(-wait * math.log1p(y)), math.exp(-paid * math.log1p(y))
    worth = annuity(y, paid)
    if kind == AMORTISING:
        repaid = paid / steps
        rising = rising_annuity(y, paid, v_paid, worth)
        regular = worth * (1.0 / steps + coupon) - coupon / steps * rising
    else:
        repaid = growing_sum(coupon, paid) / growing_sum(coupon, steps)
        regular = worth / annuity(coupon, steps)
    rest = 1.0 - repaid if left > 0 else 0.0
    return balance * (coupon * annuity(y, wait) + v_wait * (regular + rest * v_paid))
