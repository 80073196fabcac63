"""Data and method: where each figure comes from, what the model does with it, and what if it is wrong."""

from pages.kit.frame.frame import require_frame

require_frame()

import streamlit as st  # noqa: E402

from pages.kit.frame import view  # noqa: E402
from pages.kit.parts import data, data_method  # noqa: E402
from pages.kit.words import words  # noqa: E402
from pages.kit.words.catalogue import _  # noqa: E402

st.markdown(data.sentence())
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
    ("figures", data.figures),
    ("edit", data.edit),
    ("article", data_method.article),
    ("method", data_method.equations),
    ("past", data_method.back_test),
    ("levers", data_method.levers_table),
    ("words", data_method.words_list),
    ("limits", lambda: data_method.limits(words.LIMITS)),
):
    if parts[part].open:
        with parts[part]:
            draw()
