"""The small version of a page, to stand in somebody else's: headline, one chart, one lever, the way here."""

from __future__ import annotations

import streamlit as st

from pages.kit.drawing import charts
from pages.kit.frame import address, levers
from pages.kit.frame.frame import Entry
from pages.kit.parts import summary
from pages.kit.visit import cached
from pages.kit.words import answer
from pages.kit.words.catalogue import N_, _

# The chart of a page: what is drawn, its title and caption, what is read aloud. Other pages have the first.
CHARTS = {
    "overview": (
        summary.cover_figure,
        N_("Who can keep paying?"),
        summary.cover_caption,
        N_("CoreWeave's EBITDA per dollar of interest, by quarter, beside today's data"),
    ),
    "private_credit": (
        summary.returns_figure,
        N_("What do the lenders earn?"),
        summary.returns_caption,
        N_("Net return per fund, beside today's data"),
    ),
    "guarantors": (
        summary.called_figure,
        N_("What do the guarantors owe?"),
        summary.called_caption,
        N_("Called of promised, per guarantor"),
    ),
}


def is_asked_for() -> bool:
    """Whether the link has embed=true; Streamlit keeps that word to itself, and in the address."""
    return bool(st.context.is_embedded)


def page(entry: Entry) -> None:
    """Draw the small version of a page."""
    st.markdown(f"{answer.sentence(cached.headline())}\n===", anchors=False)
    address.banner()
    figure, title, caption, alt = CHARTS.get(entry.name, CHARTS["overview"])
    charts.show(figure, key="embedded", title=_(title), caption=caption, alt=_(alt))
    levers.one("embedded_")
    st.link_button(_("Open in full"), address.share_url(), type="tertiary", icon=":material/open_in_new:")
