"""The method names modules that exist, parameters that exist, and numbers that the data still have."""

import importlib
import re

from core.sources.method import sections
from core.web.web import load_web
from tests.worlds import FIRST

WEB = load_web(FIRST)


def test_every_section_names_modules_and_parameters_that_exist():
    for section in sections():
        for module in section.modules:
            assert importlib.import_module("core." + module.replace("/", ".")).__doc__
        for row in section.rows:
            assert isinstance(WEB.row(row).raw, float)
        assert all(section.words.values())
        assert all(section.name.values())


def test_numbers_in_the_equations_are_those_of_the_data():
    """A parameter that is changed in the data must be changed in the equation, or this fails."""
    definitional = {0.0, 1.0, 4.0, 0.5}  # clip bounds, quarters a year, square roots
    for section in sections():
        known = definitional | {1 - WEB.value(row) for row in section.rows}
        for row in section.rows:
            known |= {WEB.value(row), WEB.row(row).raw}
        for line in section.latex:
            numbers = re.findall(r"(?<![\w.}^_{-])\d+(?:\.\d+)?", line.replace("1/2", ""))
            for text in numbers:
                assert any(abs(float(text) - value) < 1e-9 for value in known), (section.id, text, line)


def test_dutch_counts_in_dutch():
    for section in sections():
        assert not re.search(r"\b(bn|tn|USD)\b", section.words["nl"])
