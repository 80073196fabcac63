"""Compare: scenario A beside scenario B, what differs between them, and which lever made how much of it."""

from pages.kit.frame import require_frame

require_frame()

import streamlit as st  # noqa: E402

from pages.kit import cached, compare_parts, glossary, levers  # noqa: E402
from pages.kit.catalogue import _  # noqa: E402

(kind_a, a), (kind_b, b) = (compare_parts.scenario_of(side) for side in compare_parts.SIDES)
pairs = cached.compare(a, b)
st.markdown(compare_parts.sentence(a, b, pairs))
left, right = st.columns(2, gap="large")
with left:
    compare_parts.chooser("from", kind_a, a)
with right:
    compare_parts.chooser("to", kind_b, b)

if a != b:
    figures, reasons = st.columns([1.25, 1], gap="large")
    with figures:
        st.subheader(_("What differs"), divider="gray", anchor=False)
        compare_parts.table(a, b, pairs)
    with reasons:
        st.subheader(_("Why"), divider="gray", anchor=False)
        compare_parts.why(a, b, pairs)
        st.subheader(_("Levers that were moved"), divider="gray", anchor=False)
        compare_parts.levers_moved(a, b)
elif compare_parts.NOW in (kind_a, kind_b):
    levers.try_this(("pause", "rates_9", "google_walks"))

st.subheader(_("To take along"), divider="gray", anchor=False)
compare_parts.take_along(a, b, pairs)
glossary.explain("irr", "interest_coverage", "look_through_debt", "backstop", "funding_gap", "private_credit")
