"""What is said of somebody's positions: how they hang on this web, and what happens to them in a scenario."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from core.holdings.answer import Answer, Position
from core.holdings.fates import NOTHING, Fate
from pages.kit.drawing import charts
from pages.kit.words import labels, numbers, words
from pages.kit.words.catalogue import N_, _, ngettext

# Of one position, and of all that hang on the web in that way.
WAYS = {
    "neocloud": (N_("share of a neocloud"), N_("neoclouds")),
    "guarantor": (N_("share of a guarantor"), N_("guarantors")),
    "customer": (N_("share of a large customer"), N_("large customers")),
    "manager": (N_("manager: its fees, not its loans"), N_("managers of funds")),
    "lender": (N_("lends to this web"), N_("lenders")),
    "note": (N_("holds the very notes"), N_("notes")),
    "fund": (N_("fund, looked through"), N_("in index funds, not by name")),
    "pension": (N_("through pension funds, by their mix"), N_("pension")),
    "cash": (N_("cash"), N_("cash")),
    "none": (N_("not on this web"), N_("elsewhere")),
    "unknown": (N_("not known here"), N_("not known")),
}
SAME_KIND = N_("same kind of lender, other loans")
# Places in the chart colours; what is not on the web has none.
COLOURS = {
    "neocloud": 0,
    "guarantor": 2,
    "customer": 8,
    "manager": 7,
    "lender": 5,
    "note": 10,
    "fund": 4,
    "pension": 9,
}
HIDDEN = 0.0005  # of a whole: a smaller share is written as none


def how(position: Position) -> str:
    """Say how a position hangs on this web; of a fund, through whom and with how much of it."""
    one = position.instrument
    if one and one.kind == "bdc":
        return _(SAME_KIND)
    if one and position.fate.code == "fund":
        return _through(position)
    if position.fate.params.get("why") == "company":
        return _("on this web, but not listed")
    return _(WAYS[position.channel][0])


def _through(position: Position) -> str:
    """Say through whom a fund hangs on the web, largest first, and with how much of it."""
    weights: dict[str, float] = {}
    for part in position.parts:
        weights[part.channel] = weights.get(part.channel, 0.0) + part.weight
    ways = sorted((way for way in weights if way != "fund"), key=lambda way: -weights[way])
    names = [in_bar(way, [position]) for way in ways] or [_(WAYS["fund"][0])]  # known as a whole
    share = numbers.percent(position.weight, 1 if (position.weight or 0.0) >= 0.01 else 2)
    text = _("{ways}: at least {share}") if position.fate.params.get("at_least") else _("{ways}: {share}")
    told = text.format(ways=numbers.listing(names), share=share)
    sister = position.fate.params.get("sister")
    if sister:
        fund = labels.security(str(sister))
        told += _(" (weights of {fund}, which follows the same index)").format(fund=fund)
    return told


def _entities(positions: Sequence[Position], channel: str) -> list[str]:
    """List through whom positions hang on the web in one way."""
    found = (part.entity for one in positions for part in one.parts if part.channel == channel)
    return list(dict.fromkeys(filter(None, found)))


def in_bar(channel: str, positions: Sequence[Position]) -> str:
    """Return what a part of the bar is called: the one company that it is about, else the way."""
    entities = _entities(positions, channel)
    if len(entities) != 1:
        return _(WAYS[channel][1])
    name = words.name(entities[0])
    return _("notes of {who}").format(who=name) if channel == "note" else name


def colour(channel: str, *, lost: bool = False) -> str:
    """Return the colour of a way; what is lost has the colour of failure."""
    if lost:
        return charts.ALARM[charts.mode()]
    if channel not in COLOURS:
        return charts.PALE[charts.mode()]
    return st.get_option(f"theme.{charts.mode()}.chartCategoricalColors")[COLOURS[channel]]


def main_way(position: Position) -> str:
    """Return the way that most of a position hangs by."""
    if not position.parts:
        return position.channel
    return max(position.parts, key=lambda part: part.weight).channel


def is_lost(position: Position) -> bool:
    """Tell whether a position is usually worth nothing in the end."""
    return position.fate.code == "wiped_out"


# ---- what happens to it


def fate(told: Fate) -> str:
    """Say what happens to a position, as a line without a capital."""
    params = {name: _figure(name, value) for name, value in told.params.items()}
    params["lost"] = _range(told.low, told.high)
    return _CODES[told.code](told, params)


def _figure(name: str, value: float | str | int | None) -> str:
    """Write a figure of a fate by what it is."""
    if name in ("quarter", "later"):
        return numbers.quarter(None if value is None else str(value))
    if isinstance(value, str) or value is None:
        return value or "–"
    return numbers.percent(value) if name in _SHARES else numbers.money(value)


_SHARES = {
    "share",
    "called_share",
    "weight",
    "net",
    "net_before",
    "loss_rate",
    "recovery_low",
    "recovery_high",
    "known_low",
    "known_high",
}


def _range(low: float | None, high: float | None, digits: int = 0) -> str:
    """Write a share, or from where to where it may lie."""
    if low is None or high is None:
        return "–"
    if high < 0.01:  # of a whole: it is written exactly
        digits = 1
    first, last = (numbers.percent(value, digits) for value in (low, high))
    return first if first == last else _("{low} to {high}").format(low=first, high=last)


def _simple(text: str) -> Callable[[Fate, Mapping[str, str]], str]:
    return lambda _told, params: _(text).format(**params)


def _falls(told: Fate, params: Mapping[str, str]) -> str:
    text = _("by {year} its shareholders have {lost} less left after debt")
    if (told.low or 0.0) >= 1.0 - HIDDEN:
        text = _("by {year} nothing is left for its shareholders after debt")
    return _and_later(text.format(**params), told, params)


def _equity_unknown(told: Fate, params: Mapping[str, str]) -> str:
    text = _("keeps paying to {year}; what its shares are worth then is not known here")
    return _and_later(text.format(**params), told, params)


def _pays_notes(told: Fate, params: Mapping[str, str]) -> str:
    return _and_later(_("paid as agreed to {year}").format(**params), told, params)


def _and_later(text: str, told: Fate, params: Mapping[str, str]) -> str:
    return text + _("; it fails later, {later}").format(**params) if told.params.get("later") else text


def _manager(told: Fate, params: Mapping[str, str]) -> str:
    if told.params["fees"] is None:
        return _("it has no fund in this model")
    return _("its fund here pays it {fees} a year and earns {net}").format(**params)


def _recovers(told: Fate, params: Mapping[str, str]) -> str:
    back = _range(*(float(told.params[f"recovery_{end}"] or 0.0) for end in ("low", "high")))
    return _("borrower fails {quarter}; {back} of it comes back").format(back=back, **params)


def _fund(told: Fate, params: Mapping[str, str]) -> str:
    """Say what becomes of what a fund holds of the web, as far as the model knows."""
    if not told.params["names"]:
        return _("which companies of this web it holds is not on record one by one")
    said = []
    if told.low is not None:
        text = (
            _("{lost} of what it has on this web is lost")
            if (told.high or 0.0) >= NOTHING
            else _("nothing of it is lost")
        )
        said.append(text.format(**params))
    elif float(told.params["known_high"] or 0.0) >= HIDDEN:
        lost = _range(*(float(told.params[f"known_{end}"] or 0.0) for end in ("low", "high")), digits=1)
        said.append(_("failures cost {lost} of the whole fund").format(lost=lost))
    if told.params.get("called_share"):
        said.append(
            _("guarantors in it are called for {called_share} of a year's cash flow at most").format(**params)
        )
    return "; ".join(said) or _("nobody in it fails or is called")


def _unknown(told: Fate, _params: Mapping[str, str]) -> str:
    return _(_WHY.get(str(told.params.get("why")), _WHY["name"]))


_WHY = {
    "name": N_("not known here, so nothing is said of it"),
    "company": N_("its shares are not traded, and what they are worth is not computed here"),
    "weights": N_("how much of this web it holds is not on record here"),
    "line": N_("which loan it holds is not known"),
    "kind": N_("hangs on more than the share, so nothing is said of it"),
}
_CODES: dict[str, Callable[[Fate, Mapping[str, str]], str]] = {
    "wiped_out": _simple(N_("usually worth nothing from {quarter}")),
    "equity_falls": _falls,
    "equity_holds": _simple(N_("its shareholders have no less left by {year}")),
    "equity_unknown": _equity_unknown,
    "called": _simple(N_("called for {called}; at most {share} of a year's cash flow")),
    "not_called": _simple(N_("asked for nothing to {year}")),
    "customer": _simple(N_("owes {reported}, and {look_through} with what is not on its books")),
    "manager_fees": _manager,
    "lender_loses": _simple(N_("its investors have {lost} less by {year}")),
    "lender_holds": _simple(N_("its investors have no less by {year}")),
    "same_kind": _simple(N_("not computed: other loans than those here")),
    "note_recovers": _recovers,
    "note_pays": _pays_notes,
    "fund": _fund,
    "pension": _simple(N_("an order of size, below")),
    "untouched": _simple(N_("nothing here touches it")),
    "elsewhere": _simple(N_("an answer too: nothing here touches it")),
    "beside": _simple(N_("in the same trade, but not computed here")),
    "unknown": _unknown,
}


# ---- sentences


def sums(amounts: Mapping[str, float]) -> str:
    """Write sums of money in their currencies: "€24,000 and $500"."""
    return numbers.listing([numbers.currency(value, code) for code, value in amounts.items()])


def sentence(answer: Answer) -> str:
    """Say how much hangs on this web, and what happens to the most of it and to what has no worth; plain."""
    return f"{_of_all(answer)} {_without_worth(answer)}".strip()


def _of_all(answer: Answer) -> str:
    """Say how much of all that has a worth, or else a share, hangs on this web."""
    if answer.positions and all(one.channel == "pension" for one in answer.positions):
        return _(
            "How much of your pension hangs on this web is not known; what this web does to pensions stands "
            "below."
        )
    if answer.totals and any(value >= 0.5 for value in answer.on_web.values()):
        text = _("Of your {total} about {web} hangs on this web; in this scenario {what}.")
        web = {
            code: _about(value, whole)
            for code, whole in answer.totals.items()
            if (value := answer.on_web.get(code, 0.0)) >= 0.5
        }
        return text.format(total=sums(answer.totals), web=sums(web), what=_worst(answer))
    if answer.totals:
        return _("Of your {total} nothing that is known hangs on this web.").format(total=sums(answer.totals))
    if answer.share_on_web > HIDDEN:
        share = numbers.percent(answer.share_on_web)
        return _("{share} of all you own hangs on this web, as far as is known.").format(share=share)
    return _(
        "Nothing of what you own has a worth yet: say what it is worth, and how much hangs on this web is "
        "told."
    )


def _about(value: float, whole: float) -> float:
    """Round what hangs on the web, unless it is all; the part is never more than the whole."""
    return whole if value > (1.0 - HIDDEN) * whole else min(numbers.about(value), whole)


def _worst(answer: Answer) -> str:
    """Say what happens to the position that loses most, and how many more lose."""
    hit = [one for one in _losing(answer) if one.holding.value]
    if not hit:
        return _("nothing of it is lost, as far as the model knows")
    worst, more = max(hit, key=lambda one: (one.holding.value or 0.0) * _lost_share(one)), len(hit) - 1
    text = ngettext("{what}; {count} more row loses too", "{what}; {count} more rows lose too", more)
    return text.format(what=_hit(worst), count=more) if more else _hit(worst)


def _without_worth(answer: Answer) -> str:
    """Say what happens to a position that loses and whose worth is not known; "" where there is none."""
    hit = [one for one in _losing(answer) if one.holding.value is None]
    if not hit:
        return ""
    worst = max(hit, key=_lost_share)
    told = {"name": _(worst.instrument.name) if worst.instrument else "", "fate": fate(worst.fate)}
    more = len(hit) - 1
    text = ngettext(
        "Of what has no worth yet, {name}: {fate}; {count} more row loses too.",
        "Of what has no worth yet, {name}: {fate}; {count} more rows lose too.",
        more,
    )
    return (text if more else _("Of what has no worth yet, {name}: {fate}.")).format(count=more, **told)


def _losing(answer: Answer) -> list[Position]:
    return [one for one in answer.positions if _lost_share(one) > HIDDEN]


def _hit(worst: Position) -> str:
    """Say what happens to a position, with its amount."""
    amount = numbers.currency(
        (worst.holding.value or 0.0) * (worst.weight or 0.0), worst.holding.currency or ""
    )
    if is_lost(worst):
        text = _("{who}'s shares, {amount} of it, are usually worth nothing from {quarter}")
        quarter = numbers.quarter(str(worst.fate.params["quarter"]))
        return text.format(who=words.name(worst.entity or ""), amount=amount, quarter=quarter)
    name = _(worst.instrument.name) if worst.instrument else ""
    return _("{name} ({amount} of it): {fate}").format(name=name, amount=amount, fate=fate(worst.fate))


def _lost_share(one: Position) -> float:
    """Return the share of a position that is lost at most, as far as the model knows."""
    if one.fate.code == "fund" and one.fate.high is None:
        return float(one.fate.params["known_high"] or 0.0)
    return (one.weight or 0.0) * (one.fate.high or 0.0)


def pension(answer: Answer) -> str:
    """Say what this web does to pension funds, where somebody has a pension; markdown."""
    told = next((one.fate for one in answer.positions if one.fate.code == "pension"), None)
    if told is None:
        return ""
    params = {name: _figure(name, value) for name, value in told.params.items()}
    if abs(float(told.params["less"] or 0.0)) < HIDDEN:
        text = _(
            "**Your pension**, as an order of size: the {put} that pension funds put into the funds of this "
            "web come back as with no shock."
        )
    else:
        text = _(
            "**Your pension**, as an order of size: of what pension funds have back by {year} from the {put} "
            "that they put into the funds of this web, {less} is missing, {lost} of it."
        )
    known = _("Their mix of funds is known, yours is not.")
    return f"{text.format(lost=_range(told.low, told.high, 1), **params)} :gray[{known}]"
