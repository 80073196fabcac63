"""The routes of rooms: pages of the audience and the speaker, their event streams, and votes.

The audience are no sessions of Streamlit. A stream tells the present state first, then every new one, and a
comment now and then so that no proxy thinks it dead; it ends with the room or with who listens.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from pages.kit.audience.listener import Listener
from pages.kit.audience.rooms import LIFE, ROOMS, Full, Room, Rooms
from pages.kit.audience.shown import Refused
from pages.kit.frame.share import as_data
from pages.kit.server import room_page
from pages.kit.visit.visit import LANGUAGES, preferred
from pages.kit.words.catalogue import N_, translations

VOTER = "voter"  # the cookie by which a browser's answers are one: a mark of chance, seen by rooms alone
MOST_BODY = 1024  # bytes of an answer
PATIENCE = 10.0  # s that an answer, or a listener that does not take what it is sent, is waited for
ALIVE = 15.0  # s without a message after which a comment goes out
TICK = 0.5  # s
RETRY = (1000, 4000)  # ms after which a browser comes back; by chance, so that a hall does not come at once
YEAR = 31_536_000  # s
AGAIN = N_("Look at the code on the screen again. A room ends with its presenter or after four hours.")
STREAM = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx passes each message on
}
PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
_MARK = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
SPOKEN = {  # what is wrong with an answer -> status, and how it is said
    "closed": (409, N_("The vote is closed.")),
    "other": (409, N_("That question is over.")),
    "kind": (400, N_("That is not an answer to this question.")),
    "range": (422, N_("That number is outside the slider.")),
    "step": (422, N_("That number is between two stops of the slider.")),
    "option": (422, N_("That is none of the options.")),
    "often": (429, N_("Too many answers at once. Please wait a second.")),
    "stranger": (
        403,
        N_("This browser has not come in by the room’s page, or keeps no cookie. Load the page anew."),
    ),
    "large": (413, N_("That is too large for an answer.")),
    "gone": (410, N_("This room has ended. Nothing of it is kept.")),
    "unknown": (404, N_("There is no such room.")),
}


class RoomRoutes:
    """Routes to the rooms of a process, under the path of the app; `faces` gives the paths of its faces."""

    def __init__(
        self,
        base: str = "",
        rooms: Rooms = ROOMS,
        faces: Callable[[], Sequence[str]] = tuple,
        address: Callable[[Scope], str] | None = None,
    ) -> None:
        self.base, self.rooms, self._faces = base, rooms, faces
        self.address = address or (lambda scope: f"{scope['scheme']}://{Headers(scope=scope)['host']}{base}")
        self._ticking: asyncio.Task | None = None
        self._is_stopping = False
        self._streams: set[Stream] = set()

    @contextmanager
    def until_stopped(self) -> Iterator[None]:
        """End all streams when the process is told to stop: a server waits for what is open."""
        loop, before = asyncio.get_running_loop(), {}

        def stop(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self.hang_up)
            before[number](number, frame)

        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                handler = signal.getsignal(number)
                if callable(handler):  # the server's own
                    before[number] = handler
                    signal.signal(number, stop)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def hang_up(self) -> None:
        """End all streams and begin no other; who listens asks again, and is told by the next server."""
        self._is_stopping = True
        self.rooms.hang_up()

    def routes(self) -> list[Route]:
        """Return the routes; from now on there is a way to the rooms."""
        self.rooms.is_served = True
        base = self.base
        return [
            Route(f"{base}/r", self.entrance),
            Route(f"{base}/r/{{code}}", self.page),
            Route(f"{base}/r/{{code}}/events", self.events),
            Route(f"{base}/r/{{code}}/vote", self.vote, methods=["POST"]),
            Route(f"{base}/speak/{{code}}", self.speaker),
            Route(f"{base}/speak/{{code}}/events", self.speaker_events),
            Route(f"{base}/screen/{{code}}", self.screen),
            *(Route(f"{base}/{name}", self.file) for name in room_page.SERVED),
        ]

    async def file(self, request: Request) -> Response:
        """Answer with a script or style sheet of these pages."""
        body, kind = room_page.SERVED[request.url.path.rpartition("/")[2]]
        return Response(
            body, media_type=kind, headers={"Cache-Control": f"public, immutable, max-age={YEAR}"}
        )

    async def entrance(self, request: Request) -> Response:
        """Answer with a field for a code, or lead to the room of the code that was given in it."""
        language = _language(request)
        if code := "".join(filter(str.isalnum, request.query_params.get("code", "")))[
            : room_page.LONGEST_CODE
        ]:
            return RedirectResponse(f"{self.base}/r/{code.upper()}?lang={language}", 303, PRIVATE)
        return HTMLResponse(room_page.entrance(self.base, language), headers=PRIVATE)

    async def page(self, request: Request) -> Response:
        """Answer with the audience's page, and give the browser the mark of its answers."""
        room, voter = self._found(request), _voter(request)
        if room is None:
            return self._nowhere(request)
        language = _language(request)
        if not room.knows(voter):
            voter = voter or secrets.token_urlsafe(16)
            if not self.rooms.comers.takes(_address(request)):
                return self._full(request)
            try:
                room.welcome(voter)
            except Full:
                return self._full(request)
        answer = HTMLResponse(room_page.audience(room, self.base, language), headers=PRIVATE)
        answer.set_cookie(
            VOTER,
            voter,
            max_age=int(LIFE),
            path=f"{self.base}/r",
            httponly=True,
            secure=request.url.scheme == "https",
            samesite="lax",  # a link from a chat leads back to one's own answer
        )
        return answer

    async def events(self, request: Request) -> Response:
        """Answer with the audience's event stream."""
        room = self._found(request)
        if room is None:
            return self._nowhere(request)
        return self._stream(request, room, Listener(_language(request), Bell(), is_speaker=False))

    async def speaker(self, request: Request) -> Response:
        """Answer with the speaker's page to who holds the token; to others as to a wrong code."""
        room = self._driven(request)
        if room is None:
            return self._nowhere(request)
        language = _language(request, room.language)
        return HTMLResponse(room_page.speaker(room, self.base, language, self._faces()), headers=PRIVATE)

    async def screen(self, request: Request) -> Response:
        """Answer with what the presenter's own screen shows of a vote, to who holds the token."""
        room = self._driven(request)
        if room is None:
            return self._nowhere(request)
        language = _language(request, room.language)
        way = f"{self.address(request.scope)}/r/{room.code}"
        html = room_page.screen(room, self.base, language, way, as_data(way), self._faces())
        return HTMLResponse(html, headers=PRIVATE)

    async def speaker_events(self, request: Request) -> Response:
        """Answer with the speaker's event stream."""
        room = self._driven(request)
        if room is None:
            return self._nowhere(request)
        return self._stream(
            request, room, Listener(_language(request, room.language), Bell(), is_speaker=True)
        )

    async def vote(self, request: Request) -> Response:
        """Count an answer, ``{"vote": number of the question, "answer": number or option}``."""
        room = self._found(request)
        if room is None:
            return _refuse(
                request, "gone" if self.rooms.has_ended(request.path_params["code"]) else "unknown"
            )
        if not self.rooms.answers.takes(_address(request)):
            return _refuse(request, "often")
        body = await _small(request)
        if body is None:
            return _refuse(request, "large")
        if not request.headers.get("content-type", "").startswith("application/json"):
            return _refuse(request, "kind")  # a form on another site can send no JSON
        try:
            given = json.loads(body)
            number, answer = given["vote"], given["answer"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return _refuse(request, "kind")
        try:
            mine = room.vote(_voter(request), number, answer)
        except Refused as refused:
            return _refuse(request, refused.why)
        return JSONResponse({"mine": mine}, headers=PRIVATE)

    # ---- who comes in

    def _found(self, request: Request) -> Room | None:
        """Find the room of a request, unless it is not public, or its address has guessed too often.

        Who came in before stays in, whatever others behind the same address do.
        """
        room, address = self.rooms.find(request.path_params["code"]), _address(request)
        if room is None or not room.public:
            self.rooms.guesses.takes(address)
            return None
        return None if self.rooms.guesses.is_spent(address) and not room.knows(_voter(request)) else room

    def _driven(self, request: Request) -> Room | None:
        """Find the room of a presenter; a wrong token is a wrong guess."""
        code, token = request.path_params["code"], request.query_params.get("driver", "")
        if room := self.rooms.driven(code, token):
            return room
        self.rooms.guesses.takes(_address(request))
        return None

    def _nowhere(self, request: Request) -> Response:
        """Answer for a code that leads nowhere; a room that is not public is none."""
        code, language = request.path_params["code"], _language(request)
        say = translations(language).gettext
        if self.rooms.guesses.is_spent(_address(request)):
            status = 429
            told, more = say(N_("Too many wrong codes")), say(N_("Please wait a moment and try again."))
        elif self.rooms.has_ended(code):
            status, told = 410, say(N_("This room has ended"))
            more = say(N_("Nothing of it is kept. The app itself is open to everybody."))
        else:
            status, told = 404, say(N_("There is no such room"))
            more = say(AGAIN)
        return HTMLResponse(room_page.entrance(self.base, language, told, more, code), status, PRIVATE)

    def _full(self, request: Request) -> Response:
        language = _language(request)
        say = translations(language).gettext
        told, more = say(N_("This room is full")), say(N_("Please try again in a moment."))
        html = room_page.entrance(self.base, language, told, more, request.path_params["code"])
        return HTMLResponse(html, 503, PRIVATE | {"Retry-After": "20"})

    # ---- streams

    def _stream(self, request: Request, room: Room, listener: Listener) -> Response:
        if request.method == "HEAD":  # a page asks why its stream was refused
            return Response(headers=STREAM) if room.has_place(listener) else self._full(request)
        try:
            if self._is_stopping:
                raise Full
            room.listen(listener, _voter(request))
        except Full:
            return self._full(request)
        if self._ticking is None or self._ticking.done():
            self._ticking = asyncio.ensure_future(self._tick())
            self.rooms.courier = self._carry(asyncio.get_running_loop())
        return Stream(room, listener, self._streams)

    @staticmethod
    def _carry(loop: asyncio.AbstractEventLoop) -> Callable[[Callable[[], object]], None]:
        """Return how messages reach listeners of a loop: all at once, in its thread.

        A session that rang each bell itself would give way to other threads at each.
        """

        def carry(put: Callable[[], object]) -> None:
            with suppress(RuntimeError):  # the loop is over
                loop.call_soon_threadsafe(put)

        return carry

    async def _tick(self) -> None:
        """Do what time asks for while anybody listens; else rooms look at the clock when asked."""
        while self.rooms.listening():
            await asyncio.sleep(TICK)
            self.rooms.tick()
            for stream in list(self._streams):
                stream.tend(time.monotonic())


class Bell:
    """Wakes one task of the loop that it was made in, from any thread."""

    def __init__(self) -> None:
        self._loop, self._thread, self.rung = (
            asyncio.get_running_loop(),
            threading.get_ident(),
            asyncio.Event(),
        )

    def __call__(self) -> None:
        """Ring; a loop that is over hears nothing."""
        if threading.get_ident() == self._thread:
            self.rung.set()
        else:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self.rung.set)


class Stream(Response):
    """The event stream of one listener, until the room ends, or the listener goes or stands still."""

    def __init__(self, room: Room, listener: Listener, streams: set[Stream]) -> None:
        super().__init__(headers=STREAM)
        del self.headers["content-length"]
        self._room, self._listener, self._streams = room, listener, streams
        self._since, self._is_sending, self._is_silent, self._is_given_up = (
            time.monotonic(),
            False,
            False,
            False,
        )
        self._task: asyncio.Task | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve it; whatever ends it, the listener is forgotten."""
        gone = asyncio.ensure_future(_until_gone(receive))
        gone.add_done_callback(lambda _task: self._listener.ring())
        self._task = asyncio.current_task()
        self._streams.add(self)
        rung = self._listener.ring.rung
        body = f"retry: {random.randint(*RETRY)}\n\n".encode()
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            while not gone.done():
                rung.clear()
                is_last = self._listener.is_over  # what comes last has been put before that
                body += self._listener.take() or (b":\n\n" if self._is_silent else b"")
                self._since, self._is_sending, self._is_silent = time.monotonic(), True, False
                await send({"type": "http.response.body", "body": body, "more_body": not is_last})
                self._is_sending = False
                if is_last:
                    return
                body = b""
                await rung.wait()
        except OSError:
            pass  # it has gone
        except asyncio.CancelledError:
            if not self._is_given_up:
                raise
        finally:
            self._streams.discard(self)
            self._room.leave(self._listener)
            gone.cancel()

    def tend(self, now: float) -> None:
        """Let a comment go out where nothing has for a while; give up who takes nothing any more."""
        if self._is_sending and now - self._since > PATIENCE and self._task:
            self._is_given_up = True
            self._task.cancel()
        elif not self._is_sending and now - self._since > ALIVE:
            self._is_silent = True
            self._listener.ring()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _small(request: Request) -> bytes | None:
    """Return the body of a request; None for one too large or too slow, which is not read on."""
    length = request.headers.get("content-length", "")
    if length and (not length.isdecimal() or int(length[:9]) > MOST_BODY or len(length) > 9):
        return None
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for part in request.stream():
                body += part
                if len(body) > MOST_BODY:
                    return None
    except (TimeoutError, ClientDisconnect):
        return None
    return bytes(body)


def _refuse(request: Request, why: str) -> Response:
    """Answer that an answer does not count, and why, in the reader's language."""
    status, words = SPOKEN[why]
    told = dict(PRIVATE)
    if why == "often":
        told["Retry-After"] = "1"
    if why == "large":
        told["Connection"] = "close"  # what is still on its way is not read
    says = translations(_language(request)).gettext(words)
    return JSONResponse({"why": why, "says": says}, status, told)


def _language(request: Request, otherwise: str = "") -> str:
    """Return the reader's language: the address's, else that of the room or of the browser."""
    asked = request.query_params.get("lang", "").strip().lower()[:2]
    return asked if asked in LANGUAGES else otherwise or preferred(request.headers.get("accept-language", ""))


def _voter(request: Request) -> str:
    mark = request.cookies.get(VOTER, "")
    return mark if _MARK.fullmatch(mark) else ""


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
