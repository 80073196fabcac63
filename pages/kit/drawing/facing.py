"""Then facing now: pairs of figures with their sources, as `facing.js` writes them.

They are words, not charts: one message for all of them, where a container and a button for each figure would
be a hundred. All texts come with the data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.kit.drawing.plot import beside

_facing = st.components.v2.component(
    "backstop_facing",
    js="\n".join(map(beside, ("node.js", "facing.js"))),
    css=beside("facing.css"),
)


def draw(words: Mapping[str, str], themes: Sequence[Mapping], *, key: str) -> None:
    """Draw pairs by theme.

    `words` are those that all pairs share: "then", "now", "differs", "against". A theme has a "title" and its
    "pairs": each with "says", "then" and "now" (figures), "differs", and "against" with its "figures" if a
    figure cuts the other way. A figure has its "value", its "label", "marks" and what it comes "from": for
    each source a "line", and what opens below it, "told", with an "address" if there is one.
    """
    _facing(key=key, data={"words": dict(words), "themes": list(themes)})
