"""The back-test: what the model says of periods that have passed since its data, beside what was reported."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.questions import backtest
from core.web.snapshot import Row
from pages.kit.parts import tables
from pages.kit.visit import cached, visit
from pages.kit.words import labels, numbers, words
from pages.kit.words.catalogue import N_, _

MEASURES = {
    "revenue": N_("revenue"),
    "ebitda": N_("EBITDA"),
    "interest": N_("interest"),
    "operating_profit": N_("operating profit"),
    "principal": N_("principal due"),
    "purchase_commitments": N_("firm purchases"),
    "capex": N_("capital spending"),
    "debt": N_("debt"),
    "cash": N_("cash"),
    "operating_cash_flow": N_("operating cash flow"),
    "leases_not_commenced": N_("leases not yet started"),
}


def table() -> None:
    """Show what the model says of quarters that have passed since the data, beside what was reported."""
    st.markdown(
        _(
            "No rule of the model was fitted to these reports; they came after its data. Guidance is what "
            "a company itself expects; plans and prices in the data may follow it, and then say so."
        )
    )
    base, here = cached.baseline(), cached.read(visit.scenario())
    found = backtest.outcomes(cached.snapshot(), base.measures, here.measures)
    said(found)
    st.markdown(misses(found))
    columns = {
        **compared(found),
        _("Model, scenario"): [exact(one.scenario) for one in found],
        _("Note"): [labels.note(one.row) for one in found],
    }
    tables.grid(
        columns,
        key="backtest",
        height="content",
        alt=_("The model against what was reported"),
    )
    st.caption(
        _(
            "A reported operating profit leaves out share-based pay and start-up cost of new sites; guidance "
            "is a promise, not an outcome."
        )
    )


def said(found: Sequence[backtest.Outcome]) -> None:
    """Say what the model had for CoreWeave's revenue, and what came."""
    revenue = [one for one in found if (one.entity, one.measure) == ("coreweave", "revenue")]
    first = [one for one in revenue if "Q" in one.quarter and not backtest.is_guidance(one.row)]
    if first:
        parts = [
            _("{quarter} {computed} against {reported}").format(
                quarter=numbers.quarter(one.quarter),
                computed=exact(one.computed),
                reported=exact(float(one.row.value)),
            )
            for one in first
        ]
        st.markdown(
            _("CoreWeave's revenue, model against record: {parts}.").format(parts=numbers.listing(parts))
        )


def compared(found: Sequence[backtest.Outcome]) -> dict[str, list[str]]:
    """Return columns of a table: each figure as it was reported, as the model has it, and the miss."""
    return {
        _("Company"): [words.name(one.entity) for one in found],
        _("Figure"): [_(MEASURES[one.measure]) for one in found],
        _("When"): [numbers.period(one.quarter) for one in found],
        _("Reported or expected"): [_reported(one.row) for one in found],
        _("Model, today's data"): [exact(one.computed) for one in found],
        _("Off by"): [off(one) for one in found],
    }


def _reported(row: Row) -> str:
    """Return what was reported; of guidance its middle and its ends."""
    text = exact(float(row.value))
    if row.low is None or row.high is None or row.low == row.high:
        return text
    return _("{middle} ({low} to {high})").format(
        middle=text, low=numbers.decimal(row.low, 2), high=numbers.decimal(row.high, 2)
    )


def misses(found: Sequence[backtest.Outcome]) -> str:
    """Say how far off half of the figures are, and why the worst three are."""
    middle = backtest.median_miss(found)
    if middle is None:
        return ""
    text = _("Half of the {count} figures are off by less than **{middle}**, whichever way. Furthest off:")
    count = sum(one.miss is not None for one in found)
    told = [text.format(count=count, middle=numbers.percent(middle))]
    for one in backtest.worst(found):
        line = _("**{who}, {what}, {when}** (model {computed}, reported {reported}): {why}")
        why = backtest.reasons().get(f"{one.entity}.{one.measure}", {}).get(visit.language(), "")
        what, when = _(MEASURES[one.measure]), numbers.period(one.quarter)
        pair = {"computed": exact(one.computed), "reported": exact(float(one.row.value))}
        told.append(line.format(who=words.name(one.entity), what=what, when=when, why=why, **pair))
    return "\n- ".join(told)


def exact(value: float | None) -> str:
    """Return USD bn with two decimals: a back-test must show small misses."""
    if value is None:
        return numbers.decimal(None)
    return _("USD {amount} bn").format(amount=numbers.decimal(value, 2)).replace(" ", numbers.NBSP)


def off(one: backtest.Outcome) -> str:
    """Return by how much the model was off, in per cent; multiples of a small figure are dollars instead."""
    if one.miss is None or abs(one.miss) > 2:
        return exact((one.computed or 0.0) - float(one.row.value))
    return ("+" if one.miss > 0 else "") + numbers.percent(one.miss)
