"""The command ``holdings``: a file in, JSON out; what is no file of holdings exits 2 with one sentence."""

import json
import os
from pathlib import Path

import pytest

from core.__main__ import main
from core.holdings.grids import LARGEST
from core.scenario.levers import Scenario, levers

OWNED = Path(__file__).parent / "holdings" / "owned.csv"
POSITION = ("name", "isin", "quantity", "value", "currency", "channel", "entity", "weight")


def test_a_file_is_answered_by_position_and_channel(call):
    got = call("holdings", str(OWNED), "g=0", "h=2033")
    assert list(got)[:2] == ["positions", "left_out"]
    share, fund, cash = [tuple(one[key] for key in POSITION) for one in got["positions"]]
    assert share == ("COREWEAVE, INC. CLASS A", "US21873S1087", 40, 3100, "EUR", "neocloud", "coreweave", 1)
    assert fund[3:7] == (6400, "EUR", "fund", None)
    assert fund[7] == pytest.approx(0.2676)
    assert cash[3:] == (500, "EUR", "cash", None, 0)
    assert got["left_out"] == [{"row": 5, "reason": "This is a total; its parts are counted."}]
    assert got["by_channel"]["neocloud"] == {"EUR": 3100}
    assert got["on_web"]["EUR"] == pytest.approx(3100 + 0.2676 * 6400)
    assert got["positions"][0]["fate"] == "wiped_out"
    assert got["positions"][0]["figures"]["quarter"] == "2031Q2"


def test_the_scenario_is_printed_as_a_call_again(call):
    got = call("holdings", str(OWNED), "demand_growth=0", "gw=no", "f=strict")
    assert (got["scenario"]["g"], got["scenario"]["gw"], got["scenario"]["f"]) == (0, "no", "strict")
    assert call("holdings", str(OWNED), *(f"{k}={v}" for k, v in got["scenario"].items())) == got


def test_presets_links_and_dates_are_taken_as_by_other_commands(call):
    glut = call("holdings", str(OWNED), "--preset", "glut")
    assert glut["scenario"]["g"] != Scenario.default()["g"]
    old = call("holdings", str(OWNED), "--link", "g=0&data=2025-12-31")
    assert old == call("holdings", str(OWNED), "g=0", "--data", "2025-12-31")
    assert old["positions"][0]["figures"]["quarter"] == "2030Q2"
    assert set(old["scenario"]) == {one.id for one in levers()}


def test_rows_without_a_worth_are_null(call, tmp_path):
    rows = tmp_path / "bought.csv"
    rows.write_text("Date,Ticker,Action,Shares,Price\n2026-02-10,CRWV,Buy,3,90\n", encoding="utf-8")
    (one,) = call("holdings", str(rows))["positions"]
    assert (one["quantity"], one["value"], one["entity"]) == (3, None, "coreweave")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "nothing was read|No row|empty"),
        (b"\x00\x01\x02\xff" * 50, "neither text nor a workbook"),
        (b"%PDF-1.7 ...", "This is a PDF"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "old kind"),
        (b"PK\x03\x04" + bytes(100), "workbook"),
        (b"<html><script>alert(1)</script></html>", "web page|No row"),
        (b"Dear broker,\nplease send me my money.\n" * 10, "No row"),
        (b"a;b;c\n" + b'"' + b"x" * 100_000, "No row|quotation|characters"),
    ],
)
def test_what_is_no_file_of_holdings_is_refused_in_one_sentence(refuse, tmp_path, content, told):
    file = tmp_path / "bad.csv"
    file.write_bytes(content)
    line = refuse("holdings", str(file))
    assert any(one in line for one in told.split("|")), line
    assert file.read_bytes() == content


def test_a_file_that_is_too_large_is_not_read_to_its_end(refuse, tmp_path):
    file = tmp_path / "large.csv"
    with file.open("wb") as out:
        out.truncate(LARGEST * 500)
    assert "at most" in refuse("holdings", str(file))


def test_a_missing_file_a_folder_and_a_pipe_are_refused(refuse, tmp_path):
    assert "no file" in refuse("holdings", str(tmp_path / "nothing.csv"))
    assert "is no file" in refuse("holdings", str(tmp_path))
    assert "no file" in refuse("holdings", "x" * 5000) or "cannot be read" in refuse("holdings", "x" * 5000)
    refuse("holdings", "a\0b")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert "is no file" in refuse("holdings", str(tmp_path / "pipe"))
    if os.path.exists("/dev/zero"):
        assert "is no file" in refuse("holdings", "/dev/zero")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told(refuse, tmp_path):
    file = tmp_path / "mine.csv"
    file.write_bytes(OWNED.read_bytes())
    file.chmod(0)
    assert "Permission denied" in refuse("holdings", str(file))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "needs a file"),
        ([str(OWNED), "g=abc"], "not a number"),
        ([str(OWNED), "grwth=1"], "nearest"),
        ([str(OWNED), "data=2025-12-31"], "--data 2025-12-31"),
        ([str(OWNED), str(OWNED)], "is not lever=value"),
        ([str(OWNED), "--preset", "glutt"], "nearest: glut"),
        ([str(OWNED), "--write", "x"], "unknown option"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(refuse, words, told):
    assert told in refuse("holdings", *words)


def test_names_of_strangers_are_text_and_nothing_else(capsys, tmp_path):
    file = tmp_path / "hostile.csv"
    file.write_text(
        "Product,ISIN,Aantal,Waarde in EUR\n"
        '"=HYPERLINK(""http://example.org"")",,1,"10,00"\n'
        '<script>alert(1)</script>,,1,"10,00"\n'
        '{0.__class__},,2,"5,00"\n',
        encoding="utf-8",
    )
    assert main(["holdings", str(file)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert all(one["weight"] in (None, 0.0) for one in json.loads(out)["positions"])
