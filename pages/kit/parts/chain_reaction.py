"""The parts of the page Chain reaction: counts, the web stepped by quarter, its story, the missing dollar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from core.results import picture
from core.results.picture import Edge, Missing, Step
from core.scenario.levers import Scenario
from core.web.web import LABS, NEOCLOUDS
from pages.kit.drawing import charts, network
from pages.kit.drawing.plot import Figure
from pages.kit.frame import view
from pages.kit.parts import chain_story, origins, provenance, tables
from pages.kit.visit import cached, visit
from pages.kit.words import numbers
from pages.kit.words.catalogue import _, ngettext

MOST = 4  # short payments named beside the picture


def counts(now: Mapping, before: Mapping, year: int) -> None:
    """Show how many fell by their own doing, how many by contagion, and what guarantors paid."""
    chain, chain_before = picture.chain(now), picture.chain(before)
    paid = _("paid by guarantors to {year}").format(year=year)
    with st.container(horizontal=True, gap="large"):
        for label, value, value_before in (
            (_("own doing"), str(len(chain.own)), str(len(chain_before.own))),
            (_("contagion"), str(len(chain.pulled)), str(len(chain_before.pulled))),
            (paid, numbers.money(chain.called), numbers.money(chain_before.called)),
        ):
            delta = _("today's data: {count}").format(count=value_before)
            st.metric(label, value, delta, delta_color="off", delta_arrow="off", width="content")
    provenance.behind(partial(origins.chain, now), key="chain_receipt")


def _steps(now: Mapping) -> tuple[dict[str, Step], str]:
    """Every step as the link writes it, and where it opens: the first failure, call, or the last quarter."""
    quarters, found = now["quarters"], chain_story.events(now)
    falls = [event for event in found if event["event"] == "failure"]
    first = next((event["quarter"] for event in (*falls, *found)), now["last_quarter"])
    return {chain_story.choice(step, quarters): step for step in picture.steps(now)}, quarters[first]


def _step(now: Mapping) -> Step:
    """The step on the screen; where the one that the reader chose does not exist, the page opens anew."""
    steps, first = _steps(now)
    return steps.get(visit.extras().get("step", first), steps[first])


def choose_step(now: Mapping) -> Step:
    """Let the reader step through the quarters, or jump from break to break; the link remembers the step.

    A step that a shorter horizon hides comes back with the horizon.
    """
    quarters, (steps, first) = now["quarters"], _steps(now)
    view.chosen("step", (first, *(key for key in (*steps, *quarters) if key != first)))  # checks the link
    step = _step(now)
    chosen = chain_story.choice(step, quarters)
    breaks = [quarters[event["quarter"]] for event in chain_story.events(now)]
    order = list(steps)
    at = order.index(chosen)
    earlier = [key for key in order[:at] if key.partition("-")[0] in breaks]
    later = [key for key in order[at + 1 :] if key.partition("-")[0] in breaks]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for key, label, icon, target in (
            ("earlier", _("Earlier break"), ":material/chevron_left:", earlier[-1:]),
            ("later", _("Next break"), ":material/chevron_right:", later[:1]),
        ):
            st.button(
                label,
                key=key,
                type="tertiary",
                icon=icon,
                disabled=not target,
                on_click=view.choose,
                args=("step", target[0] if target else chosen),
            )
    st.session_state["step_slider"] = chosen
    st.select_slider(
        _("Quarter"),
        order,
        key="step_slider",
        format_func=lambda key: chain_story.moment(steps[key], quarters),
        on_change=lambda: view.choose("step", st.session_state["step_slider"]),
        label_visibility="collapsed",
    )
    return step


def _web_figure(scenario: Scenario) -> Figure:
    now, before = cached.read(scenario), cached.baseline(scenario)
    drawn, drawn_before = cached.web_picture(scenario)[0], cached.baseline_picture(scenario)[0]
    step = _step(now)
    return network.network(
        chain_story.spots(now, before, drawn, drawn_before, step),
        chain_story.lines(now, drawn, drawn_before, step),
    )


def _web_alt(scenario: Scenario) -> str:
    now = cached.read(scenario)
    text = _("Who owes whom in {quarter}, who has failed and who is called")
    return text.format(quarter=chain_story.moment(_step(now), now["quarters"]))


def web(drawn: Sequence[Edge], drawn_before: Sequence[Edge], step: Step) -> None:
    """Draw who owes whom at a step, with the key to its marks above and its table below."""
    st.caption(_key())
    charts.show(_web_figure, key="web", alt=_web_alt)
    q = step.quarter
    due = [edge for edge in drawn if edge.owed[q] > picture.TINY]
    then = {(edge.payer, edge.payee, edge.kind): float(edge.owed[q]) for edge in drawn_before}
    tables.behind(
        {
            _("Payer"): [chain_story.name(edge.payer) for edge in due],
            _("Payee"): [chain_story.name(edge.payee) for edge in due],
            _("Owed, USD bn"): [float(edge.owed[q]) for edge in due],
            _("Paid, USD bn"): [float(edge.paid[q]) for edge in due],
            _("Owed on today's data"): [then.get((e.payer, e.payee, e.kind), 0.0) for e in due],
        },
        key="web",
    )


def _key() -> str:
    colours = network.legend()

    def mark(sign: str, kind: str, text: str) -> str:
        return f':color[{sign}]{{foreground="{colours[kind]}"}} {text}'

    return " · ".join(
        (
            _("Circle: what it owes"),
            _("arrow: what is due this quarter"),
            mark("┅", "missed", _("not paid in full")),
            mark("━", "call", _("guarantor pays")),
            mark("┈", "call", _("guarantor stands behind")),
            mark("⊗", "missed", _("failed")),
        )
    )


def told(now: Mapping, drawn: Sequence[Edge], step: Step, year: int) -> None:
    """Tell what happens at a step, and below it the whole chain, link by link."""
    quarters, found = now["quarters"], chain_story.events(now)
    st.subheader(chain_story.moment(step, quarters), divider="gray", anchor=False)
    here = [event for event in found if (event["quarter"], event["round"]) == (step.quarter, step.wave)]
    short = chain_story.unpaid(drawn, step.quarter)
    for event in here:
        st.markdown(chain_story.event(event, now))
    if short:
        st.markdown("  \n".join(f":small[{line}]" for line in short[:MOST]))
    if short[MOST:]:
        st.caption(_("and {count} more, in the table").format(count=len(short[MOST:])))
    if not here and not short:
        st.caption(_("Everything that is due in this quarter is paid."))
    st.subheader(_("Link by link"), divider="gray", anchor=False)
    with st.container(gap="xsmall"):
        for event in found:
            when = numbers.quarter(quarters[event["quarter"]])
            st.markdown(f":small[:gray[{when}] {chain_story.event(event, now)}]")
    if not found:
        st.caption(_("Nothing breaks before the end of {year}.").format(year=year))
    late = len(now["chain"]) - len(found)
    if late:
        text = ngettext("{count} more break after {year}.", "{count} more breaks after {year}.", late)
        st.caption(text.format(count=late, year=year))
    st.caption(
        _("A guarantee moves risk to the guarantor; it does not always make the whole safer."),
        help=_("A call can push the guarantor itself towards failure, and lenders who feel safe lend more."),
    )


def dollar(missing: Mapping[str, Missing], missing_before: Mapping[str, Missing]) -> None:
    """Draw where a dollar ends up that a tenant does not pay; the reader chooses whose."""
    one = missing[_choose_tenant(missing)]
    st.markdown(chain_story.dollar(one, missing_before.get(one.tenant)))
    charts.show(_dollar_figure, key="dollar", alt=_dollar_alt)
    tables.behind(
        {
            _("From"): [chain_story.place(source) for source, _target, _share in one.flows],
            _("To"): [chain_story.place(target) for _source, target, _share in one.flows],
            _("Share of the dollar"): [share for _source, _target, share in one.flows],
        },
        key="dollar",
        note=_("Lenders bear at most what they lose at that landlord; its cash and owners bear the rest."),
    )


def _tenant(missing: Mapping[str, Missing]) -> str | None:
    """The tenant on the screen: the chosen one if rent of his is missing, else the first; None if none is."""
    wanted = visit.extras().get("tenant")
    return wanted if wanted in missing else next(iter(missing), None)


def _dollar_figure(scenario: Scenario) -> Figure | None:
    _drawn, missing = cached.web_picture(scenario)
    one = missing.get(_tenant(missing))
    if one is None:
        return None
    hues = chain_story.colours(one)
    return network.sankey(
        one.flows,
        {key: chain_story.place(key) for key in hues},
        hues,
        hover=[
            f"{chain_story.place(a)} → {chain_story.place(b)}: {chain_story.cents(share)}"
            for a, b, share in one.flows
        ],
    )


def _dollar_alt(scenario: Scenario) -> str:
    missing, before = cached.web_picture(scenario)[1], cached.baseline_picture(scenario)[1]
    tenant = _tenant(missing)
    return chain_story.dollar(missing[tenant], before.get(tenant)).replace("**", "")


def _choose_tenant(missing: Mapping[str, Missing]) -> str:
    """Let the reader choose whose missing rent to follow; the choice outlives a lever that makes him pay."""
    everybody = (*LABS, *NEOCLOUDS)
    view.chosen("tenant", (*missing, *(key for key in everybody if key not in missing)))  # checks the link
    st.session_state["tenant_pills"] = _tenant(missing)
    st.pills(
        _("Tenant"),
        list(missing),
        format_func=chain_story.name,
        key="tenant_pills",
        required=True,
        on_change=lambda: view.choose("tenant", st.session_state["tenant_pills"]),
        label_visibility="collapsed",
    )
    return st.session_state["tenant_pills"]
