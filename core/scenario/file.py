"""Scenario files: a scenario as a small text that people can read, keep, send and change by hand.

The format is TOML, at most 16 KB::

    # Backstop scenario. Levers that are not listed stay at their default.
    model = "2026.13"
    name = "My worst week"
    data = "2025-12-31"   # only where it is not the latest

    [levers]
    demand_growth = -20   # %/year, -50 to 100
    refinancing = "closed"   # open, strict, closed
    google_honours_backstops = false   # yes, no

    [edits]   # figures of the data, by row id
    "coreweave.cash" = 5.0

Levers may be named by id (``g``) or long name; values are checked and bent exactly as those of a link. A line
that is no TOML is read as a hand wrote it: ``base_rate = 6,5 %``, ``refinancing = “closed”``.
`loads` never raises: what could not be taken as it stood becomes a message of `core.scenario.messages`, and
the rest is kept.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from core.scenario.bent import Pairs
from core.scenario.levers import Scenario, lever, levers
from core.scenario.link import (
    _RESERVED,
    MODEL_VERSION,
    CheckEdits,
    _plain_name,
    read_edits,
    read_pairs,
)
from core.scenario.messages import Message, bounded
from core.scenario.text import echo
from core.web.web import snapshots

LARGEST = 16 * 1024  # bytes
LONGEST_NAME = 100  # characters
# Characters of a line without its remark; `dumps` writes up to some 230. They bound the digits of a number
# and the depth of a key: the parser's time for keys grows with the square of their depth, that of the name of
# their section included.
LONGEST_LINE = 500
LONGEST_HEADER = 100
MOST_FILE_EDITS = 200
SECTIONS = ("levers", "edits")
# What a link says of itself, a file says of itself.
_OF_A_FILE = {
    code: f"file_{code}"
    for code in ("empty", "bad_model", "newer_model", "migrated", "repeated", "too_many_edits")
}
# A line as hands write it: a name, a value in whatever quotes, a remark.
_BY_HAND = re.compile(r"""\s*([^=#\[\]{}]{1,100}?)\s*=\s*([^=#\[\]{}]+?)[\s,;]*(?:#.*)?""", re.DOTALL)
_QUOTES = "\"'`´“”„‟‘’‚‛«»‹›"
_BARE_KEY = re.compile(r"[A-Za-z0-9_.@-]+", re.ASCII)
_REMARK = re.compile(r"""\A((?:[^"'#]|"(?:[^"\\]|\\.)*+"|'[^']*+')*+)#.*""", re.DOTALL)


@dataclass(frozen=True)
class ParsedFile:
    """What a scenario file says, after everything that could be read was read.

    Attributes
    ----------
    scenario : Scenario
        Always valid; levers that the file does not set, or not readably, are at the default of its data.
    touched : tuple of str
        Ids of the levers that the file sets.
    messages : tuple of Message
        What was not taken as it stood, as `core.scenario.messages.bounded` gives it; empty for a clean file.
    name : str or None
        The name that the file gives itself: a stranger's text, to be shown as plain text.
    edits : tuple of str
        Data edits as "row id:number".
    data : str or None
        Date of the snapshot that the file asks for, one of those there are; None: the latest.
    """

    scenario: Scenario
    touched: tuple[str, ...] = ()
    messages: tuple[Message, ...] = ()
    name: str | None = None
    edits: tuple[str, ...] = ()
    data: str | None = None


Entry = tuple[str, str, object]  # section ("" above the first one), key, value


def dumps(
    scenario: Scenario,
    name: str | None = None,
    *,
    touched: Collection[str] = (),
    edits: Sequence[str] = (),
    data: str | None = None,
) -> str:
    """Write a scenario as a file; `loads` gives the same scenario back, bit for bit.

    Parameters
    ----------
    scenario : Scenario
        To be kept.
    name : str, optional
        What to call it; cut to 100 visible characters.
    touched : collection of str
        Levers by id that are written also when they equal their default.
    edits : sequence of str
        Data edits as "row id:number".
    data : str, optional
        Date of the snapshot that is looked at; the latest, as if not given, is not written.

    Returns
    -------
    str
        TOML, below 16 KB with up to 200 edits.

    Raises
    ------
    ValueError
        For an unknown lever in ``touched``.

    Examples
    --------
    >>> print(dumps(Scenario.default().replace(g=10, gw=False), "Slow"), end="")
    # Backstop scenario. Levers that are not listed stay at their default.
    model = "2026.13"
    name = "Slow"
    <BLANKLINE>
    [levers]
    demand_growth = 10.0  # -50 to 100 %/year
    google_honours_backstops = false  # yes, no
    """
    wanted = {lever(word).id for word in touched} | set(scenario.differs_from(Scenario.default(data)))
    lines = ["# Backstop scenario. Levers that are not listed stay at their default."]
    lines.append(f"model = {_toml(MODEL_VERSION)}")
    if shown := _visible(name or ""):
        lines.append(f"name = {_toml(shown)}")
    if data not in (None, *snapshots()[-1:]):
        lines.append(f"data = {_toml(data)}")
    lines += ["", "[levers]"]
    lines += [f"{one.name} = {_toml(scenario[one.id])}  # {one.span}" for one in levers() if one.id in wanted]
    if edits:
        lines += ["", "[edits]  # figures of the data, by row id"]
        lines += [f"{_toml(row)} = {number}" for row, _, number in (edit.partition(":") for edit in edits)]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    """A number, word or yes/no as TOML writes it; for these JSON writes the same."""
    return json.dumps(value, ensure_ascii=False)


def _visible(text: str) -> str:
    return "".join(character for character in text if character.isprintable())[:LONGEST_NAME].strip()


def loads(content: bytes | str, *, check_edits: CheckEdits | None = None) -> ParsedFile:
    """Read a scenario file, however bent: what is valid is kept, what is not is told. Never raises.

    Parameters
    ----------
    content : bytes or str
        As uploaded.
    check_edits : callable, optional
        Called once with the row ids and numbers of the data edits, at most `MOST_FILE_EDITS`; says why each
        is refused, or nothing: `core.web.web.refused_edits`. As for `core.scenario.link.parse`.

    Returns
    -------
    ParsedFile
        Scenario, levers touched, messages and the rest.

    Examples
    --------
    >>> read = loads('[levers]\\ng = 10\\ng = 20\\nrefinancing = "closed"\\nx = 1\\n')
    >>> read.scenario["g"], read.scenario["f"], read.touched
    (10.0, 'closed', ('g', 'f'))
    >>> [message.code for message in read.messages]
    ['unknown', 'file_repeated']
    """
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    if len(raw) > LARGEST:
        return _refused("file_too_large", size=-(-len(raw) // 1024), limit=LARGEST // 1024)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _refused("file_binary")
    if "\0" in text:
        return _refused("file_binary")
    entries, messages = _entries(text)
    if not entries:
        return _refused("file_not_toml" if messages else "file_blank")
    given: Pairs = []
    rows: dict[str, str] = {}
    name, model, dates = None, None, []
    for section, key, value in entries:
        if section == "" and key == "name":
            name = _visible(value) if isinstance(value, str) else None
            if name != value:
                messages.append(Message("file_name"))
        elif section == "" and key == "model":
            model = model or _text(value) or "?"
        elif section == "" and key == "data":
            dates.append(value.isoformat() if isinstance(value, date) else _text(value) or "?")
        elif section not in ("", *SECTIONS):
            messages.append(Message("file_section", {"given": echo(section)}))
        elif section == "edits":
            if key in rows:
                messages.append(Message("repeated_edit", {"row": echo(key)}))
            rows.setdefault(key, f"{key}:{_text(value)}")
        elif (text_of := _text(value)) is None:
            messages.append(Message("file_type", {"given": echo(key)}))
        elif _plain_name(key) in _RESERVED:  # words of a link, not of a file
            messages.append(Message("unknown", {"given": echo(key)}))
        else:
            given.append((key, text_of))
    given += [("m", model)] if model else []
    given += [("data", date) for date in dates]
    parsed = read_pairs(given)
    messages += parsed.messages
    edits = read_edits(rows.values(), check_edits, messages, MOST_FILE_EDITS, data=parsed.data)
    unique = dict.fromkeys((one.code, tuple(one.params.items())) for one in messages)
    own = (Message(_OF_A_FILE.get(code, code), dict(params)) for code, params in unique)
    return ParsedFile(parsed.scenario, parsed.touched, bounded(own), name or None, edits, parsed.data)


def _refused(code: str, **words: int) -> ParsedFile:
    return ParsedFile(Scenario.default(), messages=(Message(code, dict(words)),))


def _entries(text: str) -> tuple[list[Entry], list[Message]]:
    """All entries of a file; line by line if it is not TOML as a whole: a bad line costs one line."""
    lines, messages = _short_lines(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    try:
        return _flat(tomllib.loads("\n".join(lines), parse_float=_Written)), messages
    except (ValueError, RecursionError):
        pass
    entries: list[Entry] = []
    section = ""
    for number, line in enumerate(lines, 1):
        try:
            found = tomllib.loads(line, parse_float=_Written)
        except (ValueError, RecursionError):
            if by_hand := _by_hand(line):
                entries.append((section, *by_hand))
            else:
                messages.append(Message("file_line", {"line": number}))
            continue
        if line.lstrip().startswith("["):
            section = next(iter(found))
        else:
            entries += _flat({section: found} if section else found)
    return entries, messages


class _Written(float):
    """A number with its text: 1.000 is not one to everybody."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("_", "")

    def __new__(cls, text: str) -> _Written:
        return super().__new__(cls, text)


def _by_hand(line: str) -> tuple[str, str] | None:
    """Name and value of a line that is no TOML, where one can see what is meant."""
    found = _BY_HAND.fullmatch(line)
    if not found:
        return None
    key, value = (part.strip(_QUOTES).strip() for part in found.groups())
    return (key, value) if value and _BARE_KEY.fullmatch(key) else None


def _short_lines(lines: Sequence[str]) -> tuple[list[str], list[Message]]:
    """Empty the lines that are too long for the parser, and tell each; a section gets a name that is none."""
    kept, messages = list(lines), []
    for place, line in enumerate(lines):
        limit = LONGEST_HEADER if line.lstrip().startswith("[") else LONGEST_LINE
        if len(line) > limit and (length := len(_REMARK.sub(r"\1", line))) > limit:
            kept[place] = f'["line {place + 1}"]' if limit == LONGEST_HEADER else ""
            words: dict[str, str | int] = {"line": place + 1, "length": length, "limit": limit}
            messages.append(Message("file_long_line", words))
    return kept, messages


def _flat(document: Mapping[str, object]) -> list[Entry]:
    out: list[Entry] = []
    for key, value in document.items():
        if isinstance(value, dict) and key == "edits":
            out += [("edits", row, number) for row, number in _dotted(value)]
        elif isinstance(value, dict):
            out += [(key, inner, content) for inner, content in value.items()]
        else:
            out.append(("", key, value))
    return out


def _dotted(table: Mapping[str, object], head: str = "") -> list[tuple[str, object]]:
    """Row ids hold dots; somebody who forgot the quotes has written tables within tables."""
    out: list[tuple[str, object]] = []
    for key, value in table.items():
        out += _dotted(value, f"{head}{key}.") if isinstance(value, dict) else [(f"{head}{key}", value)]
    return out


def _text(value: object) -> str | None:
    """A value as a link would write it; None for what no link could hold (lists, tables, dates)."""
    if isinstance(value, _Written):
        return value.text
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return repr(value)
    return value if isinstance(value, str) else None
