"""What one visitor has set: the scenario, the levers touched, undo and redo, the language.

Everything lives in `st.session_state` under the names below; only this module and `link` write it. Callbacks
mark the run as the visitor's own (`own_event`), so that an address which the browser sends a moment late is
not mistaken for a link.

Whoever speaks outside a session, as the server does of a link that is not open yet, does so for a reader
(`reading`): step and language are then the reader's, and nothing else of a session is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, TypeVar

import streamlit as st

from core.scenario.levers import Scenario
from core.scenario.presets import Preset

LANGUAGES = ("nl", "en")
HISTORY = 50
OLD_VALUES = 8  # that a widget showed before and a slow browser may still send
# The parameter of an address by which `bar.js` tells what a visitor did with history: "link" or "page", and a
# count. It is on its way to the server only, never in the bar.
MARK = "_"
PHONES = "Mobi"  # what browsers of phones have in their name


@dataclass(frozen=True)
class Step:
    """One point in a visit: the scenario, the levers touched to get there, and the data that it looks at.

    Data are edits ("row:number") of a snapshot, given by its date; None is the latest.
    """

    scenario: Scenario
    touched: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()
    snapshot: str | None = None


@dataclass(frozen=True)
class Reader:
    """Somebody without a session who is spoken to: at which step, in which language."""

    step: Step
    language: str


_ASKED: ContextVar[dict | None] = ContextVar("asked", default=None)
_READER: ContextVar[Reader | None] = ContextVar("reader", default=None)
_SEEN: ContextVar[dict[str, str] | None] = ContextVar("seen", default=None)


T = TypeVar("T")


def once_a_run(ask: Callable[[], T]) -> Callable[[], T]:
    """Remember an answer until the next run of this visit begins: texts and colours ask 500 times a run."""

    @wraps(ask)
    def answer() -> T:
        known = _ASKED.get()
        if known is None:
            return ask()
        if ask not in known:
            known[ask] = ask()
        return known[ask]

    return answer


@contextmanager
def reading(reader: Reader) -> Iterator[None]:
    """Speak and compute for a reader who has no session, as long as this lasts."""
    tokens = _READER.set(reader), _ASKED.set({})
    try:
        yield
    finally:
        _READER.reset(tokens[0])
        _ASKED.reset(tokens[1])


@once_a_run
def step() -> Step:
    """Return where the visitor is now."""
    if reader := _READER.get():
        return reader.step
    return st.session_state.setdefault("step", Step(Scenario.default()))


def stand(new: Step) -> None:
    """Be at a step from here on; what is remembered of this run was said at another one."""
    st.session_state["step"] = new
    _ASKED.set({})


def scenario() -> Scenario:
    """Return the scenario that every page shows."""
    return step().scenario


def today() -> Scenario:
    """Return the scenario in which every lever stands where the data that are looked at have it."""
    return Scenario.default(step().snapshot)


def baseline(beside: Scenario | None = None) -> Scenario:
    """Return today's data, seen to the same last year as a scenario; if not given, that of the page."""
    return today().replace(h=(beside or scenario())["h"])


def carried(here: Scenario, data: str | None) -> Scenario:
    """Return a scenario of this visit on other data: levers that nobody touched stand as those have them."""
    return here.carried({*step().touched, *here.differs_from(today())}, data)


def past() -> list[Step]:
    """Return the steps that Undo can go back to, oldest first."""
    return st.session_state.setdefault("past", [])


def future() -> list[Step]:
    """Return the steps that Redo can go forward to, nearest last."""
    return st.session_state.setdefault("future", [])


def go(new: Step, *, entry: bool = False, drag: int | None = None) -> None:
    """Move to a new step and keep the old one for Undo: of a drag that goes on, where it began.

    With an entry of its own it is also kept for Back.
    """
    own_event()
    here, goes_on = step(), drag is not None and st.session_state.get("drag") == (drag, step())
    if new == here or (drag is not None and is_same(new, here)):
        return
    if goes_on and past() and is_same(past()[-1], new):  # back where it began: no step at all
        new = past()[-1]
        st.session_state["past"] = past()[:-1]
        st.session_state["drag"] = None
        _arrive(new)
        return
    if drag is not None:
        st.session_state["drag"] = (drag, new)
    if not goes_on and past()[-1:] != [here]:  # else a run that was overtaken came as far as this
        st.session_state["past"] = [*past(), here][-HISTORY:]
    st.session_state["future"] = []
    if entry:
        st.session_state["entries"] = entries() + 1
    _arrive(new)


def is_same(one: Step, other: Step) -> bool:
    """Tell whether two steps show the same, whatever was touched on the way."""
    return replace(one, touched=other.touched) == other


def move(drag: int | None = None, **values: object) -> None:
    """Set some levers by public id and remember that the visitor touched them; all of a drag is one step."""
    st.session_state["refused"] = {}
    touched = tuple(dict.fromkeys((*step().touched, *values)))
    go(replace(step(), scenario=scenario().replace(**values), touched=touched), drag=drag)


def refuse(lever: str, typed: str, why: str) -> None:
    """Remember what was typed for a lever and not taken, until something is."""
    own_event()
    st.session_state["refused"] = {lever: (typed, why)}


def refused() -> dict[str, tuple[str, str]]:
    """Return by lever what was typed last and not taken, and why."""
    return st.session_state.get("refused", {})


def listen(key: str, act: Callable[[Mapping], None], *, once: bool = False) -> None:
    """Have `take_moves` hand on what a lever, or a button, of ours sends: its state `moved`, numbered by "n".

    What must be done `once` is not done again for a server that started anew: a browser tells it everything
    that it has told the one before.
    """
    known = st.session_state.setdefault("levers", {})
    if once and key not in known and (sent := _sent(key)):
        st.session_state.setdefault("answered", {})[key] = sent[-1]["n"]
    known[key] = act


def is_held() -> bool:
    """Tell whether a lever is in somebody's hand: more moves of it are on their way."""
    return st.session_state.get("held", False)


def answered(key: str) -> int | None:
    """Return the number of the last move of a lever that was taken; `lever.js` waits for it."""
    return st.session_state.setdefault("answered", {}).get(key)


def _asking() -> list[tuple[float, str, Callable[[Mapping], None], Mapping]]:
    """List what levers and buttons of ours ask for and nobody has answered, in the order of the hand.

    Each is (number, key, who acts, what is asked).
    """
    found = []
    for key, act in st.session_state.get("levers", {}).items():
        known = answered(key)
        for one in _sent(key):
            if known is None or one["n"] > known:
                found.append((one["n"], key, act, one))
    return sorted(found, key=lambda asked: asked[0])


def _sent(key: str) -> list[Mapping]:
    """Return what a lever or a button of ours sent last, and before it, as far as it saw no answer."""
    moved = (st.session_state.get(key) or {}).get("moved")
    every = moved.get("all", [moved]) if isinstance(moved, Mapping) else []
    numbered = every if isinstance(every, list) else []
    return [one for one in numbered if isinstance(one, Mapping) and isinstance(one.get("n"), int | float)]


def _take_levers() -> None:
    """Do what levers ask for; what a run that is overtaken has not answered, the next one does."""
    st.session_state["held"] = False  # whatever made the page run, nothing is held that does not say so
    for number, key, act, moved in _asking():
        own_event()
        st.session_state["held"] = bool(moved.get("held"))
        try:
            act(moved)
        finally:  # what cannot be done is not asked again
            st.session_state["answered"][key] = number


def on_phone() -> bool:
    """Tell whether the window is as narrow as a phone's: `nav.js` says so, before it the browser's name."""
    told = (st.session_state.get("nav") or {}).get("phone")
    return PHONES in header("User-Agent") if told is None else told is True


def header(name: str) -> str:
    """Return what this visit came with in a header, "" for none: it keeps them, and reading them is dear."""
    known = st.session_state.setdefault("headers", {})
    if name not in known:
        known[name] = st.context.headers.get(name, "")
    return known[name]


def take_preset(preset: Preset) -> None:
    """Set all levers as a preset has them; the horizon is the visitor's view and stays."""
    touched = tuple(preset.levers)
    keep = ("h",) if "h" in step().touched and "h" not in touched else ()
    wanted = preset.on(step().snapshot).replace(h=scenario()["h"])
    go(replace(step(), scenario=wanted, touched=(*touched, *keep)), entry=True)


def entries() -> int:
    """Return how many entries this visit has added to the browser's history, page changes not counted."""
    return st.session_state.get("entries", 0)


def mark() -> str:
    """Return the last that the visitor did with history, as the browser marked it; "" is nothing yet."""
    return st.query_params.get(MARK, "")


def reset() -> None:
    """Go back to the data as they are, no lever touched, no figure edited; Undo brings the scenario back."""
    go(start())


def start() -> Step:
    """Return where a visit to the data that are looked at begins."""
    return Step(today(), snapshot=step().snapshot)


def undo() -> None:
    """Go back one step."""
    travel(-1)


def redo() -> None:
    """Go forward one step."""
    travel(1)


def travel(steps: int) -> None:
    """Go back (negative) or forward along the steps of this visit, as far as there are any."""
    own_event()
    source, target = (past(), future()) if steps < 0 else (future(), past())
    for _number in range(min(abs(steps), len(source))):
        here = step()
        _arrive(source[-1])
        target.append(here)
        source.pop()


def _arrive(new: Step) -> None:
    """Be at a step by one's own hand: what the link brought along, receipt and messages, is over.

    The step comes last: a run that is overtaken before has not arrived.
    """
    st.session_state["receipt"] = None
    st.session_state["messages"] = ()
    st.session_state["dropped"] = None
    st.session_state["left_behind"] = ()
    st.session_state["refused"] = {}
    stand(new)


@once_a_run
def language() -> str:
    """Return the language of this visit: chosen, else from the link, else the browser's, else English."""
    if reader := _READER.get():
        return reader.language
    chosen = st.session_state.get("lang")
    if chosen is None:
        chosen = preferred(st.context.locale or "")
        st.session_state["lang"] = chosen
    return chosen


def preferred(told: str) -> str:
    """Return the language for a browser that tells a locale or, the first one counting, a list of them."""
    return "nl" if told.strip().lower().startswith("nl") else "en"


def choose_language(code: str) -> None:
    """Read on in another language, and say so in the link."""
    own_event()
    speak(code)


def speak(code: str) -> None:
    """Use a language from here on, and say so in the link."""
    st.session_state["lang"] = code
    st.session_state["lang_in_link"] = True
    _ASKED.set({})


def own_event() -> None:
    """Mark this run as caused by the visitor's own hand, not by an address."""
    st.session_state["own_event"] = True
    st.session_state["events"] = st.session_state.get("events", 0) + 1


def sent(key: str, name: str) -> Any:
    """Return what a component sends, for the callback of it; None when its page has just been left.

    What was sent after another page was asked for comes into that page's run, where the component is no more.
    """
    return st.session_state.get(key, {}).get(name)


def if_known(widget: str, options: Collection, take: Callable[[Any], object]) -> Callable[[], None]:
    """Return a callback that takes what a list was set to, if that is one of its options.

    After a switch of language a browser may still send a label of the other one, which is none; nor is what
    an emptied field sends.
    """

    def taken() -> None:
        chosen = st.session_state[widget]
        if chosen in options:
            take(chosen)
        else:
            own_event()

    return taken


def draw_value(key: str, value: object) -> object:
    """Make a widget show a value; returns what it has to be given as its default, None when it is told.

    A widget that shows the value already is left alone: told once more, it would jump back under whoever
    moves it on meanwhile. Its default counts where the browser has not heard of the widget yet.

    A browser that has not drawn yet what a widget was told still sends what it shows. So what it was told
    last, and what it may show until then, is remembered: for `take_moves`, and to tell it again after a move
    by hand that what is on its way would undo.
    """
    told, shown = (st.session_state.setdefault(name, {}) for name in ("told", "shown"))
    known, says = key in st.session_state, st.session_state.get(key)
    if key in told and says == told[key] and says not in shown.get(key, ()):
        told.pop(key)
        shown.pop(key, None)
    if known and says == value and key not in told:
        return value
    if known:
        shown[key] = [*shown.get(key, ()), *({says, told.get(key, says)} - {value})][-OLD_VALUES:]
        told[key] = value
    st.session_state[key] = value
    return None


def start_from(key: str, value: object) -> object:
    """Return the default of a field that waits for its button, and start it anew when that has moved on.

    Streamlit takes a default only when it first draws a field. Until it moves on, what was typed stays.
    """
    starts = st.session_state.setdefault("starts", {})
    if starts.get(key, value) != value and key in st.session_state:
        st.session_state[key] = value
    starts[key] = value
    return value


def widget_moved(key: str, act: Callable[[object], None]) -> None:
    """Remember the value that a widget of `draw_value` sent; its callback. `take_moves` acts on it.

    A run is overtaken, at its next access to the session, when the visitor does something else; the run that
    follows has the value as well but does not call back for it again. Only `to_dict` cannot be overtaken.
    """
    session = st.session_state.to_dict()
    session["moves"].append((key, session[key], act))


def take_moves() -> None:
    """Do what the visitor's moves ask for; first thing in every run that draws levers.

    One run has one cause. When it seems to have several, as when a drawer is closed or another page opened a
    moment after a lever moved, a value that its widget showed before is only an old one that the browser has
    not replaced yet.

    A move is forgotten when it has been done: the next run goes on where one was overtaken.
    """
    _ASKED.set({})  # for `once_a_run`
    moves, others = st.session_state.setdefault("moves", []), st.session_state.get("events", 0)
    shown = st.session_state.get("shown", {})
    others += mark() != st.session_state.get("mark", mark())  # another page, Back or Forward
    others += len(_asking())
    alone = len({key for key, _value, _act in moves}) + others == 1
    if moves:
        st.session_state["own_event"] = True
    for move in tuple(moves):
        key, value, act = move
        if alone or value not in shown.get(key, ()):
            if key in shown:
                shown[key] = []
            act(value)
        with suppress(ValueError):  # the run that this one overtakes has just come as far
            moves.remove(move)
    _take_levers()
    st.session_state.pop("events", None)


def part_begins() -> None:
    """Begin a part of a page that runs by itself: what caused its run is over when the page runs next."""
    take_moves()
    st.session_state.pop("own_event", None)


def extras() -> dict[str, str]:
    """Return the view choices of this visit as the link carries them; `link.choice` reads and checks them."""
    if (seen := _SEEN.get()) is not None:
        return seen
    if _READER.get():
        return {}
    return st.session_state.setdefault("extras", {})


@contextmanager
def seen(choices: Mapping[str, str]) -> Iterator[None]:
    """Look at a page's charts with other view choices than the address has, as long as this lasts."""
    token = _SEEN.set(dict(choices))
    try:
        yield
    finally:
        _SEEN.reset(token)
