"""What a compute host earns before finance, by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from core.model import operations
from core.model.state import start_fleet

BN = 1 / 4000  # USD m a year per MW -> USD bn a quarter per MW


@pytest.fixture
def plan():
    """A fleet for the pencil: 100 MW of old contracts end in quarters 1 and 2; 40 MW come in quarter 0."""
    return SimpleNamespace(
        active_mw=100.0,
        legacy_price=8.0,
        new_price=12.0,
        price_share=0.8,
        opex=4.0,
        site_lease=1.0,
        capex_per_mw=0.030,  # USD bn
        chip_share=0.6,
        chip_life=4,
        site_life=40,
        term=2,
        legacy_age=1,
        legacy_mw=np.array([100.0, 30.0, 0.0, 0.0, 0.0, 0.0]),
        legacy_in_use=np.array([3, 3, 2, 1, 0, 0]) / 3,  # bought in three quarters: 0, 1 and 2 quarters old
        reequip_share=0.5,
        committed=1,
        order_lead=0,
        mw_added=np.array([40.0, 20.0, 0.0, 0.0, 0.0, 0.0]),
        undrawn=0.0,
        knows_backlog=False,
        backlog=0.0,
        sign_share=0.0,
        follows_from=6,
        follow_share=0.0,
    )


@pytest.fixture
def quarters(still, plan):
    """Run the fleet for some quarters and copy what each of them earned."""

    def of(count, *, access=1.0, cap=0.0, growth=0.0, **settings):
        w = still(**settings)
        fleet, now = w.s.fleet[0], w.due.fleet[0]
        w.path.growth[:] = growth
        start_fleet(plan, fleet)
        found = []
        for q in range(count):
            operations.run_fleet(w.web.p, w.lever, w.path, plan, fleet, now, access, cap, q)
            names = ("legacy_revenue", "new_revenue", "spot", "opex", "site_lease", "capex", "depreciation")
            state = ("new_mw", "free_value", "total_mw", "backlog")
            found.append(
                SimpleNamespace(
                    **{name: float(getattr(now, name)) for name in names},
                    **{name: float(getattr(fleet, name)) for name in state},
                    **{
                        name: float(getattr(fleet, name)[q])
                        for name in ("built", "coming", "signed", "price")
                    },
                )
            )
        return found

    return of


def test_what_is_ordered_ahead_is_paid_ahead_and_cut_when_ordered(plan, quarters):
    plan.order_lead = 1  # the 40 MW of quarter 0 are paid already, the 20 of quarter 1 are committed
    plan.mw_added = np.array([40.0, 20.0, 10.0, 0.0, 0.0, 0.0])
    found = quarters(3, access=0.5)  # orders of quarter 1 wait for half of the money
    refits = [0.0, 0.5 * 70 * 0.5, 0.5 * 30 * 0.5]
    paid = [20.0, 5.0, 0.0]
    assert [now.capex for now in found] == pytest.approx(
        [0.030 * (mw + refit) for mw, refit in zip(paid, refits, strict=True)]
    )
    assert [now.opex for now in found] == pytest.approx([3.0 * BN * mw for mw in (100, 140, 160)])


def worn(chips, sites):
    """Depreciation of a quarter by the pencil: MW of chips over their four quarters, of sites over forty."""
    return 0.030 * (0.6 * chips / 4 + 0.4 * sites / 40)


def test_first_quarter_earns_old_contracts_and_pays_for_every_megawatt(quarters):
    (now,) = quarters(1)
    assert now.legacy_revenue == pytest.approx(100 * 8 * BN)
    assert now.new_revenue == 0.0  # what is built in a quarter earns from the next one on
    assert now.opex == pytest.approx(100 * (4 - 1) * BN)
    assert now.site_lease == pytest.approx(100 * 1 * BN)
    assert now.capex == pytest.approx(40 * 0.030)


def test_depreciation_splits_chips_and_sites(quarters):
    first, second = quarters(2, access=0.0)
    # chips 60 % over 4 quarters, sites 40 % over 40
    assert first.depreciation == pytest.approx(worn(100, 100))
    assert second.depreciation == pytest.approx(worn(140, 140))


def test_chips_past_their_life_are_written_off_one_vintage_after_the_other(quarters):
    done = quarters(6, access=0.0)
    # a third of the opening fleet leaves in quarters 2, 3 and 4; the 40 MW of quarter 0 after quarter 4
    chips = [100, 140, 200 / 3 + 40, 100 / 3 + 40, 40, 0]
    assert [x.depreciation for x in done] == pytest.approx(
        [worn(c, 140 if q else 100) for q, c in enumerate(chips)]
    )


def test_chips_that_are_replaced_leave_with_those_that_replace_them(quarters):
    done = quarters(6)
    # quarter 1: 70 of 100 MW are replaced and wear out from quarter 2 on, beside 40 and 20 MW that are new.
    # Of the opening fleet never more are left than were not replaced (30, then 0), nor than are young enough.
    # Quarters 3 and 4: the 40, then the 90 MW that lose their contract are replaced: as many as leave.
    chips = [100, 30 + 40, 0 + 40 + 90, 0 + 0 + 90 + 30, 0 + 0 + 0 + 30 + 40, 0 + 40 + 90]
    sites = [100, 140, 160, 160, 160, 160]
    assert [x.depreciation for x in done] == pytest.approx(
        [worn(c, s) for c, s in zip(chips, sites, strict=True)]
    )


def test_ending_contracts_are_signed_anew_with_access(quarters):
    _, second, third = quarters(3)
    # 70 MW end in quarter 1 and are re-equipped at half of the capex; 20 MW are added
    assert second.capex == pytest.approx((20 + 0.5 * 70) * 0.030)
    assert second.spot == 0.0
    assert second.new_revenue == pytest.approx(40 * 12 * BN)
    # quarter 2: 30 more legacy MW end; the 40 MW signed in quarter 0 run from quarter 1 to 2
    assert third.new_revenue == pytest.approx((40 + 20 + 70) * 12 * BN)
    assert third.capex == pytest.approx(0.5 * 30 * 0.030)


def test_without_access_they_run_off_on_ageing_spot_prices(quarters):
    first, second, third = quarters(3, access=0.0)
    assert first.capex == pytest.approx(40 * 0.030)  # the committed quarter is built all the same
    assert second.capex == 0.0
    # legacy chips are 1 + 1 = 2 quarters old in quarter 1; a quarter takes 10 %
    assert second.spot == pytest.approx(70 * 12 * 0.9**2 * BN)
    assert third.spot == pytest.approx((70 + 30) * 12 * 0.9**3 * BN)


def test_new_cohorts_leave_after_their_term(quarters):
    done = quarters(5, access=0.0)
    # the 40 MW of quarter 0 are contracted in quarters 1 and 2
    assert [x.new_revenue for x in done] == pytest.approx([0, 40 * 12 * BN, 40 * 12 * BN, 0, 0])
    # and sell on spot from quarter 3, three quarters old, beside the old chips (four quarters old then)
    assert done[3].spot == pytest.approx((100 * 0.9**4 + 40 * 0.9**3) * 12 * BN)


def test_a_plan_is_built_whatever_lenders_say(quarters):
    done = quarters(2, access=0.0, building="plan")
    assert done[1].capex == pytest.approx((20 + 0.5 * 70) * 0.030)


@pytest.mark.parametrize(("use", "share"), [(0.85, 1.0), (0.70, 0.5), (0.60, 0.0), (0.30, 0.0)])
def test_re_equipping_waits_for_a_full_market(quarters, use, share):
    _, second = quarters(2, access=0.4, use=use)
    # of 70 MW that end (u - 60 %) / 20 %, times access 0.4; of 20 MW planned 0.4
    assert second.capex == pytest.approx((0.4 * 20 + 0.5 * 0.4 * share * 70) * 0.030)


def test_new_contracts_are_signed_at_the_root_of_tightness(quarters):
    _, second = quarters(2, tau=0.64)
    assert second.new_revenue == pytest.approx(40 * 12 * 0.8 * BN)


# ---------------------------------------------------------------- sold and unsold

WHOLE_TERM = 12 * BN * 2  # USD bn that a megawatt brings over the two quarters of a contract


@pytest.mark.parametrize(
    ("backlog", "to_backlog", "left"),
    [
        (0.0, 0, 0.0),
        (30 * WHOLE_TERM, 30, 0.0),
        (40 * WHOLE_TERM, 40, 0.0),
        (55 * WHOLE_TERM, 40, 15 * WHOLE_TERM),
    ],
)
@pytest.mark.parametrize(("tau", "sold"), [(1.0, 1.0), (0.64, 0.75)])
def test_the_backlog_is_filled_first_at_the_price_it_was_signed_at(
    plan, quarters, backlog, to_backlog, left, tau, sold
):
    plan.knows_backlog, plan.backlog, plan.sign_share = True, backlog, 0.5
    first, second = quarters(2, access=0.0, tau=tau, sold=sold)  # 40 MW are built in quarter 0
    found = 0.5 * sold * (40 - to_backlog)  # of the rest half finds a tenant, less where capacity stands idle
    assert first.signed == pytest.approx(to_backlog + found)
    assert first.backlog == pytest.approx(left, abs=1e-15)
    assert first.new_revenue == first.spot == 0.0
    assert second.new_revenue == pytest.approx((to_backlog * 12 + found * 12 * tau**0.5) * BN)
    # the rest earns spot prices of new chips, beside 70 MW that are two quarters old
    free = 40 - to_backlog - found + 70 * 0.9**2
    assert second.spot == pytest.approx(sold * tau * free * 12 * BN)


def test_what_is_given_new_chips_fills_the_backlog_too(plan, quarters):
    plan.knows_backlog, plan.backlog = True, 65 * WHOLE_TERM
    first, second, third = quarters(3)
    # 40 of 40 MW, then 25 of 20 that are added and 70 that are re-equipped; nothing else is signed
    assert [now.signed for now in (first, second, third)] == pytest.approx([40, 25, 0])
    assert third.new_revenue == pytest.approx((40 + 25) * 12 * BN)
    assert third.spot == pytest.approx((20 + 70 - 25) * 12 * BN)


def test_without_a_backlog_in_the_data_all_that_is_built_is_sold(plan, quarters):
    plan.sign_share = 0.5  # asked by nobody
    found = quarters(4, tau=0.64, sold=0.5)
    assert [now.signed for now in found] == [now.built for now in found]
    assert max(now.spot for now in found) == 0.0
    assert [now.price for now in found if now.built] == pytest.approx([12 * 0.8] * 4)


@pytest.mark.parametrize("seed", range(12))
def test_megawatts_are_kept(plan, quarters, seed):
    """Running, signed, free and just being re-equipped ones are all there are; free ones count as if new."""
    rng = np.random.default_rng(seed)
    plan.legacy_mw = 100 * np.append(np.sort(rng.random(5))[::-1], 0.0)
    plan.active_mw = plan.legacy_mw[0]
    plan.mw_added, plan.order_lead = 60 * rng.random(6), int(rng.integers(0, 3))
    plan.knows_backlog, plan.backlog = bool(seed % 4), 150 * WHOLE_TERM * rng.random()
    plan.sign_share, plan.term = rng.random(), int(rng.integers(1, 4))
    plan.follows_from, plan.follow_share = int(rng.integers(1, 6)), rng.random()
    found = quarters(
        6, access=rng.random(), sold=rng.random(), ageing=1.0, use=0.7, growth=0.3 * rng.random()
    )
    total = plan.active_mw
    for q, now in enumerate(found):
        refitted = now.built - now.coming
        assert plan.legacy_mw[q] + now.new_mw + now.free_value + refitted == pytest.approx(total)
        assert -1e-12 <= now.signed <= now.built + 1e-12
        total += now.coming
        assert now.total_mw == pytest.approx(total)
    assert sum(now.built for now in found) > 20
    assert max(now.free_value for now in found) > 0


@pytest.mark.parametrize("lead", [0, 1, 2])
@pytest.mark.parametrize("access", [1.0, 0.5])
def test_after_its_plan_a_host_builds_with_the_market_as_far_as_access_lets_it(plan, quarters, lead, access):
    plan.follows_from, plan.follow_share, plan.order_lead, plan.committed = 2, 0.5, lead, 0
    plan.mw_added = np.array([40.0, 20.0, 0.0, 30.0, 0.0, 0.0])
    found = quarters(6, access=access, growth=0.1)
    total = 100.0
    for q, now in enumerate(found):
        means = max(plan.mw_added[q], 0.05 * total if q >= 2 else 0.0)  # half of a growth of 10 %
        assert now.coming == pytest.approx(means * (1.0 if q < lead else access))
        total += now.coming
    assert found[3].coming == pytest.approx(30.0 * access)  # the plan is more than its part of the market


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
    assert operations.sell_free_capacity(free, tau, sold, 0.8, cap) == pytest.approx((spot, bought))


@pytest.mark.parametrize("cap", [0.0, 1.0, 4.0, 20.0])
def test_a_better_market_never_lowers_the_income_from_free_capacity(cap):
    tight = np.linspace(0.01, 2, 400)
    income = [  # price and what is sold both rise with utilisation
        sum(operations.sell_free_capacity(10.0, tau, min(1.0, tau**0.7), 0.8, cap)) for tau in tight
    ]
    assert (np.diff(income) >= -1e-12).all()


def test_the_data_book_fleet_earns_what_its_contracts_say(still):
    w = still(moves=True)
    now = w.due.fleet[0]
    operations.run_fleet(w.web.p, w.lever, w.path, w.web.fleet[0], w.s.fleet[0], now, 1.0, 0.0, 0)
    np.testing.assert_allclose(now.legacy_revenue, 850 * 9.6 / 4000)  # 850 MW at USD 9.6 m a year: 2.04 bn
    np.testing.assert_allclose(now.site_lease * 4, 0.825, rtol=1e-4)  # lease cost of 2025
