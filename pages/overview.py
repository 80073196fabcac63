"""Overview: the answer on one screen. Who fails, when and why, who pays, and what do the lenders earn?"""

from pages.kit.frame.frame import require_frame

require_frame()

import streamlit as st  # noqa: E402

from pages.kit.drawing import board  # noqa: E402
from pages.kit.frame import address  # noqa: E402
from pages.kit.parts import causes, chances, claims, overview  # noqa: E402
from pages.kit.visit import cached, on_request, visit  # noqa: E402
from pages.kit.words import answer, glossary  # noqa: E402

scenario = visit.scenario()
now, before = cached.read(scenario), cached.baseline()
lines = overview.lines(now)
row = address.choice(overview.ROW, ("", *cached.named()))

with st.container(key="overview", gap=None):
    with st.container(key="answer"):
        st.markdown(f"# {answer.sentence(cached.headline())}", anchors=False)
    likely = st.container(key="how_likely")  # beside the answer; on a phone below the timeline
    told = {"figures": overview.figures(lines, now, before), "timeline": overview.timeline(lines, now, row)}
    board.draw(told, key="board", on_asked=overview.asked)
    if row:
        line = next(one for one in lines if one.entity == row)
        causes.chart(line, overview.reason, scenario)
    below = {
        "funds": overview.funds(now, before),
        "promises": overview.promises(now),
        "line": overview.consequences(now, before),
    }
    board.draw(below, key="board_below", on_asked=overview.asked)
    with likely:
        chances.draw(scenario)
    with st.container(key="overview_more", horizontal=True, gap="medium"):
        glossary.explain("neocloud", "ebitda", "interest_coverage", "dscr", "backstop", "irr")
        claims.table("overview", offer=on_request.popover)
overview.dialog(now, before)
