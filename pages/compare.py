"""Compare: scenario A beside scenario B, what differs between them, and which lever made how much of it."""

from pages.kit.frame.frame import require_frame

require_frame()

import streamlit as st  # noqa: E402

from pages.kit.frame import levers  # noqa: E402
from pages.kit.parts import compare  # noqa: E402
from pages.kit.visit import cached  # noqa: E402
from pages.kit.words import glossary  # noqa: E402

a, b = compare.sides_of()
pairs = cached.compare(a.looked, b.looked)
st.markdown(compare.sentence(a, b, pairs))
for name, side in zip(compare.SIDES, (a, b), strict=True):
    compare.chooser(name, side)
compare.taken(a, b)

if a.looked != b.looked:
    figures, reasons = st.columns(2, gap="large")
    with figures:
        compare.table(a, b, pairs)
    with reasons:
        compare.why()
        compare.levers_moved(a, b)
elif compare.NOW in (a.kind, b.kind):
    levers.try_this(("pause", "rates_9", "google_walks"))

compare.take_along(a, b, pairs)
glossary.explain("irr", "interest_coverage", "look_through_debt", "backstop", "funding_gap", "private_credit")
