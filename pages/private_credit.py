"""Private credit: what is left for those who lend, after borrowing, fees and losses, and who are they?"""

from pages.kit.frame.frame import require_frame

require_frame()

import streamlit as st  # noqa: E402

from pages.kit.frame import choices, view  # noqa: E402
from pages.kit.parts import claims, holders, private_credit  # noqa: E402
from pages.kit.visit import visit  # noqa: E402
from pages.kit.words import glossary, words  # noqa: E402
from pages.kit.words.catalogue import _  # noqa: E402

look = private_credit.look(view.pick("fund", label=_("Fund"), name=words.name), visit.scenario())
st.markdown(private_credit.answer(look))
private_credit.cards(look)

left, right = st.columns(2, gap="large")
with left:
    private_credit.bridge(look)
with right:  # both charts before the tables
    private_credit.movements(look)
with left:
    private_credit.bearers(look)
with right:
    private_credit.all_funds(look, choices.offered("fund"))
private_credit.assumptions(look)
holders.offer(look.here["loss_by_holding"], to_horizon=True)

glossary.explain(
    *("private_credit", "irr", "moic", "dpi", "rvpi", "nav", "hurdle", "carry", "catch_up", "spread", "sofr"),
    "recovery",
)
claims.table("private_credit")
