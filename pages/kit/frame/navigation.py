"""The list of pages as real links, in the reader's language; they carry the scenario, also into a new tab.

Streamlit's own carries no query, swallows Ctrl-click and says "n more" in English.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from pages.kit.words.catalogue import _


def _beside(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


_nav = st.components.v2.component(
    "backstop_nav",
    html='<nav class="backstop-nav"></nav>',
    css=_beside("nav.css"),
    js=_beside("nav.js"),
    isolate_styles=False,
)


def draw(pages: list[st.Page], here: st.Page) -> None:
    """Draw the links to all pages, the one on the screen marked."""
    path = urlsplit(st.context.url or "/").path
    data = {
        "label": _("Pages"),
        "menu": _("Menu"),
        "root": path.removesuffix(here.url_path).rstrip("/") + "/",
        "pages": [(page.url_path, page.title) for page in pages],
        "here": here.url_path,
    }
    _nav(key="nav", data=data)
