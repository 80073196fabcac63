"""Traps of brokers' files one by one: what is read, what is left out and why, what is refused as a whole."""

import io
import random
import tomllib
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.holdings import grids, workbook
from core.holdings.grids import LARGEST, MOST_COLUMNS
from core.holdings.reader import read
from core.holdings.rows import UnreadableError
from core.scenario.levers import DATA
from core.scenario.messages import describe
from tests.core.holdings import broken, test_reader, test_typed
from tests.core.holdings.known import workbook as book

HEAD = "Product;ISIN;Aantal;Waarde in EUR\n"
CRWV = "CoreWeave;US21873S1087;12;832,76\n"


def units(text):
    """Units of each holding by name, and reasons by row."""
    found = read(text.encode())
    reasons = {one.row: one.reason.code.removeprefix("holdings_") for one in found.left_out}
    return {one.name: one.quantity for one in found.holdings}, reasons


ROWS = {
    "Totaal;;;832,76": "total",
    "Totaal aandelen;;;832,76": "total",
    "Aan deze gegevens kunnen geen rechten worden ontleend.": "remark",
    "CRWV 15JAN27 60 P;;2;620,00": "option",
    "ING Turbo Long Nvidia;NL0011794037;2;620,00": "option",
    "TeraWulf;US88080T1043;-40;-604,00": "short",
    "Cash EUR;;;-12,50": "debt",
    "Oracle;US68389X1054;0;0,00": "nothing_held",
    "Oracle;US68389X1054;;": "no_figures",
    ";US68389X1055;3;10,00": "wrong_isin",
    ";;3;10,00": "no_name",
    "Oracle;US68389X1054;three;10,00": "no_number",
    "Oracle;US68389X1054;=1+1;10,00": "formula",
    "=cmd|'/c calc'!A0;US68389X1054;1;10,00": "formula",
    "Oracle;US68389X1054;3;10,00;;extra": "columns",
    "Pending activity;;;5,00": "not_done",
}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_left_out_with_its_reason(row):
    assert units(f"{HEAD}{CRWV}{row}\n{CRWV.replace('Core', 'Other ')}") == (
        {"CoreWeave": 24},
        {3: ROWS[row]},
    )


def test_an_isin_with_a_wrong_check_digit_is_none_where_a_name_stands():
    found = read(f"{HEAD}Oracle;US68389X1055;3;10,00\n".encode())
    assert [(one.name, one.isin) for one in found.holdings] == [("Oracle", None)]


def test_a_quantity_with_two_readings_is_asked_unless_the_file_tells():
    assert units("Product;Aantal;Opmerking\nCoreWeave;1.000;x\n") == ({}, {2: "ambiguous"})
    assert units(f"{HEAD}CoreWeave;;1.000;832,76\n") == ({"CoreWeave": 1000}, {})
    assert units("Product;Aantal;Waarde\nCoreWeave;1.000;832.76\n") == ({"CoreWeave": 1}, {})
    mixed = 'Product,Aantal,Lokale waarde,Waarde in EUR\nCoreWeave,1.000,USD 966.00,"832,76"\n'
    assert units(mixed) == ({}, {2: "ambiguous"})


def test_the_euro_column_counts_before_a_local_one_in_any_order():
    for head, row in (
        ("Waarde in EUR;Waarde;Valuta", "832,76;966,00;USD"),
        ("Waarde;Valuta;Waarde in EUR", "966,00;USD;832,76"),
    ):
        (one,) = read(f"Naam;Aantal;{head}\nCoreWeave;12;{row}\n".encode()).holdings
        assert (one.value, one.currency) == (832.76, "EUR")


def test_each_figure_may_have_a_currency_to_its_right():
    rows = "Name;ISIN;Stück;Kurs;Währung;Kurswert;Währung\nCoreWeave;US21873S1087;12;80,50;USD;832,76;EUR\n"
    (one,) = read(rows.encode()).holdings
    assert (one.value, one.currency) == (832.76, "EUR")


def test_pence_are_pounds():
    rows = "Name,Symbol,Qty,Price,Currency,Market Value\nVanguard,VUSA,10,9020,GBX,90200\n"
    (one,) = read(rows.encode()).holdings
    assert (one.value, one.currency) == (902.0, "GBP")


TRADES = "Date,Type,Name,ISIN,Quantity,Price,Currency\n"


def trade(action, quantity, day=1):
    return f"0{day}-03-2026,{action},CoreWeave,US21873S1087,{quantity},80.5,USD\n"


def test_purchases_less_sales_are_held_whether_the_sign_says_it_or_the_word():
    for sale in ("4", "-4"):
        assert units(TRADES + trade("Buy", 12) + trade("Sell", sale)) == ({"CoreWeave": 8}, {})
    assert units(TRADES + trade("Sell", 4) + trade("Buy", 12)) == ({"CoreWeave": 8}, {})


def test_what_is_sold_out_or_oversold_is_left_out():
    assert units(TRADES + trade("Buy", 0.3) + trade("Sell", 0.1) * 3) == ({}, {2: "sold_out"})
    assert units(TRADES + trade("Buy", 1) + trade("Sell", 3)) == ({}, {2: "oversold"})


def test_after_a_split_the_units_are_unknown_wherever_it_stands():
    for rows in (trade("Buy", 12) + trade("Stock split", 24), trade("Stock split", 24) + trade("Buy", 12)):
        held, reasons = units(TRADES + rows)
        assert held == {"CoreWeave": None}
        assert list(reasons.values()) == ["split"]
    pair = trade("Buy", 2) + trade("Stock split close", 2) + trade("Stock split open", 20)
    assert units(TRADES + pair) == ({"CoreWeave": 20}, {})


def test_income_costs_and_money_that_moves_are_no_units():
    rows = trade("Buy", 12) + trade("Dividend", 12) + trade("Custody fee", "") + trade("Deposit", 500)
    rows += trade("Savings plan", 1) + trade("Something else", 7)
    assert units(TRADES + rows) == (
        {"CoreWeave": 13},
        {3: "dividend", 4: "cost", 5: "cash_moved", 7: "other_action"},
    )


def test_positions_count_before_transactions_of_the_same_file():
    held, reasons = units(
        f"{HEAD}{CRWV}\n{TRADES.replace(',', ';')}01-03-2026;Buy;Oracle;US68389X1054;3;10;USD\n"
    )
    assert (held, reasons) == ({"CoreWeave": 12}, {4: "other_table"})


REFUSED = {
    "empty": b"\xef\xbb\xbf \r\n",
    "too_large": b"x" * (LARGEST + 1),
    "binary": b"Product;Aantal\0\nx;1\n",
    "pdf": b"%PDF-1.7 ...",
    "picture": b"\x89PNG\r\n\x1a\n....",
    "old_workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....",
    "web_page": b"<html><body><table><tr><td>x</td></tr></table>",
    "workbook_broken": b"PK\x03\x04" + b"x" * 99,
    "too_many_rows": (HEAD + CRWV * 6000).encode(),
    "too_many_columns": ("Product;Aantal" + ";x" * MOST_COLUMNS).encode(),
    "long_line": b"Product;Aantal;Waarde\n" + b"x" * 30_000,
    "quotes": f'{HEAD}"CoreWeave;US21873S1087;12;832,76\n'.encode(),
    "no_table": b"Dear Sir,\nthank you for your letter.\nYours\n",
    "formulas": f"{HEAD}=1+1;US21873S1087;12;832,76\n".encode(),
}


@pytest.mark.parametrize("code", REFUSED)
def test_a_file_is_refused_with_a_sentence(code):
    with pytest.raises(UnreadableError) as refused:
        read(REFUSED[code])
    assert refused.value.message.code == f"holdings_{code}"
    assert str(refused.value) == describe(refused.value.message)
    assert str(refused.value).endswith(".")


def test_every_reason_has_its_test_or_its_broken_file():
    told = {f"holdings_{code}" for code in (*ROWS.values(), *REFUSED, *test_typed.ASKED.values())}
    told |= {
        f"holdings_{code}" for code in ("sold_out", "oversold", "split", "dividend", "cost", "cash_moved")
    }
    told |= {f"holdings_{code}" for code in ("other_action", "other_table", "ambiguous")}
    for name in test_reader.FILES:
        told |= {one.reason.code for one in read((test_reader.SAMPLES / name).read_bytes()).left_out}
    for make in (broken.bomb, broken.entities, broken.packed_other):
        with pytest.raises(UnreadableError) as refused:
            read(make(random.Random(1)).content)
        told.add(refused.value.message.code)
    templates = tomllib.loads((DATA / "messages.toml").read_text(encoding="utf-8"))
    assert {code for code in templates if code.startswith("holdings_")} - told == {
        "holdings_no_units",
        "holdings_too_many_cells",
    }


def test_no_units_is_told_of_a_purchase_without_them():
    assert units(TRADES + trade("Buy", 12) + trade("Buy", "")) == ({"CoreWeave": 12}, {3: "no_units"})


def test_a_workbook_keeps_results_and_computes_nothing():
    content = book(
        [
            ["Product", "ISIN", "Quantity", "Value EUR"],
            ["CoreWeave", "US21873S1087", 12, "=1+1"],
            ["Oracle", "US68389X1054", 3, 10.5],
        ]
    )
    found = read(content)
    assert [(one.name, one.value) for one in found.holdings] == [("Oracle", 10.5)]
    assert [(one.row, one.reason.code) for one in found.left_out] == [(2, "holdings_formula")]


def test_a_workbook_with_too_many_cells_is_refused_before_it_is_read(monkeypatch):
    content = book([["Product", "Quantity"], ["CoreWeave", 12]])
    assert len(read(content).holdings) == 1
    monkeypatch.setattr(workbook, "MOST_MARKS", 50)
    monkeypatch.setattr(workbook, "_open", None)
    with pytest.raises(UnreadableError, match="more than 25000 cells"):
        read(content)


def test_every_encoding_gives_the_same():
    text = HEAD + "Vermögen für Zukunft;US21873S1087;12;832,76\n"
    wanted = read(text.encode())
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"):
        assert read(text.encode(encoding)) == wanted


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from((b"", HEAD.encode(), (HEAD + CRWV).encode(), b"PK\x03\x04")))
def test_whatever_the_bytes_nothing_else_is_raised(content, before):
    try:
        found = read(before + content)
    except UnreadableError:
        return
    assert all(one.quantity is None or one.quantity > 0 for one in found.holdings)


def test_limits_are_those_that_the_sentences_name():
    assert workbook.MOST_UNPACKED > workbook.MOST_BESIDE > LARGEST > grids.LONGEST_LINE > grids.LONGEST_CELL


def test_a_name_that_holds_figures_only_is_units_or_a_share():
    rows = "Financial Instrument,Position,Last,Market Value,Currency\nCRWV NASDAQ,12,80.5,966.00,USD\n"
    (one,) = read(rows.encode()).holdings
    assert (one.name, one.quantity, one.value, one.currency) == ("CRWV NASDAQ", 12, 966, "USD")
    (one,) = read(b"Fonds;Aandeel;Bedrag\nMeesman;25%;\n").holdings
    assert (one.name, one.quantity, one.share) == ("Meesman", None, 0.25)


def test_symbols_lose_their_exchange():
    header, row = (
        "Date,Code,DataSource,Currency,Price,Quantity,Action",
        "2026-01-02,VWCE.DE,YAHOO,EUR,118.2,5,BUY",
    )
    (one,) = read(f"{header}\n{row}\n".encode()).holdings
    assert (one.name, one.ticker, one.currency) == ("VWCE.DE", "VWCE", "EUR")


def test_a_formula_of_a_workbook_counts_by_the_result_it_was_saved_with():
    content = book([["Product", "Quantity", "Value EUR"], ["CoreWeave", 12, 832.76]])
    assert b"<v>12</v>" in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
    saved = broken.changed_part(
        content, "xl/worksheets/sheet1.xml", lambda part: part.replace(b"<v>12</v>", b"<f>6*2</f><v>12</v>")
    )
    (one,) = read(saved).holdings
    assert (one.quantity, one.value) == (12, 832.76)
