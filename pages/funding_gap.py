"""Funding gap: what the build-out needs, what Big Tech earns, and who is left to lend the rest."""

from pages.kit.frame.frame import require_frame

require_frame()

import streamlit as st  # noqa: E402

from pages.kit.parts import claims, funding_gap  # noqa: E402
from pages.kit.words import glossary, words  # noqa: E402
from pages.kit.words.catalogue import _  # noqa: E402

st.markdown(funding_gap.answer())
stack, sources = st.columns([5, 6], gap="large")
with stack:
    st.caption(_("Spending to 2028 and where the money comes from · USD billion"))
    funding_gap.stack()
with sources:
    st.caption(_("Lent of what is asked · pale: asked, ring: today's data · USD billion"))
    funding_gap.sources()
    st.markdown(
        _(
            "Private credit: loans by funds instead of banks. Securitised loans: loans cut into tradable "
            "paper (ABS and CMBS). Most of it stays outside the balance sheets of those who use the "
            "computers."
        )
    )

st.subheader(_("How the levers move it"), anchor=False)
st.caption(
    _("Upright line: this scenario. Dashed: today's data. Each picture moves one lever and keeps the others.")
)
for word, box in zip(("g", "r"), st.columns(2, gap="large"), strict=True):
    with box:
        st.markdown(f"**{_(words.LEVERS[word][0])}**")
        funding_gap.along(word)

st.subheader(_("What this rests on"), anchor=False)
study, assumed = st.columns([4, 6], gap="large")
with study:
    funding_gap.study()
with assumed:
    funding_gap.assumptions()

glossary.explain("funding_gap", "private_credit", "abs", "capex", "spread", "sofr", "hurdle")
claims.table("funding_gap")
