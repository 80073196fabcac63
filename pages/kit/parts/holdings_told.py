"""What is said of somebody's positions: the ways they hang on this web, and what happens to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.holdings.answer import Answer, Position
from pages.kit.drawing import charts
from pages.kit.words import numbers, words
from pages.kit.words.catalogue import N_, _

WAYS = {
    "neocloud": (N_("share of a neocloud"), N_("neoclouds")),
    "guarantor": (N_("share of a guarantor"), N_("guarantors")),
    "customer": (N_("share of a large customer"), N_("customers")),
    "manager": (N_("manager: its fees, not its loans"), N_("managers")),
    "lender": (N_("same kind of lender, other loans"), N_("lenders")),
    "note": (N_("holds the very notes"), N_("notes")),
    "fund": (N_("fund, looked through"), N_("funds")),
    "pension": (N_("through the funds of pension funds"), N_("pension")),
    "cash": (N_("cash"), N_("cash")),
    "none": (N_("not on this web"), N_("elsewhere")),
    "unknown": (N_("not known here"), N_("not known")),
}
COLOURS = {"neocloud": 0, "guarantor": 2, "customer": 8, "manager": 3, "lender": 5, "note": 10, "fund": 4, "pension": 7}
NOT_ON_IT = ("cash", "none", "unknown")


def how(position: Position) -> str:
    """Say how a position hangs on this web."""
    return _(WAYS[position.channel][0])


def short(channel: str, entities: Sequence[str]) -> str:
    """Return what a part of the bar is called: the one company that it is about, else the way."""
    return words.name(entities[0]) if len(entities) == 1 else _(WAYS[channel][1])


def colour(channel: str, *, lost: bool = False) -> str:
    """Return the colour of a way; what is lost has the colour of failure."""
    if lost:
        return charts.ALARM[charts.mode()]
    if channel not in COLOURS:
        return charts.PALE[charts.mode()]
    return st.get_option(f"theme.{charts.mode()}.chartCategoricalColors")[COLOURS[channel]]


def fate(position: Position) -> str:
    """Say what happens to a position."""
    told = position.fate
    params = _written(told.params)
    if told.low is not None and told.high is not None:
        params |= {"low": numbers.percent(told.low, 0), "high": numbers.percent(told.high, 0)}
    return _(FATES.get(told.code, FATES["unknown"])).format(**params)


FATES = {
    "wiped_out": N_("usually worth nothing from {quarter}"),
    "equity_falls": N_("loses {low} to {high}"),
    "untouched": N_("nothing here touches it"),
    "elsewhere": N_("nothing here touches it"),
    "pension": N_("a small part of a large whole"),
    "unknown": N_("not known here, so nothing is said of it"),
}


def _written(params: Mapping) -> dict[str, str]:
    out = {}
    for name, value in params.items():
        out[name] = numbers.quarter(value) if name == "quarter" else str(value)
    return out


def is_lost(position: Position) -> bool:
    """Tell whether a position is usually worth nothing in the end."""
    return position.fate.code == "wiped_out"


def sums(amounts: Mapping[str, float], *, about: bool = False) -> str:
    """Write sums of money in their currencies: "€24,000 and $500"; `about` to two figures."""
    told = [numbers.currency(numbers.about(value) if about else value, code) for code, value in amounts.items()]
    return numbers.listing(told)


def sentence(answer: Answer) -> str:
    """Say in one sentence how much hangs on this web, and what happens to the most of it; markdown."""
    if not answer.totals:
        text = _("None of your {count} positions has a worth yet: fill in what they are worth.")
        return text.format(count=len(answer.positions))
    if not any(value >= 0.5 for value in answer.on_web.values()):
        return dollars(_("Of your {total} nothing hangs on this web.").format(total=sums(answer.totals)))
    text = _("Of your {total} about {web} hangs on this web; in this scenario {what}.")
    params = {"total": sums(answer.totals), "web": sums(answer.on_web, about=True), "what": _worst(answer)}
    return dollars(text.format(**params))


def _worst(answer: Answer) -> str:
    """Say what happens to the position that loses most."""
    hit = [one for one in answer.positions if one.fate.high and one.weight and one.holding.value and one.instrument]
    if not hit:
        return _("nothing of it is lost")
    worst = max(hit, key=lambda one: one.holding.value * one.weight * one.fate.high)
    text = _("{name}, {amount} of it, are usually worth nothing from {quarter}")
    amount = numbers.currency(worst.holding.value * worst.weight, worst.holding.currency or "EUR")
    name = worst.instrument.name
    if worst.entity:
        name = _("the shares of {who}").format(who=words.name(worst.entity))
    if not is_lost(worst):
        text = _("{name}, {amount} of it, {fate}")
    quarter = numbers.quarter(worst.fate.params.get("quarter"))
    return text.format(name=name, amount=amount, quarter=quarter, fate=fate(worst))


def dollars(text: str) -> str:
    """Return a sentence for a place that reads markdown, where signs of dollars begin a formula."""
    return text.replace("$", "\\$")
