"""The story in steps: the article retold, section by section, with figures that each run computes anew."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from core.results.reading import Reading
from core.scenario.decks import Deck, DeckStep, pages
from core.scenario.levers import DATA, Scenario
from core.scenario.link import encode
from core.sources import facts
from core.sources.glossary import LANGUAGES
from core.web.web import Web

HORIZON = "horizon"  # the last quarter up to which sums go
KINDS = ("money", "percent", "turns", "decimal", "count", "quarter", "year")
BEFORE, MEASURE, ROW = "before:", "measure:", "row:"


@dataclass(frozen=True)
class Section:
    """One step of the story.

    Attributes
    ----------
    section : str
        Of the article.
    page : str
        Whose chart is shown.
    query : str
        Scenario and view choices, as words of a link.
    say, headline : mapping of language to str
        The line to say, and the sentence in large type with gaps for figures; empty: the page's own answer.
    figures : mapping of str to (kind, place)
        How the figure of each gap is written, and where a run has it.
    claims : tuple of str
        Ids of the article's sentences that are the speaker's notes.
    """

    section: str
    page: str
    query: str
    say: Mapping[str, str]
    headline: Mapping[str, str]
    figures: Mapping[str, tuple[str, str]]
    claims: tuple[str, ...]


@lru_cache(maxsize=1)
def sections() -> tuple[Section, ...]:
    """Return the steps in their order.

    Raises
    ------
    ValueError
        When one names a page, a sentence or a way to write that there is not.

    Examples
    --------
    >>> [one.section for one in sections()] == [str(number) for number in range(1, 1 + len(sections()))]
    True
    """
    told = tomllib.loads((DATA / "story.toml").read_text(encoding="utf-8"))["step"]
    return tuple(_section(entry) for entry in told)


def _section(entry: Mapping[str, Any]) -> Section:
    levers = entry.get("levers", {})
    figures = {name: tuple(given) for name, given in entry.get("figures", {}).items()}
    if entry["page"] not in pages() or not facts.claims().keys() >= set(entry["claims"]):
        raise ValueError(f"story.toml, section {entry['section']}: no such page or sentence")
    if not {kind for kind, _place in figures.values()} <= set(KINDS):
        raise ValueError(f"story.toml, section {entry['section']}: figures are written as {KINDS}")
    return Section(
        section=entry["section"],
        page=entry["page"],
        query=encode(Scenario.from_mapping(levers), levers, extras=entry.get("view", {})),
        say=MappingProxyType({code: entry[f"say_{code}"] for code in LANGUAGES}),
        headline=MappingProxyType({code: entry.get(f"headline_{code}", "") for code in LANGUAGES}),
        figures=MappingProxyType(figures),
        claims=tuple(entry["claims"]),
    )


@lru_cache(maxsize=len(LANGUAGES))
def deck(language: str) -> Deck:
    """Return the story as a deck, its title left to the page; the figures come when a step is drawn.

    Parameters
    ----------
    language : str
        "en" or "nl".

    Examples
    --------
    >>> deck("nl").steps[0].say, len(deck("en").steps) == len(sections())
    ('Big Tech bouwt sneller dan het verdient', True)
    """
    known = facts.claims()
    steps = [
        DeckStep(
            page=one.page,
            query=one.query,
            say=one.say[language],
            notes="\n".join(
                text
                for name in one.claims
                for text in (known[name].says[language], known[name].record[language])
                if text
            ),
        )
        for one in sections()
    ]
    return Deck("", tuple(steps), language)


def figure(place: str, now: Reading, before: Reading, web: Web) -> float | str | None:
    """Return a figure of a run, in the unit that the run has it in, or a quarter; None: not defined.

    Parameters
    ----------
    place : str
        As `Section.figures` has it.
    now, before : Reading
        Of the scenario, and of today's data.
    web : Web
        The data of both.

    Examples
    --------
    >>> from core import Scenario, load_web, run
    >>> from core.results.reading import Reading
    >>> from core.results.measures import Measures
    >>> read = Reading(Measures(run(load_web(), Scenario.default())))
    >>> figure("failed_count", read, read, load_web())
    0.0
    """
    reading = before if place.startswith(BEFORE) else now
    place = place.removeprefix(BEFORE)
    if place == HORIZON:
        return reading["quarters"][reading["last_quarter"]]
    if place.startswith(ROW):
        return float(web.value(place.removeprefix(ROW)))
    if place.startswith(MEASURE):
        return float(reading.measures.value(place.removeprefix(MEASURE))[reading.i])
    found: Any = reading
    for word in place.split("."):
        if isinstance(found, list):
            found = found[int(word)] if word.isdigit() else next(one for one in found if one["id"] == word)
        else:
            found = found[word]
    return found if found is None or isinstance(found, str) else float(found)
