"""A room from the presenter's side: opened, shown what is on the screen, asked, and answered by the model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from urllib.parse import urlencode

import streamlit as st

from core.scenario.levers import Lever, Scenario, lever
from pages.kit.audience.rooms import ROOMS, Full, Room
from pages.kit.audience.shown import SECONDS, Question, Shown, Told
from pages.kit.frame import lever as own
from pages.kit.frame import navigation, own_deck, share
from pages.kit.frame import room as own_room
from pages.kit.frame.frame import PAGES, Entry
from pages.kit.frame.room import end, room
from pages.kit.parts import overview
from pages.kit.visit import cached, visit
from pages.kit.words import answer, figures, numbers, words
from pages.kit.words.catalogue import N_, _

KEY, OPEN = navigation.ROOM, "room_open"
FIRST, NOBODY = "first", "nobody"  # the question who fails first, and one of its answers
SECONDS_ASKED = 20.0  # a vote is open
KEYS = ("s", "v", "h", "r", "away", "lever")  # what the page Present hands on
QUESTIONS = {
    "g": N_("How much will the demand for AI computing grow each year?"),
    "r": N_("Where will the interest rate stand?"),
    "u": N_("How much of the capacity will be in use?"),
}


def begin(*, public: bool) -> Room | None:
    """Open a room, or let an audience into the one there is; None when there are too many."""
    here = room()
    if here is None:
        try:
            here = ROOMS.open(visit.language(), public)
        except Full:
            st.session_state["room_told"] = _(
                "This server has as many rooms as it can hold. Try again later."
            )
            return None
        st.session_state[KEY] = (here.code, here.driver)
    if public and not here.public:
        here.admit()
    return here


def asked(key: str) -> None:
    """Do what a key of the presenter asks of the room."""
    here = room()
    if key == "s":
        begin(public=False)
    elif here is None or here.question is None or key == "r":
        st.session_state[OPEN] = True
    elif key == "v":
        (here.close_vote if here.is_voting else here.reopen_vote)()
    elif key == "h":
        if here.is_revealed:
            here.hide()
        else:
            here.reveal(result(here))
    elif key == "away":
        here.withdraw()
    elif key == "lever":
        value, word = here.median(), here.question.about
        here.withdraw()
        if value is not None and word in QUESTIONS:
            visit.move(**{word: own.canonical(lever(word), value)})


# ---------------------------------------------------------------- what goes out


def both(tell: Callable[[], str], at: Scenario | None = None) -> Told:
    """Say a text in every language, at the scenario on the screen or at another one."""
    here = visit.step() if at is None else replace(visit.step(), scenario=at)
    told = {}
    for language in visit.LANGUAGES:
        with visit.reading(visit.Reader(here, language)):
            told[language] = tell()
    return told


def follow(entry: Entry) -> None:
    """Show an audience the page on the screen; a step of a talk says of itself what it shows."""
    if here := room():
        step = own_deck.view(entry.name)
        here.publish(Shown(path(entry.name), step.query, both(lambda: _(entry.title)), both(_sentence)))


def path(page: str) -> str:
    """Return the path of a page under that of the app."""
    return "" if page == PAGES[0].name else page


# ---------------------------------------------------------------- questions, and what the model says


def questions() -> dict[str, str]:
    """Return what can be asked, by id, in the reader's language."""
    return {FIRST: _("Who fails first?")} | {word: _(text) for word, text in QUESTIONS.items()}


def question(word: str, seconds: float = SECONDS_ASKED) -> Question:
    """Return a question, with its texts in every language."""
    if word == FIRST:
        options = {one: both(partial(words.name, one)) for one in cached.named()}
        options[NOBODY] = both(lambda: _("Nobody, to {year}").format(year=visit.scenario()["h"]))
        asks = both(lambda: _("Who fails first?"))
        return Question("choice", asks, seconds, options=options, about=FIRST)
    one = lever(word)
    signs = both(lambda: "%" if own.unit(one).startswith("%") else "")
    per = both(lambda: own.unit(one).removeprefix("%").lstrip(", "))
    note = both(lambda: own.today(figures.lever_setting(word, visit.today()[word])))
    low, high, step = float(one.low), float(one.high), float(one.step)
    asks = both(lambda: _(QUESTIONS[word]))
    return Question("number", asks, seconds, low, high, step, None, signs, per, note, about=word)


def result(here: Room) -> dict:
    """Return what the model says to the answers of a room, for `Room.reveal`."""
    word = here.question.about if here.question else ""
    return _of_number(here, lever(word)) if word in QUESTIONS else _of_choice(here)


def _of_choice(here: Room) -> dict:
    given = max(here.spread(), key=lambda one: one[1])
    fallen = [one for one in overview.lines(cached.read(visit.scenario())) if one.failed is not None]
    first = min(fallen, key=lambda one: one.failed, default=None)
    model = first.entity if first else NOBODY

    def says() -> str:
        name = words.name(model) if first else _("nobody")
        if not given[1]:
            return _("The model says: {model}.").format(model=name)
        room_says = _("nobody") if given[0] == NOBODY else words.name(str(given[0]))
        return _("The room says {room}, the model {model}.").format(room=room_says, model=name)

    return {"says": both(says), "rest": both(_sentence), "model": model}


def _of_number(here: Room, one: Lever) -> dict:
    value, strip = here.median(), cached.strips(visit.scenario())
    mine = next(strip_ for strip_ in strip if strip_.lever == one.id)
    found = {"today": float(visit.today()[one.id]), "band": own.band(mine)}
    if value is None:
        return found | {"says": both(lambda: _("Nobody has answered."))}
    at = visit.scenario().replace(**{one.id: own.canonical(one, value)})
    near = sorted(own.breaks(one, mine), key=lambda stop: abs(stop[0] - value))
    breaks = [
        {
            "name": both(lambda who=who: numbers.listing([words.name(each) for each in who])),
            "at": round(float(stop), 1),
            "fails": way,
        }
        for stop, who, way in near
    ]

    def says() -> str:
        room_says = _("The room says {value}.").format(value=own.place(value, one))
        return f"{room_says} {words.plain(own.line(one, mine))}"

    return found | {"median": value, "breaks": breaks, "says": both(says, at), "rest": both(_sentence, at)}


def _sentence() -> str:
    return words.plain(answer.sentence(cached.headline()))


# ---------------------------------------------------------------- what the presenter sees of it


def told() -> dict | None:
    """Return what the page Present needs of the room: where its windows are, and whether one is asked."""
    here = room()
    if here is None:
        return None
    root, driver = navigation.root("present"), urlencode({"driver": here.driver, "lang": visit.language()})
    return {
        "code": here.code,
        "driver": here.driver,
        "speaker": f"{root}speak/{here.code}?{driver}",
        "screen": f"{root}screen/{here.code}?{driver}" if here.question else None,
        "revealed": here.is_revealed,
        "label": _("Room {code}").format(code=here.code) if here.public else "",
        "way": own_room.way(here, "present") if here.public else "",
    }


def dialog() -> None:
    """Draw the dialog of the room while it is open: levers on their way have the page run meanwhile."""
    if st.session_state.get(OPEN):
        st.dialog(_("A room for your audience"), on_dismiss=_close)(_content)()


def _close() -> None:
    visit.own_event()
    st.session_state[OPEN] = False


def _content() -> None:
    if not ROOMS.is_served:
        st.markdown(_("Rooms need the app's own server: start the app as its README says."))
        return
    here = room()
    if full := st.session_state.pop("room_told", ""):
        st.text(full)
    if here is None or not here.public:
        st.markdown(
            _(
                "People follow on their own phones what you show, guess before the model answers, and open "
                "the app where you are. Nobody gives a name, and nothing of it is kept."
            )
        )
        if st.button(_("Open a room"), key="room_begin", type="primary"):
            _open()
        return
    way = own_room.way(here, "present")
    st.image(share.qr_code(way), width=300)
    with st.container(key="room_code", gap=None):
        st.markdown(f"### {here.code}")
        st.text(way.partition("://")[2])
    own_room.count()
    known = questions()
    which = st.selectbox(_("Ask the room"), list(known), format_func=known.__getitem__, key="room_which")
    seconds = st.slider(_("Seconds to answer"), *map(int, SECONDS), int(SECONDS_ASKED), 5, key="room_seconds")
    with st.container(horizontal=True):
        if st.button(_("Ask now"), key="room_ask", type="primary"):
            _ask(which, float(seconds))
        if st.button(_("End the room"), key="room_end"):
            _close()
            end()
            st.rerun()


def _open() -> None:
    visit.own_event()
    begin(public=True)
    st.rerun()  # the page tells the room what it shows


def _ask(word: str, seconds: float) -> None:
    _close()
    if here := begin(public=True):
        here.ask(question(word, seconds))
        st.rerun()  # without the dialog, over which the question would lie
