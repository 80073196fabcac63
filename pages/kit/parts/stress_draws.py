"""A Monte Carlo run of a visit: in its own page run, batch by batch, in turn with the long runs of others.

Each batch ends in a call of Streamlit, and there Streamlit stops a run whose visitor pressed "Stop", moved a
lever, went to another page or closed the tab. What came of a run that got to its end stays in the session, so
it is there when the visitor comes back to the page.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

import streamlit as st

from core.questions import monte_carlo
from core.scenario.levers import Scenario
from core.web.web import Web
from pages.kit.frame import address, choices
from pages.kit.visit import cached, visit

SIZES = tuple(map(int, choices.WORDS["draws"]))
USUAL = (SIZES[1], 1)  # draws and seed when nobody asked for others
PATH = "coreweave.interest_coverage"
KEY = "monte_carlo_run"
STOPPED, FAILED = "stopped", "failed"


@dataclass(frozen=True)
class Run:
    """A run that got to its end: what was asked, and what came out."""

    scenario: Scenario
    data: cached.Data
    n: int
    seed: int
    result: monte_carlo.MonteCarlo


@dataclass(frozen=True)
class Draws:
    """What this visit knows of its runs; a run that breaks off takes no results away."""

    asked: tuple[int, int] | None = None
    broken_off: str | None = None
    run: Run | None = None


def known() -> Draws:
    """Return which draws and seed were last asked for, whether that run broke off, and the last results."""
    return st.session_state.get(KEY, Draws())


def asked() -> tuple[int, int]:
    """Return how many draws and which seed the link asks for.

    A visitor who comes back to the page finds those of the last run, also in the link.
    """
    for key, value in zip(("draws", "seed"), known().asked or (), strict=False):
        visit.extras().setdefault(key, str(value))
    n = address.choice("draws", tuple(map(str, SIZES)), str(USUAL[0]))
    return int(n), int(visit.extras().get("seed", USUAL[1]))


def make(
    web: Web,
    scenario: Scenario,
    data: cached.Data,
    n: int,
    seed: int,
    tell: Callable[[int, int], object],
) -> None:
    """Run the draws and keep what came out; until then the run counts as stopped."""
    before = st.session_state[KEY] = Draws((n, seed), STOPPED, known().run)
    try:
        found = monte_carlo.monte_carlo(
            web,
            scenario,
            n,
            seed,
            measures=(),
            paths=(PATH,),
            to_horizon=True,
            executor=cached.TURNS,
            progress=tell,
        )
    except Exception:  # of the sum; what Streamlit stops a run with is none
        st.session_state[KEY] = replace(before, broken_off=FAILED)
        logging.getLogger(__name__).exception("a Monte Carlo run broke off")  # the visitor reads that it did
    else:
        run = Run(scenario, data, n, seed, replace(found, samples={}))  # a visit keeps figures, not draws
        st.session_state[KEY] = Draws((n, seed), None, run)
