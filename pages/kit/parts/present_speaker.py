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
    key = (here.code, talk.word, talk.number, visit.language(), cached.data(), visit.scenario()["h"])
    if st.session_state.get("talk_staged") != key:  # the speaker first: the next step is computed for it
        here.stage(staged(talk))
        st.session_state["talk_staged"] = key
    present_room.show(here, shown(talk))


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


def staged(talk: Talk) -> dict:
    """Return what the speaker sees, as `Room.stage` takes it."""
    count = len(talk.deck.steps)
    now, here, looked = _step(talk)
    told = {"title": talk.deck.title, "step": talk.number, "of": count, "now": now, "next": None}
    if talk.number < count:
        then, there, reached = _step(Talk(talk.word, talk.deck, talk.number + 1))
        told["next"] = then | {"does": _moves(here, there) + _change(looked, reached)}
    return told


def _step(talk: Talk) -> tuple[dict, Scenario, tuple]:
    """Return what a step says, the scenario that it stands at, and that with its data."""
    with present.at(talk.at):
        told = {
            "title": present.caption(talk.deck, talk.number),
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
