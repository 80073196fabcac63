"""What a room is told of a talk: its step for the audience; for the speaker now, next, what the move does."""

from __future__ import annotations

import streamlit as st

from core.scenario.levers import Scenario
from core.sources import story
from pages.kit.audience.shown import Shown
from pages.kit.frame import choices, frame, own_deck
from pages.kit.parts import present, present_room
from pages.kit.parts.present import Talk
from pages.kit.visit import cached, visit
from pages.kit.words import figures, words
from pages.kit.words.catalogue import _


def tell(talk: Talk) -> None:
    """Tell the room of this visit which step is on the screen; first of all, as others wait for it."""
    here = present_room.room()
    if here is None:
        return
    of = (here.code, talk.deck, talk.word, visit.language(), visit.scenario()["h"])
    known, steps = st.session_state.get("talk_staged", (None, []))
    if known != of:
        steps = staged(talk)
        st.session_state["talk_staged"] = (of, steps)
    here.stage({"title": talk.deck.title, "step": talk.number, "steps": steps})
    here.publish(shown(talk))


def shown(talk: Talk) -> Shown:
    """Return what the audience sees of a step, in every language, at the levers on the screen."""
    entry, seen, count = frame.named(talk.at.page), present.views(talk.at), len(talk.deck.steps)

    def headline() -> str:
        with visit.seen(seen):
            return words.plain(present.headline(talk))

    with visit.seen(seen):
        query = own_deck.view(talk.at.page).query
    lines = {language: line(talk, language) for language in visit.LANGUAGES}
    title = present_room.both(lambda: _(entry.title))
    place = present_room.path(talk.at.page)
    return Shown(place, query, title, present_room.both(headline), talk.number, count, lines)


def line(talk: Talk, language: str) -> str:
    """Return the line of a step: that of the story in a language, of any other deck as it was written."""
    if talk.word == choices.STORY:
        return story.deck(language).steps[talk.number - 1].say
    return talk.at.say


def staged(talk: Talk) -> list[dict]:
    """Return what the speaker sees of each step, as `Room.stage` takes them."""
    told: list[dict] = []
    before: tuple | None = None
    for number in range(1, len(talk.deck.steps) + 1):
        said, scenario, looked = _step(Talk(talk.word, talk.deck, number))
        said["does"] = [] if before is None else _moves(before[0], scenario) + _change(before[1], looked)
        before = scenario, looked
        told.append(said)
    return told


def _step(talk: Talk) -> tuple[dict, Scenario, tuple]:
    """Return what a step says, the scenario that it stands at, and that with its data."""
    with present.at(talk.at):
        told = {
            "title": _(frame.named(talk.at.page).title),
            "headline": words.plain(present.headline(talk)),
            "say": talk.at.say,
            "notes": talk.at.notes,
            "query": talk.at.query,
        }
        return told, visit.scenario(), (visit.scenario(), cached.data())


def _moves(here: Scenario, there: Scenario) -> list[dict]:
    return [
        {
            "name": one["name"],
            "now": f"{one['old']} {one['unit']}".strip(),
            "then": f"{one['new']} {one['unit']}".strip(),
        }
        for one in present.moves(here, there)
    ]


def _change(here: tuple, there: tuple) -> list[dict]:
    rows = []
    for pair in cached.compare(here, there):
        now, then = (figures.write(pair.measure, value) for value in (pair.a, pair.b))
        if now != then:
            rows.append({"name": figures.label(pair.measure), "now": now, "then": then, "first": not rows})
    return rows
