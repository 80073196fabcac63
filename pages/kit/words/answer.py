"""The answer in one sentence: who fails, and who pays. When and why stands in the pages."""

from __future__ import annotations

from collections.abc import Sequence

from core.results.narrative import Fact
from pages.kit.visit import cached
from pages.kit.words import numbers, spans
from pages.kit.words.catalogue import _, ngettext
from pages.kit.words.words import PAYS, failing, name, paying, premise_of

NAMED = 2  # who fail are named; more are counted


def sentence(facts: Sequence[Fact]) -> str:
    """Return what happens in one sentence, who fails in the colour of failure and who pays in the accent."""
    found = {fact.code: fact.params for fact in facts}
    falls = _falls(found)
    params = {
        "premise": premise_of(facts[0]),
        "all": spans.named(),
        "who": numbers.listing(list(map(failing, falls))),
        "count": spans.count(len(falls)),
    }
    end = _payers(found.get("pays"))
    if not falls:
        text = _("{premise} all {all} companies keep paying")
        if "labs_cut" in found:
            cuts = [name(one["who"]) for one in found["labs_cut"]["cuts"]]
            params["who"] = numbers.listing(cuts)
            if cuts[NAMED:]:
                params["who"] = _("{count} AI labs").format(count=spans.count(len(cuts)))
            text = ngettext(
                "{premise} {who} pays less than agreed", "{premise} {who} pay less than agreed", len(cuts)
            )
            end = end or _(" and nobody fails")
    elif len(falls) == len(cached.named()):
        text = _("{premise} :red[all {all} companies] fail")
    elif len(falls) <= NAMED:
        text = ngettext("{premise} {who} fails", "{premise} {who} fail", len(falls))
    else:
        text = _("{premise} :red[{count} of {all} companies] fail")
    return text.format(**params) + end + "."


def _falls(found: dict) -> list[str]:
    """List who fails, those whom the facts name first at the head."""
    falls = []
    for code in ("lab_short", "fails_first", "fails_next", "labs_follow"):
        if code in found:
            told = found[code]
            falls += [*([told["who"]] if "who" in told else []), *(one["who"] for one in told["others"])]
    return falls


def _payers(pays: dict | None) -> str:
    """Return the end of the sentence: whom a guarantor keeps alive, else which ones have to pay."""
    payers = [payer["giver"] for payer in pays["payers"] if payer["called"] >= PAYS] if pays else []
    if not payers:
        return ""
    if kept := pays.get("kept"):
        giver = max(kept, key=lambda one: len(kept[one]))
        who, *more = kept[giver]
        text = _(" and {giver} keeps {count} others alive") if more else _(" and {giver} keeps {who} alive")
        return text.format(giver=paying(giver), who=name(who), count=spans.count(1 + len(more)))
    text = ngettext(" and {giver} has to pay", " and {giver} have to pay", len(payers))
    return text.format(giver=numbers.listing(list(map(paying, payers))))
