"""Who can still borrow, at what price, and what is borrowed: market access and new debt."""

from __future__ import annotations

import numpy as np

from core.finance.debt import level_payment
from core.layout.layout import Layout
from core.model.state import DebtService, NewDebt, State


def market_access(state: State, q: int) -> np.ndarray:
    """Share of the money it wants that a borrower can still raise, (2, borrower, scenario), 0 to 1.

    Access is the product of three ramps: cover of interest, utilisation (only for borrowers with capacity
    that has no contract) and the shift of credit spreads. A gate instead of a share makes cliffs on which a
    better world can end worse (docs/model.md, section 7).

    The first entry is for loans and looks at all debt. The second is for shareholders who hold convertible
    debt: they look at the business and its opening debt, not at how it was financed since. With all debt
    here too, a company that could roll more in one year would convert less in a later one, and wider spreads
    would help it.

    Parameters
    ----------
    state : State
        What the market lets through, cover at the end of the last quarter, who has failed.
    q : int
        Quarter.
    """
    layout, terms = state.layout, state.terms
    cover = np.array([state.cover, state.opening_cover])
    by_cover = np.minimum(np.maximum((cover - terms.cover_floor) / terms.cover_range, 0.0), 1.0)
    access = by_cover * terms.spread_access * state.living[layout.borrowers]
    for fleet in layout.fleets:
        access[:, fleet.place] *= terms.use_access[q]
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
    term, used = int(layout.p("debt.term")), slice(debt.used)
    issued = slice(max(0, q - term), q)
    rate, level = debt.rate[used, issued], debt.level[used, issued]
    shape = debt.level[:, 0].shape
    interest, level_interest, level_principal, bullet_due = (np.zeros(shape) for _ in range(4))
    level_interest[used] = (rate * level).sum(axis=1)
    interest[used] = level_interest[used] + (rate * debt.bullet[used, issued]).sum(axis=1)
    payment = debt.payment[used, issued].sum(axis=1)
    level_principal[used] = np.maximum(payment - level_interest[used], 0.0)
    if q >= term:
        bullet_due[used] = debt.bullet[used, q - term]
    return DebtService(interest, level_interest, level_principal, bullet_due)


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
    for k in np.flatnonzero(amount.any(axis=1)):  # most borrow in few quarters, and powers are dear
        debt.used = max(debt.used, int(k) + 1)
        debt.payment[k, q] = level_payment(debt.level[k, q], debt.rate[k, q], term)
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
    term, used = int(layout.p("debt.term")), slice(debt.used)
    issued = slice(max(0, q - term), q)
    level, payment, rate = debt.level[used, issued], debt.payment[used, issued], debt.rate[used, issued]
    np.maximum(level - (payment - rate * level), 0.0, out=level)
    if q >= term:
        for book in (debt.level, debt.payment, debt.bullet):
            book[:, q - term] = 0.0


def outstanding(debt: NewDebt, layout: Layout, q: int) -> np.ndarray:
    """New debt at the end of quarter ``q``, USD bn, (borrower, scenario).

    Parameters
    ----------
    debt : NewDebt
        As it stands then.
    layout : Layout
        For the term of new loans: what was issued earlier has been repaid.
    q : int
        Quarter.
    """
    used, part = slice(debt.used), slice(max(0, q + 1 - int(layout.p("debt.term"))), q + 1)
    owed = np.zeros(debt.level[:, 0].shape)
    owed[used] = debt.level[used, part].sum(axis=1) + debt.bullet[used, part].sum(axis=1)
    return owed


def write_off(debt: NewDebt, alive: np.ndarray, at: np.ndarray, q: int) -> None:
    """The debt of a failed borrower is gone from here: it has become a claim on its estate.

    Parameters
    ----------
    debt : NewDebt
        Changed in place.
    alive : ndarray of bool, (borrower, scenario)
        Who has not failed.
    at : ndarray of int
        Scenarios in which somebody fails now.
    q : int
        Quarter up to which debt was issued.
    """
    used = slice(debt.used)
    for book in (debt.level, debt.payment, debt.bullet):
        book[used, : q + 1, at] *= alive[used, None, at]


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
