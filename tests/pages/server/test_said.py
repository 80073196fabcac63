"""What is said outside a session: in the reader's words, with bounded work, on pictures that hold it."""

import asyncio
import io
import threading
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from PIL import Image

from core.scenario.levers import Scenario
from pages.kit.frame import ready
from pages.kit.frame.frame import PAGES
from pages.kit.server import card, front, said, served, unfurl
from pages.kit.server.kept import Kept
from pages.kit.visit import visit
from pages.kit.words.catalogue import _
from tests.apart import run
from tests.apptest import headline, open_app

CODES = ("failed", "renegotiated", "distressed", "stretched", "supported", "holds")


# ---- a reader without a session


def test_a_reader_is_spoken_to_in_his_language_and_nobody_else_is():
    reader = visit.Reader(visit.Step(Scenario.default().replace(g=0)), "nl")
    with visit.reading(reader):
        assert _("Overview") == "Overzicht"
        assert visit.scenario()["g"] == 0
        with visit.reading(replace(reader, language="en")):
            assert _("Overview") == "Overview"
        assert _("Overview") == "Overzicht"
    at = open_app({"g": "10", "lang": "en"})
    assert headline(at).startswith("If AI demand grows by 10")


def test_readers_in_threads_do_not_hear_each_other():
    heard, start = {}, threading.Barrier(2)

    def speak(language):
        with visit.reading(visit.Reader(said.START, language)):
            start.wait(60)
            heard[language] = {_("Overview") for _turn in range(100)}

    threads = [threading.Thread(target=speak, args=(language,)) for language in visit.LANGUAGES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert heard == {"nl": {"Overzicht"}, "en": {"Overview"}}


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"), ("nl", "nl"), ("nl-BE,nl;q=0.9", "nl"), ("de,nl;q=0.8,en;q=0.7", "en"), ("en,nl", "en"),
        ("x" * 9999, "en"), (",;=q", "en"), (" NL-be ; q=1.000", "nl"), ("*", "en"),
    ],
)  # fmt: skip
def test_the_language_is_the_first_of_a_browser_as_it_is_on_the_page(accepted, language):
    assert visit.preferred(accepted) == language
    first = accepted.partition(",")[0].partition(";")[0].strip()
    assert open_app(locale=first).session_state["lang"] == language


BENT = (
    *(
        "?g=10%23",
        "/g=-2%23=%0A",
        "%253Fg=10%23",
        "%0Ag=10%23",
        "?lang=nl%23",
        "%20/g=-2%0A",
        "%0A%23%3Fr=6.5",
    ),
    *(
        "",
        "g=10",
        "g=-2",
        "g=-2%23lang=nl",
        "lang=nl%23g=-2",
        "g=10%26r=6.5",
        "g=3D10&r=3D6.5",
        "g=10&amp;r=6.5",
    ),
    *(
        "g=10;r=6.5",
        "g=10?r=6.5",
        "?g=10",
        "g=10&g=20",
        "g=&r=6.5",
        "g",
        "=10",
        "g=+10",
        "g=%2B10",
        "g=1%200",
    ),
    *(
        "G=10&LANG=NL",
        "lang=NL",
        "lang=nl&lang=en",
        "lang=xx",
        "g=10%0A&r=6",
        "g=10%250A",
        "g%3D10%26lang%3Dnl",
    ),
    *(
        "u=https://x.example/?g=10%26r=6.5",
        "q=https%3A%2F%2Fx.example%2F%3Fg%3D10",
        "https://x.example/?g=10",
    ),
    *("g=10,r=6,5", "r=6,5", "g=10%20r=6.5", "%22g=10%22", "(g=10)", "g=10)&lang=nl.", "o=coreweave.cash:5"),
    *(
        "o=coreweave.cash:5%26g=10",
        "g=10&embed=true%26lang=nl",
        "_=link1&g=10",
        "g=10&_=%26r=6",
        "&" * 1500 + "g=10",
    ),
    *(
        "g=%E2%88%922",
        "g=10&data=2025-12-31",
        "embed=https://x.example/?g=10",
        "g=3D=10",
        "g=10#r=9",
        "g=10=%0Ar=6",
    ),
)


@pytest.mark.parametrize("query", BENT)
def test_the_head_reads_a_link_as_the_page_does(query):
    link = said.read(PAGES[0], query, "en-GB")
    handed = parse_qs(query, keep_blank_values=True) if query.count("&") < said.MOST_FIELDS else {}
    page = open_app(handed).session_state
    assert (link.step, link.language) == (page["step"], page["lang"])


def test_a_link_keeps_what_its_page_knows_and_nothing_else():
    neoclouds = next(entry for entry in PAGES if entry.name == "neoclouds")
    query = "g=0&co=cipher&tab=plane&k=x&utm_source=y&lang=nl"
    assert said.read(neoclouds, query).query() == "m=2026.13&g=0&co=cipher&lang=nl"
    assert said.read(PAGES[0], query).query() == "m=2026.13&g=0&lang=nl"
    assert said.read(PAGES[0], "").query() == ""
    assert said.read(PAGES[0], "lang=nl").query() == "lang=nl"
    assert said.read(PAGES[0], "m=2026.10&g=0").query() == "m=2026.10&g=0"
    assert said.read(PAGES[0], "g=0" + "&x" * said.LONGEST).query() == ""


def test_a_model_that_takes_long_to_compile_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(ready, "is_ready", lambda *, now=False: False)
    link, told = run(front.Front().hear(PAGES[0], "g=0&lang=nl", ""))
    assert (link.step.scenario["g"], link.language) == (0, "nl")
    assert told == said.default("nl")


@pytest.mark.parametrize(
    ("query", "language", "is_embedded"),
    [
        ("g=0&lang=nl&embed=true", "nl", True), ("embed=TRUE&lang=en", "en", True), ("LANG=NL", "nl", False),
        ("g=0", "nl", False), ("xlang=en&notembed=true", "nl", False), ("lang=xx&embed=truer", "nl", False),
        ("lang=en&k=" + "A" * said.LONGEST + "&embed=true", "en", True),
    ],
)  # fmt: skip
def test_in_a_rush_a_link_keeps_its_language_and_may_be_framed(query, language, is_embedded):
    door = front.Front()

    async def busy(_key):
        return None

    door._heard.ask = busy
    ready.is_ready()
    link, told = run(door.hear(PAGES[0], query, "nl"))
    assert (link.language, link.is_embedded, link.is_read) == (language, is_embedded, False)
    assert told == said.default(language)


# ---- what is served where something is broken

SHELL = b"""<html><head><meta charset="UTF-8"><link rel="stylesheet" href="x.css"></head></html>"""


def test_a_face_that_cannot_be_opened_stops_nothing(caplog):
    css = "".join(
        f"@font-face {{ font-family: '{name}'; src: url(x.woff2) }}" for name in (served.SERIF, served.SANS)
    )

    async def app(scope, _receive, send):
        body = {"/": SHELL, "/x.css": css.encode()}.get(scope["path"], b"no face")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    door = front.Front()
    door.inner = app
    assert run(door.open()).html == SHELL.decode()
    assert "could not be drawn" in caplog.text
    for language in visit.LANGUAGES:
        assert Image.open(io.BytesIO(door._defaults[language])).size == (1200, 630)
    assert Image.open(io.BytesIO(door._draw((said.START, "nl")))).size == (1200, 630)


def test_an_app_that_fails_leaves_every_answer_its_policy(caplog):
    async def app(_scope, _receive, _send):
        raise RuntimeError("broken")

    door = front.Front()
    door.inner = app
    assert run(door.policy()).startswith("default-src 'self'")
    assert "could not be taken over" in caplog.text


# ---- answers that are kept


def test_few_answers_are_made_at_a_time_each_once_and_the_queue_ends():
    made, busy, most = [], [0], [0]
    lock, two, go = threading.Lock(), threading.Event(), threading.Event()

    def make(key):
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
            if busy[0] == 2:
                two.set()
        go.wait(60)
        with lock:
            busy[0] -= 1
            made.append(key)
        return key * 2

    async def ask():
        kept = Kept(make, at_once=2, waiting=5, kept=5)
        asked = [asyncio.ensure_future(kept.ask(key)) for key in (1, 1, 2, 3, 4, 5, 6, 7)]
        assert await asyncio.to_thread(two.wait, 60)
        go.set()
        answers = await asyncio.gather(*asked)
        return answers, [await kept.ask(key) for key in (5, 4, 3, 2, 1)]

    answers, again = run(ask())
    assert answers == [2, 2, 4, 6, 8, 10, None, None]
    assert again == [10, 8, 6, 4, 2]
    assert most[0] == 2
    assert sorted(made) == [1, 2, 3, 4, 5]


def test_what_nobody_has_asked_for_lately_is_let_go():
    made = []

    async def ask():
        kept = Kept(lambda key: made.append(key) or key, at_once=1, waiting=1, kept=2)
        return [await kept.ask(key) for key in (1, 2, 1, 3, 1, 2)]

    assert run(ask()) == [1, 2, 1, 3, 1, 2]
    assert made == [1, 2, 3, 2]


def test_what_fails_is_nothing_and_is_tried_again(caplog):
    turns = iter((ValueError("no"), None))

    def make(_key):
        if fault := next(turns):
            raise fault
        return "made"

    async def ask():
        kept = Kept(make, at_once=1, waiting=1, kept=1)
        return [await kept.ask("x") for _turn in range(2)]

    assert run(ask()) == [None, "made"]
    assert "could not be made" in caplog.text


def test_who_goes_away_takes_an_answer_from_nobody_else():
    go = threading.Event()

    async def ask():
        kept = Kept(lambda key: go.wait(60) and key, at_once=1, waiting=1, kept=1)
        first, second = (asyncio.ensure_future(kept.ask("x")) for _one in range(2))
        await asyncio.sleep(0)
        first.cancel()
        go.set()
        return await second

    assert run(ask()) == "x"


# ---- where the app is served


@pytest.mark.parametrize(
    ("setting", "host", "address"),
    [
        ("", "a.example", "https://a.example"),
        ("", "a.example:8501", "https://a.example:8501"),
        ("", "[::1]:8501", "https://[::1]:8501"),
        ("", 'x"><script>', "https://inside:80"),
        ("", "", "https://inside:80"),
        ("https://b.example/", "a.example", "https://b.example"),
        ("http://b.example:81/x/y/", "a.example", "http://b.example:81/x/y"),
        ("ftp://b.example", "a.example", "https://a.example"),
        ('https://b.example"><x', "a.example", "https://a.example"),
    ],
)
def test_the_address_is_the_setting_or_the_requests(monkeypatch, setting, host, address):
    monkeypatch.setenv(front.PUBLIC, setting)
    scope = {"scheme": "https", "server": ("inside", 80), "headers": [(b"host", host.encode())]}
    assert front.Front().address(scope) == address


# ---- the picture


def drawn(told):
    return Image.open(io.BytesIO(card.draw(told, served.Faces()))).convert("RGB")


@pytest.mark.parametrize("code", CODES)
def test_a_card_shows_every_way_to_stand(code):
    one = said.Standing("CoreWeave", code, "words")
    told = said.Said("A sentence.", "", "en", (one,) * 8, "calls", "dated")
    picture, bare = drawn(told), drawn(replace(told, standing=()))
    assert picture.size == (1200, 630)
    bars = picture.crop((card.EDGE, card.ROW, 1200 - card.EDGE, card.ROW + card.BAR))
    assert bars.tobytes() != bare.crop((card.EDGE, card.ROW, 1200 - card.EDGE, card.ROW + card.BAR)).tobytes()
    other = said.Standing("CoreWeave", "holds" if code != "holds" else "failed", "words")
    assert picture.tobytes() != drawn(replace(told, standing=(other,) * 8)).tobytes()


@pytest.mark.parametrize("words", ["word " * 200, "w" * 900, "", "  ", "a\nb", "Ω ☃ é"])
def test_no_sentence_leaves_the_card(words):
    standing = (said.Standing("x" * 90, "failed", "y " * 90),) * 8
    picture = drawn(said.Said(words, words, "nl", standing, words, words))
    paper = picture.getpixel((0, 0))
    for edge in ((0, 0, 40, 630), (1180, 0, 1200, 630), (0, 0, 1200, 40), (0, 610, 1200, 630)):
        assert set(picture.crop(edge).getcolors()) == {((edge[2] - edge[0]) * (edge[3] - edge[1]), paper)}


def test_a_description_ends_at_a_word():
    told = said.Said("s", "word " * 200, "en")
    assert len(unfurl.description(told)) <= unfurl.LONGEST + 2
    assert unfurl.description(told).endswith("word …")
