"""The claims answer every row of the project's list of facts, and the figures beside them are sound."""

import re

import pytest

from core.sources import databook, facts
from core.sources.glossary import terms
from core.web.web import load_web
from tests.pages.conftest import ROOT
from tests.worlds import FIRST

ROWS = [f"A{i}" for i in range(1, 20)] + [f"B{i}" for i in range(1, 14)] + [f"C{i}" for i in range(1, 8)]
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
        for told in (claim.says, claim.record, claim.since):
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
    named = {
        row for claim in facts.claims().values() for row in (*claim.article, *claim.rows, *claim.since_rows)
    }
    files = [*(ROOT / "pages").rglob("*.py"), *(ROOT / "core").rglob("*.py")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in files)
    assert [row for row in facts.figures() if row not in named and f'"{row}"' not in code] == []


def test_texts_are_plain_and_dutch_counts_in_dutch():
    for language, text in texts():
        assert not re.search(r"[*_`$\[\]<>#]|  ", text), text
        if language == "nl":
            assert not re.search(r"\b(bn|tn|USD|billion|trillion)\b", text), text


def numbers_in(text, language):
    """All numbers of a sentence as Python reads them, with the digits that they have."""
    comma, point = {"en": (",", "."), "nl": (".", ",")}[language]
    found = re.findall(r"(?<![A-Z\d])\d[\d.,]*\d|(?<![A-Z\d])\d", text)  # the 100 of H100 counts nothing
    return [number.replace(comma, "").replace(point, ".") for number in found]


def stands_in(number, row):
    """Whether a number, at its own digits, is the value of a row or an end of its range."""
    low, high = databook.stated_range(row)
    digits = len(number.partition(".")[2])
    return any(
        value is not None and abs(abs(float(value)) - float(number)) <= 0.5 / 10**digits + 1e-9
        for value in (row.raw, low, high)
        if not isinstance(value, str)
    )


@pytest.mark.parametrize("language", ["en", "nl"])
def test_what_has_changed_names_no_date_and_no_number_that_its_rows_do_not_have(language):
    web, told = load_web("2025-12-31"), 0
    for claim in facts.claims().values():
        rows = [facts.row(web, row) for row in claim.since_rows]
        assert all(row.as_of for row in rows)
        for number in numbers_in(claim.since[language], language):
            told += 1
            assert any(stands_in(number, row) for row in rows), (claim.id, number)
    assert told > 40


def test_what_has_changed_is_said_where_the_list_of_facts_says_so():
    changed = [claim for claim in facts.claims().values() if claim.has_changed]
    assert len(changed) > 20
    assert all(claim.since["en"] and claim.since["nl"] and claim.since_rows for claim in changed)
    assert not any(claim.differs for claim in changed if claim.answers == ("A5", "B13"))


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
    assert facts._row(good, schema, {"telecom_2001"}).value == 0.05
    with pytest.raises(ValueError, match=told):
        facts._row(good | {field: value}, schema, {"telecom_2001"})
