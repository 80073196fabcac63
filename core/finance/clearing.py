"""Who pays what when everybody settles at once: the greatest clearing vector of one scenario.

A quarter's dues are a ledger. One row says who owes whom how much, how senior that due is and who, if
anybody, stands behind it. All rows are settled together: a payer who is short pays his classes in order and
pro rata inside a class, a guarantor is called for the covered part of what is missing, and everybody who is
paid less may become short himself.

The answer is the largest set of payments with which nobody pays more than he has (Eisenberg and Noe 2001),
with costs of failure (Rogers and Veraart 2013), seniority classes and covered guarantees. Starting from
"everyone pays in full" and only ever going down reaches it, because every step is monotone.

Rules take plain arrays, so that a ledger of any size is settled by the same text. A share is kept by class
and node: ``theta[seniority, payer]``.
"""

from __future__ import annotations

import numpy as np

from core.compiled.jit import rule

OPERATING, RENT, SECURED, UNSECURED, SUBORDINATED = range(5)  # the first is paid first
CLASSES = 5
GUARANTEE_CLASS = UNSECURED  # a call ranks with the guarantor's other unsecured dues
NO_GIVER = -1

CONVERGED = 1e-10  # largest change of a paid share in the last sweep
MAX_SWEEPS = 20_000
# A node that lacks less than this share of its dues can pay: sums of a hundred rows round at about 1e-14.
ROUNDING = 1e-12


@rule
def clear(rows, dues, cash, alpha, beta, done):
    """Settle a ledger. Returns the last change of a paid share, and the sweeps it took.

    A change of `CONVERGED` or more says that payments were still moving after the last allowed sweep.

    Whoever can pay everything does. Whoever cannot keeps `alpha` of his own resources and `beta` of what he
    receives, and pays classes 0 to 4 in order, pro rata inside a class. A guarantor is called for what a
    covered row is short, less the deductible, up to the cap; calls rank with its unsecured dues (class 3).

    ``rows`` are (payer, payee, seniority, giver) and ``dues`` (amount, cap_left, deductible), by row. Filled
    are ``done``: (paid, called, called_paid) by row, (shortfall, closing, failure_cost, wave) by node, theta.
    A node has failed if its wave is above 0: the wave in which it fails, 1 = even with everyone else paying.
    """
    payer, payee = rows[0], rows[1]
    paid, called, called_paid, shortfall, closing, failure_cost, wave, theta = done
    owed, receipt = np.zeros(cash.size), np.zeros(cash.size)
    for row in range(payer.size):
        amount = dues[0][row]
        owed[payer[row]] += amount
        receipt[payee[row]] += amount
        paid[row], called[row], called_paid[row] = amount, 0.0, 0.0
    everybody_pays = True
    for node in range(cash.size):
        left = cash[node] + receipt[node] - owed[node]
        everybody_pays = everybody_pays and left >= -ROUNDING * owed[node]
        closing[node] = max(left, 0.0)
        shortfall[node], failure_cost[node], wave[node] = 0.0, 0.0, 0
        for seniority in range(CLASSES):
            theta[seniority, node] = 1.0
    if everybody_pays:
        return 0.0, 1
    return settle_short(rows, dues, cash, owed, alpha, beta, done)


@rule
def settle_short(rows, dues, cash, owed, alpha, beta, done):
    """Iterate a ledger in which somebody is short, and write down the outcome."""
    payer, seniority, giver = rows[0], rows[2], rows[3]
    paid, _called, called_paid, shortfall, closing, failure_cost, wave, theta = done
    nodes = cash.size
    owed_by_class, receipt, demanded = np.zeros((CLASSES, nodes)), np.zeros(nodes), np.zeros(nodes)
    for row in range(payer.size):
        owed_by_class[seniority[row], payer[row]] += dues[0][row]
    change, waves, sweeps = 1.0, 0, 0
    while change >= CONVERGED and sweeps < MAX_SWEEPS:
        sweeps += 1
        pay(rows, dues, theta, done, receipt, demanded)
        change, new = 0.0, 0
        for node in range(nodes):
            total = owed[node] + demanded[node]
            if cash[node] + receipt[node] - total < -ROUNDING * total:
                if wave[node] == 0:
                    wave[node], new = waves + 1, 1
                left = alpha * cash[node] + beta * receipt[node]
                change = max(change, lower_shares(owed_by_class, demanded[node], left, theta, node))
        waves += new
    pay(rows, dues, theta, done, receipt, demanded)
    spent = np.zeros(nodes)
    for row in range(payer.size):
        spent[payer[row]] += paid[row]
        if called_paid[row] > 0.0:
            spent[giver[row]] += called_paid[row]
    for node in range(nodes):
        left = cash[node] + receipt[node]
        if wave[node] > 0:
            shortfall[node] = max(owed[node] + demanded[node] - left, 0.0)
            failure_cost[node] = (1.0 - alpha) * cash[node] + (1.0 - beta) * receipt[node]
            left = alpha * cash[node] + beta * receipt[node]
        closing[node] = max(left - spent[node], 0.0)  # never below 0: rounding, the last change of theta
    return change, sweeps


@rule
def pay(rows, dues, theta, done, receipt, demanded):
    """Payments, calls, receipts and calls by guarantor when everybody pays the shares theta."""
    payer, payee, seniority, giver = rows
    amount, cap, deductible = dues
    paid, called, called_paid = done[0], done[1], done[2]
    for node in range(receipt.size):
        receipt[node], demanded[node] = 0.0, 0.0
    for row in range(payer.size):
        paid[row] = amount[row] * theta[seniority[row], payer[row]]
        receipt[payee[row]] += paid[row]
        if giver[row] != NO_GIVER:
            called[row] = min(max(amount[row] - paid[row] - deductible[row], 0.0), cap[row])
            called_paid[row] = called[row] * theta[GUARANTEE_CLASS, giver[row]]
            receipt[payee[row]] += called_paid[row]
            demanded[giver[row]] += called[row]


@rule
def lower_shares(owed_by_class, demanded, left, theta, node):
    """Pay the classes of a node that is short out of what is left, senior first; returns the largest fall."""
    fall, above = 0.0, 0.0
    for seniority in range(CLASSES):
        owed = owed_by_class[seniority, node]
        if seniority == GUARANTEE_CLASS:
            owed += demanded
        share = min(max((left - above) / owed, 0.0), 1.0) if owed > 0.0 else 1.0
        if share < theta[seniority, node]:  # in exact arithmetic always: rounding must not lift a share
            fall = max(fall, theta[seniority, node] - share)
            theta[seniority, node] = share
        above += owed
    return fall
