"""How likely a failure is around the scenario on the screen: few draws with every move, more at rest."""

from __future__ import annotations

import streamlit as st

from core.results import narrative
from core.scenario.levers import Scenario
from pages.kit.drawing import board
from pages.kit.parts import overview
from pages.kit.visit import cached, visit

QUICK, FINE = 256, 2000  # draws; the error of the first is some three points


@st.fragment  # what it asks for at rest runs it alone: an open dialog stays
def draw(scenario: Scenario) -> None:
    """Say in how many futures around a scenario the first neocloud with debt fails, once a hand has let go.

    While a lever is held the answer of before stands, faded. After some seconds of rest more draws are made,
    unless somebody else's long run waits for its turn.
    """
    now = cached.read(scenario)
    served = narrative.service(now)
    who = served[0] if served else cached.named()[0]
    at = (scenario, cached.data())
    if visit.is_held() and (shown := st.session_state.get("likely")):
        board.draw({"likely": shown | {"faded": True}}, key="likely", on_asked=_asked)
        return
    fine = st.session_state.get("at_rest") == at
    found = cached.chances(scenario, FINE if fine else QUICK)
    shown = st.session_state["likely"] = overview.likely(found[who], who, overview.last_year(now))
    asked = st.session_state["asked_at_rest"] = st.session_state.get("asked_at_rest", 0) + 1
    rest = "" if fine else f"{asked}"
    board.draw({"likely": shown, "rest": rest}, key="likely", on_asked=_asked)


def _asked(kind: str, _name: str) -> None:
    if kind == "rest" and not cached.TURNS.waiting:
        st.session_state["at_rest"] = (visit.scenario(), cached.data())
