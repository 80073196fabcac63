"""Debt: schedules by hand, marks against plain discounting."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.finance.debt import (
    KINDS,
    balance_path,
    level_payment,
    mark_value,
    principal_schedule,
)


def test_level_schedule_by_hand():
    # 100 at 10 % over 3: payment 100 x 0.1 / (1 - 1.1 ** -3) = 40.2115; principal 30.2115, 33.2326, 36.5559
    regular, final = principal_schedule("level", 100, 0.10, first=1, profile=3, maturity=3, quarters=5)
    np.testing.assert_allclose(regular, [0, 30.21148, 33.23263, 36.55589, 0], atol=1e-5)
    np.testing.assert_array_equal(final, 0)
    interest = 0.10 * balance_path(100, regular + final)[:-1]
    np.testing.assert_allclose((interest + regular)[1:4], level_payment(100, 0.10, 3), rtol=1e-12)


def test_balloon_by_hand():
    # Same profile, but over after two payments: 100 - 30.2115 - 33.2326 = 36.5559 due with the second.
    regular, final = principal_schedule("balloon", 100, 0.10, first=0, profile=3, maturity=1, quarters=4)
    np.testing.assert_allclose(regular, [30.21148, 33.23263, 0, 0], atol=1e-5)
    np.testing.assert_allclose(final, [0, 36.55589, 0, 0], atol=1e-5)


@pytest.mark.parametrize("kind", ["bullet", "convertible"])
def test_everything_at_maturity(kind):
    regular, final = principal_schedule(kind, 7.0, 0.02, first=0, profile=1, maturity=2, quarters=4)
    assert not regular.any()
    assert final.tolist() == [0, 0, 7, 0]
    assert not principal_schedule(kind, 7.0, 0.02, 0, 1, maturity=4, quarters=4)[1].any()  # beyond the window


SCHEDULES = {
    "kind": st.sampled_from(KINDS),
    "coupon": st.sampled_from([0.0, 1e-8, 0.004, 0.02, 0.035]),
    "first": st.integers(0, 12),
    "profile": st.integers(1, 60),
    "maturity": st.integers(0, 80),
}


@settings(max_examples=300, deadline=None)
@given(**SCHEDULES, quarters=st.integers(1, 90))
def test_a_schedule_never_pays_more_than_is_owed(kind, coupon, first, profile, maturity, quarters):
    regular, final = principal_schedule(kind, 50.0, coupon, first, profile, maturity, quarters)
    assert (regular >= 0).all()
    assert (final >= 0).all()
    left = balance_path(50.0, regular + final)
    assert left[-1] > -1e-9
    if maturity < quarters:
        assert abs(left[-1]) < 1e-9
        assert not (regular + final)[maturity + 1 :].any()
    assert not regular[:first].any()


@settings(max_examples=300, deadline=None)
@given(**SCHEDULES, y=st.sampled_from([0.0, 1e-9, 3e-8, 1e-6, 1e-3, 0.02, 0.09]), now=st.integers(-1, 80))
@example(kind="amortising", coupon=0.035, first=0, profile=60, maturity=59, y=3e-8, now=-1)
def test_mark_is_the_discounted_schedule(kind, coupon, first, profile, maturity, y, now):
    regular, final = principal_schedule(kind, 50.0, coupon, first, profile, maturity, 81)
    left = balance_path(50.0, regular + final)
    flows = regular + final + coupon * left[:-1]
    after = flows[now + 1 :]
    expected = (after * (1 + y) ** -np.arange(1.0, after.size + 1)).sum()
    balance = max(left[now + 1], 0.0)
    got = mark_value(kind, balance, coupon, y, first, profile, maturity, now)
    assert got == pytest.approx(expected, abs=1e-9 * 50)


def test_mark_over_tranches_and_scenarios():
    kind = np.array(KINDS)[:, None]
    balance = np.linspace(1, 2, 5)[:, None] * np.ones((5, 7))
    y = np.linspace(0, 0.05, 7)
    whole = mark_value(kind, balance, 0.02, y, 2, 20, np.array([9, 21, 12, 5, 30])[:, None], 4)
    assert whole.shape == (5, 7)
    assert (np.diff(whole, axis=1) < 0).all()  # a higher yield lowers every mark
    alone = mark_value("balloon", 1.5, 0.02, y[3], 2, 20, 12, 4)
    assert alone == whole[2, 3]


def test_a_loan_past_its_maturity_has_no_schedule_left():
    assert mark_value("bullet", 10.0, 0.02, 0.02, 0, 1, maturity=5, now=5) == 0


def test_rates_by_scenario():
    regular, _ = principal_schedule("level", [100.0, 50.0], [0.0, 0.01], 0, 4, 3, 6)
    assert regular.shape == (2, 6)
    np.testing.assert_allclose(regular[0], [25, 25, 25, 25, 0, 0])
    np.testing.assert_allclose(regular.sum(axis=1), [100, 50])


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: level_payment(1, 0.1, 0), "periods"),
        (lambda: level_payment(1, -1.0, 3), "rate"),
        (lambda: principal_schedule("lease", 1, 0.1, 0, 1, 1, 4), "kind"),
        (lambda: principal_schedule("level", 1, 0.1, 0, 0, 1, 4), "profile"),
        (lambda: principal_schedule("level", 1, 0.1, 0, 4, -1, 4), "maturity"),
        (lambda: mark_value(["level", "lease"], 1, 0.1, 0.1, 0, 1, 1, 0), "kind"),
    ],
)
def test_wrong_arguments_are_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()
