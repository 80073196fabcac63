"""Compare: scenario A beside scenario B, what differs between them, and which lever made how much of it."""

from pages.kit.frame.frame import require_frame

require_frame()

import streamlit as st  # noqa: E402

from pages.kit.frame import levers  # noqa: E402
from pages.kit.parts import compare  # noqa: E402
from pages.kit.visit import cached  # noqa: E402
from pages.kit.words import glossary  # noqa: E402
from pages.kit.words.catalogue import _  # noqa: E402

(kind_a, a), (kind_b, b) = (compare.scenario_of(side) for side in compare.SIDES)
pairs = cached.compare(a, b)
st.markdown(compare.sentence(a, b, pairs))
left, right = st.columns(2, gap="large")
with left:
    compare.chooser("from", kind_a, a)
with right:
    compare.chooser("to", kind_b, b)

if a != b:
    figures, reasons = st.columns([1.25, 1], gap="large")
    with figures:
        st.subheader(_("What differs"), divider="gray", anchor=False)
        compare.table(a, b, pairs)
    with reasons:
        st.subheader(_("Why"), divider="gray", anchor=False)
        compare.why(a, b, pairs)
        st.subheader(_("Levers that were moved"), divider="gray", anchor=False)
        compare.levers_moved(a, b)
elif compare.NOW in (kind_a, kind_b):
    levers.try_this(("pause", "rates_9", "google_walks"))

st.subheader(_("To take along"), divider="gray", anchor=False)
compare.take_along(a, b, pairs)
glossary.explain("irr", "interest_coverage", "look_through_debt", "backstop", "funding_gap", "private_credit")
