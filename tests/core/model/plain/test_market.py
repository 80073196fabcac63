"""The market by hand: growth, utilisation, tightness, the year-late answer of building."""

import numpy as np
import pytest

from core.model.market import build_response


@pytest.fixture
def path(still):
    """The whole path of a market: today's levers are g 35, b 35, u 85, d 20, e 1.5."""

    def of(**changes):
        return still(moves=True, **changes).path

    return of


def test_today_stays_where_it_is(path):
    m = path()
    np.testing.assert_allclose(m.utilisation, 0.85, rtol=1e-14)
    np.testing.assert_allclose(m.tightness, 1.0, rtol=1e-13)
    np.testing.assert_allclose(m.dev, 1.0, rtol=1e-13)
    np.testing.assert_allclose(m.sold_share, 1.0, rtol=1e-13)
    assert m.sold_share.max() <= 1.0


def test_growth_is_per_year_in_quarterly_steps(path):
    m = path(g=10)
    np.testing.assert_allclose(m.demand[[0, 3, 31]], [1.1**0.25, 1.1, 1.1**8], rtol=1e-13)
    np.testing.assert_allclose(
        m.dev[[0, 3, 31]], [(1.1 / 1.35) ** 0.25, 1.1 / 1.35, (1.1 / 1.35) ** 8], rtol=1e-13
    )


def test_before_the_turn_demand_grows_as_expected(path):
    m = path(g=-20, t=2028)  # eight quarters at 35 %, then -20 %
    np.testing.assert_allclose(m.demand[[7, 11]], [1.35**2, 1.35**2 * 0.8], rtol=1e-13)
    np.testing.assert_allclose(m.dev[7], 1.0, rtol=1e-13)


def test_without_building_utilisation_follows_demand_alone(path):
    m = path(g=-10, b=0, u=70)
    np.testing.assert_allclose(m.capacity, 1.0)
    np.testing.assert_allclose(m.utilisation[[3, 7]], [0.70 * 0.9, 0.70 * 0.9**2], rtol=1e-13)


def test_two_years_of_building_come_whatever_happens(path):
    m = path(g=0, b=35, u=85)
    np.testing.assert_allclose(m.capacity[[3, 7]], [1.35, 1.35**2], rtol=1e-13)
    np.testing.assert_allclose(m.utilisation[[3, 7]], [0.85 / 1.35, 0.85 / 1.35**2], rtol=1e-13)


def test_after_that_building_answers_to_utilisation_of_a_year_ago(path):
    m = path(g=0, b=35, u=85)
    seen = 0.85 / 1.35 ** (5 / 4)  # utilisation of quarter 4, read by quarter 8
    response = (seen - 0.50) / (0.85 - 0.50)
    assert 0 < response < 1
    np.testing.assert_allclose(m.capacity[8], 1.35**2 * (1 + 0.35 * response) ** 0.25, rtol=1e-13)


def test_building_response_has_a_floor_and_a_ceiling(still):
    # 0.675 is half way from 0.50 to 0.85; at 0.95 the line says 1.286, the ceiling 1.2
    p = still().web.p
    found = [build_response(p, u) for u in (0.2, 0.5, 0.675, 0.85, 0.95)]
    np.testing.assert_allclose(found, [0, 0, 0.5, 1, 1.2], atol=1e-15)


def test_nobody_uses_more_than_98_percent(path):
    m = path(g=100, b=0, u=90)
    assert m.utilisation.max() == 0.98
    np.testing.assert_allclose(m.utilisation[0], min(0.98, 0.90 * 2**0.25))


def test_tightness_is_relative_utilisation_to_the_elasticity(path):
    m = path(g=-10, b=0, u=68, e=2)
    np.testing.assert_allclose(m.tightness[3], (0.68 * 0.9 / 0.85) ** 2, rtol=1e-13)
    np.testing.assert_allclose(m.sold_share[3], 0.68 * 0.9 / 0.85, rtol=1e-13)


def test_price_of_an_empty_market_has_a_floor(path):
    m = path(g=-50, b=100, u=30, e=2)
    assert m.utilisation[-1] < 0.05
    np.testing.assert_allclose(m.tightness[-1], (0.05 / 0.85) ** 2)


def test_ageing_is_a_quarter_of_the_yearly_decline(path):
    np.testing.assert_allclose(path(d=20).ageing ** 4, 0.8)
    np.testing.assert_allclose(path(d=0).ageing, 1.0)
