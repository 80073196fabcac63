"""Funding gap: what the build-out needs, what Big Tech earns, and who is left to lend the rest."""

from pages.kit.frame.frame import require_frame

require_frame()

import streamlit as st  # noqa: E402

from pages.kit.parts import claims, funding_gap  # noqa: E402
from pages.kit.words import glossary  # noqa: E402

st.markdown(funding_gap.answer())
left, right = st.columns(2, gap="large")
with left:
    funding_gap.stack()
    funding_gap.along("g")
with right:
    funding_gap.sources()
    funding_gap.along("r")
funding_gap.basis()

glossary.explain("funding_gap", "private_credit", "abs", "capex", "spread", "sofr", "hurdle")
claims.table("funding_gap")
