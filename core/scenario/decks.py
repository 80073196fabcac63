"""Decks: a talk as a few steps, each a scenario on a page with a line to say; in a link, or in a file.

A deck in a link is its JSON, deflated with the words that all decks share (`data/decks.toml`), and written in
letters and digits: a sign for the form, the bytes as one number. Neither hyphen nor underscore is among them,
for the reason that `packed` gives. Reading never raises: what cannot be used is left out and told, and texts
stay texts, whatever they say.
"""

from __future__ import annotations

import json
import string
import tomllib
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from core.scenario.levers import DATA
from core.scenario.link import LANGUAGES, LONGEST_VIEW, VIEW_CHOICES, CheckEdits, Parsed, encode, parse
from core.scenario.messages import Message, bounded
from core.scenario.text import echo, is_invisible

MOST_STEPS = 12
LONGEST_TITLE = 80  # characters
LONGEST_SAY = 160
LONGEST_NOTES = 800
LONGEST_PACKED = LONGEST_VIEW["deck"]  # characters: with host and step a link of 2,000, which arrives whole
LARGEST_FILE = 64 * 1024  # bytes; also of what a link unfolds to
FORM = "1"  # the one that is written
KIND = "backstop-deck"  # what a file calls itself

_SIGNS = string.digits + string.ascii_letters
_PLACES = {sign: place for place, sign in enumerate(_SIGNS)}
_CHECK = 2  # bytes against damage
_NOT_VIEWS = ("deck",)  # a step shows no deck


@dataclass(frozen=True)
class DeckStep:
    """One step of a talk.

    Attributes
    ----------
    page : str
        Name of the page whose chart is shown.
    query : str
        Its scenario and view choices in the canonical words of a link, without receipt and language.
    say : str
        The line to say; somebody's own text, to be shown as plain text.
    notes : str
        What only the speaker sees; plain text as well.
    """

    page: str
    query: str
    say: str = ""
    notes: str = ""

    @property
    def link(self) -> Parsed:
        """What its link says."""
        return parse(self.query, view_keys=_view_keys())


@dataclass(frozen=True)
class Deck:
    """A talk: its title, its steps in their order, the language it is in."""

    title: str = ""
    steps: tuple[DeckStep, ...] = ()
    lang: str = LANGUAGES[0]


@lru_cache(maxsize=1)
def _declared() -> Mapping[str, Any]:
    return tomllib.loads((DATA / "decks.toml").read_text(encoding="utf-8"))


def pages() -> tuple[str, ...]:
    """Return the pages that a step may show."""
    return tuple(_declared()["pages"])


def _view_keys() -> tuple[str, ...]:
    return tuple(key for key in VIEW_CHOICES if key not in _NOT_VIEWS)


def query_of(
    link: Parsed, extras: Mapping[str, str] | None = None, keys: Collection[str] | None = None
) -> str:
    """Write what a step keeps of a link: scenario, data, edits, view choices.

    Parameters
    ----------
    link : Parsed
        Of what is on the screen.
    extras : mapping of str to str, optional
        View choices, if not those of the link.
    keys : collection of str, optional
        Those to keep; all if not given.

    Examples
    --------
    >>> query_of(parse("g=0&co=cipher&lang=nl", view_keys=["co"]))
    'm=2026.13&g=0&co=cipher'
    """
    chosen = link.extras if extras is None else extras
    kept = {key: value for key, value in chosen.items() if keys is None or key in keys}
    return encode(link.scenario, link.touched, extras=kept, edits=link.edits, data=link.data)


def packed(deck: Deck) -> str:
    """Write a deck in letters and digits, for the address of a link.

    Parameters
    ----------
    deck : Deck
        Any; whether it is short enough for a link is for the caller to see (`LONGEST_PACKED`).

    Examples
    --------
    >>> deck = Deck("Mine", (DeckStep("neoclouds", "m=2026.13&g=0&co=cipher", "Who pays?"),), "en")
    >>> unpacked(packed(deck)) == (deck, ())
    True
    """
    rows = [[one.page, one.query, one.say, one.notes] for one in deck.steps]
    told = json.dumps([deck.title, deck.lang, rows], ensure_ascii=False, separators=(",", ":"))
    told = told.encode("utf-8", "replace").decode("utf-8")
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zdict=_shared(FORM))
    body = squeeze.compress(told.encode()) + squeeze.flush()
    number = int.from_bytes(b"\x01" + _check(told.encode()) + body)
    signs = []
    while number:
        number, place = divmod(number, len(_SIGNS))
        signs.append(_SIGNS[place])
    return FORM + "".join(reversed(signs))


def is_whole(text: str) -> bool:
    """Tell whether a text is a deck in letters and digits, undamaged, whatever it says.

    Parameters
    ----------
    text : str
        From a link.

    Examples
    --------
    >>> is_whole(packed(Deck("Mine"))), is_whole("1abc"), is_whole("story")
    (True, False, False)
    """
    return _unfolded(text) is not None


def unpacked(text: str, check_edits: CheckEdits | None = None) -> tuple[Deck, tuple[Message, ...]]:
    """Read a deck of a link; never raises.

    Parameters
    ----------
    text : str
        From `packed`, perhaps by way of a stranger.
    check_edits : callable, optional
        As for `core.scenario.link.parse`.

    Returns
    -------
    deck : Deck
        Without steps where nothing could be read.
    messages : tuple of Message
        What was left out, at most eleven.

    Examples
    --------
    >>> deck, told = unpacked("cut off")
    >>> deck.steps, [one.code for one in told]
    ((), ['deck_damaged'])
    """
    told = _unfolded(text)
    given = None if told is None else _json(told)
    if not isinstance(given, list) or len(given) != 3 or not isinstance(given[2], list):
        return Deck(), (Message("deck_damaged", {"given": echo(text)}),)
    names = ("page", "query", "say", "notes")
    rows = [
        dict(zip(names, row, strict=True)) if isinstance(row, list) and len(row) == len(names) else None
        for row in given[2][: MOST_STEPS + 1]
    ]
    return _read(given[0], given[1], rows, len(given[2]), check_edits)


def to_file(deck: Deck) -> bytes:
    """Write a deck as a small JSON file that people can read and change.

    Parameters
    ----------
    deck : Deck
        Any.
    """
    steps = [{"page": o.page, "query": o.query, "say": o.say, "notes": o.notes} for o in deck.steps]
    told = {"kind": KIND, "title": deck.title, "lang": deck.lang, "steps": steps}
    return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")


def from_file(content: bytes, check_edits: CheckEdits | None = None) -> tuple[Deck, tuple[Message, ...]]:
    """Read a deck of a file; never raises.

    Parameters
    ----------
    content : bytes
        From `to_file`, perhaps changed by hand, or anything.
    check_edits : callable, optional
        As for `core.scenario.link.parse`.

    Returns
    -------
    deck, messages
        As `unpacked` gives them.

    Examples
    --------
    >>> deck = Deck("Mine", (DeckStep("overview", "m=2026.13&g=0"),))
    >>> from_file(to_file(deck)) == (deck, ())
    True
    """
    if len(content) > LARGEST_FILE:
        return Deck(), (Message("deck_file_large", {"limit": LARGEST_FILE // 1024}),)
    given = _json(content)
    if not isinstance(given, dict) or given.get("kind") != KIND or not isinstance(given.get("steps"), list):
        return Deck(), (Message("deck_no_file"),)
    rows = [row if isinstance(row, dict) else None for row in given["steps"][: MOST_STEPS + 1]]
    return _read(given.get("title", ""), given.get("lang"), rows, len(given["steps"]), check_edits)


def _json(content: str | bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _shared(form: str) -> bytes:
    return str(_declared()["forms"][form]).encode()


def _check(told: bytes) -> bytes:
    return zlib.crc32(told).to_bytes(4)[-_CHECK:]


def _unfolded(text: str) -> str | None:
    """The JSON of a deck in letters and digits, None when it is not a whole one."""
    form, body = text[:1], text[1:]
    if form not in _declared()["forms"] or not 0 < len(body) < LONGEST_PACKED:
        return None
    if not set(body) <= _PLACES.keys():
        return None
    number = 0
    for sign in body:
        number = number * len(_SIGNS) + _PLACES[sign]
    if _spelled(number) != len(body):
        return None
    content = number.to_bytes((number.bit_length() + 7) // 8)
    unfold = zlib.decompressobj(-15, zdict=_shared(form))
    try:
        told = unfold.decompress(content[1 + _CHECK :], LARGEST_FILE)
        whole = unfold.eof and not unfold.unconsumed_tail and not unfold.unused_data
        if content[0] != 1 or not whole or _check(told) != content[1 : 1 + _CHECK]:
            return None
        return told.decode("utf-8")
    except (zlib.error, UnicodeDecodeError):
        return None


def _spelled(number: int) -> int:
    """How many signs a number has: one with zeros in front of it is another spelling of the same deck."""
    count = 0
    while number:
        number //= len(_SIGNS)
        count += 1
    return count


# ---------------------------------------------------------------- what a stranger may have written


def _read(
    title: object,
    lang: object,
    rows: Iterable[Mapping[str, object] | None],
    count: int,
    check_edits: CheckEdits | None,
) -> tuple[Deck, tuple[Message, ...]]:
    """Take what can be taken of a deck, and tell the rest."""
    messages: list[Message] = []
    steps = []
    for place, row in enumerate(list(rows)[:MOST_STEPS], start=1):
        step = _step(place, row, messages, check_edits)
        if step:
            steps.append(step)
    if count > MOST_STEPS:
        messages.insert(0, Message("deck_too_many", {"limit": MOST_STEPS, "count": count - MOST_STEPS}))
    if lang is None:
        lang = LANGUAGES[0]  # a file written by hand need not say it
    elif not (isinstance(lang, str) and lang in LANGUAGES):
        messages.append(Message("bad_language", {"name": "lang", "given": echo(str(lang)[:100])}))
        lang = LANGUAGES[0]
    return Deck(_text(title, LONGEST_TITLE, 0, messages), tuple(steps), lang), bounded(messages)


def _step(
    place: int, row: Mapping[str, object] | None, messages: list[Message], check_edits: CheckEdits | None
) -> DeckStep | None:
    page, query = (row or {}).get("page"), (row or {}).get("query", "")
    if row is None or not isinstance(page, str) or not isinstance(query, str):
        messages.append(Message("deck_no_step", {"number": place}))
        return None
    if page not in pages():
        messages.append(Message("deck_unknown_page", {"number": place, "given": echo(page)}))
        return None
    link = parse(query, view_keys=_view_keys(), check_edits=check_edits)
    messages += link.messages
    say = _text(row.get("say", ""), LONGEST_SAY, place, messages)
    notes = _text(row.get("notes", ""), LONGEST_NOTES, place, messages, lines=True)
    try:
        canonical = query_of(link)
    except (
        ValueError
    ):  # more edits than one link holds are told already, or anything else that cannot be kept
        messages.append(Message("deck_no_step", {"number": place}))
        return None
    return DeckStep(page, canonical, say, notes)


def _text(given: object, most: int, place: int, messages: list[Message], *, lines: bool = False) -> str:
    """Keep a text as plain text: what cannot be seen is left out, what is too long is cut; both are told."""
    if not isinstance(given, str):
        if given is not None:
            messages.append(Message("deck_no_text", {"number": place}))
        return ""
    text = tidy(given, most, lines=lines)
    if text != given:
        messages.append(Message("deck_text", {"number": place, "limit": most}))
    return text


def tidy(text: str, most: int, *, lines: bool = False) -> str:
    """Keep so many visible characters of a text, and its lines if there may be some.

    Parameters
    ----------
    text : str
        Somebody's own.
    most : int
        Characters.
    lines : bool
        Whether line breaks stay.

    Examples
    --------
    >>> tidy("<b>a\N{ZERO WIDTH SPACE}bc", 5)
    '<b>ab'
    """
    kept = (one for one in text[: 10 * most] if not is_invisible(one) or (lines and one == "\n"))
    return "".join(kept)[:most].strip()


# ---------------------------------------------------------------- a deck in the making


def moved(deck: Deck, place: int, by: int) -> Deck:
    """Return a deck with the step at a place moved up or down; at either end it stays.

    Parameters
    ----------
    deck : Deck
    place : int
        From 0.
    by : int
        -1 is up, 1 is down.
    """
    to = place + by
    if not (0 <= place < len(deck.steps) and 0 <= to < len(deck.steps)):
        return deck
    steps = list(deck.steps)
    steps.insert(to, steps.pop(place))
    return replace(deck, steps=tuple(steps))


def without(deck: Deck, place: int) -> Deck:
    """Return a deck without the step at a place.

    Parameters
    ----------
    deck : Deck
    place : int
        From 0.
    """
    return replace(deck, steps=deck.steps[:place] + deck.steps[place + 1 :])
