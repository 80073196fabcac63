"""Ledgers written out by hand or by others, settled by the same rules as a quarter of the model."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from core.compiled.jit import entry
from core.finance.clearing import CLASSES, CONVERGED, clear
from core.finance.networks import Clearing, ClearingDidNotConverge, Ledger


@entry
def settle_all(rows, dues, cash, alpha, beta, done, change, sweeps):
    """Settle a ledger in each scenario: arrays of ``dues``, ``cash`` and ``done`` are (scenario, ...)."""
    amount, cap, deductible = dues
    paid, called, called_paid, shortfall, closing, failure_cost, wave, theta = done
    for i in range(cash.shape[0]):
        owed = (amount[i], cap[i], deductible[i])
        settled = (
            paid[i], called[i], called_paid[i], shortfall[i], closing[i], failure_cost[i], wave[i], theta[i],
        )  # fmt: skip
        change[i], sweeps[i] = clear(rows, owed, cash[i], alpha, beta, settled)


def settle_ledger(ledger: Ledger, resources: ArrayLike, alpha: float = 1.0, beta: float = 1.0) -> Clearing:
    """The largest payments with which nobody pays more than he has, as `core.clearing.clear`.

    Parameters
    ----------
    ledger : Ledger
        The dues. Values behind the guarantees must not be negative.
    resources : array_like, (N, S) or (N,)
        Cash, outside income and new borrowing of each node, USD bn, not negative.
    alpha, beta : float
        Kept of own resources and of receipts in failure, 0 to 1. Both 1: failing costs nothing.

    Returns
    -------
    Clearing
        Sum of closing cash + sum of failure costs = sum of resources, within 1e-10 of the dues.

    Raises
    ------
    ValueError
        If an amount or a resource is negative or not finite, a cap or deductible negative, a shape does not
        fit, or alpha or beta is outside 0..1.
    ClearingDidNotConverge
        After 20,000 sweeps.
    """
    s = ledger.structure
    for name, share in (("alpha", alpha), ("beta", beta)):
        if not 0 <= share <= 1:
            raise ValueError(f"{name} must lie between 0 and 1, got {share}")
    cash, amount = np.asarray(resources, dtype=float), np.asarray(ledger.amount, dtype=float)
    one_scenario = cash.ndim == 1 and amount.ndim == 1
    cash, amount = (x[:, None] if x.ndim == 1 else x for x in (cash, amount))
    for name, value, count in (("resources", cash, s.n_nodes), ("amount", amount, s.payer.size)):
        if value.ndim != 2 or value.shape[0] != count:
            raise ValueError(f"{name} must have {count} rows, got shape {value.shape}")
        if value.size and not (value.min() >= 0 and value.max() < np.inf):
            raise ValueError(f"{name} must be finite and not negative")
    n = np.broadcast_shapes(cash.shape[1:], amount.shape[1:])[0]
    limits = []
    for limit in (ledger.cap_left, ledger.deductible):
        given = np.asarray(limit, dtype=float)
        limit_by_row = _by_scenario(given[:, None] if given.ndim == 1 else given, s.payer.size, n)
        if not (limit_by_row[:, s.guaranteed] >= 0).all():
            raise ValueError("cap_left and deductible must not be negative")
        limits.append(limit_by_row)
    by_row = tuple(np.empty((n, s.payer.size)) for _ in range(3))
    by_node = tuple(np.empty((n, s.n_nodes)) for _ in range(3))
    wave, theta = np.zeros((n, s.n_nodes), dtype=np.int64), np.empty((n, CLASSES, s.n_nodes))
    change, sweeps = np.zeros(n), np.zeros(n, dtype=np.int64)
    settle_all(
        tuple(np.asarray(x, dtype=np.int64) for x in (s.payer, s.payee, s.seniority, s.giver)),
        (_by_scenario(amount, s.payer.size, n), *limits),
        _by_scenario(cash, s.n_nodes, n),
        float(alpha),
        float(beta),
        (*by_row, *by_node, wave, theta),
        change,
        sweeps,
    )
    if (change >= CONVERGED).any():
        raise ClearingDidNotConverge(float(change.max()), int((change >= CONVERGED).sum()))
    found = {
        **dict(zip(("paid", "called", "called_paid"), by_row, strict=True)),
        **dict(zip(("shortfall", "closing", "failure_cost"), by_node, strict=True)),
        "theta": theta,
        "failed": wave > 0,
        "round": wave.astype(np.int16),
        "sweeps": sweeps.astype(np.int32),
    }
    place = 0 if one_scenario else slice(None)
    return Clearing(**{name: _scenario_last(value)[..., place] for name, value in found.items()})


def _by_scenario(values: np.ndarray, rows: int, n: int) -> np.ndarray:
    """Values (row, scenario) as rows of each scenario in a stretch of memory, (scenario, row)."""
    return np.ascontiguousarray(np.broadcast_to(values, (rows, n)).T)


def _scenario_last(values: np.ndarray) -> np.ndarray:
    """(scenario, ...) as (..., scenario)."""
    return np.moveaxis(values, 0, -1)
