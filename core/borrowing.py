"""Who can still borrow, at what price, and what is borrowed: market access and new debt."""

from __future__ import annotations

import numpy as np

from core.debt import level_payment
from core.layout import Layout
from core.state import DebtService, NewDebt, State

OPEN, STRICT, CLOSED = range(3)


def market_access(state: State, q: int) -> np.ndarray:
    """Share of the money it wants that a borrower can still raise, (2, borrower, scenario), 0 to 1.

    Access is the product of three ramps: cover of interest, utilisation (only for borrowers with capacity
    that has no contract) and the shift of credit spreads. A gate instead of a share makes cliffs on which a
    better world can end worse (model.md, section 5).

    The first entry is for loans and looks at all debt. The second is for shareholders who hold convertible
    debt: they look at the business and its opening debt, not at how it was financed since. With all debt
    here too, a company that could roll more in one year would convert less in a later one, and wider spreads
    would help it.

    Parameters
    ----------
    state : State
        Levers s and f, cover at the end of the last quarter, who has failed.
    q : int
        Quarter.
    """
    layout, levers = state.layout, state.levers
    p = layout.p
    strict = levers["f"] == STRICT
    floor = np.where(strict, p("access.strict_floor"), p("access.cover_floor"))
    width = np.where(strict, p("access.strict_range"), p("access.cover_range"))
    by_cover = np.clip((np.stack([state.cover, state.opening_cover]) - floor) / width, 0.0, 1.0)
    open_share = state.terms.spread_access * (levers["f"] != CLOSED)
    access = by_cover * open_share * state.living[layout.borrowers]
    access[:, layout.fleet_of_borrower >= 0] *= state.terms.use_access[q]
    state.access = access[0]
    return access


def coverage_spread(layout: Layout, cover: np.ndarray) -> np.ndarray:
    """Yield over the base rate that lenders ask of a borrower with this EBITDA cover (decimal a year).

    Damodaran's table for smaller and riskier firms, made for EBIT cover, read at 0.75 times EBITDA cover;
    straight lines join the middles of its buckets. Below the worst bucket the spread stays there, so
    negative cover is never a reward.

    Parameters
    ----------
    layout : Layout
        Where the table stands.
    cover : ndarray
        EBITDA over interest, both of a year; any shape, which the answer keeps.
    """
    return np.interp(cover * layout.p("debt.ebit_share"), layout.rating_cover, layout.rating_spread)


def new_debt_service(debt: NewDebt, layout: Layout, q: int) -> DebtService:
    """Interest, level principal and maturing bullets of debt issued before quarter ``q``.

    Parameters
    ----------
    debt : NewDebt
        As it stands before the quarter.
    layout : Layout
        For the term of new loans.
    q : int
        Quarter in which the service is due.
    """
    term = int(layout.p("debt.term"))
    issued = slice(max(0, q - term), q)
    rate, level = debt.rate[:, issued], debt.level[:, issued]
    level_interest = np.sum(rate * level, axis=1)
    bullet_interest = np.sum(rate * debt.bullet[:, issued], axis=1)
    payment = np.sum(debt.payment[:, issued], axis=1)
    none = np.zeros_like(level_interest)
    return DebtService(
        interest=level_interest + bullet_interest,
        level_interest=level_interest,
        level_principal=np.maximum(payment - level_interest, 0.0),
        bullet_due=debt.bullet[:, q - term].copy() if q >= term else none,  # settle() clears that row
    )


def issue(debt: NewDebt, layout: Layout, amount: np.ndarray, rate: np.ndarray, q: int) -> None:
    """Borrow ``amount`` at the yearly ``rate`` in quarter ``q``: 60 % in level payments, 40 % as a bullet.

    Parameters
    ----------
    debt : NewDebt
        Changed in place.
    layout : Layout
        For the split and the term of new loans.
    amount : ndarray, (borrower, scenario)
        USD bn.
    rate : ndarray, (borrower, scenario)
        Decimal a year.
    q : int
        Quarter.
    """
    share, term = layout.p("debt.level_share"), int(layout.p("debt.term"))
    debt.rate[:, q] = rate / 4.0
    debt.level[:, q] = share * amount
    debt.payment[:, q] = level_payment(share * amount, rate / 4.0, term)
    debt.bullet[:, q] = (1.0 - share) * amount


def settle(debt: NewDebt, layout: Layout, q: int) -> None:
    """Take off the principal of quarter ``q`` from debt issued before it.

    Parameters
    ----------
    debt : NewDebt
        Changed in place.
    layout : Layout
        For the term of new loans.
    q : int
        Quarter.
    """
    term = int(layout.p("debt.term"))
    issued = slice(max(0, q - term), q)
    level, payment, rate = debt.level[:, issued], debt.payment[:, issued], debt.rate[:, issued]
    debt.level[:, issued] = np.maximum(level - (payment - rate * level), 0.0)
    if q >= term:
        for book in (debt.level, debt.payment, debt.bullet):
            book[:, q - term] = 0.0


def write_off(debt: NewDebt, alive: np.ndarray, q: int) -> None:
    """The debt of a failed borrower is gone from here: it has become a claim on its estate.

    Parameters
    ----------
    debt : NewDebt
        Changed in place.
    alive : ndarray of bool, (borrower, scenario)
        Who has not failed.
    q : int
        Quarter up to which debt was issued.
    """
    for book in (debt.level, debt.payment, debt.bullet):
        book[:, : q + 1] *= alive[:, None, :]


def due_within_a_year(debt: NewDebt, service: DebtService, layout: Layout, q: int) -> np.ndarray:
    """Principal of new debt due in the four quarters after ``q``, USD bn, (borrower, scenario).

    Level principal as in the next quarter's ``service``, four times, and the bullets that fall due.

    Parameters
    ----------
    debt : NewDebt
        As it stands at the end of the quarter.
    service : DebtService
        What is due in the next quarter.
    layout : Layout
        For the term of new loans.
    q : int
        Quarter just ended.
    """
    term = int(layout.p("debt.term"))
    bullets = debt.bullet[:, max(0, q + 1 - term) : max(0, q + 5 - term)]
    return 4.0 * service.level_principal + bullets.sum(axis=1)
