"""What a link says before it is opened: its scenario in sentences, who stands how, and in which language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from core.results import measures, narrative
from core.scenario import link as codec
from core.scenario.levers import Scenario
from core.web import web
from pages.kit.drawing import charts
from pages.kit.frame import snapshots
from pages.kit.frame.frame import PAGES, Entry
from pages.kit.parts import summary
from pages.kit.visit import cached, visit
from pages.kit.words import answer, numbers, words
from pages.kit.words.catalogue import N_, _, ngettext

LONGEST = 4096  # characters of a query that is read; of a longer one only language and size of the page
MOST_FIELDS = 1000  # of a query that is read: Streamlit hands a page no more
FALLEN = ("failed", "renegotiated", "distressed", "stretched", "supported")  # told first, in this order
LOCALES = {"en": "en_GB", "nl": "nl_NL"}
NOT_OURS = ("embed", "embed_options", visit.MARK)  # parameters that are not a part of a scenario
_LANGUAGE = re.compile(rf"(?:^|&)lang=({'|'.join(visit.LANGUAGES)})(?:&|$)", re.IGNORECASE)
_EMBEDDED = re.compile(r"(?:^|[?&])embed=true(?:&|$)", re.IGNORECASE)
TAGLINE = PAGES[0].question
INVITED = N_("Move a few levers and see at once who keeps paying, what lenders earn and what guarantors owe.")
START = visit.Step(Scenario.default())  # of a link that sets nothing


@dataclass(frozen=True)
class Link:
    """What a link asks for: a page, a step, a language, and the view choices of the page.

    `model` is the version that it was made with; one that was not read says its language and size at most.
    """

    page: Entry
    step: visit.Step
    language: str
    choices: tuple[tuple[str, str], ...] = ()
    says_language: bool = False
    is_embedded: bool = False
    is_read: bool = True
    model: str | None = None

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
        if self.model:  # an older link goes on saying so
            text = text.replace(f"m={codec.MODEL_VERSION}", f"m={self.model}", 1)
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


def unread(page: Entry, query: str, accepted: str = "") -> Link:
    """Return a link that there is no time to read: only its language and whether it may be framed."""
    lang = _LANGUAGE.search(query)
    return Link(
        page,
        START,
        lang[1].lower() if lang else visit.preferred(accepted),
        says_language=lang is not None,
        is_embedded=_EMBEDDED.search(query) is not None,
        is_read=False,
    )


def is_readable(query: str) -> bool:
    """Tell a query of a size that is read."""
    return len(query) <= LONGEST and query.count("&") < MOST_FIELDS


def read(page: Entry, query: str, accepted: str = "") -> Link:
    """Read a link outside a session, however bent, from the parameters that Streamlit hands to the page.

    One that is too long is not read.
    """
    if not is_readable(query):
        return unread(page, query, accepted)
    given = {
        name: values
        for name, values in parse_qs(query, keep_blank_values=True).items()
        if name.lower() not in NOT_OURS
    }
    keys = tuple(dict.fromkeys(key for entry in PAGES for key in entry.view_keys))
    parsed = codec.parse(given, view_keys=keys, check_edits=web.refused_edits)
    choices = tuple((key, value) for key, value in parsed.extras.items() if key in page.view_keys)
    return Link(
        page,
        snapshots.step_of(parsed),
        parsed.lang or visit.preferred(accepted),
        choices,
        says_language=parsed.lang is not None,
        is_embedded=_EMBEDDED.search(query) is not None,
        model=None if codec.MIGRATIONS else parsed.model,  # words that have changed are today's
    )


def of(step: visit.Step, language: str) -> Said:
    """Say what happens at a step, in a language: one run of the model.

    Figures that were edited by hand are told as such first in the sentence, the rest and the date.
    """
    with charts.on_paper(), visit.reading(visit.Reader(step, language)):
        facts = cached.headline()
        first, *rest = map(words.plain, (answer.sentence(facts), *words.sentences(facts)))
        now = cached.read(step.scenario)
        date = numbers.day(cached.snapshot().snapshot)
        dated = _("Data of {date} · model {model}")
        if count := len(step.edits):
            first = _("Edited data. {sentence}").format(sentence=first)
            text = ngettext(
                "{count} figure was edited by hand.", "{count} figures were edited by hand.", count
            )
            rest = [text.format(count=count), *rest]
            dated = _("Edited by hand: data of {date} · model {model}")
        dated = dated.format(date=date, model=codec.MODEL_VERSION)
        return Said(first, " ".join(rest), language, _standing(now), _calls(now), dated)


def default(language: str) -> Said:
    """Say what the app is, where nothing can be said of a scenario."""
    with visit.reading(visit.Reader(START, language)):
        return Said(_(TAGLINE), _(INVITED), language)


def _standing(now: Mapping) -> tuple[Standing, ...]:
    """Who failed, in the order of failing, then who is in trouble, who is supported, and all others."""
    order = {code: place for place, code in enumerate(FALLEN)}
    found = [(words.name(who), fact) for who, fact, _breach in summary.standing(now)]
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
