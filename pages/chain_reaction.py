"""Chain reaction: who pulls whom down, in which order, and where a missing dollar ends up."""

from pages.kit.frame.frame import require_frame

require_frame()

import streamlit as st  # noqa: E402

from core.results import picture  # noqa: E402
from pages.kit.frame import levers  # noqa: E402
from pages.kit.parts import chain_reaction, chain_story, claims  # noqa: E402
from pages.kit.visit import cached, visit  # noqa: E402
from pages.kit.words import glossary  # noqa: E402
from pages.kit.words.catalogue import _  # noqa: E402

scenario = visit.scenario()
now, before = cached.read(scenario), cached.baseline()
(drawn, missing), (drawn_before, missing_before) = cached.web_picture(scenario), cached.baseline_picture()
horizon = scenario["h"]

st.markdown(chain_story.sentence(picture.chain(now), horizon))
chain_reaction.counts(now, before, horizon)

left, right = st.columns([2.1, 1], gap="large")
with left:
    st.subheader(_("Who owes whom"), divider="gray", anchor=False)
    step = chain_reaction.choose_step(now)
    chain_reaction.web(drawn, drawn_before, step)
with right:
    chain_reaction.told(now, drawn, step, horizon)

st.subheader(_("Where a dollar of missing rent ends up"), divider="gray", anchor=False)
if missing:
    chain_reaction.dollar(missing, missing_before)
else:
    st.caption(_("No tenant misses rent before the end of {year}.").format(year=horizon))
    levers.try_this(("pause", "google_walks", "glut"))

st.caption(
    _(
        "Building reacts to demand a year late: shortage calls up capacity that arrives in the next glut, as "
        "farmers once bred pigs when pork was dear. So more demand now can mean a deeper fall later."
    )
)
glossary.explain("clearing", "contagion", "backstop", "re_letting", "neocloud", "spv", "recovery")
claims.table("chain_reaction")
