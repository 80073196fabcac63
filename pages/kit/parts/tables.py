"""The table behind a chart, with its download, and the short lists under the charts."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from io import StringIO

import streamlit as st

from core.results.narrative import Event, Fact
from pages.kit.drawing import charts
from pages.kit.visit import on_request
from pages.kit.words import numbers, words
from pages.kit.words.catalogue import _

BADGES = {
    "holds": "green",
    "stretched": "orange",
    "supported": "orange",
    "renegotiated": "orange",
    "distressed": "red",
    "failed": "red",
}


def behind(
    columns: Mapping[str, Sequence], *, key: str, note: str = "", receipt: Callable[[], None] | None = None
) -> None:
    """Offer a panel's figures as a table and as a CSV file, and where they come from, all on request only.

    `columns` maps headings to equally long columns; numbers stay numbers, so that a spreadsheet can add them.
    `receipt` writes the sources of what the panel says.
    """

    def draw() -> None:
        shown(columns, key=key, note=note)
        if receipt:
            receipt()

    label, icon = _("Sources and table") if receipt else _("Table"), ":material/table_rows:"
    on_request.popover(label, draw, key=f"{key}_table", icon=icon)


def shown(columns: Mapping[str, Sequence], *, key: str, note: str = "") -> None:
    """Show figures as a table with its download."""
    if note:
        st.caption(note)
    st.dataframe(dict(columns), hide_index=True, alt=note or _("Table"))
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


def standing(companies: Sequence[tuple[str, Fact, Mapping | None]], reading: Mapping, *, alt: str) -> None:
    """List companies with a badge that says how each stands, and below it what went wrong first and when.

    Each is given as its id, its status, and its first breach if any.
    """
    rows = []
    for who, fact, breach in companies:
        cell = f":{BADGES[fact.code]}-badge[{words.status(fact)}]"
        if breach and not fact.code.startswith("holds"):
            cell += "  \n:small[:gray[" + words.first_breach(breach, reading["quarters"]) + "]]"
        rows.append((words.name(who), cell))
    facts(rows, alt=alt)


def losses(investors: Sequence[str], reading: Mapping, before: Mapping, *, alt: str) -> None:
    """List what each kind of investor loses, today's figure in brackets."""
    now, was = (
        {row["id"]: numbers.money(row["loss"]) for row in one["investors"]} for one in (reading, before)
    )
    rows = []
    for who in investors:
        today = "" if was[who] == now[who] else f" :small[:gray[({was[who]})]]"
        rows.append((words.loses(who), f"**{now[who]}**{today}"))
    facts(rows, alt=alt)


def timeline(events: Sequence[Event], *, empty: str) -> None:
    """Show events in order, each with quarter, who and what happened; `empty` says that there are none."""
    if not events:
        st.caption(empty)
        return
    rows = []
    for event in events:
        dot = f':color[●]{{foreground="{charts.grave(words.SEVERITY[event.code])}"}}'
        rows.append(
            (f"{dot} {numbers.quarter(event.quarter)}", f"**{words.name(event.entity)}**", words.event(event))
        )
    facts(rows, alt=_("What broke first"))


def compare(columns: Mapping[str, Sequence[str]], *, alt: str) -> None:
    """Show a small table whose headings matter, one column per thing compared; cells are our own markdown."""
    st.table(dict(columns), border="horizontal", hide_index=True, alt=alt)
