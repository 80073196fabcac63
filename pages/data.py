"""Data and method: where each figure comes from, what the model does with it, and what if it is wrong."""

from pages.kit.frame.frame import require_frame

require_frame()

import streamlit as st  # noqa: E402

from pages.kit.frame import snapshots, view  # noqa: E402
from pages.kit.parts import back_test, data, data_method, data_since  # noqa: E402
from pages.kit.words.catalogue import _  # noqa: E402

st.markdown(data.sentence())
snapshots.choice("page")
parts = {
    "figures": (_("Figures"), data.figures),
    "edit": (_("Change a figure"), data.edit),
    "article": (_("Article and record"), data_method.article),
    "method": (_("Equations"), data_method.equations),
    "past": (_("Back-test"), back_test.table),
    "since": (_("Since then"), data_since.since),
    "levers": (_("Levers"), data_method.levers_table),
    "words": (_("Words"), data_method.words_list),
    "limits": (_("Limits"), data_method.limits),
}
chosen = view.pick("part", label=_("Data and method"), name=lambda part: parts[part][0])
parts[chosen][1]()
