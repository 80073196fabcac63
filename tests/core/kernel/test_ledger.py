"""Ledgers of any size are settled by the rules of the model as the numpy clearing settles them."""

import numpy as np
import pytest

from core.finance.networks import Ledger, Structure, clear
from core.kernel import ledger as kernel
from core.kernel.ledger import settle_ledger


def random_ledger(seed):
    """A web of 2 to 12 nodes in which many are short, some dues are guaranteed and circles are common."""
    rng = np.random.default_rng(seed)
    nodes, rows, n = int(rng.integers(2, 13)), int(rng.integers(1, 40)), int(rng.integers(1, 6))
    payer = rng.integers(0, nodes, rows)
    payee = (payer + rng.integers(1, nodes, rows)) % nodes
    giver = rng.integers(-1, nodes, rows)
    giver[(giver == payer) | (giver == payee) | (rng.random(rows) < 0.5)] = -1
    structure = Structure.compile(payer, payee, rng.integers(0, 5, rows), nodes, giver)
    amount = rng.exponential(5.0, (rows, n)) * (rng.random((rows, n)) < 0.9)
    cap = np.where(rng.random((rows, n)) < 0.2, np.inf, rng.exponential(3.0, (rows, n)))
    deductible = rng.exponential(0.5, (rows, n))
    cash = rng.exponential(6.0, (nodes, n)) * (rng.random((nodes, n)) < 0.8)
    return Ledger(structure, amount, cap, deductible), cash, rng.uniform(0.5, 1.0), rng.uniform(0.5, 1.0)


@pytest.mark.parametrize("seed", range(200))
def test_a_random_ledger(seed):
    ledger, cash, alpha, beta = random_ledger(seed)
    expected, found = clear(ledger, cash, alpha, beta), settle_ledger(ledger, cash, alpha, beta)
    for name, value in vars(expected).items():
        assert getattr(found, name).shape == value.shape, name
        np.testing.assert_allclose(getattr(found, name), value, rtol=1e-9, atol=1e-9, err_msg=name)
        assert getattr(found, name).dtype == value.dtype, name


def test_many_of_them_are_short_and_call_and_fail_in_waves():
    """Or the test above would show little."""
    found = [settle_ledger(*random_ledger(seed)) for seed in range(200)]
    assert sum(one.failed.any() for one in found) > 150
    assert sum((one.called_paid > 0).any() for one in found) > 100
    assert sum(one.round.max() > 1 for one in found) > 50
    assert sum(not one.failed.any(axis=0).all() for one in found) > 20


def test_one_scenario_without_an_axis():
    rows = [(0, 1, 1, 10.0, 2, 3.0)]
    done = settle_ledger(Ledger.from_rows(rows, n_nodes=3), [6.0, 0.0, 100.0], alpha=0.9)
    np.testing.assert_allclose(done.paid, [5.4])
    np.testing.assert_allclose(done.closing, [0.0, 8.4, 97.0])
    np.testing.assert_allclose(done.failure_cost, [0.6, 0.0, 0.0])


def test_wrong_ledgers_are_refused_as_ever():
    ledger = Ledger.from_rows([(0, 1, 1, 10.0, 2, 3.0)], n_nodes=3)
    for resources, alpha, match in (
        ([6.0, 0.0], 1.0, "must have 3 rows"),
        ([6.0, 0.0, -1.0], 1.0, "finite and not negative"),
        ([6.0, 0.0, np.nan], 1.0, "finite and not negative"),
        ([6.0, 0.0, 1.0], 1.1, "alpha must lie"),
    ):
        with pytest.raises(ValueError, match=match):
            settle_ledger(ledger, resources, alpha)
    with pytest.raises(ValueError, match="cap_left and deductible"):
        settle_ledger(Ledger(ledger.structure, ledger.amount, np.array([-1.0])), [6.0, 0.0, 1.0])


def test_payments_that_do_not_come_to_rest_raise(monkeypatch):
    monkeypatch.setattr(kernel, "CONVERGED", 0.0)  # what is left in the last sweep counts as moving
    with pytest.raises(kernel.ClearingDidNotConverge, match="1 scenario"):
        settle_ledger(Ledger.from_rows([(0, 1, 1, 10.0)], n_nodes=2), [6.0, 0.0])
