"""What the market decides for labs, landlords and the intermediary without the web, by hand."""

import numpy as np
import pytest

from core.model.market import market_path
from core.model.terms import market_terms
from core.scenario.levers import Scenario, columns
from tests.worlds import still_market, still_state


def terms(layout, market, **changes):
    return still_state(layout, market, **changes).terms


def test_relet_rent_is_sixty_percent_less_in_a_glut(layout):
    np.testing.assert_allclose(terms(layout, still_market()).relet, 0.6)
    np.testing.assert_allclose(terms(layout, still_market(u=0.425, tau=0.5)).relet, 0.6 * 0.5 * 0.5)
    np.testing.assert_allclose(terms(layout, still_market(u=0.98, tau=1.3)).relet, 0.6)


@pytest.mark.parametrize(("u", "share"), [(0.85, 1.0), (0.70, 0.5), (0.60, 0.0), (0.30, 0.0)])
def test_owners_re_equip_only_in_a_full_market(layout, u, share):
    np.testing.assert_allclose(terms(layout, still_market(u=u)).refit, share, atol=1e-15)  # (u - 60 %) / 20 %


@pytest.mark.parametrize(
    ("u", "v", "share"),
    [
        (0.85, 100, 1.0),
        (0.85, 50, 0.5),
        (0.85 * 0.775, 100, 0.5),
        (0.4, 100, 0.0),
        (0.98, 100, 1.1),
        (0.85, 0, 0.0),
    ],
)
def test_investors_money_dries_up_when_capacity_stands_idle(layout, u, v, share):
    # (u / 0.85 - 0.55) / 0.45, at most 1.1: half of it at 77.5 % of normal use
    found = terms(layout, still_market(u=u), v=v)
    np.testing.assert_allclose(found.confidence, share, atol=1e-12)
    np.testing.assert_allclose(
        found.through_money[0], 1.5 / 4 * share, atol=1e-12
    )  # Fluidstack, plan of 2026


@pytest.mark.parametrize(("dev", "kept"), [(1.0, 1.0), (0.81, 0.9), (0.36, 0.6**0.5), (2.0, 1.0)])
def test_bills_fall_slower_than_demand_and_never_below_a_floor(layout, dev, kept):
    np.testing.assert_allclose(terms(layout, still_market(dev=dev)).bill_kept, kept)


def test_labs_sell_with_demand_and_get_money_with_confidence(layout):
    found = terms(layout, still_market(dev=0.5, u=0.85 * 0.775))
    openai = [lab.id for lab in layout.labs].index("openai")
    # 2027: revenue 58 a year, other cost 42 %, funding 40 at half confidence
    np.testing.assert_allclose(found.lab_revenue[4, openai], 0.5 * 58 / 4)
    np.testing.assert_allclose(found.lab_cost[4, openai], 0.42 * 0.5 * 58 / 4)
    np.testing.assert_allclose(found.lab_income[4, openai], 0.5 * 58 / 4 + 0.5 * 40 / 4)


def test_big_tech_hardly_feels_demand(layout, web):
    found = terms(layout, still_market(dev=0.5))
    company = [layout.nodes[n] for n in layout.wealthy].index("alphabet")
    yearly = web.value("alphabet.operating_cash_flow")
    np.testing.assert_allclose(found.wealthy[0, company], yearly / 4 * 0.5**0.15)


@pytest.mark.parametrize(("tau", "follows"), [(1.0, 1.0), (0.25, 0.25**0.7), (2.0, 1.2**0.7)])
def test_half_of_the_intermediarys_income_follows_spot_prices(layout, tau, follows):
    found = terms(layout, still_market(tau=tau))
    # quarter 10: TeraWulf and Cipher are past their ramps; 360 MW x 1.86 + 207 MW x 1.83, USD m a year
    rents = (360 * 1.86 + 207 * 1.83) / 4000
    np.testing.assert_allclose(found.through_ahead[10], rents)
    np.testing.assert_allclose(found.through_fee[10], 0.5 * 1.30 * rents)
    np.testing.assert_allclose(found.through_spot[10], 0.5 * 1.30 * rents * follows)
    np.testing.assert_allclose(found.through_cost[10], 0.20 * rents)


def test_landlords_pay_for_running_and_overhead(layout):
    found = terms(layout, still_market())
    terawulf = [layout.nodes[n] for n in layout.landlords].index("terawulf")
    rents = (360 * 1.86 + 60 * 1.60) / 4000
    np.testing.assert_allclose(found.landlord_cost[10, terawulf], 0.15 * rents + 0.06 / 4)


def test_rents_start_ramp_and_end(layout):
    found = terms(layout, still_market())
    lease = layout.leases.ids.index("terawulf_fluidstack")
    full = 360 * 1.86 / 4000  # from quarter 1, ramp of five
    expected = [0, full / 5, 2 * full / 5, 3 * full / 5, 4 * full / 5, full, full]
    np.testing.assert_allclose(found.rent[:7, lease, 0], expected)
    np.testing.assert_allclose(found.rent_ahead[1, lease, 0], full * (1 + 2 + 3 + 4) / 5)
    discounted = sum(1.025 ** -(k + 1) for k in range(40 - 9))  # quarters 10 to 40 at 10 % a year
    np.testing.assert_allclose(found.rent_value[10, lease, 0], full * discounted)


def test_metas_exit_ends_hyperions_rent(layout):
    batch = columns([Scenario.default(), Scenario.default().replace(mr=False)])
    found = market_terms(layout, batch, market_path(layout, batch))
    lease = layout.leases.ids.index("hyperion_meta")
    np.testing.assert_allclose(found.rent[27, lease], 2.74 / 4)
    np.testing.assert_allclose(found.rent[28, lease], [2.74 / 4, 0])
    np.testing.assert_allclose(found.rent_ahead[27, lease], [2.74, 2.74 / 4])
