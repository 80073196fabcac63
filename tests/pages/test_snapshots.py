"""A visit looks at data of one date: chosen, kept, shared, and found again by an old link."""

import json

import pytest

from core.model import engine
from core.results import headline_then
from core.results.reading import read
from core.scenario import link, receipt
from core.scenario.levers import Scenario
from core.web.web import load_web
from tests import third, two_snapshots
from tests.apptest import can, charts, headline, lever_of, press, told
from tests.pages.test_frame import banner
from tests.pages.test_share import boxes, captions, receipt_of
from tests.third import FIRST, GONE, THIRD

PAUSE = Scenario.default(FIRST).replace(g=0)
OLD_DAY, NEW_DAY = "December 31, 2025", "September 30, 2026"


def footer(at) -> str:
    """The line at the foot of a page: above the list of dates, where there are several."""
    lines = [*(one.value for one in at.caption), *(one.label for one in at.selectbox)]
    return next(line for line in lines if line.startswith("Data as of "))


def choices(at) -> list:
    return [one for one in at.selectbox if one.key and one.key.endswith("_snapshot")]


def test_with_data_of_one_date_there_is_no_choice(visit, tmp_path):
    assert choices(visit())
    with two_snapshots.in_use(third.first_alone(tmp_path / "data")):
        at = visit()
        assert OLD_DAY in footer(at)
        assert not choices(at)
        assert "data" not in at.query_params


@pytest.mark.usefixtures("two_dates")
def test_a_choice_of_data_changes_the_figures_is_shared_and_undone(visit):
    at = visit({"g": "0"})
    assert NEW_DAY in footer(at)
    at.selectbox(key="footer_snapshot").set_value(FIRST).run()
    assert not at.exception
    assert OLD_DAY in footer(at)
    assert at.query_params["data"] == FIRST
    figures = headline_then.headline_figures(read(engine.run(load_web(FIRST), PAUSE)))
    assert headline_then.differences(receipt_of(at), figures) == ()
    assert receipt_of(at)["s"] == FIRST
    lever_of(at, "r").set_value(5.0).run()
    assert at.query_params["data"] == FIRST
    press(at, "undo").run()
    press(at, "undo").run()
    assert NEW_DAY in footer(at)
    assert "data" not in at.query_params
    press(at, "redo").run()
    assert at.query_params["data"] == FIRST
    press(at, "reset").run()
    assert at.query_params["data"] == FIRST
    assert "g" not in at.query_params
    again = visit(dict(at.query_params.items()))
    assert OLD_DAY in footer(again)
    assert banner(again) == []


def shown(at) -> dict:
    """Where the panel has the levers whose default is another one in the made-up data."""
    return {word: lever_of(at, word).value for word in OF_FIRST}


OF_FIRST = {"g": 0, "r": 3.75, "b": 35, "d": 20}
OF_THIRD = {"g": 0, "r": 3.5, "b": 30, "d": 15}


@pytest.mark.usefixtures("two_dates")
def test_levers_that_nobody_touched_go_along_with_the_data_and_the_others_stay(visit):
    at = visit({"g": "0", "d": "15"}, opened=["more_levers", "steps"])
    assert shown(at) == OF_THIRD
    at.selectbox(key="footer_snapshot").set_value(FIRST).run()
    assert not at.exception
    assert shown(at) == OF_FIRST | {"d": 15}  # named by the link, where it stood at the default
    assert {word: at.query_params.get(word) for word in "grbd"} == {"g": "0", "r": None, "b": None, "d": "15"}
    assert lever_of(at, "r").data["today"]["words"] == "today 3.75"
    assert at.button(key="step_1").label == f"data of {OLD_DAY}"
    press(at, "undo").run()
    assert shown(at) == OF_THIRD
    press(at, "redo").run()
    assert shown(at) == OF_FIRST | {"d": 15}
    again = visit(dict(at.query_params.items()), opened=["more_levers"])
    assert shown(again) == shown(at)
    press(at, "reset").run()
    assert shown(at) == OF_FIRST | {"g": 35}
    at.selectbox(key="preset").set_value("glut").run()
    assert shown(at) == OF_FIRST | {"g": -20, "b": 60, "d": 35}
    at.selectbox(key="footer_snapshot").set_value(THIRD).run()
    assert shown(at) == OF_THIRD | {"g": -20, "b": 60, "d": 35}
    assert at.selectbox(key="preset").value == "glut"


@pytest.mark.usefixtures("two_dates")
@pytest.mark.parametrize("data", [{}, {"data": FIRST}])
def test_nothing_has_moved_where_the_levers_stand_as_the_data_have_them(visit, data):
    at = visit(data)
    assert not can(at, "reset")
    assert at.selectbox(key="preset").value == "base"
    assert headline(at).startswith("On the figures of")
    assert not {"r", "b", "d"} & set(at.query_params)
    bent = visit({"r": "x", **data})
    stays = "3.75" if data else "3.5"
    assert any(f"it stays at {stays}" in line for line in banner(bent))
    (table,) = visit({"part": "levers", **data}, page="pages/data.py").dataframe
    assert table.value.iloc[1, -1] == f"{stays}\u00a0%"


@pytest.mark.usefixtures("two_dates")
def test_the_page_data_offers_the_same_choice(visit):
    at = visit(page="pages/data.py")
    at.selectbox(key="page_snapshot").set_value(FIRST).run()
    assert not at.exception
    assert at.selectbox(key="footer_snapshot").value == FIRST
    assert OLD_DAY in footer(at)


@pytest.mark.usefixtures("two_dates")
@pytest.mark.parametrize("given", ["1999-12-31", "x", "2025-12-31x", "<b>"])
def test_data_that_there_are_not_are_told_and_the_latest_shown(visit, given):
    at = visit({"data": given, "g": "0"})
    assert NEW_DAY in footer(at)
    assert any("There are no data of" in line and THIRD in line for line in banner(at))
    assert "data" not in at.query_params


@pytest.mark.usefixtures("two_dates")
def test_figures_changed_by_hand_come_along_as_far_as_the_other_data_know_them(visit):
    at = visit({"data": FIRST, "o": [f"{GONE}.cash:5", "coreweave.cash:5"]})
    assert not any("left out" in line for line in banner(at))
    at.selectbox(key="footer_snapshot").set_value(THIRD).run()
    assert not at.exception
    assert at.query_params["o"] == "coreweave.cash:5"
    told = [one.value for one in at.text]
    assert any(f"'{GONE}.cash:5'" in line and FIRST in line for line in told)
    lever_of(at, "r").set_value(5.0).run()
    assert not any(f"'{GONE}.cash:5'" in one.value for one in at.text)


def old_link(**changes) -> dict:
    """A link as the model before this one wrote it: no date, there was only the first."""
    web = load_web(FIRST, overrides={f"{GONE}.cash": 5.0})
    then = headline_then.headline_figures(read(engine.run(web, PAUSE))) | {
        "m": "2026.11",
        "l": headline_then.link_mark(PAUSE, ["g"], [f"{GONE}.cash:5"]),
        "d": "0a1b2c",
    }
    return {"m": "2026.11", "g": "0", "o": f"{GONE}.cash:5", "k": receipt.make_receipt(then | changes)}


@pytest.mark.usefixtures("two_dates")
@pytest.mark.parametrize("changes", [{}, {"s": FIRST, "m": link.MODEL_VERSION}])
def test_an_old_link_tells_then_and_now_and_opens_on_its_own_data_by_one_click(visit, changes):
    at = visit(old_link(**changes))
    assert NEW_DAY in footer(at)
    assert f"The data are of {NEW_DAY}; when shared, they were of {OLD_DAY}." in captions(at)
    assert any("when shared" in line for line in boxes(at))
    assert any(f"'{GONE}.cash:5'" in line and FIRST in line for line in banner(at))
    assert at.button(key="reopen").label == f"Open it on the data of {OLD_DAY}"
    at.button(key="reopen").click().run()
    assert not at.exception
    assert OLD_DAY in footer(at)
    assert at.query_params["data"] == FIRST
    assert at.query_params["o"] == f"{GONE}.cash:5"
    assert not any("left out" in line for line in banner(at))
    assert "The figures are those of when this link was shared." in captions(at)
    press(at, "undo").run()
    assert NEW_DAY in footer(at)


@pytest.mark.usefixtures("two_dates")
def test_an_older_link_without_a_receipt_opens_on_the_data_it_knew_by_one_click(visit):
    at = visit({"m": "2026.11", "g": "0"})
    assert NEW_DAY in footer(at)
    assert any("made with model 2026.11" in line for line in banner(at))
    at.button(key="reopen").click().run()
    assert not at.exception
    assert OLD_DAY in footer(at)
    assert at.query_params["data"] == FIRST
    assert at.query_params["g"] == "0"
    assert not [one for one in at.button if one.key == "reopen"]
    of_today = visit({"m": link.MODEL_VERSION, "g": "0"})
    assert not [one for one in of_today.button if one.key == "reopen"]


COMPARE = "pages/compare.py"


@pytest.mark.usefixtures("two_dates")
@pytest.mark.parametrize("locale", ["en-GB", "nl-NL"])
def test_compare_sets_one_date_against_the_other_and_splits_by_groups(visit, locale):
    at = visit(
        {"g": "0", "from": "now", "fromdata": FIRST, "o": "coreweave.cash:9"}, page=COMPARE, locale=locale
    )
    assert not at.exception
    days = (OLD_DAY, NEW_DAY) if locale == "en-GB" else ("31 december 2025", "30 september 2026")
    sides = next(one.value for one in at.caption if one.value.startswith("A: "))
    assert all(day in sides for day in days)
    found = told(at)
    assert ("Debt and cash" if locale == "en-GB" else "Schuld en kas") in found
    assert ("What only one date knows" if locale == "en-GB" else "Wat maar op één datum bekend is") in found
    assert at.query_params["fromdata"] == FIRST
    again = visit(dict(at.query_params.items()), page=COMPARE, locale=locale)
    assert charts(again) == charts(at)


@pytest.mark.usefixtures("two_dates")
def test_a_side_is_put_on_data_of_another_date_and_back(visit):
    at = visit({"g": "0", "from": "now"}, page=COMPARE)
    assert any("same scenario" in one.value for one in at.markdown)
    at.selectbox(key="fromdata_pick").set_value(FIRST).run()
    assert not at.exception
    assert at.query_params["fromdata"] == FIRST
    assert not any("same scenario" in one.value for one in at.markdown)
    at.selectbox(key="fromdata_pick").set_value(THIRD).run()
    assert any("same scenario" in one.value for one in at.markdown)


@pytest.mark.usefixtures("two_dates")
@pytest.mark.parametrize("story", ["now", "base", "glut"])
def test_each_side_stands_where_its_own_data_have_the_levers(visit, story):
    at = visit({"from": story, "to": story, "fromdata": FIRST}, page=COMPARE)
    sides = next(one.value for one in at.caption if one.value.startswith("A: "))
    a, b = sides.splitlines()
    assert "Interest rate" not in sides
    assert (
        a.removeprefix("A: ").partition(" · ")[0].strip() == b.removeprefix("B: ").partition(" · ")[0].strip()
    )
    assert "The levers come last" not in told(at)
    assert not any("Levers that were moved" in one.value for one in (*at.markdown, *at.dataframe, *at.table))


@pytest.mark.usefixtures("two_dates")
def test_what_a_side_names_stays_when_its_data_change(visit):
    at = visit({"from": "r:3.5", "to": "g:0,r:3.75"}, page=COMPARE)
    for date in (FIRST, THIRD):
        for side in ("from", "to"):
            at.selectbox(key=f"{side}data_pick").set_value(date).run()
        assert not at.exception
        assert (at.query_params["from"], at.query_params["to"]) == ("r:3.5", "g:0,r:3.75")


@pytest.mark.usefixtures("two_dates")
def test_a_link_pasted_into_compare_stands_on_its_own_data(visit):
    at = visit({"g": "0"}, page=COMPARE, opened=["from_own"])
    at.text_input(key="from_link").set_value(f"https://x.org/?g=10&data={FIRST}&o=coreweave.cash:5").run()
    assert not at.exception
    assert (at.query_params["from"], at.query_params["fromdata"]) == ("g:10", FIRST)
    assert any("1 changed figure was left out" in one.value for one in at.text)
    at.text_input(key="from_link").set_value("https://x.org/?g=12").run()
    assert at.query_params["from"] == "g:12"
    assert "fromdata" not in at.query_params


@pytest.mark.usefixtures("two_dates")
@pytest.mark.parametrize("given", ["1999-12-31", "x", "<b>"])
def test_data_of_a_side_that_there_are_not_are_told(visit, given):
    at = visit({"g": "0", "from": "now", "fromdata": given}, page=COMPARE)
    assert not at.exception
    assert "fromdata" not in at.query_params
    assert any("'fromdata'" in line for line in banner(at))


@pytest.mark.usefixtures("two_dates")
def test_two_sides_on_data_that_are_not_on_the_screen_say_whose_they_are(visit):
    link = {"g": "0", "from": "base", "fromdata": FIRST, "todata": FIRST, "why": "failed_count"}
    at = visit(link, page=COMPARE)
    sides = next(one.value for one in at.caption if one.value.startswith("A: "))
    assert sides.count(OLD_DAY) == 2
    found = told(at).replace(headline(at), "")  # that is of the data on the screen
    assert "of seven" in found
    assert "of six" not in found


@pytest.mark.usefixtures("two_dates")
def test_levers_are_told_beside_groups(visit):
    link = {"g": "0", "r": "8", "from": "base", "fromdata": FIRST, "why": "pensions.loss"}
    at = visit(link, page=COMPARE)
    assert "The levers come last, on the data of B." in told(at)
    chart = next(one for one in charts(at) if one["key"] == "chart_why")
    (hover,) = [text for text in chart["figure"]["data"][0]["customdata"] if text.startswith("The levers")]
    assert "nothing moved → AI demand grows 0\u00a0%" in hover


def test_a_pasted_link_that_only_names_data_is_taken(visit):
    at = visit({"g": "0"}, page=COMPARE, opened=["from_own"])
    at.text_input(key="from_link").set_value(f"https://x.org/?data={FIRST}").run()
    assert at.query_params["from"] == "-"


@pytest.mark.usefixtures("two_dates")
@pytest.mark.parametrize(("data", "years"), [({}, "2026 Q4"), ({"data": FIRST}, "2026")])
def test_a_part_of_a_year_is_not_told_as_a_year(visit, data, years):
    at = visit({"deal": "circle", **data}, page="pages/deals.py")
    drawn = json.dumps(charts(at), ensure_ascii=False).replace("\u00a0", " ")
    assert f"Chips and network in {years}, at most" in drawn
