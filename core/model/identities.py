"""What must add up in every quarter of every scenario (docs/model.md, section 12). The caller raises."""

from __future__ import annotations

import numpy as np

from core.compiled.jit import rule
from core.model.books import kept_by_rich
from core.model.recovery import estate_value

CHECKS = ("cash", "opening", "clearing", "debt", "cap", "recovery")
CASH, OPENING, CLEARING, DEBT, CAP, RECOVERY = range(6)
TOLERANCE = 1e-7  # USD bn: a hundred dollars in a web of hundreds of billions


class IdentityError(RuntimeError):
    """Cash, calls, debt or recoveries do not add up: the result must not be used."""


@rule
def check(web, lever, due, done, s, view, flow):
    """Keep the worst residual of each identity, USD bn, in ``s.residual``."""
    clearing(due, done, s)
    cash_of_nodes(web, due, done, s, flow)
    opening_cash(web, due, done, s)
    debt_of_borrowers(web, due, done, s, view, flow)
    calls_of_givers(web, due, done, s)
    recoveries(web, lever, s, view)


@rule
def worse(before, off):
    """What is off if it is worse than before; what is no number is the worst there is, and stays it."""
    return before if off <= before or np.isnan(before) else off


@rule
def clearing(due, done, s):
    """Closing cash and costs of failure are what there was to pay with; who fails keeps nothing back."""
    closing, cost, means = 0.0, 0.0, 0.0
    for node in range(done.closing.size):
        if done.wave[node] > 0:
            s.residual[CLEARING] = worse(s.residual[CLEARING], done.closing[node])
        closing += done.closing[node]
        cost += done.failure_cost[node]
        means += due.resources[node]
    s.residual[CLEARING] = worse(s.residual[CLEARING], abs(closing + cost - means))


@rule
def cash_of_nodes(web, due, done, s, flow):
    """What each node had and received is what it paid, lost in failure and has left."""
    for node in range(flow.size):
        flow[node] = due.cash_before[node] + due.outside[node] - due.withheld[node]
    for k in range(web.borrower.node.size):
        flow[web.borrower.node[k]] += due.borrowed[k] + due.equity[k]
    for row in range(web.row.payer.size):
        flow[web.row.payee[row]] += done.paid[row]
        flow[web.row.payer[row]] -= done.paid[row]
        if done.called_paid[row] != 0.0:
            flow[web.row.payee[row]] += done.called_paid[row]
            flow[web.row.giver[row]] -= done.called_paid[row]
    for node in range(flow.size):
        left = flow[node] - done.failure_cost[node] - done.closing[node]
        s.residual[CASH] = worse(s.residual[CASH], abs(left))


@rule
def opening_cash(web, due, done, s):
    """A quarter opens with the cash that the one before closed with, and what was withheld there.

    Not so, on purpose: rich companies pay out what they have beyond their first cash, sinks keep nothing,
    failed borrowers have new owners.
    """
    for node in range(s.closed.size):
        s.residual[OPENING] = worse(s.residual[OPENING], abs(due.cash_before[node] - s.closed[node]))
        s.closed[node] = done.closing[node] + due.withheld[node]
    for w in range(web.wealthy.node.size):
        node = web.wealthy.node[w]
        s.closed[node] = kept_by_rich(web, w, s.closed[node])
    for i in range(web.sink.size):
        s.closed[web.sink[i]] = 0.0
    for k in range(web.borrower.node.size):
        s.closed[web.borrower.node[k]] *= s.living[web.borrower.node[k]]


@rule
def debt_of_borrowers(web, due, done, s, view, flow):
    """Debt at the end is debt at the start, borrowed and accrued, less paid, converted and claimed."""
    debt = web.borrower
    for k in range(debt.node.size):
        left = s.owed[k] + due.borrowed[k] + due.interest[k] + due.service.interest[k] - due.converted[k]
        flow[debt.node[k]] = left
    for row in range(web.row.payer.size):
        if web.row.payee[row] == web.lenders:
            flow[web.row.payer[row]] -= done.paid[row]
    for i in range(web.claim.place.size):
        flow[debt.node[web.claim.place[i]]] -= s.claims[i]
    for k in range(debt.node.size):
        s.residual[DEBT] = worse(s.residual[DEBT], abs(flow[debt.node[k]] - view.debt[k]))
        s.owed[k] = view.debt[k]


@rule
def calls_of_givers(web, due, done, s):
    """Calls stay within their caps, in a quarter and in all, and all of them are what givers have paid."""
    for row in range(done.called_paid.size):
        s.paid_by_givers += done.called_paid[row]
    called = 0.0
    for i in range(due.called.size):
        if web.promise.row[i] >= 0:
            s.paid_by_givers += done.paid[web.promise.row[i]]
        called += s.called[i]
        s.residual[CAP] = worse(s.residual[CAP], due.called[i] - due.caps[i])
        s.residual[CAP] = worse(s.residual[CAP], s.called[i] - web.promise.cap[i])
    s.residual[CAP] = worse(s.residual[CAP], abs(called - s.paid_by_givers))


@rule
def recoveries(web, lever, s, view):
    """Nobody recovers more than his claim; an estate pays what it fetches, or all claims if that is less."""
    for i in range(s.claims.size):
        if s.claims[i] > 0.0:
            s.residual[RECOVERY] = worse(s.residual[RECOVERY], s.recovery[i] - s.claims[i])
    for k in range(web.borrower.node.size):
        if not s.fresh[web.borrower.node[k]]:
            continue
        claimed, recovered = 0.0, 0.0
        for i in range(s.claims.size):
            if web.claim.place[i] == k:
                claimed += s.claims[i]
                recovered += s.recovery[i]
        fetched = min(estate_value(web, lever, view, k), claimed)
        s.residual[RECOVERY] = worse(s.residual[RECOVERY], abs(recovered - fetched))
