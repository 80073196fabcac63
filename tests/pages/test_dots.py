"""Dots on the lines: wherever a line shows what has been reported since, and nowhere else."""

import pytest

from core.questions import backtest
from core.web.web import load_web, snapshots
from tests.apptest import pictures, told
from tests.worlds import FIRST

# page, company, what is opened of its debt, and which measures of the record are drawn there
LINES = (
    (
        "neoclouds",
        "coreweave",
        "cash",
        ("revenue", "ebitda", "operating_profit", "interest", "interest_coverage", "cash"),
    ),
    ("neoclouds", "coreweave", "lines", ("debt",)),
    ("neoclouds", "terawulf", None, ("revenue", "interest")),
    ("neoclouds", "cipher", "cash", ("revenue", "cash")),
)


def dots(at) -> set[tuple[float, float]]:
    """Every dot of the page's charts, as (place, value)."""
    traces = [trace for figure in pictures(at) for trace in figure["data"] if trace.get("mode") == "markers"]
    return {(x, round(y, 6)) for trace in traces for x, y in zip(trace["x"], trace["y"], strict=True)}


def points(web, who, measure) -> set[tuple[float, float]]:
    """What was reported, where a chart has it: quarters counted from the first after the data."""
    places = {name: place for place, name in enumerate(web.calendar.labels)}
    found = backtest.reported(web, who, measure)
    return {(places[name], round(value, 6)) for name, value in found.items() if name in places}


@pytest.mark.parametrize("data", snapshots())
@pytest.mark.parametrize(("page", "who", "part", "measures"), LINES)
def test_a_line_has_a_dot_where_something_was_reported(visit, page, who, part, measures, data):
    at = visit({"data": data, "co": who}, page=f"pages/{page}.py")
    if part:
        at.get_by_key("debt_part").set_value(part).run()
    seen = dots(at)
    for measure in measures:
        wanted = points(load_web(data), who, measure)
        assert wanted or data != FIRST, measure
        assert wanted <= seen, measure


@pytest.mark.parametrize("data", snapshots())
@pytest.mark.parametrize(
    ("page", "measures"),
    [
        ("neoclouds", ("revenue", "ebitda", "operating_profit", "interest")),
    ],
)
def test_a_caption_tells_of_dots_and_bars_only_where_there_are_any(visit, page, measures, data):
    web, at = load_web(data), visit({"data": data}, page=f"pages/{page}.py")
    captions = told(at)
    assert ("dots: reported since" in captions) == any(
        points(web, "coreweave", measure) for measure in measures
    )
    expected = [measure for measure in measures if backtest.guided(web, "coreweave", measure)]
    assert ("upright lines: guidance" in captions) == bool(expected)


def bars(at) -> set[tuple[int, float, float]]:
    """Every upright bar of the page's charts, as (place, low, high)."""
    traces = [trace for figure in pictures(at) for trace in figure["data"] if trace.get("mode") == "lines"]
    upright = [trace for trace in traces if len(trace["x"]) == 2 and trace["x"][0] == trace["x"][1]]
    return {(trace["x"][0], *trace["y"]) for trace in upright}


def test_guidance_is_a_bar_from_low_to_high_and_no_dot(visit):
    web, at = load_web(), visit({"co": "coreweave"}, page="pages/neoclouds.py")
    quarters = web.calendar.labels
    wanted = {
        (quarters.index(quarter), *ends)
        for measure in ("revenue", "interest")
        for quarter, ends in backtest.guided(web, "coreweave", measure).items()
        if quarter in quarters
    }
    assert wanted
    assert bars(at) == wanted
    assert not {(place, (low + high) / 2) for place, low, high in wanted} & dots(at)


@pytest.mark.parametrize("data", snapshots())
def test_quarters_of_which_there_is_guidance_alone_have_not_closed(visit, data):
    at = visit({"co": "coreweave", "data": data}, page="pages/neoclouds.py")
    closed = len(points(load_web(data), "coreweave", "revenue"))
    assert closed or data != FIRST
    shades = [
        shape["x1"]
        for figure in pictures(at)
        for shape in figure["layout"].get("shapes", ())
        if "fillcolor" in shape
    ]
    assert set(shades) == ({closed - 0.5} if closed else set())


def test_nobody_has_a_dot_without_a_report(visit):
    assert dots(visit({"co": "fluidstack"}, page="pages/neoclouds.py")) == set()
    assert backtest.reported(load_web(), "fluidstack", "revenue") == {}
