"""Deals: four ways to build without showing debt, each with its own switch."""

from pages.kit.frame.frame import require_frame

require_frame()

import streamlit as st  # noqa: E402

from pages.kit.frame import view  # noqa: E402
from pages.kit.parts import beside, claims, deals, deals_flows, holders  # noqa: E402
from pages.kit.visit import cached, visit  # noqa: E402
from pages.kit.words import glossary, numbers, spans, words  # noqa: E402
from pages.kit.words.catalogue import _  # noqa: E402

called = {key: deals_flows.called(key, visit.scenario()) for key in cached.givers()}
payers = [
    _("{who} pays {amount}").format(who=words.name(key), amount=numbers.money(amount))
    for key, amount in called.items()
    if amount > 5e-7
]
if payers:
    st.markdown(
        _("Promises are called in this scenario, to {end}: {payers}.").format(
            end=spans.end(), payers=numbers.listing(payers)
        )
    )
else:
    st.markdown(_("In this scenario nobody is called for these promises, to {end}.").format(end=spans.end()))

deal = view.pick("deal", label=_("Deals"), name=lambda key: _(deals.TITLES[key]))
deals.draw(deal)
holders.offer(deals.BORROWERS[deal], to_horizon=False)

glossary.explain(
    *("wrap", "backstop", "warrant", "residual_value_guarantee", "spv", "vendor_financing", "basis_point"),
    *("interest_coverage", "re_letting", "letter_of_intent", "renegotiate", "haircut"),
)
beside.others()
claims.table("deals")
