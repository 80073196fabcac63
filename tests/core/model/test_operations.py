"""What a compute host earns before finance, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from core.model import operations
from core.model.market import market_path
from core.model.state import FleetState, start_state
from core.model.terms import market_terms
from core.scenario.levers import Scenario, columns
from tests.worlds import still_market, still_state

BN = 1 / 4000  # USD m a year per MW -> USD bn a quarter per MW


@pytest.fixture
def plan(layout):
    """A fleet for the pencil: 100 MW of old contracts end in quarters 1 and 2; 40 MW come in quarter 0."""
    return replace(
        layout.fleets[0],
        active_mw=100.0,
        legacy_price=8.0,
        new_price=12.0,
        opex=4.0,
        site_lease=1.0,
        capex_per_mw=30.0,
        chip_share=0.6,
        chip_life=4,
        site_life=40,
        term=2,
        legacy_age=1,
        legacy_mw=np.array([100.0, 30.0, 0.0, 0.0, 0.0, 0.0]),
        reequip_share=0.5,
        committed=1,
        mw_added=np.array([40.0, 20.0, 0.0, 0.0, 0.0, 0.0]),
    )


def quarters(layout, plan, count, *, access=1.0, cap=0.0, building="market", still=None):
    """Run the fleet for some quarters."""
    still = still or still_market()
    fleet = FleetState.start(plan, 1)
    state = still_state(layout, still, building=building)
    share, left = np.array([access]), np.array([cap])
    return fleet, [operations.run_fleet(fleet, state, share, left, q) for q in range(count)]


def test_first_quarter_earns_old_contracts_and_pays_for_every_megawatt(layout, plan):
    _, (now,) = quarters(layout, plan, 1)
    assert now.legacy_revenue[0] == pytest.approx(100 * 8 * BN)
    assert now.new_revenue[0] == 0.0  # what is built in a quarter earns from the next one on
    assert now.opex[0] == pytest.approx(100 * (4 - 1) * BN)
    assert now.site_lease[0] == pytest.approx(100 * 1 * BN)
    assert now.capex[0] == pytest.approx(40 * 0.030)


def test_depreciation_splits_chips_and_sites(layout, plan):
    _, (first, second) = quarters(layout, plan, 2)
    # chips 60 % over 4 quarters, sites 40 % over 40
    assert first.depreciation[0] == pytest.approx(0.030 * (0.6 * 100 / 4 + 0.4 * 100 / 40))
    assert second.depreciation[0] == pytest.approx(0.030 * (0.6 * 140 / 4 + 0.4 * 140 / 40))


def test_chips_past_their_life_are_written_off(layout, plan):
    _, done = quarters(layout, plan, 4, access=0.0)
    # legacy chips are one quarter old at the start and end after quarter 2; 40 MW of quarter 0 remain young
    assert done[2].depreciation[0] == pytest.approx(0.030 * (0.6 * 140 / 4 + 0.4 * 140 / 40))
    assert done[3].depreciation[0] == pytest.approx(0.030 * (0.6 * 40 / 4 + 0.4 * 140 / 40))


def test_ending_contracts_are_signed_anew_with_access(layout, plan):
    _, (_, second, third) = quarters(layout, plan, 3)
    # 70 MW end in quarter 1 and are re-equipped at half of the capex; 20 MW are added
    assert second.capex[0] == pytest.approx((20 + 0.5 * 70) * 0.030)
    assert second.spot[0] == 0.0
    assert second.new_revenue[0] == pytest.approx(40 * 12 * BN)
    # quarter 2: 30 more legacy MW end; the 40 MW signed in quarter 0 run from quarter 1 to 2
    assert third.new_revenue[0] == pytest.approx((40 + 20 + 70) * 12 * BN)
    assert third.capex[0] == pytest.approx(0.5 * 30 * 0.030)


def test_without_access_they_run_off_on_ageing_spot_prices(layout, plan):
    _, (first, second, third) = quarters(layout, plan, 3, access=0.0)
    assert first.capex[0] == pytest.approx(40 * 0.030)  # the committed quarter is built all the same
    assert second.capex[0] == 0.0
    # legacy chips are 1 + 1 = 2 quarters old in quarter 1; a quarter takes 10 %
    assert second.spot[0] == pytest.approx(70 * 12 * 0.9**2 * BN)
    assert third.spot[0] == pytest.approx((70 + 30) * 12 * 0.9**3 * BN)


def test_new_cohorts_leave_after_their_term(layout, plan):
    _, done = quarters(layout, plan, 5, access=0.0)
    # the 40 MW of quarter 0 are contracted in quarters 1 and 2
    assert [x.new_revenue[0] for x in done] == pytest.approx([0, 40 * 12 * BN, 40 * 12 * BN, 0, 0])
    # and sell on spot from quarter 3, three quarters old, beside the old chips (four quarters old then)
    assert done[3].spot[0] == pytest.approx((100 * 0.9**4 + 40 * 0.9**3) * 12 * BN)


def test_a_plan_is_built_whatever_lenders_say(layout, plan):
    _, done = quarters(layout, plan, 2, access=0.0, building="plan")
    assert done[1].capex[0] == pytest.approx((20 + 0.5 * 70) * 0.030)


@pytest.mark.parametrize(("u", "share"), [(0.85, 1.0), (0.70, 0.5), (0.60, 0.0), (0.30, 0.0)])
def test_re_equipping_waits_for_a_full_market(layout, u, share):
    state = still_state(layout, still_market(u=u))
    # (u - 60 %) / 20 %, times access 0.4
    np.testing.assert_allclose(operations.refit_share(state, np.array([0.4]), 3), 0.4 * share, atol=1e-15)


def test_new_contracts_are_signed_at_the_root_of_tightness(layout, plan):
    _, done = quarters(layout, plan, 2, still=still_market(tau=0.64))
    assert done[1].new_revenue[0] == pytest.approx(40 * 12 * 0.8 * BN)


@pytest.mark.parametrize(
    ("free", "tau", "sold", "cap", "spot", "bought"),
    [
        (10, 1.0, 0.6, 9.0, 6.0, (1 - 0.6) * 10 * 0.8),  # market first, the giver takes the rest at 0.8
        (10, 1.0, 0.6, 2.0, 6.0, 2.0),  # as far as his cap goes
        (10, 0.5, 0.6, 9.0, (10 - 8 / 0.8) * 0.5, 8.0),  # giver first: all of it
        (10, 0.5, 0.6, 4.0, (10 - 4 / 0.8) * 0.5, 4.0),  # 5 left, all of it sold
        (10, 0.5, 0.3, 4.0, 3 * 0.5, 4.0),  # 5 left, but the market takes 3
        (10, 0.5, 0.6, 0.0, 6 * 0.5, 0.0),  # no promise
    ],
)
def test_free_capacity_goes_to_the_better_payer_first(free, tau, sold, cap, spot, bought):
    got = operations.sell_free_capacity(
        *(np.array([float(x)]) for x in (free, tau, sold)), 0.8, np.array([cap])
    )
    np.testing.assert_allclose([x[0] for x in got], [spot, bought])


def test_a_better_market_never_lowers_the_income_from_free_capacity():
    tau = np.linspace(0.01, 2, 400)
    for cap in (0.0, 1.0, 4.0, 20.0):
        sold = np.minimum(1.0, tau**0.7)  # both rise with utilisation
        income = sum(operations.sell_free_capacity(np.full(400, 10.0), tau, sold, 0.8, np.full(400, cap)))
        assert (np.diff(income) >= -1e-12).all(), cap


def test_the_data_book_fleet_earns_what_its_contracts_say(layout):
    levers = columns([Scenario.default()] * 2)
    market = market_path(layout, levers)
    state = start_state(layout, levers, market, market_terms(layout, levers, market), "market")
    now = operations.run_fleet(state.fleets[0], state, np.ones(2), np.zeros(2), 0)
    np.testing.assert_allclose(now.legacy_revenue, 850 * 9.6 / 4000)  # 850 MW at USD 9.6 m a year: 2.04 bn
    np.testing.assert_allclose(now.site_lease * 4, 0.825, rtol=1e-4)  # lease cost of 2025
