"""Market access and new debt by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from core.model import borrowing
from core.model.state import NewDebt
from tests.worlds import still_market, still_state


def access(layout, cover, *, u=0.85, s=0, f="open", failed=()):
    """Access of CoreWeave and of TeraWulf when both have this cover."""
    state = still_state(layout, still_market(u=u), failed=failed, s=s, f=f)
    state.cover = state.opening_cover = np.full((len(layout.borrowers), 1), cover)
    got, _shareholders = borrowing.market_access(state, 3)
    place = {layout.nodes[b]: k for k, b in enumerate(layout.borrowers)}
    return got[place["coreweave"], 0], got[place["terawulf"], 0]


@pytest.mark.parametrize(
    ("cover", "settings", "coreweave", "terawulf"),
    [
        (2.0, {}, 1.0, 1.0),  # (2 - 0.9) / 0.7 > 1
        (1.25, {}, 0.5, 0.5),  # (1.25 - 0.9) / 0.7
        (0.9, {}, 0.0, 0.0),
        (-1.0, {}, 0.0, 0.0),
        (np.inf, {}, 1.0, 1.0),  # no interest to cover
        (1.25, {"u": 0.50}, 0.5 * 0.25, 0.5),  # (0.50 - 0.45) / 0.20, only with capacity to sell
        (1.25, {"u": 0.40}, 0.0, 0.5),
        (1.25, {"s": 700}, 0.25, 0.25),  # (10 % - 7 %) / 6 % = 0.5
        (1.25, {"s": 1000}, 0.0, 0.0),
        (2.0, {"f": "strict"}, 0.5, 0.5),  # (2.0 - 1.6) / 0.8
        (1.25, {"f": "strict"}, 0.0, 0.0),
        (9.0, {"f": "closed"}, 0.0, 0.0),
        (9.0, {"failed": ("coreweave",)}, 0.0, 1.0),
    ],
)
def test_access_is_the_product_of_three_ramps(layout, cover, settings, coreweave, terawulf):
    assert access(layout, cover, **settings) == pytest.approx((coreweave, terawulf), abs=1e-12)


def test_spread_runs_from_the_worst_bucket_to_the_best(layout):
    # at 0.75 x EBITDA cover; the worst bucket holds up to 0.5, the best from 12.5 on (Damodaran 2024)
    for cover, basis_points in ((-5.0, 2000), (0.5 / 0.75, 2000), (12.5 / 0.75, 59), (1e9, 59)):
        np.testing.assert_allclose(borrowing.coverage_spread(layout, np.array([cover])), basis_points / 1e4)


def test_spread_of_a_bucket_stands_at_its_middle(layout):
    # B: EBIT cover 2.0 to 2.5, 361 bp; at 2.25 = 0.75 x 3.0
    np.testing.assert_allclose(borrowing.coverage_spread(layout, np.array([3.0])), 0.0361)
    # half way between the middles of B (2.25, 361) and B+ (2.75, 314)
    np.testing.assert_allclose(
        borrowing.coverage_spread(layout, np.array([2.5 / 0.75])), (0.0361 + 0.0314) / 2
    )


def test_more_cover_never_costs_more(layout):
    spreads = borrowing.coverage_spread(layout, np.linspace(-2, 20, 500))
    assert (np.diff(spreads) <= 0).all()


@pytest.fixture
def short(layout):
    """Terms of two quarters, 60 % in level payments: short enough for a pencil."""
    terms = {"debt.term": 2.0, "debt.level_share": 0.6}
    return SimpleNamespace(p=terms.__getitem__)


def test_life_of_a_new_loan(short):
    debt = NewDebt.start(2, 1)
    rate = np.array([[0.40], [0.0]])  # 10 % a quarter; and an interest-free one
    borrowing.issue(debt, short, np.array([[100.0], [50.0]]), rate, 0)
    pay = 60 * 0.10 / (1 - 1.1**-2)  # 34.571

    first = borrowing.new_debt_service(debt, short, 1)
    np.testing.assert_allclose(first.interest[:, 0], [60 * 0.1 + 40 * 0.1, 0])
    np.testing.assert_allclose(first.level_principal[:, 0], [pay - 6.0, 30 / 2])
    np.testing.assert_array_equal(first.bullet_due, 0)
    borrowing.settle(debt, short, 1)
    left = 60 - (pay - 6.0)
    np.testing.assert_allclose(debt.level[:, 0, 0], [left, 15])

    last = borrowing.new_debt_service(debt, short, 2)
    np.testing.assert_allclose(last.interest[:, 0], [left * 0.1 + 4.0, 0])
    np.testing.assert_allclose(last.level_principal[:, 0], [left, 15])  # the last payment clears it
    np.testing.assert_allclose(last.bullet_due[:, 0], [40, 20])
    borrowing.settle(debt, short, 2)
    assert not debt.level.any()
    assert not debt.bullet.any()
    assert not borrowing.new_debt_service(debt, short, 3).interest.any()


def test_principal_of_the_coming_year(short):
    debt = NewDebt.start(1, 1)
    borrowing.issue(debt, short, np.array([[100.0]]), np.array([[0.0]]), 4)
    # 30 a quarter of level principal, counted four times (an upper bound), and the bullet of quarter 6
    coming = borrowing.new_debt_service(debt, short, 5)
    np.testing.assert_allclose(borrowing.due_within_a_year(debt, coming, short, 4), [[4 * 30 + 40]])


def test_debt_of_the_failed_is_written_off_and_no_other(short):
    debt = NewDebt.start(2, 2)
    borrowing.issue(debt, short, np.array([[10.0, 20.0], [30.0, 40.0]]), np.zeros((2, 2)), 0)
    borrowing.write_off(debt, np.array([[True, False], [False, True]]), np.array([0, 1]), 0)
    np.testing.assert_allclose(debt.bullet[:, 0], [[4, 0], [0, 16]])
    np.testing.assert_allclose(debt.level[:, 0], [[6, 0], [0, 24]])
    np.testing.assert_allclose(debt.payment[:, 0], [[3, 0], [0, 12]])
