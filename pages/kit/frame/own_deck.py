"""The deck that a visitor makes: views of any page, added one by one, kept in the visit until shared."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.scenario import link as codec
from core.scenario.decks import LONGEST_SAY, MOST_STEPS, Deck, DeckStep, pages, tidy
from pages.kit.frame import choices
from pages.kit.visit import visit
from pages.kit.words.catalogue import _, ngettext

KEPT = "own_deck"


def deck() -> Deck:
    """Return the deck in the making."""
    return st.session_state.setdefault(KEPT, Deck(lang=visit.language()))


def keep(new: Deck) -> None:
    """Go on with another deck."""
    visit.own_event()
    st.session_state[KEPT] = new


def view(page: str) -> DeckStep:
    """Return what is on the screen as a step of a deck."""
    here = visit.step()
    extras = {key: value for key, value in visit.extras().items() if choices.is_of(page, key, value)}
    query = codec.encode(here.scenario, here.touched, extras=extras, edits=here.edits, data=here.snapshot)
    return DeckStep(page, query)


def offer(page: str) -> None:
    """Offer to add the view of a page to the deck; where it cannot be one, offer nothing."""
    if page not in pages():
        return
    count = len(deck().steps)
    with st.container(key="deck_add", horizontal=True, vertical_alignment="bottom"):
        st.text_input(_("A line to say with it in a talk"), key="deck_line", max_chars=LONGEST_SAY)
        full = count >= MOST_STEPS
        st.button(_("Add this view to my deck"), key="add_view", on_click=_add, args=(page,), disabled=full)
    if full:
        st.caption(_("A deck has up to {limit} steps, and yours has them all.").format(limit=MOST_STEPS))
    elif st.session_state.pop("deck_added", False):
        added = ngettext("added: {count} step", "added: {count} steps", count).format(count=count)
        st.markdown(added + " · " + _("Order them and present them on the page Present."))


def _add(page: str) -> None:
    said = tidy(st.session_state.get("deck_line") or "", LONGEST_SAY)
    old = deck()
    if len(old.steps) < MOST_STEPS:
        keep(replace(old, lang=visit.language(), steps=(*old.steps, replace(view(page), say=said))))
        st.session_state["deck_line"] = ""
        st.session_state["deck_added"] = True


# ---------------------------------------------------------------- leaving a talk


def stand(page: str = "", extras: dict[str, str] | None = None) -> None:
    """Remember which view of which page a talk shows, for whoever goes on from there; none: no talk."""
    st.session_state["talk_at"] = (page, extras or {})


def is_on_stage(page: str) -> bool:
    """Tell whether a step of a talk is on the screen."""
    return page == "present" and bool(st.session_state.get("talk_at", ("", {}))[0])


def leave(page: str) -> None:
    """Open a page that a talk was at with the view that the talk had of it."""
    if page == "present":
        return
    at, extras = st.session_state.pop("talk_at", ("", {}))
    if at == page:
        visit.extras().update(extras)
