"""The room of this visit, if its visitor presents: found again after a reload, and told of on every page."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import streamlit as st

from pages.kit.audience.rooms import ROOMS, Room
from pages.kit.frame import navigation
from pages.kit.visit import on_request, visit
from pages.kit.words.catalogue import _, ngettext

KEY = navigation.ROOM


def room() -> Room | None:
    """Return the room of this visit, if it has one that is not over."""
    code, driver = st.session_state.get(KEY, ("", ""))
    return ROOMS.driven(code, driver) if code else None


def resume(kept: Mapping) -> None:
    """Go on with a room whose presenter has been away, or whose page was loaded anew."""
    code, driver = (str(kept.get(name, ""))[:80] for name in ("code", "driver"))
    if room() is None and ROOMS.driven(code, driver):
        st.session_state[KEY] = (code, driver)


def kept() -> None:
    """Go on with the room whose token the tab has kept; for the callback of the navigation."""
    resume(visit.sent("nav", "room") or {})


def end() -> None:
    """End the room for everybody."""
    visit.own_event()
    if here := room():
        here.end()
    st.session_state.pop(KEY, None)


def way(here: Room, page: str) -> str:
    """Return the address at which an audience comes into a room; `page` is the one on the screen."""
    parts = urlsplit(st.context.url or "")
    return f"{parts.scheme}://{parts.netloc}{navigation.root(page)}r/{here.code}"


def chip(page: str) -> None:
    """Say that an audience follows, how it comes in, and offer to end it; nothing without one."""
    here = room()
    if here and here.public:
        label = _("Room {code}").format(code=here.code)
        on_request.popover(label, lambda: _told(here, page), key="room_chip", icon=":material/groups:")


def _told(here: Room, page: str) -> None:
    st.markdown(_("Who follows on a phone sees each page and each lever that you move."))
    st.text(way(here, page).partition("://")[2])
    count()
    st.button(_("End the room"), key="room_chip_end", on_click=end)


@st.fragment(run_every=2.0)
def count() -> None:
    """Say how many follow, live."""
    if here := room():
        found = here.count().listeners
        st.text(ngettext("{count} listens", "{count} listen", found).format(count=found))
