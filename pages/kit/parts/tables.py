"""The table behind a chart, with its download, and the short lists under the charts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import streamlit as st

from pages.kit.drawing import plot
from pages.kit.parts import files
from pages.kit.visit import on_request
from pages.kit.words import numbers
from pages.kit.words.catalogue import _

NOTHING = "–"  # where a figure is not defined


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

    if plot.is_large():
        return  # nothing beside a chart that many look at

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
    grid(columns, alt=of)
    files.offer_csv(columns, f"backstop-{key}", key=f"{key}_csv")


def grid(columns: Mapping[str, Sequence], *, alt: str, **more: object) -> object:
    """Show columns as a table to sort, its numbers in the signs of the reader's language; see st.dataframe.

    Left alone the browser writes numbers with a point, or in its own language. So each number comes with its
    text: the text is shown, and the number is what is sorted. Where words stand among the numbers of a column
    it is a column of texts.
    """
    frame = pd.DataFrame({head: _cells(values) for head, values in columns.items()})
    counted = [head for head in frame if pd.api.types.is_numeric_dtype(frame[head])]
    shown = frame
    if counted:
        shown = frame.style.format(na_rep=NOTHING).format(numbers.exact, subset=counted, na_rep=NOTHING)
    return st.dataframe(shown, hide_index=True, placeholder=NOTHING, alt=alt, **more)


def _cells(values: Sequence) -> Sequence:
    """Return the values of a column that are all numbers, or all texts and lists."""
    told = [value for value in values if value is not None]
    among = [isinstance(value, int | float) and not isinstance(value, bool) for value in told]
    if all(among):
        return pd.Series(values, dtype=None if told else object)
    return [numbers.exact(v) if isinstance(v, int | float) else v for v in values] if any(among) else values


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
