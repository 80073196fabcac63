"""Market access and new debt by hand."""

import numpy as np
import pytest

from core.model import borrowing

FIRST, SECOND = 0, 1  # two of the borrowers


@pytest.mark.parametrize(
    ("cover", "settings", "coreweave", "terawulf"),
    [
        (2.0, {}, 1.0, 1.0),  # (2 - 0.9) / 0.7 > 1
        (1.25, {}, 0.5, 0.5),  # (1.25 - 0.9) / 0.7
        (0.9, {}, 0.0, 0.0),
        (-1.0, {}, 0.0, 0.0),
        (np.inf, {}, 1.0, 1.0),  # no interest to cover
        (1.25, {"use": 0.50}, 0.5 * 0.25, 0.5),  # (0.50 - 0.45) / 0.20, only with capacity to sell
        (1.25, {"use": 0.40}, 0.0, 0.5),
        (1.25, {"s": 700}, 0.25, 0.25),  # (10 % - 7 %) / 6 % = 0.5
        (1.25, {"s": 1000}, 0.0, 0.0),
        (2.0, {"f": "strict"}, 0.5, 0.5),  # (2.0 - 1.6) / 0.8
        (1.25, {"f": "strict"}, 0.0, 0.0),
        (9.0, {"f": "closed"}, 0.0, 0.0),
        (9.0, {"failed": ("coreweave",)}, 0.0, 1.0),
    ],
)
def test_access_is_the_product_of_three_ramps(still, cover, settings, coreweave, terawulf):
    w = still(**settings)
    w.s.cover[:] = w.s.opening_cover[:] = cover
    borrowing.market_access(w.web, w.path, w.s, w.due, 3)
    found = [w.due.access[w.borrower(name)] for name in ("coreweave", "terawulf")]
    assert found == pytest.approx([coreweave, terawulf], abs=1e-12)
    assert (w.s.access == w.due.access).all()
    assert (w.due.willing == w.due.access).all()  # by either cover the same


@pytest.mark.parametrize(
    ("of_all", "of_opening", "access", "willing"),
    [
        (0.12, np.inf, 0.0, 0.0),  # its notes were rolled and its business is dead
        (1.25, np.inf, 0.5, 0.5),
        (np.inf, 0.12, 1.0, 0.0),
        (2.0, 1.25, 1.0, 0.5),
        (1.25, 2.0, 0.5, 0.5),
    ],
)
def test_who_would_take_shares_believes_the_worse_cover(still, of_all, of_opening, access, willing):
    w = still(use=0.50)
    w.s.cover[:], w.s.opening_cover[:] = of_all, of_opening
    borrowing.market_access(w.web, w.path, w.s, w.due, 3)
    for name, idle in (("coreweave", 0.25), ("terawulf", 1.0)):  # idle capacity counts for a fleet only
        k = w.borrower(name)
        assert w.due.access[k] == w.s.access[k] == pytest.approx(access * idle)
        assert w.due.willing[k] == w.s.willing[k] == pytest.approx(willing * idle)


def test_spread_runs_from_the_worst_bucket_to_the_best(still):
    # at 0.75 x EBITDA cover; the worst bucket holds up to 0.5, the best from 12.5 on (Damodaran 2024)
    for cover, basis_points in ((-5.0, 2000), (0.5 / 0.75, 2000), (12.5 / 0.75, 59), (1e9, 59)):
        assert borrowing.coverage_spread(still().web, cover) == pytest.approx(basis_points / 1e4)


def test_spread_of_a_bucket_stands_at_its_middle(still):
    web = still().web
    # B: EBIT cover 2.0 to 2.5, 361 bp; at 2.25 = 0.75 x 3.0
    assert borrowing.coverage_spread(web, 3.0) == pytest.approx(0.0361)
    # half way between the middles of B (2.25, 361) and B+ (2.75, 314)
    assert borrowing.coverage_spread(web, 2.5 / 0.75) == pytest.approx((0.0361 + 0.0314) / 2)


def test_more_cover_never_costs_more(still):
    web = still().web
    spreads = [borrowing.coverage_spread(web, cover) for cover in np.linspace(-2, 20, 500)]
    assert (np.diff(spreads) <= 0).all()


def test_life_of_a_new_loan(still, short):
    w = still()
    debt, service = w.s.debt, w.s.service
    borrowing.issue(short, debt, FIRST, 100.0, 0.40, 0)  # 10 % a quarter
    borrowing.issue(short, debt, SECOND, 50.0, 0.0, 0)  # an interest-free one
    pay = 60 * 0.10 / (1 - 1.1**-2)  # 34.571

    borrowing.new_debt_service(short, debt, service, 1)
    np.testing.assert_allclose(service.interest[:2], [60 * 0.1 + 40 * 0.1, 0])
    np.testing.assert_allclose(service.level_interest[:2], [60 * 0.1, 0])
    np.testing.assert_allclose(service.level_principal[:2], [pay - 6.0, 30 / 2])
    np.testing.assert_array_equal(service.bullet_due, 0)
    assert borrowing.outstanding(short, debt, FIRST, 0) == pytest.approx((60, 40))
    assert borrowing.interest_ahead(short, debt, FIRST, 0) == pytest.approx(0.40 * 100)
    for k in (FIRST, SECOND):
        borrowing.settle(short, debt, k, 1)
    left = 60 - (pay - 6.0)
    np.testing.assert_allclose(debt.level[:2, 0], [left, 15])

    borrowing.new_debt_service(short, debt, service, 2)
    np.testing.assert_allclose(service.interest[:2], [left * 0.1 + 4.0, 0])
    np.testing.assert_allclose(service.level_principal[:2], [left, 15])  # the last payment clears it
    np.testing.assert_allclose(service.bullet_due[:2], [40, 20])
    for k in (FIRST, SECOND):
        borrowing.settle(short, debt, k, 2)
    assert not debt.level.any()
    assert not debt.bullet.any()
    borrowing.new_debt_service(short, debt, service, 3)
    assert not service.interest.any()


def test_principal_of_the_coming_year(still, short):
    w = still()
    borrowing.issue(short, w.s.debt, FIRST, 100.0, 0.0, 4)
    borrowing.new_debt_service(short, w.s.debt, w.s.service, 5)
    # 30 a quarter of level principal, counted four times (an upper bound), and the bullet of quarter 6 of 40,
    # as far as lenders would not roll it
    for refused in (1.0, 0.25, 0.0):
        found = borrowing.due_within_a_year(short, w.s.debt, w.s.service, refused, FIRST, 4)
        assert found == pytest.approx(4 * 30 + refused * 40)


def test_debt_of_the_failed_is_written_off_and_no_other(still, short):
    debt = still().s.debt
    borrowing.issue(short, debt, FIRST, 10.0, 0.0, 0)
    borrowing.issue(short, debt, SECOND, 40.0, 0.0, 0)
    borrowing.write_off(debt, FIRST)
    np.testing.assert_allclose(debt.bullet[:2, 0], [0, 16])
    np.testing.assert_allclose(debt.level[:2, 0], [0, 24])
    np.testing.assert_allclose(debt.payment[:2, 0], [0, 12])
