"""The routes of rooms over real connections: pages, streams, answers, faults, thirty listeners."""

import asyncio
import gzip
import json
import re
import signal
import socket
import threading
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest
import uvicorn
from starlette.applications import Starlette

from pages.kit.audience import rooms as module
from pages.kit.audience.rooms import Rooms
from pages.kit.server import front, room_page
from pages.kit.server import rooms as routes
from tests import rooms_app
from tests.apart import run
from tests.listeners import Guest, ask
from tests.rooms_app import DEMAND, FIRST, RESULT, SHOWN, STAGED


@contextmanager
def serving(house, base=""):
    """Serve rooms, with the middlewares of the front door, on a free port; gives it."""
    around = rooms_app.app.user_middleware
    app = Starlette(routes=routes.RoomRoutes(base, house).routes(), middleware=around)
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        place.listen(128)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, server_header=False, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [place]})
        thread.start()
        try:
            yield place.getsockname()[1]
        finally:
            server.should_exit = server.force_exit = True
            thread.join(20)


@pytest.fixture
def house():
    return Rooms("A")


@pytest.fixture
def port(house):
    with serving(house) as found:
        yield found


def text_of(port, path, language="en", method="GET"):
    told = {"Accept-Language": language, "Accept-Encoding": "gzip"}
    status, headers, body = run(ask(port, method, path, told))
    return status, headers, gzip.decompress(body) if headers.get("content-encoding") and body else body


# ---- pages


@pytest.mark.parametrize(
    ("language", "word"), [("en-GB,nl;q=0.5", "Connecting"), ("nl-BE", "Verbinding maken")]
)
def test_the_page_is_small_and_speaks_the_readers_language(house, port, language, word):
    room = house.open("en")
    room.publish(SHOWN)
    status, headers, body = run(ask(port, "GET", f"/r/{room.code.lower()}", {"Accept-Language": language}))
    assert status == 200
    assert word in body.decode()
    assert len(body) < 6_000
    assert f'lang="{language[:2]}"' in body.decode()
    assert room.driver not in body.decode()
    assert headers["cache-control"] == "no-store"
    assert re.fullmatch(
        r"voter=[\w-]{22}; HttpOnly; Max-Age=14400; Path=/r; SameSite=lax", headers["set-cookie"]
    )
    scripts = re.findall(r'(?:src|href)="(/[\w-]+\.(?:js|css))"', body.decode())
    assert len(scripts) == 4
    for path in scripts:
        status, headers, file = text_of(port, path)
        assert (status, headers["content-encoding"]) == (200, "gzip")
        assert "immutable" in headers["cache-control"]
        assert len(gzip.compress(file)) < 6_000


def test_no_page_has_a_script_of_its_own_or_a_style_from_elsewhere(house):
    room = house.open("en")
    for page in (room_page.audience, room_page.speaker):
        html = page(room, "/base", "nl")
        assert re.findall(r"<script(?![^>]*src=\"/base/)", html) == []
        assert "http" not in html
        assert " on" not in " ".join(re.findall(r"<[^>]*>", re.sub(r'data-words="[^"]*"', "", html)))


def test_the_entrance_leads_to_the_room_of_a_code(house, port):
    status, _headers, body = text_of(port, "/r", "nl")
    assert (status, b"Welke zaal?" in body) == (200, True)
    status, headers, _body = text_of(port, "/r?code=+ab-cd/e&lang=nl")
    assert (status, headers["location"]) == (303, "/r/ABCDE?lang=nl")
    assert text_of(port, "/r?code=%0d%0aX:y")[1]["location"] == "/r/XY?lang=en"


@pytest.mark.parametrize(
    ("language", "words"), [("en", "There is no such room"), ("nl", "Die zaal bestaat niet")]
)
@pytest.mark.parametrize(
    "path", ["/r/ZZZZZ", "/r/ZZZZZ/events", "/speak/ZZZZZ?driver=x", "/speak/ZZZZZ/events"]
)
def test_a_wrong_code_has_a_page_of_its_own(port, path, language, words):
    status, _headers, body = text_of(port, path, language)
    assert (status, words in body.decode()) == (404, True)
    status, _headers, body = run(ask(port, "POST", "/r/ZZZZZ/vote", {"Accept-Language": language}, b"{}"))
    assert status == 404
    assert words in json.loads(body)["says"]


def test_a_hostile_code_is_written_as_text(port):
    status, _headers, body = text_of(port, "/r/%22%3E%3Cscript%3E")
    assert status == 404
    assert b'value="&quot;&gt;&lt;SCRIPT&gt;"' in body


def test_an_ended_and_a_full_room_have_pages_of_their_own(house, port, monkeypatch):
    monkeypatch.setattr(module, "MOST_VOTERS", 1)
    monkeypatch.setattr(module, "MOST_LISTENERS", 0)
    room = house.open("en")
    assert text_of(port, f"/r/{room.code}")[0] == 200
    status, headers, body = text_of(port, f"/r/{room.code}", "nl")
    assert (status, "Deze zaal is vol" in body.decode()) == (503, True)
    assert headers["retry-after"]
    assert text_of(port, f"/r/{room.code}/events")[0] == 503
    assert text_of(port, f"/r/{room.code}/events", method="HEAD")[0] == 503
    room.end()
    for path in (f"/r/{room.code}", f"/r/{room.code}/events"):
        status, _headers, body = text_of(port, path, "nl")
        assert (status, "Deze zaal is gesloten" in body.decode()) == (410, True)
    status, _headers, body = run(ask(port, "POST", f"/r/{room.code}/vote", {"Accept-Language": "nl"}, b"{}"))
    assert (status, json.loads(body)["why"]) == (410, "gone")


def test_a_private_room_is_none_until_it_is_opened(house, port):
    room = house.open("en", public=False)
    for path in (f"/r/{room.code}", f"/r/{room.code}/events"):
        assert text_of(port, path)[0] == 404
    assert run(Guest(port, room.code, "voter=" + "x" * 22).vote(1, 5))[0] == 404
    assert text_of(port, f"/speak/{room.code}?driver={room.driver}")[0] == 200
    room.admit()
    assert text_of(port, f"/r/{room.code}")[0] == 200


def test_only_the_presenter_sees_the_speakers_page_and_leaves_no_trace_of_the_token(house, port):
    room, other = house.open("nl"), house.open("nl")
    room.stage(STAGED)
    for token in ("", "x", other.driver):
        for path in (f"/speak/{room.code}", f"/speak/{room.code}/events"):
            assert text_of(port, f"{path}?driver={token}")[0] == 404
    status, headers, body = text_of(port, f"/speak/{room.code}?driver={room.driver}", "en")
    assert (status, headers["referrer-policy"]) == (200, "no-referrer")
    assert 'lang="nl"' in body.decode()  # the room's, as the presenter's app speaks
    assert room.driver not in body.decode()
    assert "Wait for the line" not in body.decode()


def test_guesses_are_slowed_down_and_nobody_who_is_in_is_thrown_out(house, port, monkeypatch):
    room = house.open("en")
    guest = Guest(port, room.code)

    async def guess():
        assert await guest.come() == 200
        told = [(await ask(port, "GET", f"/r/ZZZ{n:02}"))[0] for n in range(module.GUESSES + 10)]
        assert told[: module.GUESSES - 1] == [404] * (module.GUESSES - 1)
        assert 429 in told
        house.guesses.takes = lambda _address: False
        house.guesses.is_spent = lambda _address: True
        stranger = Guest(port, room.code)
        assert await stranger.come() == 429
        assert await stranger.listen() == 429
        assert await guest.listen() == 200
        await guest.go()

    run(guess())


def test_the_path_of_the_app_is_kept(house):
    room = house.open("en")
    room.ask(DEMAND)
    with serving(house, "/deep/app") as port:
        status, headers, body = text_of(port, f"/deep/app/r/{room.code}")
        assert (status, "Path=/deep/app/r;" in headers["set-cookie"]) == (200, True)
        assert f'data-events="/deep/app/r/{room.code}/events' in body.decode()
        script = re.search(r'src="([^"]+)"', body.decode())[1]
        assert text_of(port, script)[0] == 200
        assert text_of(port, f"/deep/app/r?code={room.code}")[1]["location"].startswith("/deep/app/r/")


# ---- the stream


def _step(guest):
    shown = guest.states()[-1]["shown"] if guest.states() else None
    return shown and shown["step"]


def test_the_stream_is_not_held_up_by_what_stands_around_it(house, port):
    room = house.open("en")
    room.publish(SHOWN)
    head = run(ask(port, "HEAD", f"/r/{room.code}/events", {"Accept-Encoding": "gzip, br"}))[1]
    assert head["content-type"].startswith("text/event-stream")
    assert (head["cache-control"], head["x-accel-buffering"]) == ("no-store", "no")
    assert "content-encoding" not in head

    async def hear():
        guest = Guest(port, room.code, cookie="x=y\r\nAccept-Encoding: gzip, br\r\nLast-Event-ID: 1")
        assert await guest.listen() == 200
        await guest.heard(lambda one: len(one.told) == 1)
        room.publish(replace(SHOWN, step=7))
        await guest.heard(lambda one: _step(one) == 7)
        room.end()
        await asyncio.wait_for(guest.over.wait(), 30)
        assert guest.told[-1].event == "over"

    run(hear())
    assert house.listening() == 0


def test_a_silent_stream_is_kept_alive_by_comments(house, port, monkeypatch):
    monkeypatch.setattr(routes, "ALIVE", 0.02)
    monkeypatch.setattr(routes, "TICK", 0.01)
    room = house.open("en")

    async def hear():
        guest = Guest(port, room.code)
        await guest.listen()
        await guest.heard(lambda one: one.comments > 3)
        await guest.go()

    run(hear())


def test_a_listener_who_goes_is_forgotten_at_once(house, port):
    room = house.open("en")

    async def come_and_go():
        guests = [Guest(port, room.code) for _guest in range(10)]
        for guest in guests:
            await guest.listen()
        assert room.count().listeners == 10
        for guest in guests[3:]:
            await guest.go()
        await guests[0].heard(lambda _one: room.count().listeners == 3)
        for guest in guests[:3]:
            await guest.go()
        await guests[0].heard(lambda _one: room.count().listeners == 0)

    run(come_and_go())


def test_a_listener_who_takes_nothing_is_given_up_and_holds_up_nobody(house, port, monkeypatch):
    monkeypatch.setattr(routes, "PATIENCE", 0.3)
    monkeypatch.setattr(routes, "TICK", 0.05)
    room = house.open("en")
    stuck = socket.socket()
    stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stuck.connect(("127.0.0.1", port))
    stuck.sendall(f"GET /r/{room.code}/events HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    async def hear():
        guest = Guest(port, room.code)
        await guest.listen()
        await guest.heard(lambda _one: room.count().listeners == 2)
        step = 0
        async with asyncio.timeout(30):
            while room.count().listeners == 2:
                step += 1
                room.publish(replace(SHOWN, step=step, line="x" * 100_000))
                await guest.heard(lambda one, step=step: _step(one) == step)
        await guest.go()

    run(hear())
    stuck.close()


def test_each_of_thirty_listeners_hears_every_move_and_each_answer_counts_once(house, port):
    room = house.open("en")
    room.publish(SHOWN)

    def present():
        for step in range(20):
            room.publish(replace(SHOWN, step=step, of=20, line=f"{step}"))
            settled.wait(0.002)

    settled = threading.Event()

    async def hear():
        guests = [Guest(port, room.code) for _guest in range(30)]
        for guest in guests:
            assert await guest.come() == 200
            assert await guest.listen() == 200
        thread = threading.Thread(target=present)  # as a session of Streamlit does
        thread.start()
        for guest in guests:
            await guest.heard(lambda one: one.states() and one.states()[-1]["shown"]["line"] == "19")
            lines = [state["shown"]["line"] for state in guest.states()]
            assert lines == ["", *map(str, range(20))]
        thread.join(20)
        room.ask(DEMAND)
        told = await asyncio.gather(*(guest.vote(1, place) for place, guest in enumerate(guests)))
        told += await asyncio.gather(*(guest.vote(1, place + 1) for place, guest in enumerate(guests)))
        assert {status for status, _told in told} == {200}
        assert sorted(room.votes().values()) == list(range(1, 31))
        await guests[0].heard(lambda one: one.told[-1].data["votes"] == 30)
        room.reveal(RESULT)
        for guest in guests:
            await guest.heard(lambda one: one.states()[-1]["result"])
            await guest.go()

    run(hear())
    assert room.median() in (15, 16)


def test_a_server_that_is_told_to_stop_ends_its_streams(house, monkeypatch):
    told = []
    monkeypatch.setattr(house, "hang_up", lambda: told.append("rooms"))
    loop = SimpleNamespace(call_soon_threadsafe=lambda do: do())
    monkeypatch.setattr(routes.asyncio, "get_running_loop", lambda: loop)
    before = signal.signal(signal.SIGTERM, lambda *_how: told.append("server"))
    try:
        with routes.RoomRoutes("", house).until_stopped():
            signal.raise_signal(signal.SIGTERM)
        assert told == ["rooms", "server"]
        signal.raise_signal(signal.SIGTERM)  # the server's own again
        assert told == ["rooms", "server", "server"]
    finally:
        signal.signal(signal.SIGTERM, before)


def test_streams_that_are_ended_are_no_end_of_the_room(house, port):
    room = house.open("en")

    async def hear():
        guest = Guest(port, room.code)
        await guest.listen()
        await guest.heard(lambda one: one.states())
        house.hang_up()
        await asyncio.wait_for(guest.over.wait(), 30)
        assert [one.event for one in guest.told] == ["state"]
        assert await guest.listen() == 200
        await guest.go()

    run(hear())


# ---- answers


@pytest.mark.parametrize(
    ("answer", "status", "why"),
    [
        (101, 422, "range"), (0.5, 422, "step"), ("5", 400, "kind"), (None, 400, "kind"), (True, 400, "kind"),
        (float("nan"), 422, "range"), (10**300, 422, "range"), ([1], 400, "kind"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_refused_with_a_sentence(house, port, answer, status, why):
    room = house.open("en")
    room.ask(DEMAND)
    guest = Guest(port, room.code)

    async def send():
        await guest.come()
        return await guest.vote(1, answer)

    found, told = run(send())
    assert (found, told["why"]) == (status, why)
    assert told["says"].endswith(".")
    assert room.votes() == {}


def test_other_faults_of_an_answer_are_refused_too(house, port):
    room = house.open("en")
    room.ask(FIRST)
    guest = Guest(port, room.code)

    async def send():
        assert (await guest.vote(1, "xai"))[0] == 403  # it has no cookie
        await guest.come()
        assert (await guest.vote(1, "nobody"))[0] == 422
        assert (await guest.vote(7, "xai"))[0] == 409
        assert (await guest.vote(1, "xai", kind="text/plain"))[0] == 400  # what a form elsewhere can send
        assert await guest.vote(1, "xai") == (200, {"mine": "xai"})
        told = [await guest.vote(1, "xai") for _vote in range(10)]
        assert 429 in [status for status, _told in told]
        stranger = Guest(port, room.code, cookie=f"voter={'x' * 22}")
        assert (await stranger.vote(1, "xai"))[0] == 403
        room.close_vote()
        await asyncio.sleep(0.6)
        assert (await guest.vote(1, "xai"))[1]["why"] == "closed"
        house.answers.takes = lambda _address: False
        status, told = await guest.vote(1, "xai")
        assert (status, told["why"]) == (429, "often")

    run(send())
    assert list(room.votes().values()) == ["xai"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"5", b"null", b'{"vote":1}', b"\xff", b"[" * 1000, b'"' * 900]
)
def test_a_body_that_is_no_answer_is_refused(house, port, body):
    room = house.open("en")
    room.ask(DEMAND)
    headers = {"Content-Type": "application/json"}
    assert run(ask(port, "POST", f"/r/{room.code}/vote", headers, body))[0] == 400


def test_a_large_body_is_refused_before_it_has_come(house, port):
    room = house.open("en")
    start = f"POST /r/{room.code}/vote HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n".encode()
    for told in (
        b"Content-Length: 10000000\r\n\r\n",
        b"Content-Length: 1025\r\n\r\n",
        b"Content-Length: 99999999999999\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as sent:
            sent.sendall(start + told)  # and nothing of the body
            assert sent.recv(100).startswith(b"HTTP/1.1 413")
    with socket.create_connection(("127.0.0.1", port), timeout=20) as sent:
        sent.sendall(
            start + b"Transfer-Encoding: chunked\r\n\r\n" + b"400\r\n" + b"x" * 1024 + b"\r\n1\r\nx\r\n"
        )
        assert sent.recv(100).startswith(b"HTTP/1.1 413")  # of a body without an end


def test_a_body_that_never_comes_is_not_waited_for(house, port, monkeypatch):
    monkeypatch.setattr(routes, "PATIENCE", 0.05)
    room = house.open("en")
    with socket.create_connection(("127.0.0.1", port), timeout=20) as sent:
        sent.sendall(f"POST /r/{room.code}/vote HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n".encode())
        assert sent.recv(100).startswith(b"HTTP/1.1 413")


# ---- the front door


def test_the_front_door_has_the_routes():
    paths = {route.path for route in front.Front().routes()}
    assert {"/r", "/r/{code}", "/r/{code}/events", "/r/{code}/vote", "/speak/{code}", "/card.png"} <= paths
    assert module.ROOMS.is_served


def test_the_door_lets_a_stream_and_an_answer_pass(door):
    for path, words in (("/r", "Which room?"), ("/r/ZZZZZ?lang=nl", "Die zaal bestaat niet")):
        answer = door.ask(path)
        assert words in answer.text()
        assert "script-src" in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "no-referrer"
    assert door.ask("/r/ZZZZZ/vote", "POST").status == 404
    assert door.ask("/neoclouds").headers["referrer-policy"] == "same-origin"
