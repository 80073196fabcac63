"""An address that Streamlit drops: it takes none of more than 1,000 parameters; only the browser knows."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.kit.visit import visit
from pages.kit.words import numbers
from pages.kit.words.catalogue import _

KEY = "opened"

_ask = st.components.v2.component(
    "backstop_opened", js=Path(__file__).with_name("opened.js").read_text(encoding="utf-8")
)


def came_empty() -> bool:
    """Whether this is the first run of a visit, and no parameter of its address came; before it is read."""
    return "address" not in st.session_state and not st.query_params


def ask() -> None:
    """Ask the browser with how many parameters it opened the page; it answers only when there were any."""
    _ask(key=KEY, on_count_change=_note)


def _note() -> None:
    st.session_state["dropped"] = visit.sent(KEY, "count")


def is_told() -> bool:
    """Tell whether there is something to tell."""
    return bool(st.session_state.get("dropped"))


def banner() -> None:
    """Tell that nothing of the link was read, until a lever is moved or another link is opened."""
    count = st.session_state.get("dropped")
    if count:
        text = _("This link has too many parameters to be read ({count}); none of them was taken.")
        with st.container(border=True, key="dropped_banner"):
            st.text(text.format(count=numbers.decimal(float(count), 0)))
