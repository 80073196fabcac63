"""Overview: can the neoclouds pay, what do the lenders earn, what do the guarantors owe?"""

from pages.kit.frame.frame import require_frame

require_frame()

import streamlit as st  # noqa: E402

from core.results import narrative  # noqa: E402
from core.web.web import NEOCLOUDS  # noqa: E402
from pages.kit.drawing import charts  # noqa: E402
from pages.kit.frame import levers  # noqa: E402
from pages.kit.parts import claims, neoclouds, overview, provenance, tables  # noqa: E402
from pages.kit.parts.overview import FUNDS, GUARANTORS  # noqa: E402
from pages.kit.visit import cached, visit  # noqa: E402
from pages.kit.visit.cached import by_id  # noqa: E402
from pages.kit.words import numbers, words  # noqa: E402
from pages.kit.words.catalogue import _  # noqa: E402

scenario = visit.scenario()
horizon = scenario["h"]
now, before = cached.read(scenario), cached.baseline()
last = now["last_quarter"]
labels = now["quarters"][: last + 1]
today = _("today's data")


levers.try_this(("pause", "rates_9", "google_walks"))
pay, earn, owe = st.columns(3, gap="medium")

with pay:
    st.subheader(_("Can the neoclouds pay?"), divider="gray", anchor=False)
    st.caption(_("EBITDA for each dollar of interest, CoreWeave"))
    charts.show(
        overview.cover_figure,
        key="cover",
        alt=_("CoreWeave's EBITDA per dollar of interest, by quarter, beside today's data"),
    )
    companies, look = by_id(now, "companies"), neoclouds.look("coreweave", scenario)
    tables.standing([companies[key] for key in NEOCLOUDS], now, alt=_("How each neocloud stands"))
    at = last if look.end is None else look.end[0]
    label = _("CoreWeave, EBITDA per dollar of interest, {quarter}").format(
        quarter=numbers.quarter(labels[at])
    )
    provenance.figures(
        (label, "company.interest_coverage", companies["coreweave"], now, at),
    )
    cover, base_cover = overview.cover(look), look.today("interest_coverage")
    tables.behind({_("Quarter"): labels, _("Scenario"): cover, today: base_cover}, key="cover")

with earn:
    st.subheader(_("What do the lenders earn?"), divider="gray", anchor=False)
    st.caption(_("Net return a year to {year} · ring: today's data").format(year=horizon))
    charts.show(overview.returns_figure, key="returns", alt=_("Net return per fund, beside today's data"))
    tables.losses(("pensions", "insurers"), now, before, alt=_("Loss per kind of investor"))
    fund = by_id(now, "funds")["infra_credit"]
    provenance.figures((_("Infrastructure credit, net return a year"), "fund.net_irr", fund, now))
    fund_names = [words.fund(key) for key in FUNDS]
    returns, base_returns = overview.returns(scenario)
    tables.behind({_("Fund"): fund_names, _("Net return"): returns, today: base_returns}, key="returns")

with owe:
    st.subheader(_("What do the guarantors owe?"), divider="gray", anchor=False)
    st.caption(_("USD billion called to {year}, of what was promised · pale: to 2033").format(year=horizon))
    charts.show(overview.called_figure, key="called", alt=_("Called of promised, per guarantor"))
    givers = by_id(now, "guarantors")
    shares = givers["alphabet"]["called_to_operating_cash_flow"][: last + 1]
    peak = shares.index(max(shares))
    provenance.figures(
        (
            _("Google, calls as share of a year's cash flow, peak"),
            "guarantor.called_to_operating_cash_flow",
            givers["alphabet"],
            now,
            peak,
        ),
        (_("Oracle, leverage as reported"), "guarantor.reported_leverage", givers["oracle"], now),
        (_("Oracle, look-through leverage"), "guarantor.look_through_leverage", givers["oracle"], now),
    )
    called, later, promised = overview.called(scenario)
    tables.behind(
        {
            _("Guarantor"): [words.name(k) for k in GUARANTORS],
            _("Called"): called,
            _("Called to 2033"): later,
            _("Promised"): promised,
        },
        key="called",
    )

st.subheader(_("What broke first"), anchor=False)
tables.timeline(
    narrative.timeline(now), empty=_("Nothing breaks before the end of {year}.").format(year=horizon)
)

claims.table("overview")
