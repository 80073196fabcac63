"""What rows of the data are called: words for every one of them, in both languages."""

import pytest

from core.sources import databook
from core.web.web import load_web, snapshots
from pages.kit.visit import cached
from pages.kit.words import catalogue, labels, numbers


@pytest.fixture(params=snapshots())
def web(request):
    return load_web(request.param)


@pytest.fixture(params=["en", "nl"])
def lang(request, web, monkeypatch):
    for module in (catalogue, numbers, labels):
        monkeypatch.setattr(module, "language", lambda: request.param)
    monkeypatch.setattr(cached, "snapshot", lambda: web)
    return request.param


@pytest.fixture
def rows(web):
    return databook.rows(web)


def test_every_row_has_a_label_of_its_own_and_shows_no_id(lang, rows):
    found = {}
    for row in rows:
        label = labels.row(row)
        assert "_" not in label
        assert " · " in label
        found.setdefault(label, set()).add(row.id)
    assert [ids for ids in found.values() if len(ids) > 1] == []


def test_every_value_that_is_a_word_reads_as_one(lang, rows):
    for row in rows:
        if isinstance(row.raw, str):
            assert "_" not in labels.word(row)


LABELS = {
    "coreweave.cash": ("CoreWeave · cash", "CoreWeave · kas"),
    "openai.revenue.y2027": ("OpenAI · revenue, 2027", "OpenAI · omzet, 2027"),
    "coreweave.debt.2026Q2": ("CoreWeave · debt, 2026 Q2", "CoreWeave · schuld, 2e kw. 2026"),
    "rating_bb_plus.spread": ("Rating BB+ · default spread", "Rating BB+ · risico-opslag"),
    "gap_other.share": (
        "Funding gap, other sources · money from outside",
        "Financieringsgat, andere bronnen · geld van buiten",
    ),
    "infra_credit.mix_pensions": (
        "Mixed credit fund · Pension funds, share of the money",
        "Gemengd kredietfonds · Pensioenfondsen, deel van het geld",
    ),
    "recovery.resale_year_3": (
        "After a failure · resale value of a chip after 3 years",
        "Na omvallen · restwaarde van een chip na 3 jaar",
    ),
    "cipher_notes2030.rate": (
        "Cipher 7.125 % secured notes 2030 · rate or spread",
        "Gedekte obligaties van Cipher, 7,125 %, 2030 · rente of opslag",
    ),
}


@pytest.mark.parametrize("ident", LABELS)
def test_a_label_says_whose_and_what(lang, web, ident):
    row = web.row(ident)
    assert labels.row(row).replace("\u00a0", " ") == LABELS[ident][lang == "nl"]


def test_words_of_rows_name_whom_they_mean(lang, web):
    wanted = {
        "google_terawulf.on": ("TeraWulf's lease to Fluidstack", "Verhuur van TeraWulf aan Fluidstack"),
        "coreweave_ddtl1.kind": ("repaid in instalments", "afgelost in termijnen"),
        "oracle.rating": ("BBB / Baa2 (negative)", "BBB / Baa2 (negatief)"),
        "outside.name": ("The rest of the world", "De rest van de wereld"),
    }
    for ident, both in wanted.items():
        assert labels.word(web.row(ident)) == both[lang == "nl"]


def test_a_row_without_a_note_has_none(lang, rows):
    row = next(row for row in rows if not row.note)
    assert labels.note(row) == ""


def test_sources_are_dated_as_exactly_as_they_are_known(lang):
    sources = load_web().sources
    told = [labels.dated(sources[key]) for key in ("crwv_10k_2025", "article", "blue_owl_2025")]
    assert (
        told
        == {
            "en": ["March 2, 2026", "December 2025", "2025"],
            "nl": ["2 maart 2026", "december 2025", "2025"],
        }[lang]
    )


def test_no_label_stands_for_an_item_or_a_subject_that_the_data_do_not_have():
    rows = [row for date in snapshots() for row in databook.rows(load_web(date))]
    rows = [row for data in snapshots() for row in databook.rows(load_web(data))]
    named = {labels.OF_A_YEAR.sub(r"\1", row.item) for row in rows} | {row.item for row in rows}
    named |= {row.subject.rpartition(".")[2] for row in rows}
    subjects = {row.subject for row in rows}
    values = {row.raw for row in rows if isinstance(row.raw, str)}
    assert {key.rpartition(".")[2] for key in labels.ITEMS} <= named
    assert set(labels.SUBJECTS) <= subjects
    assert set(labels.CODES) <= values
