"""What a link says before it is opened: its scenario in sentences, who stands how, and in which language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from core.results import measures, narrative
from core.scenario import link as codec
from core.scenario.levers import Scenario
from core.web import web
from pages.kit.drawing import charts
from pages.kit.frame import snapshots
from pages.kit.frame.frame import PAGES, Entry
from pages.kit.parts import overview
from pages.kit.visit import cached, visit
from pages.kit.words import numbers, words
from pages.kit.words.catalogue import N_, _

LONGEST = 4096  # characters of a query that is read; a longer one is told as if it were empty
FALLEN = ("failed", "renegotiated", "distressed", "stretched", "supported")  # told first, in this order
LOCALES = {"en": "en_GB", "nl": "nl_NL"}
PREFERRED = re.compile(
    r"\s*([a-z]{1,8})[a-z0-9-]*\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*", re.IGNORECASE | re.ASCII
)
TAGLINE = N_("Who fails first, who pays, and why?")
INVITED = N_("Move a few levers and see at once who keeps paying, what lenders earn and what guarantors owe.")
START = visit.Step(Scenario.default())  # of a link that sets nothing


@dataclass(frozen=True)
class Link:
    """What a link asks for: a page, a step, a language, and the view choices of the page."""

    page: Entry
    step: visit.Step
    language: str
    choices: tuple[tuple[str, str], ...] = ()
    says_language: bool = False
    is_embedded: bool = False
    is_read: bool = True

    def query(self) -> str:
        """Return the link's own query, written as this app writes it, without receipt; empty for no lever."""
        here = self.step
        language = self.language if self.says_language else None
        text = codec.encode(
            here.scenario,
            here.touched,
            lang=language,
            extras=dict(self.choices),
            edits=here.edits,
            data=here.snapshot,
        )
        if here == START and not self.choices:
            text = urlencode({"lang": language}) if language else ""
        return text

    def picture(self) -> str:
        """Return the query of the link's picture: scenario and language, model version, date of the data."""
        here = self.step
        text = codec.encode(
            here.scenario, here.touched, lang=self.language, edits=here.edits, data=here.snapshot
        )
        return text if here.snapshot else f"{text}&{urlencode({'data': snapshots.date_of(here)})}"


@dataclass(frozen=True)
class Standing:
    """One company on a picture: its name, how it stands as a code and in words."""

    name: str
    code: str
    words: str


@dataclass(frozen=True)
class Said:
    """What is said of a step: a sentence, the rest, the companies that are watched, calls, and the date."""

    sentence: str
    rest: str
    language: str
    standing: tuple[Standing, ...] = ()
    calls: str = ""
    dated: str = ""

    def alt(self) -> str:
        """Return what the picture shows, for who does not see it."""
        told = ", ".join(f"{one.name}: {one.words}" for one in self.standing)
        return " ".join(filter(None, (self.sentence, told and f"{told}.", self.dated and f"{self.dated}.")))


def language_of(accepted: str) -> str:
    """Return the language that a browser prefers, of those there are: that of its header; else English."""
    weights: dict[str, float] = {}
    for part in accepted[:200].split(","):
        if found := PREFERRED.fullmatch(part):
            weights.setdefault(found[1].lower(), float(found[2] or 1))
    known = {code: weight for code, weight in weights.items() if code in visit.LANGUAGES and weight > 0}
    return max(known, key=known.__getitem__, default="en")


def read(page: Entry, query: str, accepted: str = "") -> Link:
    """Read a link outside a session, however bent; one that is too long is read as an empty one."""
    is_read = len(query) <= LONGEST
    if not is_read:
        return Link(page, START, language_of(accepted), is_read=False)
    keys = tuple(dict.fromkeys(key for entry in PAGES for key in entry.view_keys))
    parsed = codec.parse(query, view_keys=keys, check_edits=web.refused_edits)
    choices = tuple((key, value) for key, value in parsed.extras.items() if key in page.view_keys)
    return Link(
        page,
        snapshots.step_of(parsed),
        parsed.lang or language_of(accepted),
        choices,
        says_language=parsed.lang is not None,
        is_embedded=bool(re.search(r"(?:^|[?&])embed=true(?:&|$)", query, re.IGNORECASE)),
    )


def of(step: visit.Step, language: str) -> Said:
    """Say what happens at a step, in a language: one run of the model."""
    with charts.on_paper(), visit.reading(visit.Reader(step, language)):
        first, *rest = map(words.plain, words.sentences(cached.headline()))
        now = cached.read(step.scenario)
        date = numbers.day(cached.snapshot().snapshot)
        dated = _("Data of {date} · model {model}").format(date=date, model=codec.MODEL_VERSION)
        return Said(first, " ".join(rest), language, _standing(now), _calls(now), dated)


def default(language: str) -> Said:
    """Say what the app is, where nothing can be said of a scenario."""
    with visit.reading(visit.Reader(START, language)):
        return Said(_(TAGLINE), _(INVITED), language)


def _standing(now: Mapping) -> tuple[Standing, ...]:
    """Who failed, in the order of failing, then who is in trouble, who is supported, and all others."""
    order = {code: place for place, code in enumerate(FALLEN)}
    found = [(words.name(who), fact) for who, fact, _breach in overview.standing(now)]
    found.sort(key=lambda one: (order.get(one[1].code, len(order)), one[1].params.get("quarter", "")))
    return tuple(Standing(name, fact.code, _briefly(fact)) for name, fact in found)


def _briefly(fact: narrative.Fact) -> str:
    """How a company stands, in few words: there is room for a name and a quarter."""
    if fact.code == "supported":
        return _("{giver} pays").format(giver=words.name(fact.params["giver"]))
    if fact.code == "renegotiated":
        return _("cuts {quarter}").format(quarter=numbers.quarter(fact.params["quarter"]))
    return words.status(fact)


def _calls(now: Mapping) -> str:
    total = sum(measures.called(giver, now["last_quarter"]) for giver in now["guarantors"])
    year = now["quarters"][now["last_quarter"]][:4]
    if total < words.PAYS:
        return _("No guarantor is called to {year}").format(year=year)
    return _("Guarantors pay {amount} to {year}").format(amount=numbers.money(total), year=year)
