"""What the market decides for labs, landlords and the intermediary without the web, by hand."""

import numpy as np
import pytest

from core.model import dues


def test_relet_rent_is_sixty_percent_less_in_a_glut(still):
    np.testing.assert_allclose(still().path.relet, 0.6)
    np.testing.assert_allclose(still(use=0.425, tau=0.5).path.relet, 0.6 * 0.5 * 0.5)
    np.testing.assert_allclose(still(use=0.98, tau=1.3).path.relet, 0.6)


@pytest.mark.parametrize(("u", "share"), [(0.85, 1.0), (0.70, 0.5), (0.60, 0.0), (0.30, 0.0)])
def test_owners_re_equip_only_in_a_full_market(still, u, share):
    np.testing.assert_allclose(still(use=u).path.refit, share, atol=1e-15)  # (u - 60 %) / 20 %


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
def test_investors_money_dries_up_when_capacity_stands_idle(still, u, v, share):
    # (u / 0.85 - 0.55) / 0.45, at most 1.1: half of it at 77.5 % of normal use
    w = still(use=u, v=v)
    np.testing.assert_allclose(w.path.confidence, share, atol=1e-12)
    dues.intermediary(w.web, w.lever, w.path, w.s, w.due, 0)
    money = w.due.investors[w.layout.intermediary]
    np.testing.assert_allclose(money, 1.5 / 4 * share, atol=1e-12)  # Fluidstack, plan of 2026


@pytest.mark.parametrize(("dev", "kept"), [(1.0, 1.0), (0.81, 0.9), (0.36, 0.6**0.5), (2.0, 1.0)])
def test_bills_fall_slower_than_demand_and_never_below_a_floor(still, dev, kept):
    np.testing.assert_allclose(still(dev=dev).path.bill_kept, kept)


def test_labs_sell_with_demand_and_get_money_with_confidence(still):
    w = still(dev=0.5, use=0.85 * 0.775)
    openai = w.layout.tenants.index("openai")
    dues.labs(w.web, w.path, w.s, w.due, 4)
    # 2027: revenue 58 a year, other cost 42 %, funding 40 at half confidence
    np.testing.assert_allclose(w.path.lab_revenue[4, openai], 0.5 * 58 / 4)
    cost = w.due.amount[w.layout.rows.index("cost:openai")]
    np.testing.assert_allclose(cost, 0.42 * 0.5 * 58 / 4)
    np.testing.assert_allclose(w.due.outside[w.layout.index["openai"]], 0.5 * 58 / 4 + 0.5 * 40 / 4)


def test_big_tech_hardly_feels_demand(still, web):
    w = still(dev=0.5)
    company = [w.layout.nodes[n] for n in w.layout.fields["wealthy"]["node"]].index("alphabet")
    yearly = web.value("alphabet.operating_cash_flow")
    np.testing.assert_allclose(w.path.wealthy_income[0, company], yearly / 4 * 0.5**0.15)


@pytest.mark.parametrize(("tau", "follows"), [(1.0, 1.0), (0.25, 0.25**0.7), (2.0, 1.2**0.7)])
def test_half_of_the_intermediarys_income_follows_spot_prices(still, tau, follows):
    w = still(tau=tau)
    dues.intermediary(w.web, w.lever, w.path, w.s, w.due, 10)
    middle = w.layout.intermediary
    # quarter 10: TeraWulf and Cipher are past their ramps; 360 MW x 1.86 + 207 MW x 1.83, USD m a year
    rents = (360 * 1.86 + 207 * 1.83) / 4000
    np.testing.assert_allclose(w.due.amount[w.layout.fields["middle"]["markup_row"]], 0.5 * 1.30 * rents)
    spot = w.due.outside[middle] - w.due.investors[middle]
    np.testing.assert_allclose(spot, 0.5 * 1.30 * rents * follows)
    np.testing.assert_allclose(w.due.amount[w.layout.rows.index("cost:fluidstack")], 0.20 * rents)


def test_landlords_pay_for_running_and_overhead(still):
    w = still()
    dues.landlords(w.web, w.lever, w.s, w.due, 10)
    rents = (360 * 1.86 + 60 * 1.60) / 4000
    cost = w.due.amount[w.layout.rows.index("cost:terawulf")]
    np.testing.assert_allclose(cost, 0.15 * rents + 0.06 / 4)


def test_rents_start_ramp_and_end(still):
    w = still()
    lease, stays = w.layout.leases.ids.index("terawulf_fluidstack"), w.lever.mr
    full = 360 * 1.86 / 4000  # from quarter 1, ramp of five
    expected = [0, full / 5, 2 * full / 5, 3 * full / 5, 4 * full / 5, full, full]
    np.testing.assert_allclose(w.web.lease.rent[stays, lease, :7], expected)
    np.testing.assert_allclose(w.web.lease.rent_ahead[stays, lease, 1], full * (1 + 2 + 3 + 4) / 5)
    discounted = sum(1.025 ** -(k + 1) for k in range(40 - 9))  # quarters 10 to 40 at 10 % a year
    np.testing.assert_allclose(w.web.lease.rent_value[stays, lease, 10], full * discounted)
    dues.leases(w.web, w.lever, w.path, w.s, w.due, 3)
    np.testing.assert_allclose(w.due.amount[w.web.lease.row[lease]], 3 * full / 5)


@pytest.mark.parametrize(("mr", "after"), [(True, 2.74), (False, 0.0)])
def test_metas_exit_ends_hyperions_rent(still, mr, after):
    w = still(mr=mr)
    lease, stays = w.layout.leases.ids.index("hyperion_meta"), w.lever.mr
    np.testing.assert_allclose(w.web.lease.rent[stays, lease, 27:29], [2.74 / 4, after / 4])
    # the year that follows quarter 26 holds one rent before the exit
    np.testing.assert_allclose(w.web.lease.rent_ahead[stays, lease, 27], (2.74 + 3 * after) / 4)
    for q, rent in ((27, 2.74), (28, after)):
        dues.leases(w.web, w.lever, w.path, w.s, w.due, q)
        np.testing.assert_allclose(w.due.amount[w.web.lease.row[lease]], rent / 4)
