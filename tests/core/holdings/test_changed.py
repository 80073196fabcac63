"""The samples written in other ways say the same: order of columns, separator, encoding, lines around."""

import csv
import io
import random
import re

import pytest

from core.holdings.grids import text_of
from core.holdings.reader import read
from tests.core.holdings.known import workbook
from tests.core.holdings.test_reader import FILES, SAMPLES

TABLES = [name for name in FILES if name.endswith(".csv")]
SECTIONS = {name for name in TABLES if "ibkr_" in name and "flex" not in name}
NUMBER = re.compile(r"(?<![\w.,/:-])[\d.,]*\d(?![\w.,/:-])")


def rows_of(name):
    text = text_of((SAMPLES / name).read_bytes())
    header = next(line for line in text.split("\n") if len(line) > 40 and "as of" not in line)
    separator = max(",;", key=header.count)
    return list(csv.reader(io.StringIO(text), delimiter=separator))


def written(rows, separator=",", encoding="utf-8", quoting=csv.QUOTE_MINIMAL):
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator, quoting=quoting).writerows(rows)
    return file.getvalue().encode(encoding)


def said(content):
    """What a file says, whatever its rows are called."""
    found = read(content)
    held = [
        (one.name, one.ticker, one.isin, one.quantity, one.value, one.currency, one.kind)
        for one in found.holdings
    ]
    return sorted(held, key=str), sorted(
        one.reason.code for one in found.left_out if one.reason.code != "holdings_remark"
    )


def reordered(rows, dice):
    """Rows with their columns in another order; a nameless column stays beside the one before it."""
    header = max(rows, key=len)
    width = len(header)
    groups = []
    for place in range(width):
        nameless = not header[place].strip() or header[place].strip().startswith("Währung")
        if nameless and groups:
            groups[-1].append(place)
        else:
            groups.append([place])
    dice.shuffle(groups)
    order = [place for group in groups for place in group]
    return [
        [row[place] if place < len(row) else "" for place in order] if len(row) > 1 else row for row in rows
    ]


@pytest.mark.parametrize("name", [name for name in TABLES if name not in SECTIONS and name != "vanguard.csv"])
def test_columns_may_stand_in_any_order(name):
    rows, wanted = rows_of(name), said((SAMPLES / name).read_bytes())
    for seed in range(3):
        assert said(written(reordered(rows, random.Random(seed)))) == wanted


@pytest.mark.parametrize("name", TABLES)
def test_separator_and_encoding_do_not_count(name):
    rows, wanted = rows_of(name), said((SAMPLES / name).read_bytes())
    for separator, encoding in ((";", "utf-16"), ("\t", "utf-8-sig"), ("|", "utf-16-le"), (",", "utf-8")):
        assert said(written(rows, separator, encoding, csv.QUOTE_ALL)) == wanted


@pytest.mark.parametrize("name", TABLES)
def test_a_workbook_says_the_same(name):
    rows = [row or [None] for row in rows_of(name)]
    assert said(workbook(rows)) == said((SAMPLES / name).read_bytes())


@pytest.mark.parametrize("name", [name for name in TABLES if name not in SECTIONS])
def test_lines_around_the_table_do_not_count(name):
    rows, wanted = rows_of(name), said((SAMPLES / name).read_bytes())
    around = [
        ["Overzicht van 27 november 2026"],
        [],
        *rows,
        [],
        ["Aan dit overzicht kunnen geen rechten worden ontleend."],
    ]
    assert said(written(around)) == wanted
