"""Then against now: an earlier build-out beside this one, pair by pair, each side with its sources.

`core/data/pairs.toml` names the rows of both sides. Words hold no number: a row in braces stands for its
figure, so that each figure has its date and its source.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from core.results.comparison import FIGURES
from core.sources import facts
from core.sources.glossary import LANGUAGES
from core.web.refusal import nearest
from core.web.web import DATA, LABS, NEOCLOUDS, OPERATORS

THEMES = ("size", "vendors", "demand", "credit", "after")
CLASSES = ("secured", "unsecured")
Side = tuple[tuple[str, ...], ...]
"""Figures of a side: each the ids of the rows that state it, more than one where sources differ."""


@dataclass(frozen=True)
class Pair:
    """What was compared, on both sides.

    Attributes
    ----------
    id, theme : str
        `theme` is one of `THEMES`.
    says, differs, against : mapping of language to str
        What is compared; in what the two are not alike; how a figure cuts the other way, empty if none does.
    then, now, against_rows : tuple of tuple of str
        Figures, see `Side`.
    model : tuple of str
        Figures of the model on the side of now: of `core.results.comparison.FIGURES`, ``chance.<company>``
        or ``recovered.<company>.<class>``.
    """

    id: str
    theme: str
    says: Mapping[str, str]
    differs: Mapping[str, str]
    against: Mapping[str, str]
    then: Side
    now: Side
    against_rows: Side
    model: tuple[str, ...]

    @property
    def rows(self) -> tuple[str, ...]:
        """Ids of all rows that it rests on.

        >>> pairs()["it_investment"].rows[0]
        'history.info_equipment_software_pct_gdp_2000'
        """
        return tuple(row for side in (self.then, self.now, self.against_rows) for one in side for row in one)


@lru_cache(maxsize=1)
def pairs() -> Mapping[str, Pair]:
    """All pairs by id, in the order of the file.

    Raises
    ------
    ValueError
        Naming the pair when it stands there twice, lacks a language or a side, holds a number of its own, or
        names a row, a theme or a figure of the model that does not exist.

    Examples
    --------
    >>> pair = pairs()["lucent"]
    >>> pair.theme, len(pair.then[0])
    ('vendors', 2)
    """
    told = tomllib.loads((DATA / "pairs.toml").read_text(encoding="utf-8"))["pair"]
    known, found = facts.beside().keys() | facts.rows_of_any_date(), {}
    for entry in told:
        pair = _pair(entry)
        if pair.id in found:
            raise ValueError(f"pairs.toml: two pairs {pair.id!r}")
        _check(pair, known)
        found[pair.id] = pair
    return MappingProxyType(found)


def _pair(entry: Mapping) -> Pair:
    says, differs, against = (
        MappingProxyType({k: entry.get(f"{prefix}{k}", "") for k in LANGUAGES})
        for prefix in ("", "differs_", "against_")
    )
    then, now, against_rows = (
        tuple((one,) if isinstance(one, str) else tuple(one) for one in entry.get(side, ()))
        for side in ("then", "now", "against")
    )
    model = tuple(entry.get("model", ()))
    return Pair(entry["id"], entry["theme"], says, differs, against, then, now, against_rows, model)


def _check(pair: Pair, known: Collection[str]) -> None:
    """Refuse a pair that leaves its reader without a side, a source or a language."""
    texts = (*pair.says.values(), *pair.differs.values(), *pair.against.values())
    for wrong, what in (
        (pair.theme not in THEMES, f"unknown theme {pair.theme!r}"),
        (not all((*pair.says.values(), *pair.differs.values())), "a language is missing"),
        (len(set(map(bool, (*pair.against.values(), pair.against_rows)))) > 1, "half of what cuts against"),
        (not pair.then or not (pair.now or pair.model), "a side is missing"),
        (any(re.search(r"\d", text) for text in texts), "its words hold a number; rows do"),
        (not all(map(_is_computed, pair.model)), "names a figure that the model does not have"),
    ):
        if wrong:
            raise ValueError(f"pairs.toml, {pair.id}: {what}")
    for row in pair.rows:
        if row not in known:
            raise ValueError(f"pairs.toml, {pair.id}: no row {row!r}; nearest: {nearest(row, known)}")


def _is_computed(name: str) -> bool:
    """Tell whether the model has a figure of this name.

    >>> _is_computed("chance.coreweave"), _is_computed("recovered.coreweave.senior")
    (True, False)
    """
    kind, _dot, rest = name.partition(".")
    company, _dot, seniority = rest.partition(".")
    if kind not in ("chance", "recovered"):
        return name in FIGURES
    return company in (*NEOCLOUDS, *LABS, *OPERATORS) and (seniority in CLASSES) == (kind == "recovered")


def of_theme(theme: str) -> tuple[Pair, ...]:
    """The pairs of a theme, in the order of the file.

    Parameters
    ----------
    theme : str
        Of `THEMES`.

    Examples
    --------
    >>> {pair.theme for pair in of_theme("credit")}
    {'credit'}
    """
    return tuple(pair for pair in pairs().values() if pair.theme == theme)
