"""Figures as plain data: the same as Plotly's own, and what reaches the browser."""

import json

import plotly.graph_objects as go
import pytest

from pages.kit.drawing import plot
from tests.apptest import charts, pictures


def both(draw) -> tuple[dict, dict]:
    """The same drawing by Plotly and by us, both as Plotly reads them back."""
    theirs, ours = go.Figure(), plot.Figure()
    draw(theirs)
    draw(ours)
    blank = {"layout": {"template": None}}
    return theirs.update(blank).to_dict(), go.Figure(ours.to_dict()).update(blank).to_dict()


def test_a_figure_is_what_plotly_makes_of_the_same_calls():
    def draw(fig):
        fig.add_scatter(x=[0, 1], y=[2, None], mode="lines", line={"color": "#123456"})
        fig.add_bar(x=[1, 2], y=["a", "b"], orientation="h", marker={"color": ["#111111", "#222222"]})
        fig.add_shape(type="line", x0=0, x1=1, y0=0, y1=1)
        fig.add_annotation(x=0, y=1, text="words", showarrow=False)
        fig.update_layout(height=200, margin={"l": 1, "r": 2}).update_layout(margin={"r": 3})
        fig.update_xaxes(visible=False).update_xaxes(range=[0, 1])
        fig.update_yaxes(range=[0, 9])

    theirs, ours = both(draw)
    assert theirs == ours


@pytest.mark.parametrize(
    "draw",
    [
        lambda fig: fig.add_vline(x=3, line={"width": 1}),
        lambda fig: fig.add_hline(y=3, line={"width": 1}),
        lambda fig: fig.add_vrect(x0=1, x1=2, fillcolor="#ffffff", layer="below"),
    ],
    ids=["vline", "hline", "vrect"],
)
def test_lines_and_shades_over_the_whole_picture_are_where_plotly_puts_them(draw):
    def with_axes(fig):
        fig.add_scatter(x=[0, 5], y=[0, 5])
        draw(fig)

    theirs, ours = ({**figure["layout"]["shapes"][0]} for figure in both(with_axes))
    for name in (
        "xref",
        "yref",
    ):  # Plotly names the domain of an axis where we name the paper: one axis, the same
        theirs[name] = theirs[name].replace("x domain", "paper").replace("y domain", "paper")
        ours.setdefault(name, name[0])
    assert theirs == ours


def test_plotly_refuses_what_it_does_not_know_so_a_wrong_call_fails_a_test(monkeypatch):
    class Page:
        @staticmethod
        def get(kind):
            wrong = {"figure": plot.Figure().add_scatter(x=[1], widht=3).to_dict()}
            proto = type("Proto", (), {"json": json.dumps(wrong), "component_name": "backstop_drawing"})
            return [type("Element", (), {"proto": proto})]

    with pytest.raises(ValueError, match="widht"):
        pictures(Page)


def test_every_chart_says_its_finding_and_offers_its_picture(visit):
    at = visit({"g": "0", "lang": "en", "row": "coreweave"})
    found = charts(at)
    assert len(found) == 1
    assert len(at.get("plotly_chart")) == 1  # Streamlit's own, unseen, brings Plotly
    for chart in found:
        assert len(chart["alt"]) > 10
        assert chart["config"].get("displayModeBar") is not False
