"""Guarantors: who has promised what, what is called, and what do they really owe?"""

from pages.kit.frame import require_frame

require_frame()

import streamlit as st  # noqa: E402

from pages.kit import cached, claims, glossary, guarantor_parts, state, view, words  # noqa: E402
from pages.kit.cached import by_id  # noqa: E402
from pages.kit.catalogue import _  # noqa: E402
from pages.kit.guarantor_parts import COMPANIES  # noqa: E402

year = state.scenario()["h"]
now, before = cached.read(state.scenario()), cached.baseline()
rows = by_id(now, "guarantors")
found, was = guarantor_parts.exposures(now), guarantor_parts.exposures(before)

st.markdown(guarantor_parts.answer([rows[key] for key in COMPANIES], found, year))

who = view.pick("giver", COMPANIES, label=_("Company"), name=words.name)
promises, quarters = st.columns([6, 5], gap="large")
with promises:
    st.caption(_("USD billion called to {year}, of what was promised · pale: to 2033").format(year=year))
    guarantor_parts.promised_chart(found, was)
with quarters:
    guarantor_parts.calls(who, now, before, year)
    guarantor_parts.expected(year)

looks = view.tabs(
    "look",
    {
        "debt": _("Debt, looked through"),
        "circle": _("Nvidia's circle"),
        "return": _("What they got"),
    },
)
with looks["debt"]:
    if looks["debt"].open:
        guarantor_parts.debt(who, now, before)
with looks["circle"]:
    if looks["circle"].open:
        guarantor_parts.circle(now, before)
with looks["return"]:
    if looks["return"].open:
        guarantor_parts.in_return(now, before)

st.subheader(_("What a guarantee does"), anchor=False)
text = _(
    "A guarantee moves risk to whoever gives it; it does not always make risk smaller. The lender is paid "
    "and the guarantor's cash goes; a guarantor that cannot bear the call takes others down with it."
)
st.markdown(f"{text} {guarantor_parts.weight(found)}")

glossary.explain(
    *("backstop", "residual_value_guarantee", "look_through_debt", "ebitda", "vendor_financing", "warrant"),
    *("finance_lease", "letter_of_intent", "take_or_pay"),
)
claims.table("guarantors")
