"""Charts first: what stands around them keeps its place and is filled in once every chart is on its way.

A page is written from top to bottom. Whatever is marked with `later` only reserves a place when the page
calls it; `app.py` fills these places after the page has run. So at a move of a lever the charts leave first
and the browser draws them while the server writes the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial, wraps
from typing import ParamSpec

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

P = ParamSpec("P")
Waiting = list[tuple[DeltaGenerator, Callable[[], None]]]

_waiting: ContextVar[Waiting | None] = ContextVar("waiting", default=None)


def later(draw: Callable[P, None]) -> Callable[P, None]:
    """Make a drawing wait for the charts; outside `charts_first`, as in a dialog, it is drawn at once."""

    @wraps(draw)
    def reserve(*args: P.args, **kwargs: P.kwargs) -> None:
        waiting = _waiting.get()
        if waiting is None:
            draw(*args, **kwargs)
        else:
            waiting.append((st.container(), partial(draw, *args, **kwargs)))

    return reserve


@contextmanager
def charts_first() -> Iterator[Waiting]:
    """Let everything marked with `later` wait, and give the list of what waits, for `fill`."""
    waiting: Waiting = []
    token = _waiting.set(waiting)
    try:
        yield waiting
    finally:
        _waiting.reset(token)


def fill(waiting: Waiting) -> None:
    """Draw what has waited, each in its place, in the order of the page."""
    for place, draw in waiting:
        with place:
            draw()
