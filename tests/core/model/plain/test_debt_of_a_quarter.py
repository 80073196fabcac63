"""What a borrower lacks, rolls and owes within a year, and the status it bears for it, by hand."""

import numpy as np
import pytest

from core.model import books, dues, record

Q = 9  # quarter 2028Q2


@pytest.fixture
def needy(still):
    """TeraWulf in a quarter: it keeps 2.22 bn, is paid 0.5 and spends 0.1 + 0.2 before it repays anything."""

    def of(cash, *, paying=True, bullets=1.0, convertible=0.0, access=1.0, willing=1.0):
        w = still(failed=() if paying else ("fluidstack",))
        due, k = w.due, w.borrower("terawulf")
        dues.start_quarter(w.web, w.s, due)
        node = w.web.borrower.node[k]
        due.amount[:], due.outside[:] = 0.0, 0.0
        for part in (due.interest, due.regular, due.bullets, due.convertible, due.exit_due, due.equity):
            part[:] = 0.0
        for part in (due.service.interest, due.service.level_principal, due.service.bullet_due):
            part[:] = 0.0
        due.amount[w.layout.rows.index("rent:terawulf_fluidstack")] = 0.5
        due.amount[w.layout.rows.index("cost:terawulf")] = 0.1
        due.interest[k], due.bullets[k], due.convertible[k] = 0.2, bullets, convertible
        due.access[:], due.willing[:] = access, willing
        w.s.cash[node] = cash
        w.k, w.kept = k, w.web.p.debt_cash_target * w.web.node.cash[node]
        return w

    return of


@pytest.mark.parametrize(
    ("settings", "gap"),
    [
        ({}, 0.8),  # 2.22 kept - (2.22 in hand + 0.5 - 0.1 - 0.2 - 1.0 due)
        ({"paying": False}, 1.3),  # a tenant that has failed is not counted on
        ({"convertible": 2.0, "willing": 0.75}, 1.3),  # 0.5 of it falls due in cash
        ({"bullets": 0.0}, -0.2),  # more than it needs
    ],
)
def test_what_a_borrower_lacks_below_the_cash_it_keeps(needy, settings, gap):
    w = needy(2.22, **settings)
    assert w.kept == pytest.approx(2.22)  # 60 % of 3.7
    dues.expect(w.web, w.s, w.due)
    assert dues.cash_gap(w.web, w.s, w.due, w.k) == pytest.approx(gap)


@pytest.mark.parametrize(
    ("cash", "access", "rolled"),
    [
        (2.22, 1.0, 0.8),  # needs less than falls due
        (2.22, 0.5, 0.5),  # and gets half of what falls due
        (2.92, 1.0, 0.1),  # cash above what it keeps pays down first
        (3.02, 1.0, 0.0),
        (9.0, 1.0, 0.0),
        (1.0, 1.0, 1.0),  # never more than falls due
    ],
)
def test_nobody_rolls_what_it_can_repay(needy, cash, access, rolled):
    w = needy(cash, access=access)
    w.web.fleet[0].equity_raise[:] = 0.0
    dues.borrow(w.web, w.lever, w.s, w.due, Q)
    assert w.due.rolled[w.k] == w.due.borrowed[w.k] == pytest.approx(rolled)


@pytest.mark.parametrize("access", [1.0, 0.25, 0.0])
@pytest.mark.parametrize("willing", [1.0, 0.5])
def test_of_the_coming_year_only_what_is_refused_counts(still, access, willing):
    w = still()
    k, debt = w.borrower("terawulf"), w.web.borrower
    w.s.access[k], w.s.willing[k] = access, willing
    at_the_end = np.array(debt.next_year_rollable[k]), np.array(debt.next_year_convertible[k])
    for q in (int(np.argmax(part)) for part in at_the_end):
        books.debt_outlook(w.web, w.lever, w.s, w.work.outlook, k, q - 1)
        expected = debt.next_year[k, q] + (1 - access) * at_the_end[0][q] + (1 - willing) * at_the_end[1][q]
        assert w.work.outlook.principal[k] == pytest.approx(expected)
    assert min(part.max() for part in at_the_end) > 0.5


def test_what_is_due_within_a_year_is_all_there_whatever_its_kind(still):
    """With no access and no willing holder it is what the schedules of all lines say."""
    web, layout = still().web, still().layout
    for k in range(web.borrower.node.size):
        mine = layout.tranches.borrower == web.borrower.node[k]
        everything = layout.tranches.scheduled_next_year[mine].sum(axis=0)
        kinds = (web.borrower.next_year, web.borrower.next_year_rollable, web.borrower.next_year_convertible)
        np.testing.assert_allclose(sum(kind[k] for kind in kinds), everything, atol=1e-12)


@pytest.mark.parametrize(
    ("mark", "supported", "status"),
    [
        ((0, 0, 0, 0, 0), False, record.HEALTHY),
        ((0, 0, 0, 0, 1), False, record.STRETCHED),
        ((0, 1, 0, 0, 0), False, record.STRETCHED),
        ((0, 0, 1, 0, 0), False, record.STRETCHED),
        ((0, 0, 0, 1, 0), False, record.STRETCHED),
        ((0, 0, 0, 0, 0), True, record.SUPPORTED),
        ((0, 0, 1, 1, 1), True, record.SUPPORTED),
        ((0, 1, 1, 0, 0), True, record.DISTRESSED),
        ((1, 0, 0, 0, 0), True, record.DISTRESSED),
    ],
)
def test_a_guarantor_stands_between_stretched_and_distressed(mark, supported, status):
    assert record.status_of(False, mark, supported) == status
    assert record.status_of(True, mark, supported) == record.FAILED
