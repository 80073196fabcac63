"""What a reader looks at on a page: a choice that travels in the link beside the levers and is never trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.kit import link, state
from pages.kit.catalogue import _

LONGEST_QUOTE = 40  # characters of a stranger's words that are shown back


def chosen(key: str, options: Sequence[str]) -> str:
    """Return the view choice of that name; anything that is not an option counts as the first one."""
    value = (st.session_state.get("extras") or {}).get(key)
    return value if value in options else options[0]


def choose(key: str, value: str) -> None:
    """Remember a view choice, so that the link carries it."""
    state.own_event()
    st.session_state["extras"] = {**(st.session_state.get("extras") or {}), key: value}


def tabs(key: str, labels: Mapping[str, str]) -> dict[str, DeltaGenerator]:
    """Draw tabs that the link remembers; returns the container of each, by option."""
    widget = f"{key}_tabs"
    st.session_state[widget] = labels[chosen(key, tuple(labels))]
    names = {label: option for option, label in labels.items()}

    def moved() -> None:
        choose(key, names.get(st.session_state[widget], next(iter(labels))))

    boxes = st.tabs(list(labels.values()), key=widget, on_change=moved)
    return dict(zip(labels, boxes, strict=True))


def pick(key: str, options: Sequence[str], *, label: str, name: Callable[[str], str]) -> str:
    """Draw a choice of one among few that the link remembers; returns the option, `name` says it in words."""
    widget = f"{key}_pick"
    st.session_state[widget] = chosen(key, options)
    st.segmented_control(
        label,
        options,
        format_func=name,
        key=widget,
        required=True,
        on_change=lambda: choose(key, st.session_state[widget]),
        label_visibility="collapsed",
    )
    return chosen(key, options)
