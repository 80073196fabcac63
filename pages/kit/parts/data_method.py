"""The method half of Data and method: article and record, equations, back-test, levers, words, limits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.questions import backtest
from core.scenario.levers import Lever, levers
from core.sources import facts, glossary, method
from core.web.snapshot import Row
from pages.kit.parts import claims, provenance, tables
from pages.kit.visit import cached, on_request, visit
from pages.kit.words import glossary as words_of_method
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

IN_EQUATIONS = (
    N_("or, without signed shares,"),
    N_("after the plan"),
    N_("if"),
    N_("otherwise"),
    N_("of all profit once investors have their money back with"),
    N_("a year"),
)
_POINT = re.compile(r"(?<=\d)\.(?=\d)")
_WORDS = re.compile(r"\\text\{\s*(" + "|".join(map(re.escape, IN_EQUATIONS)) + r")\s*\}")


def article() -> None:
    """Show all claims of the article beside the record."""
    found = tuple(facts.claims().values())
    differing = sum(claim.differs for claim in found)
    text = _(
        "{count} claims of the article; on {differing} the public record says something else, and on "
        "{changed} something has changed since."
    )
    said = [claim for claim in found if not claim.is_weak]
    changed = sum(claim.has_changed for claim in said)
    st.markdown(text.format(count=len(said), differing=differing, changed=changed))
    if st.toggle(_("Only where the record says something else"), key="only_differing"):
        found = tuple(claim for claim in found if claim.differs)
    st.markdown(claims.written(found))


def equations() -> None:
    """Show the equations of the model, section by section, with the parameters that stand in them."""
    st.caption(_("q counts quarters; a bar means what is due, clip(x, a, b) keeps x between a and b."))
    words_of_method.explain("tightness", "clearing", "recovery", "sofr", key="method_words")
    for section in method.sections():
        draw = partial(_equations, section)
        on_request.expander(section.name[visit.language()], draw, key=f"method_{section.id}")


def _equations(section: method.Section) -> None:
    st.markdown(section.words[visit.language()])
    for line in section.latex:
        st.latex(_formula(line))
    modules = ", ".join(f"core/{module}.py" for module in section.modules)
    st.caption(_("In the code: {modules}").format(modules=modules))
    rows = facts.rows(cached.snapshot(), section.rows)
    st.markdown("  \n".join(map(provenance.short, rows)))


def _formula(line: str) -> str:
    """Return an equation with its words and its decimals as the reader's language has them."""
    point = "{,}" if visit.language() == "nl" else "."  # braces: else LaTeX leaves room after a comma
    line = _POINT.sub(point, line)
    return _WORDS.sub(lambda found: found[0].replace(found[1], _(found[1])), line)


def levers_table() -> None:
    """Show every lever as it is declared: id, range, default."""
    tables.grid(
        {
            _("In links"): [lever.id for lever in levers()],
            _("Lever"): [_(words.LEVERS[lever.id][0]) for lever in levers()],
            _("What it moves"): [_(words.LEVERS[lever.id][2]) for lever in levers()],
            _("Range"): [words.span(lever) for lever in levers()],
            _("Today"): [_today(lever) for lever in levers()],
        },
        key="levers",
        height="content",
        alt=_("All levers with range and today's value"),
    )


def _today(lever: Lever) -> str:
    """Return a lever's default as the panel writes it."""
    value = visit.today()[lever.id]
    return _(words.CHOICES[value]) if lever.kind == "choice" else numbers.lever_value(value, lever.unit)


def back_test() -> None:
    """Show what the model says of quarters that have passed since, beside what was reported."""
    st.markdown(
        _(
            "No rule of the model was fitted to these reports; they came after its data. Guidance is what "
            "a company itself expects; plans and prices in the data may follow it, and then say so."
        )
    )
    base, here = cached.baseline(), cached.read(visit.scenario())
    found = backtest.outcomes(cached.snapshot(), base.measures, here.measures)
    revenue = [one for one in found if (one.entity, one.measure) == ("coreweave", "revenue")]
    first = [one for one in revenue if "Q" in one.quarter and not backtest.is_guidance(one.row)]
    if first:
        parts = [
            _("{quarter} {computed} against {reported}").format(
                quarter=numbers.quarter(one.quarter),
                computed=_exact(one.computed),
                reported=_exact(float(one.row.value)),
            )
            for one in first
        ]
        st.markdown(
            _("CoreWeave's revenue, model against record: {parts}.").format(parts=numbers.listing(parts))
        )
    st.markdown(_misses(found))
    columns = {
        _("Company"): [words.name(one.entity) for one in found],
        _("Figure"): [_(MEASURES[one.measure]) for one in found],
        _("When"): [numbers.period(one.quarter) for one in found],
        _("Reported or expected"): [_said(one.row) for one in found],
        _("Model, today's data"): [_exact(one.computed) for one in found],
        _("Off by"): [_off(one) for one in found],
        _("Model, scenario"): [_exact(one.scenario) for one in found],
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


def _said(row: Row) -> str:
    """Return what was reported; of guidance its middle and its ends."""
    text = _exact(float(row.value))
    if row.low is None or row.high is None or row.low == row.high:
        return text
    return _("{middle} ({low} to {high})").format(
        middle=text, low=numbers.decimal(row.low, 2), high=numbers.decimal(row.high, 2)
    )


def _misses(found: Sequence[backtest.Outcome]) -> str:
    """Say how far off half of the figures are, and why the worst three are."""
    middle = backtest.median_miss(found)
    if middle is None:
        return ""
    text = _("Half of the {count} figures are off by less than **{middle}**, whichever way. Furthest off:")
    count = sum(one.miss is not None for one in found)
    told = [text.format(count=count, middle=numbers.percent(middle))]
    for one in backtest.worst(found):
        line = _("**{who}, {what}, {when}** ({off}): {why}")
        why = backtest.reasons().get(f"{one.entity}.{one.measure}", {}).get(visit.language(), "")
        what, when = _(MEASURES[one.measure]), numbers.period(one.quarter)
        told.append(line.format(who=words.name(one.entity), what=what, when=when, off=_off(one), why=why))
    return "\n- ".join(told)


def _exact(value: float | None) -> str:
    """Return USD bn with two decimals: a back-test must show small misses."""
    if value is None:
        return numbers.decimal(None)
    return _("USD {amount} bn").format(amount=numbers.decimal(value, 2)).replace(" ", numbers.NBSP)


def _off(one: backtest.Outcome) -> str:
    """Return by how much the model was off, in per cent; multiples of a small figure are dollars instead."""
    if one.miss is None or abs(one.miss) > 2:
        return _exact((one.computed or 0.0) - float(one.row.value))
    return ("+" if one.miss > 0 else "") + numbers.percent(one.miss)


def words_list() -> None:
    """Show the whole glossary, in alphabetical order down one column and then the other."""
    terms = sorted(glossary.terms(), key=lambda term: words_of_method.name(term).casefold())
    told, half = [words_of_method.entry(term) for term in terms], (len(terms) + 1) // 2
    for column, part in zip(st.columns(2, gap="large"), (told[:half], told[half:]), strict=True):
        column.markdown("\n\n".join(part))


def limits() -> None:
    """Show what the model does not know, and which of its figures are weak."""
    unknown = "\n".join(f"- {_(text)}" for text in words.LIMITS)
    weak = [claim.says[visit.language()] for claim in facts.claims().values() if claim.is_weak]
    st.markdown("\n".join((unknown, "\n### " + _("Weak figures"), *(f"- {says}" for says in weak))))
