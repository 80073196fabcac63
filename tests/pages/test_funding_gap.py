"""The page Funding gap: need, sources, what nobody lends, and how levers move it."""

import json

import pytest

from core.scenario.levers import lever
from core.scenario.presets import presets
from core.web.web import snapshots
from tests.apptest import charts, lever_of, panels, pictures
from tests.pages.test_guarantors import WALKS, WORST, cells, read, texts

PAGE = "pages/funding_gap.py"
SOURCES = {
    "private_credit": "Private credit",
    "corporate": "Corporate bonds",
    "abs_cmbs": "Securitised loans",
    "other": "Other outside money",
}
SHORT = {"g": "0", "r": "12"}  # lenders leave more than half of it
SCENARIOS = [
    ({}, {}),
    ({"g": 0}, {"g": "0"}),
    ({"g": 0, "r": 12}, SHORT),
    ({"g": 0, "gw": False}, WALKS),
    ({"g": -50, "u": 30, "r": 12, "f": "closed"}, WORST),
    ({"r": 9, "s": 200}, {"r": "9", "s": "200"}),
]


def tn(value: float) -> str:
    if value >= 999.5:
        return f"USD {value / 1000:.1f} tn"
    return f"USD {value:.0f} bn" if value >= 99.95 else f"USD {value:.1f} bn"


def test_in_some_of_the_scenarios_money_is_missing_and_in_some_it_is_not():
    missing = {read(**levers)["funding_gap"]["unfunded"] > 0.05 for levers, _link in SCENARIOS}
    assert missing == {True, False}
    assert read(g=0, r=12)["funding_gap"]["unfunded"] > 0.05


@pytest.mark.parametrize(("levers", "link"), SCENARIOS)
def test_the_first_sentence_is_the_gap_of_the_core(visit, levers, link):
    gap = read(**levers)["funding_gap"]
    shown = texts(visit(link, page=PAGE))
    assert f"To 2028 the build-out needs {tn(gap['need'])}" in shown
    if gap["unfunded"] > 0.05:
        assert f"{tn(gap['unfunded'])} is funded by nobody" in shown
    else:
        assert "is funded by nobody" not in shown


@pytest.mark.parametrize(("levers", "link"), SCENARIOS)
def test_the_stack_adds_up_to_the_need_and_never_hides_the_rest(visit, levers, link):
    gap = read(**levers)["funding_gap"]
    bars = [trace for trace in pictures(visit(link, page=PAGE))[0]["data"] if trace["type"] == "bar"]
    heights = [trace["y"][0] for trace in bars]
    assert sum(heights) == pytest.approx(gap["need"], rel=1e-6)
    assert heights[-1] == pytest.approx(gap["unfunded"])
    assert bars[-1]["marker"]["pattern"]["shape"] == "/"
    assert [trace["y"][1] for trace in bars] == pytest.approx([1400, 800, 200, 150, 350, 0])


def test_each_source_with_its_cost_and_the_share_it_lends(visit):
    gap = read(g=0, r=12)["funding_gap"]
    rows = {line[-3]: line[-2:] for line in cells(visit(SHORT, page=PAGE)) if len(line) > 2}
    for source, name in SOURCES.items():
        cost, share = rows[name]
        assert f"{gap[f'cost_{source}'] * 100:.1f} %" in cost
        assert share == f"{gap[source] / gap[f'asked_{source}'] * 100:.0f} %"


def test_levers_move_need_cost_and_who_is_left(visit):
    at = visit({"g": "0"}, page=PAGE)
    assert {f"How the levers move it · {lever}" for lever in ("AI demand grows", "Interest rate")} < set(
        panels(at)
    )
    along = [one["figure"] for one in charts(at) if one["title"].startswith("How the levers move it")]
    assert len(along) == 2
    for spec in along:
        drawn = json.dumps(spec)
        for title in ("Need and own cash", "Who is left", "Cost a year"):
            assert title in drawn
        assert sum(trace.get("line", {}).get("dash") == "dash" for trace in spec["data"]) == 6


def test_assumptions_are_marked_and_the_study_quoted(visit):
    at = visit(page=PAGE)
    rows = {line[-2]: line[-1] for line in cells(at)}
    elasticity = next(value for label, value in rows.items() if "elasticity of one half" in label)
    assert elasticity == ":orange-badge[assumption] **1.50**"
    assert "USD 2.9 tn to 2028, of which USD 1.4 tn from own cash, USD 800 bn private credit" in texts(at)


def test_dutch_readers_get_dutch(visit):
    shown = texts(visit(SHORT, locale="nl-NL", page=PAGE))
    assert "Tot en met 2028 kost de bouw" in shown
    assert "is geen geld te vinden" in shown
    assert "biljoen" in shown


def test_a_bent_link_keeps_what_is_valid(visit):
    at = visit(SHORT | {"deal": "wrap", "u": "nan"}, page=PAGE)
    assert lever_of(at, "g").value == 0
    assert len(at.text) >= 1
    assert "funded by nobody" in texts(at)


@pytest.mark.parametrize("date", snapshots())
@pytest.mark.parametrize("preset", [one.id for one in presets()])
def test_the_page_opens_in_every_story(visit, preset, date):
    """One of them drew an axis whose top was a rounding below a round number, and no picture at all."""
    moved = next(one.levers for one in presets() if one.id == preset)
    words = {word: lever(word).format(value) for word, value in moved.items()}
    assert not visit(words | {"data": date, "s": "300"}, page=PAGE).exception
    assert not visit(words | {"data": date}, page=PAGE).exception
