"""Every layout of `samples/` is read as the table beside it says, with a reason for each other row."""

import csv
from dataclasses import astuple, fields
from pathlib import Path

import pytest

from core.holdings.reader import read
from core.holdings.rows import Holding
from core.scenario.messages import describe

SAMPLES = Path(__file__).parent / "samples"
COLUMNS = (*(one.name for one in fields(Holding)), "left_out")
FILES = sorted(path.name for path in SAMPLES.iterdir() if ".expected" not in path.name)


def table(found):
    """What was read as rows of text in the order of the file; of a row left out number and reason."""
    rows = [(*("" if one is None else str(one) for one in astuple(row)), "") for row in found.holdings]
    rows += [
        (str(one.row), *[""] * (len(COLUMNS) - 2), one.reason.code.removeprefix("holdings_"))
        for one in found.left_out
    ]
    return sorted(rows, key=lambda row: (int(row[0]), row[-1]))


@pytest.mark.parametrize("name", FILES)
def test_a_layout_is_read_as_expected(name):
    found = read((SAMPLES / name).read_bytes(), name)
    with (SAMPLES / f"{name}.expected.csv").open(encoding="utf-8", newline="") as file:
        layout, *expected = csv.reader(file)
    assert (found.layout, *COLUMNS) == tuple(layout)
    assert table(found) == [tuple(row) for row in expected]
    for one in found.left_out:
        sentence = describe(one.reason)
        assert sentence.endswith(".")
        assert "{" not in sentence
        assert one.text
        assert len(one.text) <= 80
