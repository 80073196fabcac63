"""What a reader looks at on a page: a choice that the link carries beside the levers, and that is checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.kit.frame import address, choices


def chosen(key: str, options: Sequence[str]) -> str:
    """Return the view choice of that name; what is no option is told and counts as the first one."""
    return address.choice(key, tuple(options))


def choose(key: str, value: str) -> None:
    """Remember a view choice, so that the link carries it."""
    address.set_choice(key, value)


def tabs(key: str, labels: Mapping[str, str]) -> dict[str, DeltaGenerator]:
    """Draw tabs that the link remembers; returns the container of each, by option.

    `labels` has a label for each word that `choices` declares, and for no other.
    """
    if tuple(labels) != choices.WORDS[key]:
        raise ValueError(f"the tabs of {key!r} are {tuple(labels)}, declared are {choices.WORDS[key]}")
    widget = f"{key}_tabs"
    st.session_state[widget] = labels[chosen(key, tuple(labels))]
    names = {label: option for option, label in labels.items()}

    def moved() -> None:
        choose(key, names.get(st.session_state[widget], next(iter(labels))))

    boxes = st.tabs(list(labels.values()), key=widget, on_change=moved)
    return dict(zip(labels, boxes, strict=True))


def pick(key: str, *, label: str, name: Callable[[str], str]) -> str:
    """Draw the subject of a page as one row of names that the link remembers; returns the word chosen."""
    widget, options = f"{key}_pick", choices.WORDS[key]
    st.session_state[widget] = chosen(key, options)
    st.pills(
        label,
        options,
        format_func=name,
        key=widget,
        required=True,
        on_change=lambda: address.set_choice(key, st.session_state[widget]),
        label_visibility="collapsed",
    )
    return st.session_state[widget]
