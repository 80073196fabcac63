"""What a reader looks at on a page: a choice that the link carries beside the levers, and that is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

import streamlit as st

from pages.kit.frame import address, choices
from pages.kit.visit import visit


def pick(key: str, *, label: str, name: Callable[[str], str], among: Iterable[str] = (), at: str = "") -> str:
    """Draw the subject of a page as one row of names that the link remembers; returns the word chosen.

    `among` are the words to choose from and `at` the one chosen, where the page knows better than the link.
    """
    widget, options = f"{key}_pick", tuple(among) or choices.offered(key)
    st.session_state[widget] = at or address.choice(key, options)
    st.pills(
        label,
        options,
        format_func=name,
        key=widget,
        required=True,
        on_change=visit.if_known(widget, options, partial(address.set_choice, key)),
        label_visibility="collapsed",
    )
    st.session_state[f"{key}_shown"] = name(st.session_state[widget])
    return st.session_state[widget]


def shown(key: str) -> str:
    """Return what the subject of a page is called that was drawn last; nothing where none was."""
    return st.session_state.get(f"{key}_shown", "")


def select(key: str, value: str, options: Iterable[str], *, label: str, name: Callable[[str], str]) -> None:
    """Draw a list to choose from that the link remembers, at the option that is chosen."""
    widget, names = f"{key}_pick", {option: name(option) for option in options}
    st.session_state[widget] = value
    st.selectbox(
        label,
        list(names),
        format_func=names.__getitem__,
        key=widget,
        on_change=visit.if_known(widget, names, partial(address.set_choice, key)),
    )


def part(key: str, labels: Mapping[str, str], *, title: str) -> str:
    """Draw what a panel can show as one row of labels, under its title; returns the one chosen."""
    return st.segmented_control(
        title,
        list(labels),
        format_func=labels.__getitem__,
        key=key,
        default=next(iter(labels)),
        required=True,
        on_change=visit.own_event,
    )
