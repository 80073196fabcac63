"""Data and method: find a figure, change it, take it back; the method and the record, in both languages."""

import csv
import io
from datetime import date

import pytest
from babel import dates

from core.model import engine
from core.questions import assumptions, backtest
from core.results import measures, reading
from core.scenario.levers import Scenario, levers
from core.sources import databook, facts, method, quotes
from core.sources.glossary import terms
from core.web.web import load_web, snapshots
from pages.kit.parts import files, provenance
from pages.kit.visit import cached
from tests.apptest import lever_of, press
from tests.worlds import FIRST

PAGE = "pages/data.py"


def said(at) -> str:
    return " ".join(element.value.replace("\u00a0", " ") for element in (*at.markdown, *at.caption))


def addresses(at) -> list[str]:
    found = at.query_params.get("o", [])
    return [found] if isinstance(found, str) else list(found)


def table(at):
    """The one table of the part that is open."""
    (frame,) = at.dataframe
    return frame.value


@pytest.mark.parametrize(("lang", "word"), [("en", "are assumptions"), ("nl", "zijn aannames")])
def test_the_first_sentence_counts_the_figures_by_basis(visit, lang, word):
    at = visit({"lang": lang}, page=PAGE)
    counts = databook.by_basis(databook.rows(load_web()))
    assert f"{counts['assumption']} {word}" in said(at)
    whole, sign = sum(counts.values()), {"en": ",", "nl": "."}[lang]
    assert f"{whole:,}".replace(",", sign) in said(at)


def test_every_figure_stands_in_the_table_with_basis_and_source(visit):
    at = visit({"lang": "en"}, page=PAGE)
    shown = table(at)
    assert len(shown) == len(databook.rows(load_web()))
    cash = shown[shown["In links"] == "coreweave.cash"].iloc[0]
    assert cash["Figure"] == "CoreWeave · cash"
    row = load_web().row("coreweave.cash")
    assert cash["Value"] == f"USD {row.raw:g} bn"
    assert list(cash["Basis"]) == [row.basis]
    assert cash["Source"] == load_web().sources[row.source].title
    lucent = shown[shown["In links"] == "lucent.vendor_finance_share"].iloc[0]
    assert lucent["Value"] == "24 %"


def test_the_dutch_table_is_dutch_to_the_last_note(visit):
    shown = table(visit({"lang": "nl"}, page=PAGE))
    opex = shown[shown["In links"] == "coreweave.opex"].iloc[0]
    assert opex["Cijfer"] == "CoreWeave · lopende kosten"
    figure = f"{load_web().row('coreweave.opex').raw:g}".replace(".", ",")
    assert opex["Waarde"] == f"{figure} mln dollar per MW per jaar"
    assert opex["Bron"] == "Modelnotitie van Backstop, docs/model.md van dit project"
    assert opex["Toelichting"].startswith("Stroom, huur van locaties en personeel per megawatt")
    english = {row.note for row in databook.rows(load_web()) if row.note}
    assert not english & set(shown["Toelichting"])


def test_the_search_finds_the_words_that_are_shown_and_not_only_those_of_the_data(visit):
    at = visit({"lang": "en"}, page=PAGE)
    at.text_input(key="search").set_value("coreweave running cost").run()
    assert list(table(at)["In links"]) == ["coreweave.opex", "coreweave.site_lease"]
    web = load_web()
    assert databook.search(web, databook.rows(web), "coreweave running cost") == ()


def test_search_and_filters_narrow_the_table(visit):
    at = visit({"lang": "en"}, page=PAGE)
    at.text_input(key="search").set_value("hyperion par").run()
    at.get_by_key("filter_table").set_value(["quotes"]).run()
    hyperion = {row.id for row in quotes.quotes().values() if row.id.startswith("hyperion.notes_price.")}
    assert set(table(at)["In links"]) == hyperion
    at.text_input(key="search").set_value("").run()
    at.get_by_key("filter_table").set_value(["figures"]).run()
    at.get_by_key("filter_basis").set_value(["article"]).run()
    assert len(table(at)) == databook.by_basis(facts.figures().values())["article"]


def test_nothing_found_is_an_empty_table_not_a_failure(visit):
    at = visit({"lang": "en"}, page=PAGE)
    at.text_input(key="search").set_value("$x$ <b> nothing").run()
    assert not at.exception
    assert "0 figures" in said(at)


def test_a_figure_is_changed_run_listed_and_taken_back(visit):
    at = visit({"lang": "en", "part": "edit", "r": "8"}, page=PAGE)
    at.selectbox(key="edit_row").set_value("coreweave.cash").run()
    at.text_input(key="edit_coreweave.cash").set_value("1.5").run()
    at.button(key="edit_run").click().run()
    assert addresses(at) == ["coreweave.cash:1.5"]
    assert f"was USD {load_web().row('coreweave.cash').raw:g} bn" in said(at)
    assert any("changed by hand" in m.value for m in at.markdown)
    at.button(key="take_back_0").click().run()
    assert addresses(at) == []
    assert "No figure is changed." in said(at)
    press(at, "undo").run()
    assert addresses(at) == ["coreweave.cash:1.5"]


def test_the_page_of_edits_is_dutch_and_keeps_the_id_of_a_row(visit):
    at = visit({"data": FIRST, "lang": "nl", "part": "edit", "o": "terawulf.capex_left:3"}, page=PAGE)
    assert at.selectbox(key="edit_row").format_func("coreweave.cash") == "CoreWeave · kas (coreweave.cash)"
    assert at.text_input(key="edit_coreweave.cash").label == "Nieuwe waarde, in mrd dollar"
    assert any(text.value == "Kas, geblokkeerde kas en kasequivalenten" for text in at.text)
    assert "TeraWulf · nog te bouwen :small[`terawulf.capex_left` · was 2,3 mrd dollar]" in said(at)


@pytest.mark.parametrize("lang", ["en", "nl"])
@pytest.mark.parametrize(
    ("typed", "right"), [("5,2", "5.2"), ("5.2", "5.2"), (" 5,25 ", "5.25"), ("5", "5"), ("0,919", "0.919")]
)
def test_a_figure_is_typed_with_a_comma_or_a_point(visit, lang, typed, right):
    at = visit({"part": "edit", "lang": lang, "g": "34"}, page=PAGE)
    at.text_input(key="edit_coreweave.cash").set_value(typed).run()
    at.button(key="edit_run").click().run()
    assert not at.error
    assert addresses(at) == [f"coreweave.cash:{right}"]
    shown = at.text_input(key="edit_coreweave.cash").value
    assert shown == (right.replace(".", ",") if lang == "nl" else right)


@pytest.mark.parametrize(
    ("lang", "typed", "told"),
    [
        ("nl", "6.919", "“6.919” kan 6,919 of 6919 zijn: typ een van die twee."),
        ("en", "1.000", "“1.000” can be 1 or 1000: type either of these."),
        ("nl", "1.000", "“1.000” kan 1 of 1000 zijn: typ een van die twee."),
        ("en", "-1.500", "“-1.500” can be −1.5 or −1500: type either of these."),
        ("en", "abc", "“abc” is not a number."),
        ("nl", "<b>5</b>", "“<b>5</b>” is geen getal."),
        ("en", "nan", "“nan” is not a number."),
        ("en", "", "Nothing was typed."),
    ],
)
def test_what_is_no_number_is_refused_until_one_is_typed(visit, lang, typed, told):
    at = visit({"part": "edit", "o": "coreweave.cash:3", "lang": lang, "g": "34"}, page=PAGE)
    at.text_input(key="edit_coreweave.cash").set_value(typed).run()
    at.button(key="edit_run").click().run()
    assert [one.value for one in at.error] == [told]
    assert addresses(at) == ["coreweave.cash:3"]
    at.text_input(key="edit_coreweave.cash").set_value("4").run()
    at.button(key="edit_run").click().run()
    assert not at.error
    assert addresses(at) == ["coreweave.cash:4"]


@pytest.mark.parametrize(("lang", "shown"), [("en", "6.919"), ("nl", "6,919")])
def test_the_figure_that_stands_in_the_field_can_be_run(visit, lang, shown):
    at = visit({"part": "edit", "lang": lang, "g": "34"}, page=PAGE)
    field = at.text_input(key="edit_coreweave.cash")
    assert field.value == shown
    at.button(key="edit_run").click().run()
    assert not at.error


def test_an_edit_moves_the_results_of_the_model(visit):
    at = visit({"lang": "en", "part": "past", "o": "coreweave.legacy_price:4.8"}, page=PAGE)
    web = load_web(overrides={"coreweave.legacy_price": 4.8})
    revenue = reading.read(engine.run(web, Scenario.default()))["companies"][1]["revenue"][0]
    shown = table(at).iloc[0]
    assert shown["Model, scenario"].replace("\u00a0", " ") == f"USD {revenue:.2f} bn"
    assert shown["Model, today's data"] != shown["Model, scenario"]


@pytest.mark.parametrize(
    ("row", "number", "told"),
    [
        ("coreweave.cash", -1.0, "This number is outside what is possible: 0 to 1,000."),
        ("coreweave_ddtl1.maturity", 4.5, "This must be a whole number."),
        ("infra_credit.hold_new_loans", 50.0, "These shares must add up to 100 %"),
        ("hyperion_notes.first", 99.0, "With this number something would end before it begins."),
    ],
)
def test_an_impossible_figure_is_refused_in_plain_words(visit, row, number, told):
    at = visit({"lang": "en", "part": "edit"}, page=PAGE)
    at.selectbox(key="edit_row").set_value(row).run()
    at.text_input(key=f"edit_{row}").set_value(f"{number:g}").run()
    at.button(key="edit_run").click().run()
    assert told in at.error[0].value
    assert addresses(at) == []


def test_a_second_edit_of_a_row_replaces_the_first_and_the_eleventh_is_refused(visit):
    rows = [row.id for row in databook.editable(load_web()) if row.item == "cash"][:9]
    web = load_web()
    full = [f"{row}:{web.row(row).raw + 0.5:g}" for row in rows] + ["market.u_ref:84"]
    at = visit({"lang": "en", "part": "edit", "o": full}, page=PAGE)
    assert len(addresses(at)) == 10
    at.selectbox(key="edit_row").set_value("market.u_ref").run()
    at.text_input(key="edit_market.u_ref").set_value("83.0").run()
    at.button(key="edit_run").click().run()
    assert len(addresses(at)) == 10
    assert "market.u_ref:83" in addresses(at)
    at.selectbox(key="edit_row").set_value("market.u_cap").run()
    at.text_input(key="edit_market.u_cap").set_value("97.0").run()
    at.button(key="edit_run").click().run()
    assert "changed already" in at.error[0].value


def test_two_edits_of_a_link_that_are_impossible_together_are_told_not_thrown(visit):
    """Each is possible alone: a loan that starts later, and one that ends earlier."""
    web = load_web()
    first, last = web.value("terawulf_notes2030.first"), web.value("terawulf_notes2030.maturity")
    link = [f"terawulf_notes2030.first:{last - 1:g}", f"terawulf_notes2030.maturity:{first + 1:g}"]
    at = visit({"lang": "en", "g": "10", "o": link}, page=PAGE)
    assert addresses(at) == link[:1]
    assert any("terawulf_notes2030.maturity" in text.value for text in at.text)
    assert lever_of(at, "g").value == 10


@pytest.mark.parametrize("lang", ["en", "nl"])
def test_all_claims_stand_with_what_the_record_says(visit, lang):
    at = visit({"lang": lang, "part": "article"}, page=PAGE)
    text = said(at)
    for claim in facts.claims().values():
        assert claim.says[lang] in text
        assert claim.record[lang] in text
        assert claim.since[lang] in text


def test_only_the_differences_can_be_shown(visit):
    at = visit({"lang": "en", "part": "article"}, page=PAGE)
    at.toggle(key="only_differing").set_value(True).run()
    text = said(at)
    for claim in facts.claims().values():
        assert (claim.says["en"] in text) == claim.differs


@pytest.mark.parametrize("lang", ["en", "nl"])
def test_equations_words_levers_and_limits_are_all_there(visit, lang):
    opened = [f"method_{section.id}" for section in method.sections()]
    at = visit({"lang": lang, "part": "method"}, page=PAGE, opened=opened)
    assert len(at.latex) == sum(len(section.latex) for section in method.sections())
    assert all(section.words[lang] in said(at) for section in method.sections())
    at = visit({"lang": lang, "part": "words"}, page=PAGE)
    assert all(term.meaning[lang] in said(at) for term in terms().values())
    at = visit({"lang": lang, "part": "levers"}, page=PAGE)
    assert list(table(at).iloc[:, 0]) == [lever.id for lever in levers()]
    at = visit({"lang": lang, "part": "limits"}, page=PAGE)
    weak = [claim.says[lang] for claim in facts.claims().values() if claim.is_weak]
    assert weak
    assert all(f"- {words}" in said(at) for words in weak)


@pytest.mark.parametrize("data", snapshots())
def test_the_back_test_says_not_fitted_and_shows_each_miss(visit, data):
    at, web = visit({"data": data, "lang": "en", "part": "past"}, page=PAGE), load_web(data)
    assert "No rule of the model was fitted to these reports" in said(at)
    base = measures.Measures(engine.run(web, Scenario.default(web)))
    found = backtest.outcomes(web, base, base)
    assert [one.quarter for one in found[:2]] == list(web.calendar.labels[:2]) or data != FIRST
    shown = table(at)
    assert len(shown) == len(found)
    assert found
    told = [text.replace("\u00a0", " ") for text in shown["Reported or expected"]]
    assert all(text.startswith(f"USD {one.row.value:.2f} bn") for text, one in zip(told, found, strict=True))


@pytest.mark.parametrize("data", snapshots())
def test_the_sentence_about_coreweave_is_about_nobody_else(visit, data):
    at, web = visit({"data": data, "lang": "en", "part": "past"}, page=PAGE), load_web(data)
    told = [one.value for one in at.markdown if one.value.startswith("CoreWeave's revenue")]
    reported = [
        name for name in backtest.reported(web, "coreweave", "revenue") if name in web.calendar.labels
    ]
    assert [line.count("USD") for line in told] == ([2 * len(reported)] if reported else [])
    assert len(reported) == 2 or data != FIRST


@pytest.mark.parametrize("lang", ["en", "nl"])
def test_what_came_since_stands_with_its_day_and_its_source(visit, lang):
    at, web = visit({"lang": lang, "part": "since"}, page=PAGE), load_web()
    reported, quoted = (frame.value for frame in at.dataframe)
    assert len(reported) == len(backtest.since(web))
    assert len(quoted) == len(quotes.since(web))
    for shown in (reported, quoted):
        days, sources = (
            shown[column] for column in (("As of", "Source") if lang == "en" else ("Per", "Bron"))
        )
        assert all(day > web.snapshot for day in days)
        assert all(sources)
    heads = [one.value for one in at.markdown if one.value.startswith("## ")]
    assert len(heads) == 2
    assert all(written_day(web.snapshot, lang) in head for head in heads)


def written_day(iso, lang):
    return dates.format_date(date.fromisoformat(iso), format="long", locale=lang)


def test_guidance_is_shown_as_a_range_and_named(visit):
    shown = visit({"lang": "en", "part": "since"}, page=PAGE).dataframe[0].value
    revenue = shown[(shown["Company"] == "CoreWeave") & (shown["Figure"] == "revenue")]
    guided = revenue[revenue["When"].str.endswith("Q3")].iloc[0]
    assert (guided["Value"], guided["Kind"]) == ("USD 3.45 – 3.6 bn", "guidance")
    power = shown[shown["Figure"] == "active capacity"]
    assert "≥ 1,850 MW" in set(power["Value"])


@pytest.mark.parametrize("lang", ["en", "nl"])
def test_the_back_test_says_the_median_and_why_the_worst_three_are_off(visit, lang):
    base = measures.Measures(engine.run(load_web(), Scenario.default()))
    found = backtest.outcomes(load_web(), base, base)
    at = visit({"lang": lang, "part": "past", "g": "0"}, page=PAGE)
    middle = f"{100 * backtest.median_miss(found):.1f}"
    assert f"**{middle if lang == 'en' else middle.replace('.', ',')} %**" in said(at)
    worst = [f"{one.entity}.{one.measure}" for one in backtest.worst(found)]
    assert len(set(worst)) == 3
    assert [why for why in worst if backtest.reasons()[why][lang] not in said(at)] == []


def test_the_data_book_as_csv_has_every_row_and_its_source():
    web = load_web()
    text = files.csv_bytes(databook.columns(web, databook.rows(web)), "en").decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert len(lines) == len(databook.rows(web))
    rate = next(line for line in lines if line["id"] == "coreweave_ddtl1.rate")
    assert (rate["value"], rate["unit"]) == (f"{web.row('coreweave_ddtl1.rate').raw:g}", "%")
    assert all(line["source"] and line["basis"] for line in lines)


def test_the_download_takes_words_in_another_language_and_keeps_the_rest():
    web = load_web()
    row = web.row("coreweave.cash")
    book = databook.columns(web, [row], words=lambda row: {"label": f"x {row.id}", "note": "y"})
    assert (book["label"], book["note"], book["value"]) == (["x coreweave.cash"], ["y"], [row.raw])


def test_every_unit_of_the_data_can_be_written():
    for row in databook.rows(load_web()):
        assert isinstance(row.raw, str) or row.unit in provenance.UNITS, row.id
    for basis in {row.basis for row in databook.rows(load_web())}:
        assert basis in provenance.BASIS


@pytest.mark.parametrize("bent", [{"part": "zzz"}, {"o": "coreweave.cash:nan"}, {"o": "no.such:1"}])
def test_a_bent_link_tells_and_shows_the_figures(visit, bent):
    at = visit({"lang": "en", "g": "10", **bent}, page=PAGE)
    assert lever_of(at, "g").value == 10
    assert len(table(at))


@pytest.mark.parametrize("lang", ["en", "nl"])
def test_how_much_rests_on_assumptions_is_found_when_opened(visit, lang, monkeypatch):
    asked = []
    rows = [assumptions.Weighed("coreweave.capex_per_mw", "assumption", 3.0)]
    rows.append(assumptions.Weighed("coreweave.active_mw", "reported", 1.0))

    def weights(web, scenario, executor=None):
        asked.append(scenario)
        return assumptions.Weights(tuple(rows))

    monkeypatch.setattr(assumptions, "weights", weights)
    cached.forget()
    visit({"lang": lang, "g": "10"}, page=PAGE)
    assert asked == []
    at = visit({"lang": lang, "g": "10"}, page=PAGE, opened=["weights"])
    cached.forget()
    assert asked == [Scenario.default()]  # today's data, wherever the levers stand
    assert "**75 %**" in said(at)
    (shown,) = at.table
    assert len(shown.value) == 2
