"""The pages of a room in a browser: two phones guess, vote and see the result; the speaker's keys; an end."""

import json
import re
import sys
import urllib.request

import pytest

from tests.browser import server
from tests.browser.test_axe import faults
from tests.browser.test_front import REFUSED
from tests.rooms_app import DEMAND, SHOWN

pytestmark = pytest.mark.browser


class Rooms(server.Server):
    """The routes of rooms with a presenter, without the app."""

    def command(self):
        at = ["--host", "127.0.0.1", "--port", str(self.port)]
        return [sys.executable, "-m", "uvicorn", "tests.rooms_app:app", *at]


@pytest.fixture(scope="module")
def address(chromium):
    rooms = Rooms()
    try:
        yield rooms.start()
    finally:
        rooms.stop()


@pytest.fixture
def present(address):
    """Do what a presenter does, in the server."""

    def do(what, **more):
        body = json.dumps({"do": what, **more}).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{address}/present", body), timeout=60) as answer:
            return json.load(answer)

    return do


@pytest.fixture
def phone(chromium, address):
    """Open a page as in a fresh browser: phone(path, locale); all are closed, and none may have failed."""
    pages, failed = [], []

    def open_page(path, locale="en-GB", viewport=server.PHONE):
        context = chromium.new_context(locale=locale, viewport=viewport)
        context.add_init_script(REFUSED)
        page = context.new_page()
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.goto(f"{address}{path}")
        pages.append(page)
        return page

    yield open_page
    refused = [page.evaluate("window.refused") for page in pages]
    for page in pages:
        page.context.close()
    assert failed == []
    assert refused == [[] for _page in pages]


def test_two_phones_guess_vote_and_see_the_result_and_one_forks(phone, present):
    room = present("open")
    english, dutch = phone(f"/r/{room['code']}"), phone(f"/r/{room['code'].lower()}", "nl-NL")
    english.get_by_role("heading", name=SHOWN.headline["en"]).wait_for()
    dutch.get_by_role("heading", name=SHOWN.headline["nl"]).wait_for()
    card = english.locator("#shown img")
    card.wait_for()
    assert "/card.png?m=1&g=0&lang=en" in card.get_attribute("src")
    assert faults(english) == []

    present("ask", code=room["code"], kind="number")
    english.get_by_role("heading", name=DEMAND.words["en"]).wait_for()
    slider = english.get_by_role("slider")
    slider.focus()
    for _stop in range(2):
        english.keyboard.press("ArrowLeft")
    assert english.locator("output").text_content() == "8\u00a0%"
    assert slider.get_attribute("aria-valuetext") == "8\u00a0% a year"
    present("show", code=room["code"], step=7)  # whatever else comes, the slider stays where the hand left it
    dutch.get_by_text("Nu op het scherm").wait_for()
    assert slider.input_value() == "8"
    english.get_by_role("button", name="Send my guess").click()
    english.get_by_text("Your guess: 8\u00a0%.").wait_for()
    dutch.get_by_role("button", name="Mijn schatting versturen").click()
    dutch.get_by_text("Uw schatting: 10\u00a0%.").wait_for()
    dutch.get_by_role("slider").press("ArrowRight")
    dutch.get_by_role("button", name="Mijn schatting wijzigen").click()
    dutch.get_by_text("Uw schatting: 11\u00a0%.").wait_for()
    english.get_by_text("2 of 2 answered").wait_for()
    assert english.locator("#result").is_hidden()
    assert faults(english) == []
    dutch.reload()  # and knows its answer
    dutch.get_by_text("Uw schatting: 11\u00a0%.").wait_for()
    assert dutch.get_by_role("slider").input_value() == "11"
    assert present("close_vote", code=room["code"])["answers"] == [11, 8]
    english.get_by_text("The vote is closed").wait_for()
    assert english.get_by_role("button", name="Change my guess").is_disabled()

    present("reveal", code=room["code"])
    english.get_by_role("heading", name="The room says 8 %").wait_for()
    dutch.get_by_text("Minder: 1 van 2. CoreWeave valt om.").wait_for()
    assert faults(dutch) == []
    for page in (english, dutch):
        drawing = page.get_by_role("img")
        assert drawing.locator("circle.dot").count() == 2
        dots = {
            kind: drawing.locator(kind).bounding_box()["x"] for kind in (".dot.fails", ".dot:not(.fails)")
        }
        line = drawing.locator("line.main").bounding_box()["x"]
        assert dots[".dot.fails"] < line <= dots[".dot:not(.fails)"]
        wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1]
    assert dutch.get_by_text("CoreWeave, 9,4\u00a0%").count() == 1
    link = dutch.get_by_role("link", name="Open hier de hele app")
    assert link.get_attribute("href") == "/neoclouds?m=1&g=0&lang=nl"

    present("ask", code=room["code"], kind="choice")
    dutch.get_by_role("button", name="<b>Niemand</b>").click()
    dutch.get_by_text("Uw schatting: <b>Niemand</b>.").wait_for()
    present("reveal", code=room["code"])
    english.get_by_role("heading", name="<b>xAI</b>").wait_for()
    assert english.get_by_role("listitem").all_inner_texts()[2].split("\n") == ["<b>Nobody</b>", "1 of 1"]
    present("end", code=room["code"])


def test_the_speaker_sees_what_comes_and_drives_the_other_window(phone, present):
    room = present("open")
    page = phone(f"/speak/{room['code']}?driver={room['driver']}", viewport={"width": 1280, "height": 720})
    page.get_by_text("seven of seven fail").wait_for()
    assert page.locator(".notes").text_content().endswith("<script>alert(1)</script>")
    rows = page.get_by_role("row").all_inner_texts()
    assert [row.split() for row in rows[:2]] == [
        ["AI", "demand", "grows", "0", "%", "a", "year", "stays"],
        ["Google", "honours", "its", "promises", "yes", "→", "no"],
    ]
    page.get_by_text("0 listening").wait_for()
    assert faults(page) == []
    listener = phone(f"/r/{room['code']}")
    page.get_by_text("1 listening").wait_for()
    assert room["driver"] not in listener.content()

    other = page.context.new_page()  # the app's page, of the same browser
    other.goto(page.url.replace("/speak/", "/r/").partition("?")[0])
    other.evaluate(
        """code => {
          window.heard = [];
          new BroadcastChannel(`backstop-${code}`).onmessage = ({ data }) => heard.push(data);
        }""",
        room["code"],
    )
    page.bring_to_front()
    for key in ("ArrowRight", "Shift+Space", "n", "1", "Enter", "PageUp", "b", "Escape", "Control+b", "x"):
        page.keyboard.press(key)
    page.get_by_role("button", name="H the result").click()
    page.get_by_label("Minutes to speak").fill("20")
    page.get_by_label("Minutes to speak").press("5")
    page.keyboard.press("Tab")
    other.wait_for_function("heard.length >= 9")
    keys = [(one["key"], one["shift"]) for one in other.evaluate("heard")]
    told = ["ArrowRight", " ", "n", "1", "Enter", "PageUp", "b", "Escape", "h"]
    assert keys == [(key, key == " ") for key in told]
    assert page.locator("#left").text_content() == "205:00 left"
    page.get_by_label("Minutes to speak").fill("20")
    page.get_by_role("button", name="Start the clock").click()
    page.get_by_text(re.compile(r"19:5\d left")).wait_for()
    assert re.fullmatch(r"\d\d:\d\d", page.locator("#clock").text_content())
    present("end", code=room["code"])
    page.get_by_text("This room has ended").wait_for()


def test_a_phone_is_told_when_the_room_or_the_server_is_gone(phone, present):
    room = present("open")
    page = phone(f"/r/{room['code']}", "nl-NL")
    page.get_by_role("heading", name=SHOWN.headline["nl"]).wait_for()
    present("end", code=room["code"])
    page.get_by_text("Deze zaal is gesloten").wait_for()
    assert page.get_by_role("link").get_attribute("href") == "/neoclouds?m=1&g=0&lang=nl"  # where it was
    page.reload()
    page.get_by_role("heading", name="Deze zaal is gesloten").wait_for()
    assert faults(page) == []

    room = present("open")  # as a server that begins anew in the middle: streams end, nobody knows the room
    page.goto(page.url.rpartition("/")[0] + f"/{room['code']}")
    page.get_by_role("heading", name=SHOWN.headline["nl"]).wait_for()
    present("lose", code=room["code"])
    page.get_by_text("De verbinding is weg").wait_for()
    page.get_by_text("Deze zaal is gesloten").wait_for()
    assert page.get_by_role("link").get_attribute("href") == "/neoclouds?m=1&g=0&lang=nl"
