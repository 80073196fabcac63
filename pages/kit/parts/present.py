"""The parts of the page Present: which deck and step, the step in large type, what leads on and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import streamlit as st

from core.scenario import decks
from core.scenario.decks import Deck, DeckStep
from core.scenario.levers import Scenario, lever, levers
from core.scenario.link import Parsed, parse
from core.scenario.messages import Message
from core.sources import story
from core.web import web
from pages.kit.drawing import plot
from pages.kit.frame import address, choices, frame, navigation, own_deck, share, snapshots
from pages.kit.frame.lever import unit
from pages.kit.parts import present_charts, present_room, present_words
from pages.kit.visit import cached, visit
from pages.kit.words import figures, numbers, spans, words
from pages.kit.words.catalogue import _

KEY = "present"
TALK = -1  # the drag of all moves of a talk: one step for Undo

_component = st.components.v2.component(
    "backstop_present",
    html='<div class="backstop-present"></div>',
    js=plot.beside("node.js")
    + "".join(
        Path(__file__).with_name(name).read_text("utf-8") for name in ("present.js", "present_room.js")
    ),
    css=Path(__file__).with_name("present.css").read_text(encoding="utf-8"),
    isolate_styles=False,
)


@dataclass(frozen=True)
class Talk:
    """Which deck is presented, by its word in the address, and the number of the step on the screen."""

    word: str
    deck: Deck
    number: int

    @property
    def at(self) -> DeckStep:
        """The step on the screen."""
        return self.deck.steps[self.number - 1]

    @property
    def is_story(self) -> bool:
        """Whether it is the story of the article, whose sentences have gaps for figures."""
        return self.word == choices.STORY


@lru_cache(maxsize=64)
def _unpacked(word: str) -> tuple[Deck, tuple[Message, ...]]:
    return decks.unpacked(word, web.refused_edits)


def deck_of(word: str) -> tuple[Deck, tuple[Message, ...]]:
    """Return the deck that a word of the address means, and what could not be taken of it."""
    if word == choices.STORY:
        return story.deck(visit.language()), ()
    if word != choices.OWN:
        return _unpacked(word)
    own = own_deck.deck()
    return own, () if own.steps else (Message("deck_gone"),)


def talk() -> Talk | None:
    """Return what is presented; the scenario of a step that a link opens becomes the visit's."""
    word = visit.extras().get("deck")
    if not word:
        return _no_talk()
    deck, messages = deck_of(word)
    given = visit.extras().get("step", "1")
    number = int(given) if given.isdigit() else 0
    if not 1 <= number <= max(len(deck.steps), 1):
        messages = (*messages, Message("deck_no_such_step", {"given": given[:40]}))
        number = 1
    visit.extras()["step"] = str(number)
    here, is_new = visit.step(), st.session_state.get("talk") != (word, number)
    if deck.steps and is_new and not (here.touched or here.edits or here.snapshot):
        _show(deck.steps[number - 1])  # a link that says no more than its step
    if messages and st.session_state.get("deck_told") != word:
        address.tell(messages)
    st.session_state["deck_told"] = word
    if not deck.steps:
        return _no_talk()
    found = Talk(word, deck, number)
    st.session_state["talk"] = (word, number)
    _listen()
    return found


def _no_talk() -> None:
    for key in ("deck", "step"):
        visit.extras().pop(key, None)
    own_deck.stand()
    _listen()


def _listen() -> None:
    visit.listen(KEY, _asked, once=True)


# ---------------------------------------------------------------- moves


def _asked(moved: Mapping) -> None:
    """Do what a key or a button of `present.js` asks for."""
    at, number, key = moved.get("at"), moved.get("step"), moved.get("key")
    if isinstance(at, int | float) and 0 <= at <= 1:
        st.session_state["talk_frame"] = float(at)
    elif isinstance(number, int) and visit.extras().get("deck"):
        go(visit.extras()["deck"], number)
    elif key == "q":
        st.session_state["talk_code"] = st.session_state.get("talk")
    elif key in present_room.KEYS:
        present_room.asked(key)


def go(word: str, number: int) -> None:
    """Go to a step of a deck, as far as there is one; its scenario becomes that of the visit."""
    deck, _messages = deck_of(word)
    if not 1 <= number <= len(deck.steps):
        return
    before = visit.step()
    _show(deck.steps[number - 1])
    after = visit.step()
    visit.own_event()
    visit.extras()["deck"], visit.extras()["step"] = word, str(number)
    st.session_state["talk"] = (word, number)
    same_data = (before.snapshot, before.edits) == (after.snapshot, after.edits)
    if same_data and before.scenario != after.scenario:
        st.session_state["talk_from"] = before.scenario
        if not is_still():
            st.session_state["talk_frame"] = 0.0
    else:
        st.session_state.pop("talk_from", None)


def is_still() -> bool:
    """Tell whether the visitor's system asks for less motion."""
    return bool((st.session_state.get(KEY) or {}).get("still"))


def _show(step: DeckStep) -> None:
    """Make the scenario of a step the visit's; all steps of a talk are one for Undo."""
    visit.go(step_of(step), drag=TALK)


def step_of(step: DeckStep) -> visit.Step:
    """Return where a step of a talk stands; how far the model runs stays what the visitor chose."""
    link = link_of(step)
    wanted = snapshots.step_of(link)
    keep = {} if "h" in link.touched else {"h": visit.scenario()["h"]}
    return visit.Step(wanted.scenario.replace(**keep), wanted.touched, wanted.edits, wanted.snapshot)


@lru_cache(maxsize=256)
def link_of(step: DeckStep) -> Parsed:
    """Return what the link of a step says."""
    return parse(step.query, view_keys=choices.NAMES)


def begin(word: str) -> None:
    """Begin a talk at its first step."""
    st.session_state["deck_told"] = None
    go(word, 1)


# ---------------------------------------------------------------- the step on the screen


def step(talk: Talk) -> None:
    """Draw a step: the line, the sentence, what moved, the chart; and what leads on and back."""
    extras, url = views(talk.at), address.share_url()
    own_deck.stand(talk.at.page, extras)
    with st.container(key="present_step", gap=None), visit.seen(extras):
        if talk.at.say:
            with st.container(key="present_say"):
                st.text(talk.at.say)
        st.markdown(f"# {headline(talk)}", anchors=False)
        old, at = st.session_state.get("talk_from"), st.session_state.pop("talk_frame", None)
        _keys(talk, old, at, url)
        mixed = None if at is None or old is None else _between(old, visit.scenario(), at)
        with plot.large(plot.Large(mixed, present_charts.is_dense(talk.at.page))):
            present_charts.draw(talk.at.page)


def headline(talk: Talk) -> str:
    """Return the sentence of a step, in markdown of our own: that of the story, else the page's.

    The story's is written for the levers of its step; where others stand, the page says what comes of those.
    """
    if talk.is_story and visit.is_same(step_of(talk.at), visit.step()):
        section = story.sections()[talk.number - 1]
        if text := section.headline[visit.language()]:
            return text.format(**_figures(section))
    return present_charts.sentence(talk.at.page)


_WRITE = {
    "money": numbers.money,
    "percent": numbers.percent,
    "turns": numbers.turns,
    "decimal": numbers.decimal,
    "count": lambda number: spans.count(int(number)),
    "quarter": numbers.quarter_in_words,
    "year": lambda quarter: quarter[:4],
}


def _figures(section: story.Section) -> dict[str, str]:
    """Write the figures of a sentence, computed for the scenario on the screen."""
    now, before, data = cached.read(visit.scenario()), cached.baseline(), cached.snapshot()
    return {
        name: _WRITE[kind](story.figure(place, now, before, data))
        for name, (kind, place) in section.figures.items()
    }


def views(step: DeckStep) -> dict[str, str]:
    """Return the view choices of a step that its page knows."""
    given, keys = link_of(step).extras, frame.named(step.page).view_keys
    return {key: choices.sound(key, word) or "" for key, word in given.items() if key in keys}


def _between(old: Scenario, new: Scenario, at: float) -> Scenario:
    """Return the scenario on the way from one to another; what is no number changes at the end."""
    if at >= 1:
        return new
    numbers_moved = [one for one in levers() if one.kind == "number" and old[one.id] != new[one.id]]
    mixed = {one.id: round(old[one.id] + (new[one.id] - old[one.id]) * at, 2) for one in numbers_moved}
    return old.replace(**mixed)


def moves(old: Scenario | None, new: Scenario) -> list[dict]:
    """Return the levers that moved: what each is called, from where to where, in words and as numbers."""
    if old is None:
        return []
    told = []
    for word in old.differs_from(new):
        one = lever(word)
        row = {"name": figures.lever_name(word), "unit": unit(one)}
        if one.kind == "number":
            row |= {"from": float(old[word]), "to": float(new[word])}
            row |= {"old": numbers.typed(old[word]), "new": numbers.typed(new[word])}
        else:
            row |= {name: figures.lever_setting(word, s[word]) for name, s in (("old", old), ("new", new))}
            row["unit"] = ""
        told.append(row)
    return told


def caption(deck: Deck, number: int) -> str:
    """Return what a step is called where there is little room: its line, else its page."""
    if not 1 <= number <= len(deck.steps):
        return ""
    one = deck.steps[number - 1]
    return one.say or _(frame.named(one.page).title)


def _keys(talk: Talk, old: Scenario | None, at: float | None, url: str) -> None:
    """Draw what leads through the talk, and hear its keys."""
    count = len(talk.deck.steps)
    asked, room = st.session_state.get("talk_code") == (talk.word, talk.number), present_room.told()
    url = (room and room["way"]) or url  # an audience comes in by that of its room
    data = {
        "answered": visit.answered(KEY),
        "talk": talk.word,
        "number": talk.number,
        "count": count,
        "captions": [caption(talk.deck, number) for number in range(1, count + 1)],
        "pages": [_(frame.named(one.page).title) for one in talk.deck.steps],
        "moves": moves(old, visit.scenario()),
        "at": at,
        "still": is_still(),
        "comma": visit.language() == "nl",
        "room": room,
        "code": None if not asked or address.is_too_long(url) else share.as_data(url),
        "url": url,
        "too_long": address.is_too_long(url),
        "home": navigation.root("present") + present_room.path(talk.at.page),
        "words": present_words.said(count),
        "paper": paper(talk),
    }
    _component(key=KEY, data=data, on_moved_change=lambda: None, on_still_change=lambda: None)


# ---------------------------------------------------------------- paper


def paper(talk: Talk) -> list[dict]:
    """Return every step for paper, one a page: line, sentence, answer in words, levers, notes."""
    of = (talk.deck, visit.language(), talk.word, visit.scenario()["h"])
    known, pages = st.session_state.get("talk_paper", (None, []))
    if known != of:
        pages = [_on_paper(talk, number) for number in range(1, len(talk.deck.steps) + 1)]
        st.session_state["talk_paper"] = (of, pages)
    return pages


def _on_paper(talk: Talk, number: int) -> dict:
    told = Talk(talk.word, talk.deck, number)
    with at(told.at):
        sentence, more = headline(told), present_charts.answer_of(told.at.page)
        return {
            "say": caption(told.deck, number),
            "headline": words.plain(sentence),
            "more": words.plain(more) if more != sentence else "",
            "levers": figures.moved(visit.today(), visit.scenario()),
            "notes": told.at.notes,
        }


@contextmanager
def at(step: DeckStep) -> Iterator[None]:
    """Stand at a step of a talk as a reader who has no visit, to say what it says."""
    with visit.reading(visit.Reader(step_of(step), visit.language())), visit.seen(views(step)):
        yield


# ---------------------------------------------------------------- the first screen


def start() -> None:
    """Offer the story of the article, and say what it tells."""
    deck = story.deck(visit.language())
    with st.container(key="present_story", border=True):
        label = present_words.story(len(deck.steps))
        st.markdown(f"## {label}", anchors=False)
        st.markdown(
            _("What the article says, section by section, with every figure computed anew as it is shown.")
        )
        st.button(
            _("Present the story"),
            key="present_begin",
            type="primary",
            icon=":material/play_arrow:",
            on_click=begin,
            args=(choices.STORY,),
        )
        st.markdown("\n".join(f"{i}. {one.say}" for i, one in enumerate(deck.steps, start=1)))
