"""The equations of the model as text: `core/data/method.toml`, section by section, in both languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from core.sources.glossary import LANGUAGES
from core.web.web import DATA


@dataclass(frozen=True)
class Section:
    """One part of the model: its modules, its equations in words and in LaTeX, ids of its parameters."""

    id: str
    modules: tuple[str, ...]
    name: Mapping[str, str]
    words: Mapping[str, str]
    latex: tuple[str, ...]
    rows: tuple[str, ...]


@lru_cache(maxsize=1)
def sections() -> tuple[Section, ...]:
    """All sections, in the order of a quarter.

    Examples
    --------
    >>> [section.id for section in sections()][:3]
    ['market', 'labs', 'fleet']
    """
    told = tomllib.loads((DATA / "method.toml").read_text(encoding="utf-8"))["section"]
    return tuple(
        Section(
            id=one["id"],
            modules=tuple(one["modules"]),
            name=MappingProxyType({language: one[f"name_{language}"] for language in LANGUAGES}),
            words=MappingProxyType({language: one[language] for language in LANGUAGES}),
            latex=tuple(one["latex"]),
            rows=tuple(one["rows"]),
        )
        for one in told
    )
