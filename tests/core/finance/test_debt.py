"""Debt: schedules by hand, marks against plain discounting."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.compiled.jit import NO_JIT, entry
from core.finance import loans
from core.finance.debt import (
    KINDS,
    balance_path,
    level_payment,
    pay_level_all,
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


@entry
def mark(kind, balance, coupon, y, first, profile, maturity, now):
    """A rule has no door for Python: this is one."""
    return loans.mark_value(kind, balance, coupon, y, first, profile, maturity, now)


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
    got = mark(KINDS.index(kind), balance, coupon, y, first, profile, maturity, now)
    assert got == pytest.approx(expected, abs=1e-9 * 50)


def test_a_mark_by_hand():
    # A bullet of 100 at 3 % with two quarters to go, at a yield of 2 %: 3 / 1.02 + 103 / 1.02 ** 2.
    got = mark(KINDS.index("bullet"), 100.0, 0.03, 0.02, first=0, profile=1, maturity=5, now=3)
    assert got == pytest.approx(3 / 1.02 + 103 / 1.02**2)


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_a_loan_is_worth_its_balance_at_its_coupon_and_less_at_more(kind):
    worth = [mark(kind, 100.0, 0.03, y, 2, 12, 9, 4) for y in np.linspace(0, 0.06, 7)]
    assert worth[3] == pytest.approx(100)
    assert (np.diff(worth) < 0).all()


def test_a_loan_past_its_maturity_has_no_schedule_left():
    assert mark(KINDS.index("bullet"), 10.0, 0.02, 0.02, 0, 1, 5, 5) == 0


@pytest.mark.skipif(NO_JIT, reason="nothing is compiled")
def test_rules_are_compiled_once_whatever_the_shapes():
    for rate in (0.1, 0, [0.1, 0.0], np.full((2, 3), 0.1)):
        for periods in (3, 4.0, np.array(5)):
            assert level_payment(100, rate, periods).shape == np.shape(rate)
    assert len(pay_level_all.signatures) == 1


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: level_payment(1, 0.1, 0), "periods"),
        (lambda: level_payment(1, -1.0, 3), "rate"),
        (lambda: principal_schedule("lease", 1, 0.1, 0, 1, 1, 4), "kind"),
        (lambda: principal_schedule("level", 1, 0.1, 0, 0, 1, 4), "profile"),
        (lambda: principal_schedule("level", 1, 0.1, 0, 4, -1, 4), "maturity"),
    ],
)
def test_wrong_arguments_are_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()
