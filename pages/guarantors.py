"""Guarantors: who has promised what, what is called, and what do they really owe?"""

from pages.kit.frame.frame import require_frame

require_frame()

import streamlit as st  # noqa: E402

from pages.kit.frame import view  # noqa: E402
from pages.kit.parts import beside, claims, guarantors  # noqa: E402
from pages.kit.parts.guarantors import LOOKS  # noqa: E402
from pages.kit.visit import cached, visit  # noqa: E402
from pages.kit.visit.cached import by_id  # noqa: E402
from pages.kit.words import glossary, words  # noqa: E402
from pages.kit.words.catalogue import _  # noqa: E402

year = visit.scenario()["h"]
now, before = cached.read(visit.scenario()), cached.baseline()
rows, found = by_id(now, "guarantors"), guarantors.exposures(now)

st.markdown(guarantors.answer([rows[key] for key in guarantors.companies()], found, year))
who = view.pick("giver", label=_("Company"), name=words.name)
promises, quarters = st.columns([6, 5], gap="large")
with promises:
    guarantors.promised()
with quarters:  # both charts before the tables
    guarantors.calls(who)
    guarantors.expected(year)
with promises:
    guarantors.positions(found, guarantors.exposures(before))

look = view.pick("look", label=_("View"), name=lambda key: _(LOOKS[key][0]))
LOOKS[look][1](who, now, before)

glossary.explain(
    *(
        "backstop",
        "residual_value_guarantee",
        "agency_debt",
        "look_through_debt",
        "ebitda",
        "vendor_financing",
        "warrant",
    ),
    *("finance_lease", "letter_of_intent", "take_or_pay", "covenant", "renegotiate"),
)
beside.promises()
claims.table("guarantors")
