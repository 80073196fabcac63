"""Terms of art in one or two plain lines each, in both languages: `core/data/glossary.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from core.web.web import DATA

LANGUAGES = ("en", "nl")


@dataclass(frozen=True)
class Term:
    """A term of art: its name and what it means, by language."""

    id: str
    name: Mapping[str, str]
    meaning: Mapping[str, str]


@lru_cache(maxsize=1)
def terms() -> Mapping[str, Term]:
    """All terms by id.

    Raises
    ------
    ValueError
        When a term lacks a language.

    Examples
    --------
    >>> terms()["basis_point"].meaning["en"]
    'A hundredth of a percentage point: 100 basis points are 1 %.'
    """
    found = {}
    for ident, told in tomllib.loads((DATA / "glossary.toml").read_text(encoding="utf-8")).items():
        wanted = {*LANGUAGES, *(f"name_{language}" for language in LANGUAGES)}
        if set(told) != wanted or not all(told.values()):
            raise ValueError(f"glossary.toml, {ident}: needs {', '.join(sorted(wanted))}")
        name = {language: told[f"name_{language}"] for language in LANGUAGES}
        meaning = {language: told[language] for language in LANGUAGES}
        found[ident] = Term(ident, MappingProxyType(name), MappingProxyType(meaning))
    return MappingProxyType(found)
