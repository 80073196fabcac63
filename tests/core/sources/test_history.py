"""Figures of the past: what is read, what is refused, where each comes from and how sure it is."""

import pytest

from core.sources import databook, facts, history
from core.web.web import load_web, snapshots
from tests import two_snapshots

GOOD = {
    "id": "history.canals",
    "subject": "history",
    "item": "canals",
    "value": "3",
    "low": "2",
    "high": "4",
    "unit": "% of GDP",
    "as_of": "1793-12-31",
    "basis": "reported",
    "confidence": "medium",
    "source": "odlyzko_2010",
    "note": "",
    "name": "canals at their peak",
}


@pytest.fixture
def read(tmp_path):
    """Read these lines as if they were the file."""

    return lambda *lines: two_snapshots.read_with(tmp_path / "data", "history", lines, history.figures)


def test_a_line_becomes_a_figure_with_a_name(read):
    (figure,) = read(GOOD).values()
    assert (figure.row.value, figure.row.low, figure.row.high) == (0.03, 0.02, 0.04)
    assert (figure.row.table, figure.name) == ("history", "canals at their peak")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("id", "history.other", "row history.other: id is not"),
        ("unit", "furlong", "unknown unit 'furlong'"),
        ("unit", "text", "is a word, not a number"),
        ("basis", "rumour", "unknown basis 'rumour'"),
        ("basis", "assumption", "an assumption that does not say why"),
        ("confidence", "certain", "unknown confidence"),
        ("source", "nobody", "unknown source 'nobody'"),
        ("value", "", "no value"),
        ("value", "3-7", "could not convert"),
        ("low", "3.5", "low <= value"),
        ("as_of", "1793", "Invalid isoformat"),
        ("name", "", "has no name"),
    ],
)
def test_a_bad_line_is_refused_by_name(read, field, value, told):
    with pytest.raises(ValueError, match=told):
        read(GOOD | {field: value})


def test_a_line_that_stands_there_twice_is_refused(read):
    with pytest.raises(ValueError, match=r"history\.canals: stands there twice"):
        read(GOOD, GOOD)


@pytest.mark.parametrize("column", ["name", "low", "source"])
def test_a_missing_column_is_refused(read, column):
    with pytest.raises(ValueError, match=r"history\.csv: the columns must be"):
        read({name: cell for name, cell in GOOD.items() if name != column})


def test_the_past_is_no_part_of_the_model_and_cannot_be_edited():
    rows = history.rows()
    assert len(rows) > 100
    for date in snapshots():
        web = load_web(date)
        assert not rows.keys() & {row.id for row in web.rows()}
        assert not rows.keys() & {row.id for row in databook.editable(web)}
        assert rows.items() <= {row.id: row for row in databook.rows(web)}.items()
    assert facts.row(load_web(), "history.hy_default_rate_2002").raw == 12.8


@pytest.mark.parametrize(
    ("row", "raw", "low", "high", "unit"),
    [
        ("history.hy_default_rate_2001", 9.801, None, None, "%"),
        ("history.clec_market_value_feb2002", 3.77, None, None, "USD bn"),
        ("history.worldcom_mci_holdout_settlement", 52.7, None, None, "cents per dollar"),
        ("history.railway_investment_pct_gdp_peak", 7, 3, 7, "% of GDP"),
        ("macro.ai_capex_pct_gdp_2025", 1.6, 1.0, 1.6, "% of GDP"),
        ("macro.private_credit_to_ai_2030", 450, 300, 600, "USD bn"),
        ("history.nasdaq_peak_to_trough", -78, None, None, "%"),
    ],
)
def test_figures_are_those_of_their_sources(row, raw, low, high, unit):
    one = history.rows()[row]
    assert (one.raw, *databook.stated_range(one), one.unit) == (raw, low, high, unit)


def test_what_is_from_memory_or_second_hand_is_never_said_to_be_sure():
    sources, told = load_web().sources, []
    for row in history.rows().values():
        hearsay = "secondary" in sources[row.source].title or "econdary" in row.note
        if row.basis == "recalled" or hearsay:
            told.append(row.id)
            assert row.confidence != "high", row.id
        assert (row.source == "recollection_history") == (row.basis == "recalled"), row.id
        assert row.source != "gomas_notes" or row.confidence == "low"
    assert len(told) > 5


def test_shares_of_bonds_are_what_their_amounts_give():
    amounts, owed = history.series("hy_defaults"), history.series("hy_par_outstanding")
    rates = history.series("hy_default_rate")
    assert list(rates) == list(amounts) == list(owed)
    for year, rate in rates.items():
        assert amounts[year].value / owed[year].value == pytest.approx(rate.value, abs=0.002), year
