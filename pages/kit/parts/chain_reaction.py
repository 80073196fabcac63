"""The parts of the page Chain reaction: counts, the web stepped by quarter, its links, the missing dollar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from core.results import picture
from core.results.picture import Edge, Missing, Step
from core.scenario.levers import Scenario
from pages.kit.drawing import charts, network
from pages.kit.drawing.plot import Figure
from pages.kit.frame import address, choices, view
from pages.kit.parts import chain_story, tables
from pages.kit.visit import cached, visit
from pages.kit.words import numbers
from pages.kit.words.catalogue import _, ngettext

MOST = 4  # short payments named beside the picture


def sentence(scenario: Scenario) -> str:
    """Return what falls by its own doing, what is pulled down, who pays less, and who pays."""
    now = cached.read(scenario)
    return chain_story.sentence(picture.chain(now), now, scenario["h"])


def counts(scenario: Scenario) -> list[tuple[str, str, str]]:
    """Return how many fell by their own doing, how many by contagion, and what guarantors paid."""
    chain, before = (picture.chain(one) for one in (cached.read(scenario), cached.baseline(scenario)))
    today, paid = _("today's data: {count}"), _("paid by guarantors to {year}").format(year=scenario["h"])
    return [
        (_("own doing"), str(len(chain.own)), today.format(count=len(before.own))),
        (_("contagion"), str(len(chain.pulled)), today.format(count=len(before.pulled))),
        (paid, numbers.money(chain.called), today.format(count=numbers.money(before.called))),
    ]


def _steps(now: Mapping) -> tuple[dict[str, Step], str]:
    """Every step as the link writes it, and where it opens: the first failure, call, or the last quarter."""
    quarters, found = now["quarters"], chain_story.events(now)
    falls = [event for event in found if event["event"] == "failure"]
    first = next((event["quarter"] for event in (*falls, *found)), now["last_quarter"])
    return {chain_story.choice(step, quarters): step for step in picture.steps(now)}, quarters[first]


def step_of(now: Mapping) -> Step:
    """The step on the screen; where the one that the reader chose does not exist, the page opens anew."""
    steps, first = _steps(now)
    return steps.get(visit.extras().get("step", first), steps[first])


def choose_step(now: Mapping) -> Step:
    """Let the reader step through the quarters, or jump from break to break; the link remembers the step.

    A step that a shorter horizon hides comes back with the horizon.
    """
    quarters, (steps, first) = now["quarters"], _steps(now)
    address.choice("step", (first, *(key for key in (*steps, *quarters) if key != first)))  # checks the link
    step = step_of(now)
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
                on_click=address.set_choice,
                args=("step", target[0] if target else chosen),
            )
    st.session_state["step_slider"] = chosen
    st.select_slider(
        _("Quarter"),
        order,
        key="step_slider",
        format_func=lambda key: chain_story.moment(steps[key], quarters),
        on_change=visit.if_known("step_slider", order, partial(address.set_choice, "step")),
        label_visibility="collapsed",
    )
    return step


def _web_figure(scenario: Scenario) -> Figure:
    now, before = cached.read(scenario), cached.baseline(scenario)
    drawn, drawn_before = cached.web_picture(scenario)[0], cached.web_picture.today(beside=scenario)[0]
    step = step_of(now)
    return network.network(
        chain_story.spots(now, before, drawn, drawn_before, step),
        chain_story.lines(now, drawn, drawn_before, step),
    )


def _web_alt(scenario: Scenario) -> str:
    now = cached.read(scenario)
    text = _("Who owes whom in {quarter}, who has failed and who is called")
    return text.format(quarter=chain_story.moment(step_of(now), now["quarters"]))


def web(drawn: Sequence[Edge], drawn_before: Sequence[Edge], step: Step) -> None:
    """Draw who owes whom at a step, with the key to its marks above and its table below."""
    title = _("Who owes whom")
    charts.show(_web_figure, key="web", title=title, caption=_key(), alt=_web_alt)
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
        of=title,
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
            mark("○", "missed", _("pays less than agreed")),
            mark("⊗", "missed", _("failed")),
        )
    )


def told(now: Mapping, drawn: Sequence[Edge], step: Step) -> None:
    """Tell what happens at a step."""
    found, here = chain_story.events(now), (step.quarter, step.wave)
    lines = [chain_story.event(one, now) for one in found if (one["quarter"], max(one["round"], 1)) == here]
    short = chain_story.unpaid(drawn, step.quarter)
    if short:
        more = short[MOST:] and [_("and {count} more, in the table").format(count=len(short[MOST:]))]
        lines.append("  \n".join(f":small[{line}]" for line in (*short[:MOST], *more)))
    title = f"## {chain_story.moment(step, now['quarters'])}"
    told = lines or [_("Everything that is due in this quarter is paid.")]
    st.markdown("\n\n".join((title, *told)), anchors=False)


def links(now: Mapping, year: int) -> None:
    """List the whole chain, link by link."""
    found, title = chain_story.events(now), _("Link by link")
    late = len(now["chain"]) - len(found)
    told = [] if found else [_("Nothing breaks before the end of {year}.")]
    if late:
        told.append(ngettext("{count} more break after {year}.", "{count} more breaks after {year}.", late))
    tables.heading(title, " ".join(told).format(count=late, year=year))
    if found:
        quarters = (numbers.quarter(now["quarters"][one["quarter"]]) for one in found)
        tables.facts([*zip(quarters, (chain_story.event(one, now) for one in found), strict=True)], alt=title)


def dollar_title() -> str:
    """Return what the panel of the missing dollar is called."""
    return _("Where a dollar of missing rent ends up")


def dollar(missing: Mapping[str, Missing]) -> None:
    """Draw where a dollar ends up that a tenant does not pay; the reader chooses whose."""
    if missing:
        _choose_tenant(missing)
    charts.show(_dollar_figure, key="dollar", caption=_dollar_told, alt=_dollar_told, empty=_nobody_misses)
    if not missing:
        return
    flows = missing[_tenant(missing)].flows
    tables.behind(
        {
            _("From"): [chain_story.place(source) for source, _target, _share in flows],
            _("To"): [chain_story.place(target) for _source, target, _share in flows],
            _("Share of the dollar"): [share for _source, _target, share in flows],
        },
        key="dollar",
        of=dollar_title(),
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


def _dollar_told(scenario: Scenario) -> str:
    missing, before = cached.web_picture(scenario)[1], cached.web_picture.today(beside=scenario)[1]
    tenant = _tenant(missing)
    return chain_story.dollar(missing[tenant], before.get(tenant), scenario["h"]) if tenant else ""


def _nobody_misses(scenario: Scenario) -> str:
    return _("No tenant misses rent before the end of {year}.").format(year=scenario["h"])


def _choose_tenant(missing: Mapping[str, Missing]) -> None:
    """Let the reader choose whose missing rent to follow; the choice outlives a lever that makes him pay."""
    everybody = choices.offered("tenant")
    address.choice("tenant", (*missing, *(key for key in everybody if key not in missing)))  # checks the link
    at = _tenant(missing)
    view.pick("tenant", label=_("Tenant"), name=chain_story.name, among=missing, at=at)
