"""The method names modules that exist, parameters that exist, and numbers that the data still have."""

import importlib
import re

from core.sources.method import sections
from core.web.web import load_web, snapshots

WEBS = [load_web(date) for date in snapshots()]


def of_any_date(row_id):
    """Return a row as each of the data have it that know it: a rule may have come with later ones."""
    return [row for web in WEBS for row in web.rows() if row.id == row_id]


def test_every_section_names_modules_and_parameters_that_exist():
    for section in sections():
        for module in section.modules:
            assert importlib.import_module("core." + module.replace("/", ".")).__doc__
        for row in section.rows:
            assert of_any_date(row), row
            assert all(isinstance(one.raw, float) for one in of_any_date(row))
        assert all(section.words.values())
        assert all(section.name.values())


def test_numbers_in_the_equations_are_those_of_the_data():
    """A parameter that is changed in the data must be changed in the equation, or this fails."""
    definitional = {0.0, 1.0, 4.0, 0.5}  # clip bounds, quarters a year, square roots
    for section in sections():
        rows = [one for row in section.rows for one in of_any_date(row)]
        known = definitional | {number for row in rows for number in (row.value, row.raw, 1 - row.value)}
        for line in section.latex:
            numbers = re.findall(r"(?<![\w.}^_{-])\d+(?:\.\d+)?", line.replace("1/2", ""))
            for text in numbers:
                assert any(abs(float(text) - value) < 1e-9 for value in known), (section.id, text, line)


def test_dutch_counts_in_dutch():
    for section in sections():
        assert not re.search(r"\b(bn|tn|USD)\b", section.words["nl"])
