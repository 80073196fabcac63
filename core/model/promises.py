"""What givers of guarantees may still be asked for, quarter by quarter."""

from __future__ import annotations

import numpy as np

from core.model.state import State

LEASE_BACKSTOP, RESIDUAL_VALUE = "lease_backstop", "residual_value"


def caps_left(state: State, q: int) -> np.ndarray:
    """Most that each promise can still cost in quarter ``q``, USD bn, (promise, scenario).

    Never more than what is left of the cap after earlier calls, nor than the cap of that quarter (see
    `core.layout.layout.cap_paths`). A giver who does not honour owes nothing.

    Parameters
    ----------
    state : State
        What was called so far, and who honours.
    q : int
        Quarter.
    """
    pr = state.layout.promises
    left = np.maximum(pr.cap[:, None] - state.called, 0.0)
    return np.minimum(left, pr.cap_path[:, q][:, None]) * state.honoured


def lease_caps(state: State, caps: np.ndarray) -> np.ndarray:
    """The caps that stand behind each lease, (lease, scenario); 0 where nobody does.

    Parameters
    ----------
    state : State
        The layout is read.
    caps : ndarray, (promise, scenario)
        As `caps_left` gives them, USD bn.
    """
    promise = state.layout.leases.promise
    return np.where((promise >= 0)[:, None], caps[np.maximum(promise, 0)], 0.0)


def residual_call(notes: np.ndarray, asset_value: np.ndarray, cap: np.ndarray) -> np.ndarray:
    """What a residual value guarantee pays: notes outstanding less the asset's market value, within the cap.

    Parameters
    ----------
    notes, asset_value, cap : ndarray, (scenario,)
        USD bn.

    Examples
    --------
    >>> residual_call(np.array([24.0]), np.array([15.0]), np.array([28.0]))
    array([9.])
    """
    return np.minimum(cap, np.maximum(0.0, notes - asset_value))
