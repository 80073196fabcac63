"""Neoclouds: can this company pay, what falls due when, and what would break it?"""

from pages.kit.frame.frame import require_frame

require_frame()

import streamlit as st  # noqa: E402

from pages.kit.frame import view  # noqa: E402
from pages.kit.parts import claims, neoclouds, neoclouds_debt  # noqa: E402
from pages.kit.visit import visit  # noqa: E402
from pages.kit.words import glossary, words  # noqa: E402
from pages.kit.words.catalogue import _  # noqa: E402

look = neoclouds.look(view.pick("co", label=_("Company"), name=words.name), visit.scenario())
st.markdown(neoclouds.answer(look))
neoclouds.cards(look)

left, right = st.columns(2, gap="large")
with left:
    st.subheader(_("Who pays it"), divider="gray", anchor=False)
    neoclouds.revenue(look)
with right:
    st.subheader(
        _("What it earns, what it owes") if look.borrows else _("What it keeps"), divider="gray", anchor=False
    )
    neoclouds.profit(look)

left, right = st.columns(2, gap="large")
with left:
    st.subheader(
        _("Four tests of a lender") if look.borrows else _("No debt, but rent"), divider="gray", anchor=False
    )
    neoclouds.tests(look)
with right:
    if look.borrows:
        st.subheader(_("What it owes, and when"), divider="gray", anchor=False)
        neoclouds_debt.debt(look)
    else:
        st.subheader(_("Between the lab and the landlord"), divider="gray", anchor=False)
        neoclouds_debt.between(look)

if look.leases:
    st.subheader(_("A miner with long leases"), divider="gray", anchor=False)
    neoclouds_debt.landlord(look)

st.subheader(_("What would break it"), divider="gray", anchor=False)
neoclouds_debt.breaks(look)

glossary.explain(
    *(
        "neocloud",
        "ebitda",
        "operating_profit",
        "interest_coverage",
        "dscr",
        "net_debt_to_ebitda",
        "asset_cover",
    ),
    *("runway", "tranche", "bullet", "balloon", "convertible", "backstop", "spot"),
)
claims.table("neoclouds")
