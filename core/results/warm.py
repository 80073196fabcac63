"""Compile every rule before somebody waits for it: at set-up, in an image, or while a server starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from core.compiled.jit import NO_JIT, RULES
from core.finance.debt import level_payment
from core.finance.networks import Ledger, clear
from core.finance.returns import irr
from core.finance.waterfall import european_waterfall
from core.model.engine import run
from core.model.tables import GROUPS, ON_REQUEST
from core.results import fund_tables
from core.scenario.levers import Scenario
from core.web.web import Web, load_web

Progress = Callable[[int, int], object]  # rules compiled so far, and how many there are


def warm(progress: Progress = lambda _done, _of: None, web: Web | None = None) -> int:
    """Compile all rules, or load them from where they were kept; either way they are ready afterwards.

    Parameters
    ----------
    progress : callable
        Told (rules compiled, of how many) as it goes on, from the thread that calls `warm`; at the end both
        are equal, also where nothing had to be compiled.
    web : Web, optional
        The snapshot whose sizes are compiled for; the latest if not given.

    Returns
    -------
    int
        How many rules there are; 0 where they run as plain Python (``BACKSTOP_NO_JIT=1``).
    """
    if not NO_JIT:
        from core.compiled.cache import remove_old

        with told(progress):
            clear(Ledger.from_rows([(0, 1, 0, 1.0)], n_nodes=2), np.array([1.0, 0.0]))
            irr([-1.0, 1.0])
            level_payment(1.0, 0.0, 1.0)
            european_waterfall([1.0, 0.0], [0.0, 1.0], 0.0, 0.0)
            web = web or load_web()
            found = run(web, Scenario.default(web), keep=(*GROUPS, *ON_REQUEST))
            fund_tables.fund_returns(found)
        remove_old()
    progress(len(RULES), len(RULES))
    return len(RULES)


@contextmanager
def told(progress: Progress) -> Iterator[None]:
    """Tell ``progress`` of every rule that numba compiles while this lasts, and of the end if there was any.

    Parameters
    ----------
    progress : callable
        As for `warm`.
    """
    if NO_JIT:
        yield
        return
    from numba.core import event

    ready: set[str] = set()

    class _Listener(event.Listener):
        """Counts our own rules, each once."""

        def on_start(self, event_: event.Event) -> None:
            """Nothing to tell yet."""

        def on_end(self, event_: event.Event) -> None:
            """One more rule may be ready."""
            name = event_.data["dispatcher"].py_func.__qualname__
            if name in RULES and name not in ready:
                ready.add(name)
                progress(len(ready), len(RULES))

    with event.install_listener("numba:compile", _Listener()):
        yield
    if 0 < len(ready) < len(RULES):
        progress(len(RULES), len(RULES))
