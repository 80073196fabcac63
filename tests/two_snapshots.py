"""The package with data of two dates: the first snapshot, and a made-up one that is the latest."""

from __future__ import annotations

import csv
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from core.holdings import instruments
from core.results import headline_then
from core.scenario import levers
from core.sources import beside, checked, databook, facts, history, holders, pairs, quotes, weights
from core.web import web

READ = (
    *(web._shipped, web._arrived, web._own_dates, web.refused_edits, headline_then.data_mark),
    *(web.published, levers._default, databook._schema, checked.sound_web, quotes.quotes),
    *(history.figures, facts.figures, facts.beside, facts.claims, beside.others, pairs.pairs, holders.known),
    *(instruments.instruments, instruments._names, instruments._numbers, instruments._begun),
    *(instruments._bare, weights.rows, weights.weights),
)

T = TypeVar("T")


@contextmanager
def in_use(root: Path) -> Iterator[None]:
    """Let the whole package look at a folder of data, with nothing remembered of another."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(web, "DATA", root)
        _forget()
        yield
    _forget()


def write(path: Path, lines: Sequence[Mapping[str, str]]) -> None:
    """Write a table of the data with these lines."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, lines[0])
        writer.writeheader()
        writer.writerows(lines)


def read_with(root: Path, table: str, lines: Sequence[Mapping[str, str]], ask: Callable[[], T]) -> T:
    """Ask the package something as if these lines were a table of its data, in a folder made for it."""
    shutil.copytree(checked.DATA, root)
    write(root / f"{table}.csv", lines)
    with pytest.MonkeyPatch.context() as patch, in_use(root):
        patch.setattr(checked, "DATA", root)
        return ask()


def _forget() -> None:
    for one in READ:
        one.cache_clear()
    if cached := sys.modules.get("pages.kit.visit.cached"):  # what the pages remember, if there are any
        cached.forget()
