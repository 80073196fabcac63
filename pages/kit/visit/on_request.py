"""What is built only when somebody opens it: in a closed popover or expander nothing costs a run anything."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.kit.visit import visit


def popover(
    label: str, draw: Callable[[], object], *, key: str, icon: str | None = None, of: str = "", **more: bool
) -> None:
    """Offer something as a quiet button that opens over the page.

    `of` is the panel that it belongs to: read aloud after the label, and seen nowhere (`nav.css`), as the
    panel is there to be seen.
    """
    if of:
        label += f" *· {of.replace('*', '')}*"
    _draw(st.popover(label, type="tertiary", key=key, icon=icon, on_change=visit.own_event, **more), draw)


def expander(label: str, draw: Callable[[], object], *, key: str) -> None:
    """Offer something as a line that unfolds in the page."""
    _draw(st.expander(label, key=key, on_change=visit.own_event), draw)


def dialog(label: str, what: str, icon: str) -> None:
    """Offer a dialog by a button; remembered, as a run that starts over forgets what was clicked."""
    st.button(label, key=f"open_{what}", type="tertiary", icon=icon, on_click=_ask_for, args=(what,))


def _ask_for(what: str) -> None:
    visit.own_event()
    st.session_state["open_dialog"] = what


def _draw(box, draw: Callable[[], object]) -> None:
    if box.open:
        with box:
            draw()
