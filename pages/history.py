"""History: what earlier build-outs were like, what came of them, and what the model's own words are worth."""

from pages.kit.frame.frame import require_frame

require_frame()

import streamlit as st  # noqa: E402

from pages.kit.frame import view  # noqa: E402
from pages.kit.parts import claims, history, history_then  # noqa: E402
from pages.kit.words import glossary  # noqa: E402
from pages.kit.words.catalogue import _  # noqa: E402

parts = {
    "pairs": (_("Then against now"), history.then_and_now),
    "credit": (_("Defaults and recoveries"), history_then.credit),
    "replay": (_("Replay"), history_then.replay),
    "check": (_("Back-test"), history_then.back_test),
    "odds": (_("Odds that can be scored later"), history_then.odds_said),
}
st.markdown(history.answer())
chosen = view.pick("era", label=_("History"), name=lambda part: parts[part][0])
parts[chosen][1]()
glossary.explain("vendor_financing", "recovery", "private_credit", "utilisation", "par", "cds")
claims.table("history")
