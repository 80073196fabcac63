"""The Overview's own drawings: figures that open receipts, a timeline, dots with rings, promises as bars.

They are words and boxes, not charts: `board.js` writes them as tables and buttons, in one message each, long
before Plotly is there. All texts come with the data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from pages.kit.drawing.plot import beside
from pages.kit.visit import visit

_board = st.components.v2.component(
    "backstop_board",
    js="\n".join(map(beside, ("node.js", "board.js"))),
    css=beside("board.css"),
)


def draw(data: Mapping, *, key: str, on_asked: Callable[[str, str], None]) -> None:
    """Draw parts of a board, each a key of `data`: `PARTS` of `board.js` says what it holds.

    `on_asked` is called with the kind and the name of what was touched: ("open", a receipt), ("row", a row of
    the timeline), or ("rest", what nobody has moved for some seconds).
    """

    def asked() -> None:
        told = visit.sent(key, "asked")
        if told is None:
            return
        kind, name = told
        if kind != "rest":  # that no hand has done
            visit.own_event()
        on_asked(kind, name)

    _board(key=key, data=dict(data), on_asked_change=asked)
