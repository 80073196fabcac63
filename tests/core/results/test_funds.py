"""Fund books by hand: borrowing, fees, draws, losses, sale at the horizon; and marks of instruments."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from core.finance.debt import level_payment
from core.model.engine import run
from core.model.record import DISTRESSED, FAILED, HEALTHY, STRETCHED
from core.results import funds
from core.results.fund_tables import (
    TERMS,
    _accounts_of,
    _books_of,
    fund_returns,
    fund_tables,
    instruments,
    losses,
)
from core.results.funds import Fund
from core.scenario.levers import Scenario
from tests.worlds import FIRST, QUARTERS, random_levers

BASE = Scenario.default(FIRST)


@pytest.fixture
def books(layout):
    """Accounts of one fund with one holding, in a run of one scenario."""
    known = fund_tables(layout)
    size = known.fund[0]["weight"].shape

    def of(terms, held, *, last=19, r=0.04):
        fund = known.fund.copy()
        for name in TERMS:
            fund[name][0, 0] = getattr(terms, name)
        fund["weight"][0, 0] = np.eye(1, size[1])
        lost = np.zeros((1, size[1]))
        lost[0, 0] = terms.size * held["lost"][: last + 1].sum()
        found = _books_of(replace(known, fund=fund), np.array([r]), np.array([last]), QUARTERS, held["ones"])
        terms = replace(terms, holdings=((known.names[0], 1.0),))
        return _accounts_of(known, terms, 0, found, lost.sum(axis=1), lost)

    return of


def instrument(result, name):
    """Flows of one dollar in an instrument, (quarter, scenario)."""
    known, ones = fund_tables(result.layout), instruments(result)
    k = known.names.index(name)
    return SimpleNamespace(**{flow: ones[flow][:, k].T for flow in ones.dtype.names})


def fund(**terms):
    plain = {"size": 10.0, "leverage": 0.0, "fee": 0.0, "carry": 0.0, "hurdle": 0.0, "funding_spread": 0.02}
    return Fund(id="f", holdings=(("loan", 1.0),), investors=(("pensions", 1.0),), **{**plain, **terms})


@pytest.fixture
def loan(layout):
    """One dollar that pays its coupon every quarter and keeps its value."""

    def of(coupon, *, opening=1.0, lost=None, scheduled=None, **flows):
        due = np.full(QUARTERS, coupon) if scheduled is None else scheduled
        lost = np.zeros(QUARTERS) if lost is None else lost
        given = {"bought": 0.0, "received": due - lost, "scheduled": due, "book": 1.0, "mark": 1.0, **flows}
        ones = np.zeros(1, fund_tables(layout).one)
        ones["opening"][0, 0] = opening
        for name, values in given.items():
            ones[name][0, 0] = values
        return {"lost": lost, "ones": ones}

    return of


def test_a_loan_without_frills_earns_its_coupon(books, loan):
    got = books(fund(), loan(0.02))
    assert got.gross_irr[0] == pytest.approx(1.02**4 - 1)
    assert got.net_irr[0] == pytest.approx(1.02**4 - 1)
    assert got.moic[0] == pytest.approx(20 * 0.02 + 1)  # twenty coupons and the sale at par
    assert got.dpi[0] == pytest.approx(20 * 0.02)
    assert got.rvpi[0] == pytest.approx(1.0)


def test_borrowing_at_less_than_the_coupon_lifts_the_return(books, loan):
    # half borrowed at (4 % + 2 %) / 4 = 1.5 % a quarter: (0.02 - 0.5 x 0.015) / 0.5 = 2.5 %
    got = books(fund(leverage=1.0), loan(0.02))
    assert got.unlevered_irr[0] == pytest.approx(1.02**4 - 1)
    assert got.gross_irr[0] == pytest.approx(1.025**4 - 1)
    assert got.nav[0, 5] == pytest.approx(10 * 0.5)  # size x (mark - debt)


def test_borrowing_at_more_than_the_coupon_costs(books, loan):
    # at 10 % a quarter costs 3 %: (0.02 - 0.5 x 0.03) / 0.5 = 1 %
    assert books(fund(leverage=1.0), loan(0.02), r=0.10).gross_irr[0] == pytest.approx(1.01**4 - 1)


def test_fee_is_charged_on_invested_capital(books, loan):
    # 1.6 % a year on the half that is not borrowed: 0.4 % a quarter off 2.5 %
    got = books(fund(leverage=1.0, fee=0.016), loan(0.02))
    assert got.gross_irr[0] == pytest.approx(1.025**4 - 1)
    assert got.after_fee_irr[0] == pytest.approx(1.021**4 - 1)
    assert got.net_irr[0] == got.after_fee_irr[0]


def test_carry_takes_its_share_of_profit_above_the_hurdle(books, loan):
    # 20 coupons of 0.02 and par: profit 0.40; full catch-up above a hurdle of 4 % leaves 80 % of it
    got = books(fund(carry=0.2, hurdle=0.04), loan(0.02))
    assert got.moic[0] == pytest.approx(1 + 0.8 * 0.40)
    assert got.net_irr[0] < got.after_fee_irr[0]
    # below the hurdle nothing is taken
    untouched = books(fund(carry=0.2, hurdle=0.12), loan(0.02))
    assert untouched.net_irr[0] == pytest.approx(untouched.after_fee_irr[0])


def test_the_bridge_from_gross_to_net_goes_down_step_by_step(books, loan):
    got = books(fund(leverage=0.6, fee=0.0125, carry=0.125, hurdle=0.06), loan(0.03))
    steps = [got.unlevered_irr[0], got.gross_irr[0], got.after_fee_irr[0], got.net_irr[0]]
    assert steps[1] > steps[0]
    assert steps[1] > steps[2] > steps[3]


def test_the_sale_comes_at_the_horizon(books, loan):
    held = loan(0.02)
    held["ones"]["mark"][0, 0, 11:] = 0.5  # marked down from the end of 2028
    early, late = (books(fund(), held, last=last) for last in (10, 11))
    assert early.moic[0] == pytest.approx(11 * 0.02 + 1.0)
    assert late.moic[0] == pytest.approx(12 * 0.02 + 0.5)


def test_what_is_lost_is_measured_against_what_was_due(books, loan):
    scheduled, lost = np.full(QUARTERS, 0.02), np.zeros(QUARTERS)
    scheduled[7], lost[7] = 1.0, 0.4  # in quarter 7 all of it falls due and 40 % is lost
    lost[25] = 0.5  # beyond the horizon: does not count
    got = books(fund(), loan(0.02, scheduled=scheduled, lost=lost))
    assert got.loss[0] == pytest.approx(10 * 0.4)
    assert got.loss_rate[0] == pytest.approx(0.4 / (19 * 0.02 + 1.0))
    assert sum(got.loss_by_holding.values())[0] == pytest.approx(10 * 0.4)


def test_a_wiped_out_fund_returns_minus_hundred_percent(books, loan):
    held = loan(0.0)
    held["ones"]["mark"] = 0.0
    got = books(fund(), held)
    assert got.net_irr[0] == -1.0
    assert got.moic[0] == 0.0


def test_money_drawn_later_is_paid_in_later(books, loan):
    quarters = np.arange(QUARTERS)
    coupons, owned = np.where(quarters > 3, 0.02, 0.0), np.where(quarters >= 3, 1.0, 0.0)
    drawn = {"bought": np.where(quarters == 3, 1.0, 0.0), "book": owned, "mark": owned}
    got = books(fund(), loan(0.0, opening=0.0, scheduled=coupons, **drawn))
    # a year idle costs nothing: from quarter 3 on it is the plain loan, sixteen quarters long
    assert got.gross_irr[0] == pytest.approx(1.02**4 - 1)
    assert got.moic[0] == pytest.approx(1 + 16 * 0.02)


def test_repayments_pay_back_the_borrowing_in_step(books, loan):
    left = np.maximum(1.0 - np.arange(1, QUARTERS + 1) / 4, 0.0)  # a quarter of it each quarter
    repaid = loan(0.0, scheduled=np.where(np.arange(QUARTERS) < 4, 0.25, 0.0), book=left, mark=left)
    got = books(fund(leverage=1.0, funding_spread=-0.04), repaid, r=0.04)  # borrowing costs nothing
    assert got.gross_irr[0] == pytest.approx(0.0, abs=1e-9)
    np.testing.assert_allclose(got.nav[0, :4], 10 * 0.5 * np.array([0.75, 0.5, 0.25, 0.0]))


# ---------------------------------------------------------------- the funds of the snapshot


def test_funds_hold_what_the_data_book_says(layout):
    found = {f.id: f for f in funds.funds(layout)}
    assert found["pimco"].holdings == (("hyperion_notes", 1.0),)
    assert dict(found["blackstone"].holdings) == {"coreweave_ddtl1": 0.25, "coreweave_ddtl2": 0.75}
    assert found["infra_credit"].leverage == 0.6
    assert found["infra_credit"].fee == 0.0125
    for one in found.values():
        assert sum(weight for _, weight in one.holdings) == pytest.approx(1.0)
        assert sum(weight for _, weight in one.investors) == pytest.approx(1.0)


def test_every_instrument_is_bought_at_par_in_the_base_case(base):
    """At today's rates nothing is marked up or down before anything has happened."""
    names = {name for f in funds.funds(base.layout) for name, _ in f.holdings}
    for name in sorted(names - {"new_loans", "hyperion_equity"}):
        held = instrument(base.result, name)
        assert held.opening[0] == 1.0
        assert held.mark[0, 0] == pytest.approx(held.book[0, 0], abs=0.02), name


def test_a_note_is_marked_at_todays_rate_and_spread(web, layout):
    """Hyperion's notes pay interest until quarter 12, then level; at 2 % more they are worth less."""
    got = instrument(run(web, BASE.replace(r=5.75)), "hyperion_notes").mark
    coupon, dearer = 0.06581 / 4, (0.06581 + 0.02) / 4
    payment = level_payment(1.0, coupon, 80)
    flows = np.concatenate([np.full(12, coupon), np.full(80, payment)])
    worth = sum(flow / (1 + dearer) ** (k + 1) for k, flow in enumerate(flows[1:]))
    assert got[0, 0] == pytest.approx(worth, rel=1e-9)


def test_marks_of_a_weak_borrower_are_lower(web, layout):
    scenario = BASE.replace(g=0)
    stressed, calm = (instrument(run(web, s), "coreweave_notes2030") for s in (scenario, BASE))
    c = layout.companies.index("coreweave")
    was, status = (run(web, s).array("priced_status", c)[0] for s in (BASE, scenario))
    weak = (status > HEALTHY) & (status < FAILED) & (status > was)
    assert weak.sum() > 4
    assert (stressed.mark[weak, 0] < calm.mark[weak, 0]).all()


def test_a_year_that_does_not_earn_its_principal_widens_no_yield(web, layout):
    """Lenders knew the schedule of repayment when they lent: CoreWeave at base is stretched, at par."""
    result, c = run(web, BASE), layout.companies.index("coreweave")
    shown, priced = (result.array(name, c)[0, :12] for name in ("status", "priced_status"))
    assert ((shown == STRETCHED) & (priced == HEALTHY)).any()
    held = instrument(result, "coreweave_notes2030")
    np.testing.assert_allclose(held.mark[:12, 0][priced == HEALTHY], held.book[:12, 0][priced == HEALTHY])


def test_metas_exit_is_in_the_mark_long_before_it_happens(web):
    stays, leaves = (
        instrument(run(web, BASE.replace(mr=mr, g=-20)), "hyperion_equity") for mr in (True, False)
    )
    assert (leaves.mark[0] < stays.mark[0]).all()
    notes = [instrument(run(web, BASE.replace(mr=mr)), "hyperion_notes").mark[11, 0] for mr in (True, False)]
    assert notes[0] != notes[1]


def test_leases_outside_the_web_never_default(three, layout):
    held = instrument(three.result, "ig_leases")
    k = fund_tables(layout).names.index("ig_leases")
    assert (losses(three.result)[1][:, :, k] == 0).all()
    np.testing.assert_array_equal(held.received, held.scheduled)
    np.testing.assert_array_equal(held.book[:, 0], held.book[:, 2])
    assert (held.mark[:20, 2] < held.mark[:20, 0]).all()  # at 7 % they are worth less


def test_investors_bear_the_losses_of_their_funds_by_share(three, layout):
    found = three.fund_returns
    expected = sum(dict(f.investors)["pensions"] * found[f.id].loss for f in funds.funds(layout))
    np.testing.assert_allclose(three.investors["pensions"], expected)
    assert three.investors["pensions"][0] == 0
    assert three.investors["pensions"][2] > 0


def test_the_pool_keeps_the_coupon_of_the_last_quarter_in_which_it_buys(web, layout):
    """After the draw period a dollar of new loans is worth its own coupon against that and the widening."""
    result = run(web, BASE.replace(g=5, r=6))
    bought = np.flatnonzero(instrument(result, "new_loans").bought[:, 0])
    assert bought.max() == layout.calendar.first_of(2029) - 1
    held = instrument(result, "new_loans")
    host = layout.fields["fleet"][0]["node"]
    rates = result.array("new_rate", list(layout.borrowers).index(host))[0]
    status = result.array("priced_status", layout.companies.index(layout.nodes[host]))[0]
    assert rates[bought.max()] != rates[bought.max() + 1]
    widened = np.flatnonzero((status == STRETCHED) | (status == DISTRESSED))
    later = widened[widened > bought.max() + 1]
    assert later.size
    for q in later:
        wider = layout.p("status.stretched_spread" if status[q] == STRETCHED else "status.distressed_spread")
        life = max(layout.p("debt.term") - q / 2, 4)
        coupon = rates[bought.max()] / 4
        price = level_payment(1.0, coupon, life) / level_payment(1.0, coupon + wider / 4, life)
        assert held.mark[q, 0] / held.book[q, 0] == pytest.approx(price, rel=1e-12)


def test_a_return_that_is_one_of_several_says_so(books, loan):
    """Paid in, far too much back, and then a fee that nothing pays: two rates fit."""
    flows = np.zeros(QUARTERS)
    flows[0], book = 2.14, np.zeros(QUARTERS)
    held = loan(
        0.0, received=flows, scheduled=flows, book=book, mark=0.0, bought=np.eye(1, QUARTERS, 1)[0] * 1.1424
    )
    got = books(fund(), held, last=1)
    assert got.unlevered_irr[0] == pytest.approx(1.02**4 - 1)  # not 1.12**4 - 1: by the year 2 % is nearer
    assert got.several_rates["unlevered_irr"][0]
    plain = books(fund(), loan(0.02))
    assert not any(several[0] for several in plain.several_rates.values())


def test_every_return_of_many_worlds_says_whether_others_fit(web):
    """Some do, most do not; the flag is the one that the textbook rule gives."""
    found = fund_returns(run(web, random_levers(7, 400)))
    flagged = np.array([list(one.several_rates.values()) for one in found.values()])
    assert 0.003 < flagged.mean() < 0.10
    assert set(found["pimco"].several_rates) == set(funds.BRIDGE)
    rates = np.array([[getattr(one, name) for name in funds.BRIDGE] for one in found.values()])
    assert np.isfinite(rates[flagged]).all()
