"""Rules of `waterfall`: how one distribution is shared out, tier by tier."""

from __future__ import annotations

from core.compiled.jit import rule

NOTHING_OPEN = (0.0, 0.0, 0.0, 0.0)


@rule
def share(paid_in, distributed, growth, carry, catch_up, still):
    """Share what comes back in a period: capital first, the hurdle, the catch-up, then the carry split.

    ``still`` is (capital and hurdle not yet paid back, profit so far, to the manager so far). The hurdle
    accrues first, then the contribution comes in. Returns (return of capital, preferred, catch-up, manager's
    part, investors' part) of the distribution, and ``still`` after it.
    """
    capital, accrued, profit, to_manager = still
    accrued += (capital + accrued) * growth
    capital += paid_in
    returned = min(distributed, capital)
    rest = distributed - returned
    preferred = min(rest, accrued)
    rest -= preferred
    profit += preferred
    caught = 0.0
    if catch_up > 0.0:  # he has caught up when to_manager + catch_up * x = carry * (profit + x)
        caught = min(rest, max(carry * profit - to_manager, 0.0) / (catch_up - carry))
        rest -= caught
    manager = catch_up * caught + carry * rest
    investors = returned + preferred + (1.0 - catch_up) * caught + (1.0 - carry) * rest
    after = (capital - returned, accrued - preferred, profit + caught + rest, to_manager + manager)
    return (returned, preferred, caught, manager, investors), after
