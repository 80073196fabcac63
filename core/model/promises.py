"""What givers of guarantees may still be asked for, quarter by quarter."""

from __future__ import annotations

from core.compiled.jit import rule


@rule
def cap_left(promise, i, called, honoured, q):
    """Most that a promise can still cost in quarter ``q``, USD bn.

    Never more than what is left of the cap after earlier calls, nor than the cap of that quarter (see
    `core.layout.schedules.cap_paths`). A giver who does not honour owes nothing.
    """
    if not honoured:
        return 0.0
    return min(max(promise.cap[i] - called, 0.0), promise.cap_path[i, q])


@rule
def renew_caps(web, s, q):
    """What stands behind each promise and each lease in quarter ``q``."""
    for i in range(web.promise.cap.size):
        s.caps[i] = cap_left(web.promise, i, s.called[i], s.honoured[i], q)
    for k in range(web.lease.promise.size):
        i = web.lease.promise[k]
        s.backed[k] = s.caps[i] if i >= 0 else 0.0


@rule
def residual_call(notes, asset_value, cap):
    """What a residual value guarantee pays: notes outstanding less the asset's market value, within the cap.

    (24, 15, 28) gives 9.
    """
    return min(cap, max(0.0, notes - asset_value))
