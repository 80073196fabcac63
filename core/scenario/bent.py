"""What mail, chat and hands do to a link on its way, undone: the pairs that its sender wrote.

Signs glued to its end, a second "?", "&amp;", the "=3D" and broken lines of mail, separators in percent
escapes (once or several times over), signs of no width, tracking, the wrappers of mail filters and search
engines. Only what cannot stand in a link of ours is undone, so no value becomes one that nobody can have
meant; what else is wrong with a value is for `core.scenario.link` to refuse. So it is with a value of which
the end may be missing: one that a chat cut off with "…", or a number that may go on in the next line or not.

Work is bounded: so many characters and parts are read, each escape is undone so many times.
"""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote, unquote_plus

from core.scenario.levers import DATA, levers
from core.scenario.packed import LENGTH

Pairs = list[tuple[str, str]]

LONGEST_LINK = 64 * 1024  # characters that are read
MOST_PARTS = 10_000  # names with their value that are read
MOST_LAYERS = 3  # of escapes within escapes, wrappers within wrappers

# Signs of no width that a link gets from editors, chats and filters. Those that turn the order of what is
# seen are not among them: with one of these in it, a number is not the one that its sender saw.
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u180e\u200b\u200c\u200d\u200e\u202a\u202c\u2060\u2066\u2069\ufeff"))
_QUOTES = "\"'`´“”„‟‘’‚‛«»‹›"
# Behind a value; an underscore too, but of a receipt it may be a sign.
_BEHIND = _QUOTES + ")]}>*.,:;!…|~=\\。，、）」』】 \xa0"
_BEFORE = _QUOTES + "([{<*|~/"  # before a name
_CUT_OFF = re.compile(r"…|\.\s*\.")  # behind a value of which nobody knows how it went on
_ENTITY = re.compile(r"&(?:amp|AMP|lt|gt|quot|apos|nbsp|hellip|[lr][ads]quo|#\d{1,5}|#[xX][0-9a-fA-F]{1,4});")
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_BREAK = re.compile(r"[\r\n]+")
_ESCAPED_BREAK = re.compile("(?:%0A|%0D)+", re.IGNORECASE)
_ESCAPED_UNSEEN = re.compile("|".join(quote(chr(code)) for code in _UNSEEN), re.IGNORECASE)
# A break behind which a number may go on, or another text may begin with one.
_EITHER = re.compile(r"\n(?=[eE]?[\d.,．，٫])")
_IN_ESCAPE = re.compile(r"%\n?(?:2\n?5\n?){0,2}(?:2\n?6|3\n?[dDfF])")  # of a separator
_WORD = re.compile(r"\S+")
_SEPARATOR = re.compile(r"[&?]")
_AND, _IS = "(?:&|%(?:25){0,2}26)", "(?:=|%(?:25){0,2}3[dD])"  # also in escapes, as the next two
_EQUALS = re.compile(_IS)
_ENDS_IN_EQUALS = re.compile(f"{_IS}$")
_QUESTION_MARK = re.compile(r"%(?:25){0,2}3f", re.IGNORECASE)
_BETWEEN = re.compile(rf"({_AND}|\?|{_QUESTION_MARK.pattern})", re.IGNORECASE)  # one pair and the next
_SCHEME = r"https?(?::|%(?:25){0,2}3a)(?:/|%(?:25){0,2}2f){2}"
_ADDRESS = re.compile(_SCHEME, re.IGNORECASE)
_IN_A_TEXT = re.compile(rf"(?:^|[\s:<(\[{{|*_\"'“„‘«])({_SCHEME})", re.IGNORECASE)
_IN_AN_ADDRESS = re.compile(rf"(?:^|{_AND})(?P<name>\w{{1,40}}){_IS}(?P<begins>{_SCHEME})", re.IGNORECASE)
_PROOFED = re.compile(rf"(?:^|{_AND})u{_IS}(https?-(?:25){{0,2}}3A[^&]*)")  # with "-" for "%" and "_" for "/"
_OPENED, _CLOSED = "/__http", re.compile("__(?:;|%(?:25){0,2}3B)")  # around an address, with another filter
_PLAIN = re.compile(r"(?!3D)[a-zA-Z0-9.:@+-]*[a-zA-Z0-9]", re.ASCII)  # to which nothing happened
_AND_OR_IS = re.compile(f"{_AND}|{_IS}")
_NO_ADDRESS = re.compile(r"[\"<>]")
_FRAGMENT = re.compile(r"#(?![xX]?[0-9a-fA-F]{1,5};)")
_SOFT_BREAK = re.compile(r"=[ \t]*\r?\n")
_NO_SOFT_BREAK = re.compile(r"=(?![ \t]*\r?\n)")


@dataclass(frozen=True)
class Straight:
    """A link after all that could be undone was undone.

    Attributes
    ----------
    pairs : list of (str, str)
        Names and values in the order of the link, tracking left out.
    mended : frozenset of (str, str)
        Those of them that did not stand in the link as they are here.
    left_out : int
        How many characters or parts lay beyond what is read.
    """

    pairs: Pairs
    mended: frozenset[tuple[str, str]] = frozenset()
    left_out: int = 0


def straighten(link: str | Mapping[str, str | Sequence[str]]) -> Straight:
    """Undo what was done to a link on its way.

    Parameters
    ----------
    link : str or mapping
        A query string with or without "?", a whole address, perhaps in a text or in the wrapper of a mail
        filter, or the parameters as a browser reads them: lists of values.

    Returns
    -------
    Straight
        Its pairs, and what was undone.

    Examples
    --------
    >>> straighten("<https://example.org/?g=10%26r=3D6.5?utm_source=x>, as we said").pairs
    [('g', '10'), ('r', '6.5')]
    >>> straighten("https://www.google.com/url?q=https://example.org/?g=10%26r=6.5&sa=D").pairs
    [('g', '10'), ('r', '6.5')]
    """
    if isinstance(link, str):
        given, plain, left_out = _parts(link)
    else:
        given = plain = [
            (str(name), str(value))
            for name, values in link.items()
            for value in ([values] if isinstance(values, str) else values)
        ]
        left_out = 0
    known = frozenset((name.strip(), value.strip()) for name, value in plain)
    pairs: Pairs = []
    mended: set[tuple[str, str]] = set()
    for name, value in given:
        for pair in _undone(name, value):
            if len(pairs) == MOST_PARTS:
                left_out += 1
                continue
            pairs.append(pair)
            if (pair[0].strip(), pair[1].strip()) not in known:
                mended.add(pair)
    return Straight(pairs, frozenset(mended), left_out)


def is_tracking(name: str) -> bool:
    """Tell the name of a parameter that says nothing to this app and about which nothing is said.

    Parameters
    ----------
    name : str
        Of a parameter, in any case.

    Examples
    --------
    >>> is_tracking("utm_source"), is_tracking("fbclid"), is_tracking("g")
    (True, True, False)
    """
    declared, word = _declared(), name[:40].lower()
    return word in declared["tracking"] or word.startswith(declared["tracking_prefixes"])


@lru_cache(maxsize=1)
def _declared() -> dict[str, Any]:
    declared = tomllib.loads((DATA / "bent.toml").read_text(encoding="utf-8"))
    return declared | {
        "tracking": frozenset(declared["tracking"]),
        "tracking_prefixes": tuple(declared["tracking_prefixes"]),
    }


# ---- a text


def _parts(text: str) -> tuple[Pairs, Pairs, int]:
    """The parts of a link in a text; as they would be had nobody bent it; and how much of it is too long."""
    left_out = max(0, len(text) - LONGEST_LINK)
    if left_out:
        text = text[:LONGEST_LINK].rpartition("&")[0]  # half of a value would be another one
    seen = _ESCAPED_UNSEEN.sub("", _ESCAPED_BREAK.sub("\n", text)).translate(_UNSEEN)
    whole = _one_line(seen.strip()).replace("=3D", "=")
    address, wrapped = _unwrapped(_without_entities(whole))
    query, before = _query(address), _query(text.strip())
    straight, left = _pairs(query)
    plain = straight if wrapped or before == query else _pairs(before)[0]
    return straight, plain, left_out + left


def _pairs(query: str) -> tuple[Pairs, int]:
    """The pairs of a query string, and how many more there are than are read."""
    parts = [part for part in query.split("&") if part]
    split = (part.partition("=") for part in parts[:MOST_PARTS])
    pairs = [(unquote_plus(name), unquote_plus(value)) for name, _, value in split]
    return pairs, max(0, len(parts) - MOST_PARTS)


def _one_line(text: str) -> str:
    """A link out of a text, broken lines joined; an empty line ends it."""
    # mail has all signs "=" in escapes, or else only those at the ends of lines
    if "=3D" in text or ("3D" in text and not _NO_SOFT_BREAK.search(text)):
        text = _SOFT_BREAK.sub("", text)
    found = _IN_A_TEXT.search(text)
    before = text[: found.start(1)].replace("\n", "") if found else ""  # a break may have been an escape
    if "=" in before and len(before.split()) == 1:
        found = None  # no words stand before it but parameters, of one of which it is the value
    lines = _first_link(text[found.start(1) :] if found else text).splitlines()
    if found and lines and (end := _NO_ADDRESS.search(lines[0])):
        return lines[0][: end.start()]
    block: list[str] = []
    for line in lines:
        rest = line.strip().lstrip(">| \t") if block else line.strip()  # marks of what an answer quotes
        if not rest:
            break
        block.append(rest)
    if found and any(len(line.split(maxsplit=1)) > 1 for line in block):
        return _among_words(" ".join(block).split())
    return _joined("\n".join(block))


def _first_link(text: str) -> str:
    """A text up to the word with which another link begins, unless it is the value of a parameter."""
    equals, before = _EQUALS.search(text), ""
    for word in _WORD.finditer(text, equals.end() if equals else len(text)):
        said = word[0].lstrip(_BEFORE + ">")
        if before and _ADDRESS.match(said) and not _ENDS_IN_EQUALS.search(before):
            return text[: word.start()]
        before = word[0] if said else before  # marks of what an answer quotes are no word
    return text


def _joined(text: str) -> str:
    """Broken lines made one; where a number may go on in the next line or not, a blank keeps them apart.

    What another pair follows is part of the link in any case, and so is the rest of a name or a receipt.
    """
    parts = _BETWEEN.split(_IN_ESCAPE.sub(lambda found: found[0].replace("\n", ""), text))
    for place in range(0, len(parts), 2):
        part, behind = parts[place], "".join(parts[place + 1 : place + 3])
        goes_on = _EQUALS.search(behind) and (_AND_OR_IS.match(behind) or not part.endswith("\n"))
        equals = _EQUALS.search(part)
        if "\n" in part and equals and not goes_on:
            name, value = part[: equals.end()], part[equals.end() :].strip("\n")
            if name[: equals.start()].rpartition(";")[2].strip(_BEFORE + " \n") != "k":
                value = _EITHER.sub(" ", value)
            part = name + value
        parts[place] = part.replace("\n", "")
    return "".join(parts)


def _among_words(words: Sequence[str]) -> str:
    """A link that words follow, and perhaps the rest of it: a field makes blanks of broken lines.

    Where the next word may be the rest of a number, or not, it is left apart, and the number can not be read.
    """
    link = words[0]
    for word in words[1:]:
        name, _, value = link[max(link.rfind("&"), link.rfind("?")) + 1 :].partition("=")
        of_receipt = name == "k" and len(value) < LENGTH and word[:1].isalnum()
        if _AND_OR_IS.search(word) or of_receipt:
            link += word
        elif name != "k" and (word[0].isdecimal() or word[0] in ".,"):
            return f"{link} {word}"
        else:
            break
    return link


def _without_entities(text: str) -> str:
    for _layer in range(MOST_LAYERS):
        if not _ENTITY.search(text):
            break
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    return text


def _unwrapped(address: str) -> tuple[str, bool]:
    """The address that a mail filter or a search engine wrapped in its own, and whether one did."""
    address, wrapped = _without_entities(_open(address)), False
    for _layer in range(MOST_LAYERS):
        inside = _inside(address)
        if inside is None:
            break
        opened = _without_entities(_open(inside).translate(_UNSEEN)).replace("=3D", "=")
        address, wrapped = _without_own(opened, _host(address)), True
    return address, wrapped


def _open(address: str) -> str:
    """An address that is in escapes as a whole, out of them."""
    for _layer in range(MOST_LAYERS):
        begins = _ADDRESS.match(address)
        if not begins or "%" not in begins[0]:
            break
        address = unquote(address)
    return address


def _inside(address: str) -> str | None:
    """The address in a wrapper, perhaps with what is the wrapper's own behind it; None if it is none."""
    if not _ADDRESS.match(address):
        return None
    head, _, rest = address.partition(_OPENED)
    if "?" not in head and (closed := _CLOSED.search(rest)):
        return "http" + rest[: closed.start()]
    query = _query(address)
    if proofed := _PROOFED.search(query):
        return unquote(proofed[1].replace("-", "%").replace("_", "/"))
    found = _IN_AN_ADDRESS.search(query)
    if (
        not found
        or is_tracking(found["name"])
        or any(_is_ours(part) for part in query[: found.start()].split("&"))
    ):
        return None  # or an address of ours, to which another one was added
    inside = query[found.start("begins") :]
    return inside.partition("&")[0] if "%" in found["begins"] else inside


def _is_ours(part: str) -> bool:
    return part.partition("=")[0] in _our_words()


@lru_cache(maxsize=1)
def _our_words() -> frozenset[str]:
    return frozenset({"m", *(word for one in levers() for word in (one.id, one.name))})


def _host(address: str) -> str:
    return address.partition("://")[2].partition("/")[0].lower()


def _without_own(inside: str, host: str) -> str:
    """What a wrapper holds without what is the wrapper's own, where both have run together."""
    for known, mark in _declared()["wrappers"].items():
        if host.endswith(known):
            return re.split(f"{_AND}(?:amp;)?{mark.replace('=', _IS)}", inside, maxsplit=1)[0]
    return inside


def _query(address: str) -> str:
    """The parameters of an address, or what was given instead of one."""
    text = _FRAGMENT.split(address, maxsplit=1)[0]
    head, mark, tail = text.partition("?")
    if mark and not _EQUALS.search(head):
        return tail.lstrip("?")
    escaped = _QUESTION_MARK.search(text)
    if escaped and not _EQUALS.search(text, 0, escaped.start()):
        return text[escaped.end() :]
    if "=" not in text and "/" in text:
        return ""  # an address without parameters
    return text


# ---- a name with its value


def _undone(name: str, value: str) -> Pairs:
    """What a name and a value were before they were bent: one pair, several run together, or only signs."""
    if (_PLAIN.fullmatch(value) and name.isalpha()) or len(name) + len(value) > LONGEST_LINK:
        return [] if is_tracking(name) else [(name, value)]
    text = f"{name}={value}".translate(_UNSEEN)
    for _layer in range(MOST_LAYERS):
        text = _without_entities(text)
        if not _ESCAPE.search(text):
            break
        text = unquote(text).translate(_UNSEEN)
    word, _, said = text.partition("=")
    if _ADDRESS.match(said):  # what is in another address says nothing to us
        return [] if is_tracking(word) else [(name, value)]
    text = _first_link(text)
    if _BREAK.search(text):
        text = _joined("\n".join(line.strip(" \t") for line in _BREAK.split(text)))
    pieces = [(name, value)] if text == f"{name}={value}" and not _SEPARATOR.search(text) else _split(text)
    pairs = [(_name(word), _value(word, said)) for word, said in pieces]
    return [pair for pair in pairs if (pair[1] or pair[0].strip(_BEHIND + "_")) and not is_tracking(pair[0])]


def _split(text: str) -> Iterable[tuple[str, str]]:
    for piece in _SEPARATOR.split(_FRAGMENT.split(text, maxsplit=1)[0]):
        name, _, value = piece.partition("=")
        yield name, value


def _name(name: str) -> str:
    """A name without what was glued to its front: of "&amp;" a browser makes the name "amp;"."""
    return _without_entities(f"&{name}").lstrip("&" + _BEFORE) if ";" in name else name.lstrip(_BEFORE)


def _value(name: str, value: str) -> str:
    """A value without what was glued to it; how a number may be written is for others to say."""
    plain = value.removeprefix("3D").lstrip(_QUOTES)
    cut = plain.rstrip(_BEHIND + "_")
    if name != "k" and _CUT_OFF.search(plain, len(cut)):  # whether a receipt is whole can be seen
        return plain
    if name == "k":  # an underscore that stands next to a receipt may be a sign of it
        glued = plain[len(cut) :]
        cut += glued[: len(glued) - len(glued.lstrip("_"))]
    return plain if cut == plain.rstrip() else cut
