"""The package with data of two dates: the first snapshot, and a made-up one that is the latest."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


@contextmanager
def in_use(root: Path) -> Iterator[None]:
    """Let the whole package look at a folder of data, with nothing remembered of another."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(web, "DATA", root)
        _forget()
        yield
    _forget()


def _forget() -> None:
    for one in READ:
        one.cache_clear()
    if cached := sys.modules.get("pages.kit.visit.cached"):  # what the pages remember, if there are any
        cached.forget()
