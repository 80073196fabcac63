"""Traps of brokers' files one by one: what is read, what is left out and why, what is refused as a whole."""

import io
import random
import tomllib
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.holdings import grids, workbook
from core.holdings.grids import LARGEST, MOST_COLUMNS
from core.holdings.reader import read, typed
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
    rows += trade("Savings plan", 1) + "01-03-2026,Something else,,,,7,USD\n"
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
    told |= {f"holdings_{code}" for code in (*DOUBTS.values(), *NO_SHARES.values(), "no_rows", "nested")}
    told |= {f"holdings_{code}" for code in ("unknown_columns", "scaled", "percent", "share_unclear")}
    told |= {f"holdings_{code}" for code in ("too_large_number", "bond", "cash_beside")}
    told |= {f"holdings_{code}" for code in ("other_action", "other_table", "ambiguous", "over_all_rows")}
    for name in test_reader.FILES:
        told |= {one.reason.code for one in read((test_reader.SAMPLES / name).read_bytes()).left_out}
    for make in (broken.bomb, broken.entities, broken.packed_other):
        with pytest.raises(UnreadableError) as refused:
            read(make(random.Random(1)).content)
        told.add(refused.value.message.code)
    templates = tomllib.loads((DATA / "messages.toml").read_text(encoding="utf-8"))
    assert {code for code in templates if code.startswith("holdings_")} - told == {"holdings_too_many_cells"}


def test_no_units_is_told_of_a_purchase_without_them():
    assert units(TRADES + trade("Buy", 12) + trade("Buy", "")) == ({"CoreWeave": None}, {3: "no_units"})


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


FOREIGN = (
    "Titre;Code ISIN;Cours;Quantité;Devise\nCoreWeave;US21873S1087;84,12;40;USD\n",
    "Titolo;ISIN;Prezzo;Quantità;Divisa\nCoreWeave;US21873S1087;84,12;40;USD\n",
    "Nombre;ISIN;Precio;Títulos;Divisa\nCoreWeave;US21873S1087;84,12;40;USD\n",
    "Värdepapper;ISIN;GAV;Antal;Valuta\nCoreWeave;US21873S1087;84,12;40;USD\n",
    "Papir;ISIN;GAK;Antal;Valuta\nCoreWeave;US21873S1087;84,12;40;USD\n",
    "Verdipapir;ISIN;GAV;Antall;Valuta\nCoreWeave;US21873S1087;84,12;40;USD\n",
)


@pytest.mark.parametrize("text", FOREIGN)
def test_common_columns_are_known_in_other_languages(text):
    assert units(text) == ({"CoreWeave": 40}, {})


def refused(text, reader=lambda text: read(text.encode())):
    with pytest.raises(UnreadableError) as told:
        reader(text)
    return told.value.message.code.removeprefix("holdings_")


def test_columns_without_a_known_name_are_never_read_by_their_place():
    unknown = "Papier;Numer ISIN;Kurs;Liczba;Waluta\nCoreWeave;US21873S1087;84,12;40;USD\n"
    unnamed = "CoreWeave;US21873S1087;84,12;40;USD\nOracle;US68389X1054;200,00;10;USD\n"
    for text in (unknown, unnamed, unknown.replace(",", ".").replace(";", ","), unnamed.replace(";", "\t")):
        assert refused(text) == "unknown_columns"
    assert refused(unknown, typed) == "unknown_columns"
    assert refused("Wertpapier;Kurswert in Tsd. EUR\nCoreWeave;3,4\n") == "unknown_columns"
    assert [one.quantity for one in read(b"CRWV;40\nORCL;10\n").holdings] == [40, 10]


def test_trades_in_another_language_are_added_up():
    text = "Datum;Konto;Typ av transaktion;Värdepapper/beskrivning;Antal;Kurs;Belopp;Valuta;ISIN\n"
    row = "2026-01-01;1234567;{};CoreWeave;{};84,12;1,00;USD;US21873S1087\n"
    for bought, sold in (("Köp", "Sälj"), ("Achat", "Vente"), ("Wertpapierkauf", "Wertpapierverkauf")):
        assert units(text + row.format(bought, 40) + row.format(sold, -10)) == ({"CoreWeave": 30}, {})


def test_a_date_and_an_action_make_transactions_whatever_the_words():
    head = "Activity Date,Instrument,Description,Trans Code,Quantity,Price,Amount\n"
    rows = "6/30/2026,CRWV,CoreWeave,{},40,$84.12,x\n6/30/2026,CRWV,CoreWeave,{},10,$84.12,x\n"
    assert units(head + rows.format("Buy", "Sell"))[0] == {"CRWV": 30}
    assert units(head + rows.format("XQZ", "WVU")) == ({}, {2: "unknown_action", 3: "unknown_action"})
    odd = head.replace("Trans Code", "Qualifier") + rows.format("Buy", "Sell") + rows.format("XQZ", "Buy")
    assert units(odd)[0] == {"CRWV": None}


def test_a_kind_of_percentage_is_never_units_or_worth():
    text = "Name,Quantity,Value,Currency\nVWCE,5%,100,EUR\nIWDA,3,7%,EUR\n"
    assert units(text) == ({}, {2: "percent", 3: "percent"})


def test_parts_of_at_most_one_are_asked_unless_a_sign_or_a_format_tells():
    assert units("Name,Weight\nVWCE,0.6\nIWDA,0.4\n") == ({}, {2: "share_unclear", 3: "share_unclear"})
    assert [one.share for one in read(b"Name,Weight\nVWCE,60\nIWDA,40\n").holdings] == [0.6, 0.4]
    assert [one.share for one in read(b"Name,Weight\nVWCE,0.6%\n").holdings] == [0.006]
    content = formatted([["Name", "Weight"], ["VWCE", 0.6], ["IWDA", 0.4]], "0.00%")
    assert [one.share for one in read(content).holdings] == [0.6, 0.4]


def formatted(rows, shown):
    """A workbook whose numbers are shown in a format."""
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for cell in made.active["B"]:
        cell.number_format = shown
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("shown", "currency"),
    [
        ("[$€-413] #,##0.00", "EUR"),
        ("[$$-409]#,##0.00", "USD"),
        ("[$£-809]#,##0.00", "GBP"),
        ('#,##0.00 "€"', "EUR"),
        ("[$$-1009]#,##0.00", None),
        ("#,##0.00", None),
    ],
)
def test_a_currency_may_be_in_the_format_of_a_number(shown, currency):
    (one,) = read(formatted([["Name", "Value"], ["CoreWeave", 3364.8]], shown)).holdings
    assert (one.value, one.currency) == (3364.8, currency)


NO_SHARES = {
    "CRWV,COREWEAVE INC,Corporate Bond,5000,4850.00": "bond",
    "CRWV,CRWV,Anleihe,5000,4850.00": "bond",
    "CRWV 12/18/2026 100.00 C,COREWEAVE,Equity,2,1200.00": "option",
}


@pytest.mark.parametrize("row", NO_SHARES)
@pytest.mark.parametrize("kinds", ["Security Type", "Type", "Asset Category", "Instrument type"])
def test_bonds_and_options_are_no_shares(row, kinds):
    head = f"Symbol,Description,{kinds},Quantity,Market Value\nCRWV,COREWEAVE INC,Equity,40,3364.80\n"
    assert units(head + row) == ({"COREWEAVE INC": 40}, {3: NO_SHARES[row]})


def test_a_fund_of_bonds_is_a_fund():
    text = (
        "Symbol,Description,Asset Class,Quantity,Value\nAGG,iShares Aggregate Bond ETF,Fixed Income,4,400\n"
    )
    assert [one.ticker for one in read(text.encode()).holdings] == ["AGG"]


def test_a_bond_keeps_its_own_name_and_not_the_symbol():
    head = "Symbol,Description,Security Type,Quantity,Price,Market Value\nCRWV,COREWEAVE,Equity,40,1,40\n"
    found = read(f"{head}CRWV,COREWEAVE 9.25% 06/01/2030,Bonds,5000,97,4850\n".encode()).holdings
    assert [(one.name, one.ticker, one.quantity, one.value) for one in found] == [
        ("COREWEAVE", "CRWV", 40, 40),
        ("COREWEAVE 9.25% 06/01/2030", None, 5000, 4850),
    ]
    for own in ("COREWEAVE 9.25% 06/01/2030", "CRWV 9 1/4 06/01/30", "COREWEAVE 9,25 % 2030"):
        row = f'CRWV,"{own}",,5000,97,4850\n'
        (share, owed) = read(f"{head}{row}".encode()).holdings
        assert (share.quantity, owed.ticker, owed.quantity) == (40, None, 5000)
    bought = TRADES.replace("Currency", "Asset class") + trade("Buy", 40).replace("USD", "Stocks")
    row = "01-03-2026,Buy,CoreWeave 9.25% 2030,,5000,97,Bonds\n"
    assert units(bought + row)[0] == {"CoreWeave": 40, "CoreWeave 9.25% 2030": 5000}


DOUBTS = {
    "Buy,CoreWeave,US21873S1087,x": "no_number",
    "Buy,CoreWeave,US21873S1087,1.000": "ambiguous",
    "Buy,CoreWeave,US21873S1087,": "no_units",
    "Buy,CoreWeave,US21873S1087,5%": "percent",
    "Stock distribution,CoreWeave,US21873S1087,4": "split",
    "Dividend in shares,CoreWeave,US21873S1087,4": "split",
    "Send,CoreWeave,US21873S1087,4": "moved",
    "Security Transfer,CoreWeave,US21873S1087,4": "moved",
    "TRANSFERRED FROM VANGUARD,CoreWeave,US21873S1087,4": "moved",
    ",CoreWeave,US21873S1087,4": "no_action",
    "Xyzzy,CoreWeave,US21873S1087,4": "unknown_action",
}


@pytest.mark.parametrize("row", DOUBTS)
def test_units_are_open_after_a_row_that_was_not_added(row):
    oracle = trade("Buy", 3).replace("CoreWeave,US21873S1087", "Oracle,US68389X1054")
    text = f"{TRADES}{trade('Buy', 12)}01-03-2026,{row},80,USD\n{oracle}".replace("80.5", "80")
    assert units(text) == ({"CoreWeave": None, "Oracle": 3}, {3: DOUBTS[row]})


def test_money_that_is_transferred_is_money():
    rows = trade("Buy", 12) + "01-03-2026,Transfer,,,,500,USD\n"
    assert units(TRADES + rows) == ({"CoreWeave": 12}, {3: "cash_moved"})


def test_an_option_may_be_told_by_its_order_or_its_symbol():
    head = "Date,Action,Symbol,Description,Quantity,Price\n1-3-2026,Buy,CRWV,COREWEAVE,3,6\n"
    for row in ("Buy,CRWV 12/18/2026 100.00 C,COREWEAVE", "Buy to Open,CRWV,COREWEAVE", "BTO,CRWV,COREWEAVE"):
        assert units(f"{head}1-3-2026,{row},2,6\n") == ({"COREWEAVE": 3}, {3: "option"})


def test_a_pair_of_currencies_is_no_share():
    head = "Date,Action,Asset Category,Symbol,Quantity,Price\n1-3-2026,Buy,Stocks,CRWV,3,6\n"
    assert units(f"{head}1-3-2026,Buy,Forex,EUR.USD,5000,1.1\n") == ({"CRWV": 3}, {3: "cash_moved"})


def test_a_column_of_kinds_is_no_name():
    rows = "Aandelen,{},40,USD,3364.80\nAandelen,{},10,USD,2000.00\n".format("CoreWeave Inc", "Oracle Corp")
    for name in ("Instrument", "Naam", "Description"):
        text = f"Product,{name},Aantal,Valuta,Marktwaarde\n{rows}"
        assert units(text) == ({"CoreWeave Inc": 40, "Oracle Corp": 10}, {})
        text = text.replace("Aandelen", "Mijn rekening")
        assert units(text) == ({"CoreWeave Inc": 40, "Oracle Corp": 10}, {})


@pytest.mark.parametrize(
    "header",
    [
        "Value (EUR k)",
        "Value (x1000)",
        "Value (in thousands)",
        "Waarde (x € 1.000)",
        "Value (€m)",
        "Value ('000)",
    ],
)
def test_a_column_that_counts_in_thousands_is_refused(header):
    assert refused(f"Name,Quantity,{header},Currency\nCoreWeave,40,3.4,USD\n") == "scaled"


@pytest.mark.parametrize("header", ["Value (p)", "Value (pence)", "Value (GBX)", "Value (GBp)", "Value GBp"])
def test_a_column_may_count_in_pence(header):
    (one,) = read(f"Name,Quantity,{header}\nBarclays,1000,350250\n".encode()).holdings
    assert (one.value, one.currency) == (3502.5, "GBP")
    (one,) = read(b"Name,Quantity,Value (GBP)\nBarclays,1000,3502.5\n").holdings
    assert (one.value, one.currency) == (3502.5, "GBP")


@pytest.mark.parametrize("name", ["Portfolio", "Portfolio value", "Balance", "Depotwert"])
def test_the_worth_of_a_whole_account_is_a_total(name):
    assert units(f"{HEAD}{CRWV}{name};;;5364,00\n") == ({"CoreWeave": 12}, {3: "total"})


def test_another_kind_of_text_is_no_list_of_holdings():
    assert refused("root:x:0:\ndaemon:x:1:\nbin:x:2:\n") == "no_table"
    assert [one.quantity for one in read(b"CRWV: 40\nORCL: 10\n").holdings] == [40, 10]


def test_a_header_alone_is_refused():
    assert refused(HEAD) == "no_rows"


def test_a_name_alone_and_money_beside_a_table_have_true_sentences():
    held, reasons = units(f"Total cash:;100,00\n{HEAD}{CRWV}Oracle;;;\n")
    assert (held, reasons) == ({"CoreWeave": 12}, {1: "cash_beside", 4: "no_figures"})


def test_records_that_hold_no_plain_text_or_number_are_told():
    rows = '{"name":"Oracle","quantity":1,"value":1e999},{"name":{"a":1},"quantity":1}'
    rows += ',{"name":"IREN","quantity":[1]},{"name":"TeraWulf","quantity":NaN}'
    held, reasons = units(f'[{{"name":"CoreWeave","quantity":40}},{rows}]')
    assert held == {"CoreWeave": 40}
    assert reasons == {2: "too_large_number", 3: "nested", 4: "no_number", 5: "no_figures"}
    assert units(f"{HEAD}CoreWeave;;{'9' * 20};1,00\n") == ({}, {2: "too_large_number"})


def test_less_than_nothing_on_another_day_is_a_sale():
    head = "Date,Name,ISIN,Quantity,Currency\n1-3-2026,CoreWeave,US21873S1087,{},USD\n"
    sold = "2-3-2026,CoreWeave,US21873S1087,-10,USD\n"
    assert units(head.format(40) + sold) == ({"CoreWeave": 30}, {})
    assert units(head.format(40) + sold.replace("-10", "10")) == ({"CoreWeave": 50}, {})


def test_worth_in_another_currency_than_the_quote_keeps_its_own():
    head = "Kontonummer;Namn;Kortnamn;Volym;Marknadsvärde;GAV (SEK);GAV;Valuta;ISIN;Typ\n"
    (held,) = read(f"{head}1;CoreWeave;CRWV;40;32345,67;800;80;USD;US21873S1087;STOCK\n".encode()).holdings
    assert (held.quantity, held.value, held.currency) == (40, 32345.67, "SEK")
