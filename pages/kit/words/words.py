"""The words: names, captions, and sentences made from the facts that `core.results.narrative` chooses."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache

from core.results.narrative import Event, Fact
from core.scenario.levers import DATA, Lever, lever
from core.scenario.messages import MOST_TOLD, Message, bounded
from core.web.web import LABS, NEOCLOUDS
from pages.kit.drawing import charts
from pages.kit.visit import cached
from pages.kit.words import numbers, spans
from pages.kit.words.catalogue import N_, _, ngettext

NAMES = {
    "coreweave": "CoreWeave",
    "terawulf": "TeraWulf",
    "cipher": "Cipher",
    "fluidstack": "Fluidstack",
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "xai": "xAI",
    "core42": "Core42",
    "ig_tenants": N_("other sound tenants"),
    "hyperion": "Hyperion",
    "oracle_campus": N_("Oracle's campuses"),
    "xai_vehicle": N_("xAI's chip vehicle"),
    "alphabet": "Google",
    "nvidia": "Nvidia",
    "meta": "Meta",
    "microsoft": "Microsoft",
    "oracle": "Oracle",
    "amazon": "Amazon",
    "blue_owl": "Blue Owl",
    "pimco": "Pimco",
    "blackstone": "Blackstone",
    "apollo": "Apollo",
    "kkr": "KKR",
    "infra_credit": N_("Mixed credit fund"),
    "pensions": N_("Pension funds"),
    "insurers": N_("Insurers"),
    "wealth": N_("Private wealth"),
    "sovereign": N_("Sovereign funds"),
}

SHORT = {"g": N_("AI demand"), "r": N_("Interest"), "u": N_("Capacity")}  # where a phone has little room
LEVERS = {
    "g": (N_("AI demand grows"), N_("% a year"), N_("How fast the demand for AI computing grows each year.")),
    "r": (
        N_("Interest rate"),
        N_("%, short term"),
        N_("The short-term dollar rate (SOFR) under floating loans and new debt."),
    ),
    "u": (
        N_("Capacity in use"),
        N_("% at the start"),
        N_("Share of graphics processors (GPUs) that earn money at the start."),
    ),
    "t": (
        N_("Turn year"),
        "",
        N_("Year from which your demand growth applies; before it demand grows as today."),
    ),
    "b": (
        N_("Building goes on at"),
        N_("a year"),
        N_("Planned growth of the world's AI computing capacity."),
    ),
    "d": (N_("Chips lose"), N_("a year"), N_("Yearly fall of the rental price of an ageing chip.")),
    "e": (
        N_("Price reaction"),
        "",
        N_("How hard prices react to idle capacity: 1 is in proportion, 3 is violent."),
    ),
    "s": (N_("Credit gets dearer by"), "", N_("Shift of all risk premiums on new debt, in basis points.")),
    "f": (N_("Refinancing"), "", N_("Whether debt that falls due can be replaced by new debt.")),
    "c": (
        N_("Creditors recover"),
        N_("of the usual"),
        N_("Scale on what creditors get back after a failure."),
    ),
    "v": (
        N_("Investors fund the AI labs"),
        N_("of plan"),
        N_("Investor money that reaches the AI labs, against plan."),
    ),
    "gw": (
        N_("Google honours its rent guarantees"),
        "",
        N_("Google stands behind Fluidstack's rent at TeraWulf and Cipher."),
    ),
    "nb": (
        N_("Nvidia buys CoreWeave's idle capacity"),
        "",
        N_("Nvidia has promised to take unsold capacity, for some years."),
    ),
    "mr": (
        N_("Meta renews the Hyperion lease"),
        "",
        N_("If not, Meta owes the guaranteed value of the campus."),
    ),
    "fl": (
        N_("Fluidstack pays its rent"),
        "",
        N_("Yes: as the model computes. No: it stops in the first quarter of the year that the data assume."),
    ),
    "h": (N_("Look ahead to"), "", N_("Last year shown; it also dates the liquidation of the funds.")),
}

CHOICES = {"open": N_("open"), "strict": N_("strict"), "closed": N_("closed")}
GROUPS = {"Market": N_("Market"), "Credit": N_("Credit"), "Promises": N_("Promises"), "view": N_("View")}

HOLDINGS = {
    "infra_credit": N_("loans, leases, equity"),
    "pimco": N_("Hyperion notes"),
    "blackstone": N_("CoreWeave loans"),
    "apollo": N_("xAI chip vehicle"),
    "blue_owl": N_("three funds"),
    "kkr": N_("new loans, leases"),
}
PROMISES = {
    "alphabet": N_("Fluidstack's rent"),
    "nvidia": N_("CoreWeave's idle chips"),
    "meta": N_("Hyperion's value"),
}

_PREMISES = {
    "premise_today": N_("On the figures of {data}"),
    "premise_demand_stops": N_("If AI demand stops growing,"),
    "premise_demand_falls": N_("If AI demand shrinks by {rate} a year,"),
    "premise_demand_grows": N_("If AI demand grows by {rate} a year,"),
    "premise_rate": N_("With short-term interest at {rate},"),
    "premise_utilisation": N_("With {rate} of capacity earning money at the start,"),
    "premise_credit_closes": N_("If nobody refinances,"),
    "premise_google_walks": N_("If Google does not honour its guarantees,"),
    "premise_demand_stops_google_walks": N_("If AI demand stops growing and Google walks away,"),
    "preset_credit_closes": N_("If AI demand shrinks and nobody refinances,"),
    "preset_dear_credit": N_("With strong demand and dear credit,"),
    "preset_glut": N_("If building races on and demand falls away,"),
    "preset_google_walks": N_("If Fluidstack stops paying and Google walks away,"),
    "preset_boom": N_("If the boom goes on,"),
    "premise_several": N_("In this scenario"),
}
_CAUSES = {
    "own_liquidity": N_("because its cash runs out"),
    "maturity": N_("when debt falls due that nobody will refinance"),
    "market_access": N_("because lenders stop lending"),
    "counterparty": N_("because {who} no longer pays"),
    "renegotiated": N_("because {who} pays less than agreed"),
}
_CAUSES_OF_MANY = {"own_liquidity": N_("because their cash runs out")}
_MARKS = {
    "access": N_("loses access to new credit"),
    "cover": N_("no longer earns its interest"),
    "service": N_("does not earn its interest and repayments"),
    "runway": N_("has less than a year of cash"),
    "insolvency": N_("owes more than it is worth"),
}
LITTLE = 0.01  # of what is owed by contract: a smaller cut is not written exactly
PAYS = 0.05  # USD bn: what is called shows as 0.1 or more
# How grave an event looks, on the scale of the strips (1: all have failed); words beside it say what it is.
SEVERITY = {
    "access": 0.3,
    "service": 0.3,
    "cover": 0.4,
    "runway": 0.4,
    "insolvency": 0.6,
    "renegotiated": 0.6,
    "called": 0.7,
    "failure": 1.0,
}
_STATUS = {
    "holds": N_("holds"),
    "stretched": N_("stretched"),
    "distressed": N_("in distress"),
    "failed": N_("fails {quarter}"),
    "supported": N_("supported · {giver} pays"),
    "renegotiated": N_("pays less from {quarter}"),
}


def name(entity: str) -> str:
    """Return what a company, fund or group of investors is called."""
    return _(NAMES[entity] if entity in NAMES else str(cached.snapshot().value(f"{entity}.name")))


def message_text(message: Message) -> str:
    """Return what a link got wrong, in the reader's language; a stranger's words in it are plain text."""
    params = dict(message.params)
    if "lever" in params:
        one = lever(params["lever"])
        params["label"] = f"{_(LEVERS[one.id][0])} ({one.id})"
        params["span"] = ", ".join(map(one.format, one.options)) or span(one)  # the words of a link
    return _(_templates()[message.code]).format(**params)


def told(messages: Sequence[Message], *own: str) -> list[str]:
    """Return messages as lines, with lines of the page's own after them: eleven at most."""
    return [*map(message_text, bounded(messages, MOST_TOLD - len(own))), *own]


@cache
def _templates() -> dict[str, str]:
    return tomllib.loads((DATA / "messages.toml").read_text(encoding="utf-8"))


def span(one: Lever) -> str:
    """Return the valid values of a lever: "-50 to 100 %", or its words."""
    if one.kind == "choice":
        return ", ".join(_(CHOICES[str(option)]) for option in one.options)
    if one.options:
        return ", ".join(numbers.lever_value(option, one.unit) for option in one.options)
    low, high = (numbers.lever_value(value, one.unit) for value in (one.low, one.high))
    return _("{low} to {high}").format(low=low, high=high)


def cause(code: str | None, *, many: bool = False) -> str:
    """Return why one or many failed, as the end of a sentence; no cause gives no words."""
    if not code:
        return ""
    kind, _separator, who = code.partition(":")
    return _((_CAUSES | _CAUSES_OF_MANY if many else _CAUSES)[kind]).format(who=name(who) if who else "")


def status(fact: Fact) -> str:
    """Return how a company stands, for a badge."""
    params = {"quarter": numbers.quarter(fact.params.get("quarter")), "giver": ""}
    if "giver" in fact.params:
        params["giver"] = name(fact.params["giver"])
    return _(_STATUS[fact.code]).format(**params)


def first_breach(breach: dict, quarters: Sequence[str]) -> str:
    """Return the first thing that went wrong at a company, with its quarter, for a small line."""
    measure, when = breach["measure"], numbers.quarter(quarters[breach["quarter"]])
    if measure == "failure":
        return _("{quarter}: cannot pay, {cause}").format(quarter=when, cause=cause(breach["cause"]))
    return _("{quarter}: {what}").format(quarter=when, what=_(_MARKS[measure]))


def fund(entity: str) -> str:
    """Return a fund with what it holds, for an axis."""
    if entity == "infra_credit":
        return name(entity)
    return f"{name(entity)} · {_(HOLDINGS[entity])}"


def giver(entity: str) -> str:
    """Return a guarantor with what it promised, on two lines, for an axis."""
    return f"<b>{name(entity)}</b><br>{_(PROMISES[entity])}"


def called_of(called: float, promised: float) -> str:
    """Return what is called of what was promised, for the end of a bar."""
    called_text = f"<b>{numbers.amount(called)}</b>"
    return _("{called} of {promised}").format(called=called_text, promised=numbers.amount(promised))


def called_hover(entity: str, called: float, later: float, promised: float) -> str:
    """Return the full story of one bar, for hovering."""
    text = _("{who}: {called} called to the horizon, {later} to {end}, of {promised} promised")
    return text.format(
        who=name(entity),
        end=spans.end(),
        called=numbers.money(called),
        later=numbers.money(later),
        promised=numbers.money(promised),
    )


def event(event: Event) -> str:
    """Return what happened to somebody in the order of breaking, as a phrase that follows the name."""
    if event.code == "called":
        return _("is called: {amount} for the quarter").format(amount=numbers.money(event.params["amount"]))
    if event.code == "failure":
        return ", ".join(filter(None, (_("can no longer pay in full"), cause(event.params["cause"]))))
    if event.code == "renegotiated":
        return _("starts to pay less than agreed, up to {share} less").format(
            share=cut(event.params["amount"])
        )
    return _(_MARKS[event.code])


def cut(share: float) -> str:
    """Return the share that a lab cuts of what it owes by contract."""
    if share < LITTLE:
        return _("under {share}").format(share=numbers.percent(LITTLE, 0))
    return numbers.percent(share, 0)


def headline(facts: Sequence[Fact]) -> str:
    """Return the story in few sentences, for who sees no page; `details` tells the rest."""
    return " ".join(sentences(facts))


def sentences(facts: Sequence[Fact]) -> list[str]:
    """Return the sentences of the headline, of which the first says what the scenario does.

    Who fails is written in the colour of failure, who pays in the accent: bold does not show in a heading.
    """
    premise, first, *rest = facts
    opening = premise_of(premise)
    alone = not any(fact.code == "fails_next" for fact in rest)
    if first.code == "holds" and rest[:1] and rest[0].code == "labs_cut":  # not all keep paying then
        cuts, *rest = rest
        first = Fact("holds_but", first.params | cuts.params)
    told = [_SENTENCES[first.code](opening, first.params | {"alone": alone})]
    return [*told, *(_SENTENCES[fact.code]("", fact.params) for fact in rest if fact.code in _SENTENCES)]


def premise_of(fact: Fact) -> str:
    """Return what was changed, as the beginning of a sentence."""
    return _(_PREMISES[fact.code]).format(**_formatted(fact.params))


def plain(text: str) -> str:
    """Return a sentence of ours without its marks, for a place that shows no markdown."""
    return re.sub(r":[a-z]+\[(.*?)\](\{.*?\})?", r"\1", text).replace("**", "")


def details(facts: Sequence[Fact]) -> str:
    """Return what the headline leaves out: who else fails, when and why, and what the guarantors pay for."""
    found = {fact.code: fact.params for fact in facts}
    labs = [
        *(found["lab_short"]["others"] if "lab_short" in found and "fails_next" in found else ()),
        *(found["labs_follow"]["others"] if "labs_follow" in found else ()),
    ]
    hosts = (found.get("fails_first") or found.get("fails_next") or {"others": ()})["others"]
    sentences = [_labs_follow(labs)] if labs else []
    sentences += [_same_cause(why, hosts) for why in dict.fromkeys(one["cause"] for one in hosts)]
    return " ".join([*sentences, *(_pays_for(found["pays"]) if "pays" in found else ())])


def _formatted(params: dict) -> dict:
    """Rates and dates of a premise as a sentence writes them."""
    return {
        key: numbers.day(value)
        if isinstance(value, str)
        else numbers.percent(value, 0 if round(value * 100, 6) % 1 == 0 else 2)
        for key, value in params.items()
    }


def failing(who: str) -> str:
    """Return a name in the colour of failure."""
    return f":red[{name(who)}]"


def paying(who: str) -> str:
    """Return a name in the accent."""
    return f':color[{name(who)}]{{foreground="{charts.ACCENT[charts.mode()]}"}}'


def _bold(names: Sequence[str]) -> str:
    return numbers.listing([f"**{name(who)}**" for who in names])


def _dated(falls: Sequence[dict]) -> str:
    return numbers.listing([f"**{name(one['who'])}** ({numbers.quarter(one['quarter'])})" for one in falls])


def _holds(opening: str, p: dict) -> str:
    clouds, labs = (spans.count(len(cached.those(ids))) for ids in (NEOCLOUDS, LABS))
    groups = [_("all {count} neoclouds").format(count=clouds), _("all {count} AI labs").format(count=labs)]
    text = _("{premise} {who} keep paying to the end of {year}.")
    return text.format(
        premise=opening, year=p["year"], who=numbers.listing([*groups, *map(name, cached.operators())])
    )


def _holds_but(opening: str, p: dict) -> str:
    text = _(
        "{premise} {who} pays {share} less than agreed{more}; all others keep paying in full to the end of "
        "{year}."
    )
    return text.format(premise=opening, year=p["year"], **_cuts(p["cuts"]))


def _labs_cut(_opening: str, p: dict) -> str:
    return _("{who} pays {share} less than agreed{more}.").format(**_cuts(p["cuts"]))


def _cuts(cuts: Sequence[dict]) -> dict[str, str]:
    first, *more = [(failing(one["who"]), cut(one["share"])) for one in cuts]
    return {"who": first[0], "share": first[1], "more": "".join(f", {who} {share}" for who, share in more)}


def _lab_short(opening: str, p: dict) -> str:
    text = _("{premise} {who} cannot pay its compute bill from the {quarter}")
    when = numbers.quarter_in_words(p["quarter"])
    text = text.format(premise=opening, who=failing(p["who"]), quarter=when)
    return text + (_others(p["others"]) if p["alone"] else ".")


def _fails_first(opening: str, p: dict) -> str:
    text = _("{premise} {who} fails in the {quarter}, {cause}")
    when = numbers.quarter_in_words(p["quarter"])
    return text.format(
        premise=opening, who=failing(p["who"]), quarter=when, cause=cause(p["cause"])
    ) + _others(p["others"])


def _fails_next(_opening: str, p: dict) -> str:
    text = _("{who} fails in the {quarter}, {cause}")
    when = numbers.quarter_in_words(p["quarter"])
    return text.format(who=failing(p["who"]), quarter=when, cause=cause(p["cause"])) + "."


def _others(others: Sequence[dict]) -> str:
    if not others:
        return "."
    if len(others) > 2:
        return _("; {count} others follow.").format(count=spans.count(len(others)))
    return ngettext("; {who} follows.", "; {who} follow.", len(others)).format(
        who=numbers.listing([failing(one["who"]) for one in others])
    )


def _labs_follow(labs: Sequence[dict]) -> str:
    text = ngettext(
        "{who} cannot pay its compute bill either.",
        "{who} cannot pay their compute bills either.",
        len(labs),
    )
    return text.format(who=_dated(labs))


def _same_cause(why: str, falls: Sequence[dict]) -> str:
    mine = [one for one in falls if one["cause"] == why]
    text = ngettext("{who} fails {cause}.", "{who} fail {cause}.", len(mine))
    return text.format(who=_dated(mine), cause=cause(why, many=len(mine) > 1))


def _pays(_opening: str, p: dict) -> str:
    first, *more = p["payers"]
    params = {
        "giver": paying(first["giver"]),
        "year": p["year"],
        "called": numbers.amount(first["called"]),
        "later": numbers.amount(first["later"]),
        "promised": numbers.amount(first["promised"]),
    }
    if first["called"] < PAYS:
        text = _("{giver} pays only after {year}: {later} of the {promised} billion dollars promised.")
        return text.format(**params)
    text = _("To {year} {giver} pays {called} of the {promised} billion dollars promised").format(**params)
    for payer in more:
        if payer["called"] >= PAYS:
            called, promised = numbers.amount(payer["called"]), numbers.amount(payer["promised"])
            text += _(", {giver} {called} of {promised}").format(
                giver=paying(payer["giver"]), called=called, promised=promised
            )
    return text + "."


def _pays_for(p: dict) -> list[str]:
    first, *more = p["payers"]  # those whom the headline names
    givers = [first["giver"], *(payer["giver"] for payer in more if payer["called"] >= PAYS)]
    text = _("{giver} pays for {what}").format(giver=_bold(givers[:1]), what=_(PROMISES[givers[0]]))
    for giver in givers[1:]:
        text += _(", {giver} for {what}").format(giver=_bold([giver]), what=_(PROMISES[giver]))
    alive = ngettext(
        "{alive} lives on the money of {giver}.", "{alive} live on the money of {giver}.", len(p["alive"])
    )
    told = [alive.format(alive=_bold(p["alive"]), giver=name(givers[0]))] if p["alive"] else []
    return [text + ".", *told]


def _nothing_called(_opening: str, _params: dict) -> str:
    return _("No guarantor is called.")


def _service(_opening: str, p: dict) -> str:
    now, before = (numbers.decimal(p[key], 2) for key in ("dscr", "baseline"))
    text = _("In {year} {who} earns {now} times what it owes its lenders.")
    if now != before and p["baseline"] is not None:
        text = _("In {year} {who} earns {now} times what it owes its lenders instead of {before}.")
    return text.format(year=p["year"], who=name(p["who"]), now=now, before=before)


def _investors(_opening: str, p: dict) -> str:
    net, before = numbers.percent(p["net"]), numbers.percent(p["baseline"])
    if net == before:
        return _("A mixed credit fund earns {net} a year.").format(net=net)
    if not numbers.missing(p["net"]) and p["net"] < 0:
        text = _("A mixed credit fund loses {loss} a year (today: +{before}).")
        return text.format(loss=numbers.percent(-p["net"]), before=before)
    return _("A mixed credit fund earns {net} a year instead of {before}.").format(net=net, before=before)


_SENTENCES = {
    "holds": _holds,
    "holds_but": _holds_but,
    "lab_short": _lab_short,
    "fails_first": _fails_first,
    "fails_next": _fails_next,
    "labs_cut": _labs_cut,
    "pays": _pays,
    "nothing_called": _nothing_called,
    "service": _service,
    "investors": _investors,
}


def then_and_now(fact: Fact) -> str:
    """Return one headline figure as it was when a link was shared, and as it is with today's data."""
    p = fact.params
    if fact.code == "failed":
        text = _("**{who}**: when shared, {then}; today's data: {now}.")
        then, now = (
            _("fails {quarter}").format(quarter=numbers.quarter(when)) if when else _("holds")
            for when in (p["then"], p["now"])
        )
        return text.format(who=name(p["who"]), then=then, now=now)
    if fact.code == "called":
        text = _("**{who}** is called for {now}; when shared, for {then}.")
        return text.format(
            who=name(p["who"]), then=numbers.money(p["then"]), now=numbers.money(p["now"])
        ).replace("$", "\\$")
    if fact.code == "cut":
        text = _("**{who}**: when shared, {then}; today's data: {now}.")
        then, now = (
            _("pays less from {quarter}").format(quarter=numbers.quarter(when))
            if when
            else _("pays as agreed")
            for when in (p["then"], p["now"])
        )
        return text.format(who=name(p["who"]), then=then, now=now)
    if fact.code == "dscr":
        text = _("**{who}** earns {now} times what it owes its lenders; when shared, {then}.")
        then, now = (numbers.decimal(p[key], 2) for key in ("then", "now"))
        return text.format(who=name(p["who"]), then=then, now=now)
    text = _("A mixed credit fund earns {now} a year; when shared, {then}.")
    return text.format(then=numbers.percent(p["then"]), now=numbers.percent(p["now"]))


_WHY = {
    "model_changed": N_("The model is another one: {now} instead of {then}."),
    "other_data": N_("The data are of {now}; when shared, they were of {then}."),
    "data_changed": N_("The data have been updated since."),
    "levers_repaired": N_("A lever of the link could not be used as it stood."),
    "edits_refused": N_("A data edit of the link could not be used."),
    "link_changed": N_("The levers in the link were changed after it was shared."),
    "corrected": N_("The model was corrected since."),
}


def why(fact: Fact) -> str:
    """Return why figures differ from those of when a link was shared."""
    params = fact.params
    if fact.code == "other_data":
        params = {word: numbers.day(str(date)) for word, date in params.items()}
    return _(_WHY[fact.code]).format(**params)


LIMITS = (
    N_("Contracts, covenants and fund terms that are not public are assumptions, and are marked as such."),
    N_("Fluidstack publishes no accounts; its cash and margins are estimates."),
    N_("Companies with debt do not renegotiate it here, and no government steps in."),
    N_("Building reacts to demand a year late, so shortage and glut can follow each other."),
    N_("A guarantee moves risk to the guarantor; it does not always make the whole safer."),
    N_("It says what follows from the figures and the levers. It does not say how likely that is."),
)
