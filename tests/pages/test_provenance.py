"""Receipts for numbers, the claims of a page and its words: what they open."""

import ast
import re
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.model import engine
from core.results import investors, reading
from core.scenario.levers import Scenario
from core.sources import formulas, glossary
from core.web.web import load_web
from pages.kit.parts import provenance
from tests.apptest import board, open_receipt
from tests.pages.conftest import ROOT


def show(measure, ident, quarter, lang):
    """A page of one receipt, opened."""
    import streamlit as st

    from pages.kit.parts import provenance
    from pages.kit.visit import cached, visit

    st.session_state["lang"] = lang
    now = cached.read(visit.scenario())
    table = {"company": "companies", "fund": "funds", "guarantor": "guarantors"}[measure.partition(".")[0]]
    provenance.figure("", measure, cached.by_id(now, table)[ident], now, quarter)


def opened(measure, ident, quarter=None, lang="en"):
    at = AppTest.from_function(
        show,
        kwargs={"measure": measure, "ident": ident, "quarter": quarter, "lang": lang},
        default_timeout=60,
    ).run()
    assert not at.exception
    return " ".join(element.value.replace("\u00a0", " ") for element in (*at.markdown, *at.caption))


def test_a_receipt_says_what_it_means_how_it_was_computed_and_from_what():
    row = next(row for row in reading_of()["companies"] if row["id"] == "coreweave")
    ebitda, interest = row["ebitda"][0], row["interest"][0]
    text = opened("company.interest_coverage", "coreweave", 0)
    assert "EBITDA for each dollar of interest" in text
    assert ":small[= EBITDA ÷ interest]" in text
    assert f"= {ebitda:.2f} ÷ {interest:.2f}  \n= **{ebitda / interest:.1f}x**" in text
    first = load_web().calendar.label(0)
    assert f"Quarter: {first[:4]} {first[4:]}" in text
    assert "`coreweave.ebitda_2025`" in text
    assert ":green-badge[reported]" in text
    assert "CoreWeave" in text


def test_a_receipt_in_dutch_counts_in_dutch():
    text = opened("company.debt", "terawulf", 0, lang="nl")
    assert "schuld bij het begin" in text
    assert "mrd dollar" in text


@pytest.mark.parametrize("measure", list(formulas.formulas()))
def test_every_measure_opens_in_both_languages(measure):
    ident = {"company": "coreweave", "fund": "infra_credit", "guarantor": "alphabet"}[
        measure.partition(".")[0]
    ]
    for lang in ("en", "nl"):
        text = opened(measure, ident, lang=lang)
        assert "-badge[" in text, "no source behind it"
        assert "= **" in text or measure in provenance.INSIDE


def test_assumptions_do_not_look_like_reported_figures():
    colours = {colour for colour, _word in provenance.BASIS.values()}
    assert len(colours) == len(provenance.BASIS)
    assert ":orange-badge[assumption]" in opened("fund.net_irr", "infra_credit")


def test_every_figure_has_words_for_its_operands_or_for_its_inside():
    for measure, formula in formulas.formulas().items():
        assert formula.parts or measure in provenance.INSIDE
        for part in formula.operands:
            name, _colon, span = part.partition(":")
            assert name in provenance.OPERANDS
            assert span in provenance.SPANS


def calls_of_explain():
    """Every term that a page explains, as the code names it."""
    found = set()
    for path in [*(ROOT / "pages").glob("*.py"), *(ROOT / "pages" / "kit").rglob("*.py")]:
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


def visit_table(kind, lang, levers):
    """A page of the one receipt behind a table of the Overview, opened."""
    import streamlit as st

    from core.scenario.levers import Scenario
    from core.web.web import NEOCLOUDS
    from pages.kit.parts import provenance
    from pages.kit.visit import cached, visit

    st.session_state["lang"] = lang
    st.session_state["opened"] = True
    visit.go(visit.Step(Scenario.default().replace(**levers)))
    now = cached.read(visit.scenario())
    companies = cached.by_id(now, "companies")
    draw = {
        "standing": lambda: provenance.standing([companies[key] for key in NEOCLOUDS], now),
        "losses": lambda: provenance.losses(("pensions", "insurers"), now),
    }[kind]
    provenance.behind(draw, key="opened")


def table_receipt(kind, lang="en", **levers):
    at = AppTest.from_function(
        visit_table, kwargs={"kind": kind, "lang": lang, "levers": levers}, default_timeout=60
    ).run()
    assert not at.exception
    return " ".join(element.value.replace("\u00a0", " ") for element in (*at.markdown, *at.caption))


def reading_of(**levers):
    return reading.read(engine.run(load_web(), Scenario.default().replace(**levers)))


def test_the_receipt_of_badges_shows_the_tests_with_the_figures_of_the_first_breach():
    text = table_receipt("standing", g=0)
    assert "EBITDA of the year ahead ÷ interest < 1.0x" in text
    assert "what the year ahead costs < 4 quarters" in text
    assert "access to new credit < 50 %" in text
    found = reading_of(g=0)
    for company in found["companies"][:4]:
        breach = company["first_breach"]
        at = breach["quarter"] if breach else found["last_quarter"]
        when = found["quarters"][at]
        told = f"**, {when[:4]} {when[4:]}: :small[coverage"
        assert told in text
        access = f"{100 * company['access'][at]:.0f} %"
        assert (f"access **{access}**" if company["access"][at] < 0.5 else f"access {access}") in text
    assert ":orange-badge[assumption] **1x** Warning lines · interest coverage" in text
    assert "`coreweave.cash`" in text
    web = load_web()
    assert web.sources[web.row("coreweave.cash").source].title in text


def test_the_receipt_of_losses_adds_the_funds_up():
    text = table_receipt("losses", g=0, h=2033)
    found = reading_of(g=0, h=2033)
    for who in ("pensions", "insurers"):
        lost = next(row["loss"] for row in found["investors"] if row["id"] == who)
        parts = sum(
            fund["loss"] * fund["borne_by"].get(who, {"share": 0})["share"] for fund in found["funds"]
        )
        assert parts == pytest.approx(lost)
        assert lost > 0
        assert f"= **USD {lost:.1f} bn**" in text
    first = found["funds"][0]
    assert f"Mixed credit fund {first['loss']:.2f} × 45 %" in text
    assert ":orange-badge[assumption] **45 %** Mixed credit fund · Pension funds" in text


def test_nobody_loses_anything_is_written_as_nothing():
    assert "**Pension funds** = 0" in table_receipt("losses")


@pytest.mark.parametrize("kind", ["standing", "losses"])
def test_receipts_of_tables_are_dutch_in_dutch(kind):
    text = table_receipt(kind, lang="nl", g=0)
    assert "aanname" in text
    assert not re.search(r"\b(USD|company|fund|the)\b", text)


def test_one_provenance_is_written_once_below_the_rows_that_share_it():
    at = AppTest.from_function(shared_provenance).run()
    assert not at.exception
    first, second, told = at.markdown[0].value.split("  \n")
    assert "`status.cover`" in first
    assert "`status.runway`" in second
    assert "Backstop model note" in told


def shared_provenance():
    import streamlit as st

    from pages.kit.parts import provenance
    from pages.kit.visit import cached

    st.session_state["lang"] = "en"
    web = cached.snapshot()
    st.markdown(provenance.lines([web.row("status.cover"), web.row("status.runway")]))


@pytest.mark.parametrize(
    ("key", "told"),
    [("timeline", "**CoreWeave**, 2026"), ("funds", "**Insurers** ="), ("paid", "Google, calls as share")],
)
def test_what_the_overview_says_opens_its_receipt(visit, key, told):
    at = visit({"lang": "en", "g": "0"})
    assert not any(told in element.value for element in at.markdown)
    open_receipt(at, key)
    assert not at.exception
    assert any(told in element.value for element in at.markdown)


def test_what_pension_funds_have_back_is_said(visit):
    at = visit({"lang": "en", "g": "0", "h": "2033"})
    now, before = reading_of(g=0, h=2033), reading_of(h=2033)
    (put, back), (_put, was) = (investors.put_in_and_back(one, "pensions") for one in (now, before))
    told = board(at)["line"].replace("\u00a0", " ")
    assert f"Pension funds put in USD {put:.1f} bn and earn USD {was - back:.1f} bn less on it" in told


def test_a_source_whose_address_is_on_record_is_a_link(monkeypatch):
    web = load_web()
    row = web.row("coreweave.cash")
    at = replace(web.sources[row.source], url="https://example.org/report")
    known = replace(web, sources={**web.sources, row.source: at})
    link = f"[{at.title}](https://example.org/report)"
    assert link not in provenance.line(row)
    monkeypatch.setattr(provenance.cached, "snapshot", lambda: known)
    assert link in provenance.line(row)


@pytest.mark.parametrize("date", ["2025-12-31", None])
def test_what_stands_there_from_memory_is_little_and_says_so(date):
    rows = list(load_web(date).rows())
    recalled = [row for row in rows if row.basis == "recalled"]
    assert 0 < len(recalled) < len(rows) / 20
    assert all("-badge[from memory]" in provenance.line(row) for row in recalled)
