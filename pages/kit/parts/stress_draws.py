"""A Monte Carlo run beside the page: in a thread of its own, with progress, and with a way to stop it.

A run belongs to one visit and stays in its session, so its results are there when the visitor comes back to
the page. All visits together run one at a time: the others wait for their turn and say so.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace

import streamlit as st

from core.questions import batches, monte_carlo
from core.scenario.levers import Scenario
from core.web.web import Web
from pages.kit.frame import address, choices
from pages.kit.visit import visit

SIZES = tuple(map(int, choices.WORDS["draws"]))
USUAL = (SIZES[1], 1)  # draws and seed when nobody asked for others
NEARLY, SOON = 0.7, 0.8  # share of the draws after which the end is waited for, and how long, s
CHUNK = 1000  # scenarios at a time: the quickest; other visits get their turn within a batch as well
PATH = "coreweave.interest_coverage"
KEY = "monte_carlo_run"
_TURN = threading.Lock()


@dataclass
class Run:
    """One run: what was asked, how far it is, and what came out."""

    scenario: Scenario
    edits: tuple[str, ...]
    n: int
    seed: int
    done: int = 0
    started: bool = False
    failed: bool = False
    result: monte_carlo.MonteCarlo | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    end: threading.Event = field(default_factory=threading.Event)

    @property
    def ended(self) -> bool:
        """Whether the run is over, whatever came of it."""
        return self.end.is_set()

    def ends_now(self) -> bool:
        """Return whether the run is over; near its end wait for it, so that its results show at once."""
        return self.end.wait(SOON if self.done >= NEARLY * self.n else 0.0)

    def work(self, web: Web) -> None:
        """Do the run; in a thread, so nothing of Streamlit is called here."""
        try:
            while not _TURN.acquire(timeout=0.2):
                if self.stop.is_set():
                    return
            try:
                self.started = True
                found = monte_carlo.monte_carlo(
                    web,
                    self.scenario,
                    self.n,
                    self.seed,
                    measures=(),
                    paths=(PATH,),
                    to_horizon=True,
                    chunk=CHUNK,
                    progress=self._advance,
                    cancelled=self.stop.is_set,
                )
                self.result = replace(found, samples={})  # a visit keeps figures, not the draws
            finally:
                _TURN.release()
        except batches.CancelledError:
            pass
        except Exception:
            self.failed = True
            raise  # to the terminal; the visitor reads that it failed
        finally:
            self.end.set()

    def _advance(self, done: int, _total: int) -> None:
        self.done = done


def asked() -> tuple[int, int]:
    """Return how many draws and which seed the link asks for.

    A visitor who comes back to the page finds those of the last run, also in the link.
    """
    run = current()
    if run is not None:
        for key, value in (("draws", run.n), ("seed", run.seed)):
            visit.extras().setdefault(key, str(value))
    n = address.choice("draws", tuple(map(str, SIZES)), str(USUAL[0]))
    return int(n), int(visit.extras().get("seed", USUAL[1]))


def current() -> Run | None:
    """Return the run of this visit that is under way or that last began, if any."""
    return st.session_state.get(KEY)


def last_result() -> Run | None:
    """Return the last run of this visit that has results; a run that was stopped takes none away."""
    run = current()
    if run is not None and run.result is not None:
        st.session_state[f"{KEY}_kept"] = run
    return st.session_state.get(f"{KEY}_kept")


def start(web: Web, scenario: Scenario, edits: tuple[str, ...], n: int, seed: int) -> Run:
    """Begin a run of this visit; one that is under way is stopped first."""
    before = current()
    if before is not None:
        before.stop.set()
    run = Run(scenario, edits, n, seed)
    st.session_state[KEY] = run
    threading.Thread(target=run.work, args=(web,), daemon=True, name="monte-carlo").start()
    return run
