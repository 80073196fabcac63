"""What one visitor has set: the scenario, the levers touched, undo and redo, the language.

Everything lives in `st.session_state` under the names below, and only this module writes it. Callbacks mark
the run as the visitor's own (`own_event`), so that an address which the browser sends a moment late is not
mistaken for a link.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.scenario import Preset, Scenario

LANGUAGES = ("nl", "en")
HISTORY = 50


@dataclass(frozen=True)
class Step:
    """One point in a visit: the scenario, the levers touched to get there, data edits ("row:number")."""

    scenario: Scenario
    touched: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()


def step() -> Step:
    """Return where the visitor is now."""
    return st.session_state.setdefault("step", Step(Scenario.default()))


def scenario() -> Scenario:
    """Return the scenario that every page shows."""
    return step().scenario


def baseline() -> Scenario:
    """Return today's data, seen to the same last year as the scenario."""
    return Scenario.default().replace(h=scenario()["h"])


def past() -> list[Step]:
    """Return the steps that Undo can go back to, oldest first."""
    return st.session_state.setdefault("past", [])


def future() -> list[Step]:
    """Return the steps that Redo can go forward to, nearest last."""
    return st.session_state.setdefault("future", [])


def go(new: Step) -> None:
    """Move to a new step, keep the old one for Undo, and forget the receipt and messages of the link."""
    own_event()
    if new == step():
        return
    st.session_state["past"] = [*past(), step()][-HISTORY:]
    st.session_state["future"] = []
    st.session_state["step"] = new
    st.session_state["receipt"] = None
    st.session_state["messages"] = ()


def move(**values: object) -> None:
    """Set some levers by public id and remember that the visitor touched them."""
    touched = tuple(dict.fromkeys((*step().touched, *values)))
    go(Step(scenario().replace(**values), touched, step().edits))


def take_preset(preset: Preset) -> None:
    """Set all levers as a preset has them; the horizon is the visitor's view and stays."""
    touched = preset.scenario.differs_from(Scenario.default())
    keep = ("h",) if "h" in step().touched and "h" not in touched else ()
    go(Step(preset.scenario.replace(h=scenario()["h"]), (*touched, *keep), step().edits))


def reset() -> None:
    """Go back to today's data with no lever touched and no figure edited; Undo brings the scenario back."""
    go(Step(Scenario.default()))


def undo() -> None:
    """Go back one step."""
    _travel(past(), future())


def redo() -> None:
    """Go forward one step."""
    _travel(future(), past())


def _travel(source: list[Step], target: list[Step]) -> None:
    own_event()
    if source:
        target.append(step())
        st.session_state["step"] = source.pop()


def language() -> str:
    """Return the language of this visit: chosen, else from the link, else the browser's, else English."""
    chosen = st.session_state.get("lang")
    if chosen is None:
        chosen = "nl" if (st.context.locale or "").lower().startswith("nl") else "en"
        st.session_state["lang"] = chosen
    return chosen


def choose_language(code: str) -> None:
    """Read on in another language, and say so in the link."""
    own_event()
    st.session_state["lang"] = code
    st.session_state["lang_in_link"] = True


def own_event() -> None:
    """Mark this run as caused by the visitor's own hand, not by an address."""
    st.session_state["own_event"] = True
