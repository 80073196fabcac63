"""Where a path leads: to a page, to that page's own path, or nowhere; however mail and chat have bent it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote, unquote

from core.scenario.levers import nearest
from pages.kit.frame.frame import PAGES, Entry
from pages.kit.visit.visit import LANGUAGES
from pages.kit.words.catalogue import translations

LONGEST = 256  # characters of a path that is looked at; no page has a tenth of that
NEAR = 0.75  # how like the name of a page a word is that is taken for it, from 0 to 1
SAFE = "!$&'()*+,-./:;=?@_~%"  # what a query may hold as it stands; all else is percent-encoded
ENDINGS = ("html", "htm", "php", "aspx")  # that some programs put behind a name


@dataclass(frozen=True)
class Way:
    """Where a path leads: a page if it is one's, the query with it, the names that it consists of.

    `to` is the page's own path, where the path given is a bent one of it.
    """

    page: Entry | None
    query: str
    names: tuple[str, ...] = ()
    to: str | None = None

    def near(self) -> Entry | None:
        """Return the page that may be meant where the path is none's; to look for it takes a moment."""
        if not self.names:
            return None
        word = nearest(self.names[0], _names(), cutoff=NEAR)
        return word and _names()[word]


def own(entry: Entry) -> str:
    """Return the one path of a page, without the path under which the app is served."""
    return "/" if entry is PAGES[0] else f"/{entry.name}"


def lead(path: str, query: str) -> Way:
    """Find where a path leads; a query that has become a part of it comes first.

    Parameters
    ----------
    path : str
        As a server gives it: percent-decoded once, without the path under which the app is served.
    query : str
        The query beside it, as it came.
    """
    text = unquote(path[:LONGEST]) if len(path) <= LONGEST else ""
    place, mark, inside = text.partition("?")
    if not mark:  # a mark that was lost, or replaced by the sign that parts parameters
        place, mark, inside = _split_pairs(text)
    told = "&".join(part for part in (quote(inside, safe=SAFE), quote(query, safe=SAFE)) if part)
    names = tuple(word for one in re.split(r"[/\\]+", place) if (word := _letters(one)))
    page = _names().get(names[0] if names else _letters(PAGES[0].name))
    if page is None or len(names) > 1 or len(path) > LONGEST:
        return Way(None, told, names)
    return Way(page, told, names, None if path == own(page) else own(page))


def _split_pairs(text: str) -> tuple[str, str, str]:
    """Part a path from pairs that stand in it without a question mark: ``/neoclouds&g=10``."""
    found = re.search(r"[&;/]([a-z]{1,12}=.*)", text)
    return (text[: found.start()], "?", found[1]) if found else (text, "", "")


def _letters(text: str) -> str:
    """Return the letters and digits of a name, in small ones: what is left of it however it is written."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    for ending in ENDINGS:
        plain = plain.removesuffix(f".{ending}")
    return "".join(sign for sign in plain if sign.isalnum())


@cache
def _names() -> dict[str, Entry]:
    """Return the pages by their names in letters: that of the file, and the title in every language."""
    found = {"index": PAGES[0], "home": PAGES[0]}
    for entry in PAGES:
        titles = [translations(code).gettext(entry.title) for code in LANGUAGES]
        found |= {_letters(name): entry for name in (entry.name, *titles)}
    return found
