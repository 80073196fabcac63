"""A figure names the year or the quarter that it counts to or stands at, in both languages."""

import json
import re

import pytest

from pages.kit.frame.frame import PAGES
from tests.apptest import board, drawings

YEAR = re.compile(r"\b20\d\d\b|'\d\d\b|\(20\d\d\)")
HORIZON = "2029"  # not where it stands by itself
STRUCTURE = (
    "chart_flow_",
    "chart_web",
)  # who owns, lends and rents; how things stand in the quarter that is chosen
VIEWS = [
    *((entry.name, {}) for entry in PAGES if entry.name not in ("data", "stress")),
    *(("stress", {"tab": tab}) for tab in ("plane", "tornado")),
    *(("private_credit", {"fund": fund}) for fund in ("blue_owl", "kkr")),
]


def words_of(drawing: dict) -> str:
    """All that is read on a drawing: what is on its axes and in it too."""
    return json.dumps({name: part for name, part in drawing.items() if name != "key"}, ensure_ascii=False)


@pytest.mark.parametrize("lang", ["en", "nl"])
@pytest.mark.parametrize(("name", "choice"), VIEWS)
def test_every_drawing_names_its_years(visit, lang, name, choice):
    page = None if name == "overview" else f"pages/{name}.py"
    at = visit({"g": "0", "h": HORIZON, "lang": lang, **choice}, page=page)
    if name == "overview":
        figures = board(at)["figures"]
        assert all(YEAR.search(f"{one['label']} {one['value']}") for one in figures), figures
        assert HORIZON in board(at)["funds"]["caption"]
        assert HORIZON in board(at)["promises"]["caption"]
    told = [one for one in drawings(at) if not one["key"].startswith(STRUCTURE)]
    assert [one["key"] for one in told if not YEAR.search(words_of(one))] == []
    rows = [one for one in told if "figures" in one]
    assert [one["key"] for one in rows if not YEAR.search(one["caption"])] == []
