"""What leaves the app as a file: right numbers and signs in either language, and never a formula."""

import csv
import io
import math

import pytest
from openpyxl import load_workbook

from core.results import comparison
from core.scenario.levers import Scenario
from core.sources import databook
from core.web.web import load_web
from pages.kit.parts import files

LOCALES = {"en": "en-GB", "nl": "nl-NL"}
SIGNS = {"en": (",", "."), "nl": (";", ",")}
TOLD = {"n", "s", "inlineStr"}  # numbers and texts, as openpyxl calls them
FORMULA = ("=", "+", "@", "\t", "\r")


@pytest.fixture
def handed_out(monkeypatch):
    """Files that pages offer, by the key of their button, as bytes."""
    found, button = {}, files.st.download_button

    def keep(label, data, *args, key, **more):
        found[key] = data() if callable(data) else data
        return button(label, data, *args, key=key, **more)

    monkeypatch.setattr(files.st, "download_button", keep)
    return found


def read(data, language):
    """Rows of a CSV file as Excel opens it: by its mark, in fields of the language."""
    assert data.startswith(b"\xef\xbb\xbf")
    text = data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=SIGNS[language][0]))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert not any(cell.startswith(FORMULA) for row in rows for cell in row)
    return rows


def number(text, language):
    """A field as a number; a minus is a hyphen, and the other language's sign stands in none."""
    point = SIGNS[language][1]
    assert not ({",", "."} - {point}) & set(text), text
    return float(text.replace(point, ".")) if text else math.nan


@pytest.mark.parametrize("language", LOCALES)
def test_the_table_of_a_panel_reads_back(visit, handed_out, language):
    at = visit(
        {"co": "coreweave", "g": "-40"}, LOCALES[language], "pages/neoclouds.py", opened=["profit_table"]
    )
    (frame,) = (one.value for one in at.dataframe)
    head, *rows = read(handed_out["profit_csv"], language)
    assert head == list(frame.columns)
    assert [row[0] for row in rows] == list(frame.iloc[:, 0])
    values = [[number(cell, language) for cell in row[1:]] for row in rows]
    assert values == [pytest.approx(list(row), nan_ok=True) for row in frame.iloc[:, 1:].to_numpy(float)]
    assert min(min(row) for row in values) < 0


@pytest.mark.parametrize("language", LOCALES)
def test_the_comparison_reads_back_as_csv_and_as_a_workbook(visit, handed_out, language):
    link = {"from": "base", "to": "now", "g": "0", "r": "6.5"}
    visit(link, LOCALES[language], "pages/compare.py", opened=["take_along"])
    a, b = Scenario.default(), Scenario.default().replace(g=0, r=6.5)
    pairs = {one.measure: one for one in comparison.compare(load_web(), a, b)}
    rows = read(handed_out["compare_csv"], language)
    book = load_workbook(io.BytesIO(handed_out["compare_xlsx"]))
    figures, levers = book.worksheets
    sheet = [list(row) for row in figures.iter_rows(values_only=True)]
    assert [row[:3] for row in rows] == [row[:3] for row in sheet]
    assert [row[1] for row in rows[1:]] == list(pairs)
    for plain, cells in zip(rows[1:], sheet[1:], strict=True):
        pair = pairs[plain[1]]
        if pair.unit == "quarter":
            assert plain[3:5] == [cell or "" for cell in cells[3:5]]
        else:
            wanted = pytest.approx([pair.a, pair.b], nan_ok=True)
            assert [number(cell, language) for cell in plain[3:5]] == wanted
            assert [math.nan if cell is None else cell for cell in cells[3:5]] == wanted
        wanted = pytest.approx(pair.difference, nan_ok=True)
        assert number(plain[5], language) == wanted
        assert (math.nan if cells[5] is None else cells[5]) == wanted
    assert any(cells[5] is not None and cells[5] < 0 for cells in sheet[1:])
    settings = {row[1]: row[2:] for row in levers.iter_rows(min_row=2, values_only=True)}
    assert settings["r"] == (a["r"], 6.5)
    assert settings["gw"] == ({"en": "yes", "nl": "ja"}[language],) * 2
    assert {cell.data_type for one in book for row in one for cell in row} <= TOLD


@pytest.mark.parametrize("language", LOCALES)
def test_the_data_book_reads_back(visit, handed_out, language):
    visit({"part": "figures"}, LOCALES[language], "pages/data.py")
    head, *rows = read(handed_out["databook_csv"], language)
    assert head[:3] == {"en": ["Id", "Figure", "Value"], "nl": ["Id", "Cijfer", "Waarde"]}[language]
    told = {row.id: row.raw for row in databook.rows(load_web()) if not isinstance(row.raw, str)}
    values = {row[0]: number(row[2], language) for row in rows if row[0] in told}
    assert values == pytest.approx(told)
    assert min(values.values()) < 0
    basis = {"en": {"reported", "assumption"}, "nl": {"gerapporteerd", "aanname"}}[language]
    assert basis < {row[head.index("Basis")] for row in rows}


@pytest.mark.parametrize("sign", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_is_never_a_formula(sign):
    columns = {sign: [sign, 1.0], "x": [-1.5, float("nan")]}
    for row in csv.reader(io.StringIO(files.csv_bytes(columns, "nl").decode("utf-8-sig")), delimiter=";"):
        assert not row[0].startswith(("=", "+", "-", "@", "\t", "\r"))
    (sheet,) = load_workbook(io.BytesIO(files.workbook({"a": columns}, "nl")))
    for cell in (sheet["A1"], sheet["A2"]):
        assert cell.data_type in TOLD
        assert cell.quotePrefix
        assert cell.value.replace("_x000D_", "\r").replace("\n", "\r") == sign
    assert [sheet["B2"].value, sheet["B3"].value] == [-1.5, None]


def test_numbers_of_every_size_are_written_out():
    told = {"x": [1e-7, -2e16, 0.1 + 0.2, 3, True, None, math.inf, -math.inf]}
    text = files.csv_bytes(told, "nl").decode("utf-8-sig")
    assert text.split() == [
        *("x", "0,0000001", "-20000000000000000", "0,30000000000000004", "3", "ja", '""', "∞", "−∞")
    ]
    (sheet,) = load_workbook(io.BytesIO(files.workbook({"a": told}, "en")))
    values = [cell.value for cell in sheet["A"]][1:]
    assert values[:4] == pytest.approx(told["x"][:4])
    assert values[4:] == ["yes", None, "∞", "−∞"]


def test_names_of_sheets_are_short_whole_and_different():
    long = "What the guarantors of the whole web pay: 2026/2033"
    names = ["", "'a'", long, long + "!", long.upper(), "[*]"]
    book = load_workbook(io.BytesIO(files.workbook({name: {"x": [1]} for name in names}, "en")))
    found = book.sheetnames
    assert len(found) == len({name.casefold() for name in found}) == len(names)
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in found)
    assert [name.strip("'") for name in found] == found


def test_signs_that_a_workbook_cannot_hold_are_left_out():
    (sheet,) = load_workbook(io.BytesIO(files.workbook({"a": {"x\x00": ["b\x0bc", "#N/A"]}}, "en")))
    assert [cell.value for cell in sheet["A"]] == ["x", "bc", "#N/A"]
    assert {cell.data_type for cell in sheet["A"]} <= TOLD
