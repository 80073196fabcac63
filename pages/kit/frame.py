"""Who runs whom: the list of pages, the frame around them, and the guard that cures deep links.

To add a page: write `pages/<name>.py` with `require_frame()` as its first statement, and add an `Entry` to
`PAGES`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st

from core import link as codec
from core import narrative
from pages.kit import cached, link, numbers, state, words
from pages.kit.catalogue import N_, _


@dataclass(frozen=True)
class Entry:
    """One page: its file in `pages/`, its title, the question it answers, its view choices in the link."""

    name: str
    title: str
    question: str
    view_keys: tuple[str, ...] = ()


PAGES = (Entry("overview", N_("Overview"), N_("Who fails first, who pays, and why?")),)
SIDEBAR_WIDTH = 340  # pixels; closed at first on a phone


def pages() -> list[st.Page]:
    """Return the pages in the reader's language; the first is the default one."""
    return [
        st.Page(f"pages/{entry.name}.py", title=_(entry.title), default=i == 0)
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


def require_frame() -> None:
    """Start over through `app.py` when a deep link made Streamlit run the page alone.

    After a server start Streamlit knows no navigation yet and runs `pages/x.py` without the frame. Naming the
    pages once and running again cures it. First statement of every page.
    """
    if not st.session_state.get("framed"):
        st.navigation(pages())
        st.rerun()


def title_row(page: st.Page) -> None:
    """Draw the page's question, the way to the levers, the language switch and Share."""
    question = next(_(entry.question) for entry in PAGES if _(entry.title) == page.title)
    with st.container(
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
        gap="small",
        key="title_row",
    ):
        st.caption(question, width="content")
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
            st.button(
                _("Levers"), key="open_levers", type="tertiary", icon=":material/tune:", on_click=_open_levers
            )
            _language_switch()
            _share()


def sidebar() -> str | int | None:
    """Return what this run asks of the sidebar: its width at first (closed on a phone), open after Levers.

    The browser remembers when a visitor closes the sidebar by hand; from then on it obeys its own arrow only.
    """
    if st.session_state.pop("open_sidebar", False):
        return "expanded"
    first = not st.session_state.get("sidebar_seen")
    st.session_state["sidebar_seen"] = True
    return SIDEBAR_WIDTH if first else None


def _open_levers() -> None:
    state.own_event()
    st.session_state["open_sidebar"] = True


def _language_switch() -> None:
    st.session_state["language"] = state.language()
    st.segmented_control(
        _("Language"),
        state.LANGUAGES,
        format_func=str.upper,
        key="language",
        required=True,
        on_change=lambda: state.choose_language(st.session_state["language"]),
        label_visibility="collapsed",
    )


def _share() -> None:
    with st.popover(_("Share"), type="tertiary", key="share"):
        st.markdown(_("This link carries every lever you have moved. Whoever opens it sees this view."))
        st.code(link.share_url(), language=None, wrap_lines=True)


def headline() -> None:
    """Say in plain words what happens; the first thing a screen reader meets in the page."""
    scenario = state.scenario()
    facts = narrative.headline(cached.read(scenario), cached.baseline(), scenario)
    st.title(words.headline(facts), anchor=False)


def footer() -> None:
    """Say from when the data are, which model made the figures, and what it does not know."""
    st.divider()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="footer"):
        line = _("Data as of {date} · model {model} · not investment advice")
        st.caption(
            line.format(date=numbers.day(cached.snapshot().snapshot), model=codec.MODEL_VERSION),
            width="content",
        )
        with st.popover(_("What this model does not know"), type="tertiary", key="limits"):
            for text in words.LIMITS:
                st.markdown("- " + _(text))
