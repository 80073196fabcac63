"""Other stops of a lever: the browser has their charts and strips before the lever comes to rest there.

Whoever moves a lever mostly moves it again. So when a page stands, everything on it that was drawn by a
function is drawn again, unseen, for the stops around the lever that moved last, and sent along. `plot.js`
shows it the moment that the lever gets there, also while it is dragged; a stop that it misses in a drag it
asks for. What the server sends when the lever comes to rest is the same.
"""

from __future__ import annotations

import hashlib
import math
import secrets
import time
from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from core.questions import explore
from core.scenario.levers import lever, levers
from pages.kit.drawing import charts, plot
from pages.kit.visit import cached, visit

NEAR, NEXT = 6, 1  # stops on either side that get charts, and strips too
BATCHES = (2, 4, 2 * NEAR)  # stops that are sent together, at most: the nearest do not wait for the rest
BUDGET = 0.25  # s in a run that nobody asked for; what is left out comes with the next run
KEY = "ahead"
KNOWN = 6  # scenes of which the browser keeps the stops; the same in plot.js
CROWDED = 1.0  # s: while pages of other visitors ran that lately, nobody looks ahead unasked


@st.cache_resource(show_spinner=False)
def _last_runs() -> dict[str, float]:
    """Return when each visitor's page last began to run."""
    return {}


def begin(page: str) -> plot.Run:
    """Begin a run of a page."""
    _last_runs()[_visitor()] = time.monotonic()
    return plot.begin(partial(_scene, page))


def _scene(page: str) -> dict:
    """Return all that drawings depend on: the levers by id, and the rest, which pages change, by a name."""
    looks = (page, visit.language(), charts.mode(), sorted(visit.extras().items()), visit.step().edits)
    name = hashlib.blake2b(repr(looks).encode(), digest_size=8).hexdigest()
    ids = [one.id for one in levers()]
    return {"id": name, "values": dict(zip(ids, visit.scenario().values, strict=True))}


def _visitor() -> str:
    return st.session_state.setdefault("visitor", secrets.token_hex(8))


@st.fragment
def send(run: plot.Run) -> None:
    """Send the stops around the lever that moved last, as far as the browser does not have them.

    This part runs by itself when the browser asks: for the stops around a lever that somebody points at, or
    for the charts of one stop in a drag.
    """
    here, asked = visit.scenario(), _asked()
    word = asked[0] if asked else visit.moved_last()
    with st.container(gap=None, key="ahead_room"):
        if asked and asked[1] != here[word]:
            found = _drawn(run, word, {asked[1]: list(filter(_is_chart, run.drawings))})
            plot.send_ahead(run.scene(), word, found, key=KEY, asks=True)
        else:
            _send_around(run, word)


def _send_around(run: plot.Run, word: str | None) -> None:
    """Send the stops around a lever that the browser does not have, in a few parts, nearest first."""
    missing = _missing(run, word) if word in explore.number_levers() else {}
    until = time.monotonic() + BUDGET
    for number, most in enumerate(BATCHES):
        batch = {stop: missing.pop(stop) for stop in list(missing)[:most]}
        late = time.monotonic() > until or _crowded()
        found = _drawn(run, word, batch, until) if batch and not late else []
        key = f"{KEY}_{number}" if number else KEY
        plot.send_ahead(run.scene(), word, found, key=key, asks=key == KEY)
        if found:
            _sent(run, word).update((stop, key) for stop, drawings in found for key in drawings)


def _asked() -> tuple[str, float] | None:
    """Return the lever and the stop that the browser asked for, if it did and there is such a stop."""
    word, value = plot.asked(KEY) or (None, None)
    if word not in explore.number_levers() or not isinstance(value, int | float):
        return None
    return (word, value) if value in explore.stops(lever(word)) else None


def _crowded() -> bool:
    now, runs = time.monotonic(), _last_runs()
    for visitor in [visitor for visitor, at in list(runs.items()) if now - at > CROWDED]:
        runs.pop(visitor, None)
    return not runs.keys() <= {_visitor()}


def _sent(run: plot.Run, word: str) -> set[tuple[float, str]]:
    """Return what the browser has, as stop and drawing, along a lever of a scene; both keep a few."""
    kept, scene = st.session_state.setdefault("ahead_sent", {}), run.scene()
    rest = tuple(value for one, value in scene["values"].items() if one != word)
    sent = kept.pop((scene["id"], word, rest), set())
    kept[scene["id"], word, rest] = sent
    if len(kept) > KNOWN:
        kept.pop(next(iter(kept)))
    return sent


def _missing(run: plot.Run, word: str) -> dict[float, list[str]]:
    """Return the stops around a lever, nearest first, with the drawings that the browser has not got."""
    here, sent = visit.scenario()[word], _sent(run, word)
    sent.update((here, key) for key in run.drawings)
    near = sorted(explore.stops(lever(word)).tolist(), key=lambda stop: abs(stop - here))[: 2 * NEAR + 1]
    strips = near[: 2 * NEXT + 1]
    missing = {
        stop: [key for key in run.drawings if (stop, key) not in sent and (_is_chart(key) or stop in strips)]
        for stop in near
    }
    return {stop: keys for stop, keys in missing.items() if keys}


def _is_chart(key: str) -> bool:
    return key.startswith("chart_")


def _drawn(
    run: plot.Run, word: str, wanted: Mapping[float, Sequence[str]], until: float = math.inf
) -> list[tuple[float, dict[str, dict]]]:
    """Draw, unseen, the drawings wanted at each stop of a lever, one at least and then while there is time.

    What is not drawn at a stop, as a picture of losses where nobody loses, is left out.
    """
    kind = int if lever(word).kind == "year" else float
    scenarios = {stop: visit.scenario().replace(**{word: kind(stop)}) for stop in wanted}
    cached.prepare_strips([one for stop, one in scenarios.items() if not all(map(_is_chart, wanted[stop]))])
    found: list[tuple[float, dict[str, dict]]] = []
    for stop, scenario in scenarios.items():
        if found and time.monotonic() > until:
            break
        with visit.supposing(scenario):
            made = {key: run.drawings[key]() for key in wanted[stop]}
        found.append((stop, {key: drawing for key, drawing in made.items() if drawing is not None}))
    return found
