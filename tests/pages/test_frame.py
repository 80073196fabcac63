"""The frame: links in, widgets, address out; undo and redo; both languages."""

import sys

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.scenario.levers import Scenario, levers
from core.scenario.presets import presets
from core.web.web import NEOCLOUDS
from pages.kit.frame.frame import PAGES
from pages.kit.visit import visit as visit_state
from pages.kit.words import words
from tests.apptest import Tab, board, can, headline, lever_of, numbers_in, open_app, pictures, press, sent
from tests.pages.conftest import ROOT

FILES = [f"pages/{entry.name}.py" for entry in PAGES]


def banner(at) -> list[str]:
    return [text.value for text in at.text]


def levers_in_address(at) -> dict:
    return {name: value for name, value in at.query_params.items() if name not in ("m", "k", "lang")}


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("locale", ["en-GB", "nl-NL"])
def test_every_page_shows_headline_and_levers_on_the_first_visit(visit, file, locale):
    at = visit({"g": "0"}, locale, page=file)
    assert "stops growing" in headline(at) or "niet meer groeit" in headline(at)
    assert lever_of(at, "g").value == 0
    assert levers_in_address(at) == {"g": "0"}


@pytest.mark.parametrize("file", FILES)
def test_a_page_that_runs_without_the_frame_starts_over_inside_it(monkeypatch, file):
    monkeypatch.chdir(ROOT)  # after a server start a deep link runs the page file alone
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.query_params["g"] = "0"
    at.switch_page(file)
    at.run()
    assert not at.exception
    assert at.selectbox(key="preset").value == "pause"
    assert "stops growing" in headline(at)
    assert lever_of(at, "g").value == lever_of(at, "g").value == 0


@pytest.mark.parametrize("turn", [1, 2])  # one after the other, in one process: tests/conftest.py
def test_a_visit_leaves_no_page_behind_as_the_main_program(visit, turn):
    """A process that is spawned begins with its parent's main program: that must not be a page of the app."""
    stood = getattr(sys.modules["__main__"], "__file__", None)
    assert stood != str(ROOT / "app.py")
    visit()
    assert sys.modules["__main__"].__file__ == str(ROOT / "app.py")


def test_every_page_file_is_listed_and_guards_itself():
    files = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
    assert files == sorted(entry.name for entry in PAGES)
    for name in files:
        code = (ROOT / "pages" / f"{name}.py").read_text(encoding="utf-8")
        statements = [line for line in code.split('"""', 2)[2].splitlines() if line.strip()]
        assert statements[:2] == ["from pages.kit.frame.frame import require_frame", "require_frame()"]


def test_the_browser_language_counts_until_a_link_or_a_click_says_otherwise(visit):
    assert headline(visit(locale="nl-BE")).startswith("Met de cijfers van")
    assert headline(visit({"lang": "en"}, locale="nl-BE")).startswith("On the figures of")
    at = visit(locale="fr-FR")
    assert headline(at).startswith("On the figures of")
    at.get_by_key("language").set_value("nl").run()
    assert headline(at).startswith("Met de cijfers van")
    assert at.query_params["lang"] == "nl"


def test_a_link_sets_every_kind_of_lever_exactly(visit):
    link = {"g": "10.37", "r": "6.125", "t": "2028", "f": "closed", "gw": "no", "s": "33", "h": "2033"}
    at = visit(link)
    assert banner(at) == []
    assert levers_in_address(at) == link
    assert lever_of(at, "g").value == lever_of(at, "g").value == 10.37
    at.session_state["more_levers"] = True
    at.run()
    assert at.toggle(key="lever_gw").value is False


def test_levers_equal_to_today_stay_in_the_link_once_touched(visit):
    assert levers_in_address(visit({"g": "35"})) == {"g": "35"}


@pytest.mark.parametrize(
    ("bent", "told", "kept"),
    [
        ({"g": "10", "r": "60"}, "60 lies outside", {"g": "10", "r": "12"}),
        ({"g": "10", "r": "nan"}, "is not a finite number", {"g": "10"}),
        ({"g": "10", "r": ""}, "has no value", {"g": "10"}),
        ({"g": "10", "r": ["6", "7"]}, "2 times", {"g": "10", "r": "6"}),
        ({"g": "10", "r": "6,5"}, "decimal point", {"g": "10", "r": "6.5"}),
        ({"g": "10", "f": "shut"}, "is not one of", {"g": "10"}),
        ({"g": "10", "$x$ **b** <i>": "1"}, "$x$ **b** <i>", {"g": "10"}),
        ({"g": "10", "r": "<script>"}, "markup", {"g": "10"}),
        ({"g": "10", "k": "broken"}, "receipt", {"g": "10"}),
        ({"g": "10", "m": "9999.12"}, "newer model", {"g": "10"}),
        ({"g": "10", "lang": "fr"}, "not a language", {"g": "10"}),
        ({"g": "10", "o": "no.such:1"}, "no.such", {"g": "10"}),
        ({"g": "10", "s": "1.000"}, "a thousand to some", {"g": "10"}),
        ({"g": "10&r=6.5)"}, "it was read as g=10, r=6.5.", {"g": "10", "r": "6.5"}),
        ({"g": "10", "amp;r": "3D6.5"}, "it was read as r=6.5.", {"g": "10", "r": "6.5"}),
    ],
)
def test_a_bent_link_tells_and_keeps_its_valid_rest(visit, bent, told, kept):
    at = visit(bent)
    assert any(told in line for line in banner(at))
    assert levers_in_address(at) == kept


@pytest.mark.parametrize(
    ("locale", "line"),
    [
        ("en-GB", "This link was damaged on its way and has been repaired; it was read as g=10, r=6.5."),
        ("nl-NL", "Deze link is onderweg beschadigd geraakt en hersteld; gelezen is g=10, r=6.5."),
    ],
)
def test_what_was_mended_is_said_in_one_quiet_line(visit, locale, line):
    at = visit({"g": "10?r=6.5", "fbclid": "x", "utm_source": "y"}, locale)
    assert banner(at) == [line]
    assert not any("letter" in element.value for element in at.markdown)


def test_tracking_and_a_language_of_a_country_are_passed_over_in_silence(visit):
    at = visit({"g": "10", "lang": "nl-NL", "utm_source": "newsletter", "mc_cid": "1", "gclid": "2"})
    assert banner(at) == []
    assert at.query_params["lang"] == "nl"
    assert levers_in_address(at) == {"g": "10"}


def test_every_message_about_links_has_words_in_both_languages(visit):
    at = visit({"g": "abc", "r": "60", "zz": "1"}, locale="nl-NL")
    assert len(banner(at)) == 3
    assert any("is geen getal" in line for line in banner(at))
    assert any("Rente (r): 60 valt buiten 0\u00a0% tot 12\u00a0%" in line for line in banner(at))


def test_the_banner_goes_when_a_lever_is_moved(visit):
    at = visit({"r": "60"})
    lever_of(at, "g").set_value(10.0).run()
    assert banner(at) == []
    assert levers_in_address(at) == {"g": "10", "r": "12"}


def test_slider_and_field_move_together(visit):
    at = visit()
    lever_of(at, "u").set_value(70.0).run()
    assert lever_of(at, "u").value == 70
    lever_of(at, "u").type("71.5").run()
    assert lever_of(at, "u").value == 71.5
    assert levers_in_address(at) == {"u": "71.5"}


def test_undo_and_redo_walk_the_same_steps(visit):
    at = visit({"g": "20"})
    lever_of(at, "g").set_value(10.0).run()
    lever_of(at, "r").set_value(8.0).run()
    press(at, "undo").run()
    assert levers_in_address(at) == {"g": "10"}
    press(at, "undo").run()
    assert levers_in_address(at) == {"g": "20"}
    assert not can(at, "undo")
    press(at, "redo").run()
    press(at, "redo").run()
    assert levers_in_address(at) == {"g": "10", "r": "8"}
    assert not can(at, "redo")


def test_a_new_step_ends_redo(visit):
    at = visit()
    lever_of(at, "g").set_value(10.0).run()
    press(at, "undo").run()
    lever_of(at, "g").set_value(50.0).run()
    assert not can(at, "redo")


def test_reset_goes_back_to_today_and_can_be_undone(visit):
    at = visit({"g": "0", "gw": "no"})
    press(at, "reset").run()
    assert levers_in_address(at) == {}
    assert headline(at).startswith("On the figures of")
    press(at, "undo").run()
    assert levers_in_address(at) == {"g": "0", "gw": "no"}


def test_every_preset_changes_the_headline_and_is_recognised_from_its_link(visit):
    at = visit()
    today = headline(at)
    for preset in presets()[1:]:
        at.selectbox(key="preset").set_value(preset.id).run()
        assert not at.exception
        assert headline(at) != today
        again = visit(dict(levers_in_address(at)))
        assert again.selectbox(key="preset").value == preset.id
        assert headline(again) == headline(at)


def test_two_quick_clicks_are_two_steps(visit):
    """The server hears of the second before it has done the first; of two steps none is lost."""
    at = visit({"g": "1"})
    for value in (3.0, 5.0, 7.0):
        lever_of(at, "g").set_value(value).run()
    press(at, "undo", "undo").run()
    assert levers_in_address(at) == {"g": "3"}
    at.run()  # the browser still has them
    assert levers_in_address(at) == {"g": "3"}
    press(at, "undo", "redo", "redo").run()
    assert levers_in_address(at) == {"g": "5"}


def test_a_step_and_a_lever_are_taken_in_the_order_of_the_hand(visit):
    at = visit({"g": "1"})
    lever_of(at, "g").set_value(3.0).run()
    press(at, "undo")
    lever_of(at, "r").set_value(9.0)
    at.run()
    assert levers_in_address(at) == {"g": "1", "r": "9"}
    lever_of(at, "r").set_value(5.0)
    press(at, "undo")
    at.run()
    assert levers_in_address(at) == {"g": "1", "r": "9"}


def test_a_server_that_starts_anew_does_no_step_that_the_one_before_has_done(visit):
    at = open_app({"g": "1"})
    press(at, "reset").run()
    fresh = Tab(str(ROOT / "app.py"), default_timeout=60)  # what the browser tells on coming back
    fresh.query_params["g"] = "1"
    fresh.session_state["history"] = at.session_state["history"]
    for _run in range(2):
        fresh.run()
        assert levers_in_address(fresh) == {"g": "1"}


@pytest.mark.parametrize("moved", [None, 5, "undo", [], {"all": 5}, {"all": [5]}, {"all": [{"n": "5"}]}])
def test_what_no_button_of_ours_sends_is_no_step(visit, moved):
    at = visit({"g": "1"})
    at.session_state["history"] = {"moved": moved}
    at.run()
    assert not at.exception
    assert levers_in_address(at) == {"g": "1"}


def test_what_is_offered_to_try_takes_its_preset(visit):
    at = visit(page="pages/chain_reaction.py")
    at.button_group(key="try_this").set_value("google_walks").run()
    assert levers_in_address(at) == {"gw": "no", "fl": "no"}
    assert "Google walks away" in headline(at)


def _places(block, path=()) -> dict:
    """Where each widget with a key stands in a part of the page."""
    places = {}
    for index, child in block.children.items():
        if getattr(child, "key", None):
            places[child.key] = (*path, index)
        places |= _places(child, (*path, index)) if hasattr(child, "children") else {}
    return places


def test_no_widget_of_the_panel_changes_its_place_whatever_comes_or_goes_between(visit):
    """What moves down is on the screen twice until the old one is overwritten."""
    at = visit({"g": "1"})
    first = _places(at.sidebar)
    assert {"preset", "more_levers_button", "steps"} <= first.keys()
    seen = dict(first)
    for change in (
        lambda: at.selectbox(key="preset").set_value("pause"),
        lambda: lever_of(at, "g").type("60.0"),
        lambda: at.button(key="more_levers_button").click(),
        lambda: at.toggle(key="lever_gw").set_value(False),
        lambda: press(at, "undo"),
        lambda: press(at, "undo"),
        lambda: at.button(key="more_levers_button").click(),
        lambda: press(at, "undo"),
        lambda: press(at, "redo"),
    ):
        change().run()
        now = _places(at.sidebar)
        assert first.keys() <= now.keys()
        assert {key: place for key, place in now.items() if seen.get(key, place) != place} == {}
        seen |= now


def test_the_horizon_is_a_view_and_survives_presets(visit):
    at = visit({"h": "2033"})
    at.selectbox(key="preset").set_value("pause").run()
    assert levers_in_address(at) == {"g": "0", "h": "2033"}


def test_changing_the_page_keeps_the_scenario(visit):
    at = visit({"g": "0"})
    for file in FILES:
        for name in list(at.query_params):  # as a click in the navigation does
            del at.query_params[name]
        at.switch_page(file).run()
        assert not at.exception
        assert levers_in_address(at) == {"g": "0"}


def test_another_address_in_the_same_visit_is_a_link(visit):
    at = visit({"g": "0"})
    at.query_params["g"] = "50"
    at.run()
    assert lever_of(at, "g").value == 50
    assert levers_in_address(at) == {"g": "50"}


def test_a_late_address_does_not_undo_a_move_of_the_hand(visit):
    at = visit({"g": "0"})
    at.query_params["g"] = "5"  # what a slow browser still showed when the slider was let go
    lever_of(at, "g").set_value(50.0).run()
    assert levers_in_address(at) == {"g": "50"}


def bar(at) -> dict:
    return sent(at, "bar")[-1]


def go_back(at, query, mark) -> None:
    """Send what a browser sends that went back to an entry of its history."""
    at.query_params.clear()
    at.query_params.update(query | {visit_state.MARK: mark})
    at.run()
    assert not at.exception


def test_only_a_preset_and_an_opened_link_add_an_entry_to_the_history(visit):
    at = visit({"g": "1"})
    assert bar(at)["entries"] == 0
    for change, entries in (
        (lambda: lever_of(at, "g").set_value(3.0), 0),
        (lambda: at.selectbox(key="preset").set_value("pause"), 1),
        (lambda: press(at, "undo"), 1),
        (lambda: press(at, "redo"), 1),
        (lambda: at.selectbox(key="preset").set_value("rates_9"), 2),
        (lambda: at.selectbox(key="preset").set_value("rates_9"), 2),  # it stands there already
        (lambda: press(at, "reset"), 2),
        (lambda: at.get_by_key("language").set_value("nl"), 2),
    ):
        change().run()
        assert not at.exception
        assert bar(at)["entries"] == entries


def test_a_view_choice_adds_no_entry(visit):
    at = visit(page="pages/neoclouds.py")
    at.button_group(key="co_pick").set_value("cipher").run()
    assert at.query_params["co"] == "cipher"
    assert bar(at)["entries"] == 0


def test_going_back_counts_also_to_the_query_that_the_browser_sent_last(visit):
    at = visit({"g": "1"})
    one = dict(at.query_params)
    lever_of(at, "g").set_value(3.0).run()
    go_back(at, one, "link1")
    assert levers_in_address(at) == {"g": "1"}
    assert bar(at)["heard"] == "link1"
    at.query_params = one | {visit_state.MARK: "link1"}  # the browser goes on sending that
    at.selectbox(key="preset").set_value("rates_9").run()
    at.query_params = one | {visit_state.MARK: "link1"}
    lever_of(at, "g").set_value(3.0).run()
    assert levers_in_address(at) == {"g": "3", "r": "9"}
    go_back(at, one, "link2")
    assert levers_in_address(at) == {"g": "1"}
    assert banner(at) == []


def test_going_back_counts_without_a_mark_too(visit):
    """As browsers tell it that cannot mark it: only the query is another one than they sent last."""
    at = visit({"g": "1"})
    one = dict(at.query_params)
    at.switch_page("pages/deals.py")
    at.query_params = one | {visit_state.MARK: "page1"}
    at.run()
    lever_of(at, "g").set_value(3.0).run()
    at.query_params = {"g": "7"}
    at.run()
    assert levers_in_address(at) == {"g": "7"}


def test_going_back_counts_more_than_a_lever_that_moved_at_the_same_time(visit):
    at = visit({"g": "1"})
    one = dict(at.query_params)
    lever_of(at, "g").set_value(3.0).run()
    at.query_params = one | {visit_state.MARK: "link1"}
    lever_of(at, "r").set_value(8.0).run()
    assert levers_in_address(at) == {"g": "1"}


def test_a_page_that_is_clicked_brings_no_scenario(visit):
    at = visit({"g": "1"})
    at.switch_page("pages/deals.py")
    clicked = {"g": "2", visit_state.MARK: "page1"}  # what the link said a moment ago
    at.query_params = dict(clicked)
    lever_of(at, "g").set_value(3.0).run()
    assert levers_in_address(at) == {"g": "3"}
    assert bar(at)["heard"] == "page1"
    at.query_params = dict(clicked)
    at.run()
    assert levers_in_address(at) == {"g": "3"}
    at.query_params = dict(clicked)
    lever_of(at, "r").set_value(8.0).run()
    assert levers_in_address(at) == {"g": "3", "r": "8"}


@pytest.mark.parametrize("mark", ["x", "link", "page9", ["link1", "link2"], "<b>"])
def test_a_mark_in_a_strangers_link_is_nothing(visit, mark):
    at = visit({"g": "1", visit_state.MARK: mark})
    assert levers_in_address(at) == {"g": "1"}
    assert banner(at) == []


@pytest.mark.parametrize(("locale", "label"), [("en-GB", "Pages"), ("nl-NL", "Pagina's")])
@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.name)
def test_the_navigation_has_every_page_in_the_readers_language(visit, entry, locale, label):
    (told,) = sent(visit(locale=locale, page=f"pages/{entry.name}.py"), "nav")
    first, *others = (one.name for one in PAGES)
    assert [path for path, _title in told["pages"]] == ["", *others]
    assert told["here"] == ("" if entry.name == first else entry.name)
    assert told["label"] == label
    assert ("Guarantors" in [name for _path, name in told["pages"]]) == (locale == "en-GB")


def test_an_embedded_page_has_no_navigation(visit, monkeypatch):
    monkeypatch.setattr(type(st.context), "is_embedded", True)
    assert sent(visit({"g": "0"}), "nav") == []


def test_an_embedded_page_tells_edited_data(visit, monkeypatch):
    monkeypatch.setattr(type(st.context), "is_embedded", True)
    assert "CoreWeave · cash (coreweave.cash:0.5)" in banner(visit({"o": "coreweave.cash:0.5"}))


def test_the_bar_says_the_language_of_the_page(visit):
    at = visit()
    assert bar(at)["lang"] == "en"
    at.get_by_key("language").set_value("nl").run()
    assert bar(at)["lang"] == "nl"


def test_edited_data_are_shown_kept_and_change_results(visit):
    at = visit({"o": "coreweave.cash:0.5"})
    assert "CoreWeave · cash (coreweave.cash:0.5)" in banner(at)
    assert at.query_params["o"] == "coreweave.cash:0.5"


def _figures(at) -> list[float]:
    """All numbers that the page draws."""
    traces = [[trace[axis] for axis in ("x", "y")] for figure in pictures(at) for trace in figure["data"]]
    return numbers_in([board(at), traces])


OPEN = {"row": "coreweave"}  # its chart too


def _ends():
    stressed = {"g": "-15", "u": "60", "r": "7"}
    for lever in levers():
        options = lever.options or (lever.low, lever.high)
        for value in options:
            if lever.check(value) == Scenario.default()[lever.id]:
                continue
            base = {**stressed, "t": "2026"} if lever.id == "t" else stressed
            yield pytest.param(
                base, {**base, lever.id: lever.format(lever.check(value))}, id=f"{lever.id}={value}"
            )


@pytest.fixture(scope="module")
def stressed():
    """The figures of a link that many levers are compared with; one visit for all of them."""
    seen = {}

    def figures(link):
        name = tuple(link.items())
        if name not in seen:
            seen[name] = _figures(open_app({**link, **OPEN}))
        return seen[name]

    return figures


@pytest.mark.parametrize(("base", "link"), list(_ends()))
def test_every_lever_moves_a_figure_at_both_ends(visit, stressed, base, link):
    before, after = stressed(base), _figures(visit({**link, **OPEN}))
    differs = len(before) != len(after) or max(abs(a - b) for a, b in zip(before, after, strict=True)) > 1e-6
    assert differs


def test_names_and_words_exist_for_every_lever_and_neocloud():
    assert set(words.LEVERS) == {lever.id for lever in levers()}
    assert set(NEOCLOUDS) <= set(words.NAMES)
    assert {lever.group for lever in levers()} - {"main"} == set(words.GROUPS)
    assert set(words.CHOICES) == {choice for lever in levers() for choice in lever.choices}
    assert Scenario.default()["f"] in words.CHOICES
