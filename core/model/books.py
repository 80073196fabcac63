"""Step 6 of a quarter: cash, failures and causes, calls, recoveries; and the look ahead that follows."""

from __future__ import annotations

import numpy as np

from core.compiled.jit import rule
from core.layout.layout import DUST, MILLIONS
from core.model import borrowing
from core.model.market import QUARTERS_PER_YEAR, clip
from core.model.operations import on_order, planned, sell_free_capacity
from core.model.promises import renew_caps, residual_call
from core.model.recovery import chip_value, collateral, contract_value
from core.model.state import COUNTERPARTY, MATURITY, OWN_LIQUIDITY, living_customers
from core.model.terms import let_to_intermediary

TINY = 1e-9  # USD bn: one dollar
YEAR = float(QUARTERS_PER_YEAR)


@rule
def close(web, due, done, s, q):
    """Book a cleared quarter: cash, calls, what failed counterparties kept back, who fails and why.

    Returns whether somebody failed in this quarter.
    """
    kept_back(web, due, done, s)
    anybody = False
    for node in range(done.wave.size):
        s.fresh[node] = done.wave[node] > 0 and s.failed[node] == web.never
        if s.fresh[node]:
            anybody = True
            why(web, due, done, s, node)
    if anybody:
        for node in range(done.wave.size):
            if s.fresh[node]:
                s.failed[node], s.living[node] = q, 0
    if anybody or s.cut_anew:
        for f in range(web.fleet.size):
            living_customers(web, s, f)
    calls(web, due, done, s)
    cash(web, due, done, s)
    return anybody


@rule
def kept_back(web, due, done, s):
    """Add up, by contract, what payers who have failed or cut their contracts have not paid, and what hosts
    earned by re-letting."""
    for c in range(web.contract.size):
        row = web.contract[c]
        payer = web.row.payer[row]
        if done.wave[payer] > 0 or not s.living[payer] or s.haircut[payer] > 0.0:
            s.lost[c] += due.scheduled[row] - (done.paid[row] + done.called_paid[row])
    for node in range(s.relet.size):
        s.relet[node] += due.relet[node]


@rule
def calls(web, due, done, s):
    """Add what givers paid to what was called of each promise."""
    for i in range(web.promise.cap.size):
        row, lease_row = web.promise.row[i], web.promise.lease_row[i]
        due.called[i] = 0.0
        if lease_row >= 0:
            due.called[i] = done.called_paid[lease_row]
        if row >= 0:
            due.called[i] = done.paid[row]
        s.called[i] += due.called[i]


@rule
def cash(web, due, done, s):
    """Cash at the end of the quarter.

    Rich companies pay out what they have beyond the cash of the snapshot date; those of whose building
    nothing is known always start a quarter with it.
    """
    for node in range(s.cash.size):
        s.cash[node] = done.closing[node] + due.withheld[node]
    for w in range(web.wealthy.node.size):
        node = web.wealthy.node[w]
        s.cash[node] = kept_by_rich(web, w, s.cash[node])
    for i in range(web.sink.size):
        s.cash[web.sink[i]] = 0.0
    for k in range(web.borrower.node.size):
        if not s.living[web.borrower.node[k]]:
            s.cash[web.borrower.node[k]] = 0.0


@rule
def kept_by_rich(web, w, closing):
    """Cash that a rich company takes into the next quarter, USD bn."""
    start = web.node.cash[web.wealthy.node[w]]
    return min(closing, start) if web.wealthy.spends[w] else start


@rule
def why(web, due, done, s, node):
    """Why a node fails: its own doing, a maturity, or a counterparty that had failed before.

    A failure is contagion if what failed counterparties have kept back since they failed (less backstop and
    re-letting) would have covered what is missing now.
    """
    missing = done.shortfall[node]
    s.wave[node], s.shortfall[node], s.source[node] = done.wave[node], missing, -1
    s.cause[node] = MATURITY if unrolled(web, due, node) >= missing - TINY else OWN_LIQUIDITY
    total, most, worst = 0.0, -np.inf, -1
    for debtor in range(s.failed.size):
        lost, owes = lost_to(web, s, debtor, node)
        total += lost
        if owes and lost > most:
            most, worst = lost, debtor
    total -= s.relet[node]
    if total >= missing - TINY and total > TINY:
        s.cause[node], s.source[node] = COUNTERPARTY, worst


@rule
def unrolled(web, due, node):
    """What fell due to lenders of a node and was neither rolled over nor turned into shares, USD bn."""
    for k in range(web.borrower.node.size):
        if web.borrower.node[k] == node:
            matures = due.bullets[k] + due.convertible[k] - due.converted[k] + due.service.bullet_due[k]
            return matures - due.rolled[k]
    return 0.0


@rule
def lost_to(web, s, debtor, node):
    """What a debtor has kept back from a node since it failed, USD bn, and whether it owes it at all."""
    lost, owes = 0.0, False
    for c in range(web.contract.size):
        row = web.contract[c]
        if web.row.payer[row] == debtor and web.row.payee[row] == node:
            lost += s.lost[c]
            owes = True
    return lost, owes


@rule
def book_debt(web, lever, due, done, s, anybody_failed, q):
    """Issue and repay new debt; turn the debt of a fresh failure into claims, USD bn.

    Claims are in the order: tranches, then level parts, then bullet parts of new debt by borrower.
    """
    for k in range(web.borrower.node.size):
        borrowing.issue(web.p, s.debt, k, due.borrowed[k], due.borrow_rate[k], q)
        borrowing.settle(web.p, s.debt, k, q)
        if due.exit_due[k] > 0.0:
            s.settled[k] = 1
    for i in range(web.claim.place.size):
        s.claims[i] = 0.0
    if anybody_failed:
        for k in range(web.borrower.node.size):
            if s.fresh[web.borrower.node[k]]:
                claim_debt(web, lever, due, done, s, k, q)
                borrowing.write_off(s.debt, k)


@rule
def claim_debt(web, lever, due, done, s, k, q):
    """What creditors of borrower ``k`` are owed as it fails: balances, and what was due now and not paid."""
    tranches, borrowers = web.tranche.row.size, web.borrower.node.size
    for t in range(tranches):
        if web.tranche.place[t] == k:
            owed = tranche_due(web, lever, due, t, q)
            balance = 0.0 if s.settled[k] else web.tranche.balance[t, q]
            s.claims[t] = balance + owed - tranche_paid(web, due, done, t, owed)
    level_row, bullet_row = web.borrower.level_row[k], web.borrower.bullet_row[k]
    level, bullet = 0.0, 0.0
    for i in range(q + 1):
        level += s.debt.level[k, i]
        bullet += s.debt.bullet[k, i]
    s.claims[tranches + k] = level + (due.amount[level_row] - done.paid[level_row])
    s.claims[tranches + borrowers + k] = bullet + (due.amount[bullet_row] - done.paid[bullet_row])


@rule
def tranche_due(web, lever, due, t, q):
    """Due in cash on an opening tranche, USD bn."""
    tranche, k = web.tranche, web.tranche.place[t]
    owed = (tranche.cash_due[t, q] + tranche.cash_floats[t, q] * lever.r) * due.live[k]
    owed += tranche.final_shares[t, q] * due.live[k] * (1.0 - due.willing[k])
    return owed + tranche.opening[t, q] / max(web.borrower.opening[k, q], DUST) * due.exit_due[k]


@rule
def tranche_paid(web, due, done, t, owed):
    """Paid on an opening tranche: pro rata inside its class, USD bn."""
    row = web.tranche.row[t]
    if due.amount[row] > DUST:
        return owed * (done.paid[row] / due.amount[row])
    return owed


@rule
def look_ahead(web, lever, path, s, view, q):
    """What lenders see at the end of quarter ``q`` (-1: the snapshot date): cover, collateral, runway.

    The next quarter's market access follows from it.
    """
    renew_caps(web, s, q + 1)
    borrowing.new_debt_service(web.p, s.debt, s.service, q + 1)
    for k in range(web.borrower.node.size):
        landlord_outlook(web, lever, s, view, k, q)
    for f in range(web.fleet.size):
        fleet_outlook(web, path, s, view, f, q)
    for o in range(web.operator.node.size):
        operator_outlook(web, lever, path, s, view, o, q)
    for k in range(web.borrower.node.size):
        debt_outlook(web, lever, s, view, k, q)
    worth(web, path, s, view, q)
    for k in range(web.borrower.node.size):
        lenders_view(web, s, view, k, q)
    covenants(web, s, view)
    intermediary_runway(web, lever, path, s, view, q)


@rule
def landlord_outlook(web, lever, s, view, k, q):
    """A borrower's next year from its leases: of all that pay, of sound tenants; and what these owe."""
    lease, borrower = web.lease, web.borrower
    ebitda, safe_ebitda, owed = 0.0, 0.0, 0.0
    for i in range(lease.host.size):
        if lease.host[i] != borrower.node[k]:
            continue
        forward, value = lease.rent_ahead[lever.mr, i, q + 1], lease.rent_value[lever.mr, i, q + 1]
        tenant = lease.tenant[i]
        pays, backed, kept = s.living[tenant], s.backed[i], 1.0 - s.haircut[tenant]
        forward, value = forward * kept, value * kept
        reliable = pays and lease.reliable[i]
        ebitda += (forward if pays else min(forward, backed)) * lease.margin[i]
        safe_ebitda += (forward if reliable else min(forward, backed)) * lease.margin[i]
        owed += (value if reliable else min(value, backed)) * lease.margin[i]
    view.ebitda[k] = ebitda - borrower.overhead_ahead[k]
    view.unsafe[k] = ebitda - safe_ebitda - borrower.overhead_ahead[k]
    view.owed[k] = owed
    view.sites[k], view.chips[k] = borrower.sites[k, q + 1], borrower.chips[k, q + 1]
    view.own_capex[k] = borrower.own_capex_ahead[k, q + 1]
    view.free_share[k], view.undrawn[k] = 1.0, 0.0


@rule
def fleet_outlook(web, path, s, view, f, q):
    """A compute host's next year: contracts that pay, free capacity, running cost, own share of building."""
    plan, fleet, now = web.fleet[f], s.fleet[f], max(q, 0)
    k = plan.place
    new_revenue, new_mw, free_mw = fleet.new_revenue, fleet.new_mw, fleet.free_value
    if q >= 0:
        new_revenue += fleet.signed[q] * fleet.price[q]
        new_mw += fleet.signed[q]
        free_mw += fleet.built[q] - fleet.signed[q]
    contracted = fleet.legacy * (plan.legacy_mw[q + 1] * plan.legacy_price) + fleet.new * new_revenue
    free, cap = free_mw * (plan.new_price / MILLIONS), 0.0
    if plan.backstop >= 0:
        cap = s.caps[plan.backstop]
    spot, bought = sell_free_capacity(free, path.tightness[now], path.sold_share[now], plan.price_share, cap)
    view.ebitda[k] = (contracted - fleet.total_mw * plan.opex) / MILLIONS + spot + bought
    view.owed[k], safe_ebitda = contract_value(web.p, plan, fleet, q)
    view.unsafe[k] = view.ebitda[k] - safe_ebitda
    halls = fleet.total_mw + on_order(plan, fleet, q)
    view.sites[k] = halls * (plan.capex_per_mw * (1.0 - plan.chip_share))
    view.chips[k] = chip_value(plan, fleet, q)
    safe_mw = fleet.safe_legacy * plan.legacy_mw[q + 1] + fleet.safe_new * new_mw
    view.free_share[k] = clip(1.0 - safe_mw / fleet.total_mw, 0.0, 1.0)
    view.undrawn[k] = fleet.undrawn
    own_building(plan, fleet, view, path.growth[now], s.access[k], q)


@rule
def operator_outlook(web, lever, path, s, view, o, q):
    """An operator's next year: its own business, what tenants pay less the cost of serving them, its rents.

    Its creditors look at what it earns, not at what it has built.
    """
    operator, now = web.operator, max(q, 0)
    node, k = operator.node[o], operator.place[o]
    ebitda = operator.core_ahead[o, q + 1] * path.dev[now] ** operator.elasticity[o]
    for i in range(web.bill.row.size):
        if web.bill.host[i] == node:
            tenant = web.lab.node[web.bill.lab[i]]
            pays = 1.0 - s.haircut[tenant] if s.living[tenant] else path.relet[now]
            ebitda += web.bill.ahead[i, q + 1] * (pays - 1.0 + operator.contract_margin[o])
    for i in range(web.lease.row.size):
        if web.lease.tenant[i] == node and s.living[node]:
            ebitda -= web.lease.rent_ahead[lever.mr, i, q + 1]
    view.ebitda[k] = view.unsafe[k] = ebitda
    ahead, certain = 0.0, 0.0
    for i in range(q + 1, min(q + 1 + QUARTERS_PER_YEAR, operator.capex.shape[1])):
        ahead += operator.capex[o, i]
        if i < operator.committed[o]:
            certain += operator.capex[o, i]
    view.own_capex[k] = (certain + (ahead - certain) * s.access[k]) * (1.0 - s.access[k])


@rule
def covenants(web, s, view):
    """How far an operator is below its covenant, 0 to 1, and the collateral that it has to post, USD bn."""
    operator = web.operator
    for o in range(operator.node.size):
        cover, width = view.cover[operator.place[o]], max(operator.covenant_range[o], TINY)
        s.breach[o] = clip((operator.covenant_cover[o] - cover) / width, 0.0, 1.0)
        below = clip((operator.collateral_cover[o] - cover) / width, 0.0, 1.0)
        s.posted[o] = operator.collateral_call[o] * below


@rule
def own_building(plan, fleet, view, growth, access, q):
    """What a compute host itself pays for building in the next four quarters: what is certain, and the rest
    as far as lenders give their part."""
    certain, meant = 0.0, 0.0
    for i in range(q + 1, min(q + 1 + QUARTERS_PER_YEAR, plan.mw_added.size - plan.order_lead)):
        mw = planned(plan, fleet, growth, i + plan.order_lead, q)
        meant += mw
        if i < plan.committed:
            certain += mw
    if meant != 0.0:
        own_share = (1.0 - plan.debt_share) * plan.capex_per_mw
        view.own_capex[plan.place] = own_share * (certain + (meant - certain) * access)


@rule
def debt_outlook(web, lever, s, view, k, q):
    """Debt, yearly interest, principal due within a year, and the interest on opening debt alone; USD bn.

    Of what falls due at once only that part counts which lenders would not roll, nor holders take in shares,
    at today's terms.
    """
    debt, at = web.borrower, max(q, 0)
    live = s.living[debt.node[k]] and not s.settled[k]
    ahead = min(q + 1, debt.next_year.shape[1] - 1)
    refused, unconverted = 1.0 - s.access[k], 1.0 - s.willing[k]
    due = debt.next_year[k, ahead] + refused * debt.next_year_rollable[k, ahead]
    due = (due + unconverted * debt.next_year_convertible[k, ahead]) * live
    if q < 0:  # the opening of quarter 0 is the end of the snapshot date
        view.debt[k] = debt.opening[k, 0] * live
        quarterly = debt.fixed_interest[k, 0] + debt.floats[k, 0] * lever.r
        view.opening_interest[k] = view.interest[k] = YEAR * quarterly * live
        view.principal[k] = due
        return
    quarterly = debt.end_fixed_interest[k, at] + debt.end_floats[k, at] * lever.r
    level, bullet = borrowing.outstanding(web.p, s.debt, k, q)
    view.debt[k] = debt.balance[k, at] * live + (level + bullet)
    view.opening_interest[k] = YEAR * quarterly * live
    view.interest[k] = view.opening_interest[k] + borrowing.interest_ahead(web.p, s.debt, k, q)
    view.principal[k] = due + borrowing.due_within_a_year(web.p, s.debt, s.service, refused, k, q)


@rule
def worth(web, path, s, view, q):
    """What creditors could realise, and what assets are worth to a company that goes on, USD bn.

    A going concern keeps its sites at cost and all its chips; only a sale in distress loses half of them. A
    residual value guarantee lifts what creditors can realise: sale value first, then the guarantor.
    """
    p, promise = web.p, web.promise
    tau = path.tightness[max(q, 0)]
    chip_price = tau**p.recovery_tau_exponent
    for k in range(web.borrower.node.size):
        chips = view.chips[k] * view.free_share[k] * chip_price
        sites = view.sites[k] * web.borrower.site_share[k]
        view.collateral[k] = collateral(p, view.unsafe[k], chips, sites, view.owed[k])
    for i in range(promise.cap.size):
        if promise.is_residual[i]:
            k = promise.place[i]
            best = max(view.collateral[k], web.node.site_cost[promise.host[i]] * promise.share[i] * tau)
            view.collateral[k] = best + residual_call(view.debt[k], best, promise.cap[i])
    for o in range(web.operator.node.size):
        k = web.operator.place[o]
        view.collateral[k] = web.operator.value_multiple[o] * max(view.ebitda[k], 0.0)
    for k in range(web.borrower.node.size):
        view.assets[k] = max(view.collateral[k], view.chips[k] * chip_price + view.sites[k])


@rule
def cover(means, need):
    """Means over need; infinite without need."""
    return means / need if need > TINY else np.inf


@rule
def lenders_view(web, s, view, k, q):
    """Cover of interest, quarters that cash will last, and whether building under way is paid for."""
    node, ebitda, own_capex = web.borrower.node[k], view.ebitda[k], view.own_capex[k]
    s.cover[k] = view.cover[k] = cover(ebitda, view.interest[k])
    s.opening_cover[k] = cover(ebitda, view.opening_interest[k])
    outflow = (view.interest[k] + view.principal[k] + own_capex - ebitda) / YEAR
    view.runway[k] = cover(s.cash[node] + view.undrawn[k], outflow)
    need = own_capex - min(ebitda, 0.0)
    view.covered_building[k] = web.borrower.building_until[k] > q and s.cash[node] >= need - TINY


@rule
def intermediary_runway(web, lever, path, s, view, q):
    """Quarters the intermediary's cash lasts at today's spot prices and next year's rents."""
    middle, now = web.middle, max(q, 0)
    follows = (1.0 - middle.markup_share) * path.through_follows[now]
    lab = middle.markup_tenant
    fee = middle.markup_share * s.living[lab] * (1.0 - s.haircut[lab]) + follows
    own_cost = 1.0 + web.p.market_intermediary_own_cost
    rents = let_to_intermediary(web, web.lease.rent_ahead, lever, q + 1) / YEAR
    view.intermediary_runway = cover(s.cash[middle.node], rents * (own_cost - middle.markup * fee))
