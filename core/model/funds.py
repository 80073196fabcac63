"""The books of the funds: what they lent, received, borrowed, charged and paid out in one scenario.

A fund buys its holdings at par (new loans as borrowers draw them, for some years), borrows against them, does
not reinvest, and is sold at its mark at the horizon. That is why the horizon moves returns.

``fund`` holds what the snapshot says, ``run`` what a run found, ``one`` a dollar in each instrument, and
``books`` what the funds' investors got.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from core.compiled.jit import entry, rule
from core.finance.loans import level_payment, mark_value
from core.finance.rates import rate_of_return
from core.finance.tiers import NOTHING_OPEN, share
from core.model.market import QUARTER, QUARTERS_PER_YEAR
from core.model.record import DISTRESSED, FAILED, STRETCHED, SUPPORTED


class Run(NamedTuple):
    """What the funds need of one scenario: levers, last quarter, how many were run, and what was kept."""

    lever: Any
    last: Any
    quarters: Any
    end: Any
    market: Any
    companies: Any
    losses: Any
    holders: Any


TRANCHE, NEW_LOANS, EQUITY, IG_LEASES = range(4)  # kinds of instruments
SHORTEST_LIFE = 4.0  # quarters in which a new loan is valued at least
LOWEST_COUPON = 1e-6  # a year: a loan that nobody drew still has a price
YEAR = float(QUARTERS_PER_YEAR)
FULL_CATCH_UP = 1.0
RATES = 4
UNLEVERED, GROSS, AFTER_FEE, NET = range(RATES)


@rule
def widening(fund, status):
    """What the status of a borrower adds to the yield of its loans, decimal a year."""
    if status in (STRETCHED, SUPPORTED):
        return fund.stretched_spread
    if status == DISTRESSED:
        return fund.distressed_spread
    return 0.0


@rule
def to_come(fund, run, i, q):
    """Recoveries of an instrument still to be paid after a quarter, USD bn."""
    failed, tranches = run.end.failed[fund.debtor[i]], fund.tranches
    if failed > q:
        return 0.0
    estate = run.end.recovery[i]
    if i >= tranches:  # new debt has two parts: repaid in level payments, and at the end
        estate += run.end.recovery[i + fund.debtor.size - tranches]
    return estate * min(max((failed + fund.recovery_quarters - q) / fund.recovery_quarters, 0.0), 1.0)


@rule
def value_instruments(fund, run, one):
    """A dollar in every instrument that a fund holds: what it pays, what is lost, and what it is worth."""
    for k in range(fund.held.kind.size):
        one.opening[k] = 1.0
        for q in range(one.bought.shape[1]):
            nothing = 0.0 if q < run.quarters else np.nan
            one.bought[k, q] = one.received[k, q] = one.scheduled[k, q] = nothing
            one.book[k, q] = one.mark[k, q] = nothing
        if fund.held.kind[k] == TRANCHE:
            tranche(fund, run, one, k)
        elif fund.held.kind[k] == NEW_LOANS:
            new_loans(fund, run, one, k)
        elif fund.held.kind[k] == EQUITY:
            equity(fund, run, one, k)
        else:
            ig_leases(fund, run, one, k)


@rule
def tranche(fund, run, one, k):
    """An opening tranche, per dollar of its opening balance."""
    held = fund.held
    i, c = held.instrument[k], held.company[k]
    par = held.opening[k, 0]
    base = run.lever.r
    coupon = held.rate[k] + (base if held.floating[k] else 0.0)
    issued = held.rate[k] + (base if held.floating[k] else base - fund.base_rate)
    for q in range(run.quarters):
        status, balance = run.companies.priced_status[q, c], run.losses.balance[q, i]
        y = max(issued + run.lever.s + widening(fund, status), 0.0) / YEAR
        one.received[k, q] = run.holders.received[q, i] / par
        one.scheduled[k, q] = run.holders.scheduled[q, i] / par
        if status == FAILED:
            one.book[k, q] = one.mark[k, q] = to_come(fund, run, i, q) / par
            continue
        one.book[k, q] = balance / par
        if not run.lever.mr and held.exit[k] >= 0 and balance > 0.0:
            value = mark_to_exit(held, k, coupon / YEAR, y, q)
        else:
            kind, first, profile = held.loan[k], held.first[k], held.profile[k]
            value = mark_value(kind, balance, coupon / YEAR, y, first, profile, held.maturity[k], q)
        one.mark[k, q] = value / par


@rule
def mark_to_exit(held, k, coupon, y, q):
    """Notes that fall due at the tenant's first exit are marked to that date, if the tenant will leave."""
    factor, worth = 1.0, 0.0
    for ahead in range(q + 1, held.exit[k] + 1):
        factor /= 1.0 + y
        principal = held.opening[k, ahead] if ahead == held.exit[k] else held.regular[k, ahead]
        worth += factor * (principal + held.opening[k, ahead] * coupon)
    return worth


@rule
def new_loans(fund, run, one, k):
    """A dollar committed to new neocloud loans: bought as drawn, up to the plan, then held to repayment."""
    pool = fund.pool
    share, bought_so_far = 0.0, 0.0
    one.opening[k] = 0.0
    for q in range(run.quarters):
        drawn, balance, _lost = drawn_and_owed(fund, run.losses, q)
        received, scheduled, coming = paid_and_to_come(fund, run, q)
        bought = bought_of_pool(fund, drawn, bought_so_far, q)
        bought_so_far += bought
        one.bought[k, q] = bought / pool.planned
        one.received[k, q] = share * received / pool.planned
        one.scheduled[k, q] = share * scheduled / pool.planned
        share = share_of_pool(share, bought, drawn, balance)
        price = price_of_pool(fund, run, q)
        one.book[k, q] = share * (balance + coming) / pool.planned
        one.mark[k, q] = share * (balance * price + coming) / pool.planned


@rule
def bought_of_pool(fund, drawn, bought_so_far, q):
    """What is bought of new loans in a quarter, USD bn."""
    return min(drawn, max(fund.pool.planned - bought_so_far, 0.0)) if q < fund.pool.draw_period else 0.0


@rule
def share_of_pool(share, bought, drawn, balance):
    """The share of all new loans that is held at the end of a quarter."""
    return (max(balance - drawn, 0.0) * share + bought) / balance if balance > 0.0 else share


@rule
def drawn_and_owed(fund, losses, q):
    """Neoclouds' new debt, USD bn: drawn, owed at the end of the quarter, and lost."""
    drawn, balance, lost = 0.0, 0.0, 0.0
    for j in range(fund.pool.borrower.size):
        i = fund.pool.instrument[j]
        drawn += losses.drawn[q, fund.pool.borrower[j]]
        balance += losses.balance[q, i]
        lost += losses.lost[q, i]
    return drawn, balance, lost


@rule
def paid_and_to_come(fund, run, q):
    """Neoclouds' new debt, USD bn: received, scheduled, and recoveries to come."""
    received, scheduled, coming = 0.0, 0.0, 0.0
    for j in range(fund.pool.borrower.size):
        i = fund.pool.instrument[j]
        received += run.holders.received[q, i]
        scheduled += run.holders.scheduled[q, i]
        coming += to_come(fund, run, i, q)
    return received, scheduled, coming


@rule
def price_of_pool(fund, run, q):
    """What a dollar of new loans fetches: at their coupon while all is well, less when yields widen."""
    life = max(fund.debt_term - q / 2.0, SHORTEST_LIFE)
    last_drawn = min(q, fund.pool.draw_period - 1)
    coupon = max(run.holders.new_rate[last_drawn, fund.pool.borrower[0]], LOWEST_COUPON) / YEAR
    y = coupon + widening(fund, run.companies.priced_status[q, fund.pool.company]) / YEAR
    return level_payment(1.0, coupon, life) / level_payment(1.0, y, life)


@rule
def equity(fund, run, one, k):
    """The first-loss equity of Hyperion: accrues at its assumed yield, marked to what an exit would leave.

    After an exit the proceeds are cash: they earn nothing more here. A renewed lease goes on. What it is to
    bring back by the horizon is the dollar put in.
    """
    own = fund.equity
    growth = (1.0 + max(own.target + run.lever.r - fund.base_rate + run.lever.s, 0.0)) ** QUARTER
    at_exit = (1.0 + own.target) ** (QUARTER * (own.exit + 1))
    for q in range(run.quarters):
        left = left_by_sale(own, run.market, q)
        one.book[k, q] = 1.0
        one.scheduled[k, q] = 1.0 if q == run.last else 0.0
        if not run.lever.mr:
            one.mark[k, q] = min(left, at_exit) * growth ** -max(own.exit - q, 0)
        else:
            one.mark[k, q] = at_exit * growth ** -(own.exit - q)


@rule
def left_by_sale(own, market, q):
    """What a sale of the campus leaves of a dollar of its equity, at prices of a quarter or of the exit."""
    return max(own.site_value * market.price[min(q, own.exit), 0] - own.notes, 0.0) / own.amount


@rule
def ig_leases(fund, run, one, k):
    """Investment-grade hyperscale leases outside this web: level payments, no default, marked to rates."""
    lease = fund.lease
    y = max(lease.coupon + (run.lever.r - fund.base_rate + run.lever.s) / YEAR, 0.0)
    for q in range(run.quarters):
        left = float(lease.life - 1 - q)
        price = 1.0  # of what is repaid already
        if left > 0.0:
            price = level_payment(1.0, lease.coupon, left) / level_payment(1.0, y, left)
        one.received[k, q] = one.scheduled[k, q] = lease.due[q]
        one.book[k, q], one.mark[k, q] = lease.balance[q], lease.balance[q] * price


@rule
def held_by(fund, one, f, field, q):
    """A field of all holdings of a fund, by weight, per dollar of assets."""
    total = 0.0
    for k in range(fund.held.kind.size):
        if fund.weight[f, k] != 0.0:
            total += fund.weight[f, k] * field[k, q]
    return total


@rule
def opening_of(fund, one, f):
    """What a fund holds at the start, per dollar of assets."""
    total = 0.0
    for k in range(fund.held.kind.size):
        total += fund.weight[f, k] * one.opening[k]
    return total


@rule
def keep_books(fund, base, last, quarters, one, books, flow, f):
    """A fund's cash, debt, fee and value, quarter by quarter, per dollar of assets; fills ``flow`` and nav.

    ``flow`` is by rate of the bridge and quarter, the start in column 0: assets alone, with borrowing, after
    the fee. The fund keeps no cash; what is left over by mistake is the residual.
    """
    leverage = fund.leverage[f]
    debt_share, fee = leverage / (1.0 + leverage), fund.fee[f] / YEAR
    cost = (base + fund.funding_spread[f]) / YEAR
    opening = opening_of(fund, one, f)
    debt, invested = debt_share * opening, opening
    flow[UNLEVERED, 0] = -opening
    flow[GROSS, 0] = flow[AFTER_FEE, 0] = -(1.0 - debt_share) * opening
    books.residual[f], books.sold[f], books.due[f] = 0.0, 0.0, 0.0
    for q in range(books.nav.shape[1]):
        books.nav[f, q] = np.nan
        for rate in range(RATES):
            flow[rate, q + 1] = 0.0
    for q in range(quarters):
        bought, received = held_by(fund, one, f, one.bought, q), held_by(fund, one, f, one.received, q)
        book, mark = held_by(fund, one, f, one.book, q), held_by(fund, one, f, one.mark, q)
        charged = fee * max(invested - debt, 0.0)
        interest, before, lent = debt * cost, debt, debt_share * bought
        available = received - interest
        earned = max(available, 0.0)
        paydown = min(max(debt + lent - debt_share * book, 0.0), earned)
        debt = debt + lent - paydown + max(-available, 0.0)
        gross = earned - paydown - (bought - lent)
        left = received - bought + (debt - before) - interest - gross
        books.residual[f] = max(books.residual[f], abs(left))
        invested = book
        nav = max(mark - debt, 0.0)
        books.nav[f, q] = nav * fund.size_of[f]
        if q <= last:
            books.due[f] += held_by(fund, one, f, one.scheduled, q)
            flow[UNLEVERED, q + 1] = received - bought
            flow[GROSS, q + 1] = gross
            if q == last:
                flow[UNLEVERED, q + 1] += mark
                flow[GROSS, q + 1] += nav
                books.sold[f] = nav
            flow[AFTER_FEE, q + 1] = flow[GROSS, q + 1] - charged


@rule
def share_out(fund, books, flow, f):
    """Share what comes back, over the whole fund: no carry until all capital and the hurdle on it are back.

    Returns what investors paid in and what came back to them.
    """
    growth, still = (1.0 + fund.hurdle[f]) ** QUARTER - 1.0, NOTHING_OPEN
    paid_in, came_back = 0.0, 0.0
    for q in range(flow.shape[1]):
        paid, distributed = max(-flow[AFTER_FEE, q], 0.0), max(flow[AFTER_FEE, q], 0.0)
        tiers, still = share(paid, distributed, growth, fund.carry[f], FULL_CATCH_UP, still)
        manager, investors = tiers[3], tiers[4]
        flow[NET, q] = investors - paid
        left = flow[AFTER_FEE, q] - manager - flow[NET, q]
        books.residual[f] = max(books.residual[f], abs(left))
        paid_in += paid
        came_back += investors
    return paid_in, came_back


@rule
def short_of_schedule(fund, lever, market, losses, last, k):
    """What will never come of a dollar in an instrument up to the horizon.

    Equity has no schedule: it is written down by what a tenant who leaves takes off the dollar put in.
    """
    lost, share, bought_so_far = 0.0, 0.0, 0.0
    if fund.held.kind[k] == EQUITY and not lever.mr:
        return max(1.0 - left_by_sale(fund.equity, market, last), 0.0)
    for q in range(last + 1):
        if fund.held.kind[k] == TRANCHE:
            lost += losses.lost[q, fund.held.instrument[k]] / fund.held.opening[k, 0]
        elif fund.held.kind[k] == NEW_LOANS:
            drawn, balance, gone = drawn_and_owed(fund, losses, q)
            bought = bought_of_pool(fund, drawn, bought_so_far, q)
            bought_so_far += bought
            lost += share * gone / fund.pool.planned
            share = share_of_pool(share, bought, drawn, balance)
    return lost


@rule
def add_losses(fund, lever, market, losses, last, loss, by_holding):
    """USD bn that each holding of each fund falls short of schedule up to the horizon, and all of them."""
    for f in range(fund.size_of.size):
        loss[f] = 0.0
    for k in range(fund.held.kind.size):
        lost = short_of_schedule(fund, lever, market, losses, last, k)
        for f in range(fund.size_of.size):
            by_holding[f, k] = fund.size_of[f] * fund.weight[f, k] * lost
            loss[f] += by_holding[f, k]


@rule
def close_fund(fund, base, last, quarters, one, books, flow, scaled, f):
    """Multiples and rates of return of a fund: assets alone, with borrowing, after the fee, after carry.

    Each rate with whether others would fit its flows as well.
    """
    keep_books(fund, base, last, quarters, one, books, flow, f)
    paid_in, came_back = share_out(fund, books, flow, f)
    some = paid_in if paid_in > 0.0 else 1.0
    sold = min(books.sold[f], came_back)
    books.moic[f], books.rvpi[f] = came_back / some, sold / some
    books.dpi[f] = books.moic[f] - books.rvpi[f]
    for rate in range(RATES):
        quarterly, several = rate_of_return(flow[rate], scaled, YEAR)
        books.several[rate, f] = several
        books.rate[rate, f] = (1.0 + quarterly) ** QUARTERS_PER_YEAR - 1.0


@entry
def all_instruments(fund, levers, last, quarters, kept, ones):
    """A dollar in every instrument in each scenario; ``kept`` are its end and groups as in `Run`."""
    ends, market, companies, losses, holders = kept
    for i in range(last.size):
        run = Run(levers[i], last[i], quarters, ends[i], market[i], companies[i], losses[i], holders[i])
        value_instruments(fund[0], run, ones[i])


@entry
def all_books(fund, base, last, quarters, ones, books, flow, scaled):
    """The books of every fund in each scenario, but for what it lost."""
    for i in range(last.size):
        for f in range(fund[0].size_of.size):
            close_fund(fund[0], base[i], last[i], quarters, ones[i], books[i], flow, scaled, f)


@entry
def all_losses(fund, levers, market, losses, last, loss, by_holding):
    """What every fund lost in each scenario."""
    for i in range(last.size):
        add_losses(fund[0], levers[i], market[i], losses[i], last[i], loss[i], by_holding[i])
