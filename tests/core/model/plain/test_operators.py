"""What an operator owes and pays out, its covenant, and what its creditors get, by hand."""

import numpy as np
import pytest

from core.finance.clearing import SECURED, UNSECURED
from core.model import books, borrowing, dues, recovery

Q = 9


@pytest.fixture
def operator(newest):
    """Oracle at the snapshot date of the latest data."""
    w = newest()
    w.k = w.borrower("oracle")
    w.node = w.layout.index["oracle"]
    dues.start_quarter(w.web, w.s, w.due)
    w.due.access[:], w.due.willing[:] = 1.0, 1.0
    return w


@pytest.mark.parametrize(
    ("cover", "breach"),
    [(np.inf, 0.0), (3.4, 0.0), (3.0, 0.0), (2.9, 0.2), (2.75, 0.5), (2.5, 1.0), (-1.0, 1.0)],
)
def test_a_covenant_is_a_ramp_below_three_times_interest(operator, cover, breach):
    view = operator.work.outlook
    view.cover[:] = 0.1  # of all the others, who have no covenant
    view.cover[operator.k] = cover
    books.covenants(operator.web, operator.s, view)
    assert operator.s.breach[0] == pytest.approx(breach)
    assert operator.s.posted[0] == pytest.approx(12.0 * breach)


@pytest.mark.parametrize("breach", [0.0, 0.5, 1.0])
def test_a_breach_halves_access_and_makes_new_debt_dearer_by_150_points(operator, breach):
    w = operator
    w.s.cover[:], w.s.opening_cover[:], w.path.use_access[Q] = 2.0, 2.0, 1.0
    calm = []
    for w.s.breach[0] in (0.0, breach):
        borrowing.market_access(w.web, w.path, w.s, w.due, Q)
        dues.opening_debt(w.web, w.lever, w.s, w.due, Q)
        calm.append((np.array(w.due.access), np.array(w.due.borrow_rate)))
    mine = np.arange(calm[0][0].size) == w.k
    assert (calm[0][0] > 0.9).all()
    assert calm[1][0][mine] == pytest.approx(calm[0][0][mine] * (1 - 0.5 * breach))
    assert calm[1][1][mine] == pytest.approx(calm[0][1][mine] + 0.0150 * breach)
    for before, after in zip(calm[0], calm[1], strict=True):
        np.testing.assert_array_equal(after[~mine], before[~mine])


@pytest.mark.parametrize(
    ("short", "paid", "built"), [(0.0, 1.0, 4.0), (0.6, 0.4, 4.0), (3.0, 0.0, 2.0), (9.0, 0.0, 0.0)]
)
def test_who_would_come_short_pays_nothing_out_then_stops_building(operator, monkeypatch, short, paid, built):
    """Collateral that is asked for is no cash that is missing: it is used up before a company fails."""
    w = operator
    rows = w.web.operator
    w.due.amount[rows.payout_row[0]], w.due.amount[rows.capex_row[0]] = 1.0, 4.0
    kept = w.web.p.debt_cash_target * w.web.node.cash[w.node]
    monkeypatch.setattr(dues, "cash_gap", lambda *_: kept + short)
    dues.save(w.web, w.s, w.due, 0)
    assert w.due.amount[rows.payout_row[0]] == pytest.approx(paid)
    assert w.due.amount[rows.capex_row[0]] == pytest.approx(built)


@pytest.mark.parametrize("access", [1.0, 0.4, 0.0])
def test_it_builds_raises_and_pays_out_as_far_as_lenders_let_it(operator, access):
    w = operator
    own, at = w.web.operator, w.layout.rows.index
    w.due.access[w.k] = access
    w.due.scheduled[at("fees:oracle_openai")], w.due.amount[at("fees:oracle_openai")] = 6.0, 1.0
    for q, go in ((0, 1.0), (1, 1.0), (2, access), (Q, access)):  # two quarters are committed
        w.due.outside[:] = 0.0
        dues.operators(w.web, w.lever, w.path, w.s, w.due, q)
        assert w.due.amount[at("capex:oracle")] == pytest.approx(own.capex[0, q] * go)
        assert w.due.equity[w.k] == pytest.approx(own.equity_raise[0, q] * go)
        assert w.due.amount[at("payout:oracle")] == pytest.approx(own.payout[0, q] * access)
        assert w.due.amount[at("cost:oracle")] == pytest.approx(
            (1 - 0.6) * 6.0
        )  # whether the tenant pays or not
        assert w.due.outside[w.node] == pytest.approx(own.core_ebitda[0, q])
    assert own.capex[0, 0] == pytest.approx(38 / 2)  # the plan of what is left of 2026
    w.s.living[w.node] = 0
    dues.operators(w.web, w.lever, w.path, w.s, w.due, 0)
    assert [w.due.amount[at(f"{word}:oracle")] for word in ("capex", "payout")] == [0.0, 0.0]
    assert w.due.equity[w.k] == 0.0


@pytest.mark.parametrize("access", [1.0, 0.5])
def test_it_borrows_what_it_lacks_and_what_it_has_to_post(operator, access):
    w = operator
    for part in (
        w.due.interest,
        w.due.regular,
        w.due.bullets,
        w.due.convertible,
        w.due.exit_due,
        w.due.equity,
    ):
        part[:] = 0.0
    w.due.amount[:], w.due.outside[:], w.due.borrowed[:] = 0.0, 0.0, 0.0
    w.web.fleet[0].equity_raise[:] = 0.0
    w.due.access[w.k] = access
    kept = w.web.p.debt_cash_target * w.web.node.cash[w.node]
    for cash, posted, borrowed in ((kept - 3.0, 0.0, 3.0), (kept - 3.0, 12.0, 15.0), (kept + 5.0, 12.0, 7.0),
                                   (kept + 20.0, 12.0, 0.0)):  # fmt: skip
        w.s.cash[w.node], w.s.posted[0] = cash, posted
        dues.borrow(w.web, w.lever, w.s, w.due, Q)
        assert w.due.borrowed[w.k] == pytest.approx(access * borrowed)
        w.due.borrowed[:] = 0.0


def test_nothing_of_it_is_pledged_so_all_its_creditors_share_alike(operator):
    """Old notes are unsecured and new loans come first of what is pledged, which is nothing."""
    w = operator
    claim = w.web.claim
    mine = np.array(claim.place) == w.k
    rank = np.array(claim.seniority)[mine]
    assert {SECURED, UNSECURED} <= set(rank.tolist())
    w.s.claims[:] = np.where(mine, np.arange(1.0, mine.size + 1), 0.0)
    w.s.recovery[:] = 0.0
    recovery.by_seniority(w.web, w.s, w.k, 0.4 * float(np.array(w.s.claims).sum()))
    np.testing.assert_allclose(np.array(w.s.recovery)[mine], 0.4 * np.array(w.s.claims)[mine])
    assert not np.array(w.s.recovery)[~mine].any()


def test_its_estate_is_a_multiple_of_what_it_earns(operator):
    w = operator
    view = w.work.outlook
    for ebitda, value in ((10.0, 50.0), (-4.0, 0.0)):
        view.ebitda[w.k] = ebitda
        books.worth(w.web, w.path, w.s, view, Q)
        assert view.collateral[w.k] == pytest.approx(value)  # five times
