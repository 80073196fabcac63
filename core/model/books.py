"""Step 6 of a quarter: cash, failures and causes, calls, recoveries; and the look ahead that follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.finance.networks import Clearing
from core.layout.layout import DUST, NEVER, Layout
from core.model import borrowing, operations, promises, recovery
from core.model.dues import Quarter
from core.model.state import COUNTERPARTY, MATURITY, OWN_LIQUIDITY, BookShares, FleetState, State

TINY = 1e-9  # USD bn: one dollar


@dataclass
class Outlook:
    """How each borrower looks to its lenders at the end of a quarter; (borrower, scenario).

    ``cover`` is EBITDA over interest of the next four quarters, ``runway`` in quarters, the rest USD bn;
    ``intermediary_runway`` is (scenario,).
    """

    cover: np.ndarray
    collateral: np.ndarray
    assets: np.ndarray
    debt: np.ndarray
    runway: np.ndarray
    intermediary_runway: np.ndarray
    covered_building: np.ndarray


def close(state: State, quarter: Quarter, settled: Clearing, q: int) -> np.ndarray:
    """Book a cleared quarter: cash, calls, what failed counterparties kept back, who fails and why.

    Parameters
    ----------
    state : State
        Changed in place: cash, failures, calls.
    quarter : Quarter
        What was due; ``called`` is filled in.
    settled : Clearing
        Who paid what.
    q : int
        Quarter.

    Returns
    -------
    ndarray of bool, (node, scenario)
        Who failed in this quarter.
    """
    layout = state.layout
    fresh = settled.failed & (state.failed == NEVER)
    rows = layout.contract_rows
    if settled.failed.any() or not state.living.all():
        payer_failed = (settled.failed | ~state.living)[layout.structure.payer[rows]]
        kept_back = quarter.scheduled[rows] - (settled.paid[rows] + settled.called_paid[rows])
        state.lost += np.where(payer_failed, kept_back, 0.0)
        state.relet += quarter.relet
    if fresh.any():
        _causes(state, quarter, settled, fresh)
        state.failed[fresh] = q
        state.living = state.failed == NEVER
        state.paying = [BookShares.of(layout, f, state.living) for f in layout.fleets]
    _calls(state, quarter, settled)
    state.cash = settled.closing + quarter.withheld
    # Rich companies pay out what they do not need and always start a quarter with the same cash.
    state.cash[layout.wealthy] = layout.cash[layout.wealthy][:, None]
    state.cash[layout.sinks] = 0.0
    state.cash[layout.borrowers] *= state.living[layout.borrowers]
    return fresh


def _calls(state: State, quarter: Quarter, settled: Clearing) -> None:
    """Add what givers paid to what was called of each promise."""
    layout = state.layout
    paid = np.zeros(state.called.shape)
    backed = layout.leases.promise >= 0
    paid[layout.leases.promise[backed]] = settled.called_paid[layout.leases.row[backed]]
    direct = layout.promises.row >= 0
    paid[direct] = settled.paid[layout.promises.row[direct]]
    quarter.called = paid
    state.called += paid


def _causes(state: State, quarter: Quarter, settled: Clearing, fresh: np.ndarray) -> None:
    """Why each fresh failure happened: its own doing, a maturity, or a counterparty that had failed before.

    A failure is contagion if what failed counterparties have kept back since they failed (less backstop and
    re-letting) would have covered what is missing now.
    """
    layout = state.layout
    unrolled = np.zeros(state.cash.shape)
    unrolled[layout.borrowers] = (
        quarter.bullets
        + quarter.convertible
        - quarter.converted
        + quarter.service.bullet_due
        - quarter.rolled
    )
    for node in map(int, np.flatnonzero(fresh.any(axis=1))):
        hit = columns_of(fresh[node])
        missing = settled.shortfall[node, hit]
        cause = np.where(unrolled[node, hit] >= missing - TINY, MATURITY, OWN_LIQUIDITY)
        source = np.full(hit.size, -1)
        if node in layout.debtors:
            debtors, rows = zip(*layout.debtors[node], strict=True)
            kept_back = np.array([np.sum(state.lost[np.ix_(places, hit)], axis=0) for places in rows])
            total = np.sum(kept_back, axis=0) - state.relet[node, hit]
            contagion = (total >= missing - TINY) & (total > TINY)
            cause = np.where(contagion, COUNTERPARTY, cause)
            source = np.where(contagion, np.array(debtors)[np.argmax(kept_back, axis=0)], -1)
        state.cause[node, hit] = cause
        state.source[node, hit] = source
        state.wave[node, hit] = settled.round[node, hit]
        state.shortfall[node, hit] = missing


def columns_of(hit: np.ndarray) -> np.ndarray:
    """Numbers of the scenarios that are hit, a lone one twice: numpy adds up one column in another order.

    Parameters
    ----------
    hit : ndarray of bool, (scenario,)
        At least one is.

    Examples
    --------
    >>> columns_of(np.array([False, True])).tolist()
    [1, 1]
    """
    found = np.flatnonzero(hit)
    return found if found.size > 1 else np.repeat(found, 2)


def look_ahead(state: State, q: int) -> Outlook:
    """What lenders see at the end of quarter ``q`` (-1: the snapshot date): cover, collateral, runway.

    The next quarter's market access follows from it.

    Parameters
    ----------
    state : State
        Its caps, covers and debt service are renewed.
    q : int
        Quarter just ended.
    """
    layout, n = state.layout, state.n
    b, leases = layout.borrowers, layout.leases
    now = max(q, 0)
    state.caps = promises.caps_left(state, q + 1)
    state.backed = backed = promises.lease_caps(state, state.caps)
    forward, value = state.terms.rent_ahead[q + 1], state.terms.rent_value[q + 1]
    pays = state.living[leases.tenant]
    reliable = leases.reliable[:, None] & pays
    margin = layout.lease_margin[:, None]
    guaranteed = np.minimum(forward, backed)
    counted = np.where(pays, forward, guaranteed) * margin
    safe = np.where(reliable, forward, guaranteed) * margin
    owed = np.where(reliable, value, np.minimum(value, backed)) * margin
    sums = state.sums["lease_host"](np.concatenate([counted, safe, owed], axis=1))[b]
    ebitda, safe_ebitda, owed = sums[:, :n], sums[:, n : 2 * n], sums[:, 2 * n :]
    unsafe = ebitda - safe_ebitda
    ebitda = ebitda - layout.overhead_ahead[:, None]
    unsafe = unsafe - layout.overhead_ahead[:, None]
    owed = owed.copy()
    sites, chips = layout.sites_by_quarter[:, q + 1], layout.chips_by_quarter[:, q + 1]
    at_cost = np.repeat(sites[:, None], n, axis=1)
    chip_worth = np.repeat(chips[:, None], n, axis=1)
    free_share = np.ones((len(b), n))
    undrawn = np.zeros((len(b), n))
    own_capex = np.repeat(layout.own_capex_ahead[:, q + 1][:, None], n, axis=1)
    for fleet, paying in zip(state.fleets, state.paying, strict=True):
        undrawn[fleet.plan.place] = fleet.undrawn
        _fleet_outlook(
            state, fleet, paying, q, now, ebitda, unsafe, owed, at_cost, chip_worth, free_share, own_capex
        )

    tau = state.market.tightness[now]
    sites_fetch = at_cost * layout.site_share[:, None]
    worth = recovery.collateral(layout, unsafe, chip_worth * free_share, sites_fetch, tau, owed)
    state.service = borrowing.new_debt_service(state.new_debt, layout, q + 1)
    debt, interest, principal, opening_interest = _debt_ahead(state, q)
    worth = _with_residual_value(state, worth, debt, tau)
    # A going concern keeps its sites at cost and all its chips; only a sale in distress loses half of them.
    assets = np.maximum(worth, chip_worth * tau ** layout.p("recovery.tau_exponent") + at_cost)
    state.cover = _cover(ebitda, interest)
    state.opening_cover = _cover(ebitda, opening_interest)
    outflow = (interest + principal + own_capex - ebitda) / 4.0
    need = own_capex - np.minimum(ebitda, 0.0)
    building = (layout.construction_until[b] > q)[:, None]
    return Outlook(
        cover=state.cover,
        collateral=worth,
        assets=assets,
        debt=debt,
        runway=_cover(state.cash[b] + undrawn, outflow),
        intermediary_runway=_intermediary_runway(state, q + 1, now),
        covered_building=building & (state.cash[b] >= need - TINY),
    )


def _cover(means: np.ndarray, need: np.ndarray) -> np.ndarray:
    """Means over need; infinite without need."""
    needs = need > TINY
    return np.where(needs, means / np.where(needs, need, 1.0), np.inf)


def _fleet_outlook(
    state: State,
    fleet: FleetState,
    paying: BookShares,
    q: int,
    now: int,
    ebitda: np.ndarray,
    unsafe: np.ndarray,
    owed: np.ndarray,
    sites: np.ndarray,
    chips: np.ndarray,
    free_share: np.ndarray,
    own_capex: np.ndarray,
) -> None:
    """A compute host's next year: contracts that pay, free capacity, running cost, own share of building."""
    layout, m, plan = state.layout, state.market, fleet.plan
    k = plan.place
    new_revenue = fleet.new_revenue + fleet.built[q] * fleet.price[q] if q >= 0 else fleet.new_revenue
    contracted = paying.legacy * (plan.legacy_mw[q + 1] * plan.legacy_price) + paying.new * new_revenue
    cap = state.caps[plan.backstop] if plan.backstop >= 0 else np.zeros(state.n)
    price_share = layout.promises.share[plan.backstop] if plan.backstop >= 0 else 1.0
    spot, bought = operations.sell_free_capacity(
        fleet.free_value * (plan.new_price / 1000.0), m.tightness[now], m.sold_share[now], price_share, cap
    )
    ebitda[k] = (contracted - fleet.total_mw * plan.opex) / 1000.0 + spot + bought
    owed[k], safe_ebitda = recovery.contract_value(fleet, q, paying.safe_legacy, paying.safe_new)
    unsafe[k] = ebitda[k] - safe_ebitda
    per_mw = plan.capex_per_mw / 1000.0
    sites[k] = fleet.total_mw * (per_mw * (1.0 - plan.chip_share))
    chips[k] = recovery.chip_value(fleet, q)
    fresh_mw = fleet.new_mw + fleet.built[q] if q >= 0 else fleet.new_mw
    safe_mw = paying.safe_legacy * plan.legacy_mw[q + 1] + paying.safe_new * fresh_mw
    free_share[k] = np.minimum(np.maximum(1.0 - safe_mw / fleet.total_mw, 0.0), 1.0)
    coming = np.arange(q + 1, min(q + 5, plan.mw_added.size))
    planned = plan.mw_added[coming]
    if planned.any():
        certain = planned[coming < plan.committed].sum()
        own_capex[k] = (
            (1.0 - plan.debt_share) * per_mw * (certain + (planned.sum() - certain) * state.access[k])
        )


def _debt_ahead(state: State, q: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Debt, yearly interest, principal due within a year, and the interest on opening debt alone; USD bn."""
    layout, o = state.layout, state.layout.opening
    live = state.living[layout.borrowers] & ~state.settled
    # The opening of quarter 0 is the end of the snapshot date.
    balance, quarterly = (
        (o.balance, state.terms.end_interest) if q >= 0 else (o.opening, state.terms.opening_interest)
    )
    at = max(q, 0)
    due = o.next_year[:, min(q + 1, o.next_year.shape[1] - 1)][:, None] * live
    debt = balance[:, at][:, None] * live
    interest = 4.0 * quarterly[at] * live
    if q < 0:
        return debt, interest, due, interest
    new = state.new_debt
    used, part = slice(new.used), slice(max(0, q + 1 - int(layout.p("debt.term"))), q + 1)
    owed = new.level[used, part] + new.bullet[used, part]
    all_interest = interest.copy()
    debt[used] += owed.sum(axis=1)
    all_interest[used] += 4.0 * (owed * new.rate[used, part]).sum(axis=1)
    return (
        debt,
        all_interest,
        due + borrowing.due_within_a_year(new, state.service, layout, q),
        interest,
    )


def _with_residual_value(state: State, worth: np.ndarray, debt: np.ndarray, tau: np.ndarray) -> np.ndarray:
    """A residual value guarantee lifts what creditors can realise: sale value first, then the guarantor."""
    layout = state.layout
    pr = layout.promises
    for i, kind in enumerate(pr.kind):
        if kind != promises.RESIDUAL_VALUE:
            continue
        k = int(np.flatnonzero(layout.borrowers == pr.host[i])[0])
        sale = layout.site_cost[pr.host[i]] * pr.share[i] * tau
        best = np.maximum(worth[k], sale)
        worth[k] = best + promises.residual_call(debt[k], best, np.full(state.n, pr.cap[i]))
    return worth


def _intermediary_runway(state: State, ahead: int, now: int) -> np.ndarray:
    """Quarters the intermediary's cash lasts at today's spot prices and next year's rents."""
    layout, i = state.layout, state.layout.intermediary
    terms = state.terms
    fee = layout.markup_share * state.living[layout.markup_tenant] + terms.through_follows[now]
    own_cost = 1.0 + layout.p("market.intermediary_own_cost")
    return _cover(state.cash[i], terms.through_ahead[ahead] * (own_cost - layout.markup * fee))


def book_debt(state: State, quarter: Quarter, settled: Clearing, fresh: np.ndarray, q: int) -> np.ndarray:
    """Issue and repay new debt; turn the debt of a fresh failure into claims, (claim, scenario), USD bn.

    Claims are in the order: tranches, then level parts, then bullet parts of new debt by borrower.

    Parameters
    ----------
    state : State
        New debt is changed in place.
    quarter : Quarter
        What was borrowed and due.
    settled : Clearing
        Who paid what.
    fresh : ndarray of bool, (node, scenario)
        Who failed in this quarter, as `close` gives it.
    q : int
        Quarter.
    """
    layout = state.layout
    t, b, new = layout.tranches, layout.borrowers, state.new_debt
    borrowing.issue(new, layout, quarter.borrowed, quarter.borrow_rate, q)
    borrowing.settle(new, layout, q)
    if quarter.exit_due.any():
        state.settled = state.settled | (quarter.exit_due > 0)
    claims = np.zeros((len(t.ids) + 2 * len(b), state.n))
    hit = fresh[b]
    if not hit.any():
        return claims
    at = columns_of(hit.any(axis=0))
    amount, paid, live, willing, exit_due = (
        x.take(at, axis=1)
        for x in (quarter.amount, settled.paid, quarter.live, quarter.willing, quarter.exit_due)
    )
    due = tranche_due(
        layout, state.levers["r"][at], live[None], willing[None], exit_due[None], slice(q, q + 1)
    )
    got = tranche_paid(layout, amount[None], paid[None], due)
    unpaid = amount - paid
    owed = np.concatenate(
        [
            t.balance[:, q][:, None] * ~state.settled[layout.tranche_place[:, None], at] + due[0] - got[0],
            new.level[:, : q + 1].take(at, axis=2).sum(axis=1) + unpaid[layout.new_level_rows],
            new.bullet[:, : q + 1].take(at, axis=2).sum(axis=1) + unpaid[layout.new_bullet_rows],
        ]
    )
    claims[:, at] = owed * hit[layout.claim_place[:, None], at]
    borrowing.write_off(new, state.living[b], at, q)
    return claims


def tranche_due(
    layout: Layout,
    base_rate: np.ndarray,
    live: np.ndarray,
    willing: np.ndarray,
    exit_due: np.ndarray,
    quarters: slice,
) -> np.ndarray:
    """Due in cash on each opening tranche, USD bn, (quarter, tranche, scenario).

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    base_rate : ndarray, (scenario,)
        Decimal a year.
    live, willing, exit_due : ndarray, (quarter, borrower, scenario)
        As in `core.model.dues.Quarter`: who lives, converts or sells its asset.
    quarters : slice
        Which quarters these are.
    """
    t, place = layout.tranches, layout.tranche_place
    alive = live[:, place]
    due = (t.cash_due[quarters, :, None] + t.cash_floats[quarters, :, None] * base_rate) * alive
    final = t.final_shares[quarters, :, None]
    if final.any():
        due += final * alive * (1.0 - willing[:, place])
    if exit_due.any():
        share = t.opening / np.maximum(layout.opening.opening[place], DUST)
        due += share.T[quarters, :, None] * exit_due[:, place]
    return due


def tranche_paid(layout: Layout, amount: np.ndarray, paid: np.ndarray, due: np.ndarray) -> np.ndarray:
    """Paid on each opening tranche: pro rata inside its class, USD bn, (quarter, tranche, scenario).

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    amount, paid : ndarray, (quarter, row, scenario)
        What was due and what was paid in each ledger row.
    due : ndarray, (quarter, tranche, scenario)
        As `tranche_due` gives it, USD bn.
    """
    rows = layout.tranches.row
    owed = amount[:, rows]
    owes = owed > DUST
    return due * np.where(owes, paid[:, rows] / np.where(owes, owed, 1.0), 1.0)


def start_estates(state: State, outlook: Outlook, claims: np.ndarray) -> None:
    """Share what a failed company's assets fetch among its creditors; paid over the next four quarters.

    Parameters
    ----------
    state : State
        ``recovery`` is added to.
    outlook : Outlook
        Where the value of the assets stands.
    claims : ndarray, (claim, scenario)
        As `book_debt` gives them, USD bn.
    """
    if not claims.any():
        return
    layout = state.layout
    p = layout.p
    value = outlook.collateral * (1.0 - p("recovery.cost")) * state.levers["c"]
    for k in range(len(layout.borrowers)):
        rows = np.flatnonzero(layout.claim_place == k)
        hit = np.asarray(claims[rows].any(axis=0))
        if hit.any():
            failed = columns_of(hit)
            at = np.ix_(rows, failed)
            state.recovery[at] += recovery.by_seniority(
                value[k, failed], claims[at], layout.claim_seniority[rows]
            )


def recovered_now(state: State, q: int | np.ndarray) -> np.ndarray:
    """What creditors of failed companies receive in quarter ``q``, USD bn, (claim, scenario).

    Parameters
    ----------
    state : State
        Failures and recoveries are read.
    q : int or ndarray of int, (quarter, 1, 1)
        Quarter; several put an axis of quarters before the others.
    """
    layout = state.layout
    length = int(layout.p("recovery.quarters"))
    failed = state.failed[layout.borrowers].astype(int)
    paying = (failed < q) & (q <= failed + length)
    return state.recovery / length * paying[..., layout.claim_place, :]
