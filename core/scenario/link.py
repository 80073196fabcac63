"""The words of a share link: read whatever arrives and tell what was bent, write one canonical form.

What was done to a link on its way is undone by `core.scenario.bent` before its words are read. `parse` never
raises and never drops a valid part because of a bad neighbour: each thing it could not take as
it stood becomes a `Message`. `encode` writes the levers that a person has touched, also those that equal
their default, so that a link keeps its meaning when a default moves. A link of an older model runs through
`MIGRATIONS` first.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from urllib.parse import urlencode

from core.scenario import bent
from core.scenario.bent import Pairs
from core.scenario.levers import Lever, Scenario, Value, lever, levers, nearest
from core.scenario.messages import MOST_TOLD, Message, Words, bounded, describe
from core.scenario.receipt import read_receipt, sound_receipt
from core.scenario.text import LONGEST_VALUE, echo, is_invisible
from core.scenario.written import YES_NO, number
from core.web.web import NO_SUCH_NUMBER, date_of_row, snapshots

MODEL_VERSION = "2026.13"
LANGUAGES = ("en", "nl")
MOST_EDITS = 10
MOST_NAMED = 5  # values that are named of a link that was mended
# View choices of pages, which say nothing about the model: who reads a link without a page passes over them.
VIEW_CHOICES = (
    *("row", "co", "fund", "giver", "look", "step", "tenant", "deal", "part"),
    *("tab", "xaxis", "yaxis", "who", "measure", "which", "draws", "seed"),
    *("from", "fromb", "fromc", "fromd", "frome", "to", "tob", "toc", "tod", "toe", "why"),
    *("fromdata", "todata", "era", "deck"),
)
LONGEST_VIEW = {"deck": 1901}  # characters of a view choice, where more than of any value may be

Edits = tuple[tuple[str, float], ...]  # row ids and numbers
CheckEdits = Callable[..., Sequence[str]]  # of the edits, and of the snapshot if it is not the latest

_RESERVED = ("m", "k", "lang", "o", "data")
_VERSION = re.compile(r"(\d{4})\.(\d{1,2})", re.ASCII)
_VIEW_KEY = re.compile(r"[a-z]{2,12}", re.ASCII)
_ROW = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_@-]+)+", re.ASCII)


@dataclass(frozen=True)
class Parsed:
    """What a link says, after everything that could be read was read.

    Attributes
    ----------
    scenario : Scenario
        Always valid; levers that the link does not set, or not readably, are at the default of its data.
    touched : tuple of str
        Ids of the levers that the link sets, in the order of their declaration.
    messages : tuple of Message
        What was not taken as it stood, as `bounded` gives it; empty for a clean link.
    model : str or None
        The model version that the link carries, None without a readable one.
    receipt : str or None
        The receipt as it stood, sound: `read_receipt` gives its figures.
    lang : str or None
        "en" or "nl".
    extras : dict of str to str
        View choices of a page; the page checks their values.
    edits : tuple of str
        Data edits as "row id:number".
    data : str or None
        Date of the snapshot that the link asks for, one of those there are; None: the latest.
    """

    scenario: Scenario
    touched: tuple[str, ...] = ()
    messages: tuple[Message, ...] = ()
    model: str | None = None
    receipt: str | None = None
    lang: str | None = None
    extras: dict[str, str] = field(default_factory=dict, hash=False)
    edits: tuple[str, ...] = ()
    data: str | None = None


@dataclass(frozen=True)
class Migration:
    """A change of the link's words between two models.

    Attributes
    ----------
    to : str
        The first model version that knows the new words; links of earlier models are changed.
    change : callable
        From the link's (name, value) pairs to the new pairs.
    """

    to: str
    change: Callable[[Pairs], Pairs]


MIGRATIONS: tuple[Migration, ...] = ()  # in the order of their versions; rules changed since, no word


def parse(
    query: str | Mapping[str, str | Sequence[str]],
    *,
    view_keys: Collection[str] = (),
    check_edits: CheckEdits | None = None,
    migrations: Sequence[Migration] = MIGRATIONS,
    data: str | None = None,
) -> Parsed:
    """Read a link, however bent: what is valid is kept, what is not is told.

    Parameters
    ----------
    query : str or mapping
        A query string with or without "?", a whole address, perhaps in a text or a wrapper, or the parameters
        as lists of values. However long: as much is read as `core.scenario.bent` says.
    view_keys : collection of str
        Names of view choices that the page knows (two to twelve small letters, no lever or reserved word).
    check_edits : callable, optional
        Called once with the row ids and numbers of the data edits, at most `MOST_EDITS`, and with the
        snapshot as ``snapshot=`` where the link asks for one; says why each is refused, or nothing:
        `core.web.web.refused_edits`.
    migrations : sequence of Migration
        Applied in order to links of models before each one's version.
    data : str, optional
        Date of the snapshot to read it on, whatever the link says of that.

    Returns
    -------
    Parsed
        Scenario, levers touched, messages and the rest.

    Raises
    ------
    ValueError
        Only for `view_keys` that are not allowed, or data that cannot be read: never for the link.

    Examples
    --------
    >>> link = parse("?g=10&r=6,5&x=1")
    >>> link.scenario["g"], link.scenario["r"], link.touched
    (10.0, 6.5, ('g', 'r'))
    >>> [message.code for message in link.messages]
    ['unknown', 'comma']
    """
    _check_view_keys(view_keys)
    straight = bent.straighten(query)
    read = read_pairs(
        straight.pairs, view_keys=view_keys, check_edits=check_edits, migrations=migrations, data=data
    )
    more = [Message("too_long", {"count": straight.left_out})] if straight.left_out else []
    if now := _mended(straight, read, data):
        told = ", ".join(now[:MOST_NAMED]) + (" …" if len(now) > MOST_NAMED else "")
        more.append(Message("mended", {"now": told}))
    return replace(read, messages=bounded([*read.messages, *more])) if more else read


def _mended(straight: bent.Straight, read: Parsed, data: str | None) -> list[str]:
    """What a link says only since it was mended, in its own words."""
    if not straight.mended:
        return []
    before = read_pairs([pair for pair in straight.pairs if pair not in straight.mended], data=data)
    same = {name for name in before.touched if before.scenario[name] == read.scenario[name]}
    now = [f"{name}={lever(name).format(read.scenario[name])}" for name in read.touched if name not in same]
    now += [f"data={read.data}"] if read.data != before.data else []
    return now + [f"o={edit}" for edit in read.edits if edit not in before.edits]


def read_pairs(
    pairs: Pairs,
    *,
    view_keys: Collection[str] = (),
    check_edits: CheckEdits | None = None,
    migrations: Sequence[Migration] = MIGRATIONS,
    data: str | None = None,
) -> Parsed:
    """Read names and values that nobody can have bent on their way, such as those of a scenario file.

    Parameters
    ----------
    pairs : list of (str, str)
        In their order: of several values for a lever the first valid one counts.
    view_keys, check_edits, migrations, data : collection, callable, sequence of Migration, str
        As for `parse`.

    Returns
    -------
    Parsed
        As of `parse`.
    """
    messages: list[Message] = []
    model = _read_model(pairs, messages)
    pairs = _migrate(pairs, model, migrations, messages)
    found = _sort_out(pairs, view_keys, messages)

    of_data: list[Message] = []
    data = data or _read_data(found, of_data)
    today = Scenario.default(data)
    values: dict[str, Value] = {}
    for one in levers():
        if one.id in found:
            value, told = _first_valid(one, found[one.id], today[one.id])
            messages += told
            if value is not None:
                values[one.id] = value
    messages += of_data
    return Parsed(
        scenario=today.replace(**values),
        touched=tuple(values),
        model=model,
        receipt=_read_one("k", found, sound_receipt, "bad_receipt", messages),
        lang=_read_language(found, messages),
        extras={
            name: value
            for name in sorted(view_keys)
            if (value := _read_one(name, found, partial(_clean_view, name), "bad_view", messages)) is not None
        },
        edits=read_edits(found.get("o", []), check_edits, messages, data=data),
        data=data,
        messages=bounded(messages),
    )


def _sort_out(pairs: Pairs, view_keys: Collection[str], messages: list[Message]) -> dict[str, list[str]]:
    """Collect the values of each known name; tell unknown and respelled names."""
    found: dict[str, list[str]] = {}
    respelled: set[tuple[str, str]] = set()
    unknown: dict[str, None] = {}
    for given, value in pairs:
        name = _known_name(given, view_keys)
        if name is None:
            plain = _plain_name(given)
            name = _known_name(plain, view_keys)
            if name is None:
                unknown[given] = None
                continue
            respelled.add((given, name))
        found.setdefault(name, []).append(value)
    for given in list(unknown)[:MOST_TOLD]:  # to look for a near name takes a while
        near = nearest(given, _lever_names(), cutoff=0.7)
        code = "unknown_near" if near else "unknown"
        words: Words = {"given": echo(given)}
        messages.append(Message(code, words | ({"near": near} if near else {})))
    for given, name in sorted(respelled)[:MOST_TOLD]:
        messages.append(Message("wrong_case", {"given": echo(given), "name": name}))
    more = sum(max(0, len(names) - MOST_TOLD) for names in (unknown, respelled))
    if more:
        messages.append(Message("more", {"count": more}))
    return found


def _known_name(given: str, view_keys: Collection[str]) -> str | None:
    if given in _RESERVED or given in view_keys:
        return given
    return _lever_names().get(given)


@lru_cache(maxsize=1)
def _lever_names() -> dict[str, str]:
    return {word: one.id for one in levers() for word in (one.id, one.name)}


def _plain_name(given: str) -> str:
    return unicodedata.normalize("NFKC", given[:LONGEST_VALUE]).strip().lower()


def _check_view_keys(keys: Iterable[str]) -> None:
    for key in keys:
        if not _VIEW_KEY.fullmatch(key) or _known_name(key, ()):
            raise ValueError(
                f"{key!r} cannot name a view choice: two to twelve small letters, not a lever's name"
            )


def _first_valid(one: Lever, texts: list[str], kept: Value) -> tuple[Value | None, list[Message]]:
    """Read the values of one lever: the first valid one counts, else the first that can be clamped."""
    readings = [_read(one, text, kept) for text in texts]
    valid = [reading for reading in readings if reading[0] is not None]
    within = [reading for reading in valid if all(message.code != "clamped" for message in reading[1])]
    value, told = (within or valid or readings)[0]
    if len(texts) > 1 and value is not None:
        words: Words = {"name": one.label, "count": len(texts), "value": one.format(value)}
        told = [*told, Message("repeated", words)]
    return value, told


def _read(one: Lever, raw: str, kept: Value) -> tuple[Value | None, list[Message]]:
    """Read one value of one lever; None when it cannot be used, and another is kept."""
    text = raw.strip()
    about: Words = {"lever": one.id, "label": one.label, "kept": one.format(kept)}

    def refuse(code: str, **words: str | int) -> tuple[None, list[Message]]:
        return None, [Message(code, about | words)]

    if not text:
        return refuse("empty")
    if len(text) > LONGEST_VALUE:
        return refuse("huge", length=len(text))
    if any(is_invisible(character) for character in text):
        return refuse("control", given=echo(text))
    if "<" in text or ">" in text:
        return refuse("markup")
    if one.options:
        option = _option(one, text)
        if option is None:
            return refuse("not_an_option", given=echo(text), span=one.span)
        notes = [] if text == one.format(option) else ["understood"]
        return option, _told(one, notes, text, option)
    found, notes = number(text, percent=one.unit.startswith("%"), whole=one.kind == "year")
    if found is None:
        return refuse("ambiguous" if "ambiguous" in notes else "malformed", given=echo(text))
    if not math.isfinite(found):
        return refuse("non_finite", given=echo(text))
    if one.kind == "year" and found != round(found):
        found = float(round(found))
        notes.append("rounded")
    if one.clamp(found) != found:
        found = one.clamp(found)
        notes.append("clamped")
    value = one.check(found)
    return value, _told(one, notes, text, value)


def _told(one: Lever, codes: list[str], text: str, value: Value) -> list[Message]:
    words: Words = {
        "lever": one.id,
        "label": one.label,
        "given": echo(text),
        "value": one.format(value),
        "span": one.span,
    }
    return [Message(code, words) for code in codes]


def _option(one: Lever, text: str) -> str | bool | None:
    """Find the option that a word means: its own words in any case; yes/no has more words for each."""
    word = text.lower()
    if one.kind == "yesno":
        return YES_NO.get(word)
    return word if word in one.choices else None


def _read_model(pairs: Pairs, messages: list[Message]) -> str | None:
    """Read the first sound model version of the link; tell when it is not one or newer than this model."""
    given = [value.strip() for name, value in pairs if _plain_name(name) == "m"]
    sound = [value for value in given if _VERSION.fullmatch(value)]
    if not sound:
        if given:
            messages.append(Message("bad_model", {"given": echo(given[0])}))
        return None
    if len(given) > 1:
        messages.append(Message("repeated", {"name": "m", "count": len(given), "value": sound[0]}))
    if _version(sound[0]) > _version(MODEL_VERSION):
        messages.append(Message("newer_model", {"given": sound[0], "model": MODEL_VERSION}))
    return sound[0]


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _migrate(
    pairs: Pairs, model: str | None, migrations: Sequence[Migration], messages: list[Message]
) -> Pairs:
    """Bring an older link up to this model; a link without a version was written by hand and is of today."""
    if model is None:
        return pairs
    changed = pairs
    for migration in migrations:
        if _version(model) < _version(migration.to):
            changed = migration.change(changed)
    if changed != pairs:
        messages.append(Message("migrated", {"given": model, "model": MODEL_VERSION}))
    return changed


def of_older_model(parsed: Parsed) -> tuple[Message, ...]:
    """What whoever opens a link of an older model is told, where its reading did not tell it.

    Parameters
    ----------
    parsed : Parsed
        Of any link; nothing in it was bent by this alone.

    Examples
    --------
    >>> [one.code for one in of_older_model(parse("m=2020.1&g=1"))], of_older_model(parse("g=1"))
    (['older_model'], ())
    """
    told = any(message.code == "migrated" for message in parsed.messages)
    if told or parsed.model is None or _version(parsed.model) >= _version(MODEL_VERSION):
        return ()
    return (Message("older_model", {"given": parsed.model, "model": MODEL_VERSION}),)


def _read_one(
    name: str,
    found: Mapping[str, list[str]],
    clean: Callable[[str], str | None],
    code: str,
    messages: list[Message],
) -> str | None:
    """Read a key that is not a lever: the first sound value counts, told when there are several or none."""
    given = found.get(name, [])
    sound = [value for value in map(clean, given) if value is not None]
    if not sound:
        if given:
            messages.append(Message(code, {"name": name, "given": echo(given[0])}))
        return None
    if len(given) > 1:
        messages.append(Message("repeated", {"name": name, "count": len(given), "value": echo(sound[0])}))
    return sound[0]


def _read_language(found: Mapping[str, list[str]], messages: list[Message]) -> str | None:
    def clean(text: str) -> str | None:
        word = re.split("[-_]", text[:LONGEST_VALUE].strip().lower())[0]  # "nl-BE" is Dutch too
        return word if word in LANGUAGES else None

    return _read_one("lang", found, clean, "bad_language", messages)


def _read_data(found: Mapping[str, list[str]], messages: list[Message]) -> str | None:
    """Read which snapshot the link asks for; one that there is not is told with the one that is used."""
    known = snapshots()

    def clean(text: str) -> str | None:
        word = text[:LONGEST_VALUE].strip()
        return word if word in known else None

    told: list[Message] = []
    data = _read_one("data", found, clean, "bad_data", told)
    used: Words = {"date": data or "".join(known[-1:])}
    messages += [Message(one.code, one.params | used) if one.code == "bad_data" else one for one in told]
    return data


def _clean_view(name: str, text: str) -> str | None:
    """Keep a view choice that can be one: short and visible."""
    word, most = text.strip(), LONGEST_VIEW.get(name, LONGEST_VALUE)
    return word if word and len(word) <= most and not any(map(is_invisible, word)) else None


def read_edits(
    texts: Iterable[str],
    check_edits: CheckEdits | None,
    messages: list[Message],
    most: int = MOST_EDITS,
    *,
    data: str | None = None,
) -> tuple[str, ...]:
    """Read data edits "row:number": as many as are allowed are tried, whatever becomes of them.

    Parameters
    ----------
    texts : iterable of str
        As a link has them.
    check_edits : callable, optional
        As for `parse`.
    messages : list of Message
        What is not taken is told here.
    most : int
        How many are tried; the rest are counted.
    data : str, optional
        The snapshot that is edited; the latest if not given.

    Returns
    -------
    tuple of str
        Each row once, with the first number that can be taken.
    """
    tried: list[tuple[str, float]] = []
    given: list[str] = []
    over = 0
    for text in texts:
        if len(tried) == most:
            over += 1
            continue
        row, _, written = text.strip().partition(":")
        value, notes = number(written.strip()) if len(text) <= LONGEST_VALUE else (None, [])
        if value is None or not math.isfinite(value) or not _ROW.fullmatch(row):
            code = "ambiguous_edit" if "ambiguous" in notes else "bad_edit"
            messages.append(Message(code, {"given": echo(text)}))
        else:
            tried.append((row, value))
            given.append(text)
    reasons: Sequence[str] = [""] * len(tried)
    if check_edits and tried:
        reasons = check_edits(tuple(tried), snapshot=data) if data else check_edits(tuple(tried))
    kept: dict[str, str] = {}
    twice: set[str] = set()
    for (row, value), text, reason in zip(tried, given, reasons, strict=True):
        if row in kept:
            twice.add(row)
        elif reason == NO_SUCH_NUMBER and (date := date_of_row(row)):
            messages.append(Message("elsewhere_edit", {"given": echo(text), "date": date}))
        elif reason:
            messages.append(Message("refused_edit", {"given": echo(text), "reason": echo(reason)}))
        else:
            kept[row] = f"{row}:{repr(value).removesuffix('.0')}"
    messages += [Message("repeated_edit", {"row": row}) for row in sorted(twice)]
    if over:
        messages.append(Message("too_many_edits", {"limit": most, "count": over}))
    return tuple(kept.values())


def encode(
    scenario: Scenario,
    touched: Collection[str] = (),
    *,
    lang: str | None = None,
    receipt: str | None = None,
    extras: Mapping[str, str] | None = None,
    edits: Sequence[str] = (),
    data: str | None = None,
) -> str:
    """Write the link of a scenario; `parse` gives the same scenario back, bit for bit.

    Parameters
    ----------
    scenario : Scenario
        To be shared.
    touched : collection of str
        Levers by id that are written also when they equal their default; what differs from the default of
        the data is written in any case.
    lang : str, optional
        "en" or "nl".
    receipt : str, optional
        From `make_receipt`.
    extras : mapping of str to str, optional
        View choices of the page.
    edits : sequence of str
        Data edits as "row id:number".
    data : str, optional
        Date of the snapshot that is looked at; the latest, as if not given, is not written.

    Returns
    -------
    str
        A query string without "?": the model version, levers in the order of their declaration, the rest.

    Raises
    ------
    ValueError
        For an unknown lever, language or snapshot, or a view choice, edit or receipt that `parse` would not
        take.

    Examples
    --------
    >>> encode(Scenario.default().replace(g=10), touched=["f"], lang="nl")
    'm=2026.13&g=10&f=open&lang=nl'
    """
    if lang is not None and lang not in LANGUAGES:
        raise ValueError(f"{lang!r} is not one of the languages {', '.join(LANGUAGES)}")
    known = snapshots()
    if data is not None and data not in known:
        raise ValueError(f"there is no snapshot {data[:40]!r}; there are: {', '.join(known)}")
    wanted = {lever(name).id for name in touched} | set(scenario.differs_from(Scenario.default(data)))
    told: list[Message] = []
    edits = read_edits(edits, None, told)
    if told:
        raise ValueError(describe(told[0]))
    if receipt is not None:
        read_receipt(receipt)
    extras = extras or {}
    _check_view_keys(extras)
    for name, choice in extras.items():
        if _clean_view(name, choice) != choice:
            raise ValueError(f"{name} = {choice[:40]!r} cannot be a view choice in a link")
    pairs: Pairs = [("m", MODEL_VERSION)]
    pairs += [(one.id, one.format(scenario[one.id])) for one in levers() if one.id in wanted]
    pairs += [("data", data)] if data is not None and data != known[-1] else []
    pairs += [("o", edit) for edit in edits]
    pairs += sorted(extras.items())
    pairs += [("lang", lang)] if lang else []
    pairs += [("k", receipt)] if receipt else []
    return urlencode(pairs, safe=":")
