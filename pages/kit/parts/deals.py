"""The four deals: for each its story, switch, facts, with and without, and its picture."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.results import deals, exposure
from core.scenario.levers import Scenario
from pages.kit.drawing import charts, shapes
from pages.kit.parts import deals_flows, deals_origins, deals_panels, provenance, tables
from pages.kit.parts.deals_flows import Flow
from pages.kit.visit import cached, visit
from pages.kit.words import numbers, spans, words
from pages.kit.words.catalogue import N_, _

TITLES = {
    "hyperion": N_("Meta's Hyperion"),
    "wrap": N_("Google's equity wrap"),
    "circle": N_("Nvidia's circle"),
    "leases": N_("Ten-year leases"),
}
PICTURES: dict[str, tuple[str, Callable[[Scenario], Flow]]] = {
    "hyperion": (N_("Who owns, lends and rents at Hyperion"), deals_flows.hyperion),
    "wrap": (N_("Who pays rent to whom, and what Google stands behind"), deals_flows.wrap),
    "circle": (N_("Money that goes round between Nvidia and its customers"), deals_flows.circle),
    "leases": (N_("Who rents from the miners, and whom they pay"), deals_flows.leases),
}

# Where each switch shows what it is for: levers moved together with it.
BITES = {
    "hyperion": {"mr": False, "g": 0.0, "h": 2033},
    "wrap": {"gw": False, "g": -20.0, "h": 2033},
    "circle": {"nb": False, "g": 0.0},
    "leases": {"fl": False},
}
BITE_LABELS = {
    "hyperion": N_("Try: demand stops and Meta leaves"),
    "wrap": N_("Try: demand falls 20 % a year and Google walks"),
    "circle": N_("Try: demand stops and Nvidia walks"),
    "leases": N_("Try: Fluidstack stops paying"),
}
STORIES = {
    "hyperion": N_(
        "Meta's campus in Louisiana belongs to a joint venture: funds of Blue Owl own 80 %, Meta 20 %. "
        "Nine in ten dollars are notes, sold mainly to Pimco. Meta rents it back for four years at a time. "
        "It was the model for many more."
    ),
    "wrap": N_(
        "Fluidstack, a young company with little capital, rents from former bitcoin miners. Google stands "
        "behind its rent, not behind the bonds: an equity wrap. The miners' notes were rated higher and sold."
    ),
    "circle": N_(
        "Nvidia owns part of its customers, sells them chips, and has promised to rent what CoreWeave cannot "
        "sell. The same dollar can pass Nvidia's books more than once."
    ),
    "leases": N_(
        "Ten-year leases turn bitcoin miners into landlords. They own halls and power, the tenants bring "
        "the chips. The rent pays the notes; without it there is little else."
    ),
}
ROWS = {
    "hyperion": (
        "called_meta",
        "lost_hyperion_notes",
        "failed_hyperion",
        "net_pimco",
        "net_blue_owl",
        "loss_pensions",
    ),
    "wrap": (
        "called_alphabet",
        "cut_anthropic",
        "failed_terawulf",
        "failed_cipher",
        "lost_terawulf_notes2030",
        "lost_cipher_notes2030",
        "net_infra_credit",
        "loss_pensions",
    ),
    "circle": (
        "called_nvidia",
        "cut_openai",
        "failed_coreweave",
        "failed_fluidstack",
        "lost_coreweave",
        "net_blackstone",
        "loss_pensions",
    ),
    "leases": (
        "cut_anthropic",
        "failed_fluidstack",
        "called_alphabet",
        "failed_terawulf",
        "failed_cipher",
        "lost_terawulf",
        "lost_cipher",
    ),
}
LOSSES = {
    "hyperion": ("lost_hyperion",),
    "wrap": ("lost_terawulf", "lost_cipher"),
    "circle": ("lost_coreweave",),
}
BORROWERS = {  # whose paper a deal rests on
    "hyperion": ("hyperion",),
    "wrap": ("terawulf", "cipher"),
    "circle": ("coreweave", "xai_vehicle"),
    "leases": ("terawulf", "cipher"),
}
MEASURES = {
    "called": N_("{who} pays, to {end}"),
    "lost": N_("Creditors lose, {who}"),
    "failed": N_("{who} fails"),
    "cut": N_("{who} cuts its contracts, to the horizon by"),
    "net": N_("{who} earns, net a year"),
    "loss": N_("{who} lose"),
}
HOLDERS = {"wrap": "alphabet", "circle": "nvidia"}  # whose stakes and warrants are facts of a deal
DEBTS = {
    "hyperion_notes": N_("Hyperion's notes"),
    "terawulf_notes2030": N_("TeraWulf's notes"),
    "cipher_notes2030": N_("Cipher's notes"),
}


def draw(deal: str) -> None:
    """Draw a deal: what it is and does on the left, its picture and its charts on the right."""
    switch = deals.SWITCH[deal]
    found, base = cached.deal(visit.scenario(), switch), cached.deal.today(switch)
    left, right = st.columns(2, gap="large")
    with right:  # charts first, also in time
        picture(deal)
        deals_panels.PANELS[deal](found, base)
    with left:
        story(deal, switch)
        facts(deal, found)
        with_and_without(deal, found)


def story(deal: str, lever: str) -> None:
    """Tell what a deal is, and draw its own switch, the same lever as in the panel."""
    st.markdown(f"## {_(TITLES[deal])}\n{_(STORIES[deal])}", anchors=False)
    key = f"deal_{lever}"
    title, _per, help_text = words.LEVERS[lever]
    st.toggle(
        _(title),
        value=bool(visit.draw_value(key, visit.scenario()[lever])),
        key=key,
        help=_(help_text),
        on_change=visit.widget_moved,
        args=(key, lambda value: visit.move(**{lever: value})),
    )
    st.button(
        _(BITE_LABELS[deal]),
        key=f"bite_{deal}",
        type="tertiary",
        on_click=lambda: visit.move(**BITES[deal]),
    )


def facts(deal: str, found: deals.Deal) -> None:
    """List the facts of a deal, with what its guarantor holds where it holds something."""
    giver = HOLDERS.get(deal)
    got = exposure.received(cached.snapshot(), cached.read(visit.scenario()), giver) if giver else ()
    held = {one.promise: one for one in got}
    rows = deals_panels.FACTS[deal](found, held)
    tables.facts(rows, alt=_("Facts of the deal"))
    names, values = (list(column) for column in zip(*rows, strict=True))
    shown = [value.replace("**", "") for value in values]
    receipt = partial(deals_origins.facts, deal, found, names, shown, held)
    provenance.behind(receipt, key=f"facts_{deal}", of=_(TITLES[deal]))


def with_and_without(deal: str, found: deals.Deal) -> None:
    """Compare the deal's key figures with its switch on and off, and say what it moves."""
    labels, on, off = [], [], []
    rows = [key for key in ROWS[deal] if key in found.on]  # of companies that these data know
    if not deals_flows.may_cut():
        rows = [key for key in rows if not key.startswith("cut")]
    for key in rows:
        measure, _separator, subject = key.partition("_")
        who = _(DEBTS[subject]) if subject in DEBTS else words.name(subject)
        labels.append(_(MEASURES[measure]).format(who=who, end=spans.end()))
        write = _write(measure)
        left, right = write(found.on[key]), write(found.off[key])
        on.append(left if left == right else f"**{left}**")
        off.append(right if left == right else f"**{right}**")
    heads = [_("On"), _("Off")]
    marked = list(heads)
    marked[found.at] = _("{state} (now)").format(state=heads[found.at])
    span = _("To {end}; returns to the horizon.").format(end=spans.end())
    title = _("With the switch on and off")
    tables.heading(title, f"{span} {_moves(deal, found, same=on == off)}")
    tables.compare(
        {_("Figure"): labels, marked[0]: on, marked[1]: off}, alt=_("Key figures with the switch on and off")
    )
    shown = [one.strip("*") for one in (on, off)[found.at]]
    tables.behind(
        {
            _("Figure"): labels,
            heads[0]: [found.on[key] for key in rows],
            heads[1]: [found.off[key] for key in rows],
        },
        key=f"switch_{deal}",
        of=title,
        receipt=partial(deals_origins.switch, rows, labels, shown, cached.read(visit.scenario())),
    )


def _moves(deal: str, found: deals.Deal, *, same: bool) -> str:
    """Say when the switch leaves all figures the same, and what creditors have of the promise."""
    told = []
    if same:
        told.append(_("In this scenario the switch moves nothing: nobody needs the promise."))
    lost = [sum(one.get(key, 0.0) for key in LOSSES.get(deal, ())) for one in (found.on, found.off)]
    if lost[0] > lost[1] + 0.05:
        told.append(_("The promise buys time here, not safety: creditors lose more with it than without."))
    elif lost[1] > lost[0] + 0.05:
        text = _("Without the promise creditors lose {amount} more.")
        told.append(text.format(amount=numbers.money(lost[1] - lost[0])))
    return f"**{' '.join(told)}**" if told else ""


def _write(measure: str) -> Callable:
    if measure == "failed":
        return lambda value: numbers.quarter(value) if value else _("no")
    if measure == "cut":
        return lambda value: words.cut(value) if value else numbers.percent(0.0, 0)
    return numbers.percent if measure == "net" else numbers.money


def picture(deal: str) -> None:
    """Draw who pays whom in a deal, with its legend and the table behind it."""
    (title, flow), key = PICTURES[deal], f"flow_{deal}"
    charts.show(
        lambda scenario: shapes.flow(*flow(scenario), height=340),
        key=key,
        title=_(title),
        note=_(
            "Solid: money that flows. Dashed: a promise, or what was given for it. Orange: called or cut "
            "here."
        ),
        alt=_(title),
    )
    nodes, arrows = flow(visit.scenario())
    plain = {
        name: node.text.replace("<b>", "").replace("</b>", "").replace("<br>", " ")
        for name, node in nodes.items()
    }
    tables.behind(
        {
            _("From"): [plain[arrow.start] for arrow in arrows],
            _("To"): [plain[arrow.end] for arrow in arrows],
            _("What"): [arrow.hover for arrow in arrows],
            _("USD billion"): [arrow.amount or None for arrow in arrows],
        },
        key=key,
        of=_(title),
    )
