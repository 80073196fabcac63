"""Chain reaction: who pulls whom down, in which order, and where a missing dollar ends up."""

from pages.kit.frame.frame import require_frame

require_frame()

from functools import partial  # noqa: E402

import streamlit as st  # noqa: E402

from pages.kit.drawing import plot  # noqa: E402
from pages.kit.frame import levers  # noqa: E402
from pages.kit.parts import chain_reaction, claims, origins, provenance, tables  # noqa: E402
from pages.kit.visit import cached, visit  # noqa: E402
from pages.kit.words import glossary  # noqa: E402
from pages.kit.words.catalogue import _  # noqa: E402

scenario = visit.scenario()
now, horizon = cached.read(scenario), scenario["h"]
(drawn, missing), (drawn_before, _missing) = cached.web_picture(scenario), cached.web_picture.today()

plot.draw_figures(chain_reaction.counts, key="counts", caption=chain_reaction.sentence)
provenance.behind(partial(origins.chain, now), key="chain_receipt")

left, right = st.columns([2.1, 1], gap="large")
with right:
    step = chain_reaction.choose_step(now)
with left:  # the chart before what is told of it
    chain_reaction.web(drawn, drawn_before, step)
with right:
    chain_reaction.told(now, drawn, step)

chain_reaction.links(now, horizon)
tables.heading(chain_reaction.dollar_title())
chain_reaction.dollar(missing)
if not missing:
    levers.try_this(("pause", "google_walks", "glut"))

st.caption(
    _("A guarantee moves risk to the guarantor; it does not always make the whole safer.")
    + " "
    + _("A call can push the guarantor itself towards failure, and lenders who feel safe lend more.")
    + "\n\n"
    + _(
        "Building reacts to demand a year late: shortage calls up capacity that arrives in the next glut, as "
        "farmers once bred pigs when pork was dear. So more demand now can mean a deeper fall later."
    )
)
glossary.explain(
    "clearing", "contagion", "backstop", "re_letting", "neocloud", "spv", "recovery", "force_majeure"
)
claims.table("chain_reaction")
