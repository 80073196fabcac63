"""No year stands in a sentence of the pages: the snapshot knows when things are."""

import ast
import re
from pathlib import Path

from pages.kit.parts import debts
from pages.kit.words import labels
from tests.apptest import ROOT

YEAR = re.compile(r"\b20[1-4]\d\b")
# What bears its year as part of its name: instruments, and figures of the record that are of one date.
NAMES = {*debts.LINES.values(), *labels.ITEMS.values()}


def sentences(file: Path) -> list[str]:
    """Texts of a file that are translated."""
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    calls = [one for one in nodes if isinstance(one, ast.Call)]
    asked = [one for one in calls if getattr(one.func, "id", "") in ("_", "N_", "ngettext")]
    return [one.value for call in asked for one in call.args if isinstance(one, ast.Constant)]


def test_sentences_name_no_year():
    found = {
        text
        for file in (ROOT / "pages").rglob("*.py")
        for text in sentences(file)
        if isinstance(text, str) and YEAR.search(text)
    }
    assert found - NAMES == set()
