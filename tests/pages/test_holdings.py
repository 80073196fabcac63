"""My holdings: what is typed and chosen, what is asked and answered; nothing of it leaves the session."""

import functools
import gc
import itertools
import json
from base64 import b64encode

import pytest

from core.holdings import reader
from core.holdings.answer import answer
from core.holdings.instruments import instruments
from core.results.warm import warm
from core.scenario.levers import Scenario, lever
from core.scenario.presets import presets
from core.web.web import load_web, snapshots
from pages.kit.parts import holdings
from pages.kit.visit import visit as visit_state
from pages.kit.words import numbers
from tests import shown
from tests.apptest import charts, headline, lever_of, pictures, press, sent, told
from tests.pages.test_dutch_pages import english, points
from tests.pages.test_guarantors import read

PAGE = "pages/holdings.py"
TYPED = "40 CRWV, VWCE 12000 euro, BX 1400 euro, PIMIX 4500 euro, ASML 3000 euro, pension"
WORTH = "3100"
SECRET = "Zwaluwstaart"
DEGIRO = """Product,Symbool/ISIN,Aantal,Slotkoers,Lokale waarde,,Waarde in EUR
CASH & CASH FUND & FTX CASH (EUR),,,,EUR,"214,70","214,70"
"COREWEAVE, INC. CLASS A",US21873S1087,12,"80,50",USD,"966,00","832,76"
"META PLATFORMS, INC. CLASS A",US30303M1027,3,"655,00",USD,"1965,00","1693,97"
"""
HOSTILE = (
    "<b>bold</b>",
    "<img src=x onerror=alert(1)>",
    "[x](https://example.org)",
    "$x^2$",
    ":material/delete: :red[x] :smile:",
    "# heading",
    "=HYPERLINK(1)",
)
_numbers = itertools.count(1)


@pytest.fixture(scope="module", autouse=True)
def ready():
    """Have the model at hand: a visit that comes before it reads how far it is."""
    warm()


def type_in(at, text=TYPED):
    return at.text_area(key=holdings.TEXT).input(text).run()


def choose(at, name, content):
    """Send a file as the browser does."""
    moved = {"n": next(_numbers), "name": name, "content": b64encode(content).decode()}
    at.session_state["holdings_file"] = {"moved": moved}
    return at.run()


def fields(at, what):
    prefix = f"holdings_{what}_"
    kind = at.text_input if what == "worth" else at.selectbox
    return [one for one in kind if one.key.startswith(prefix)]


def rows(at) -> list[dict]:
    """The rows of the table as they are shown."""
    return next((one["positions"]["rows"] for one in sent(at, "board") if "positions" in one), [])


def row(at, name) -> dict:
    return next(one for one in rows(at) if one["name"].startswith(name))


def filled(at):
    """Type the usual rows, and what is asked of them."""
    type_in(at)
    (field,) = fields(at, "worth")
    return field.input(WORTH).run()


@pytest.fixture
def owned(visit):
    """Open the page at a link, with rows typed and worths filled in."""
    return lambda link=None, locale="en-GB": filled(visit(link or {}, locale, PAGE))


def plain(text):
    return text.replace(numbers.NBSP, " ")


# ---- what is asked


@pytest.mark.parametrize(
    ("locale", "asks", "kept"),
    [("en-GB", "What do you own?", "never in a link"), ("nl-NL", "Wat bezit u?", "nooit in een link")],
)
def test_without_positions_the_page_asks_and_tells_what_becomes_of_them(visit, locale, asks, kept):
    at = visit({"g": "0"}, locale, PAGE)
    (box,) = at.text_area
    assert box.label.startswith(asks)
    assert "40 CRWV" in box.placeholder
    assert kept in " ".join(one.value for one in at.caption)
    assert len(sent(at, "file")) == 1
    assert (charts(at), rows(at)) == ([], [])
    assert "OpenAI" in headline(at)


def test_units_ask_for_their_worth_and_nothing_else_does(visit):
    at = type_in(visit(page=PAGE))
    (field,) = fields(at, "worth")
    assert "Row 1" in field.label
    assert row(at, "CRWV")["worth"] == numbers.decimal(None)
    assert row(at, "VWCE")["worth"] == "€12,000"


@pytest.mark.parametrize(
    ("language", "typed", "worth"),
    [
        ("en", "3,100", (3100.0, "EUR")),
        ("nl", "3.100", (3100.0, "EUR")),
        ("nl", "3100,50", (3100.5, "EUR")),
        ("en", "500 USD", (500.0, "USD")),
        ("nl", "$ 500", (500.0, "USD")),
        *(("en", odd, None) for odd in ("much", "-5", "25 %", "<b>5</b>", "1,2,3", "nan", "")),
    ],
)
def test_a_worth_is_read_as_its_reader_writes_it_and_what_is_none_is_not_guessed(language, typed, worth):
    with visit_state.reading(visit_state.Reader(visit_state.Step(Scenario.default()), language)):
        assert holdings.worth(typed) == worth


def test_what_is_no_amount_is_said(visit):
    at = type_in(visit(page=PAGE), "40 CRWV")
    fields(at, "worth")[0].input("<b>much</b>").run()
    assert row(at, "CRWV")["worth"] == numbers.decimal(None)
    assert any("<b>much</b>" in one.value and "not an amount" in one.value for one in at.text)
    fields(at, "worth")[0].input("3,100").run()
    assert row(at, "CRWV")["worth"] == "€3,100"
    assert fields(at, "worth") == []  # folded, once all is said


def test_of_many_rows_a_few_are_asked_about_and_then_the_rest(visit):
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: holdings.ASKED + 2]
    at = type_in(visit(page=PAGE), "\n".join(f"Firm{letter}{letter}\t5 stuks" for letter in letters))
    assert len(fields(at, "worth")) == holdings.ASKED
    assert any("2 more rows are asked about" in one.value for one in at.caption)
    for field in fields(at, "worth"):
        field.input("7")
    at.run()
    assert [one.value for one in fields(at, "worth")][:3] == ["", "", "7"]


def test_the_price_of_a_day_on_record_is_offered_and_taken_on_request_only(visit):
    at = type_in(visit(page=PAGE), "40 CRWV")
    (offer,) = [one for one in at.button if one.key.startswith("price_")]
    assert "2026" in offer.label
    assert row(at, "CRWV")["worth"] == numbers.decimal(None)
    offer.click().run()
    assert row(at, "CRWV")["worth"].startswith("$3,")


def test_a_name_that_may_be_several_things_is_asked_about(visit):
    at = type_in(visit(page=PAGE), "Coreweaver 100 euro")
    (choice,) = fields(at, "meant")
    assert "CoreWeave" in choice.options
    assert row(at, "Coreweaver")["web"] == numbers.decimal(None)
    choice.set_value("crwv").run()
    assert row(at, "CoreWeave")["web"] == "€100"


def test_rows_of_a_broker_are_pasted_and_those_left_out_are_told(visit):
    at = type_in(visit(page=PAGE), DEGIRO + 'Totaal,,,,,,"2741,43"\n')
    assert [one["worth"] for one in rows(at)] == ["€215", "€833", "€1,694"]
    assert any("total" in one.value for one in at.text)


def test_a_file_is_added_to_what_is_typed_and_read_once(visit):
    at = choose(type_in(visit(page=PAGE), "ASML 3000 euro"), "mine.csv", DEGIRO.encode())
    assert len(rows(at)) == 4
    assert any(one.value == "mine.csv: 3 positions" for one in at.text)
    assert len(rows(at.run())) == 4
    assert len(rows(choose(at, "mine.csv", DEGIRO.encode()))) == 4
    assert sent(at, "file")[0]["answered"] == at.session_state["holdings_file"]["moved"]["n"]


def test_a_file_that_cannot_be_read_is_refused_and_takes_nothing_away(owned):
    at = owned()
    before = rows(at)
    for number, content in enumerate((b"%PDF-1.7", b"", b"\x89PNG\r\n\x1a\n", b"\x00\xff" * 99)):
        choose(at, f"{number}.csv", content)
        assert not at.exception
        assert rows(at) == before
        assert any(one.value.startswith(f"{number}.csv: ") for one in at.text)


def test_a_text_that_the_field_has_cut_is_refused_and_takes_nothing_away(owned):
    at = owned()
    before = rows(at)
    type_in(at, ("CRWV 1 euro\n" * (holdings.LONGEST_TEXT // 10))[: holdings.LONGEST_TEXT])
    assert rows(at) == before
    assert any("KB" in one.value for one in at.text)


def test_what_no_page_of_ours_sends_as_a_file_is_no_file(owned):
    at = owned()
    before = rows(at)
    for number, moved in enumerate(({"content": 5}, {"name": "x", "content": "!"}, {"name": ["x"]}, {}), 1):
        at.session_state["holdings_file"] = {"moved": {"n": 1e9 + number, **moved}}
        at.run()
        assert not at.exception
        assert rows(at) == before


def test_a_file_without_a_currency_is_asked_about_once_and_a_file_can_be_left_out_again(visit):
    at = choose(
        visit(page=PAGE), "mes.csv", b"Nom;Code ISIN;Quantite;Valorisation\nCRWV;US21873S1087;5;850\n"
    )
    (asked,) = fields(at, "currency")
    assert (row(at, "CRWV")["worth"], asked.value) == ("850", "")
    assert any("mes.csv" in one.value for one in at.text)
    asked.set_value("EUR").run()
    assert row(at, "CRWV")["worth"] == "€850"
    assert fields(at, "currency") == []  # folded, once it is said
    (button,) = [one for one in at.button if one.key.startswith("leave_")]
    button.click().run()
    assert (rows(at), at.exception) == ([], [])


def test_a_question_names_the_file_of_its_row(visit):
    at = choose(visit(page=PAGE), "mine.csv", b"Symbol;ISIN;Quantity\nCRWV;US21873S1087;5\n")
    assert any(one.value == "mine.csv: CRWV, 5" for one in at.text)


def test_equal_rows_are_asked_about_each(visit):
    at = type_in(visit(page=PAGE), "40 CRWV\n40 CRWV")
    first, second = fields(at, "worth")
    second.input("50").run()
    assert [one["worth"] for one in rows(at)] == [numbers.decimal(None), "€50"]
    assert first.key != second.key


def test_a_row_with_commas_in_it_stays_one_row():
    for line in (
        "CoreWeave, Inc. 12",
        "CRWV: 40 stuks, waarde 3.000,00 EUR",
        "Nvidia (NVDA), 5 stuks, € 850,00",
    ):
        assert len(holdings._typed(line).holdings) == 1
    assert len(holdings._typed(TYPED).holdings) == 6


def test_forgetting_leaves_nothing(owned):
    at = owned()
    at.button(key="forget_holdings").click().run()
    assert (rows(at), charts(at), at.text_area(key=holdings.TEXT).value) == ([], [], "")
    assert not holds(at.session_state.to_dict(), "CRWV")
    assert len(fields(type_in(at), "worth")) == 1  # nothing is remembered of what was filled in


# ---- what is answered


def test_what_hangs_on_the_web_is_what_the_core_says(owned):
    at = owned({"g": "-30"})
    told_by_core = answer(
        reader.typed(TYPED.replace(", ", "\n").replace("CRWV", "CRWV 3100 euro")).holdings,
        read(g=-30),
        load_web(),
    )
    assert told_by_core.totals == {"EUR": 24_000.0}
    web = told_by_core.on_web["EUR"]
    (figure,) = pictures(at)
    bars = [(trace["x"][0], trace["base"][0]) for trace in figure["data"]]
    assert sum(share for share, _start in bars) == pytest.approx(1.0)
    assert sum(share for share, _start in bars[: len(told_by_core.by_channel)]) == pytest.approx(web / 24_000)
    assert all(start == pytest.approx(sum(x for x, _ in bars[:i])) for i, (_x, start) in enumerate(bars))
    assert numbers.decimal(web, 0) in json.dumps(figure)
    assert f"Of your €24,000 about €{numbers.decimal(numbers.about(web), 0)} hangs on this web" in headline(
        at
    )


def test_all_is_live_with_the_levers_and_beside_what_is_with_no_shock(owned):
    at = owned()
    calm, calm_line = row(at, "CRWV"), headline(at)
    assert (calm["usual"], calm["lost"]) == ("", False)
    lever_of(at, "g").set_value(-30.0).run()
    hit = row(at, "CRWV")
    quarter = numbers.quarter(quarter_of(read(g=-30), "coreweave"))
    assert plain(hit["fate"]) == f"usually worth nothing from {plain(quarter)}"
    assert calm["fate"] in hit["usual"]
    assert "CoreWeave's shares, €3,100 of it, are usually worth nothing" in headline(at)
    press(at, "undo").run()
    assert (row(at, "CRWV"), headline(at)) == (calm, calm_line)
    assert at.text_area(key=holdings.TEXT).value == TYPED


def quarter_of(reading, company):
    failed = next(one for one in reading["companies"] if one["id"] == company)["failed_quarter"]
    return reading["quarters"][failed]


def test_six_kinds_of_position_give_six_answers_with_source_and_date(owned):
    at = owned({"g": "-30"})
    at.session_state["holdings_table"] = True
    at.run()
    assert len({one["how"] for one in rows(at)}) == len(rows(at)) == 6
    assert len({one["fate"] for one in rows(at)}) == 6
    weights = next(one.value for one in at.dataframe if "Source" in one.value)
    assert {"CRWV, 40", "VWCE", "PIMIX"} <= set(weights["Position"])
    assert all(weights["Source"])
    assert all(weights["As of"])
    assert any(one.label == "Download XLSX" for one in at.get("download_button"))


def test_an_amount_stays_what_it_was_typed_as_whatever_language_follows(visit, monkeypatch):
    at = type_in(visit({"g": "-30"}, "nl-NL", PAGE), "40 CRWV")
    fields(at, "worth")[0].input("1.000").run()
    assert "1.000" in row(at, "CRWV")["worth"]
    as_typed = row(at, "CRWV")["worth"]
    monkeypatch.setattr(holdings, "worth", lambda _text: (1.0, "EUR"))  # as the other language reads it
    assert row(at.run(), "CRWV")["worth"] == as_typed


def test_the_sentence_leaves_no_loss_out(visit):
    at = visit({"g": "-30"}, page=PAGE)
    for typed, said in (
        ("40 CRWV\nVUSA 5000 euro", "Of what has no worth yet, CoreWeave: usually worth nothing"),
        ("40 CRWV\nASML 5000 euro", "Of what has no worth yet, CoreWeave: usually worth nothing"),
        ("CRWV 3000 euro\nCoreWeave bonds 500 euro", "; 1 more row loses too"),
        ("CRWV 3000 euro\nCoreWeave bonds", "Of what has no worth yet, Debt of CoreWeave: borrower fails"),
        ("pension", "How much of your pension hangs on this web is not known"),
    ):
        line = plain(headline(type_in(at, typed)))
        assert said in line
    assert "has a worth yet" not in line


def test_a_pension_is_no_row_without_worth_and_its_worth_is_not_said_to_be_elsewhere(visit):
    at = type_in(visit(page=PAGE), "CRWV 3000 euro\npensioen 50000 euro\npensioen")
    drawn = plain(json.dumps(pictures(at), ensure_ascii=False))
    assert "€50,000 of which this is not known" in drawn
    assert "elsewhere" not in drawn
    assert not any("without a worth" in one.value for one in at.caption)


def test_sums_in_two_currencies_have_one_order(visit):
    line = headline(type_in(visit(page=PAGE), "ASML 10 euro\nKKR 500 USD\nBX 1235 euro"))
    assert "€1,245 and $500 about €1,200 and $500" in line.replace("\\$", "$")
    assert "about €1,235" in headline(type_in(visit(page=PAGE), "BX 1235 euro"))


def test_no_noise_of_computing_stands_in_the_table(visit):
    at = type_in(visit(page=PAGE), "VUSA 5000.1 euro\nVWCE 77.77 euro")
    at.session_state["holdings_table"] = True
    at.run()
    parts = next(one.value for one in at.dataframe if "On the web" in one.value)["On the web"]
    assert all(value == round(value, 2) for value in parts)


def test_positions_in_two_currencies_are_never_added_up(visit):
    at = type_in(visit(page=PAGE), "BX 1400 euro\nKKR 500 USD\nASML 10 euro")
    assert "Of your €1,410 and $500 about €1,400 and $500 hangs" in headline(at).replace("\\$", "$")
    (figure,) = pictures(at)
    assert len({trace["y"][0] for trace in figure["data"]}) == 2


def test_the_part_is_never_told_as_more_than_the_whole(visit):
    at = type_in(visit(page=PAGE), "NVDA 10 1780.50 USD, MSFT 996 euro")
    assert "$1,780 and €996 about $1,780 and €996 hangs" in headline(at).replace("\\$", "$")


@pytest.mark.parametrize("date", snapshots())
def test_the_page_answers_whatever_somebody_owns_when_much_fails(visit, date):
    moved = next(one.levers for one in presets() if one.id == "glut")
    link = {word: lever(word).format(value) for word, value in moved.items()}
    more = "\nCoreWeave 10 euro\nWULF 5 USD\nMSFT 1 euro\nORCL 2 euro\nARCC 9 euro\nHyperion notes 3 euro"
    at = type_in(visit(link | {"data": date}, page=PAGE), TYPED + more)
    assert not at.exception
    assert len(rows(at)) == 12


def test_dutch_readers_get_dutch(owned):
    at = owned({"g": "-30"}, "nl-NL")
    at.session_state["holdings_table"] = True
    at.run()
    assert headline(at).startswith("Van uw €")
    assert "aandelen CoreWeave" in headline(at)
    names = [TYPED, *sorted((one.name for one in instruments()), key=len, reverse=True), "All-World"]
    found = [
        (place, functools.reduce(lambda told, name: told.replace(name, ""), names, text))
        for place, text in shown.texts(at)
    ]
    wrong = [(place, text) for place, text in found if points(text) or english(text)]
    assert wrong == []


# ---- what a stranger writes, and where it never stands


def test_what_a_visitor_types_is_never_read_as_markdown_or_html(visit):
    at = type_in(
        visit(page=PAGE), "\n".join(f"{name}\t{many}" for name in HOSTILE for many in ("9 euro", "40"))
    )
    assert not at.exception
    boxes = (at.text_input, at.selectbox, at.button)
    marked = [one.value for one in (*at.markdown, *at.caption)] + [
        one.label for kind in boxes for one in kind
    ]
    plain_texts = [text for _place, text in shown.texts(at)]
    for name in HOSTILE:
        assert not any(name in one for one in marked)
        assert name not in json.dumps(pictures(at))
        assert any(name.lstrip("=#").strip() in text for text in plain_texts)


def holds(thing, word) -> bool:
    """Tell whether a word stands anywhere in a thing: in texts, what holds them, and rows of holdings."""
    if isinstance(thing, str | bytes):
        return word in (thing if isinstance(thing, str) else thing.decode("utf-8", "replace"))
    if isinstance(thing, dict):
        return any(holds(one, word) for pair in thing.items() for one in pair)
    if isinstance(thing, list | tuple | set | frozenset):
        return any(holds(one, word) for one in thing)
    return type(thing).__module__.startswith("core.holdings") and word in repr(thing)


def kept_for_all() -> dict[str, list]:
    """Return by what every cache that visits share knows what it keeps, by the name of its function."""
    return {
        f"{one.__module__}.{one.__qualname__}": [
            key for key in gc.get_referents(one) if isinstance(key, dict)
        ]
        for one in gc.get_objects()
        if type(one) is functools._lru_cache_wrapper and one.__module__.startswith(("core.", "pages."))
    }


def test_a_name_in_a_shared_cache_is_seen():
    @functools.lru_cache
    def remembers(text):
        return len(text)

    remembers.__wrapped__.__module__ = remembers.__module__ = "core.made_up"
    remembers(f"my {SECRET}")
    assert any(holds(list(map(list, kept)), SECRET) for kept in kept_for_all().values())


def test_a_secret_name_stands_in_no_link_share_report_or_cache_and_in_no_other_visit(visit, capfd, caplog):
    at = type_in(visit({"g": "0"}, page=PAGE), f"{SECRET} 1234 euro\n40 CRWV")
    choose(at, f"{SECRET}.csv", DEGIRO.replace("COREWEAVE", SECRET).encode())
    lever_of(at, "r").set_value(9.0).run()
    assert holds(rows(at), SECRET)
    at.button(key="open_share").click().run()
    assert not holds(sent(at, "share", "bar"), SECRET)
    assert not holds(dict(at.query_params.items()), SECRET)
    assert not holds(sent(at, "nav"), SECRET)
    kept = kept_for_all()
    assert len(kept) > 20
    assert [name for name, keys in kept.items() if holds(list(map(list, keys)), SECRET)] == []
    other = visit({"g": "0"}, page=PAGE)
    assert (rows(other), other.text_area(key=holdings.TEXT).value) == ([], "")
    assert not any(SECRET in text for _place, text in shown.texts(other))
    written = capfd.readouterr()
    assert SECRET not in written.out + written.err + caplog.text


def test_another_page_shows_and_hands_out_nothing_of_it_and_the_way_back_all(visit, monkeypatch):
    at = type_in(visit(page=PAGE), f"{SECRET} 1234 euro\nBX 100 euro")
    before = rows(at)
    at.session_state["take_along"] = True
    at.switch_page("pages/compare.py").run()
    assert not any(SECRET in text for _place, text in shown.texts(at))
    assert SECRET not in told(at)
    at.switch_page(PAGE).run()
    assert rows(at) == before
    assert SECRET in at.text_area(key=holdings.TEXT).value
    at.get_by_key("language").set_value("nl").run()
    assert len(rows(at)) == len(before)


def test_the_report_is_made_without_positions(visit, reports):
    at = type_in(visit(page=PAGE), f"{SECRET} 1234 euro")
    at.session_state["take_along"] = True
    at.switch_page("pages/compare.py").run()
    assert len(reports) == 1
    assert SECRET not in reports[0]
