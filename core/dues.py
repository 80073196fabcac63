"""Step 2 to 4 of a quarter: what everybody earns from outside, owes inside, and can borrow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core import borrowing, operations, promises
from core.borrowing import DebtService
from core.layout import OPERATING, RENT
from core.operations import FleetQuarter
from core.state import State

WALK_AWAY_QUARTER = 4  # 2027 Q1: when lever fl lets Fluidstack stop paying (product.md)


@dataclass
class Quarter:
    """A quarter before clearing. ``amount`` is (ledger row, scenario), the rest (node or borrower, scenario)."""

    amount: np.ndarray
    cap_left: np.ndarray
    resources: np.ndarray
    caps: np.ndarray
    outside_income: np.ndarray
    withheld: np.ndarray
    fleets: list[FleetQuarter]
    scheduled: np.ndarray
    relet: np.ndarray
    tranche_interest: np.ndarray
    tranche_regular: np.ndarray
    tranche_final: np.ndarray
    converted: np.ndarray
    service: DebtService
    borrowed: np.ndarray
    rolled: np.ndarray
    equity: np.ndarray
    borrow_rate: np.ndarray
    residual_sale: np.ndarray
    called: np.ndarray
    investor_money: np.ndarray


def add_up(state: State, access: np.ndarray, q: int) -> Quarter:
    """Fill the ledger of quarter ``q`` and everybody's resources.

    Parameters
    ----------
    state : State
        Fleets move one quarter on; the rest is read.
    access : ndarray, (borrower, scenario)
        Market access of each borrower.
    q : int
        Quarter.
    """
    layout, n = state.layout, state.n
    amount = np.zeros((len(layout.rows), n))
    outside = np.zeros((len(layout.nodes), n))
    scheduled = np.zeros((len(layout.rows), n))
    relet = np.zeros((len(layout.nodes), n))
    caps = state.caps
    dead = state.failed <= q - 1
    ended = state.terminated(np.arange(len(layout.nodes)), q)
    factor = operations.relet_factor(state, q)

    walks = (~state.levers["fl"]) & (q >= WALK_AWAY_QUARTER)
    cap_left = _leases(state, amount, scheduled, relet, ended, factor, caps, q)
    fleets = _fleets(state, amount, scheduled, relet, ended, factor, access, caps, q)
    investors = np.zeros_like(outside)
    _intermediary(state, amount, scheduled, outside, investors, ended, walks, q)
    _labs(state, amount, scheduled, outside, ended, q)
    _landlords(state, amount, q)
    outside += relet
    for plan, fleet in zip(layout.fleets, fleets, strict=True):
        outside[plan.node] += fleet.spot
    outside[layout.wealthy] += (
        layout.wealthy_income[:, None] * state.market.dev[q] ** layout.wealthy_elasticity[:, None]
    )

    interest, regular, final, sale = _tranches(state, q)
    outside[layout.promises.host] += _residual(state, amount, interest, final, caps, sale, q)
    money = _borrow(state, amount, outside, fleets, access, interest, regular, final, q)
    _debt_rows(state, amount, interest, regular, final, money)

    resources = state.cash + outside
    resources[layout.borrowers] += money.borrowed + money.equity
    withheld = np.zeros_like(resources)
    if walks.any():
        withheld[layout.intermediary] = resources[layout.intermediary] * walks
        resources[layout.intermediary] -= withheld[layout.intermediary]
    _estates(state, amount, resources, outside, dead)
    return Quarter(
        amount=amount,
        cap_left=cap_left,
        resources=resources,
        caps=caps,
        outside_income=outside,
        withheld=withheld,
        fleets=fleets,
        scheduled=scheduled,
        relet=relet,
        tranche_interest=interest,
        tranche_regular=regular,
        tranche_final=final,
        converted=money.converted,
        service=money.service,
        borrowed=money.borrowed,
        rolled=money.rolled,
        equity=money.equity,
        borrow_rate=money.rate,
        residual_sale=sale,
        called=np.zeros_like(caps),
        investor_money=investors,
    )


def renewed_rent(state: State, kept: np.ndarray, exited: np.ndarray, q: int) -> np.ndarray:
    """A lease figure of quarter ``q`` with or without Meta's renewal, (lease, scenario)."""
    return np.where(state.levers["mr"][None, :], kept[:, q][:, None], exited[:, q][:, None])


def _leases(state, amount, scheduled, relet, ended, factor, caps, q) -> np.ndarray:
    """Fixed rents. An ended lease is still owed as far as a backstop stands behind it; the rest is re-let."""
    leases = state.layout.leases
    rent = renewed_rent(state, leases.rent, leases.rent_exit, q)
    backed = promises.lease_caps(state, caps)
    gone = ended[leases.tenant]
    owed = np.where(gone, np.minimum(rent, backed), rent)
    amount[leases.row] = owed
    scheduled[leases.row] = rent
    relet += state.sums["lease_host"]((rent - owed) * factor)
    cap_left = np.zeros_like(amount)
    cap_left[leases.row] = backed
    return cap_left


def _fleets(state, amount, scheduled, relet, ended, factor, access, caps, q) -> list[FleetQuarter]:
    """Compute fees by customer, running cost, building, and what the capacity backstop buys."""
    layout = state.layout
    out = []
    for fleet in state.fleets:
        plan = fleet.plan
        place = int(np.flatnonzero(layout.borrowers == plan.node)[0])
        cap = caps[plan.backstop] if plan.backstop >= 0 else np.zeros(state.n)
        alive = state.alive(np.array([plan.node]))[0]
        now = operations.run_fleet(fleet, state, access[place], cap * alive, q)
        for rows, shares, revenue in (
            (plan.legacy_rows, plan.legacy_shares, now.legacy_revenue),
            (plan.new_rows, plan.new_shares, now.new_revenue),
        ):
            fees = shares[:, None] * revenue
            gone = ended[layout.structure.payer[rows]]
            amount[rows] = np.where(gone, 0.0, fees)
            scheduled[rows] = fees
            relet[plan.node] += np.sum(np.where(gone, fees, 0.0), axis=0) * factor
        index = layout.row_index
        amount[index[f"cost:{plan.id}"]] = now.opex
        amount[index[f"site:{plan.id}"]] = now.site_lease
        amount[index[f"capex:{plan.id}"]] = now.capex * alive
        if plan.backstop >= 0:
            amount[layout.promises.row[plan.backstop]] = now.backstop
        out.append(now)
    return out


def _intermediary(state, amount, scheduled, outside, investors, ended, walks, q) -> None:
    """Fluidstack: half of its income is fees from its lab, half follows spot prices; a thin margin."""
    layout = state.layout
    p, i = layout.p, layout.intermediary
    rents = state.sums["lease_tenant"](renewed_rent(state, layout.leases.rent, layout.leases.rent_exit, q))[i]
    open_for_business = ~(ended[i] | walks)
    tau = np.minimum(state.market.tightness[q], p("market.intermediary_tau_cap"))
    fee = layout.markup_share * layout.markup * rents
    scheduled[layout.markup_row] = fee
    amount[layout.markup_row] = fee * open_for_business * ~ended[layout.markup_tenant]
    follows = (1.0 - layout.markup_share) * layout.markup * rents * tau ** p("market.intermediary_exponent")
    funding = layout.intermediary_funding[q] * operations.funding_share(state, q)
    own_cost = layout.p("market.intermediary_own_cost") * rents * open_for_business
    amount[layout.row_index[f"cost:{layout.nodes[i]}"]] = own_cost
    investors[i] = funding * open_for_business
    outside[i] += follows * open_for_business + investors[i]


def _labs(state, amount, scheduled, outside, ended, q) -> None:
    """Labs: revenue with demand, investors' money with confidence, a compute bill that is slow to fall."""
    layout, m = state.layout, state.market
    funding, kept = operations.funding_share(state, q), operations.bill_kept(state, q)
    for row, lab_number, _host, share, start in layout.bill_rows:
        lab = layout.labs[lab_number]
        fee = share * lab.bill[q] * (q >= start) * np.ones(state.n)
        scheduled[row] = fee
        amount[row] = fee * ~ended[lab.node]
    for lab in layout.labs:
        revenue = lab.revenue[q] * m.dev[q] ** lab.elasticity
        here = ~ended[lab.node]  # after the termination of its contracts a failed lab has left the web
        outside[lab.node] += (revenue + lab.funding[q] * funding) * here
        amount[layout.row_index[f"cost:{lab.id}"]] = lab.other_cost_share * revenue * here
        invoiced = np.sum(scheduled[layout.invoices[lab.id]], axis=0)
        amount[layout.row_index[f"bill:{lab.id}"]] = np.maximum(lab.bill[q] - invoiced, 0.0) * kept * here


def _landlords(state, amount, q) -> None:
    """Landlords pay the running cost of what they let, overhead, and the rest of their building."""
    layout = state.layout
    rents = state.sums["lease_host"](renewed_rent(state, layout.leases.rent, layout.leases.rent_exit, q))
    alive = state.alive(layout.landlords)
    amount[layout.landlord_cost_rows] = (1.0 - layout.landlord_margin)[:, None] * rents[
        layout.landlords
    ] + layout.landlord_overhead[:, None]
    amount[layout.landlord_capex_rows] = layout.landlord_capex[:, q][:, None] * alive


def _tranches(state, q):
    """Interest and principal of opening debt; debt whose asset was sold at the first exit is repaid early."""
    t = state.layout.tranches
    live = state.alive(t.borrower) & ~state.settled
    interest = t.opening[:, q][:, None] * state.tranche_rate / 4.0 * live
    regular = t.regular[:, q][:, None] * live
    final = t.final[:, q][:, None] * live
    return interest, regular, final, np.zeros(state.n)


def _residual(state, amount, interest, final, caps, sale, q) -> np.ndarray:
    """Meta leaves: the campus is sold, the notes fall due at once, and the guarantor pays what is missing."""
    layout = state.layout
    pr, t = layout.promises, layout.tranches
    income = np.zeros((len(pr.ids), state.n))
    for i, kind in enumerate(pr.kind):
        if kind != promises.RESIDUAL_VALUE or q != pr.start[i]:
            continue
        node = pr.host[i]
        leaves = ~state.levers["mr"] & state.alive(np.array([node]))[0]
        rows = np.flatnonzero(t.borrower == node)
        value = layout.site_cost[node] * pr.share[i] * state.market.tightness[q]
        notes = np.sum(t.opening[rows, q]) * np.ones(state.n)
        income[i] = value * leaves
        amount[pr.row[i]] = promises.residual_call(notes, value, caps[i]) * leaves
        final[rows] = np.where(leaves, t.opening[rows, q][:, None], final[rows])
        sale += value * leaves
    return income


@dataclass
class _Money:
    borrowed: np.ndarray
    rolled: np.ndarray
    equity: np.ndarray
    converted: np.ndarray
    service: DebtService
    rate: np.ndarray


def _borrow(state, amount, outside, fleets, access, interest, regular, final, q) -> _Money:
    """Roll what falls due, finance building, keep CoreWeave's cash up: each as far as lenders allow."""
    layout, levers = state.layout, state.levers
    t, p = layout.tranches, layout.p
    b = layout.borrowers
    service = borrowing.new_debt_service(state.new_debt, layout, q)
    by_tranche = state.sums["tranche"]
    # Shareholders look at the business, not at how it was financed since: with cover of all debt here, a company
    # that could roll more in an earlier year would convert less in a later one, and wider spreads would help.
    willing = borrowing.market_access(state, state.opening_cover, q)
    converts = t.convertible[:, None] * final * willing[layout.tranche_place]
    bullets = by_tranche(
        final * ~t.convertible[:, None] * layout.rolls[:, None]
    ) + service.bullet_due * state.alive(b)
    rolled = access * bullets
    borrowed = rolled.copy()
    equity = np.zeros_like(borrowed)
    for fleet, now in zip(state.fleets, fleets, strict=True):
        plan = fleet.plan
        k = int(np.flatnonzero(b == plan.node)[0])
        alive = state.alive(b[k : k + 1])[0]
        capex = now.capex * alive
        equity[k] = plan.equity_raise[q] * access[k]
        borrowed[k] = borrowed[k] + plan.debt_share * capex
        rows = np.concatenate([plan.legacy_rows, plan.new_rows])
        pays = state.alive(layout.structure.payer[rows])
        expected = np.sum(amount[rows] * pays, axis=0) + now.backstop + outside[plan.node]
        amortisation = by_tranche(regular)[k] + service.level_principal[k]
        principal = (
            by_tranche(regular + final - converts)[k] + service.level_principal[k] + service.bullet_due[k]
        )
        spent = now.opex + now.site_lease + capex + by_tranche(interest)[k] + service.interest[k] + principal
        target = p("debt.cash_target") * layout.cash[plan.node]
        gap = target - (state.cash[plan.node] + expected + borrowed[k] + equity[k] - spent)
        may_roll = plan.roll_share * access[k] * amortisation * (levers["f"] == borrowing.OPEN)
        kept = np.clip(gap, 0.0, may_roll)
        drawn = np.clip(gap - kept, 0.0, fleet.undrawn) * alive
        fleet.undrawn = fleet.undrawn - drawn
        topped = np.maximum(gap - kept - drawn, 0.0) * access[k]
        borrowed[k] = borrowed[k] + kept + drawn + topped
    spread = np.maximum(borrowing.coverage_spread(layout, state.cover) + levers["s"], 0.0)
    return _Money(borrowed, rolled, equity, converts, service, levers["r"] + spread)


def _debt_rows(state, amount, interest, regular, final, money) -> None:
    layout = state.layout
    alive = state.alive(layout.borrowers)
    s = money.service
    amount[layout.tranches.row] = interest + regular + final - money.converted
    amount[layout.new_level_rows] = (s.level_interest + s.level_principal) * alive
    amount[layout.new_bullet_rows] = (s.interest - s.level_interest + s.bullet_due) * alive


def _estates(state, amount, resources, outside, dead) -> None:
    """A failed host keeps running: its new owner pays running cost in full and takes what is left."""
    layout = state.layout
    hosts = layout.borrowers
    if not dead[hosts].any():
        return
    owed = (layout.structure.owed_by_key @ amount).reshape(-1, len(layout.nodes), state.n)
    top_up = np.where(dead[hosts], (owed[OPERATING] + owed[RENT])[hosts], 0.0)
    resources[hosts] += top_up
    outside[hosts] += top_up
