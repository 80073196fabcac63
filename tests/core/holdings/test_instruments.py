"""What a row names is found by number, symbol or name, asked where it is near, and never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.holdings import instruments as known
from core.holdings.instruments import CHANNELS, COLUMNS, ask, find, instruments, may_be_a_fund
from core.holdings.rows import Holding, is_isin
from core.sources import checked
from core.sources.weights import weights
from core.web.web import load_web, snapshots

LISTED = {one.id: one for one in instruments()}


def named(name="", **more):
    return Holding(1, name, **more)


def found(name="", **more):
    one = find(named(name, **more))
    return one.id if one else None


@pytest.mark.parametrize(
    "isin", ["US0378331005", "US21873S1087", "GB0002634946", "AU0000XVGZA3", "IE00BK5BQT80"]
)
def test_published_numbers_have_a_right_check_digit(isin):
    assert is_isin(isin)
    assert not any(is_isin(isin[:-1] + digit) for digit in set("0123456789") - {isin[-1]})


def test_every_number_on_record_is_right_and_stands_there_once():
    numbers = [one.isin for one in instruments() if one.isin]
    assert len(numbers) > 50
    assert all(is_isin(number) for number in numbers)
    assert len(set(numbers)) == len(numbers)


def test_every_instrument_says_where_it_comes_from_and_names_what_there_is():
    webs = [load_web(date) for date in snapshots()]
    for one in instruments():
        assert one.channel in CHANNELS[:-1]
        assert one.source in webs[-1].sources
        assert one.basis in ("reported", "recalled")
        assert all(one.entity in {None, *web.tables["entities"]} for web in webs)
        assert bool(one.lines) == (one.kind == "note")
        assert set(one.lines) <= {line for web in webs for line in web.tables["tranches"]}
        assert bool(one.index) == (one.kind in ("fund", "index") and one.channel == "fund")


@pytest.mark.parametrize("one", instruments(), ids=lambda one: one.id)
def test_each_is_found_by_number_symbol_and_name(one):
    if one.isin:
        assert found("something else", isin=one.isin, ticker="XYZ") == one.id
    if one.ticker:
        assert {found(ticker=one.ticker), found(one.ticker.lower()), found(f"{one.ticker}")} == {one.id}
        assert found(ticker=f"NASDAQ:{one.ticker}") == one.id
    assert {found(name.upper()) for name in (one.name, *one.other_names)} == {one.id}


@pytest.mark.parametrize(
    ("name", "ident"),
    [
        ("COREWEAVE, INC. CLASS A", "crwv"),
        ("COREWEAVE INC-CL A", "crwv"),
        ("Cipher Mining Inc.", "cifr"),
        ("KKR & CO INC", "kkr"),
        ("Alphabet (Class A)", "googl"),
        ("BLUE OWL CAPITAL INC", "owl"),
        ("Blue Owl Capital Corp", "obdc"),
        ("S&P 500 tracker", "sp500"),
        ("Vanguard S&P 500 (Dist)", "sp500"),
        ("Xtrackers S&P 500 Swap UCITS ETF 1C", "sp500"),
        ("Amundi MSCI World UCITS ETF", "msci_world"),
        ("Vanguard FTSE All-World UCITS ETF USD Acc", "ftse_all_world"),
        ("CRWV.O", "crwv"),
        ("VWCE.DE", "vwce"),
    ],
)
def test_names_as_brokers_write_them(name, ident):
    assert found(name) == ident


@pytest.mark.parametrize(
    "name",
    [
        "iShares S&P 500 Equal Weight UCITS ETF",
        "iShares S&P 500 Information Technology Sector UCITS ETF",
        "WisdomTree S&P 500 3x Daily Leveraged",
        "Xtrackers S&P 500 Inverse Daily Swap",
        "iShares MSCI World ESG Screened",
        "Vanguard FTSE All-World High Dividend Yield",
        "Blue Owl",
        "Meesman Aandelen Wereldwijd Totaal",
        "",
        "<b>CoreWeave</b> =1+1 and more",
        "500",
        "inc",
        "fund",
    ],
)
def test_a_name_that_says_more_or_less_is_not_taken_for_another(name):
    assert found(name) is None


def test_another_number_is_another_security_whatever_it_is_called():
    assert found("CoreWeave", ticker="CRWV", isin="US0378331006"[:-1] + "5") == "aapl"
    assert found("CoreWeave", ticker="CRWV", isin="GB0002634946") is None
    assert found("iShares S&P 500 UCITS ETF", isin="GB0002634946") == "sp500"  # a sister on the index


def test_what_words_say_by_themselves_counts_first():
    assert found("CASH & CASH FUND & FTX CASH (EUR)", kind="cash") == "cash"
    assert found("ABP", kind="pension") == "pension"
    assert found("Pensioen") == "pension"


def test_near_names_are_asked_and_far_ones_are_not():
    assert {one.id for one in ask(named("Blue Owl"))} == {"owl", "obdc", "otf"}
    assert ask(named("Corweave"))[0].id == "crwv"
    assert ask(named("PIMCO Incom"))[0].id == "pimix"
    assert ask(named("CoreWeave")) == ()  # known: nothing to ask
    assert ask(named("Philips")) == ()
    assert ask(named("Corweave", isin="GB0002634946")) == ()  # its number says that it is another


def test_what_may_be_a_fund_is_not_said_to_be_elsewhere():
    assert all(
        may_be_a_fund(one)
        for one in (
            named("Meesman Aandelen Wereldwijd"),
            named("IUSQ"),
            named("X", isin="IE00B4L5Y983"),
            named(),
        )
    )
    assert not any(may_be_a_fund(one) for one in (named("Philips"), named("ASM International NV")))


@given(st.text(max_size=60))
def test_any_text_is_found_or_asked_and_only_where_the_name_is_in_it(text):
    one = find(named(text))
    if one is not None:
        assert ask(named(text)) == ()
        written = known._plain(text)
        told = {known._plain(name) for name in (one.name, one.ticker or "", one.id, *one.other_names)}
        assert any(word in written for name in told for word in name.split())
    assert len(ask(named(text))) <= known.MOST_ASKED


# ---------------------------------------------------------------- bad files

GOOD = {
    "id": "abc",
    "name": "Abc",
    "isin": "US0378331005",
    "ticker": "ABC",
    "kind": "share",
    "channel": "neocloud",
    "entity": "coreweave",
    "index": "",
    "lines": "",
    "other_names": "",
    "as_of": "2026-12-01",
    "basis": "recalled",
    "confidence": "high",
    "source": "recollection",
    "note": "",
}


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("id", "", "no id or no name"),
        ("name", "", "no id or no name"),
        ("kind", "thing", "unknown kind 'thing'"),
        ("channel", "luck", "unknown channel 'luck'"),
        ("entity", "acme", "'acme' is not in the web"),
        ("isin", "US0378331006", "'US0378331006' is no ISIN"),
        ("basis", "rumour", "unknown basis"),
        ("confidence", "certain", "unknown confidence"),
        ("source", "nobody", "unknown source"),
        ("as_of", "1 Dec 2026", "Invalid isoformat"),
    ],
)
def test_a_bad_line_is_refused_by_name(field, value, told, tmp_path, monkeypatch):
    monkeypatch.setattr(checked, "DATA", tmp_path)
    cells = GOOD | {field: value}
    text = f"{','.join(COLUMNS)}\n{','.join(cells[column] for column in COLUMNS)}\n"
    (tmp_path / "instruments.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=told) as refused:
        instruments.__wrapped__()
    assert str(refused.value).startswith(f"instruments.csv, row {cells['id']}:")


@pytest.mark.parametrize("field", ["id", "isin", "ticker"])
def test_a_name_or_number_stands_there_once(field, tmp_path, monkeypatch):
    monkeypatch.setattr(checked, "DATA", tmp_path)
    other = GOOD | {"id": "xyz", "isin": "", "ticker": ""} | {field: GOOD[field]}
    lines = [",".join(one[column] for column in COLUMNS) for one in (GOOD, other)]
    (tmp_path / "instruments.csv").write_text("\n".join([",".join(COLUMNS), *lines]), encoding="utf-8")
    with pytest.raises(ValueError, match="stands there already"):
        instruments.__wrapped__()


def test_every_fund_with_weights_is_an_instrument():
    assert weights().keys() <= LISTED.keys()
    assert all(LISTED[one].index for one in weights())
