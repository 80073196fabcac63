"""Overview: who can keep paying, what do the lenders earn, what do the guarantors owe?"""

from pages.kit.frame.frame import require_frame

require_frame()

from functools import partial  # noqa: E402

import streamlit as st  # noqa: E402

from core.results import narrative  # noqa: E402
from pages.kit.drawing import charts  # noqa: E402
from pages.kit.frame import levers  # noqa: E402
from pages.kit.parts import claims, neoclouds, overview, tables  # noqa: E402
from pages.kit.parts.overview import FUNDS, INVESTORS  # noqa: E402
from pages.kit.visit import cached, visit  # noqa: E402
from pages.kit.words import glossary, spans, words  # noqa: E402
from pages.kit.words.catalogue import _  # noqa: E402

scenario = visit.scenario()
horizon = scenario["h"]
now, before = cached.read(scenario), cached.baseline()
labels = now["quarters"][: now["last_quarter"] + 1]
today = _("today's data")


levers.try_this(("pause", "rates_9", "google_walks"))
with st.grid(3, min_column_width=260, gap="medium"):  # side by side where there is room
    pay, earn, owe = (st.container() for _panel in range(3))

with pay:
    charts.show(
        overview.cover_figure,
        key="cover",
        title=_("Who can keep paying?"),
        caption=overview.cover_caption,
        alt=_("CoreWeave's EBITDA per dollar of interest, by quarter, beside today's data"),
    )
    look = neoclouds.look("coreweave", scenario)
    tables.standing(overview.standing(now), now, alt=_("How each company stands"))
    cover, base_cover = overview.cover(look), look.today("interest_coverage")
    tables.behind(
        {_("Quarter"): labels, _("Scenario"): cover, today: base_cover},
        key="cover",
        receipt=partial(overview.told_of_companies, look),
    )

with earn:
    charts.show(
        overview.returns_figure,
        key="returns",
        title=_("What do the lenders earn?"),
        caption=overview.returns_caption,
        alt=_("Net return per fund, beside today's data"),
    )
    tables.losses(INVESTORS, now, before, alt=_("Loss per kind of investor"))
    fund_names = [words.fund(key) for key in FUNDS]
    returns, base_returns = overview.returns(scenario)
    tables.behind(
        {_("Fund"): fund_names, _("Net return"): returns, today: base_returns},
        key="returns",
        receipt=partial(overview.told_of_lenders, now),
    )

with owe:
    charts.show(
        overview.called_figure,
        key="called",
        title=_("What do the guarantors owe?"),
        caption=overview.called_caption,
        note=overview.called_note,
        alt=_("Called of promised, per guarantor"),
    )
    called, later, promised = overview.called(scenario)
    tables.behind(
        {
            _("Guarantor"): [words.name(k) for k in cached.givers()],
            _("Called"): called,
            _("Called to {end}").format(end=spans.end()): later,
            _("Promised"): promised,
        },
        key="called",
        receipt=partial(overview.told_of_guarantors, now),
    )

tables.heading(_("What broke first"))
tables.timeline(
    narrative.timeline(now), empty=_("Nothing breaks before the end of {year}.").format(year=horizon)
)

glossary.explain("neocloud", "ebitda", "interest_coverage", "dscr", "backstop", "irr")
claims.table("overview")
