"""The method half of Data and method: article and record, equations, levers, words, limits."""

from __future__ import annotations

import re
from functools import partial

import streamlit as st

from core.scenario.levers import Lever, levers
from core.sources import facts, glossary, method
from pages.kit.parts import claims, provenance, tables
from pages.kit.visit import cached, on_request, visit
from pages.kit.words import glossary as words_of_method
from pages.kit.words import numbers, words
from pages.kit.words.catalogue import N_, _

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
