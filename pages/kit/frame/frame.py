"""Who runs whom: the list of pages, the frame around them, and the guard that cures deep links.

To add a page: write `pages/<name>.py` with `require_frame()` as its first statement, and add an `Entry` to
`PAGES`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st

from core.scenario import link as codec
from pages.kit.drawing import charts, plot
from pages.kit.frame import address, choices, levers, navigation, opened, paper, room, share, snapshots, view
from pages.kit.visit import cached, on_request, visit
from pages.kit.words import answer, numbers, words
from pages.kit.words.catalogue import N_, _


@dataclass(frozen=True)
class Entry:
    """One page: its file in `pages/`, its title, the question it answers, its view choices (of `choices`).

    `subject` is the one of them that all its charts are about. A page that `answers` draws its own headline.
    """

    name: str
    title: str
    question: str
    view_keys: tuple[str, ...] = ()
    subject: str = ""
    answers: bool = False


PAGES = (
    Entry("overview", N_("Overview"), N_("Who fails first, who pays, and why?"), ("row",), answers=True),
    Entry("neoclouds", N_("Neoclouds"), N_("Can they pay, and what would break them?"), ("co",), "co"),
    Entry("private_credit", N_("Private credit"), N_("What is left for those who lend?"), ("fund",), "fund"),
    Entry(
        "guarantors",
        N_("Guarantors"),
        N_("What have the large companies promised, and what do they really owe?"),
        ("giver", "look"),
    ),
    Entry(
        "chain_reaction",
        N_("Chain reaction"),
        N_("Who pulls whom down, and where does a missing dollar end up?"),
        ("step", "tenant"),
    ),
    Entry(
        "deals",
        N_("Deals"),
        N_("How are four typical deals built, and who pays when they break?"),
        ("deal",),
        "deal",
    ),
    Entry("funding_gap", N_("Funding gap"), N_("Who is left to pay for the build-out?")),
    Entry("holdings", N_("My holdings"), N_("What does this do to what I own?"), answers=True),
    Entry(
        "stress",
        N_("Stress"),
        N_("How far is trouble, which combinations bring it, and how likely is it?"),
        ("tab", "xaxis", "yaxis", "who", "measure", "which", "draws", "seed"),
    ),
    Entry(
        "compare",
        N_("Compare"),
        N_("What exactly made one scenario differ from another?"),
        (*choices.SIDES["from"], *choices.SIDES["to"], *choices.DATED.values(), "why"),
    ),
    Entry(
        "present",
        N_("Present"),
        N_("How do I tell this, step by step?"),
        ("deck", "step"),
        answers=True,
    ),
    Entry("history", N_("History"), N_("Have we seen this before, and what came of it?"), ("era",)),
    Entry(
        "data",
        N_("Data and method"),
        N_("Where does each figure come from, and what if it is wrong?"),
        ("part",),
    ),
)
IN_A_ROW = {"horizontal": True, "vertical_alignment": "center", "gap": "small"}
SIDEBAR_WIDTH = 300  # pixels; closed at first on a phone


def pages() -> list[st.Page]:
    """Return the pages as browsers call them, in the reader's language; the first is the default one."""
    return [
        st.Page(f"pages/{entry.name}.py", title=f"{_(entry.title)} · Backstop", default=i == 0)
        for i, entry in enumerate(PAGES)
    ]


def view_keys() -> tuple[str, ...]:
    """Return the names of all pages' view choices that a link may carry."""
    return tuple(dict.fromkeys(key for entry in PAGES for key in entry.view_keys))


@contextmanager
def frame() -> Iterator[None]:
    """Mark the run of a page as framed by `app.py`."""
    st.session_state["framed"] = True
    try:
        yield
    finally:
        st.session_state["framed"] = False


def navigate(here: Entry) -> None:
    """Draw the links to all pages."""
    paths = ["", *(entry.name for entry in PAGES[1:])]
    titles = [_(entry.title) for entry in PAGES]
    navigation.draw(list(zip(paths, titles, strict=True)), paths[PAGES.index(here)], room.kept)


def require_frame() -> None:
    """Start over through `app.py` when a deep link made Streamlit run the page alone.

    After a server start Streamlit knows no navigation yet and runs `pages/x.py` without the frame. Naming the
    pages once and running again cures it. First statement of every page.
    """
    if not st.session_state.get("framed"):
        st.navigation(pages())
        st.rerun()


def entry_of(page: st.Page) -> Entry:
    """Return what is declared about the page on the screen."""
    return named(page.url_path)


def named(name: str) -> Entry:
    """Return what is declared about a page, by its name; the first page for any other."""
    return next((entry for entry in PAGES if entry.name == name), PAGES[0])


def bring_charts(here: Entry) -> None:
    """Bring what draws the charts of a page, and what they and their pictures say."""
    plot.bring(chart_words(here), charts.ink())


def chart_words(here: Entry) -> dict[str, str]:
    """Return what a chart says that cannot be drawn, and what a picture of one says and is called by."""
    return {
        "camera": _("Save this chart as a picture: {chart}"),
        "whole": _("This chart on the whole screen, and back: {chart}"),
        "dated": paper.dated(),
        "source": _("Source: Backstop"),
        "levers": paper.moved(),
        "page": " · ".join(filter(None, (_(here.title), here.subject and view.shown(here.subject)))),
        "date": cached.snapshot().snapshot,
        "failed": _("This chart could not be drawn. The words and tables on the page hold the same figures."),
        "missing": _(
            "Charts need Plotly, and your browser did not get it: reload to try again. "
            "The words and tables on the page hold the same figures."
        ),
    }


def headline(here: Entry) -> None:
    """Say what a page is called and asks, and what happens; a page that says so itself calls `title`."""
    if not here.answers:
        title(here)


def title(here: Entry, told: str = "") -> None:
    """Say what a page is called and asks, and below it, where it stays in sight, what happens in one line.

    That is what it is told, in markdown, else the answer of the scenario.
    """
    head = f"# {_(here.title)}\n:gray[{_(here.question)}]"
    with st.container(key="happens"):
        st.markdown(f"{head}\n\n{told or answer.sentence(cached.headline())}", anchors=False)


def title_row(here: Entry) -> None:
    """Draw what stands beside the navigation: levers where the panel is closed at first, language, Share."""
    with st.container(key="head", **IN_A_ROW):
        if not visit.on_phone():  # there the sheet has it
            levers.opener()
        room.chip(here.name)
        _language_switch()
        on_request.dialog(_("Share"), "share", ":material/share:")


def banner() -> None:
    """Tell what is to be told of the link, if anything; it stands above the page, whose words come first."""
    if opened.is_told() or address.is_told():
        with st.container(key="banner"):
            opened.banner()
            address.banner()


def dialog(here: Entry) -> None:
    """Draw the dialog that a button of the row has asked for."""
    asked = st.session_state.pop("open_dialog", None)
    if asked == "levers":
        levers.drawer()
    elif asked == "share":
        share.dialog(cached.headline(), here.name)


def configure() -> None:
    """Ask for a wide page and an open sidebar, until a run has come to its end; then the browser knows.

    The sidebar is closed at first on a phone, and once closed by hand the browser keeps it so: Streamlit 1.67
    has no call that opens it again. Therefore the Levers button opens them in a drawer.
    """
    if not st.session_state.get("configured"):
        st.set_page_config(layout="wide", initial_sidebar_state=SIDEBAR_WIDTH)


def _language_switch() -> None:
    st.session_state["language"] = visit.language()
    st.segmented_control(
        _("Language"),
        visit.LANGUAGES,
        format_func=str.upper,
        key="language",
        required=True,
        on_change=lambda: visit.choose_language(st.session_state["language"]),
        label_visibility="collapsed",
    )


def footer() -> None:
    """Say from when the data are, which model made the figures, and what it does not know."""
    with st.container(key="footer", **IN_A_ROW):
        line = _("Data as of {date} · model {model} · not investment advice")
        date = numbers.day(cached.snapshot().snapshot)
        snapshots.choice("footer", line.format(date=date, model=codec.MODEL_VERSION))
        label = _("What this model does not know")
        limits = "\n".join("- " + _(text) for text in words.LIMITS)
        on_request.popover(label, lambda: st.markdown(limits), key="limits")
    st.session_state["configured"] = True
