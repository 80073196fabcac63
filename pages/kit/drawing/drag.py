"""Charts that follow a lever while it is dragged: the browser asks for a stop, and is sent its charts.

Every chart of a page that is a function of a scenario is drawn for the stop that the lever has got to,
unseen, and `plot.js` shows it at once. What the server sends when the lever comes to rest is the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial

import streamlit as st

from core.questions import explore
from core.scenario.levers import lever, levers
from pages.kit.drawing import charts, plot
from pages.kit.visit import cached, visit

KEY = "drag"


def begin(page: str, words: Mapping[str, str]) -> plot.Run:
    """Begin a run of a page; charts say the words in their place when they cannot be drawn."""
    return plot.begin(partial(_scene, page), words)


def _scene(page: str) -> dict:
    """Return all that drawings depend on: the levers by id, and the rest, which pages change, by a name."""
    looks = (page, visit.language(), charts.mode(), sorted(visit.extras().items()), cached.data())
    name = hashlib.blake2b(repr(looks).encode(), digest_size=8).hexdigest()
    ids = [one.id for one in levers()]
    return {"id": name, "values": dict(zip(ids, visit.scenario().values, strict=True))}


@st.fragment
def answer(run: plot.Run) -> None:
    """Send the charts of the stop that the browser asks for; this part runs by itself when it does."""
    asked = _asked()
    plot.answer(run.scene(), *(asked or (None, None)), _drawn(run, *asked) if asked else {}, key=KEY)


def _asked() -> tuple[str, float] | None:
    """Return the lever and the stop that the browser asked for, if it did and there is such a stop."""
    word, value = plot.asked(KEY) or (None, None)
    if word not in explore.number_levers() or not isinstance(value, int | float):
        return None
    return (word, value) if value in explore.stops(lever(word)) else None


def _drawn(run: plot.Run, word: str, stop: float) -> dict[str, dict]:
    """Draw every chart at a stop of a lever; what shows nothing there, as losses of nobody, is left out."""
    scenario = visit.scenario().replace(**{word: int(stop) if lever(word).kind == "year" else float(stop)})
    made = {key: make(scenario) for key, make in run.drawings.items()}
    return {key: drawing for key, drawing in made.items() if drawing is not None}
