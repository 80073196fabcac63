"""What markets have asked of one company since the day of the data; told on request, never computed with."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.sources import quotes
from pages.kit.parts import provenance
from pages.kit.visit import cached, on_request
from pages.kit.words import glossary, labels, numbers
from pages.kit.words.catalogue import _


def offer(who: str) -> None:
    """Offer the last quotes of a company as a quiet button, if there are any."""
    if quotes.latest(cached.snapshot(), who):
        on_request.popover(
            _("Market prices"), partial(told, who), key=f"prices_{who}", icon=":material/show_chart:"
        )


def told(who: str) -> None:
    """Write the last quotes of a company, each with its day and source; nothing when there are none."""
    web = cached.snapshot()
    rows = quotes.latest(web, who)
    if not rows:
        return
    lines = []
    for row in rows:
        text = _("{what}: **{value}** on {day}").format(
            what=labels.what(row), value=provenance.stated(row), day=numbers.day(row.as_of)
        )
        lines.append(f"{text} :small[:gray[{labels.linked(web.sources[row.source])}]]")
    title = _("Market prices since {date}").format(date=numbers.day(web.snapshot))
    st.markdown(f"**{title}**  \n" + "  \n".join(lines))
    if any(row.item == "cds_5y" for row in rows):
        st.caption(glossary.meaning("cds"))
