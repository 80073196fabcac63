"""What one visitor has set: the scenario, the levers touched, undo and redo, the language.

Everything lives in `st.session_state` under the names below; only this module and `link` write it. Callbacks
mark the run as the visitor's own (`own_event`), so that an address which the browser sends a moment late is
not mistaken for a link.
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
    """Move to a new step and keep the old one for Undo."""
    own_event()
    if new == step():
        return
    st.session_state["past"] = [*past(), step()][-HISTORY:]
    st.session_state["future"] = []
    _arrive(new)


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
    travel(-1)


def redo() -> None:
    """Go forward one step."""
    travel(1)


def travel(steps: int) -> None:
    """Go back (negative) or forward along the steps of this visit, as far as there are any."""
    own_event()
    source, target = (past(), future()) if steps < 0 else (future(), past())
    for _number in range(min(abs(steps), len(source))):
        target.append(step())
        _arrive(source.pop())


def _arrive(new: Step) -> None:
    """Be at a step by one's own hand: what the link brought along, receipt and messages, is over."""
    st.session_state["step"] = new
    st.session_state["receipt"] = None
    st.session_state["messages"] = ()


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


def extras() -> dict[str, str]:
    """Return the view choices of this visit as the link carries them; `link.choice` reads and checks them."""
    return st.session_state.setdefault("extras", {})
