"""Funds: a waterfall worked by hand over several periods, then what must hold for any."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.compiled.jit import NO_JIT
from core.finance.waterfall import european_waterfall, share_all

FLOWS = arrays(float, (3, 12), elements=st.integers(0, 500))


def test_two_calls_and_three_distributions_by_hand():
    # Hurdle 10 %, carry 20 %, full catch-up.
    # t0: 100 in.
    # t1: 100 x 0.1 = 10 accrues; 50 in: capital 150. 60 back, all capital: 90 left.
    # t2: (90 + 10) x 0.1 = 10 accrues: 20. 105 back: 90 capital, 15 preferred: 5 left.
    # t3: 5 x 0.1 = 0.5 accrues: 5.5. 40 back: 5.5 preferred (20.5 in all), catch-up x = 0.2 (20.5 + x) =
    # 5.125,     rest 40 - 5.5 - 5.125 = 29.375, of it 5.875 to the manager.
    w = european_waterfall([100, 50, 0, 0], [0, 60, 105, 40], hurdle=0.10, carry=0.20)
    np.testing.assert_allclose(w.return_of_capital, [0, 60, 90, 0], atol=1e-12)
    np.testing.assert_allclose(w.preferred, [0, 0, 15, 5.5], atol=1e-12)
    np.testing.assert_allclose(w.catch_up, [0, 0, 0, 5.125], atol=1e-12)
    np.testing.assert_allclose(w.gp, [0, 0, 0, 5.125 + 5.875], atol=1e-12)
    assert w.gp.sum() == pytest.approx(0.20 * (205 - 150))


def test_half_catch_up_by_hand():
    # 100 in, 150 back a year later at 8 %: 8 preferred. Catch-up at a half: 0.5 x = 0.2 (8 + x), x = 16 / 3.
    # Rest 150 - 108 - 16/3 = 110/3; manager 8/3 + 22/3 = 10 = 20 % of 50.
    w = european_waterfall([100, 0], [0, 150], hurdle=0.08, carry=0.20, catch_up=0.5)
    np.testing.assert_allclose(w.catch_up[1], 16 / 3)
    np.testing.assert_allclose(w.gp[1], 10.0)
    # With 110 back only 2 is left after the hurdle, all in the catch-up: 1 each.
    w = european_waterfall([100, 0], [0, 110], hurdle=0.08, carry=0.20, catch_up=0.5)
    np.testing.assert_allclose([w.catch_up[1], w.gp[1]], [2.0, 1.0])


def test_without_catch_up_carry_is_earned_above_the_hurdle_only():
    # 150 - 100 - 8 = 42; 20 % of it.
    w = european_waterfall([100, 0], [0, 150], hurdle=0.08, carry=0.20, catch_up=0.0)
    np.testing.assert_allclose([w.catch_up[1], w.gp[1]], [0.0, 8.4])


def test_quarters_compound_to_the_year():
    # Four quarters at 1.08 ** (1/4) - 1 make the same hurdle as one year at 8 %.
    w = european_waterfall([100, 0, 0, 0, 0], [0, 0, 0, 0, 105], 0.08, 0.2, periods_per_year=4)
    np.testing.assert_allclose(w.preferred.sum(), 5.0)
    w = european_waterfall([100, 0, 0, 0, 0], [0, 0, 0, 0, 200], 0.08, 0.2, periods_per_year=4)
    np.testing.assert_allclose(w.preferred.sum(), 8.0)


def test_a_later_call_comes_back_before_more_carry():
    # t1: 110 back on 100 at 0 % hurdle: 10 profit, 2 to the manager. t2: 50 more in, 50 back: capital, no
    # carry.
    w = european_waterfall([100, 0, 50], [0, 110, 50], hurdle=0.0, carry=0.2)
    np.testing.assert_allclose(w.gp, [0, 2, 0])


@pytest.mark.skipif(NO_JIT, reason="nothing is compiled")
def test_rules_are_compiled_once_whatever_the_shapes():
    flows, by_fund = np.ones((2, 3, 4)), np.full(3, 0.1)
    for paid_in, back in ((flows, flows), (flows[0, 0], flows), (flows[0], flows[0, 0].tolist())):
        for hurdle, carry, catch_up in ((0, 0, 1), (0.1, 0.2, 0.5), (0.1, 0.2, 0)):
            assert european_waterfall(paid_in, back, hurdle, carry, catch_up).gp.shape[-1] == 4
    assert european_waterfall(flows, flows, by_fund, by_fund).gp.shape == flows.shape
    assert len(share_all.signatures) == 1


@settings(max_examples=200, deadline=None)
@given(
    FLOWS,
    FLOWS,
    st.sampled_from([0.0, 0.06, 0.08]),
    st.sampled_from([0.0, 0.125, 0.2]),
    st.sampled_from([0.0, 0.5, 1.0]),
    st.sampled_from([1, 4]),
)
def test_what_must_hold_for_any_waterfall(paid_in, back, hurdle, carry, catch_up, per_year):
    w = european_waterfall(paid_in, back, hurdle, carry, catch_up, per_year)
    np.testing.assert_allclose(w.lp + w.gp, back, atol=1e-9)
    for tier in vars(w).values():
        assert (tier >= -1e-9).all()
        assert (tier <= back + 1e-9).all()
    profit = back.sum(axis=1) - w.return_of_capital.sum(axis=1)
    assert (w.gp.sum(axis=1) <= carry * profit + 1e-9).all()
    assert (np.cumsum(w.return_of_capital, axis=1) <= np.cumsum(paid_in, axis=1) + 1e-9).all()
    # the manager earns nothing while the investors have not had the hurdle
    growth = (1 + hurdle) ** (1 / per_year)
    balance = np.zeros(3)
    for t in range(12):
        balance = balance * growth + paid_in[:, t] - w.return_of_capital[:, t] - w.preferred[:, t]
        assert (w.gp[:, t][balance > 1e-6] <= 1e-9).all()


@settings(max_examples=100, deadline=None)
@given(FLOWS)
def test_once_caught_up_the_manager_has_his_share_of_all_profit(back):
    paid_in = np.zeros(back.shape)
    paid_in[:, 0] = 1_000
    back[:, -1] += 10_000  # enough for every tier
    w = european_waterfall(paid_in, back, 0.08, 0.2)
    np.testing.assert_allclose(w.gp.sum(axis=1), 0.2 * (back.sum(axis=1) - 1_000))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"contributions": [-1, 0]}, "contributions"),
        ({"distributions": [0, np.nan]}, "distributions"),
        ({"distributions": [0, 1, 2]}, "same periods"),
        ({"contributions": np.ones((2, 2)), "distributions": np.ones((3, 2))}, "broadcast"),
        ({"hurdle": -0.01}, "hurdle"),
        ({"carry": 1.0}, "carry"),
        ({"catch_up": 0.1}, "catch_up"),
        ({"catch_up": 1.1}, "catch_up"),
        ({"periods_per_year": 0}, "periods_per_year"),
    ],
)
def test_wrong_arguments_are_named(arguments, named):
    usual = {"contributions": [1, 0], "distributions": [0, 2], "hurdle": 0.08, "carry": 0.2}
    with pytest.raises(ValueError, match=named):
        european_waterfall(**(usual | arguments))
