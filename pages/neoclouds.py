"""Neoclouds, and Oracle: can this company pay, what falls due when, and what would break it?"""

from pages.kit.frame.frame import require_frame

require_frame()

import streamlit as st  # noqa: E402

from pages.kit.frame import view  # noqa: E402
from pages.kit.parts import claims, neoclouds, neoclouds_debt, prices  # noqa: E402
from pages.kit.visit import visit  # noqa: E402
from pages.kit.words import glossary, words  # noqa: E402
from pages.kit.words.catalogue import _  # noqa: E402

look = neoclouds.look(view.pick("co", label=_("Company"), name=words.name), visit.scenario())
st.markdown(neoclouds.answer(look))
neoclouds.cards(look)

left, right = st.columns(2, gap="large")
with left:
    neoclouds.revenue(look)
    neoclouds.tests(look)
with right:
    neoclouds.profit(look)
    if look.borrows:
        neoclouds_debt.debt(look)
    else:
        neoclouds_debt.between(look)
if look.leases:
    neoclouds_debt.landlord(look)
neoclouds_debt.breaks(look)
prices.offer(look.id)

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
    *("backlog", "covenant", "renegotiate", "haircut"),
)
claims.table("neoclouds")
