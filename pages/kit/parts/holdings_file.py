"""A broker's file from the visitor's own machine: sent once, read, and not kept.

Streamlit's own uploader keeps a file on the server to the end of the visit, and speaks English.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

from pages.kit.drawing.plot import beside
from pages.kit.visit import visit
from pages.kit.words import numbers
from pages.kit.words.catalogue import _

KEY = "holdings_file"
KINDS = ".csv,.txt,.tsv,.xlsx"
LONGEST_NAME = 80  # characters
_way = st.components.v2.component(
    "backstop_file",
    html='<div class="file"></div>',
    js=beside("node.js") + Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
    css=Path(__file__).with_suffix(".css").read_text(encoding="utf-8"),
)


def draw(take: Callable[[str, bytes], None]) -> None:
    """Draw the button that takes a broker's file; `take` gets its name and what is in it, once."""
    large = _("This file is larger than {limit} MB; a list of positions is never that large.")
    draw_any(take, key=KEY, kinds=KINDS, choose=_("Or choose a file of your broker"), large=large)


def draw_any(take: Callable[[str, bytes], None], *, key: str, kinds: str, choose: str, large: str) -> None:
    """Draw a button that takes a file; `choose` is its name, `large` says why one is refused."""
    most = st.get_option("server.maxUploadSize")
    told = {
        "choose": choose,
        "large": large.format(limit=numbers.decimal(most, 0)),
        "reading": _("The file is being read …"),
    }
    visit.listen(key, lambda moved: _taken(moved, take), once=True)
    data = {"words": told, "kinds": kinds, "most": most << 20, "answered": visit.answered(key)}
    _way(key=key, data=data, on_moved_change=lambda: None)


def _taken(moved: Mapping, take: Callable[[str, bytes], None]) -> None:
    """Hand on what the browser sent, if it is a file as large as may be."""
    name, content = moved.get("name"), moved.get("content")
    if not isinstance(name, str) or not isinstance(content, str):
        return
    if len(content) > (st.get_option("server.maxUploadSize") << 20) * 4 / 3 + 4:
        return
    try:
        take(name[:LONGEST_NAME], b64decode(content, validate=True))
    except binascii.Error:
        return  # not from our page
