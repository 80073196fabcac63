"""Step 6 of a quarter: cash, failures and their causes, calls, recoveries; and the look ahead that follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core import borrowing, operations, promises, recovery
from core.clearing import Clearing
from core.dues import Quarter, renewed_rent
from core.layout import NEVER
from core.state import COUNTERPARTY, MATURITY, OWN_LIQUIDITY, State

TINY = 1e-9  # USD bn: one dollar


@dataclass
class Outlook:
    """How each borrower looks to its lenders at the end of a quarter; (borrower, scenario) unless it says company.

    ``ebitda`` and ``interest`` are for the next four quarters, ``runway`` in quarters, the rest USD bn.
    """

    ebitda: np.ndarray
    interest: np.ndarray
    cover: np.ndarray
    collateral: np.ndarray
    debt: np.ndarray
    runway: np.ndarray
    intermediary_runway: np.ndarray
    covered_building: np.ndarray


def close(state: State, quarter: Quarter, settled: Clearing, q: int) -> np.ndarray:
    """Book a cleared quarter: cash, calls, what failed counterparties kept back, who fails and why.

    Returns
    -------
    ndarray of bool, (node, scenario)
        Who failed in this quarter.
    """
    layout = state.layout
    fresh = settled.failed & (state.failed == NEVER)
    paid = settled.paid + settled.called_paid
    rows = layout.contract_rows
    payer_failed = (settled.failed | (state.failed != NEVER))[layout.structure.payer[rows]]
    state.lost += np.where(payer_failed, quarter.scheduled[rows] - paid[rows], 0.0)
    state.relet += quarter.relet
    if fresh.any():
        _causes(state, quarter, settled, fresh)
        state.failed[fresh] = q
    _calls(state, quarter, settled)
    state.cash = settled.closing + quarter.withheld
    # Rich companies pay out what they do not need and always start a quarter with the same cash.
    state.cash[layout.wealthy] = layout.cash[layout.wealthy][:, None]
    for sink in ("lenders", "outside", "site_landlords"):
        state.cash[layout.index[sink]] = 0.0
    gone = state.failed[layout.borrowers] <= q
    state.cash[layout.borrowers] = np.where(gone, 0.0, state.cash[layout.borrowers])
    return fresh


def _calls(state: State, quarter: Quarter, settled: Clearing) -> None:
    """Add what givers paid to what was called of each promise."""
    layout = state.layout
    paid = np.zeros_like(state.called)
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
    payer, payee = layout.structure.payer[layout.contract_rows], layout.structure.payee[layout.contract_rows]
    unrolled = np.zeros_like(state.cash)
    unrolled[layout.borrowers] = (
        state.sums["tranche"](quarter.tranche_final - quarter.converted)
        + quarter.service.bullet_due
        - quarter.rolled
    )
    for node in np.flatnonzero(fresh.any(axis=1)):
        hit = fresh[node]
        missing = settled.shortfall[node]
        into = payee == node
        cause = np.where(unrolled[node] >= missing - TINY, MATURITY, OWN_LIQUIDITY)
        source = np.full(state.n, -1)
        if into.any():
            debtors = np.unique(payer[into])
            kept_back = np.array([np.sum(state.lost[into & (payer == d)], axis=0) for d in debtors])
            total = np.sum(kept_back, axis=0) - state.relet[node]
            contagion = (total >= missing - TINY) & (total > TINY)
            cause = np.where(contagion, COUNTERPARTY, cause)
            source = np.where(contagion, debtors[np.argmax(kept_back, axis=0)], -1)
        state.cause[node] = np.where(hit, cause, state.cause[node])
        state.source[node] = np.where(hit, source, state.source[node])
        state.wave[node] = np.where(hit, settled.round[node], state.wave[node])
        state.shortfall[node] = np.where(hit, missing, state.shortfall[node])


def look_ahead(state: State, q: int) -> Outlook:
    """What lenders see at the end of quarter ``q`` (-1: the snapshot date): forward cover, collateral, runway.

    The next quarter's market access follows from it.
    """
    layout, n = state.layout, state.n
    b, leases, p = layout.borrowers, layout.leases, layout.p
    ahead = min(q + 1, leases.forward.shape[1] - 1)
    now = max(q, 0)
    state.caps = promises.caps_left(state, ahead)
    backed = promises.lease_caps(state, state.caps)
    forward = renewed_rent(state, leases.forward, leases.forward_exit, ahead)
    value = renewed_rent(state, leases.value, leases.value_exit, ahead)
    pays = state.alive(leases.tenant)
    reliable = leases.reliable[:, None] & pays
    counted = np.where(pays, forward, np.minimum(forward, backed))
    safe = np.where(reliable, forward, np.minimum(forward, backed))
    margin = layout.lease_margin[:, None]
    by_host = state.sums["lease_host"]
    running = (layout.overhead * 4.0)[:, None]
    ebitda = (by_host(counted * margin) - running)[b]
    unsafe = (by_host((counted - safe) * margin) - running)[b]
    owed = by_host(np.where(reliable, value, np.minimum(value, backed)) * margin)[b]
    sites = np.repeat(layout.site_cost[b][:, None], n, axis=1)
    done = np.zeros(len(layout.nodes))
    done[layout.landlords] = (
        layout.landlord_capex_left[:, 0] + layout.landlord_capex[:, 0] - _capex_left(layout, q)
    )
    sites += done[b][:, None]
    chips = np.repeat((layout.chip_cost[b] * recovery.resale_share(layout, q + 1))[:, None], n, axis=1)
    undrawn, own_capex = np.zeros((len(b), n)), np.zeros((len(b), n))
    for fleet in state.fleets:
        k = int(np.flatnonzero(b == fleet.plan.node)[0])
        _fleet_outlook(state, fleet, q, now, k, ebitda, unsafe, owed, sites, chips, own_capex)
        undrawn[k] = fleet.undrawn
    left_now = _capex_left(layout, q)
    for j, node in enumerate(layout.landlords):
        k = int(np.flatnonzero(b == node)[0])
        own_capex[k] = left_now[j] - _capex_left(layout, q + 4)[j]

    tau = state.market.tightness[now]
    worth = recovery.collateral(layout, unsafe, chips, sites, tau, owed)
    debt, interest, principal, opening_interest = _debt_ahead(state, q)
    worth = _with_residual_value(state, worth, debt, tau, q)
    cover = _cover(ebitda, interest)
    state.cover = cover
    state.opening_cover = _cover(ebitda, opening_interest)
    outflow = (interest + principal + own_capex - ebitda) / 4.0
    runway = np.where(
        outflow > TINY, (state.cash[b] + undrawn) / np.where(outflow > TINY, outflow, 1.0), np.inf
    )
    building = layout.construction_until[b] > q
    need = own_capex - np.minimum(ebitda, 0.0)
    return Outlook(
        ebitda=ebitda,
        interest=interest,
        cover=cover,
        collateral=worth,
        debt=debt,
        runway=runway,
        intermediary_runway=_intermediary_runway(state, ahead, now),
        covered_building=building[:, None] & (state.cash[b] >= need - TINY),
    )


def _cover(ebitda: np.ndarray, interest: np.ndarray) -> np.ndarray:
    """EBITDA over interest; infinite without interest."""
    return np.where(interest > TINY, ebitda / np.where(interest > TINY, interest, 1.0), np.inf)


def _capex_left(layout, q: int) -> np.ndarray:
    """Building cost of landlords still to be paid after quarter ``q``."""
    if q < 0:
        return layout.landlord_capex_left[:, 0] + layout.landlord_capex[:, 0]
    return layout.landlord_capex_left[:, min(q, layout.landlord_capex_left.shape[1] - 1)]


def _fleet_outlook(state, fleet, q, now, k, ebitda, unsafe, owed, sites, chips, own_capex) -> None:
    layout, m, plan = state.layout, state.market, fleet.plan
    fresh = fleet.built[q] if q >= 0 else 0.0
    fresh_revenue = fresh * fleet.price[q] if q >= 0 else 0.0
    payers = layout.structure.payer
    legacy_pays = state.alive(payers[plan.legacy_rows])
    new_pays = state.alive(payers[plan.new_rows])
    legacy_share = np.sum(plan.legacy_shares[:, None] * legacy_pays, axis=0)
    new_share = np.sum(plan.new_shares[:, None] * new_pays, axis=0)
    safe_legacy = np.sum(
        plan.legacy_shares[:, None] * legacy_pays * layout.reliable[payers[plan.legacy_rows]][:, None], axis=0
    )
    safe_new = np.sum(
        plan.new_shares[:, None] * new_pays * layout.reliable[payers[plan.new_rows]][:, None], axis=0
    )
    contracted = (
        legacy_share * plan.legacy_mw[q + 1] * plan.legacy_price
        + new_share * (fleet.new_revenue + fresh_revenue)
    ) / 1000.0
    cap = state.caps[plan.backstop] if plan.backstop >= 0 else np.zeros(state.n)
    price_share = layout.promises.share[plan.backstop] if plan.backstop >= 0 else 1.0
    spot, bought = operations.sell_free_capacity(
        fleet.free_value * plan.new_price / 1000.0, m.tightness[now], m.sold_share[now], price_share, cap
    )
    ebitda[k] = contracted + spot + bought - fleet.total_mw * plan.opex / 1000.0
    value, safe_ebitda = recovery.contract_value(fleet, state, max(q, -1), safe_legacy, safe_new)
    owed[k] = value
    unsafe[k] = ebitda[k] - safe_ebitda
    per_mw = plan.capex_per_mw / 1000.0
    sites[k] = fleet.total_mw * per_mw * (1.0 - plan.chip_share)
    chips[k] = recovery.chip_value(fleet, layout, q)
    coming = np.arange(q + 1, min(q + 5, plan.mw_added.size))
    access = borrowing.market_access(state, state.cover, now)[k]
    go = np.where(coming[:, None] < plan.committed, 1.0, access[None, :])
    own_capex[k] = (1.0 - plan.debt_share) * per_mw * np.sum(plan.mw_added[coming][:, None] * go, axis=0)


def _debt_ahead(state: State, q: int):
    """Debt, yearly interest, principal due within a year, and the interest on opening debt alone; USD bn."""
    layout = state.layout
    t, by_tranche = layout.tranches, state.sums["tranche"]
    live = state.alive(t.borrower) & ~state.settled
    balance = (t.balance[:, q] if q >= 0 else t.opening[:, 0])[:, None] * live
    ahead = min(q + 1, t.scheduled_next_year.shape[1] - 1)
    due = by_tranche(t.scheduled_next_year[:, ahead][:, None] * live)
    debt, interest = by_tranche(balance), by_tranche(balance * state.tranche_rate)
    if q < 0:
        return debt, interest, due, interest
    new = state.new_debt
    part = slice(max(0, q + 1 - int(layout.p("debt.term"))), q + 1)
    owed = new.level[:, part] + new.bullet[:, part]
    fresh = np.sum(owed, axis=1)
    all_interest = interest + 4.0 * np.sum(owed * new.rate[:, part], axis=1)
    return debt + fresh, all_interest, due + borrowing.due_within_a_year(new, layout, q), interest


def _with_residual_value(state: State, worth, debt, tau, q) -> np.ndarray:
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
    layout, i = state.layout, state.layout.intermediary
    p, leases = layout.p, layout.leases
    rents = (
        state.sums["lease_tenant"](renewed_rent(state, leases.forward, leases.forward_exit, ahead))[i] / 4.0
    )
    tau = np.minimum(state.market.tightness[now], p("market.intermediary_tau_cap"))
    fee = layout.markup_share * state.alive(np.array([layout.markup_tenant]))[0]
    follows = (1.0 - layout.markup_share) * tau ** p("market.intermediary_exponent")
    outflow = rents * (1.0 + p("market.intermediary_own_cost") - layout.markup * (fee + follows))
    return np.where(outflow > TINY, state.cash[i] / np.where(outflow > TINY, outflow, 1.0), np.inf)


def book_debt(state: State, quarter: Quarter, settled: Clearing, fresh: np.ndarray, q: int) -> np.ndarray:
    """Issue and repay new debt; turn the debt of a fresh failure into claims. Returns claims (claim, scenario).

    Claims are in the order: tranches, then level parts, then bullet parts of new debt by borrower.
    """
    layout = state.layout
    t, b, new = layout.tranches, layout.borrowers, state.new_debt
    borrowing.issue(new, layout, quarter.borrowed, quarter.borrow_rate, q)
    borrowing.settle(new, layout, q)
    state.settled |= (
        (quarter.residual_sale > 0)
        & np.isin(t.borrower, layout.promises.host)[:, None]
        & (t.balance[:, q] > 0)[:, None]
    )
    hit = fresh[b]
    if not hit.any():
        return np.zeros((len(t.ids) + 2 * len(b), state.n))
    amount, paid = quarter.amount, settled.paid
    unpaid = amount - paid
    claims = np.concatenate(
        [
            t.balance[:, q][:, None] + unpaid[t.row],
            np.sum(new.level[:, : q + 1], axis=1) + unpaid[layout.new_level_rows],
            np.sum(new.bullet[:, : q + 1], axis=1) + unpaid[layout.new_bullet_rows],
        ]
    )
    claims = claims * hit[layout.claim_place]
    borrowing.write_off(new, ~(state.failed[b] <= q), q)
    return claims


def start_estates(state: State, outlook: Outlook, claims: np.ndarray) -> None:
    """Share what a failed company's assets fetch among its creditors; paid out over the next four quarters."""
    if not claims.any():
        return
    layout = state.layout
    p = layout.p
    value = outlook.collateral * (1.0 - p("recovery.cost")) * state.levers["c"]
    for k in range(len(layout.borrowers)):
        rows = np.flatnonzero(layout.claim_place == k)
        state.recovery[rows] += recovery.by_seniority(value[k], claims[rows], layout.claim_seniority[rows])


def recovered_now(state: State, q: int) -> np.ndarray:
    """What creditors of failed companies receive in quarter ``q``, USD bn, (claim, scenario)."""
    layout = state.layout
    length = int(layout.p("recovery.quarters"))
    failed = state.failed[layout.borrowers].astype(int)
    paying = (failed < q) & (q <= failed + length)
    return state.recovery / length * paying[layout.claim_place]
