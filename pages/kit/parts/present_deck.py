"""Decks of one's own on the page Present: made, ordered, shared as a link or a file, opened again."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from core.scenario import decks
from core.scenario.decks import Deck
from core.web import web
from pages.kit.frame import address, choices, frame, own_deck, share
from pages.kit.parts import holdings_file, present
from pages.kit.visit import on_request, visit
from pages.kit.words import figures, numbers, words
from pages.kit.words.catalogue import _

FILE = "backstop-deck.json"
FILE_TYPE = "application/json"


def making() -> None:
    """Draw the deck in the making, and the ways in which one comes and goes."""
    deck = own_deck.deck()
    count = len(deck.steps)
    with st.container(key="present_own", border=True):
        st.markdown("## " + _("Your own deck"), anchors=False)
        if not count:
            st.markdown(
                _(
                    "On any page choose Share, then “Add this view to my deck”: levers, page and what you "
                    "look at become a step. Up to {limit} steps make a deck."
                ).format(limit=decks.MOST_STEPS)
            )
        else:
            _title(deck)
            for place in range(count):
                _step(deck, place)
            _ways(deck)
        _open_file()


def _title(deck: Deck) -> None:
    _field(_("What the deck is called"), "deck_title", deck.title, decks.LONGEST_TITLE, _named)


def _named(text: str) -> None:
    own_deck.keep(replace(own_deck.deck(), title=text))


def _field(label: str, key: str, value: str, most: int, take, *, lines: bool = False, **more) -> None:
    """Draw a field that shows a text of the deck and hands on what is typed, without what cannot be seen."""
    st.session_state[key] = value
    draw = st.text_area if lines else st.text_input
    draw(
        label,
        key=key,
        max_chars=most,
        on_change=lambda: take(decks.tidy(st.session_state.get(key) or "", most, lines=lines)),
        **more,
    )


def _step(deck: Deck, place: int) -> None:
    one = deck.steps[place]
    said = {"number": place + 1, "page": _(frame.named(one.page).title)}
    with st.container(key=f"deck_step_{place}", horizontal=True, vertical_alignment="bottom", gap="small"):
        label = _("Line of step {number} · {page}").format(**said)
        _field(label, f"deck_say_{place}", one.say, decks.LONGEST_SAY, lambda text: _change(place, say=text))
        step = "*" + _("step {number}").format(**said) + "*"
        for name, sign, text, can, act in (
            ("up", ":material/arrow_upward:", _("Up"), place > 0, lambda: _order(place, -1)),
            (
                "down",
                ":material/arrow_downward:",
                _("Down"),
                place + 1 < len(deck.steps),
                lambda: _order(place, 1),
            ),
            ("out", ":material/delete:", _("Remove"), True, lambda: _remove(place)),
        ):
            key = f"deck_{name}_{place}"
            st.button(f"{text} {step}", key=key, icon=sign, type="tertiary", disabled=not can, on_click=act)
        on_request.popover(
            _("Notes"), lambda: _notes(place), key=f"deck_more_{place}", icon=":material/notes:", of=label
        )


def _notes(place: int) -> None:
    one = own_deck.deck().steps[place]
    link = present.link_of(one)
    with visit.reading(visit.Reader(present.snapshots.step_of(link), visit.language())):
        st.caption(_("Levers:") + " " + figures.moved(visit.today(), visit.scenario()))
    _field(
        _("Notes, which only you see"),
        f"deck_notes_{place}",
        one.notes,
        decks.LONGEST_NOTES,
        lambda text: _change(place, notes=text),
        lines=True,
    )


def _change(place: int, **texts: str) -> None:
    deck = own_deck.deck()
    if place < len(deck.steps):
        steps = list(deck.steps)
        steps[place] = replace(steps[place], **texts)
        own_deck.keep(replace(deck, steps=tuple(steps)))


def _order(place: int, by: int) -> None:
    own_deck.keep(decks.moved(own_deck.deck(), place, by))


def _remove(place: int) -> None:
    own_deck.keep(decks.without(own_deck.deck(), place))


def word_of(deck: Deck) -> str:
    """Return the word by which an address means a deck: itself or, where too long, the one kept here."""
    text = decks.packed(deck)
    return text if len(text) < decks.LONGEST_PACKED else choices.OWN


def link(deck: Deck) -> str:
    """Return the link that opens a deck at its first step."""
    parts = urlsplit(st.context.url or "")
    told = urlencode({"deck": decks.packed(deck), "lang": deck.lang})
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", told, ""))


def _ways(deck: Deck) -> None:
    with st.container(key="deck_ways", horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            _("Present my deck"),
            key="present_mine",
            type="primary",
            icon=":material/play_arrow:",
            on_click=_begin,
        )
        on_request.popover(
            _("Share this deck"), lambda: _share(deck), key="deck_share", icon=":material/share:"
        )
        st.download_button(
            _("Save as a file"), decks.to_file(deck), FILE, FILE_TYPE, key="deck_save", on_click="ignore"
        )
        st.button(
            _("Start anew"),
            key="deck_anew",
            type="tertiary",
            on_click=own_deck.keep,
            args=(Deck(lang=visit.language()),),
        )


def _begin() -> None:
    present.begin(word_of(own_deck.deck()))


def _share(deck: Deck) -> None:
    url = link(deck)
    if address.is_too_long(url):
        text = _(
            "The link would have {count} characters, more than the {most} that arrive whole everywhere. "
            "Save the deck as a file."
        )
        st.markdown(text.format(count=numbers.decimal(len(url), 0), most=numbers.decimal(address.LONGEST, 0)))
        return
    name = deck.title or "Backstop"
    share.ways(url, f"{name}\n{url}", name, key="deck_link")
    text = _("The link has {count} characters, of {most} that arrive whole everywhere.")
    st.caption(text.format(count=numbers.decimal(len(url), 0), most=numbers.decimal(address.LONGEST, 0)))


# ---------------------------------------------------------------- a deck that comes in


def _open_file() -> None:
    holdings_file.draw_any(
        _opened,
        key="deck_file",
        kinds=".json",
        choose=_("Open a deck file"),
        large=_("This file is larger than {limit} MB; a deck is never that large."),
    )
    told = st.session_state.get("deck_file_told")
    if told:
        title = _("Not everything in this file could be taken; the rest was.")
        address.box(title, words.told(told), key="deck_banner")


def _opened(_name: str, content: bytes) -> None:
    found, messages = decks.from_file(content, web.refused_edits)
    st.session_state["deck_file_told"] = messages
    if found.steps:
        own_deck.keep(found)
