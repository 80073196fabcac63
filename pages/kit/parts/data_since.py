"""What has become known since the day of the data: what was reported and expected, what markets asked."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.questions import backtest
from core.sources import databook, quotes
from core.web.snapshot import Row
from pages.kit.parts import provenance, tables
from pages.kit.visit import cached
from pages.kit.words import glossary as words_of_method
from pages.kit.words import labels, numbers
from pages.kit.words.catalogue import _

FIGURE_WIDTH = 190  # pixels: names of figures are longer than the columns beside them
HEIGHT = 420  # pixels: both tables fit on a screen


def since() -> None:
    """Show two tables, each row with its day and source: figures of companies, and prices of markets."""
    web = cached.snapshot()
    date = numbers.day(web.snapshot)
    tables.heading(
        _("Reported since {date}").format(date=date),
        _(
            "What companies of these data reported on a later day, and what they expect. Guidance is a "
            "promise, not an outcome. What the model has of it stands in the back-test."
        ),
    )
    _reported(backtest.since(web))
    tables.heading(
        _("Market prices since {date}").format(date=date),
        _("Quotes of a day, the latest first. Nothing is computed with them."),
    )
    _quoted(quotes.since(web))
    words_of_method.explain(
        *("guidance", "backlog", "cds", "par", "basis_point", "redemption_cap"), key="since_words"
    )


def _reported(rows: Sequence[Row]) -> None:
    if not rows:
        st.caption(_("Nothing yet."))
        return
    parts = [row.subject.partition(".") for row in rows]
    columns = {
        _("Company"): [labels.subject(who) for who, _dot, _what in parts],
        _("Figure"): [labels.what(row) for row in rows],
        _("When"): [numbers.period(row.item) for row in rows],
        _("Value"): [_value(row) for row in rows],
        _("Kind"): [_("guidance") if backtest.is_guidance(row) else _("reported") for row in rows],
    }
    alt = _("Reported or expected since the day of the data, with day, source and note")
    _table(columns | _told(rows), key="since_reported", alt=alt)


def _quoted(rows: Sequence[Row]) -> None:
    if not rows:
        st.caption(_("Nothing yet."))
        return
    columns = {
        _("Whose"): [labels.subject(row.subject) for row in rows],
        _("Figure"): [labels.what(row) for row in rows],
        _("Value"): [_value(row) for row in rows],
    }
    alt = _("Quotes since the day of the data, with day, source and note")
    _table(columns | _told(rows), key="since_quoted", alt=alt)


def _table(columns: dict[str, list[str]], *, key: str, alt: str) -> None:
    wide = {_("Figure"): st.column_config.TextColumn(width=FIGURE_WIDTH)}
    tables.grid(columns, key=key, height=HEIGHT, column_config=wide, alt=alt)


def _told(rows: Sequence[Row]) -> dict[str, list[str]]:
    sources = cached.snapshot().sources
    return {
        _("As of"): [row.as_of for row in rows],
        _("Confidence"): [_(provenance.CONFIDENCE[row.confidence]) for row in rows],
        _("Source"): [labels.source(sources[row.source]) for row in rows],
        _("Note"): [labels.note(row) for row in rows],
    }


def _value(row: Row) -> str:
    """Write a value with its unit; of guidance the range, of which one end may be open."""
    low, high = databook.stated_range(row)
    text = provenance.stated(row)
    if backtest.is_guidance(row) and row.table == "actuals" and low != high:
        least, most = ("" if end is None else numbers.exact(end) for end in (low, high))
        amount = f"{least} – {most}" if least and most else f"≥ {least}" if least else f"≤ {most}"
        text = provenance.in_unit(row, amount)
    return text.replace(numbers.NBSP, " ")
