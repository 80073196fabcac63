"""What labs owe by contract and beyond it, and when they cut it, by hand."""

import numpy as np
import pytest

from core.model import books, dues
from core.model.state import living_customers

Q = 8


@pytest.fixture
def lab(newest):
    """OpenAI in a quarter: 2 owed to CoreWeave, 5 to Oracle and 10 elsewhere, of which 5 by contract.

    With 3 of other cost and 12 of revenue it burns 8.
    """
    w = newest()
    names, a = w.layout.rows, w.layout.of_kind("lab").index("openai")
    w.node, w.at = w.web.lab.node[a], {name: names.index(name) for name in names}
    dues.start_quarter(w.web, w.s, w.due)
    owed = {"fees:coreweave_legacy_openai": 2.0, "fees:oracle_openai": 5.0, "bill:openai": 10.0}
    others = {"fees:coreweave_legacy_microsoft": 1.5, "rent:xai_vehicle_xai": 0.7}
    for name, amount in (owed | others).items():
        w.due.scheduled[w.at[name]] = w.due.amount[w.at[name]] = amount
    w.due.amount[w.at["cost:openai"]] = 3.0
    w.web.lab.bill[a, Q], w.web.lab.signed_share[a] = 16.0, 0.75  # 12 by contract, 7 of it here
    w.path.lab_revenue[Q, a] = 12.0
    for other in range(w.web.lab.node.size):
        if other != a:
            w.path.lab_revenue[Q, other] = 100.0  # the other labs earn more than they spend
    w.amount = lambda name: float(w.due.amount[w.at[name]])
    return w


@pytest.mark.parametrize(
    ("quarters", "cut"), [(9.0, 0.0), (4.0, 0.0), (3.0, 0.25), (2.4, 0.4), (2.0, 0.5), (1.0, 0.5), (0.0, 0.5)]
)
def test_a_lab_asks_for_what_its_cash_lacks_of_four_quarters_of_burn(lab, quarters, cut):
    lab.s.cash[lab.node] = 8.0 * quarters
    dues.renegotiate(lab.web, lab.path, lab.s, lab.due, Q)
    assert lab.s.haircut[lab.node] == pytest.approx(cut)
    assert (lab.s.cut_anew, lab.s.renegotiated[lab.node]) == ((1, Q) if cut else (0, lab.layout.never))
    assert lab.amount("fees:coreweave_legacy_openai") == pytest.approx(2.0 * (1 - cut))
    assert lab.amount("fees:oracle_openai") == pytest.approx(5.0 * (1 - cut))
    assert lab.amount("bill:openai") == pytest.approx(10.0 - 5.0 * cut)  # what it buys beyond contracts stays
    assert lab.due.scheduled[lab.at["fees:oracle_openai"]] == 5.0
    others = [
        lab.amount(name)
        for name in ("fees:coreweave_legacy_microsoft", "rent:xai_vehicle_xai", "cost:openai")
    ]
    assert others == [1.5, 0.7, 3.0]


def test_a_cut_holds_until_cash_lasts_and_fades_until_it_lasts_twice_as_long(lab):
    """Of 8 a quarter, so 32 a year. What was once agreed comes back with need, without being asked anew."""
    found = []
    for q, cash in ((Q, 24.0), (Q + 1, 32.0), (Q + 2, 48.0), (Q + 3, 1000.0), (Q + 4, 20.0), (Q + 5, 28.0)):
        dues.start_quarter(lab.web, lab.s, lab.due)
        lab.web.lab.bill[:, q], lab.path.lab_revenue[q] = lab.web.lab.bill[:, Q], lab.path.lab_revenue[Q]
        for name, amount in (("fees:oracle_openai", 7.0), ("bill:openai", 10.0)):
            lab.due.scheduled[lab.at[name]] = lab.due.amount[lab.at[name]] = amount
        lab.due.amount[lab.at["cost:openai"]] = 3.0
        lab.s.cash[lab.node] = cash
        dues.renegotiate(lab.web, lab.path, lab.s, lab.due, q)
        found.append((float(lab.s.haircut[lab.node]), int(lab.s.cut_anew)))
        assert lab.amount("fees:oracle_openai") == pytest.approx(7.0 * (1 - found[-1][0]))
    assert found == [(0.25, 1), (0.25, 0), (0.125, 1), (0.0, 1), (0.375, 1), (0.375, 0)]
    assert lab.s.renegotiated[lab.node] == Q


def test_who_earns_more_than_it_spends_cuts_nothing_however_little_it_has(lab):
    lab.path.lab_revenue[Q, lab.layout.of_kind("lab").index("openai")] = 20.0
    lab.s.cash[lab.node] = 0.0
    dues.renegotiate(lab.web, lab.path, lab.s, lab.due, Q)
    assert not lab.s.haircut.any()


def test_a_failed_lab_asks_for_nothing_more_but_its_cut_stands(lab):
    lab.s.cash[lab.node] = 24.0
    dues.renegotiate(lab.web, lab.path, lab.s, lab.due, Q)
    lab.s.living[lab.node], lab.s.cash[lab.node] = 0, 0.0
    before = lab.amount("fees:oracle_openai")
    dues.renegotiate(lab.web, lab.path, lab.s, lab.due, Q)
    assert lab.s.haircut[lab.node] == 0.25
    assert lab.amount("fees:oracle_openai") == pytest.approx(before * 0.75)


def test_data_without_the_rule_know_no_cut(still):
    w = still()
    dues.start_quarter(w.web, w.s, w.due)
    w.due.amount[w.layout.rows.index("fees:coreweave_legacy_openai")] = 5.0
    w.due.scheduled[:] = w.due.amount
    w.s.cash[:], w.path.lab_revenue[:] = 0.0, 0.0
    dues.renegotiate(w.web, w.path, w.s, w.due, Q)
    assert not w.s.haircut.any()
    assert w.due.amount[w.layout.rows.index("fees:coreweave_legacy_openai")] == 5.0


@pytest.mark.parametrize("dev", [1.0, 0.5, 1.2])
@pytest.mark.parametrize("here", [4.0, 30.0])
def test_what_is_signed_is_owed_whatever_demand_does_and_the_rest_goes_with_it(newest, dev, here):
    w = newest(dev=dev)
    a, rows = w.layout.of_kind("lab").index("anthropic"), w.layout.rows
    dues.start_quarter(w.web, w.s, w.due)
    row = rows.index("fees:coreweave_new_anthropic")
    w.due.scheduled[row] = w.due.amount[row] = here
    dues.labs(w.web, w.path, w.s, w.due, Q)
    bill = w.web.lab.bill[a, Q]
    assert bill == pytest.approx(95 / 4)  # of the year 2028
    signed = max(0.65 * bill, here)
    expected = (signed - here) + max(bill - signed, 0.0) * dev
    assert w.due.amount[rows.index("bill:anthropic")] == pytest.approx(expected)


def test_hosts_count_on_what_a_cut_leaves(newest):
    """Shares of a fleet's books, and what a tenant's host expects of the year ahead."""
    w = newest()
    node, fleet = w.layout.index["openai"], w.s.fleet[0]
    before = (float(fleet.legacy), float(fleet.new))
    view, k = w.work.outlook, w.borrower("oracle")
    books.operator_outlook(w.web, w.lever, w.path, w.s, view, 0, Q)
    whole = float(view.ebitda[k])
    w.s.haircut[node] = 0.3
    living_customers(w.web, w.s, 0)
    plan = w.web.fleet[0]
    mine = np.array([w.web.row.payer[row] == node for row in plan.fee_row])
    legacy = np.array(plan.is_legacy, dtype=bool)
    lost = [0.3 * np.array(plan.fee_share)[mine & book].sum() for book in (legacy, ~legacy)]
    assert (float(fleet.legacy), float(fleet.new)) == pytest.approx(
        (before[0] - lost[0], before[1] - lost[1])
    )
    assert min(lost) > 0.01
    books.operator_outlook(w.web, w.lever, w.path, w.s, view, 0, Q)
    owed = [i for i in range(w.web.bill.row.size) if w.web.bill.host[i] == w.layout.index["oracle"]]
    assert whole - view.ebitda[k] == pytest.approx(0.3 * sum(w.web.bill.ahead[i, Q + 1] for i in owed))
