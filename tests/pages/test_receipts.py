"""Receipts for numbers, the claims of a page and its words: what they open."""

import ast

import pytest
from streamlit.testing.v1 import AppTest

from core import formulas, glossary
from pages.kit import receipts
from tests.pages.conftest import ROOT


def show(measure, ident, quarter, lang):
    """A page of one receipt, opened."""
    import streamlit as st

    from pages.kit import cached, receipts, state

    st.session_state["lang"] = lang
    st.session_state["figure"] = True
    now = cached.read(state.scenario())
    table = {"company": "companies", "fund": "funds", "guarantor": "guarantors"}[measure.partition(".")[0]]
    receipts.receipt("figure", measure, cached.by_id(now, table)[ident], now, quarter)


def opened(measure, ident, quarter=None, lang="en"):
    at = AppTest.from_function(
        show,
        kwargs={"measure": measure, "ident": ident, "quarter": quarter, "lang": lang},
        default_timeout=20,
    ).run()
    assert not at.exception
    return " ".join(element.value.replace("\u00a0", " ") for element in (*at.markdown, *at.caption))


def test_a_receipt_says_what_it_means_how_it_was_computed_and_from_what():
    text = opened("company.interest_coverage", "coreweave", 0)
    assert "EBITDA for each dollar of interest" in text
    assert ":small[= EBITDA ÷ interest]" in text
    assert "= 1.2" in text
    assert "÷ 0.47" in text
    assert "Quarter: 2026 Q1" in text
    assert "`coreweave.ebitda_2025`" in text
    assert ":green-badge[reported]" in text
    assert "CoreWeave" in text


def test_a_receipt_in_dutch_counts_in_dutch():
    text = opened("company.debt", "terawulf", 0, lang="nl")
    assert "schuld van eind 2025" in text
    assert "mrd dollar" in text


@pytest.mark.parametrize("measure", list(formulas.formulas()))
def test_every_measure_opens_in_both_languages(measure):
    ident = {"company": "coreweave", "fund": "infra_credit", "guarantor": "alphabet"}[
        measure.partition(".")[0]
    ]
    for lang in ("en", "nl"):
        text = opened(measure, ident, lang=lang)
        assert "-badge[" in text, "no source behind it"
        assert "= **" in text or measure in receipts.INSIDE


def test_assumptions_do_not_look_like_reported_figures():
    colours = {colour for colour, _word in receipts.BASIS.values()}
    assert len(colours) == len(receipts.BASIS)
    assert ":orange-badge[assumption]" in opened("fund.net_irr", "infra_credit")


def test_every_figure_has_words_for_its_operands_or_for_its_inside():
    for measure, formula in formulas.formulas().items():
        assert formula.parts or measure in receipts.INSIDE
        for part in formula.operands:
            name, _colon, span = part.partition(":")
            assert name in receipts.OPERANDS
            assert span in receipts.SPANS


def calls_of_explain():
    """Every term that a page explains, as the code names it."""
    found = set()
    for path in [*(ROOT / "pages").glob("*.py"), *(ROOT / "pages" / "kit").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if name.endswith("explain"):
                leaves = [leaf for term in node.args for leaf in ast.walk(term)]
                words = [leaf.value for leaf in leaves if isinstance(leaf, ast.Constant)]
                found |= {word for word in words if isinstance(word, str)}
    return found


def test_every_term_that_a_page_explains_is_in_the_glossary():
    assert calls_of_explain() <= set(glossary.terms())


def test_every_term_of_the_glossary_is_explained_somewhere():
    receipts_explain = {formula.term for formula in formulas.formulas().values()}
    assert set(glossary.terms()) <= calls_of_explain() | receipts_explain
