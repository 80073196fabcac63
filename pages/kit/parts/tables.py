"""The table behind a chart, with its download, and the short lists under the charts."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from io import StringIO

import streamlit as st

from pages.kit.visit import on_request
from pages.kit.words.catalogue import _


def behind(
    columns: Mapping[str, Sequence],
    *,
    key: str,
    of: str,
    note: str = "",
    receipt: Callable[[], None] | None = None,
) -> None:
    """Offer a panel's figures as a table and as a CSV file, and where they come from, all on request only.

    `of` is the title of the panel. `columns` maps headings to equally long columns; numbers stay numbers, so
    that a spreadsheet can add them. `receipt` writes the sources of what the panel says.
    """

    def draw() -> None:
        shown(columns, key=key, of=of, note=note)
        if receipt:
            receipt()

    label, icon = _("Sources and table") if receipt else _("Table"), ":material/table_rows:"
    on_request.popover(label, draw, key=f"{key}_table", icon=icon, of=of)


def shown(columns: Mapping[str, Sequence], *, key: str, of: str, note: str = "") -> None:
    """Show figures as a table with its download; `of` is what they are figures of."""
    if note:
        st.caption(note)
    st.dataframe(dict(columns), hide_index=True, alt=of)
    st.download_button(
        _("Download CSV"),
        csv_text(columns),
        f"backstop-{key}.csv",
        "text/csv",
        key=f"{key}_csv",
        on_click="ignore",
    )


def csv_text(columns: Mapping[str, Sequence]) -> str:
    """Return columns as CSV; a value that is not defined is an empty field.

    >>> print(csv_text({"quarter": ["2026Q1"], "x": [None]}))
    quarter,x
    2026Q1,
    <BLANKLINE>
    """
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return out.getvalue()


def heading(title: str, caption: str = "") -> None:
    """Write the title of a panel that is no chart, and a line below it."""
    below = f"\n:small[:gray[{caption}]]" if caption else ""
    st.markdown(f"## {title}{below}", anchors=False)


def facts(rows: Sequence[Sequence[str]], *, alt: str) -> None:
    """Show a short list of facts with thin rules; cells are markdown of our own making."""
    columns = list(zip(*rows, strict=True))
    st.table(
        {str(i): list(column) for i, column in enumerate(columns)},
        border="horizontal",
        hide_index=True,
        hide_header=True,
        alt=alt,
    )


def beside(now: float, before: float, write: Callable[[float], str]) -> str:
    """Write a figure for a cell; where it is another one with today's data, that in brackets."""
    text, was = write(now), write(before)
    return text if text == was else f"**{text}** :small[:gray[({was})]]"


def compare(columns: Mapping[str, Sequence[str]], *, alt: str) -> None:
    """Show a small table whose headings matter, one column per thing compared; cells are our own markdown."""
    st.table(dict(columns), border="horizontal", hide_index=True, alt=alt)
