"""Guarantors: who has promised what, what is called, and what do they really owe?"""

from pages.kit.frame.frame import require_frame

require_frame()

import streamlit as st  # noqa: E402

from pages.kit.frame import view  # noqa: E402
from pages.kit.parts import claims, guarantors  # noqa: E402
from pages.kit.parts.guarantors import COMPANIES  # noqa: E402
from pages.kit.visit import cached, visit  # noqa: E402
from pages.kit.visit.cached import by_id  # noqa: E402
from pages.kit.words import glossary, words  # noqa: E402
from pages.kit.words.catalogue import _  # noqa: E402

year = visit.scenario()["h"]
now, before = cached.read(visit.scenario()), cached.baseline()
rows = by_id(now, "guarantors")
found, was = guarantors.exposures(now), guarantors.exposures(before)

st.markdown(guarantors.answer([rows[key] for key in COMPANIES], found, year))

who = view.pick("giver", label=_("Company"), name=words.name)
promises, quarters = st.columns([6, 5], gap="large")
with promises:
    st.caption(_("USD billion called to {year}, of what was promised · pale: to 2033").format(year=year))
    guarantors.promised_chart(found, was)
with quarters:
    guarantors.calls(who, now, before, year)
    guarantors.expected(year)

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
        guarantors.debt(who, now, before)
with looks["circle"]:
    if looks["circle"].open:
        guarantors.circle(now, before)
with looks["return"]:
    if looks["return"].open:
        guarantors.in_return(now, before)

st.subheader(_("What a guarantee does"), anchor=False)
text = _(
    "A guarantee moves risk to whoever gives it; it does not always make risk smaller. The lender is paid "
    "and the guarantor's cash goes; a guarantor that cannot bear the call takes others down with it."
)
st.markdown(f"{text} {guarantors.weight(found)}")

glossary.explain(
    *("backstop", "residual_value_guarantee", "look_through_debt", "ebitda", "vendor_financing", "warrant"),
    *("finance_lease", "letter_of_intent", "take_or_pay"),
)
claims.table("guarantors")
