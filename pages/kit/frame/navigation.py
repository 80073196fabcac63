"""The list of pages as real links, in the reader's language; they carry the scenario, also into a new tab.

Streamlit's own carries no query, swallows Ctrl-click and says "n more" in English.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from pages.kit.visit import visit
from pages.kit.words.catalogue import _


def _beside(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


ROOM = "room"  # in the session: code and token of the room that its visitor presents
STYLE = _beside("nav.css") + _beside("paper.css")  # the front door sends it with the page, before the code
_nav = st.components.v2.component(
    "backstop_nav",
    html='<nav class="backstop-nav"></nav><div class="backstop-paper"></div>',
    css=STYLE,
    js=_beside("nav.js"),
    isolate_styles=False,
)


def draw(pages: Sequence[tuple[str, str]], here: str, on_room: Callable[[], None]) -> None:
    """Draw links to pages, each given as its path and its title, with the one on the screen marked.

    As it stands on every page, it also keeps the token of the visit's room in the tab (`room.py`): `on_room`
    is called when the tab has one of which the visit does not know.
    """
    code, driver = st.session_state.get(ROOM, ("", ""))
    told = {
        "room": {"code": code, "driver": driver} if code else None,
        "phone": visit.on_phone(),
        "label": _("Pages"),
        "menu": _("Menu"),
        "more": _("More"),
    }
    told |= {"skip": _("Skip to the answer"), "root": root(here), "pages": pages, "here": here}
    _nav(key="nav", data=told, on_phone_change=lambda: None, on_room_change=on_room)


def root(here: str) -> str:
    """Return the path of the first page, from that of the page on the screen."""
    return urlsplit(st.context.url or "/").path.removesuffix(here).rstrip("/") + "/"
