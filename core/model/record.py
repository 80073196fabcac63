"""What is kept of a run: always how it ended, and quarter by quarter the groups that were asked for.

Every array of a group is (quarter, entity).
"""

from __future__ import annotations

import numpy as np

from core.compiled.jit import rule
from core.model.books import TINY, cover, tranche_due, tranche_paid
from core.model.borrowing import outstanding
from core.model.market import QUARTERS_PER_YEAR
from core.model.recovery import recovered_now

HEALTHY, STRETCHED, SUPPORTED, DISTRESSED, FAILED = range(5)
MARKS = 5
INSOLVENT, SHORT_RUNWAY, LOW_COVER, NO_ACCESS, LOW_SERVICE = range(MARKS)


# -- always ------------------------------------------------------------------------------------------


@rule
def marks(p, debt, cash, assets, runway, cover, access, service, exempt):
    """Marks of a company: insolvent; and, unless exempt: short runway, low cover, no market access, and a
    year in which it did not earn its interest and scheduled principal."""
    insolvent = assets + cash < debt - TINY
    if exempt:
        return insolvent, False, False, False, False
    low = (runway < p.status_runway, cover < p.status_cover, access < p.status_access)
    return insolvent, low[0], low[1], low[2], service < p.status_service


@rule
def status_of(dead, mark, supported):
    """Failed; distressed: insolvent, or low cover with a short runway; supported: alive because a guarantor
    pays; stretched: any mark; else healthy."""
    if dead:
        return FAILED
    if mark[INSOLVENT] or (mark[SHORT_RUNWAY] and mark[LOW_COVER]):
        return DISTRESSED
    if supported:
        return SUPPORTED
    if mark[SHORT_RUNWAY] or mark[LOW_COVER] or mark[NO_ACCESS] or mark[LOW_SERVICE]:
        return STRETCHED
    return HEALTHY


@rule
def service_cover(out, c, complete, q):
    """EBITDA over interest and scheduled principal of the last four quarters; infinite where none is due.

    Quarters before its building was ``complete`` do not count: they were paid for by money raised for that.
    """
    earned, due = 0.0, 0.0
    for i in range(max(complete, q + 1 - QUARTERS_PER_YEAR), q + 1):
        earned += out.contracted[i, c] + out.spot[i, c] + out.guaranteed[i, c] + out.core[i, c]
        earned -= out.cost[i, c]
        due += out.interest[i, c] + out.principal[i, c]
    return cover(earned, due)


@rule
def start_ends(web, ends):
    """Nobody bears a mark yet, and every clearing has converged so far."""
    ends.change = 0.0
    for c in range(ends.first_mark.shape[0]):
        for m in range(MARKS):
            ends.first_mark[c, m] = web.never


@rule
def end(s, ends):
    """Who failed when, why and by whom; what estates pay; how far the identities were off at worst."""
    for node in range(s.failed.size):
        ends.failed[node], ends.cause[node] = s.failed[node], s.cause[node]
        ends.source[node], ends.wave[node] = s.source[node], s.wave[node]
        ends.shortfall[node], ends.renegotiated[node] = s.shortfall[node], s.renegotiated[node]
    for i in range(s.recovery.size):
        ends.recovery[i] = s.recovery[i]
    for check in range(s.residual.size):
        ends.residual[check] = s.residual[check]


# -- on request --------------------------------------------------------------------------------------


@rule
def market(path, out):
    """Demand, capacity, utilisation, price, and the share of a rent that letting anew brings."""
    for q in range(path.demand.size):
        out.demand[q, 0], out.capacity[q, 0] = path.demand[q], path.capacity[q]
        out.utilisation[q, 0], out.price[q, 0] = path.utilisation[q], path.tightness[q]
        out.relet_share[q, 0] = path.relet[q]


@rule
def companies(web, path, due, done, s, view, ends, out, q):
    """Revenue by payer, costs, debt service and what lenders see, by company; first quarter of each mark."""
    for c in range(web.company.node.size):
        node, k, f = web.company.node[c], web.company.borrower[c], web.company.fleet[c]
        earned(web, due, done, out, c, q)
        if web.company.cost_row[c] >= 0:
            out.cost[q, c] = due.amount[web.company.cost_row[c]]
        if web.company.capex_row[c] >= 0:
            out.capex[q, c] = due.amount[web.company.capex_row[c]]
        out.depreciation[q, c] = web.company.depreciation[q, c]
        out.cash[q, c] = s.cash[node]
        without_debt(out, c, q)
        if k >= 0:
            owes(due, view, out, c, k, q)
        if f >= 0:
            now = due.fleet[f]
            out.cost[q, c] = now.opex + now.site_lease
            out.depreciation[q, c] = now.depreciation
        if node == web.middle.node:
            out.spot[q, c] = due.outside[node] - due.investors[node]
            out.cost[q, c] = due.amount[web.middle.cost_row] + rents_due(web, due, node)
            out.runway[q, c] = view.intermediary_runway
        if c >= web.first_operator:
            out.core[q, c] = path.core_income[q, c - web.first_operator]
            out.cost[q, c] += rents_due(web, due, node)
        exempt, complete = web.no, 0
        if k >= 0:
            exempt, complete = view.covered_building[k], web.borrower.building_until[k]
        stands(web, s, ends, out, c, complete, q, exempt)


@rule
def earned(web, due, done, out, c, q):
    """What a company was paid under contracts, by guarantors, and on the market."""
    node, f = web.company.node[c], web.company.fleet[c]
    for i in range(web.contract.size):
        row = web.contract[i]
        if web.row.payee[row] == node:
            out.contracted[q, c] += done.paid[row]
            out.guaranteed[q, c] += done.called_paid[row]
    out.spot[q, c] = due.relet[node]
    if f >= 0:
        out.spot[q, c] += due.fleet[f].spot
        if web.fleet[f].backstop >= 0:
            out.guaranteed[q, c] += done.paid[web.promise.row[web.fleet[f].backstop]]


@rule
def rents_due(web, due, node):
    """Rents that a tenant owes in a quarter, USD bn."""
    total = 0.0
    for k in range(web.lease.row.size):
        if web.lease.tenant[k] == node:
            total += due.amount[web.lease.row[k]]
    return total


@rule
def without_debt(out, c, q):
    """What lenders would see of a company that owes them nothing."""
    out.debt[q, c] = out.interest[q, c] = out.principal[q, c] = out.runway[q, c] = 0.0
    out.collateral[q, c] = out.assets[q, c] = np.nan
    out.forward_cover[q, c], out.access[q, c] = np.inf, 1.0


@rule
def owes(due, view, out, c, k, q):
    """Debt service of a borrower and what lenders see of it."""
    out.interest[q, c] = due.interest[k] + due.service.interest[k]
    out.principal[q, c] = due.regular[k] + due.service.level_principal[k]
    out.debt[q, c], out.collateral[q, c], out.assets[q, c] = view.debt[k], view.collateral[k], view.assets[k]
    out.forward_cover[q, c], out.runway[q, c] = view.cover[k], view.runway[k]
    out.access[q, c] = due.access[k]


@rule
def stands(web, s, ends, out, c, complete, q, exempt):
    """Marks and status of a company; its figures end with it: flows when it fails, stocks just before.

    It is supported in a quarter in which its own income, without what guarantors paid, does not cover what it
    owes: running cost, interest and scheduled principal. Lenders price what lies ahead, and knew the schedule
    of repayment when they lent: ``priced_status`` does not count a year that did not earn it.
    """
    failed = s.failed[web.company.node[c]]
    mark = marks(
        web.p, out.debt[q, c], out.cash[q, c], out.assets[q, c], out.runway[q, c], out.forward_cover[q, c],
        out.access[q, c], service_cover(out, c, complete, q), exempt,
    )  # fmt: skip
    own = out.contracted[q, c] + out.spot[q, c] + out.core[q, c]
    dues = out.cost[q, c] + out.interest[q, c] + out.principal[q, c]
    supported = out.guaranteed[q, c] > TINY and own < dues - TINY
    out.status[q, c] = out.priced_status[q, c] = status_of(failed <= q, mark, supported)
    if out.status[q, c] == STRETCHED and not (mark[SHORT_RUNWAY] or mark[LOW_COVER] or mark[NO_ACCESS]):
        out.priced_status[q, c] = HEALTHY
    for m in range(MARKS):
        if mark[m] and failed > q and ends.first_mark[c, m] == web.never:
            ends.first_mark[c, m] = q
    if failed < q:
        out.contracted[q, c] = out.spot[q, c] = out.guaranteed[q, c] = out.core[q, c] = np.nan
        out.cost[q, c] = out.depreciation[q, c] = out.interest[q, c] = out.principal[q, c] = out.capex[
            q, c
        ] = np.nan
    if failed <= q:
        out.debt[q, c] = out.cash[q, c] = out.collateral[q, c] = out.assets[q, c] = np.nan
        out.forward_cover[q, c] = out.runway[q, c] = out.access[q, c] = np.nan


@rule
def tenants(web, due, done, s, out, q):
    """What tenants paid of their dues under contracts and elsewhere, and their cash while they live."""
    for i in range(web.tenant.node.size):
        node, bill = web.tenant.node[i], web.tenant.bill_row[i]
        owed, paid = 0.0, 0.0
        for c in range(web.contract.size):
            if web.row.payer[web.contract[c]] == node:
                owed += due.scheduled[web.contract[c]]
                paid += done.paid[web.contract[c]]
        if bill >= 0:
            owed += due.scheduled[bill]
            paid += done.paid[bill]
        out.paid_share[q, i] = paid / owed if owed > TINY else 1.0
        out.haircut[q, i] = s.haircut[node]
        out.tenant_cash[q, i] = s.cash[node] if s.failed[node] > q else np.nan


@rule
def promises(web, due, done, s, out, q):
    """What was called of each promise, what is left of it, and the rent that was paid, calls included; the
    cash of rich companies and what they had to borrow."""
    for i in range(web.promise.cap.size):
        out.called[q, i] = due.called[i]
        out.live[q, i] = max(due.caps[i] - due.called[i], 0.0)
    for k in range(web.lease.row.size):
        row = web.lease.row[k]
        out.rent_paid[q, k] = done.paid[row] + done.called_paid[row]
    for w in range(web.wealthy.node.size):
        out.giver_cash[q, w], out.giver_borrowed[q, w] = s.cash[web.wealthy.node[w]], due.giver_borrowed[w]


@rule
def ledger(due, done, out, q):
    """Every row of the ledger, and what hosts earned by re-letting."""
    for row in range(due.amount.size):
        out.row_scheduled[q, row], out.row_due[q, row] = due.scheduled[row], due.amount[row]
        out.row_paid[q, row], out.row_called[q, row] = done.paid[row], done.called_paid[row]
    for node in range(due.relet.size):
        out.relet[q, node] = due.relet[node]


@rule
def losses(web, due, s, out, q):
    """What lenders lent, hold and lost, by instrument: tranches, then new debt by borrower."""
    count = web.tranche.row.size
    for t in range(count):
        k = web.tranche.place[t]
        lent = s.living[web.borrower.node[k]] and not s.settled[k]
        out.balance[q, t] = web.tranche.balance[t, q] if lent else 0.0
        out.lost[q, t] = lost(s, t)
    for k in range(web.borrower.node.size):
        level, bullet = outstanding(web.p, s.debt, k, q)
        out.balance[q, count + k] = level + bullet
        out.lost[q, count + k] = lost(s, count + k) + lost(s, count + web.borrower.node.size + k)
        out.drawn[q, k] = due.borrowed[k]


@rule
def lost(s, i):
    """What a creditor of a company that failed in this quarter will not see again, USD bn."""
    return s.claims[i] - s.recovery[i] if s.claims[i] > 0.0 else 0.0


@rule
def holders(web, lever, due, done, s, out, q):
    """What lenders were due and got, by instrument as in `losses`."""
    count, borrowers = web.tranche.row.size, web.borrower.node.size
    for t in range(count):
        k = web.tranche.place[t]
        owed = tranche_due(web, lever, due, t, q)
        shares = web.tranche.final_shares[t, q] * (due.live[k] * due.willing[k])
        paid = tranche_paid(web, due, done, t, owed) + shares
        owed += shares
        out.scheduled[q, t] = paid + s.claims[t] if s.claims[t] > 0.0 else owed
        out.received[q, t] = paid + recovered_now(web, s, t, q)
    for k in range(borrowers):
        level_row, bullet_row = web.borrower.level_row[k], web.borrower.bullet_row[k]
        level, bullet = count + k, count + borrowers + k
        paid = done.paid[level_row] + done.paid[bullet_row]
        claim = s.claims[level] + s.claims[bullet]
        owed = due.amount[level_row] + due.amount[bullet_row]
        out.scheduled[q, level] = paid + claim if claim > 0.0 else owed
        out.received[q, level] = paid + recovered_now(web, s, level, q) + recovered_now(web, s, bullet, q)
        out.new_rate[q, k] = due.borrow_rate[k]
        out.new_principal[q, k] = due.service.level_principal[k] + due.service.bullet_due[k]
        out.rolled[q, k], out.converted[q, k] = due.rolled[k], due.converted[k]
