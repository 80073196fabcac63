"""Data and method: where each figure comes from, what the model does with it, and what if it is wrong."""

from pages.kit.frame import require_frame

require_frame()

import streamlit as st  # noqa: E402

from pages.kit import databook, method_parts, view, words  # noqa: E402
from pages.kit.catalogue import _  # noqa: E402

st.markdown(databook.sentence())
parts = view.tabs(
    "part",
    {
        "figures": _("Figures"),
        "edit": _("Change a figure"),
        "article": _("Article and record"),
        "method": _("Equations"),
        "past": _("Back-test"),
        "levers": _("Levers"),
        "words": _("Words"),
        "limits": _("Limits"),
    },
)
for part, draw in (
    ("figures", databook.figures),
    ("edit", databook.edit),
    ("article", method_parts.article),
    ("method", method_parts.equations),
    ("past", method_parts.back_test),
    ("levers", method_parts.levers_table),
    ("words", method_parts.words_list),
    ("limits", lambda: method_parts.limits(words.LIMITS)),
):
    if parts[part].open:
        with parts[part]:
            draw()
