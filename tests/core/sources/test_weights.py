"""What funds hold: sums of one day, later figures told beside them, sisters alike, bad lines refused."""

import pytest

from core.holdings.instruments import instruments
from core.sources import checked
from core.sources import weights as table
from core.sources.quotes import COLUMNS
from core.sources.weights import WEB, Weights, rows, weights

GOOD = {
    "subject": "abc",
    "item": "nvda",
    "date": "2025-11-24",
    "value": "7.82",
    "low": "",
    "high": "",
    "unit": "%",
    "basis": "reported",
    "confidence": "high",
    "source": "constituents_2511",
    "note": "",
}


def read(tmp_path, monkeypatch, *lines):
    monkeypatch.setattr(checked, "DATA", tmp_path)
    text = "\n".join([",".join(COLUMNS), *(",".join(one[column] for column in COLUMNS) for one in lines)])
    (tmp_path / "weights.csv").write_text(text, encoding="utf-8")
    monkeypatch.setattr(table, "rows", lambda: rows.__wrapped__())
    return weights.__wrapped__()


def test_the_weights_of_the_index_are_those_of_the_source():
    fund = weights()["ivv"]
    # Nvidia, Microsoft, Amazon, Alphabet twice, Meta, Oracle, three managers
    expected = 7.82 + 6.49 + 3.82 + 2.92 + 2.35 + 2.29 + 0.65 + 0.18 + 0.14 + 0.10
    assert fund.whole == pytest.approx(expected / 100) == pytest.approx(fund.total.value)
    assert fund.rest == pytest.approx(0.0, abs=1e-12)
    assert {row.as_of for row in fund.members} == {"2025-11-24"}


def test_sisters_on_one_index_hold_nearly_the_same():
    assert weights()["spy"].whole == pytest.approx(weights()["ivv"].whole, abs=0.001)


def test_a_later_figure_for_one_member_is_told_and_not_counted():
    fund = weights()["ivv"]
    assert {item: (row.raw, row.as_of) for item, row in fund.newer.items()} == {"nvda": (7.564, "2026-03-31")}
    assert next(row.raw for row in fund.members if row.item == "nvda") == 7.82


def test_what_is_not_known_name_by_name_is_the_rest_of_the_total():
    fund = weights()["vti"]
    assert fund.whole == pytest.approx(0.2439)
    assert fund.rest == pytest.approx(0.2439 - 0.0010)
    assert weights()["xlk"].members == ()


def test_a_derived_weight_says_its_range_and_that_it_is_weak():
    row = weights()["vwce"].total
    assert (row.low, row.value, row.high) == (0.15, 0.155, 0.16)
    assert (row.basis, row.confidence) == ("derived", "low")
    # 62 % in the United States, of which 24 to 26 %
    assert row.low == pytest.approx(0.62 * 0.24, abs=0.005)
    assert row.high == pytest.approx(0.62 * 0.26, abs=0.005)


def test_members_are_instruments_and_no_fund_holds_more_than_itself():
    known = {one.id for one in instruments()}
    assert {row.item for row in rows()} <= known | {WEB}
    for fund in weights().values():
        assert 0.0 < fund.whole < 0.5
        if fund.total is not None:
            assert sum(row.value for row in fund.members) <= fund.total.value + 1e-9


def test_the_day_with_most_members_counts_and_of_two_such_days_the_later(tmp_path, monkeypatch):
    def line(item, date, value):
        return GOOD | {"item": item, "date": date, "value": value}

    one = read(tmp_path, monkeypatch, line("a", "2025-01-01", "1"), line("a", "2026-01-01", "2"))["abc"]
    assert (one.whole, dict(one.newer)) == (0.02, {})
    many = read(
        tmp_path,
        monkeypatch,
        *(line("a", "2024-01-01", "9"), line("a", "2025-01-01", "1"), line("b", "2025-01-01", "3")),
        *(line("a", "2026-01-01", "2"), line("web", "2025-01-01", "6")),
    )["abc"]
    assert isinstance(many, Weights)
    assert (many.whole, many.rest) == pytest.approx((0.06, 0.02))
    assert {item: row.raw for item, row in many.newer.items()} == {"a": 2.0}


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("value", "", "no value"),
        ("value", "0", "more than 0"),
        ("value", "101", "at most 100"),
        ("value", "nan", "low <= value"),
        ("value", "x", "could not convert"),
        ("unit", "USD bn", "at most 100 %"),
        ("unit", "text", "at most 100 %"),
        ("low", "8", "low <= value"),
        ("date", "yesterday", "Invalid isoformat"),
        ("source", "nobody", "unknown source"),
        ("basis", "rumour", "unknown basis"),
    ],
)
def test_a_bad_weight_is_refused_by_name(field, value, told, tmp_path, monkeypatch):
    with pytest.raises(ValueError, match=told) as refused:
        read(tmp_path, monkeypatch, GOOD | {field: value})
    assert "weights.csv, row abc.nvda." in str(refused.value)


def test_a_weight_stands_there_once(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="stands there twice"):
        read(tmp_path, monkeypatch, GOOD, GOOD)
