"""What givers of guarantees may still be asked for, quarter by quarter."""

from __future__ import annotations

import numpy as np

from core.state import State

LEASE_BACKSTOP, CAPACITY_BACKSTOP, RESIDUAL_VALUE = "lease_backstop", "capacity_backstop", "residual_value"


def caps_left(state: State, q: int) -> np.ndarray:
    """Most that each promise can still cost in quarter ``q``, USD bn, (promise, scenario).

    A lease backstop is live once the lease has started; its cap falls with the unpaid share of the term's
    rent, and never exceeds what is left of it after earlier calls. A giver who does not honour owes nothing.
    """
    layout = state.layout
    pr, leases = layout.promises, layout.leases
    left = np.maximum(pr.cap[:, None] - state.called, 0.0)
    for i, kind in enumerate(pr.kind):
        if kind == LEASE_BACKSTOP:
            k = int(np.flatnonzero(leases.promise == i)[0])
            elapsed = q - leases.start[k]
            unpaid = np.clip(1.0 - elapsed / leases.term[k], 0.0, 1.0)
            live = elapsed >= 0 and pr.start[i] <= q < pr.until[i]
            left[i] = np.minimum(left[i], pr.cap[i] * unpaid) * live
        else:
            left[i] = left[i] * (pr.start[i] <= q < pr.until[i])
        if pr.lever[i]:
            left[i] = left[i] * state.levers[pr.lever[i]]
    return left


def lease_caps(state: State, caps: np.ndarray) -> np.ndarray:
    """The caps that stand behind each lease, (lease, scenario); 0 where nobody does."""
    promise = state.layout.leases.promise
    return np.where((promise >= 0)[:, None], caps[np.maximum(promise, 0)], 0.0)


def residual_call(notes: np.ndarray, asset_value: np.ndarray, cap: np.ndarray) -> np.ndarray:
    """What a residual value guarantee pays: notes outstanding less the asset's market value, within the cap.

    >>> residual_call(np.array([24.0]), np.array([15.0]), np.array([28.0]))
    array([9.])
    """
    return np.minimum(cap, np.maximum(0.0, notes - asset_value))
