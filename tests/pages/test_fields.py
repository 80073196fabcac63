"""What a field shows, and what its button does, after the scenario has moved on."""

import pytest

from core.scenario.levers import Scenario
from core.web.web import load_web
from tests.apptest import can, lever_of, press

FIELDS = (
    *("slider", "select_slider", "selectbox", "multiselect", "toggle", "text_input"),
    *("segmented_control", "pills"),
)
MOVED = {"g": "5", "r": "8.5", "u": "70", "gw": "no", "h": "2032", "o": "coreweave.cash:0.5"}
OWN = {"from": "g:-10", "to": "r:9"}


def shown(at) -> dict:
    """What every field of the page says, by its key."""
    return {field.key: field.value for kind in FIELDS for field in getattr(at, kind) if field.key}


def follow(at, link) -> None:
    """Open another link in the same visit, as Back does."""
    at.query_params.clear()
    at.query_params.update(link)
    at.run()
    assert not at.exception


@pytest.mark.parametrize(
    ("page", "first", "then"),
    [
        ("stress", {"tab": "plane"}, {"tab": "plane"}),
        ("stress", {"tab": "plane", "xaxis": "g"}, {"tab": "plane", "xaxis": "g", "who": "xai"}),
        ("stress", {"tab": "chance", "seed": "7"}, {"tab": "chance", "draws": "500"}),
        ("stress", {"tab": "tornado"}, {"tab": "tornado", "measure": "called_total"}),
        ("compare", OWN, {"from": "pause", "why": "failed_count"}),
        ("data", {"part": "edit"}, {"part": "edit"}),
        ("chain_reaction", {"g": "0"}, {"step": "2029Q4"}),
        ("deals", {"deal": "circle", "nb": "no"}, {"deal": "wrap"}),
    ],
)
def test_a_visit_shows_in_every_field_what_a_fresh_visit_to_its_address_shows(visit, page, first, then):
    file = f"pages/{page}.py"
    at = visit(first, page=file)
    before = shown(at)
    follow(at, MOVED | then)
    lever_of(at, "u").set_value(66.0).run()
    assert not at.exception
    assert shown(at) == shown(visit(dict(at.query_params.items()), page=file))
    assert shown(at) != before


def plane(visit, **link):
    return visit({"tab": "plane", **link}, page="pages/stress.py")


def go(at) -> None:
    next(button for button in at.button if button.label == "Go there").click().run()
    assert not at.exception


def levers(at) -> dict:
    return {name: at.query_params[name] for name in Scenario.default().as_dict() if name in at.query_params}


def test_go_there_moves_what_was_typed_and_leaves_the_rest_where_it_is_now(visit):
    at = plane(visit)
    lever_of(at, "r").set_value(8.0).run()
    lever_of(at, "g").set_value(20.0).run()
    assert at.text_input(key="go_r").value == "8"
    assert at.text_input(key="go_u").value == f"{Scenario.default()['u']:g}"
    at.text_input(key="go_u").set_value("71")
    go(at)
    assert levers(at) == {"g": "20", "r": "8", "u": "71"}


def test_go_there_after_another_axis_was_chosen(visit):
    at = plane(visit, g="20")
    lever_of(at, "g").set_value(-5.0).run()
    at.selectbox(key="xaxis_pick").set_value("g").run()
    assert at.text_input(key="go_g").value == "−5"
    lever_of(at, "r").set_value(9.0).run()
    at.text_input(key="go_u").set_value("60")
    go(at)
    assert levers(at) == {"g": "-5", "r": "9", "u": "60"}
    at.selectbox(key="xaxis_pick").set_value("r").run()
    assert at.text_input(key="go_r").value == "9"


def test_go_there_moves_no_lever_by_rounding_it(visit):
    at = plane(visit, r="6.1234567")
    at.text_input(key="go_u").set_value("71")
    go(at)
    assert levers(at) == {"r": "6.1234567", "u": "71"}


def test_go_there_without_a_change_is_no_step(visit):
    at = plane(visit, r="6")
    go(at)
    assert levers(at) == {"r": "6"}
    assert not can(at, "undo")


def test_what_was_typed_stays_until_the_figure_moves(visit):
    at = visit({"part": "edit"}, page="pages/data.py")
    at.text_input(key="edit_coreweave.cash").set_value("1.5").run()
    lever_of(at, "r").set_value(7.0).run()
    assert at.text_input(key="edit_coreweave.cash").value == "1.5"
    follow(at, {"part": "edit", "o": "coreweave.cash:2"})
    assert at.text_input(key="edit_coreweave.cash").value == "2"


def test_the_field_of_a_figure_follows_the_figure(visit):
    at, published = visit({"part": "edit"}, page="pages/data.py"), load_web().value("coreweave.cash")
    at.text_input(key="edit_coreweave.cash").set_value("1.5").run()
    at.button(key="edit_run").click().run()
    assert at.text_input(key="edit_coreweave.cash").value == "1.5"
    at.button(key="take_back_0").click().run()
    for step, now in ((None, published), ("undo", 1.5), ("undo", published), ("redo", 1.5)):
        if step:
            press(at, step).run()
        assert float(at.text_input(key="edit_coreweave.cash").value) == now


def told(at) -> str:
    return "\n".join(text.value for text in at.text)


@pytest.mark.parametrize(
    "leave",
    [
        lambda at: follow(at, {"to": "pause"}),
        lambda at: at.selectbox(key="to_side").set_value("pause").run(),
        lambda at: at.text_input(key="to_link").set_value("?r=9").run(),
    ],
)
def test_what_was_told_of_a_side_goes_with_it(visit, leave):
    at = visit({}, page="pages/compare.py", opened=["to_own"])
    text = b'name = "My week"\n[levers]\ng = 5\nzz = 1\n'
    at.file_uploader(key="to_file").upload("week.toml", text, "application/toml").run()
    assert "'zz'" in told(at)
    assert "My week" in told(at)
    leave(at)
    assert not at.exception
    assert "'zz'" not in told(at)
    assert "My week" not in told(at)


def test_a_link_can_be_pasted_again(visit):
    at = visit({}, page="pages/compare.py", opened=["to_own"])
    for _time in range(2):
        at.text_input(key="to_link").set_value("?g=-10").run()
        assert at.query_params["to"] == "g:-10"
        assert at.text_input(key="to_link").value == ""
        at.selectbox(key="to_side").set_value("now").run()
        assert at.query_params["to"] == "now"
