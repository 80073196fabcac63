"""Compare: scenario A beside scenario B, what differs between them, and which lever made how much of it."""

from pages.kit.frame.frame import require_frame

require_frame()

import streamlit as st  # noqa: E402

from pages.kit.frame import levers  # noqa: E402
from pages.kit.parts import compare  # noqa: E402
from pages.kit.visit import cached  # noqa: E402
from pages.kit.words import glossary  # noqa: E402

(kind_a, a), (kind_b, b) = (compare.scenario_of(side) for side in compare.SIDES)
pairs = cached.compare(a, b)
st.markdown(compare.sentence(a, b, pairs))
with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    compare.chooser("from", kind_a)
    compare.chooser("to", kind_b)
compare.taken(a, b)

if a != b:
    figures, reasons = st.columns(2, gap="large")
    with figures:
        compare.table(a, b, pairs)
    with reasons:
        compare.why()
        compare.levers_moved(a, b)
elif compare.NOW in (kind_a, kind_b):
    levers.try_this(("pause", "rates_9", "google_walks"))

compare.take_along(a, b, pairs)
glossary.explain("irr", "interest_coverage", "look_through_debt", "backstop", "funding_gap", "private_credit")
