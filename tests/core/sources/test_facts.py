"""The claims answer every row of the project's list of facts, and the figures beside them are sound."""

import re

import pytest

from core.sources import facts
from core.sources.glossary import terms
from core.web.web import load_web
from tests.pages.conftest import ROOT
from tests.worlds import FIRST

ROWS = [f"A{i}" for i in range(1, 20)] + [f"B{i}" for i in range(1, 13)] + [f"C{i}" for i in range(1, 8)]
# All pages, by name; a claim may live on one that is still to come.
PAGES = {
    "overview",
    "neoclouds",
    "private_credit",
    "guarantors",
    "chain_reaction",
    "deals",
    "funding_gap",
    "stress",
    "compare",
    "history",
    "present",
    "holdings",
    "data",
}


def texts():
    """Every sentence of the claims and the glossary, by language."""
    for claim in facts.claims().values():
        for told in (claim.says, claim.record):
            yield from told.items()
    for term in terms().values():
        yield from (*term.name.items(), *term.meaning.items())


@pytest.mark.parametrize("row", ROWS)
def test_every_row_of_the_list_of_facts_has_a_claim_with_a_home(row):
    found = [claim for claim in facts.claims().values() if row in claim.answers]
    assert found
    assert all(claim.pages and set(claim.pages) <= PAGES for claim in found)


def test_no_claim_answers_a_row_that_does_not_exist():
    assert {answer for claim in facts.claims().values() for answer in claim.answers} == set(ROWS)


def test_a_claim_whose_record_differs_shows_a_figure_of_a_public_source():
    web = load_web(FIRST)
    for claim in facts.claims().values():
        if claim.differs and claim.id != "google_wrap":  # a difference in kind, not in a figure
            assert any(facts.row(web, r).source not in ("article", "backstop_model") for r in claim.rows), (
                claim.id
            )


def test_every_figure_is_named_by_a_claim_a_page_or_the_core():
    named = {row for claim in facts.claims().values() for row in (*claim.article, *claim.rows)}
    files = [*(ROOT / "pages").rglob("*.py"), *(ROOT / "core").rglob("*.py")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in files)
    assert [row for row in facts.figures() if row not in named and f'"{row}"' not in code] == []


def test_texts_are_plain_and_dutch_counts_in_dutch():
    for language, text in texts():
        assert not re.search(r"[*_`$\[\]<>#]|  ", text), text
        if language == "nl":
            assert not re.search(r"\b(bn|tn|USD|billion|trillion)\b", text), text


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("id", "fibre.other", "id is not"),
        ("unit", "furlong", "unknown unit 'furlong'"),
        ("basis", "rumour", "unknown basis 'rumour'"),
        ("confidence", "certain", "unknown confidence"),
        ("source", "nobody", "unknown source 'nobody'"),
        ("value", "five", "could not convert"),
        ("low", "7", "low <= value"),
        ("as_of", "2001", "Invalid isoformat"),
        ("basis", "article", "an article figure of another source"),
        ("basis", "assumption", "an assumption that does not say why"),
        ("note", None, "no column note"),
    ],
)
def test_a_bad_figure_is_refused_by_name(field, value, told):
    good = {
        "id": "fibre.lit_share",
        "subject": "fibre",
        "item": "lit_share",
        "value": "5",
        "low": "2.6",
        "high": "5",
        "unit": "%",
        "as_of": "2001-06-22",
        "basis": "reported",
        "confidence": "high",
        "source": "telecom_2001",
        "note": "",
    }
    schema = facts.Schema("2025-12-31")
    assert facts.read(good, schema, {"telecom_2001"}).value == 0.05
    with pytest.raises(ValueError, match=told):
        facts.read(good | {field: value}, schema, {"telecom_2001"})
