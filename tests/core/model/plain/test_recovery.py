"""What creditors of a failed company get, by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from core.layout.schedules import resale_curve, resale_share, valuation_weights
from core.model import books, recovery
from core.model.state import start_fleet
from tests.worlds import QUARTERS

SOUND_ALONE = SimpleNamespace(recovery_other_contracts=0.0)
RESALE = (1.0, 0.75, 0.55, 0.40, 0.28, 0.18, 0.10)  # share of cost by year of age (data book)


@pytest.fixture
def plan(layout):
    """200 MW of legacy chips at 30 x 60 % = USD 18 m per MW, bought evenly over five quarters."""
    legacy_mw = np.where(np.arange(QUARTERS + 4) < 3, 200.0, 0.0)
    given = {"active_mw": 200.0, "contract_term": 3, "chip_life_years": 6, "legacy_age": 2}
    return SimpleNamespace(
        active_mw=200.0, capex_per_mw=0.030, chip_share=0.6, opex=4.0, legacy_price=9.0, undrawn=0.0,
        backlog=0.0, order_lead=0, mw_added=np.zeros(QUARTERS), legacy_mw=legacy_mw,
        **valuation_weights(given.get, legacy_mw, np.array(RESALE), 0.10 / 4),
    )  # fmt: skip


@pytest.fixture
def fleet(still, plan):
    found = still().s.fleet[0]
    start_fleet(plan, found)
    found.safe_legacy = found.safe_new = 1.0
    return found


def test_resale_curve_is_linear_between_years_and_ends_at_scrap(layout):
    ages = np.array([0, 2, 4, 6, 24, 40])
    expected = [1.0, (1 + 0.75) / 2, 0.75, (0.75 + 0.55) / 2, 0.10, 0.10]
    np.testing.assert_allclose(resale_share(resale_curve(layout.parameters), ages), expected)
    np.testing.assert_allclose(resale_curve(layout.parameters), RESALE)


@pytest.mark.parametrize("built", [100.0, 10.0])
def test_chips_are_worth_their_cost_by_age(plan, fleet, built):
    fleet.built[1] = built
    # end of quarter 2: legacy chips are 0 to 4 quarters old and three more, those of quarter 1 two quarters
    legacy = np.mean(
        [(1 + 3 * 0.75) / 4, 0.75, (3 * 0.75 + 0.55) / 4, (0.75 + 0.55) / 2, (0.75 + 3 * 0.55) / 4]
    )
    young = (1 + 0.75) / 2
    expected = 0.018 * (200 * legacy + built * young)  # USD bn per MW
    assert recovery.chip_value(plan, fleet, 2) == pytest.approx(expected)


def test_chips_past_their_life_are_worth_nothing(plan, fleet):
    # end of quarter 21: 22 to 26 quarters old; a life is 24 of them, in which chips fall to 10 %
    left = [0.18 - 0.08 * 2 / 4, 0.18 - 0.08 * 3 / 4, 0.10, 0.0, 0.0]
    assert recovery.chip_value(plan, fleet, 21) == pytest.approx(0.018 * 200 * np.mean(left))
    assert recovery.chip_value(plan, fleet, 23) == pytest.approx(
        0.018 * 200 * 0.10 / 5
    )  # exactly 24 quarters
    assert recovery.chip_value(plan, fleet, 24) == 0.0


def test_the_opening_fleet_leaves_one_vintage_after_the_other(plan):
    # 0 to 4 quarters old at the snapshot date: the oldest is in its last quarter in quarter 19
    assert plan.legacy_in_use[18:26] == pytest.approx([1, 1, 0.8, 0.6, 0.4, 0.2, 0, 0])


@pytest.mark.parametrize(("legacy", "new"), [(0.25, 0.5), (1.0, 0.0)])
def test_take_or_pay_is_an_annuity_of_the_margin(plan, fleet, legacy, new):
    fleet.signed[0], fleet.price[0] = 50.0, 12.0
    fleet.safe_legacy, fleet.safe_new = legacy, new
    value, ebitda = recovery.contract_value(SOUND_ALONE, plan, fleet, 0)
    v = 1 / (1 + 0.10 / 4)
    new_margin = 50 * (12 - 4) / 4000  # USD bn a quarter for the three quarters left of the term
    legacy_margin = 200 * (9 - 4) / 4000  # for quarters 1 and 2
    assert value == pytest.approx(new * new_margin * (v + v**2 + v**3) + legacy * legacy_margin * (v + v**2))
    assert ebitda == pytest.approx(4 * (new * new_margin + legacy * legacy_margin))


def test_take_or_pay_that_has_run_out_is_worth_nothing(plan, fleet):
    fleet.signed[0], fleet.price[0] = 50.0, 12.0
    assert recovery.contract_value(SOUND_ALONE, plan, fleet, 3) == (0.0, 0.0)


def test_a_contract_below_cost_is_worth_nothing_not_less(plan, fleet):
    fleet.signed[0], fleet.price[0] = 50.0, 3.0
    fleet.safe_legacy = 0.0
    assert recovery.contract_value(SOUND_ALONE, plan, fleet, 0)[0] == 0.0


@pytest.mark.parametrize(
    ("ebitda", "chips", "sites", "tau", "owed", "expected"),
    [
        (5.0, 10.0, 3.0, 1.0, 2.0, 4 * 5 + 2),  # going concern 20 beats 10 + 3
        (2.0, 10.0, 3.0, 1.0, 2.0, 10 + 3 + 2),  # the pieces beat 8
        (2.0, 10.0, 3.0, 0.25, 2.0, 10 * 0.5 + 3 + 2),  # in a glut chips fetch tau ** 0.5, sites as ever
        (-3.0, 0.0, 0.0, 1.0, 2.0, 2.0),  # losses are not a debt of the buyer
    ],
)
def test_collateral_is_the_better_of_two_sales_plus_what_is_owed(
    still, ebitda, chips, sites, tau, owed, expected
):
    w = still(tau=tau)
    view, k = w.work.outlook, w.borrower("coreweave")
    view.unsafe[k], view.chips[k], view.free_share[k], view.owed[k] = ebitda, chips, 1.0, owed
    view.sites[k] = sites / w.web.borrower.site_share[k]  # what a sale in distress leaves of it
    books.worth(w.web, w.path, w.s, view, 3)
    assert view.collateral[k] == pytest.approx(expected)


@pytest.fixture
def creditors():
    """Claims of four creditors on one borrower, and one on another; what they recover is filled in."""
    claims = np.array([4.0, 6.0, 3.0, 9.0, 5.0])
    claim = SimpleNamespace(place=np.array([0, 0, 0, 0, 1]), seniority=np.array([3, 2, 2, 4, 2]), classes=5)
    web = SimpleNamespace(claim=claim, borrower=SimpleNamespace(pledged=np.ones(2)))
    return web, SimpleNamespace(claims=claims, recovery=np.zeros(5))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (6.0, [0, 4, 2, 0, 0]),  # seniors owed 9 get 2/3
        (11.0, [2, 6, 3, 0, 0]),  # seniors 9, the next 2 of 4, the last nothing
        (100.0, [4, 6, 3, 9, 0]),  # everybody all, no more
        (0.0, [0, 0, 0, 0, 0]),
    ],
)
def test_seniors_first_then_pro_rata_never_more_than_owed(creditors, value, expected):
    web, s = creditors
    recovery.by_seniority(web, s, 0, value)
    np.testing.assert_allclose(s.recovery, expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5.0, [0.8, 2.8, 1.4, 0, 0]),  # seniors 3 of 9; of the 2 that are free all take 2/10
        (10.0, [4 * 4 / 7, 4 + 2 * 4 / 7, 2 + 4 / 7, 0, 0]),  # seniors 6; the 4 that are free over 3 and 4
        (13.0, [4, 6, 3, 0, 0]),  # all but the last are paid
        (15.0, [4, 6, 3, 2, 0]),
        (0.0, [0, 0, 0, 0, 0]),
    ],
)
def test_what_is_not_pledged_is_shared_with_what_seniors_lack(creditors, value, expected):
    web, s = creditors
    web.borrower.pledged[:] = 0.6
    recovery.by_seniority(web, s, 0, value)
    np.testing.assert_allclose(s.recovery, expected, atol=1e-12)


def test_contracts_of_other_tenants_count_as_far_as_creditors_say(plan, fleet):
    fleet.signed[0], fleet.price[0] = 50.0, 12.0
    fleet.safe_legacy, fleet.safe_new, fleet.legacy, fleet.new = 0.0, 0.0, 1.0, 1.0
    whole = [recovery.contract_value(SimpleNamespace(recovery_other_contracts=x), plan, fleet, 0)
             for x in (0.0, 0.5, 1.0)]  # fmt: skip
    assert whole[0] == (0.0, 0.0)
    np.testing.assert_allclose(whole[1], np.array(whole[2]) / 2)
    fleet.legacy = fleet.new = 0.0  # they have failed
    assert recovery.contract_value(SimpleNamespace(recovery_other_contracts=1.0), plan, fleet, 0) == (0, 0)


def test_what_is_on_order_is_worth_its_cost(plan, fleet):
    plan.order_lead, plan.mw_added = 2, np.full(QUARTERS, 7.0)
    start_fleet(plan, fleet)
    before = recovery.chip_value(SimpleNamespace(**{**vars(plan), "order_lead": 0}), fleet, -1)
    assert recovery.chip_value(plan, fleet, -1) - before == pytest.approx(0.018 * 14)


def test_nothing_owed_gets_nothing(creditors):
    web, s = creditors
    s.claims[:] = 0.0
    recovery.by_seniority(web, s, 0, 5.0)
    assert not s.recovery.any()


def test_estate_is_paid_out_over_the_four_quarters_after_failure(still):
    w = still()
    w.s.failed[w.layout.borrowers[0]], w.s.recovery[:] = 5, 1.0
    mine = w.layout.fields["claim"]["place"] == 0
    for q, share in ((5, 0.0), (6, 0.25), (9, 0.25), (10, 0.0)):
        found = [recovery.recovered_now(w.web, w.s, i, q) for i in range(mine.size)]
        np.testing.assert_allclose(found, np.where(mine, share, 0.0))
