"""Rows as hands write and paste them: units, amounts, shares; names keep their numbers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.holdings.instruments import ask, find
from core.holdings.reader import read, typed
from core.holdings.rows import Holding, UnreadableError

KEPT = {
    "40 CRWV": Holding(1, "CRWV", "CRWV", quantity=40),
    "VWCE 40": Holding(1, "VWCE", "VWCE", quantity=40),
    "VWCE 12000": Holding(1, "VWCE", "VWCE", quantity=12000),
    "crwv 40": Holding(1, "crwv", "CRWV", quantity=40),
    "VWCE,40": Holding(1, "VWCE", "VWCE", quantity=40),
    "CRWV: 40": Holding(1, "CRWV", "CRWV", quantity=40),
    "40x CRWV": Holding(1, "CRWV", "CRWV", quantity=40),
    "CRWV x 40": Holding(1, "CRWV", "CRWV", quantity=40),
    "CoreWeave 12 stuks": Holding(1, "CoreWeave", quantity=12),
    "40 shares of CoreWeave": Holding(1, "CoreWeave", quantity=40),
    "CoreWeave (CRWV) 12": Holding(1, "CoreWeave (CRWV)", "CRWV", quantity=12),
    "2,5 VWCE": Holding(1, "VWCE", "VWCE", quantity=2.5),
    "Meesman Wereldwijd Totaal   € 8.250,00": Holding(
        1, "Meesman Wereldwijd Totaal", value=8250, currency="EUR"
    ),
    "NVDA\t10\t1.780,50 USD": Holding(1, "NVDA", "NVDA", quantity=10, value=1780.5, currency="USD"),
    "NVDA 10\t1.780,50 USD": Holding(1, "NVDA", "NVDA", quantity=10, value=1780.5, currency="USD"),
    "VWCE 40 5934,40 EUR": Holding(1, "VWCE", "VWCE", quantity=40, value=5934.4, currency="EUR"),
    "NVDA 10 @ 178,05 USD": Holding(1, "NVDA", "NVDA", quantity=10, currency="USD"),
    "US0231351067; 4": Holding(1, "", isin="US0231351067", quantity=4),
    "US0231351068 Amazon 4": Holding(1, "Amazon", quantity=4),
    "S&P 500 tracker 25%": Holding(1, "S&P 500 tracker", share=0.25),
    "12 000 euro VWCE": Holding(1, "VWCE", "VWCE", value=12000, currency="EUR"),
    "12 500 euro VWCE": Holding(1, "VWCE", "VWCE", value=12500, currency="EUR"),
    "€ 8 250 VWCE": Holding(1, "VWCE", "VWCE", value=8250, currency="EUR"),
    "$ 1,234.50 Apple": Holding(1, "Apple", value=1234.5, currency="USD"),
    "Apple £500": Holding(1, "Apple", value=500, currency="GBP"),
    "pensioen": Holding(1, "pensioen", kind="pension"),
    "Pensioenfonds ABP 50000 euro": Holding(
        1, "Pensioenfonds ABP", value=50000, currency="EUR", kind="pension"
    ),
    "cash 500 euro": Holding(1, "cash", value=500, currency="EUR", kind="cash"),
    "spaargeld 1.234,56 euro": Holding(1, "spaargeld", value=1234.56, currency="EUR", kind="cash"),
    "S&P 500": Holding(1, "S&P 500"),
    "VWCE 40 € 5.934,40": Holding(1, "VWCE", "VWCE", quantity=40, value=5934.4, currency="EUR"),
    "ASML (3 stuks)": Holding(1, "ASML", "ASML", quantity=3),
    "Meta 3 ($ 1,965.00)": Holding(1, "Meta", quantity=3, value=1965, currency="USD"),
    "1. ASML 3": Holding(1, "ASML", "ASML", quantity=3),
    "VWCE.DE 40": Holding(1, "VWCE.DE", "VWCE", quantity=40),
    "S&P 500 10": Holding(1, "S&P 500", quantity=10),
    "40 Vanguard S&P 500": Holding(1, "Vanguard S&P 500", quantity=40),
    "CoreWeave (US21873S1087) 40": Holding(1, "CoreWeave", isin="US21873S1087", quantity=40),
    "40 CoreWeave (US21873S1087)": Holding(1, "CoreWeave", isin="US21873S1087", quantity=40),
    "CoreWeave - US21873S1087 - 40": Holding(1, "CoreWeave", isin="US21873S1087", quantity=40),
    "CRWV 40 x 84.12 USD": Holding(1, "CRWV", "CRWV", quantity=40, currency="USD"),
    "VUSA: 20 @ £80": Holding(1, "VUSA", "VUSA", quantity=20, currency="GBP"),
    "20 VUSA tegen 80 euro": Holding(1, "VUSA", "VUSA", quantity=20, currency="EUR"),
    "20 VUSA a 80 euro": Holding(1, "VUSA", "VUSA", quantity=20, currency="EUR"),
    "20 VUSA 80 euro per stuk": Holding(1, "VUSA", "VUSA", quantity=20, currency="EUR"),
    "20 VUSA €80 each": Holding(1, "VUSA", "VUSA", quantity=20, currency="EUR"),
    "Bought 10 CRWV at $84": Holding(1, "CRWV", "CRWV", quantity=10, currency="USD"),
    "Alphabet A 500 euro": Holding(1, "Alphabet A", value=500, currency="EUR"),
    "Apple 10, 500 euro": Holding(1, "Apple", quantity=10, value=500, currency="EUR"),
    "ca. 40 CRWV": Holding(1, "CRWV", "CRWV", quantity=40),
    "~40 CRWV": Holding(1, "CRWV", "CRWV", quantity=40),
    "iShares USD Short Duration 40": Holding(1, "iShares USD Short Duration", quantity=40),
    "Senior Loan ETF 10": Holding(1, "Senior Loan ETF", quantity=10),
    "20 VUSA koers: 80 euro": Holding(1, "VUSA", "VUSA", quantity=20, currency="EUR"),
    "20 VUSA 80 euro/stuk": Holding(1, "VUSA", "VUSA", quantity=20, currency="EUR"),
    "20 VUSA @ 80 euro per stuk": Holding(1, "VUSA", "VUSA", quantity=20, currency="EUR"),
    "20 VUSA for 80 euro each": Holding(1, "VUSA", "VUSA", quantity=20, currency="EUR"),
    "Bought 10 CRWV for $840": Holding(1, "CRWV", "CRWV", quantity=10, currency="USD"),
    "10 CRWV gekocht voor 84 dollar": Holding(1, "CRWV", "CRWV", quantity=10, currency="USD"),
    "Bought\tCRWV\t10\t84.12 USD": Holding(1, "CRWV", "CRWV", quantity=10, currency="USD"),
    "40 CRWV for 3364 USD": Holding(1, "CRWV", "CRWV", quantity=40, currency="USD"),
    "VWCE voor 12000 euro": Holding(1, "VWCE", "VWCE", value=12000, currency="EUR"),
    "40 VWCE ter waarde van 5934 euro": Holding(1, "VWCE", "VWCE", quantity=40, value=5934, currency="EUR"),
    "Apple 10 stuks, waarde 500 euro": Holding(1, "Apple", quantity=10, value=500, currency="EUR"),
    "± 40 CRWV": Holding(1, "CRWV", "CRWV", quantity=40),
    "ca. € 500 VWCE": Holding(1, "VWCE", "VWCE", value=500, currency="EUR"),
    "Global X Nasdaq 100 Covered Call UCITS ETF 20": Holding(
        1, "Global X Nasdaq 100 Covered Call UCITS ETF", quantity=20
    ),
    "Van Eck Semiconductor 5": Holding(1, "Van Eck Semiconductor", quantity=5),
    "Buy Write ETF 3": Holding(1, "Buy Write ETF", quantity=3),
    "Short Treasury ETF 10": Holding(1, "Short Treasury ETF", quantity=10),
    "Buy CRWV 10": Holding(1, "CRWV", "CRWV", quantity=10),
    "CRWV/USD 10": Holding(1, "CRWV/USD", quantity=10),
    "3M EUR 500": Holding(1, "3M", value=500, currency="EUR"),
    "Best Buy 10": Holding(1, "Best Buy", quantity=10),
    "COREWEAVE, INC. 12": Holding(1, "COREWEAVE, INC.", quantity=12),
    "3M 10": Holding(1, "3M", quantity=10),
    "Nasdaq-100 5": Holding(1, "Nasdaq-100", quantity=5),
    "Fund 2030; 40": Holding(1, "Fund 2030", quantity=40),
    "iShares MSCI World UCITS ETF USD (Acc) 33": Holding(
        1, "iShares MSCI World UCITS ETF USD (Acc)", quantity=33
    ),
    '"COREWEAVE, INC.",US21873S1087,12,"80,50",USD,"966,00","832,76"': Holding(
        1, "COREWEAVE, INC.", isin="US21873S1087", quantity=12, value=966, currency="USD"
    ),
    "COREWEAVE\tUS21873S1087\t12\t80,50\tUSD\t966,00\t832,76": Holding(
        1, "COREWEAVE", isin="US21873S1087", quantity=12, value=966, currency="USD"
    ),
    "Shell\t50\t€ 31,20\t€ 1.560,00": Holding(1, "Shell", quantity=50, value=1560, currency="EUR"),
    "<b>Shell</b> 5": Holding(1, "<b>Shell</b>", quantity=5),
}
ASKED = {
    "VWCE 1.000": "ambiguous",
    "€ 8.250 Meesman": "ambiguous",
    "VWCE 12 500 euro": "two_numbers",
    "10 CRWV 12": "two_numbers",
    "NVDA 10 USD 1780,50": "two_numbers",
    "NVDA 10 178 USD": "two_numbers",
    "-40 CRWV": "short",
    "CRWV -40": "short",
    "cash -500 euro": "debt",
    "CRWV 0": "nothing_held",
    "500 euro": "no_name",
    "US0231351068; 4": "wrong_isin",
    "Totaal € 5000": "total",
    "CRWV 15JAN27 60 P 2": "option",
    "50 put opties CRWV": "option",
    "10 CRWV call": "option",
    "CRWV short 10": "short",
    "verkocht 10 CRWV": "sold",
    "Sold 10 CRWV": "sold",
    "hypotheek 300000 euro": "owed",
    "mortgage 300000 USD": "owed",
    "CRWV 40; ORCL 10": "several",
    "CRWV 40\tORCL 10": "several",
    "CRWV 40, ORCL 10": "several",
    "40 CRWV en 10 ORCL": "several",
    "CRWV 40 3364.80": "two_numbers",
    "VUSA 20 80,50": "two_numbers",
    "EUR 12.5k VWCE": "shortened",
    "12,5k euro VWCE": "shortened",
    "VWCE 12k€": "shortened",
    "€ 2,5 mln pensioen": "shortened",
    "$1.2m NVDA": "shortened",
    "$1.2M NVDA": "shortened",
    "Oracle 10k": "shortened",
    "CRWV 40,ORCL 10": "several",
    "Oracle 10,CoreWeave 40": "several",
    "40 CRWV plus 10 ORCL": "several",
    "40 CRWV 10 ORCL": "several",
    "CRWV 40 / ORCL 10": "several",
    "Apple 2000, Oracle Corp 10": "several",
    "Johnson & Johnson 10 & Shell 5": "several",
    "VWCE 12000 euro, pensioen": "several",
    "40 CRWV, pension": "several",
    "VWCE 12000 euro; pensioen": "several",
    "CRWV 40 x 84.12": "two_numbers",
    "10 à 15 CRWV": "two_numbers",
    "10 tot 15 CRWV": "two_numbers",
    "10-15 CRWV": "two_numbers",
    "1/2 CRWV": "two_numbers",
    "short CRWV 10": "short",
    "CRWV 10 short": "short",
    "CRWV 40; short": "short",
    "short\tCRWV\t10": "short",
    "10 CRWV verkocht": "sold",
    "10 CRWV sold": "sold",
    "Sell CRWV 10": "sold",
    "Verkoop\tCRWV\t10": "sold",
    "2x Leveraged NVDA 10": "two_numbers",
    "verkocht\tCRWV\t10": "sold",
    "5 CRWV options": "option",
    "5 calloptie CRWV": "option",
    "5 CRWV warrants": "option",
    "hypotheek ING 300000 euro": "owed",
    "mortgage at ING 300000 euro": "owed",
    "creditcardschuld 500 euro": "owed",
    "VWCE 12 k": "shortened",
    "$1.2B NVDA": "shortened",
    "EUR 1.2M VWCE": "shortened",
    "VWCE 3 ton": "shortened",
    "spaargeld 5000": "no_currency",
    "cash 5000": "no_currency",
    "200 euro per maand VWCE": "regular",
    "--5 CRWV": "no_number",
    "CRWV\t--5": "no_number",
    "CRWV 99999999999999999999": "too_large_number",
    "CRWV\t99999999999999999999": "too_large_number",
    "=cmd|'/c calc'!A0": "formula",
    "VWCE 250%": "over_all",
    "Dear Sir, thank you for your letter about what I might own, which I have read": "remark",
    "x" * 600: "long_row",
}


@pytest.mark.parametrize("text", KEPT)
def test_a_row_is_read(text):
    found = typed(text)
    assert found.holdings == (KEPT[text],)
    assert (found.left_out, found.layout) == ((), "typed")


@pytest.mark.parametrize("text", ASKED)
def test_a_row_that_is_unclear_is_left_out_with_its_reason(text):
    found = typed(f"VWCE 40\n{text}")
    assert found.holdings == (KEPT["VWCE 40"],)
    assert [(one.row, one.reason.code) for one in found.left_out] == [(2, f"holdings_{ASKED[text]}")]


def test_other_rows_tell_how_a_figure_is_to_be_read():
    assert [one.value for one in typed("Meesman € 8.250\nVWCE € 5.934,40").holdings] == [8250, 5934.4]
    assert [one.quantity for one in typed("CRWV 1,500\nVWCE $5,934.40").holdings] == [1500, None]


def test_both_readings_are_told():
    (asked,) = typed("VWCE 1.500").left_out
    assert asked.reason.params == {"given": "1.500", "many": "1500", "few": "1.5"}


def test_a_table_that_is_pasted_with_its_header_is_read_as_a_file():
    rows = "Product\tSymbool/ISIN\tAantal\tWaarde in EUR\nCOREWEAVE\tUS21873S1087\t12\t832,76"
    found = typed(rows)
    assert found.layout == "degiro_portfolio"
    assert found.holdings == (
        Holding(2, "COREWEAVE", isin="US21873S1087", quantity=12, value=832.76, currency="EUR"),
    )


def test_rows_keep_their_numbers_and_nothing_gives_nothing():
    assert [one.row for one in typed("\n40 CRWV\n\n- 3M 10\n").holdings] == [2, 4]
    assert typed(" \n\t").holdings == ()


def test_the_number_that_is_too_large_is_told_and_not_the_whole_row():
    (asked,) = typed("CRWV 99999999999999999999").left_out
    assert asked.reason.params == {"given": "99999999999999999999"}


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_whatever_is_typed_nothing_else_is_raised_and_no_row_is_lost(text):
    try:
        found = typed(text)
    except UnreadableError:
        return
    rows = [one.row for one in (*found.holdings, *found.left_out)]
    assert len(rows) == len(set(rows))
    assert all(one.quantity is None or one.quantity > 0 for one in found.holdings)
    assert all("\n" not in one.name and len(one.name) <= 80 for one in found.holdings)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(("CoreWeave", "S&P 500 tracker", "VWCE", "Meesman Wereldwijd")),
    st.integers(1, 999),
    st.sampled_from(
        ("{units} {name}", "{name} {units}", "{name}; {units}", "{name}\t{units}", "{name} {units} stuks")
    ),
)
def test_a_bare_number_beside_a_name_is_units(name, units, form):
    (one,) = typed(form.format(name=name, units=units)).holdings
    assert (one.name, one.quantity, one.value) == (name, units, None)


@pytest.mark.parametrize(("text", "reason"), [("VWCE 12.000 euro", "ambiguous"), ("-10 CRWV", "short")])
def test_one_row_alone_is_left_out_for_its_own_reason_in_a_file_too(text, reason):
    found = read(text.encode())
    assert (found.holdings, [one.reason.code for one in found.left_out]) == ((), [f"holdings_{reason}"])


# ---------------------------------------------------------------- whole kinds: how much, of what, since when

INDICES = (
    "AEX",
    "DAX",
    "S&P",
    "Nasdaq",
    "FTSE",
    "CAC",
    "Stoxx",
    "Topix",
    "MSCI World",
    "FTSE All-World",
    "Global",
)


@pytest.mark.parametrize("name", INDICES)
@pytest.mark.parametrize(
    ("behind", "told"),
    [
        ("100 euro", (None, 100, "EUR")),
        ("500 euro", (None, 500, "EUR")),
        ("1000 euro", (None, 1000, "EUR")),
        ("1234 euro", (None, 1234, "EUR")),
        ("1234,50 euro", (None, 1234.5, "EUR")),
        ("40,50 EUR", (None, 40.5, "EUR")),
        ("12575 dollar", (None, 12575, "USD")),
        ("30 stuks", (30, None, None)),
        ("30 stuks à € 95,20", (30, None, "EUR")),
        ("100 shares", (100, None, None)),
        ("12345", (12345, None, None)),
    ],
)
def test_a_number_behind_the_name_of_an_index_is_whole(name, behind, told):
    (one,) = typed(f"{name} {behind}").holdings
    assert (one.name, one.quantity, one.value, one.currency) == (name, *told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("iShares S&P 500 EUR Hedged 10", ("iShares S&P 500 EUR Hedged", 10, None)),
        ("Nasdaq 100 1000 euro", ("Nasdaq 100", None, 1000)),
        ("S&P 500 EUR 1000", ("S&P 500", None, 1000)),
        ("Stoxx Europe 600 1000 euro", ("Stoxx Europe 600", None, 1000)),
        ("S&P 500 x 10", ("S&P 500", 10, None)),
    ],
)
def test_the_number_of_an_index_stays_with_it_beside_another(text, told):
    (one,) = typed(text).holdings
    assert (one.name, one.quantity, one.value) == told


def test_a_number_that_may_be_of_an_index_or_units_is_asked_about():
    assert [one.reason.code for one in typed("S&P 500,40").left_out] == ["holdings_two_numbers"]


@pytest.mark.parametrize(
    "form",
    [
        "{name} ({ticker}) - 5 stuks - € 850,00",
        "{name} ({ticker}), 5 stuks, € 850,00",
        "{ticker} 850 eur.",
        "{ticker} 850 $.",
        "${ticker} 5",
        "5 {ticker}!",
        "{ticker} 5?",
        "{ticker} US 5",
        "{ticker} ({name}) 850 euro",
        "{name}/{ticker} 5",
        "{ticker} aandeel 850 euro",
        "{ticker} {name} Inc 5",
        "5 🚀{ticker}🚀",
        "🚀 {ticker} 5 🚀",
        "{ticker}€850",
        "ik heb 850 euro in {name}",
        "Belegd in {name}: € 850",
        "850 euro belegd in {ticker}",
        "mijn {name} aandelen 850 euro",
        "Aandelen {name}: 850 euro",
        "5 {ticker} van 80 dollar",
        "{ticker} 5 gekocht op 3 mei 2025",
        "{ticker} 5 sinds 2024",
        "5 {ticker} 16-01-2026",
        "{ticker} € 850,-",
    ],
)
@pytest.mark.parametrize(
    ("ticker", "name", "ident"), [("CRWV", "CoreWeave", "crwv"), ("NVDA", "Nvidia", "nvda")]
)
def test_what_is_written_around_a_name_changes_neither_it_nor_how_much(form, ticker, name, ident):
    (one,) = typed(form.format(ticker=ticker, name=name)).holdings
    assert find(one).id == ident
    assert {one.quantity, one.value} in ({5, None}, {850, None}, {5, 850})


@pytest.mark.parametrize(
    "text",
    [
        "CRWV vijfhonderd euro",
        "tienduizend euro in Nvidia",
        "YieldMax NVDA 10",
        "Meta 4.6% 2034 obligatie 3000 EUR",
        "S&P 1000 euro",
        "CRWV ½",
        "3000 EUR CRWV en de rest in cash",
    ],
)
def test_a_row_that_names_more_than_one_thing_on_record_is_asked_about(text):
    (one,) = typed(text).holdings
    assert find(one) is None
    assert ask(one)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("US Treasury 4% 2030 10000 USD", "US Treasury 4% 2030", 10000),
        ("CoreWeave 9.25% 2030 notes 10000 USD", "CoreWeave 9.25% 2030 notes", 10000),
        ("Beignet Investor LLC 6.581% 2049 5000 USD", "Beignet Investor LLC 6.581% 2049", 5000),
        ("Treasury 2030 10000 USD", "Treasury 2030", 10000),
        ("Beignet Investor LLC 6.581% 2049", "Beignet Investor LLC 6.581% 2049", None),
    ],
)
def test_the_coupon_and_the_year_of_a_bond_are_neither_units_nor_a_share(text, name, value):
    (one,) = typed(text).holdings
    assert (one.name, one.quantity, one.value, one.share) == (name, None, value, None)


@pytest.mark.parametrize(
    "text",
    [
        "GraniteShares 3x Long NVIDIA 10",
        "Leverage Shares 2x CoreWeave ETP 1000 euro",
        "WisdomTree S&P 500 3x Daily Leveraged 10",
        "Nvidia turbo 10",
        "Turbo long Nvidia 500 euro",
    ],
)
def test_a_multiple_of_a_share_is_left_out_as_a_derivative(text):
    assert [one.reason.code for one in typed(text).left_out] == ["holdings_option"]


def test_per_cents_above_the_whole_are_told_and_not_counted():
    found = typed("CRWV 20%\nVUSA 60%\ncash 40%\n5 ORCL")
    assert [one.name for one in found.holdings] == ["ORCL"]
    assert {(one.reason.code, one.reason.params["given"]) for one in found.left_out} == {
        ("holdings_over_all_rows", "120")
    }
    assert len(typed("CRWV 20%\nVUSA 60%\ncash 20%").holdings) == 3


def test_a_wrong_number_is_told_where_nothing_else_says_what_it_is():
    for found in (typed("Foo NV;US67066G1041;5"), read(b"Name;ISIN;Quantity\nFoo NV;US67066G1041;5\n")):
        assert [one.reason.code for one in found.left_out] == ["holdings_wrong_isin"]
    assert find(read(b"Name;ISIN;Quantity\nNVIDIA;US67066G1041;5\n").holdings[0]).id == "nvda"


def test_two_stars_behind_a_name_make_no_cash_of_it():
    (one,) = read(b"Symbol;Name;Quantity;Value EUR\nCRWV;CoreWeave **;5;850\n").holdings
    assert (one.kind, find(one).id) == (None, "crwv")


@pytest.mark.parametrize(
    "odd", ["40 CRWV, NVDA, more", "CoreWeave, CRWV, 10", "VWCE | 10 | yes", "CRWV; a; 5"]
)
def test_one_row_with_signs_between_does_not_make_a_file_a_table(odd):
    found = read(f"40 CRWV\n10 ORCL\n5 NVDA\nVWCE 12000 euro\n{odd}\n".encode())
    assert [one.row for one in found.holdings][:4] == [1, 2, 3, 4]
