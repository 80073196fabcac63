"""The chain of failures in words, and the words of its two pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.results import narrative, picture
from core.results.picture import Chain, Edge, Missing, Step
from core.web.web import GUARANTORS
from pages.kit.drawing import charts, network
from pages.kit.drawing.network import Line, Spot
from pages.kit.words import numbers, spans, words
from pages.kit.words.catalogue import N_, _, ngettext

SHORT = {
    "sound_tenants": N_("sound tenants"),
    "lenders": N_("lenders"),
    "relet": N_("let anew"),
    "oracle_campus": N_("Oracle's campuses"),
    "xai_vehicle": N_("xAI's chip vehicle"),
}
MANY = {"oracle_campus": 2}  # whose name is a plural
OWED = {
    "debt": N_("{who} owes {what} in debt"),
    "dues": N_("{who} owes {what} a year under its contracts"),
    "promise": N_("{who} can be called for {what}"),
}


def name(entity: str) -> str:
    """Return what a place in the pictures is called."""
    return _(SHORT[entity]) if entity in SHORT else words.name(entity)


def sentence(now: Chain, reading: Mapping, year: int) -> str:
    """Return in a few sentences what falls by itself or is pulled down, who pays less, and who pays."""
    cuts = [_cut(who, quarter, reading) for who, quarter, _share in narrative.renegotiations(reading)]
    if not now.failures:
        text = _("To the end of {year} everything that is owed inside this web is paid: there is no chain.")
        if cuts:
            text = _(
                "To the end of {year} nobody pulls down another, but not everything that was agreed is paid."
            )
        return " ".join([text.format(year=year), *cuts])
    text = _how_many(now, year)
    for who, through in now.pulled:
        told = _("**{through}** takes **{who}** with it.")
        text += " " + told.format(who=name(who), through=name(through))
    text = " ".join([text, *cuts])
    if now.called > picture.TINY:
        text += " " + _("Guarantors pay {called}.").format(called=numbers.money(now.called))
    return text


def _how_many(now: Chain, year: int) -> str:
    own, pulled = len(now.own), len(now.pulled)
    params = {"year": year, "count": spans.count(now.failures)}
    if not pulled:
        text = ngettext(
            "To {year} {count} company fails, by its own doing.",
            "To {year} {count} companies fail, all by their own doing.",
            own,
        )
        return text.format(**params)
    if not own:
        text = ngettext(
            "To {year} {count} company fails, pulled down by another.",
            "To {year} {count} companies fail, all pulled down by others.",
            pulled,
        )
        return text.format(**params)
    alone = ngettext("{count} by its own doing", "{count} by their own doing", own)
    along = ngettext("{count} pulled down by another", "{count} pulled down by others", pulled)
    return _("To {year} {count} companies fail: {own}, {pulled}.").format(
        **params,
        own=alone.format(count=spans.count(own)),
        pulled=along.format(count=spans.count(pulled)),
    )


def _cut(who: str, quarter: int, reading: Mapping) -> str:
    text = _("**{who}** pays less than agreed from the {quarter}.")
    return text.format(who=name(who), quarter=numbers.quarter_in_words(reading["quarters"][quarter]))


def moment(step: Step, quarters: Sequence[str]) -> str:
    """Return a step as a label: a quarter, and the wave of failures where there is more than one."""
    quarter = numbers.quarter(quarters[step.quarter])
    if step.waves == 1:
        return quarter
    return _("{quarter}, wave {wave}").format(quarter=quarter, wave=step.wave)


def choice(step: Step, quarters: Sequence[str]) -> str:
    """Return a step as the link carries it: 2029Q4, or 2029Q4-2 for a second wave."""
    return quarters[step.quarter] + (f"-{step.wave}" if step.wave > 1 else "")


def events(reading: Mapping) -> list[Mapping]:
    """Return the links of the chain up to the horizon."""
    return [event for event in reading["chain"] if event["quarter"] <= reading["last_quarter"]]


def event(one: Mapping, reading: Mapping) -> str:
    """Return one link of the chain as a sentence with its badge: own doing, contagion, call or cut."""
    if one["event"] == "renegotiation":
        text = _("**{who}** starts to pay less than agreed, up to {share} less: it cuts its contracts")
        return f":violet-badge[{_less()}] " + text.format(
            who=words.name(one["entity"]), share=words.cut(one["amount"])
        )
    who, amount = words.name(one["entity"]), numbers.money(one["amount"])
    if one["event"] == "call":
        promise = next(p for p in reading["promises"] if p["id"] == one["cause"].partition(":")[2])
        text = _("**{who}** is called for the first time: {amount} for **{source}**")
        if promise["for"] != one["from"]:  # the tenant fell short, the landlord is paid
            text = _("**{who}** is called for the first time: {amount} for **{source}**'s rent to **{host}**")
        text = text.format(
            who=who, amount=amount, source=words.name(one["from"]), host=words.name(promise["for"])
        )
        return f":blue-badge[{_promise()}] {text}"
    text = _("**{who}** cannot pay in full: {amount} short, {cause}").format(
        who=who, amount=amount, cause=words.cause(one["cause"])
    )
    return (f":red-badge[{_contagion()}] " if one["from"] else f":orange-badge[{_own()}] ") + text


def _promise() -> str:
    return _("call")


def _less() -> str:
    return _("cut")


def _contagion() -> str:
    return _("contagion")


def _own() -> str:
    return _("own doing")


def spots(
    reading: Mapping, baseline: Mapping, drawn: Sequence[Edge], drawn_before: Sequence[Edge], step: Step
) -> list[Spot]:
    """Return the circles of the network at a step."""
    standing = picture.standing(reading, step)
    now, before = (
        picture.sizes(source, edges, step.quarter)
        for source, edges in ((reading, drawn), (baseline, drawn_before))
    )
    falls = {e["entity"]: e for e in reading["chain"] if e["event"] == "failure"}
    shares = {row["id"]: row["haircut"][step.quarter] for row in reading["tenants"] if row["haircut"]}
    found = []
    for entity in network.PLACES:
        how = standing.get(entity, network.CUT if shares.get(entity) else picture.ALIVE)
        label = f"<b>{name(entity)}</b>"
        if how == picture.FAILED:
            label += "<br>" + _("fails {quarter}").format(
                quarter=numbers.quarter(reading["quarters"][falls[entity]["quarter"]])
            )
        elif how == picture.CALLED:
            label += "<br>" + _("is called")
        elif how == network.CUT:
            label += "<br>" + _("pays {share} less").format(share=words.cut(shares[entity]))
        hover = f"<b>{name(entity)}</b>"
        if entity in now:
            debtors = {company["id"] for company in reading["companies"]}
            kind = "promise" if entity in GUARANTORS else "debt" if entity in debtors else "dues"
            hover += "<br>" + _(OWED[kind]).format(who=name(entity), what=numbers.money(now[entity]))
            hover += "<br>" + _("Today's data: {value}").format(value=numbers.money(before.get(entity)))
        found.append(Spot(entity, label, hover, how, 0.0 if entity == "lenders" else now.get(entity, 0.0)))
    return found


def lines(reading: Mapping, drawn: Sequence[Edge], drawn_before: Sequence[Edge], step: Step) -> list[Line]:
    """Return the arrows of the network at a step: what is due, what is missing, calls, and live promises."""
    q, found, called = step.quarter, [], set()
    before = {(e.payer, e.payee, e.kind): e for e in drawn_before}
    for edge in drawn:
        owed, paid = float(edge.owed[q]), float(edge.paid[q])
        if owed < picture.TINY:
            continue
        then = before.get((edge.payer, edge.payee, edge.kind))
        today = numbers.money(float(then.owed[q]) if then else 0.0)
        ends = {"payer": name(edge.payer), "payee": name(edge.payee)}
        if edge.kind == "call":
            called.add((edge.payer, edge.payee))
            text = _("{payer} pays {payee} {amount} under its promise").format(
                **ends, amount=numbers.money(paid)
            )
            kind = "call"
        else:
            text = _("{payer} owes {payee} {owed} this quarter and pays {paid}").format(
                **ends, owed=numbers.money(owed), paid=numbers.money(paid)
            )
            kind = "missed" if owed - paid > 1e-3 * owed else "paid"
        text += "<br>" + _("Today's data: {value}").format(value=today)
        found.append(Line(edge.payer, edge.payee, text, owed, kind))
    for promise in reading["promises"]:
        ends = (promise["giver"], promise["for"])
        if ends not in called and promise["live"][q] > picture.TINY:
            text = _("{payer} stands behind {payee}: {amount} can still be called").format(
                payer=name(ends[0]), payee=name(ends[1]), amount=numbers.money(promise["live"][q])
            )
            found.append(Line(*ends, text, 0.0, "promise"))
    return found


def unpaid(drawn: Sequence[Edge], quarter: int) -> list[str]:
    """Return who pays whom short in a quarter, largest first, as sentences."""
    short = [(float(e.owed[quarter] - e.paid[quarter]), e) for e in drawn if e.kind != "call"]
    found = []
    for missing, edge in sorted(short, key=lambda pair: -pair[0]):
        owed = float(edge.owed[quarter])
        if missing > 1e-3 * owed and missing > picture.TINY:
            text = _("{payer} pays {payee} {paid} of {owed}.")
            found.append(
                text.format(
                    payer=name(edge.payer),
                    payee=name(edge.payee),
                    paid=numbers.money(float(edge.paid[quarter])),
                    owed=numbers.money(owed),
                )
            )
    return found


def place(key: str) -> str:
    """Return what a place in the picture of the missing dollar is called."""
    kind, _colon, who = key.partition(":")
    if kind == "guarantor":
        return _("{who}'s guarantee").format(who=words.name(who))
    if kind == "owners":
        return _("{who}: cash and owners").format(who=name(who))
    return name(key)


def cents(share: float) -> str:
    """Return a share of a dollar in cents."""
    whole = round(100 * share)
    if not whole:
        return _("less than a cent")
    return ngettext("{amount} cent", "{amount} cents", whole).format(amount=whole)


def dollar(missing: Missing, before: Missing | None, year: int) -> str:
    """Return in a sentence where the missing dollar of a tenant ends up, largest part first."""
    ends = sorted(missing.stays().items(), key=lambda pair: -pair[1])
    parts = [_at(key).format(cents=cents(share)) for key, share in ends]
    text = _(
        "Of each dollar that **{who}** does not pay: {parts}. In all, to {year}: {amount}; on today's data "
        "{before}."
    )
    return text.format(
        who=words.name(missing.tenant),
        parts=numbers.listing(parts),
        amount=numbers.money(missing.amount),
        year=year,
        before=numbers.money(before.amount) if before and before.amount > picture.TINY else _("nothing"),
    )


def _at(key: str) -> str:
    """Where a part of the dollar ends up, with room for its cents."""
    kind, _colon, who = key.partition(":")
    if kind == "guarantor":
        return _("{cents} from {who}").format(who=words.name(who), cents="{cents}")
    if kind == "owners":
        text = ngettext(
            "{cents} missing at {who} itself", "{cents} missing at {who} themselves", MANY.get(who, 1)
        )
        return text.format(who=name(who), cents="{cents}")
    if kind == "relet":
        return _("{cents} earned by letting anew")
    return _("{cents} lost by lenders")


def colours(missing: Missing) -> dict[str, str]:
    """Return the colour of every place in the picture of the missing dollar."""
    mode = charts.mode()
    by_kind = {
        "guarantor": charts.ACCENT[mode],
        "relet": charts.MUTED[mode],
        "lenders": charts.ALARM[mode],
        "owners": charts.INK[mode],
    }
    places = dict.fromkeys(place for flow in missing.flows for place in flow[:2])
    return {key: by_kind.get(key.partition(":")[0]) or charts.entity_colour(key) for key in places}
