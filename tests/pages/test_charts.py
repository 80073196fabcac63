"""Figures: what is drawn, and that colours cannot mislead."""

import re
import tomllib

import plotly.graph_objects as go
import pytest

from core.web.web import LABS, NEOCLOUDS, OPERATORS
from pages.kit.drawing import charts, shapes
from pages.kit.visit import cached
from tests.pages.conftest import ROOT

CONFIG = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))["theme"]
GROUPS = {
    "companies": (*NEOCLOUDS, *LABS, *OPERATORS, "hyperion", "oracle_campus", "xai_vehicle"),
    "guarantors": ("alphabet", "nvidia", "meta", "microsoft", "oracle", "amazon"),
    "funds": ("infra_credit", "blue_owl", "pimco", "blackstone", "apollo", "kkr"),
}


@pytest.mark.parametrize("group", GROUPS)
def test_entities_drawn_together_have_colours_of_their_own(group):
    places = [charts.ENTITY[entity] for entity in GROUPS[group]]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_entity_has_a_place_in_the_palette(mode):
    palette = CONFIG[mode]["chartCategoricalColors"]
    assert max(charts.ENTITY.values()) < len(palette)
    assert len(set(palette)) == len(palette)


def _luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(a, b):
    high, low = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(
    "colours", [charts.ACCENT, charts.ALARM, charts.MUTED, charts.INK], ids=lambda c: c["light"]
)
def test_text_in_charts_can_be_read(mode, colours):
    assert _contrast(colours[mode], CONFIG[mode]["backgroundColor"]) >= 4.5
    assert _contrast(colours[mode], CONFIG[mode]["sidebar"]["backgroundColor"]) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_worse_is_never_confused_with_better_on_a_strip(monkeypatch, mode):
    monkeypatch.setattr(charts.st, "get_option", lambda key: CONFIG[mode][key.rsplit(".", 1)[1]])
    shades = [charts.severity(count) for count in range(len(cached.named()) + 1)]
    assert len(set(shades)) == len(shades)
    steps = [_luminance(shade) for shade in shades]
    assert steps == sorted(steps, reverse=mode == "light")  # grey tells the order too, so any eye can


def _lines(**changes):
    arguments = {
        "colour": "#123456",
        "write": str,
        "baseline_name": "today",
        "threshold": (1.0, "pays"),
        "end": (2, "fails"),
    }
    labels = ["2026Q1", "2026Q2", "2026Q3", "2026Q4"]
    fig = charts.lines(labels, [3.0, 2.0, 0.5, None], [3.0, 3.0, 3.0, 3.0], **(arguments | changes))
    return go.Figure(fig.to_dict())


def test_a_path_shows_scenario_dashed_baseline_threshold_and_end():
    fig = _lines()
    baseline, scenario, end = fig.data
    assert baseline.line.dash == "dash"
    assert list(scenario.y) == [3.0, 2.0, 0.5, None]
    assert (end.x[0], end.y[0]) == (2, 0.5)
    assert {note.text for note in fig.layout.annotations} == {"pays", "<b>fails</b>", "today"}


def test_known_quarters_are_shaded_and_carry_dots():
    fig = _lines(known_quarters=2, known=[(0, 2.9)])
    shade = next(shape for shape in fig.layout.shapes if shape.type == "rect")
    assert (shade.x0, shade.x1) == (-0.5, 1.5)
    assert list(fig.data[2].y) == [2.9]


def test_missing_values_draw_without_words_of_code():
    fig = charts.dumbbell(
        ["a", "b"], [None, 0.1], [0.2, None], write=lambda v: "–" if v is None else f"{v}", baseline_name="t"
    )
    assert list(go.Figure(fig.to_dict()).data[1].text) == ["<b>–</b>", "<b>0.1</b>"]


def test_columns_by_year_name_the_year_alone_and_keep_an_axis_where_all_is_zero():
    parts = [shapes.Part("paid", [0.0, 0.0], "#123456")]
    labels = ["2026 Q3 – 2026 Q4", "2027"]
    figure = shapes.years(labels, parts, [0.0, 0.0], write=str, baseline_name="today")
    axis = figure.layout["xaxis"]
    assert list(axis["ticktext"]) == ["2026", "2027"]
    assert figure.layout["yaxis"]["range"][1] > 1.0


def test_paper_has_the_colours_of_the_light_theme_on_white():
    style = (ROOT / "pages/kit/frame/paper.css").read_text(encoding="utf-8")
    found = dict(re.findall(r"--st-([a-z-]+): (#[0-9a-f]{6}) !important", style))
    light = CONFIG["light"] | {"headingColor": CONFIG["light"]["textColor"], "backgroundColor": "#ffffff"}
    named = {re.sub(r"-([a-z])", lambda letter: letter[1].upper(), name): found[name] for name in found}
    assert len(named) > 5
    assert named == {name: light[name] for name in named}


def test_each_colour_of_the_dark_theme_has_one_on_paper_that_stands_out_from_white(monkeypatch):
    monkeypatch.setattr(charts, "mode", lambda: "light")
    assert charts.ink() == {}
    monkeypatch.setattr(charts, "mode", lambda: "dark")
    ink = charts.ink()
    for dark, light in zip(
        *(CONFIG[mode]["chartCategoricalColors"] for mode in ("dark", "light")), strict=True
    ):
        assert ink[dark] == light
        assert _contrast(ink[dark], "#ffffff") >= 3  # white words stand in bars of it
    assert (ink[charts.INK["dark"]], ink[charts.ALARM["dark"]]) == (
        charts.INK["light"],
        charts.ALARM["light"],
    )
