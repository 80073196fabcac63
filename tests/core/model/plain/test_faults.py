"""Each kind of fault in a rule is caught by an identity that names it (docs/model.md, section 12).

A fault is one line of one rule written wrongly. It is put in wherever the rule is used, and counts only if it
was reached and changed the books.
"""

import inspect
import sys
from dataclasses import dataclass

import numpy as np
import pytest

from core.finance import clearing, tiers
from core.layout.compile import compile_layout
from core.model import books, borrowing, dues, engine, funds, identities, promises, recovery
from core.model.identities import IdentityError
from core.results.fund_tables import fund_returns
from core.scenario.levers import Scenario, columns
from tests.worlds import FIRST, QUARTERS, STRESSED

TODAY = Scenario.default(FIRST)
HARD = STRESSED.replace(g=-30)  # everybody fails, guarantors are called, estates are shared
WALKS = HARD.replace(fl=False)  # and Fluidstack stops paying
LEAVES = STRESSED.replace(mr=False)  # and Meta leaves its campus


@dataclass(frozen=True)
class Fault:
    """A line of a rule, how it is written wrongly, and the identity that must name it in a world."""

    rule: object
    line: str
    wrong: str
    named: str
    world: Scenario = HARD


FAULTS = {
    # payments
    "a call that is paid but not taken from the guarantor": Fault(
        clearing.settle_short, "spent[giver[row]] += called_paid[row]", "pass", "cash"
    ),
    "a row paid to nobody while somebody is short": Fault(
        clearing.pay,
        "receipt[payee[row]] += paid[row]",
        "receipt[payee[row]] += paid[row] * (row != 2)",
        "cash",
    ),
    "a row paid to nobody while everybody pays": Fault(
        clearing.clear,
        "receipt[payee[row]] += amount",
        "receipt[payee[row]] += amount * (row != 2)",
        "cash",
        TODAY,
    ),
    "a cost of failure that is not counted": Fault(
        clearing.settle_short, "failure_cost[node] = (", "failure_cost[node] = 0.0 * (", "cash"
    ),
    "somebody who fails and keeps something back": Fault(
        clearing.lower_shares,
        "theta[seniority, node] = share",
        "theta[seniority, node] = 0.9 * share",
        "clearing",
    ),
    "money that is borrowed and never arrives": Fault(
        dues.resources, "due.borrowed[k] + due.equity[k]", "due.equity[k]", "cash", TODAY
    ),
    "income from outside counted twice": Fault(
        dues.resources,
        "s.cash[node] + due.outside[node]",
        "s.cash[node] + 2 * due.outside[node]",
        "cash",
        TODAY,
    ),
    # between quarters
    "cash lost between quarters": Fault(
        engine.run_scenario,
        "borrowing.market_access(web, path, s, due, q)",
        "s.cash[web.borrower.node[0]] *= 0.99; borrowing.market_access(web, path, s, due, q)",
        "opening",
        TODAY,
    ),
    "cash lost as the books are closed": Fault(
        books.cash, "done.closing[node] + due.withheld[node]", "0.999 * done.closing[node]", "opening", TODAY
    ),
    "an estate that keeps the cash of its owners": Fault(
        books.cash, "if not s.living[web.borrower.node[k]]:", "if False:", "opening"
    ),
    "debt lost between quarters": Fault(
        engine.run_scenario,
        "borrowing.market_access(web, path, s, due, q)",
        "s.debt.level[:] *= 0.99; borrowing.market_access(web, path, s, due, q)",
        "debt",
        TODAY,
    ),
    # debt
    "interest counted twice": Fault(
        dues.opening_debt,
        "debt.floats[k, q] * lever.r) * live",
        "debt.floats[k, q] * lever.r) * live * 2",
        "debt",
        TODAY,
    ),
    "new debt booked at another amount than was borrowed": Fault(
        borrowing.issue,
        "level = p.debt_level_share * amount",
        "level = 1.01 * p.debt_level_share * amount",
        "debt",
        TODAY,
    ),
    "debt that is repaid and stays in the books": Fault(
        borrowing.settle,
        "= max(level - (debt.payment[k, i] - debt.rate[k, i] * level), 0.0)",
        "= level",
        "debt",
        TODAY,
    ),
    "converted debt that stays in the books": Fault(
        books.debt_outlook,
        "debt.balance[k, at] * live",
        "(debt.balance[k, at] + debt.convertible[k, : at + 1].sum()) * live",
        "debt",
        TODAY,
    ),
    "debt of a failed borrower that is nobody's claim": Fault(
        books.claim_debt, "s.claims[t] = balance + owed", "s.claims[t] = owed", "debt"
    ),
    "debt of a failed borrower that is not written off": Fault(
        books.book_debt, "borrowing.write_off(s.debt, k)", "pass", "debt"
    ),
    # calls
    "a call above what is left of its cap": Fault(
        promises.renew_caps, "s.backed[k] = s.caps[i]", "s.backed[k] = 2 * s.caps[i]", "cap", WALKS
    ),
    "a cap that forgets earlier calls": Fault(
        promises.cap_left, "promise.cap[i] - called", "promise.cap[i]", "cap"
    ),
    "a call that is not added to earlier ones": Fault(
        books.calls, "s.called[i] += due.called[i]", "pass", "cap"
    ),
    "a guarantor's payment that is not booked as a call": Fault(
        books.calls, "due.called[i] = done.paid[row]", "pass", "cap", LEAVES
    ),
    # recoveries
    "a recovery above the claim": Fault(
        recovery.share_among, "paid = min(value, owed)", "paid = 1.001 * owed", "recovery"
    ),
    "juniors who are paid what seniors have had": Fault(
        recovery.share_among, "return value - paid", "return value", "recovery"
    ),
    "an estate of which part goes to nobody": Fault(
        recovery.share_among, "(paid / owed)", "(0.9 * paid / owed)", "recovery"
    ),
    # what is no number
    "a payment that is no number in one quarter only": Fault(
        books.calls,
        "s.called[i] += due.called[i]",
        "s.called[i] += due.called[i]; due.called[i] *= np.nan if s.fresh.any() else 1.0",
        "cap",
    ),
}

FUND_FAULTS = {
    "a distribution that goes to nobody": Fault(
        tiers.share,
        "returned + preferred + (1.0 - catch_up)",
        "returned + (1.0 - catch_up)",
        "fund",
    ),
    "a manager's part that the investors get too": Fault(
        funds.share_out, "flow[NET, q] = investors - paid", "flow[NET, q] = distributed - paid", "fund", TODAY
    ),
    "interest that a fund pays twice": Fault(
        funds.keep_books, "available = received - interest", "available = received - 2 * interest", "fund"
    ),
    "debt of a fund that is paid down and stays": Fault(
        funds.keep_books, "debt = debt + lent - paydown +", "debt = debt + lent +", "fund"
    ),
    "purchases of a fund that nobody pays": Fault(
        funds.keep_books, "earned - paydown - (bought - lent)", "earned - paydown", "fund"
    ),
}


def put_in(monkeypatch, fault):
    """Write a line of a rule wrongly wherever the rule is used; what is returned grows with every call."""
    text, home = inspect.getsource(fault.rule), inspect.getmodule(fault.rule)
    assert text.count(fault.line) >= 1, "the rule has changed: write its fault anew"
    made, calls = {}, []
    exec(compile(text.replace(fault.line, fault.wrong), "fault", "exec"), vars(home) | {"np": np}, made)
    wrong = made[fault.rule.__name__]

    def counted(*args):
        calls.append(fault.rule)
        return wrong(*args)

    for name, module in list(sys.modules.items()):
        if name.startswith(("core.finance", "core.model")):
            for word, value in list(vars(module).items()):
                if value is fault.rule:
                    monkeypatch.setattr(module, word, counted)
    return calls


BOOKS = ("closing", "failure_cost", "paid", "called_paid"), ("cash", "called", "claims", "recovery")


def ran(monkeypatch, web, scenario):
    """How a scenario ended, and everybody's books at the end of each quarter, one after the other."""
    seen, check = [], identities.check

    def kept(web, lever, due, done, s, view, flow):
        check(web, lever, due, done, s, view, flow)
        seen.extend(getattr(done, name).copy() for name in BOOKS[0])
        seen.extend(getattr(s, name).copy() for name in BOOKS[1])
        seen.extend((view.debt.copy(), due.called.copy()))

    with monkeypatch.context() as patch:
        patch.setattr(identities, "check", kept)
        patch.setattr(engine, "_refuse", lambda ends: None)
        layout, levers = compile_layout(web), columns([scenario])
        ends, _groups = engine.run_batch(layout, levers, "market", frozenset(), QUARTERS)
    return ends, np.concatenate(seen)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_caught(monkeypatch, web, name):
    fault = FAULTS[name]
    ends, sound = ran(monkeypatch, web, fault.world)
    engine._refuse(ends)
    calls = put_in(monkeypatch, fault)
    with np.errstate(invalid="ignore"):
        ends, found = ran(monkeypatch, web, fault.world)
    assert calls, "the rule was never called"
    assert not np.array_equal(found, sound, equal_nan=True), "nothing changed"
    with pytest.raises(IdentityError, match=rf"^{fault.named} identity off by"):
        engine._refuse(ends)


@pytest.mark.parametrize("name", FUND_FAULTS)
def test_a_fault_in_the_books_of_funds_is_caught(monkeypatch, web, name):
    fault = FUND_FAULTS[name]
    result = engine.run(web, fault.world)
    assert max(one.residual for one in fund_returns(result).values()) < identities.TOLERANCE
    calls = put_in(monkeypatch, fault)
    with pytest.raises(IdentityError, match=r"^fund identity off by"):
        fund_returns(result)
    assert calls


def test_every_identity_catches_something():
    assert {fault.named for fault in FAULTS.values()} == set(identities.CHECKS)


@pytest.mark.parametrize(
    ("residuals", "worst"), [((0.0, 2.0, 1.0), 2.0), ((0.0, np.nan, 1.0), np.nan), ((np.nan, 0.0), np.nan)]
)
def test_the_worst_of_all_quarters_is_kept(residuals, worst):
    found = 0.0
    for off in residuals:
        found = identities.worse(found, off)
    assert found == worst or (np.isnan(found) and np.isnan(worst))
