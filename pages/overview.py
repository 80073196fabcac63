"""Overview: can the neoclouds pay, what do the lenders earn, what do the guarantors owe?"""

from pages.kit.frame import require_frame

require_frame()

import streamlit as st  # noqa: E402

from core import narrative  # noqa: E402
from pages.kit import cached, charts, claims, levers, numbers, receipts, state, tables, words  # noqa: E402
from pages.kit.cached import by_id  # noqa: E402
from pages.kit.catalogue import _  # noqa: E402

FUNDS = ("infra_credit", "pimco", "blackstone", "apollo", "blue_owl")
GUARANTORS = ("alphabet", "nvidia", "meta")
scenario = state.scenario()
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
    companies, base = by_id(now, "companies"), by_id(before, "companies")
    cover = companies["coreweave"]["interest_coverage"][: last + 1]
    base_cover = base["coreweave"]["interest_coverage"][: last + 1]
    failed = companies["coreweave"]["failed_quarter"]
    end = None
    if failed is not None and failed <= last:
        end = (failed, words.status(narrative.status(companies["coreweave"], now)))
        cover = [value if i <= end[0] else None for i, value in enumerate(cover)]
    fig = charts.lines(
        labels,
        cover,
        base_cover,
        colour=charts.entity_colour("coreweave"),
        write=numbers.turns,
        baseline_name=today,
        threshold=(1.0, _("pays its interest")),
        end=end,
        known_quarters=cached.known_quarters(),
        suffix="x",
        ceiling=6.0,
    )
    charts.show(
        fig, key="cover", alt=_("CoreWeave's EBITDA per dollar of interest, by quarter, beside today's data")
    )
    tables.standing([companies[key] for key in narrative.NEOCLOUDS], now, alt=_("How each neocloud stands"))
    at = last if end is None else end[0]
    label = _("CoreWeave, EBITDA per dollar of interest, {quarter}").format(
        quarter=numbers.quarter(labels[at])
    )
    receipts.figures(
        (label, "company.interest_coverage", companies["coreweave"], now, at),
    )
    tables.behind({_("Quarter"): labels, _("Scenario"): cover, today: base_cover}, key="cover")

with earn:
    st.subheader(_("What do the lenders earn?"), divider="gray", anchor=False)
    st.caption(_("Net return a year to {year} · ring: today's data").format(year=horizon))
    funds, base = by_id(now, "funds"), by_id(before, "funds")
    fund_names = [words.fund(key) for key in FUNDS]
    returns = [funds[key]["net_irr"] for key in FUNDS]
    base_returns = [base[key]["net_irr"] for key in FUNDS]
    fig = charts.dumbbell(fund_names, returns, base_returns, write=numbers.percent, baseline_name=today)
    charts.show(fig, key="returns", alt=_("Net return per fund, beside today's data"))
    tables.losses(("pensions", "insurers"), now, before, alt=_("Loss per kind of investor"))
    receipts.figures(
        (_("Infrastructure credit, net return a year"), "fund.net_irr", funds["infra_credit"], now)
    )
    tables.behind({_("Fund"): fund_names, _("Net return"): returns, today: base_returns}, key="returns")

with owe:
    st.subheader(_("What do the guarantors owe?"), divider="gray", anchor=False)
    st.caption(_("USD billion called to {year}, of what was promised · pale: to 2033").format(year=horizon))
    givers = by_id(now, "guarantors")
    called = [narrative.called(givers[key], last) for key in GUARANTORS]
    later = [narrative.called(givers[key]) for key in GUARANTORS]
    promised = [givers[key]["promised"] for key in GUARANTORS]
    fig = charts.bullets(
        [words.giver(key) for key in GUARANTORS],
        called,
        later,
        promised,
        words=[words.called_of(*pair) for pair in zip(called, promised, strict=True)],
        hover=[words.called_hover(*row) for row in zip(GUARANTORS, called, later, promised, strict=True)],
    )
    charts.show(fig, key="called", alt=_("Called of promised, per guarantor"))
    shares = givers["alphabet"]["called_to_operating_cash_flow"][: last + 1]
    peak = shares.index(max(shares))
    receipts.figures(
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
