"""What a host of chips orders ahead, repays by a table of its own, and leaves to its creditors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.finance.debt import stated_schedule
from core.layout.compile import compile_layout
from core.model.engine import run
from core.results.measures import Measures
from core.scenario.levers import Scenario
from core.web.web import load_web, snapshots

ORDERS_AHEAD = [
    date for date in snapshots() if any("order_lead" in r for r in load_web(date).tables["capacity"].values())
]
WITH_TABLES = [date for date in snapshots() if load_web(date).tables["repayments"]]


@given(
    balance=st.floats(0.01, 50),
    due=st.lists(st.floats(0, 20), min_size=1, max_size=12),
    first=st.integers(0, 6),
    length=st.integers(0, 12),
)
def test_a_loan_with_a_table_pays_its_balance_once(balance, due, first, length):
    maturity = first + length
    regular, final = stated_schedule(balance, due, first, maturity, quarters=max(maturity + 1, len(due)))
    assert regular.sum() + final.sum() == pytest.approx(balance)
    assert min(regular.min(), final.min()) >= 0.0
    assert not regular[:first].any()
    assert not regular[maturity + 1 :].any()
    stated = np.zeros(regular.size)
    stated[first : min(maturity + 1, len(due))] = due[first : maturity + 1]
    assert (regular <= stated + 1e-9).all()
    assert np.flatnonzero(final).tolist() in ([], [maturity])


@pytest.mark.parametrize("date", WITH_TABLES)
def test_repayments_of_a_snapshot_add_up_to_balances_and_fall_due_as_stated(date):
    web = load_web(date)
    layout = compile_layout(web)
    t, calendar = layout.tranches, layout.calendar
    for subject, years in web.tables["repayments"].items():
        loan = subject.rpartition(".")[0]
        stated = np.array([row.value for row in years.values()])
        assert stated.sum() == pytest.approx(web.value(f"{loan}.balance"), abs=1e-9)
        k = t.ids.index(loan)
        assert calendar.yearly(t.regular[k] + t.final[k]) == pytest.approx(stated, abs=1e-9)


@pytest.mark.parametrize("date", WITH_TABLES)
def test_a_table_is_cut_or_filled_up_to_an_edited_balance(date):
    loan = next(iter(load_web(date).tables["repayments"])).rpartition(".")[0]
    for factor in (0.5, 2.0):
        balance = float(load_web(date).value(f"{loan}.balance")) * factor
        t = compile_layout(load_web(date, {f"{loan}.balance": balance})).tranches
        k = t.ids.index(loan)
        assert (t.regular[k] + t.final[k]).sum() == pytest.approx(balance)
        assert t.final[k].sum() == pytest.approx(max(balance - balance / factor, 0.0))


def fleet_of(date, lead, levers=None):
    """A run with another lead of orders, and the host whose it is."""
    host = next(s for s, rows in load_web(date).tables["capacity"].items() if "order_lead" in rows)
    web = load_web(date, {f"{host}.order_lead": lead})
    return Measures(run(web, levers or Scenario.default(date), building="plan")), host


@pytest.mark.parametrize("date", ORDERS_AHEAD)
def test_what_is_ordered_ahead_is_paid_ahead_and_works_when_planned(date):
    """As far as the plan goes: what is built after it follows the market as it is when it is ordered."""
    spent, works = {}, {}
    for lead in (0, 1, 2, 4):
        measures, host = fleet_of(date, lead)
        spent[lead] = measures.company(host, "capex")[0]
        works[lead] = measures.company(host, "contracted")[0]
    plan = compile_layout(load_web(date)).fields["fleet"][0]
    cost, planned = plan["mw_added"] * plan["capex_per_mw"], int(plan["follows_from"])
    refits = spent[0] - cost
    for lead in (1, 2, 4):
        ahead = np.concatenate([cost[lead:], np.zeros(lead)])
        assert spent[lead][: planned - lead] == pytest.approx((refits + ahead)[: planned - lead]), lead
        assert works[lead][: planned + 1] == pytest.approx(works[0][: planned + 1]), lead


@pytest.mark.parametrize("date", ORDERS_AHEAD)
def test_what_is_on_order_is_worth_its_price_to_creditors(date):
    """At the date a longer lead means more that is paid and on its way, and so more collateral."""
    worth = []
    for lead in (0, 2):
        measures, host = fleet_of(date, lead)
        worth.append(measures.result.array("collateral", measures.layout.companies.index(host))[0, 0])
    assert worth[1] > worth[0]
