"""Step 2 to 4 of a quarter: what everybody earns from outside, owes inside, and can borrow.

Rules fill ``due``, the quarter before clearing, from the state ``s`` that the last quarter left.
"""

from __future__ import annotations

from core.compiled.jit import rule
from core.finance.clearing import OPERATING, RENT
from core.layout.layout import DUST
from core.model.borrowing import coverage_spread
from core.model.market import clip
from core.model.operations import run_fleet
from core.model.promises import residual_call
from core.model.terms import OPEN, let_to_intermediary


@rule
def terminated(p, s, node, q):
    """Whether the contracts of a node have been ended for non-payment."""
    return s.failed[node] + p.market_termination <= q


@rule
def walks_away(web, lever, q):
    """Whether the intermediary stops paying of its own will."""
    return not lever.fl and q >= web.middle.walk_away


@rule
def add_up(web, lever, path, s, due, q):
    """Fill the ledger of quarter ``q`` and everybody's resources; fleets move one quarter on."""
    start_quarter(web, s, due)
    leases(web, lever, path, s, due, q)
    fleets(web, lever, path, s, due, q)
    intermediary(web, lever, path, s, due, q)
    labs(web, path, s, due, q)
    renegotiate(web, path, s, due, q)
    landlords(web, lever, s, due, q)
    operators(web, lever, path, s, due, q)
    outside_income(web, path, due, q)
    rich_givers(web, s, due, q)
    opening_debt(web, lever, s, due, q)
    residual_values(web, lever, path, s, due, q)
    borrow(web, lever, s, due, q)
    debt_rows(web, lever, s, due, q)
    resources(web, lever, s, due, q)
    estates(web, s, due)


@rule
def start_quarter(web, s, due):
    """An empty ledger, the caps as they stand, the service of new debt as foreseen."""
    for row in range(web.row.payer.size):
        due.amount[row], due.scheduled[row], due.cap_left[row] = 0.0, 0.0, 0.0
    for node in range(web.node.cash.size):
        due.outside[node], due.relet[node], due.investors[node], due.withheld[node] = 0.0, 0.0, 0.0, 0.0
        due.cash_before[node] = s.cash[node]
    for i in range(web.promise.cap.size):
        due.caps[i] = s.caps[i]
    for k in range(web.borrower.node.size):
        due.service.interest[k] = s.service.interest[k]
        due.service.level_interest[k] = s.service.level_interest[k]
        due.service.level_principal[k] = s.service.level_principal[k]
        due.service.bullet_due[k] = s.service.bullet_due[k]
        due.exit_due[k], due.equity[k], due.borrowed[k] = 0.0, 0.0, 0.0


@rule
def leases(web, lever, path, s, due, q):
    """Fixed rents. An ended lease is still owed as far as a backstop stands behind it; the rest is re-let."""
    lease = web.lease
    for k in range(lease.row.size):
        row, rent = lease.row[k], lease.rent[lever.mr, k, q]
        due.scheduled[row] = due.amount[row] = rent
        due.cap_left[row] = s.backed[k]
        if terminated(web.p, s, lease.tenant[k], q):
            due.amount[row] = min(rent, s.backed[k])
            due.relet[lease.host[k]] += (rent - due.amount[row]) * path.relet[q]


@rule
def fleets(web, lever, path, s, due, q):
    """Compute fees by customer, running cost, building, and what the capacity backstop buys."""
    for f in range(web.fleet.size):
        plan, now = web.fleet[f], due.fleet[f]
        alive = s.living[plan.node]
        cap = due.caps[plan.backstop] * alive if plan.backstop >= 0 else 0.0
        run_fleet(web.p, lever, path, plan, s.fleet[f], now, due.access[plan.place], cap, q)
        ended = 0.0
        for c in range(plan.fee_row.size):
            row = plan.fee_row[c]
            fees = (now.legacy_revenue if plan.is_legacy[c] else now.new_revenue) * plan.fee_share[c]
            due.scheduled[row] = due.amount[row] = fees
            if terminated(web.p, s, web.row.payer[row], q):
                due.amount[row] = 0.0
                ended += fees
        due.relet[plan.node] += ended * path.relet[q]
        due.amount[plan.cost_row] = now.opex
        due.amount[plan.site_row] = now.site_lease
        due.amount[plan.capex_row] = now.capex * alive
        if plan.backstop >= 0:
            due.amount[web.promise.row[plan.backstop]] = now.backstop


@rule
def intermediary(web, lever, path, s, due, q):
    """Fluidstack's fee from its lab, its other income, its own cost: half its income follows spot prices."""
    p, middle = web.p, web.middle
    rents = let_to_intermediary(web, web.lease.rent, lever, q)
    income = middle.markup * rents
    due.scheduled[middle.markup_row] = middle.markup_share * income
    if terminated(p, s, middle.node, q) or walks_away(web, lever, q):
        return
    if not terminated(p, s, middle.markup_tenant, q):
        due.amount[middle.markup_row] = middle.markup_share * income
    due.amount[middle.cost_row] = p.market_intermediary_own_cost * rents
    due.investors[middle.node] = middle.funding[q] * path.confidence[q]
    spot = (1.0 - middle.markup_share) * income * path.through_follows[q]
    due.outside[middle.node] = spot + due.investors[middle.node]


@rule
def labs(web, path, s, due, q):
    """Labs: income, other cost, and the part of the compute bill that the modelled hosts do not invoice."""
    lab, bill = web.lab, web.bill
    for i in range(bill.row.size):
        row, a = bill.row[i], bill.lab[i]
        due.scheduled[row] = bill.share[i] * lab.bill[a, q] if q >= bill.start[i] else 0.0
        due.amount[row] = due.scheduled[row]
        if terminated(web.p, s, lab.node[a], q):
            due.amount[row] = 0.0
            let_anew(web, path, due, bill.host[i], due.scheduled[row], q)
    for a in range(lab.node.size):
        if terminated(web.p, s, lab.node[a], q):
            continue  # after the termination of its contracts a failed lab has left the web
        revenue = path.lab_revenue[q, a]
        due.outside[lab.node[a]] += revenue + lab.funding[a, q] * path.confidence[q]
        due.amount[lab.cost_row[a]] = lab.cost_share[a] * revenue
        here, row = invoiced(web, due, lab.node[a]), lab.bill_row[a]
        if lab.signed_share[a] < 0.0:
            due.scheduled[row] = max(lab.bill[a, q] - here, 0.0) * path.bill_kept[q]
        else:
            more = discretionary(lab, path, a, here, q)
            due.scheduled[row] = max(signed_bill(lab, a, q) - here, 0.0) + more
        due.amount[row] = due.scheduled[row]


@rule
def let_anew(web, path, due, host, owed, q):
    """What an operator earns with the capacity of a tenant that is gone."""
    for o in range(web.operator.node.size):
        if web.operator.node[o] == host:
            due.relet[host] += owed * path.relet[q]


@rule
def signed_bill(lab, a, q):
    """What a lab owes for computing by contract in a quarter, here and elsewhere, USD bn."""
    return lab.signed_share[a] * lab.bill[a, q]


@rule
def discretionary(lab, path, a, here, q):
    """What a lab buys beyond its contracts: it follows demand, USD bn."""
    return max(lab.bill[a, q] - max(signed_bill(lab, a, q), here), 0.0) * path.dev[q]


@rule
def renegotiate(web, path, s, due, q):
    """Labs that burn too fast for their cash cut what they owe by contract, until they can pay again.

    With less cash than ``renegotiate_below`` quarters of what the contracts as signed make it burn, a lab
    asks every host for the same cut; hosts agree, because a failed lab pays less. What was agreed holds until
    its cash lasts that long, and fades until it lasts twice as long.
    """
    lab, wanted, most = web.lab, web.p.labs_renegotiate_below, web.p.labs_haircut_most
    s.cut_anew = 0
    if wanted <= 0.0:
        return
    for a in range(lab.node.size):
        node = lab.node[a]
        here = invoiced(web, due, node)
        if s.living[node]:
            burn = (
                here + due.scheduled[lab.bill_row[a]] + due.amount[lab.cost_row[a]] - path.lab_revenue[q, a]
            )
            eased = 0.0
            if burn > DUST:
                lasts = s.cash[node] / (wanted * burn)
                s.agreed[node] = max(s.agreed[node], clip(1.0 - lasts, 0.0, most))
                eased = s.agreed[node] * clip(2.0 - lasts, 0.0, 1.0)
            if eased != s.haircut[node]:
                s.haircut[node], s.cut_anew = eased, 1
            if eased > 0.0:
                s.renegotiated[node] = min(s.renegotiated[node], q)
        cut = s.haircut[node]
        if cut <= 0.0 or terminated(web.p, s, node, q):
            continue  # of a contract that has ended only what a giver stands behind is due
        for c in range(web.contract.size):
            if web.row.payer[web.contract[c]] == node:
                due.amount[web.contract[c]] *= 1.0 - cut
        if lab.signed_share[a] >= 0.0:
            signed = max(signed_bill(lab, a, q) - here, 0.0)
            due.amount[lab.bill_row[a]] = max(due.amount[lab.bill_row[a]] - cut * signed, 0.0)


@rule
def invoiced(web, due, node):
    """What the modelled hosts invoice a tenant in a quarter by contract, USD bn."""
    total = 0.0
    for c in range(web.contract.size):
        if web.row.payer[web.contract[c]] == node:
            total += due.scheduled[web.contract[c]]
    return total


@rule
def landlords(web, lever, s, due, q):
    """Landlords pay the running cost of what they let, overhead, and the rest of their building."""
    landlord, lease = web.landlord, web.lease
    for j in range(landlord.node.size):
        rent = 0.0
        for k in range(lease.host.size):
            if lease.host[k] == landlord.node[j]:
                rent += lease.rent[lever.mr, k, q]
        due.amount[landlord.cost_row[j]] = (1.0 - landlord.margin[j]) * rent + landlord.overhead[j]
        due.amount[landlord.capex_row[j]] = landlord.capex[j, q] * s.living[landlord.node[j]]


@rule
def operators(web, lever, path, s, due, q):
    """Operators: their own business, the cost of what they run for tenants, building, and what they pay out.

    Building and shares beyond the committed part, and paying out, wait for market access; in breach of its
    covenant a company pays nothing out.
    """
    operator = web.operator
    for o in range(operator.node.size):
        node, k = operator.node[o], operator.place[o]
        alive, access = s.living[node], due.access[k]
        go = 1.0 if lever.as_planned or q < operator.committed[o] else access
        due.outside[node] += path.core_income[q, o]
        served = 0.0
        for c in range(web.contract.size):
            if web.row.payee[web.contract[c]] == node:
                served += due.scheduled[web.contract[c]]
        due.amount[operator.cost_row[o]] = (1.0 - operator.contract_margin[o]) * served
        due.amount[operator.capex_row[o]] = operator.capex[o, q] * go * alive
        due.amount[operator.payout_row[o]] = operator.payout[o, q] * access * (1.0 - s.breach[o]) * alive
        due.equity[k] = operator.equity_raise[o, q] * go * alive


@rule
def rich_givers(web, s, due, q):
    """Rich companies that build: beyond cash flow it comes out of their cash, then is borrowed.

    Their cash flow is what is left after they have paid their hosts, so what they owe these here comes on top
    of it. They keep a buffer, the share ``givers.buffer`` of the cash of the snapshot date; what is missing
    to it they borrow, which at their ratings is not in question.
    """
    rich = web.wealthy
    for w in range(rich.node.size):
        due.giver_borrowed[w] = 0.0
        if not rich.spends[w]:
            continue
        node, owed = rich.node[w], 0.0
        for c in range(web.contract.size):
            if web.row.payer[web.contract[c]] == node:
                owed += due.amount[web.contract[c]]
        due.outside[node] += owed - rich.capex[w, q]
        left = s.cash[node] + due.outside[node] - owed
        due.giver_borrowed[w] = max(web.p.givers_buffer * web.node.cash[node] - left, 0.0)
        due.outside[node] += due.giver_borrowed[w]


@rule
def outside_income(web, path, due, q):
    """What comes from outside beside the money of labs and intermediary: re-letting, spot, Big Tech."""
    for node in range(due.outside.size):
        due.outside[node] += due.relet[node]
    for f in range(web.fleet.size):
        due.outside[web.fleet[f].node] += due.fleet[f].spot
    for w in range(web.wealthy.node.size):
        due.outside[web.wealthy.node[w]] += path.wealthy_income[q, w]


@rule
def opening_debt(web, lever, s, due, q):
    """Interest and principal of opening debt, and the rate of a new loan."""
    debt = web.borrower
    for k in range(debt.node.size):
        live = s.living[debt.node[k]] and not s.settled[k]
        due.live[k] = live
        due.interest[k] = (debt.fixed_interest[k, q] + debt.floats[k, q] * lever.r) * live
        due.regular[k] = debt.regular[k, q] * live
        due.bullets[k] = debt.rollable[k, q] * live
        due.convertible[k] = debt.convertible[k, q] * live
        due.converted[k] = due.convertible[k] * due.willing[k]
        due.borrow_rate[k] = lever.r + max(coverage_spread(web, s.cover[k]) + lever.s, 0.0)
    for o in range(web.operator.node.size):
        due.borrow_rate[web.operator.place[o]] += web.operator.covenant_spread[o] * s.breach[o]


@rule
def residual_values(web, lever, path, s, due, q):
    """Meta leaves: the campus is sold, the notes fall due at once, and the guarantor pays what is missing."""
    promise, debt = web.promise, web.borrower
    for i in range(promise.cap.size):
        node, k = promise.host[i], promise.place[i]
        leaves = not lever.mr and s.living[node]
        if not promise.is_residual[i] or q != promise.start[i] or not leaves:
            continue
        notes = debt.opening[k, q]
        value = web.node.site_cost[node] * promise.share[i] * path.tightness[q]
        due.outside[node] += value
        due.amount[promise.row[i]] = residual_call(notes, value, due.caps[i])
        due.exit_due[k] = notes - debt.regular[k, q] - debt.rollable[k, q]


@rule
def borrow(web, lever, s, due, q):
    """Roll what falls due, finance building, keep CoreWeave's cash up: each as far as lenders allow.

    Nobody rolls what he can repay: cash above the target pays down first.
    """
    expect(web, s, due)
    for f in range(web.fleet.size):
        finance_building(web, s, due, f, q)
    for k in range(web.borrower.node.size):
        falling_due = due.bullets[k] + due.service.bullet_due[k] * s.living[web.borrower.node[k]]
        need = max(cash_gap(web, s, due, k), 0.0)
        due.rolled[k] = min(due.access[k] * falling_due, need)
        due.borrowed[k] += due.rolled[k]
    for f in range(web.fleet.size):
        top_up(web, lever, s, due, f)
    for o in range(web.operator.node.size):
        k = web.operator.place[o]
        gap = max(cash_gap(web, s, due, k) + s.posted[o], 0.0)
        due.borrowed[k] += gap * due.access[k] * s.living[web.operator.node[o]]
        if not lever.as_planned:
            save(web, s, due, o)


@rule
def save(web, s, due, o):
    """An operator that would come short pays nothing out, and then stops building, before it fails."""
    operator = web.operator
    k = operator.place[o]
    kept = web.p.debt_cash_target * web.node.cash[operator.node[o]]
    short = max(cash_gap(web, s, due, k) + s.posted[o] - kept, 0.0)
    for row in (operator.payout_row[o], operator.capex_row[o]):
        saved = min(due.amount[row], short)
        due.amount[row] -= saved
        short -= saved


@rule
def finance_building(web, s, due, f, q):
    """New shares, and loans for the chips that are bought; both before anything is rolled."""
    plan = web.fleet[f]
    due.equity[plan.place] = plan.equity_raise[q] * due.access[plan.place]
    due.borrowed[plan.place] = plan.debt_share * due.fleet[f].capex * s.living[plan.node]


@rule
def expect(web, s, due):
    """What each node expects to come in and has to spend, USD bn, before it borrows or saves.

    Income counts as far as its payer lives; principal in cash counts before anything is rolled.
    """
    for node in range(due.expected.size):
        due.expected[node], due.spent[node] = due.outside[node], 0.0
    for k in range(web.borrower.node.size):
        due.spent[web.borrower.node[k]] = due.interest[k] + due.service.interest[k] + principal(due, k)
    for row in range(web.row.payer.size):
        due.expected[web.row.payee[row]] += due.amount[row] * s.living[web.row.payer[row]]
        due.spent[web.row.payer[row]] += due.amount[row]


@rule
def cash_gap(web, s, due, k):
    """What a borrower lacks at the end of the quarter, USD bn, below the share of its opening cash it keeps.

    Below nothing: it has that much more than it needs.
    """
    node = web.borrower.node[k]
    target = web.p.debt_cash_target * web.node.cash[node]
    return target - (s.cash[node] + due.expected[node] + due.borrowed[k] + due.equity[k] - due.spent[node])


@rule
def principal(due, k):
    """All principal that a borrower owes in cash in a quarter, USD bn, before anything is rolled."""
    unconverted = due.convertible[k] * (1.0 - due.willing[k])
    at_end = due.bullets[k] + unconverted + due.service.bullet_due[k] + due.exit_due[k]
    return due.regular[k] + due.service.level_principal[k] + at_end


@rule
def top_up(web, lever, s, due, f):
    """A compute host keeps its cash at a share of what it had at the start.

    It first keeps back amortisation that lenders roll, then draws open lines, then borrows anew.
    """
    plan, fleet = web.fleet[f], s.fleet[f]
    k, alive = plan.place, s.living[plan.node]
    gap = max(cash_gap(web, s, due, k), 0.0)
    amortisation = due.regular[k] + due.service.level_principal[k]
    may_roll = plan.roll_share * due.access[k] * amortisation if lever.f == OPEN else 0.0
    kept = min(gap, may_roll)
    drawn = min(gap - kept, fleet.undrawn) * alive
    fleet.undrawn -= drawn
    due.borrowed[k] += kept + drawn + (gap - kept - drawn) * due.access[k]


@rule
def debt_rows(web, lever, s, due, q):
    """Debt service in the ledger: opening debt by borrower and class, new debt by borrower."""
    debt, service = web.debt_row, due.service
    for d in range(debt.row.size):
        k = debt.place[d]
        owed = (debt.fixed[d, q] + debt.floats[d, q] * lever.r) * due.live[k]
        owed += debt.convertible[d, q] * due.live[k] * (1.0 - due.willing[k])
        owed += debt.opening[d, q] / max(web.borrower.opening[k, q], DUST) * due.exit_due[k]
        due.amount[debt.row[d]] = owed
    for k in range(web.borrower.node.size):
        alive = s.living[web.borrower.node[k]]
        level = service.level_interest[k] + service.level_principal[k]
        bullet = service.interest[k] - service.level_interest[k] + service.bullet_due[k]
        due.amount[web.borrower.level_row[k]] = level * alive
        due.amount[web.borrower.bullet_row[k]] = bullet * alive


@rule
def resources(web, lever, s, due, q):
    """Cash, outside income and new money; who walks away holds back all it has."""
    for node in range(due.resources.size):
        due.resources[node] = s.cash[node] + due.outside[node]
    for k in range(web.borrower.node.size):
        due.resources[web.borrower.node[k]] += due.borrowed[k] + due.equity[k]
    if walks_away(web, lever, q):
        due.withheld[web.middle.node] = due.resources[web.middle.node]
        due.resources[web.middle.node] = 0.0


@rule
def estates(web, s, due):
    """A failed host keeps running: its new owner pays running cost in full and takes what is left."""
    for k in range(web.borrower.node.size):
        node = web.borrower.node[k]
        if s.living[node]:
            continue
        running = 0.0
        for row in range(web.row.payer.size):
            if web.row.payer[row] == node and web.row.seniority[row] in (OPERATING, RENT):
                running += due.amount[row]
        due.resources[node] += running
        due.outside[node] += running
