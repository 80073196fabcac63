"""Which data a visit looks at: the dates there are, a choice of one, the way back to those of an old link."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.scenario import link as codec
from core.scenario.messages import Message, bounded
from core.web import web
from pages.kit.frame import choices
from pages.kit.visit import visit
from pages.kit.words import numbers
from pages.kit.words.catalogue import _

WIDTH, LINE = 220, 600  # pixels: the longest date fits, and the line beside it


def date_of(step: visit.Step) -> str:
    """Return the date of the data at a step of a visit."""
    return step.snapshot or web.latest_snapshot()


def named(date: str | None) -> str | None:
    """Return a date as a step keeps it: None for the latest."""
    return None if date == web.latest_snapshot() else date


def step_of(link: codec.Parsed) -> visit.Step:
    """Return where a link leads: its scenario, levers, edited figures and data."""
    return visit.Step(link.scenario, link.touched, link.edits, named(link.data))


def choice(where: str, line: str = "") -> None:
    """Offer the dates there are, under a line if one is given; with one date alone write the line."""
    days = {date: numbers.day(date) for date in web.snapshots()[::-1]}
    if len(days) < 2:
        if line:
            st.caption(line, width="content")
        return
    widget = f"{where}_snapshot"
    st.session_state[widget] = date_of(visit.step())
    st.selectbox(
        line or _("Data as of"),
        list(days),
        format_func=days.__getitem__,
        key=widget,
        on_change=visit.if_known(widget, days, look_at),
        label_visibility="visible" if line else "collapsed",
        width=LINE if line else WIDTH,
    )


def look_at(date: str) -> None:
    """Look at data of another date: levers that nobody touched stand as those have them.

    Figures changed by hand come along as far as that date knows them.
    """
    messages: list[Message] = []
    edits = codec.read_edits(visit.step().edits, web.refused_edits, messages, data=date)
    there = visit.carried(visit.scenario(), date)
    visit.go(replace(visit.step(), scenario=there, edits=edits, snapshot=named(date)))
    for name, chosen in tuple(visit.extras().items()):  # a company that these data do not know
        if name in choices.WORDS and chosen not in choices.offered(name):
            del visit.extras()[name]
    st.session_state["left_behind"] = bounded(messages)


def reopen(date: str) -> None:
    """Open the link of this visit again, on data of another date; its receipt stays."""
    address, view_keys, receipt = st.session_state["link"]
    parsed = codec.parse(address | {"data": [date]}, view_keys=view_keys, check_edits=web.refused_edits)
    visit.go(step_of(parsed), entry=True)
    st.session_state["messages"] = parsed.messages
    st.session_state["receipt"] = receipt
