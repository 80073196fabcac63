"""Quotes of markets: each has a day and a source; those after the data are since; a bad one is refused."""

from itertools import groupby

import pytest

from core.sources import checked, facts, quotes
from core.web.snapshot import Schema
from core.web.web import load_web

GOOD = {
    "subject": "oracle",
    "item": "cds_5y",
    "date": "2026-10-09",
    "value": "258",
    "low": "255",
    "high": "261",
    "unit": "bp",
    "basis": "reported",
    "confidence": "medium",
    "source": "quotes_2610",
    "note": "",
}
SOURCES = {"quotes_2610"}


def test_a_quote_is_a_number_of_a_day():
    row = quotes._row(GOOD, Schema("2025-12-31"), SOURCES)
    assert (row.id, row.as_of) == ("oracle.cds_5y.2026-10-09", "2026-10-09")
    assert (row.raw, row.value, row.low, row.high) == (258, 0.0258, 0.0255, 0.0261)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("date", "9 Oct 2026", "Invalid isoformat"),
        ("value", "", "no value"),
        ("low", "260", "low <= value"),
        ("unit", "furlong", "unknown unit 'furlong'"),
        ("unit", "rating", "a quote is a number"),
        ("basis", "rumour", "unknown basis 'rumour'"),
        ("confidence", "certain", "unknown confidence"),
        ("source", "nobody", "unknown source 'nobody'"),
        ("source", None, "unknown source None"),
    ],
)
def test_a_bad_quote_is_refused_by_name(field, value, told):
    with pytest.raises(ValueError, match=told) as refused:
        quotes._row(GOOD | {field: value}, Schema("2025-12-31"), SOURCES)
    assert "quotes.csv, row oracle.cds_5y." in str(refused.value)


def test_a_table_with_other_columns_or_a_quote_that_stands_twice_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(checked, "DATA", tmp_path)
    line = ",".join(GOOD.values())
    (tmp_path / "quotes.csv").write_text(f"{','.join(GOOD)}\n{line}\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"oracle\.cds_5y\.2026-10-09 stands there twice"):
        quotes.quotes.__wrapped__()
    (tmp_path / "quotes.csv").write_text(f"when,{','.join(GOOD)}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="the columns must be subject, item, date"):
        quotes.quotes.__wrapped__()


def test_no_quote_stands_in_the_data_too():
    web = load_web("2025-12-31")
    assert not {row.id for row in web.rows()} & quotes.quotes().keys()
    assert facts.row(web, "oracle.cds_5y.2026-10-09") is quotes.quotes()["oracle.cds_5y.2026-10-09"]


def test_since_is_after_the_data_the_latest_first():
    web = load_web("2025-12-31")
    found = quotes.since(web)
    assert {row.as_of > "2025-12-31" for row in found} == {True}
    assert "oracle.cds_5y.2025-12-15" not in {row.id for row in found}
    days = [row.as_of for row in quotes.since(web, "coreweave") if row.item == "cds_5y"]
    assert days == ["2026-10-09", "2026-10-01", "2026-09-02"]
    assert len({(row.subject, row.item, row.as_of) for row in found}) == len(found)
    things = [(row.subject, row.item) for row in found]
    assert len([key for key, _rows in groupby(things)]) == len(set(things))  # each thing in one place


def test_data_of_a_later_day_know_fewer_quotes_since():
    web = load_web("2025-12-31")

    class Later:
        snapshot = "2026-09-30"

    since = quotes.since(Later)
    assert 0 < len(since) < len(quotes.since(web))
    assert min(row.as_of for row in since) > "2026-09-30"
    assert [row.as_of for row in quotes.latest(Later, "oracle")] == ["2026-10-09"]
    assert quotes.latest(Later, "terawulf") == ()


def test_the_last_quote_of_each_thing():
    rows = quotes.latest(load_web("2025-12-31"), "coreweave")
    assert len({row.item for row in rows}) == len(rows)
    assert [(row.raw, row.as_of) for row in rows if row.item == "cds_5y"] == [(904, "2026-10-09")]
