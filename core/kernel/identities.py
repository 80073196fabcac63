"""What must add up in every quarter of every scenario (docs/model.md, section 12). The caller raises."""

from __future__ import annotations

from core.kernel.jit import rule

CASH, CLEARING, DEBT, CAP, RECOVERY = range(5)
CHECKS = ("cash", "clearing", "debt", "cap", "recovery")
TOLERANCE = 1e-7  # USD bn: a hundred dollars in a web of hundreds of billions


class IdentityError(RuntimeError):
    """Cash, calls, debt or recoveries do not add up: the result must not be used."""


@rule
def check(web, due, done, s, view, flow):
    """Keep the worst residual of each identity, USD bn, in ``s.residual``."""
    clearing(due, done, s)
    cash_of_nodes(web, due, done, s, flow)
    debt_of_borrowers(web, due, done, s, view)
    for i in range(due.called.size):
        s.residual[CAP] = worse(s.residual[CAP], due.called[i] - due.caps[i])
    for i in range(s.claims.size):
        if s.claims[i] > 0.0:
            s.residual[RECOVERY] = worse(s.residual[RECOVERY], s.recovery[i] - s.claims[i])


@rule
def worse(before, off):
    """What is off if it is worse than before; what is no number is the worst there is."""
    return before if off <= before else off


@rule
def clearing(due, done, s):
    """Closing cash and costs of failure are what there was to pay with."""
    closing, cost, means = 0.0, 0.0, 0.0
    for node in range(done.closing.size):
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
def debt_of_borrowers(web, due, done, s, view):
    """Debt at the end is debt at the start, borrowed and accrued, less paid, converted and claimed."""
    for k in range(web.borrower.node.size):
        left = s.owed[k] + due.borrowed[k] + due.interest[k] + due.service.interest[k] - due.converted[k]
        for row in range(web.row.payer.size):
            if web.row.payer[row] == web.borrower.node[k] and web.row.payee[row] == web.lenders:
                left -= done.paid[row]
        for i in range(web.claim.place.size):
            if web.claim.place[i] == k:
                left -= s.claims[i]
        s.residual[DEBT] = worse(s.residual[DEBT], abs(left - view.debt[k]))
        s.owed[k] = view.debt[k]
