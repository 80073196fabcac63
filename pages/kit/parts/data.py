"""The data half of Data and method: every figure with its provenance, and figures changed by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from core.questions import assumptions
from core.scenario import written
from core.scenario.link import MOST_EDITS
from core.scenario.text import echo
from core.sources import databook
from core.web.refusal import DataError
from core.web.snapshot import Row
from core.web.web import Web
from pages.kit.parts import files, provenance, tables
from pages.kit.visit import cached, on_request, visit
from pages.kit.words import labels, numbers
from pages.kit.words.catalogue import N_, _, ngettext

TABLES = {
    "entities": N_("companies"),
    "plans": N_("plans"),
    "capacity": N_("capacity"),
    "offtake": N_("contracts"),
    "tranches": N_("debt"),
    "repayments": N_("repayments"),
    "promises": N_("promises"),
    "funds": N_("funds"),
    "market": N_("market and rules"),
    "actuals": N_("reported by quarter"),
    "figures": N_("beside the model"),
    "beside": N_("others in the same trade"),
    "holders": N_("known holders"),
    "weights": N_("what funds hold"),
    "quotes": N_("market prices"),
    "history": N_("then and now"),
}
BOOK = {
    "id": N_("Id"),
    "label": N_("Figure"),
    "value": N_("Value"),
    "unit": N_("Unit"),
    "low": N_("Lowest"),
    "high": N_("Highest"),
    "as_of": N_("As of"),
    "basis": N_("Basis"),
    "confidence": N_("Confidence"),
    "source": N_("Source"),
    "publisher": N_("Publisher"),
    "source_date": N_("Date of the source"),
    "edited": N_("edited by hand"),
    "note": N_("Note"),
}
LABEL_WIDTH = 230  # pixels: leaves room for the value on a phone
REFUSED = {
    "out_of_range": N_("This number is outside what is possible: {low} to {high}."),
    "not_whole": N_("This must be a whole number."),
    "weights": N_("These shares must add up to 100 %; one of them alone cannot change."),
    "wrong_order": N_("With this number something would end before it begins."),
    "not_below": N_("This number must stay below another one of the same company or rule."),
}


def sentence() -> str:
    """Return the answer of the page: how many figures there are, and how sure of them we are."""
    counts = databook.by_basis(databook.rows(cached.snapshot()))
    told = {basis: counts.get(basis, 0) for basis in provenance.BASIS}
    text = _(
        "{count} numbers stand behind every picture. {reported} were reported, {derived} worked out from "
        "reports, {recalled} are from memory, {article} are the article's. {assumption} are assumptions, and "
        "look it."
    )
    written = {
        name: numbers.decimal(count, 0) for name, count in (told | {"count": sum(told.values())}).items()
    }
    return text.format(**written)


# ---------------------------------------------------------------- figures


def figures() -> None:
    """Show every figure with its provenance: words to search for, two filters, a table, a download."""
    web = cached.snapshot()
    told = databook.rows(web)
    said = {(row.table, row.id): _said(row) for row in told}

    def texts(row: Row) -> dict[str, str]:
        return said[row.table, row.id]

    found = databook.search(
        web,
        told,
        _search(),
        _filter("basis"),
        _filter("table"),
        also=lambda row: " ".join(texts(row).values()),
    )
    count = ngettext("{count} figure", "{count} figures", len(found)).format(
        count=numbers.decimal(len(found), 0)
    )
    st.caption(count)
    found = sorted(found, key=lambda row: isinstance(row.raw, str))  # names and kinds last
    chips = {_(word): colour for colour, word in provenance.BASIS.values()} | {_("edited by hand"): "red"}
    picked = tables.grid(
        {
            _("Figure"): [texts(row)["label"] for row in found],
            _("Value"): [provenance.stated(row).replace(numbers.NBSP, " ") for row in found],
            _("Basis"): [[_basis(row)] for row in found],
            _("As of"): [row.as_of for row in found],
            _("Confidence"): [_(provenance.CONFIDENCE[row.confidence]) for row in found],
            _("Source"): [texts(row)["source"] for row in found],
            _("Note"): [texts(row)["note"] for row in found],
            _("In links"): [row.id for row in found],
        },
        key="figures",
        height=420,
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            _("Figure"): st.column_config.TextColumn(width=LABEL_WIDTH),
            _("Basis"): st.column_config.MultiselectColumn(options=list(chips), color=list(chips.values())),
        },
        alt=_("All figures with value, basis, date, source and note"),
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        files.offer_csv(
            _book(web, told, texts),
            "backstop-data-book",
            key="databook_csv",
            label=_("Download the data book (CSV)"),
            icon=":material/download:",
        )
        st.caption(_("Mark a row to read its receipt."), width="content")
    for place in picked.selection.rows:
        if place < len(found):
            _receipt(found[place])
    on_request.expander(_("How much rests on assumptions"), weights, key="weights")


def _book(
    web: Web, told: Sequence[Row], texts: Callable[[Row], dict[str, str]]
) -> Callable[[], dict[str, list]]:
    """Return what writes the data book; its words are looked up here, where the visit is at hand."""
    heads = {name: _(head) for name, head in BOOK.items()}
    bases = {word: _(name) for word, (_colour, name) in provenance.BASIS.items()}
    sure = {word: _(name) for word, name in provenance.CONFIDENCE.items()}
    units = {row.unit: row.unit and _unit(row) for row in {row.unit: row for row in told}.values()}
    edited = {True: _("yes"), False: ""}

    def words(row: Row) -> dict[str, str]:
        said = {"unit": units[row.unit], "basis": bases[row.basis], "confidence": sure[row.confidence]}
        return texts(row) | said | {"edited": edited[bool(row.overridden)]}

    def make() -> dict[str, list]:
        book = databook.columns(web, told, words=words)
        return {head: book[name] for name, head in heads.items()}

    return make


def _unit(row: Row) -> str:
    return provenance.unit(row) if row.unit in provenance.UNITS else row.unit


def weights() -> None:
    """Say how much of what moves a headline figure rests on assumptions, and which rows weigh most.

    With today's data, so that moving a lever has nothing to wait for.
    """
    with st.spinner(_("Moving every figure of the data, one at a time")):
        found = cached.weights.today()
    if found.share is None:
        return
    text = _(
        "**{share}** of what moves a headline figure rests on assumptions. Each of {count} numbers was moved "
        "to the ends of its range, or by {step} where none is stated, with today's data, and what became of "
        "failures, calls and the mixed fund's return to {year} was added up. {moving} numbers move one at "
        "all; these weigh most."
    )
    st.markdown(
        text.format(
            share=numbers.percent(found.share, 0),
            count=len(found.rows),
            step=numbers.percent(assumptions.STEP, 0),
            year=visit.scenario()["h"],
            moving=found.moving,
        )
    )
    web, told = cached.original(), []
    for one in found.rows[: assumptions.TOP]:
        row = web.row(one.id)
        name = f"{labels.row(row)} {provenance.badge(one.basis)}"
        told.append((name, provenance.stated(row), f"**{numbers.percent(one.weight / found.total)}**"))
    tables.facts(told, alt=_("The figures that weigh most, with their share"))


def _said(row: Row) -> dict[str, str]:
    """Return the texts of a row in the language of the reader: to show, to search in and to download."""
    source = cached.snapshot().sources[row.source]
    return {
        "label": labels.row(row),
        "source": labels.source(source),
        "publisher": labels.publisher(source),
        "note": labels.note(row),
    }


def _basis(row: Row) -> str:
    return _("edited by hand") if row.overridden else _(provenance.BASIS[row.basis][1])


def _search() -> str:
    return st.text_input(
        _("Search"),
        key="search",
        placeholder=_("for example: coreweave debt, hyperion, Moody's"),
        max_chars=60,
    )


def _filter(what: str) -> list[str]:
    """Draw one filter, with all its options off."""
    labels = (
        TABLES if what == "table" else {basis: word for basis, (_colour, word) in provenance.BASIS.items()}
    )
    return st.pills(
        _("Kind") if what == "table" else _("Basis"),
        list(labels),
        selection_mode="multi",
        format_func=lambda option: _(labels[option]),
        key=f"filter_{what}",
        label_visibility="collapsed",
    )


def _receipt(row: Row) -> None:
    """Show one figure in full, with the way to change it."""
    with st.container(border=True, key="marked"):
        st.markdown(provenance.line(row))
        low, high = databook.stated_range(row)
        if low is not None and high is not None:
            text = _("Sources range from {low} to {high}.")
            st.caption(text.format(low=numbers.exact(low), high=numbers.exact(high)))
        if row.note:
            st.text(labels.note(row))
        source = cached.snapshot().sources[row.source]
        st.caption(labels.publisher(source))


# ---------------------------------------------------------------- edits


def edit() -> None:
    """Let the reader replace a figure and run again; list what is replaced, with a way back for each."""
    web = cached.snapshot()
    known = {row.id: row for row in databook.editable(web)}
    st.markdown(
        _(
            "Replace a figure and everything is computed again, on every page. Up to {most} changes travel "
            "in the link; a banner on each page says that the data are edited."
        ).format(most=MOST_EDITS)
    )
    if st.session_state.get("edit_row") not in known:
        st.session_state["edit_row"] = "coreweave.cash"
    names = {row_id: f"{labels.row(row)} ({row_id})" for row_id, row in known.items()}
    picked = st.selectbox(
        _("Figure"), list(known), format_func=names.__getitem__, key="edit_row", on_change=_forget
    )
    row = known[picked]
    low, high = databook.limits(row)
    st.markdown(provenance.line(row))
    if row.note:
        st.text(labels.note(row))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            _new_value(row),
            value=visit.start_from(f"edit_{row.id}", numbers.typed(float(row.raw))),
            key=f"edit_{row.id}",
            max_chars=30,
            help=_span(low, high),
            width=220,
        )
        st.button(
            _("Run with this figure"),
            key="edit_run",
            type="primary",
            on_click=_use,
            args=(row.id, low, high),
        )
    if st.session_state.get("edit_refused"):
        st.error(st.session_state["edit_refused"])
    _list()


def _new_value(row: Row) -> str:
    unit = provenance.unit(row)
    return _("New value, in {unit}").format(unit=unit) if unit else _("New value")


def _span(low: float | None, high: float | None) -> str | None:
    if low is None or high is None:
        return None
    return _("Possible: {low} to {high}.").format(low=numbers.exact(low), high=numbers.exact(high))


def _forget() -> None:
    visit.own_event()
    st.session_state["edit_refused"] = ""


def _use(row_id: str, low: float | None, high: float | None) -> None:
    """Take an edit over when the loader would, beside the others; else say in plain words why not."""
    _forget()
    typed = (st.session_state[f"edit_{row_id}"] or "").strip()
    others = tuple(text for text in visit.step().edits if text.rpartition(":")[0] != row_id)
    percent, comma = cached.original().row(row_id).unit.startswith("%"), visit.language() == "nl"
    number, notes = written.number(typed, percent=percent, comma=comma)
    if number is None or not math.isfinite(number):
        st.session_state["edit_refused"] = _no_number(typed, notes)
        return
    if len(others) >= MOST_EDITS:
        text = _("{most} figures are changed already; take one back first.")
        st.session_state["edit_refused"] = text.format(most=MOST_EDITS)
        return
    try:
        cached.edit_check()(row_id, number)
        cached.edit_check(others)(row_id, number)
    except DataError as refused:
        code = refused.problems[0].code if refused.problems else ""
        span = {"low": _bound(low), "high": _bound(high)}
        st.session_state["edit_refused"] = (
            _(REFUSED[code]).format(**span) if code in REFUSED else _("This figure cannot be changed so.")
        )
        return
    edit = f"{row_id}:{repr(float(number)).removesuffix('.0')}"
    visit.go(replace(visit.step(), edits=(*others, edit)))


def _no_number(typed: str, notes: Sequence[str]) -> str:
    """Say why what was typed is no number to run with."""
    if "ambiguous" in notes:
        small, large = numbers.either(typed)
        text = _("“{typed}” can be {small} or {large}: type either of these.")
        return text.format(typed=echo(typed), small=small, large=large)
    return _("“{typed}” is not a number.").format(typed=echo(typed)) if typed else _("Nothing was typed.")


def _bound(value: float | None) -> str:
    return "∞" if value is None else numbers.exact(value)


def _list() -> None:
    """List the figures that are changed, each with what it was and a button that takes it back."""
    edits = visit.step().edits
    if not edits:
        st.caption(_("No figure is changed."))
        return
    web, original = cached.snapshot(), cached.original()
    for number, text in enumerate(edits):
        row_id = text.rpartition(":")[0]
        with st.container(
            horizontal=True, vertical_alignment="center", gap="small", wrap=False, key=f"edit_line_{number}"
        ):
            was, now = provenance.stated(original.row(row_id)), provenance.stated(web.row(row_id))
            label = labels.row(web.row(row_id))
            st.markdown(f":red-badge[{now}] {label} :small[`{row_id}` · {_was(was)}]", width="stretch")
            st.button(
                _("Take back"),
                key=f"take_back_{number}",
                type="tertiary",
                icon=":material/undo:",
                on_click=_take_back,
                args=(text,),
            )


def _was(figure: str) -> str:
    return _("was {figure}").format(figure=figure)


def _take_back(text: str) -> None:
    """Take back one edit, and every other that is impossible without it."""
    _forget()
    left: tuple[str, ...] = ()
    for other in visit.step().edits:
        if other == text:
            continue
        row_id, _colon, number = other.rpartition(":")
        try:
            cached.edit_check(left)(row_id, float(number))
        except DataError:
            continue
        left = (*left, other)
    visit.go(replace(visit.step(), edits=left))
