"""What creditors of a failed company get, by hand."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from core.layout.layout import NEVER
from core.layout.schedules import resale_share, valuation_weights
from core.model import recovery
from core.model.books import recovered_now
from core.model.state import FleetState

RESALE = (1.0, 0.75, 0.55, 0.40, 0.28, 0.18, 0.10)  # share of cost by year of age (data book)


@pytest.fixture
def fleet(layout):
    """200 MW of legacy chips bought at 30 x 60 % = USD 18 m per MW, two quarters old."""
    plan = replace(
        layout.fleets[0],
        active_mw=200.0,
        capex_per_mw=30.0,
        chip_share=0.6,
        chip_life=24,
        legacy_age=2,
        term=3,
        opex=4.0,
        legacy_price=9.0,
        legacy_mw=(legacy_mw := np.where(np.arange(36) < 3, 200.0, 0.0)),
    )
    given = {"active_mw": 200.0, "contract_term": 3, "chip_life_years": 6, "legacy_age": 2}
    plan = replace(plan, **valuation_weights(given.get, legacy_mw, layout.resale, 0.10 / 4))
    return FleetState.start(plan, 2)


def test_resale_curve_is_linear_between_years_and_ends_at_scrap(layout):
    ages = np.array([0, 2, 4, 6, 24, 40])
    expected = [1.0, (1 + 0.75) / 2, 0.75, (0.75 + 0.55) / 2, 0.10, 0.10]
    np.testing.assert_allclose(resale_share(layout.resale, ages), expected)
    np.testing.assert_allclose(layout.resale, RESALE)


def test_chips_are_worth_their_cost_by_age(layout, fleet):
    fleet.built[1] = [100.0, 10.0]
    # end of quarter 2: legacy is 2 + 3 = 5 quarters old, the 100 MW of quarter 1 are 2 quarters old
    legacy, young = 0.75 + (0.55 - 0.75) / 4, (1 + 0.75) / 2
    expected = 0.018 * np.array([200 * legacy + 100 * young, 200 * legacy + 10 * young])  # USD bn per MW
    np.testing.assert_allclose(recovery.chip_value(fleet, 2), expected)


def test_chips_past_their_life_are_worth_nothing(layout, fleet):
    np.testing.assert_allclose(recovery.chip_value(fleet, 21), 0.018 * 200 * 0.10)  # exactly 24 quarters
    np.testing.assert_allclose(recovery.chip_value(fleet, 22), 0.0)


def test_take_or_pay_is_an_annuity_of_the_margin(layout, fleet):
    fleet.built[0], fleet.price[0] = 50.0, 12.0
    legacy, new = np.array([0.25, 1.0]), np.array([0.5, 0.0])
    value, ebitda = recovery.contract_value(fleet, 0, legacy, new)
    v = 1 / (1 + 0.10 / 4)
    new_margin = 50 * (12 - 4) / 4000  # USD bn a quarter for the three quarters left of the term
    legacy_margin = 200 * (9 - 4) / 4000  # for quarters 1 and 2
    whole_new, whole_legacy = new_margin * (v + v**2 + v**3), legacy_margin * (v + v**2)
    np.testing.assert_allclose(value, [0.5 * whole_new + 0.25 * whole_legacy, whole_legacy])
    np.testing.assert_allclose(ebitda, [4 * (0.5 * new_margin + 0.25 * legacy_margin), 4 * legacy_margin])


def test_take_or_pay_that_has_run_out_is_worth_nothing(layout, fleet):
    fleet.built[0], fleet.price[0] = 50.0, 12.0
    value, ebitda = recovery.contract_value(fleet, 3, np.ones(2), np.ones(2))
    np.testing.assert_array_equal(value, 0.0)
    np.testing.assert_array_equal(ebitda, 0.0)


def test_a_contract_below_cost_is_worth_nothing_not_less(layout, fleet):
    fleet.built[0], fleet.price[0] = 50.0, 3.0
    value, _ = recovery.contract_value(fleet, 0, np.zeros(2), np.ones(2))
    np.testing.assert_array_equal(value, 0.0)


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
    layout, ebitda, chips, sites, tau, owed, expected
):
    values = (np.array([x]) for x in (ebitda, chips, sites, tau, owed))
    np.testing.assert_allclose(recovery.collateral(layout, *values), [expected])


def test_seniors_first_then_pro_rata_never_more_than_owed():
    claims = np.array([[4.0, 4.0, 4.0], [6.0, 6.0, 6.0], [3.0, 3.0, 3.0], [9.0, 9.0, 9.0]])
    seniority = np.array([3, 2, 2, 4])
    got = recovery.by_seniority(np.array([6.0, 11.0, 100.0]), claims, seniority)
    # 6: seniors owed 9 get 2/3; 11: seniors 9, next 2 of 4, last 0; 100: everybody all, no more
    np.testing.assert_allclose(got, [[0, 2, 4], [4, 6, 6], [2, 3, 3], [0, 0, 9]])


def test_nothing_owed_gets_nothing():
    np.testing.assert_array_equal(
        recovery.by_seniority(np.array([5.0]), np.zeros((2, 1)), np.array([2, 3])), 0.0
    )


def test_estate_is_paid_out_over_the_four_quarters_after_failure(layout):
    borrowers, claims = layout.borrowers, layout.claim_place.size
    failed = np.full((len(layout.nodes), 1), NEVER, dtype=np.int16)
    failed[borrowers[0]] = 5
    state = SimpleNamespace(
        layout=layout, failed=failed, living=failed == NEVER, recovery=np.ones((claims, 1))
    )
    mine = layout.claim_place == 0
    for q, share in ((5, 0.0), (6, 0.25), (9, 0.25), (10, 0.0)):
        got = recovered_now(state, q)[:, 0]
        np.testing.assert_allclose(got[mine], share)
        np.testing.assert_array_equal(got[~mine], 0.0)
