"""Clearing: three cases with a pencil, then what must hold for any web."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.compiled.jit import NO_JIT
from core.finance.clearing import CONVERGED
from core.finance.networks import (
    ClearingDidNotConverge,
    Ledger,
    Structure,
    clear,
    clearing_payments,
    settle_all,
)

NEAR = 1e-7  # sweeps stop at changes of 1e-10; a slow circle of debts may still be this far away


# --- with a pencil ----------------------------------------------------------------------------------------


def test_senior_first_then_pro_rata_by_hand():
    # Node 0 has 10 and owes 2 operating, 5 secured, 6 + 2 unsecured, 4 subordinated: 19 in all.
    # alpha 0.9: left 9 = 2 + 5 + 2, so unsecured get 2 / 8 = a quarter, 1.5 and 0.5; subordinated nothing.
    rows = [(0, 1, 0, 2.0), (0, 2, 2, 5.0), (0, 3, 3, 6.0), (0, 1, 3, 2.0), (0, 2, 4, 4.0)]
    done = clear(Ledger.from_rows(rows, 4), [10.0, 0.0, 0.0, 0.0], alpha=0.9, beta=0.8)
    np.testing.assert_allclose(done.paid, [2.0, 5.0, 1.5, 0.5, 0.0], atol=1e-12)
    np.testing.assert_allclose(done.theta[:, 0], [1.0, 1.0, 1.0, 0.25, 0.0], atol=1e-12)
    np.testing.assert_allclose(done.closing, [0.0, 2.5, 5.0, 1.5], atol=1e-12)
    np.testing.assert_allclose(done.failure_cost, [1.0, 0.0, 0.0, 0.0], atol=1e-12)  # 0.1 x 10
    np.testing.assert_allclose(done.shortfall, [9.0, 0.0, 0.0, 0.0], atol=1e-12)  # 19 - 10
    assert done.failed.tolist() == [True, False, False, False]


def test_chain_of_three_counts_its_waves():
    # 0 owes 1 ten and has 4: pays 0.9 x 4 = 3.6. 1 has 2 and owes 2 nine: 0.9 x 2 + 0.8 x 3.6 = 4.68.
    # 2 has 5 and owes 3 seven: 5 + 4.68 = 9.68 >= 7, keeps 2.68.
    rows = [(0, 1, 1, 10.0), (1, 2, 2, 9.0), (2, 3, 3, 7.0)]
    done = clear(Ledger.from_rows(rows, 4), [4.0, 2.0, 5.0, 0.0], alpha=0.9, beta=0.8)
    np.testing.assert_allclose(done.paid, [3.6, 4.68, 7.0], atol=1e-12)
    np.testing.assert_allclose(done.closing, [0.0, 0.0, 2.68, 7.0], atol=1e-12)
    np.testing.assert_allclose(done.failure_cost, [0.4, 0.1 * 2 + 0.2 * 3.6, 0.0, 0.0], atol=1e-12)
    assert done.round.tolist() == [1, 2, 0, 0]


def test_a_wave_is_a_sweep_that_finds_a_failure_not_any_sweep():
    # Both 0 (4 of 10) and 1 (9 + 10 of 20) fail at once. 2 still gets 19 of the 18 it owes in the second
    # sweep, and 9 + 4 = 13 only in the third: that is the second wave.
    rows = [(0, 1, 1, 10.0), (1, 2, 1, 20.0), (2, 3, 1, 18.0)]
    done = clear(Ledger.from_rows(rows, 4), [4.0, 9.0, 0.0, 0.0])
    np.testing.assert_allclose(done.paid, [4.0, 13.0, 13.0], atol=1e-12)
    assert done.round.tolist() == [1, 1, 2, 0]


def test_a_call_can_be_the_second_wave():
    rows = [(0, 1, 1, 10.0, 2, 5.0), (2, 3, 3, 6.0)]
    done = clear(Ledger.from_rows(rows, 4), [2.0, 0.0, 9.0, 0.0])
    # called min(10 - 2, 5) = 5; node 2 owes 6 + 5 = 11 with 9: pays 9 / 11 of both
    np.testing.assert_allclose([done.called[0], done.called_paid[0]], [5.0, 45 / 11], atol=1e-12)
    np.testing.assert_allclose(done.paid[1], 54 / 11, atol=1e-12)
    assert done.round.tolist() == [1, 0, 2, 0]


def test_call_ranks_behind_the_guarantors_secured_dues():
    # Guarantor 2 has 7, owes 6 secured and is called for 4 (10 - 6): 1 is left for the call.
    rows = [(0, 1, 1, 10.0, 2, 8.0), (2, 3, 2, 6.0)]
    done = clear(Ledger.from_rows(rows, 4), [6.0, 0.0, 7.0, 0.0])
    np.testing.assert_allclose(done.called[0], 4.0, atol=1e-12)
    np.testing.assert_allclose(done.called_paid[0], 1.0, atol=1e-12)
    np.testing.assert_allclose(done.paid[1], 6.0, atol=1e-12)


def test_a_guarantee_can_hurt():
    """The example behind the warning on the page: a call pushes the guarantor into costly failure."""
    rows = lambda cap: Ledger.from_rows([(0, 1, 1, 10.0, 2, cap), (2, 3, 3, 9.0)], 4)  # noqa: E731
    resources = [6.0, 0.0, 10.0, 0.0]
    without = clear(rows(0.0), resources, alpha=0.5, beta=0.5)
    with_cap = clear(rows(4.0), resources, alpha=0.5, beta=0.5)
    assert without.closing[[1, 3]].sum() == 3.0 + 9.0
    assert with_cap.closing[[1, 3]].sum() == pytest.approx(3.0 + 5.0)  # 0.5 x 10 shared by both creditors


def test_no_dues_and_no_resources():
    done = clear(Ledger.from_rows([(0, 1, 3, 0.0)], 2), [0.0, 0.0], 0.9, 0.9)
    assert not done.failed.any()
    assert (done.theta == 1).all()


# --- for any web ------------------------------------------------------------------------------------------


@st.composite
def webs(draw, guarantees=True):
    """A ledger with three scenarios, resources that leave some short, and costs of failure below 1."""
    n = draw(st.integers(3, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    r = draw(st.integers(1, 14))
    payer = rng.integers(0, n, r)
    payee = (payer + rng.integers(1, n, r)) % n
    giver = np.full(r, -1)
    if guarantees:
        for i in np.flatnonzero(rng.random(r) < 0.4):
            giver[i] = rng.choice([k for k in range(n) if k not in (payer[i], payee[i])])
    structure = Structure.compile(payer, payee, rng.integers(0, 5, r), n, giver)
    amount = rng.uniform(0, 10, (r, 3)) * (rng.random((r, 3)) < 0.9)
    cap = rng.uniform(0, 8, (r, 3)) * (rng.random((r, 3)) < 0.8)
    ledger = Ledger(structure, amount, cap, rng.uniform(0, 1, (r, 3)) * (rng.random((r, 1)) < 0.3))
    resources = rng.uniform(0, 6, (n, 3)) * (rng.random((n, 3)) < 0.8)
    return (
        ledger,
        resources,
        draw(st.sampled_from([0.3, 0.7, 0.9, 1.0])),
        draw(st.sampled_from([0.2, 0.8, 0.95, 1.0])),
    )


def one_step_down(ledger, resources, alpha, beta, theta):
    """The map of docs/model.md, section 9, in plain loops, for one scenario: a second writing."""
    s = ledger.structure
    n = s.n_nodes
    owed, receipt = np.zeros((5, n)), np.zeros(n)
    for i in range(s.payer.size):
        owed[s.seniority[i], s.payer[i]] += ledger.amount[i]
        paid = ledger.amount[i] * theta[s.seniority[i], s.payer[i]]
        receipt[s.payee[i]] += paid
        if s.giver[i] >= 0:
            call = min(max(ledger.amount[i] - paid - ledger.deductible[i], 0.0), ledger.cap_left[i])
            owed[3, s.giver[i]] += call
            receipt[s.payee[i]] += call * theta[3, s.giver[i]]
    new = np.ones((5, n))
    for node in range(n):
        have = resources[node] + receipt[node]
        if have >= owed[:, node].sum() * (1 - 1e-12):
            continue
        left = alpha * resources[node] + beta * receipt[node]
        for k in range(5):
            if owed[k, node] > 0:
                new[k, node] = min(1.0, left / owed[k, node])
            left = max(left - owed[k, node], 0.0)
    return new


def one(ledger, i):
    """Scenario i of a ledger, alone."""
    return Ledger(ledger.structure, ledger.amount[:, i], ledger.cap_left[:, i], ledger.deductible[:, i])


@settings(max_examples=60, deadline=None)
@given(webs())
def test_greatest_fixed_point(web):
    ledger, resources, alpha, beta = web
    done = clear(ledger, resources, alpha, beta)
    for i in range(3):
        theta = np.ones((5, ledger.structure.n_nodes))
        for _ in range(3_000):
            before = theta
            theta = np.minimum(theta, one_step_down(one(ledger, i), resources[:, i], alpha, beta, theta))
            if (before - theta).max() < 1e-13:
                break
        np.testing.assert_allclose(done.theta[:, :, i], theta, atol=NEAR)


@settings(max_examples=150, deadline=None)
@given(webs())
def test_conservation_and_bounds(web):
    ledger, resources, alpha, beta = web
    s = ledger.structure
    done = clear(ledger, resources, alpha, beta)
    scale = 1 + ledger.amount.sum(axis=0)
    kept = done.closing.sum(axis=0) + done.failure_cost.sum(axis=0)
    assert (np.abs(kept - resources.sum(axis=0)) < 1e-8 * scale).all()
    assert (done.closing >= 0).all()
    assert (done.paid >= 0).all()
    assert (done.paid <= ledger.amount).all()
    assert (done.called[s.giver >= 0] <= ledger.cap_left[s.giver >= 0]).all()
    assert not done.called[s.giver < 0].any()
    assert (done.called_paid <= done.called).all()
    assert (done.called <= ledger.amount - done.paid).all()
    # whoever fails pays less than he owes, whoever does not pays everything
    owed, spent = np.zeros(resources.shape), np.zeros(resources.shape)
    np.add.at(owed, s.payer, ledger.amount)
    np.add.at(spent, s.payer, done.paid)
    rows = s.giver >= 0
    np.add.at(owed, s.giver[rows], done.called[rows])
    np.add.at(spent, s.giver[rows], done.called_paid[rows])
    np.testing.assert_array_equal(done.failed, spent < owed - 1e-10 * (1 + owed))
    np.testing.assert_array_equal(done.failed, done.round > 0)
    assert (done.shortfall[~done.failed] == 0).all()
    assert (done.shortfall[done.failed] > 0).all()


@settings(max_examples=150, deadline=None)
@given(webs())
def test_junior_gets_nothing_while_senior_is_short(web):
    ledger, resources, alpha, beta = web
    s = ledger.structure
    done = clear(ledger, resources, alpha, beta)
    owed = np.zeros(done.theta.shape)
    np.add.at(owed, (s.seniority, s.payer), ledger.amount)
    np.add.at(owed, (3, s.giver[s.giver >= 0]), done.called[s.giver >= 0])
    for senior in range(4):
        short = (done.theta[senior] < 1 - NEAR) & (owed[senior] > 0)
        for junior in range(senior + 1, 5):
            assert (done.theta[junior][short & (owed[junior] > 0)] <= NEAR).all()
    # pro rata: every row of a class is paid the same share
    np.testing.assert_allclose(done.paid, ledger.amount * done.theta[s.seniority, s.payer], atol=1e-12)


@settings(max_examples=150, deadline=None)
@given(webs(), st.sampled_from(["resources", "alpha", "beta"]))
def test_rises_with_resources_alpha_and_beta(web, what):
    ledger, resources, alpha, beta = web
    before = clear(ledger, resources, alpha, beta)
    if what == "resources":
        resources = resources + np.linspace(0, 2, resources.shape[0])[:, None]
    alpha, beta = (min(1.0, x + 0.1 * (what == n)) for n, x in (("alpha", alpha), ("beta", beta)))
    after = clear(ledger, resources, alpha, beta)
    assert (after.theta >= before.theta - NEAR).all()


@settings(max_examples=200, deadline=None)
@given(webs())
def test_a_guarantee_whose_giver_stays_solvent_never_lowers_receipts(web):
    ledger, resources, alpha, beta = web
    s = ledger.structure
    givers = np.unique(s.giver[s.giver >= 0])
    resources[givers] += 300  # more than all dues together
    with_promises = clear(ledger, resources, alpha, beta)
    assert not with_promises.failed[givers].any()
    without = clear(Ledger(s, ledger.amount, 0.0), resources, alpha, beta)
    both = [c.paid + c.called_paid for c in (with_promises, without)]
    received = [np.zeros(resources.shape) for _ in both]
    for total, rows in zip(received, both, strict=True):
        np.add.at(total, s.payee, rows)
    assert (received[0] >= received[1] - NEAR).all()


@settings(max_examples=100, deadline=None)
@given(webs(), st.randoms(use_true_random=False))
def test_names_and_order_of_rows_do_not_matter(web, random):
    ledger, resources, alpha, beta = web
    s = ledger.structure
    nodes, rows = list(range(s.n_nodes)), list(range(s.payer.size))
    random.shuffle(nodes)
    random.shuffle(rows)
    new = np.array(nodes)  # old node i is now called new[i]
    giver = np.where(s.giver < 0, -1, new[s.giver])
    shuffled = Structure.compile(
        new[s.payer][rows], new[s.payee][rows], s.seniority[rows], s.n_nodes, giver[rows]
    )
    again_ledger = Ledger(shuffled, *(x[rows] for x in (ledger.amount, ledger.cap_left, ledger.deductible)))
    moved = np.empty_like(resources)
    moved[new] = resources
    first, again = clear(ledger, resources, alpha, beta), clear(again_ledger, moved, alpha, beta)
    np.testing.assert_allclose(again.paid, first.paid[rows], atol=NEAR)
    np.testing.assert_allclose(again.closing[new], first.closing, atol=NEAR)
    np.testing.assert_array_equal(again.failed[new], first.failed)


def test_bits_do_not_depend_on_the_batch():
    """A scenario alone, in a pair and among 257 gives the same bits, with many rows per payee and payer."""
    rng = np.random.default_rng(7)
    n, r, width = 9, 150, 257
    payer = rng.choice([0, 1, 2, 3, 4], r)
    payee = rng.choice([5, 6, 7, 8], r)
    payee[:40] = (payer[:40] + 1) % 5  # some circles
    giver = np.where(rng.random(r) < 0.2, 8, -1)
    giver[payee == 8] = -1
    s = Structure.compile(payer, payee, rng.integers(0, 5, r), n, giver)
    amount, cap = rng.random((r, width)), rng.random((r, width))
    resources = rng.random((n, width)) * 30 * (rng.random((n, width)) < 0.8)
    batch = clear(Ledger(s, amount, cap), resources, 0.9, 0.85)
    assert 0 < batch.failed.any(axis=0).mean() < 1  # both roads are taken
    for i in range(width):
        alone = clear(Ledger(s, amount[:, i], cap[:, i]), resources[:, i], 0.9, 0.85)
        pair = [i, (i + 1) % width]
        paired = clear(Ledger(s, amount[:, pair], cap[:, pair]), resources[:, pair], 0.9, 0.85)
        for name, whole in vars(batch).items():
            expected = np.ascontiguousarray(whole[..., i]).tobytes()
            assert np.ascontiguousarray(getattr(alone, name)).tobytes() == expected, f"{name}, alone, {i}"
            assert np.ascontiguousarray(getattr(paired, name)[..., 0]).tobytes() == expected, (
                f"{name}, pair, {i}"
            )


def test_one_ledger_for_many_resources():
    ledger = Ledger.from_rows([(0, 1, 3, 10.0, 2, 3.0)], 3)
    done = clear(ledger, np.array([[12.0, 6.0], [0.0, 0.0], [100.0, 100.0]]))
    np.testing.assert_array_equal(done.called, [[0.0, 3.0]])


@pytest.mark.skipif(NO_JIT, reason="nothing is compiled")
def test_rules_are_compiled_once_whatever_the_shapes():
    ledger = Ledger.from_rows([(0, 1, 3, 10.0, 2, 3.0)], 3)
    one, many = np.array([6.0, 0.0, 100.0]), np.full((3, 4), 6.0)
    for amount in (ledger.amount, ledger.amount[:, None], np.full((1, 4), 10.0)):
        for resources in (one, one.tolist(), one[:, None], many, many.T[:3, :1]):
            clear(Ledger(ledger.structure, amount), resources)
    clearing_payments(np.array([[[0.0, 10.0], [0.0, 0.0]]] * 2), [6.0, 1.0])
    rows = np.broadcast_to(np.array([[0], [1], [3]]), (3, 4))
    clear(Ledger(Structure.compile(*rows, 3), np.ones(4)), one)
    assert len(settle_all.signatures) == 1


# --- published form ---------------------------------------------------------------------------------------


def test_clearing_payments_over_leading_axes():
    web = np.array([[0, 10.0, 0], [0, 0, 8.0], [0, 0, 0]])
    resources = np.array([[[6.0, 1, 0], [20.0, 1, 0]], [[0.0, 0, 0], [6.0, 9, 0]]])
    expected = [[[6.0, 7, 0], [10.0, 8, 0]], [[0.0, 0, 0], [6.0, 8, 0]]]
    np.testing.assert_allclose(clearing_payments(web, resources), expected, atol=1e-12)
    np.testing.assert_allclose(
        clearing_payments(np.stack([web, web]), resources[0, 0])[1], [6, 7, 0], atol=1e-12
    )


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"obligations": [[0, 1, 2], [1, 0, 2]], "resources": [1, 1]}, "obligations"),
        ({"obligations": [[0, -1], [1, 0]], "resources": [1, 1]}, "obligations"),
        ({"obligations": [[0, np.nan], [1, 0]], "resources": [1, 1]}, "obligations"),
        ({"obligations": [[3, 1], [1, 0]], "resources": [1, 1]}, "diagonal"),
        ({"obligations": [[0, 1], [1, 0]], "resources": [1, 1, 1]}, "resources"),
        ({"obligations": [[0, 1], [1, 0]], "resources": [1, -1]}, "resources"),
        ({"obligations": [[0, 1], [1, 0]], "resources": [1, np.inf]}, "resources"),
        ({"obligations": np.zeros((3, 2, 2)), "resources": np.zeros((4, 2))}, "broadcast"),
        ({"obligations": [[0, 1], [1, 0]], "resources": [1, 1], "alpha": 1.1}, "alpha"),
        ({"obligations": [[0, 1], [1, 0]], "resources": [1, 1], "beta": -0.1}, "beta"),
    ],
)
def test_wrong_arguments_are_named(arguments, named):
    with pytest.raises(ValueError, match=named):
        clearing_payments(**arguments)


@pytest.mark.parametrize(
    ("rows", "resources", "named"),
    [
        ([(0, 0, 1, 1.0)], [1, 1], "same node"),
        ([(0, 2, 1, 1.0)], [1, 1], "payee"),
        ([(0, 1, 5, 1.0)], [1, 1], "seniority"),
        ([(0, 1, 1, 1.0, 0, 1.0)], [1, 1], "giver"),
        ([(0, 1, 1, -1.0)], [1, 1], "amount"),
        ([(0, 1, 1, np.inf)], [1, 1], "amount"),
        ([(0, 1, 1, 1.0)], [1, np.nan], "resources"),
        ([(0, 1, 1, 1.0)], [1, 1, 1], "resources"),
    ],
)
def test_wrong_ledgers_are_named(rows, resources, named):
    with pytest.raises(ValueError, match=named):
        clear(Ledger.from_rows(rows, 2), resources)


def test_negative_cap_is_refused():
    with pytest.raises(ValueError, match="cap_left"):
        clear(Ledger.from_rows([(0, 1, 1, 1.0, 2, -1.0)], 3), [0.0, 0.0, 1.0])


def test_not_converged_says_how_far_and_how_many():
    # Two nodes owe each other ten and one of them a third a crumb: each round they pay 0.01 % less, for ever.
    rows = [(0, 1, 3, 10.0), (1, 0, 3, 10.0), (0, 2, 3, 0.001)]
    resources = np.zeros((3, 3))
    resources[0, 1] = 0.001  # in the second of three scenarios the crumb is there
    with pytest.raises(ClearingDidNotConverge, match=r"20000 sweeps 2 scenario\(s\)") as error:
        clear(Ledger.from_rows(rows, 3), resources)
    assert error.value.count == 2
    assert CONVERGED < error.value.residual < 1e-4


def test_one_that_owes_nobody_pays_nothing():
    np.testing.assert_array_equal(clearing_payments([[0.0]], [[3.0], [4.0]]), [[0.0], [0.0]])
