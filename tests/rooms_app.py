"""The routes of rooms as a small app, and a presenter who is moved by requests: for tests alone."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from io import BytesIO

from PIL import Image
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from pages.kit.audience.rooms import ROOMS
from pages.kit.audience.shown import Question, Shown
from pages.kit.server import headers
from pages.kit.server.packed import WORTH, Packed, Zipped
from pages.kit.server.rooms import RoomRoutes

SHOWN = Shown(
    "neoclouds",
    "m=1&g=0&lang=en",
    {"en": "Neoclouds", "nl": "Neoclouds"},
    {
        "en": "For four years CoreWeave earns its interest.",
        "nl": "Vier jaar lang verdient CoreWeave zijn rente.",
    },
    6,
    11,
)
DEMAND = Question(
    "number",
    {
        "en": "How much will the demand for AI computing grow each year?",
        "nl": "Hoeveel groeit de vraag naar AI-rekenkracht elk jaar?",
    },
    30.0,
    -50.0,
    100.0,
    1.0,
    10.0,
    {"en": "%", "nl": "%"},
    {"en": "a year", "nl": "per jaar"},
    {"en": "In the data it grows 35 % a year.", "nl": "In de cijfers groeit zij 35 % per jaar."},
)
FIRST = Question(
    "choice",
    {"en": "Who fails first?", "nl": "Wie valt het eerst om?"},
    options={
        "coreweave": {"en": "CoreWeave"},
        "xai": {"en": "xAI"},
        "<b>": {"en": "<b>Nobody</b>", "nl": "<b>Niemand</b>"},
    },
)
RESULT = {
    "says": {
        "en": "The room says 8 %. CoreWeave needs 9.4 %.",
        "nl": "De zaal zegt 8 %. CoreWeave heeft 9,4 % nodig.",
    },
    "rest": {
        "en": "At 8 % a year four of seven fail.",
        "nl": "Bij 8 % per jaar vallen er vier van de zeven om.",
    },
    "median": 8,
    "today": 35,
    "breaks": [{"name": "CoreWeave", "at": 9.4}, {"name": "Fluidstack", "at": 1.2}],
    "band": [[-50, -31, "#d96a3f"], [-31, 1.2, "#f0b98a"], [1.2, 9.4, "#f3e3b5"], [9.4, 100, "#dfe9dc"]],
}
STAGED = {
    "title": "<i>The story</i>",
    "step": 6,
    "steps": [
        *[{"title": f"Step {number}", "headline": "Nothing yet."} for number in range(1, 6)],
        {
            "title": "Neoclouds",
            "headline": "For four years CoreWeave earns its interest.",
            "say": "",
            "query": "m=2026.13&g=0",
            "notes": "Wait for the line to reach one.\n<script>alert(1)</script>",
        },
        {
            "title": "Google walks away",
            "headline": "If Google then walks away, seven of seven fail.",
            "query": "m=2026.13&g=-20",
            "does": [
                {"name": "AI demand grows", "now": "0 % a year", "then": "0 % a year"},
                {"name": "Google honours its promises", "now": "yes", "then": "no"},
                {"name": "Companies that fail", "now": "5 of 7", "then": "7 of 7", "first": True},
                {"name": "TeraWulf", "now": "supported", "then": "fails 2030 Q2", "alarm": True},
            ],
        },
        *[{"title": f"Step {number}", "headline": "Nothing more."} for number in range(8, 12)],
    ],
}


async def present(request: Request) -> Response:
    """Do what a presenter does, ``{"do": name, "code": code, …}``, in a thread as a session does it."""
    given = await request.json()
    done = {}
    thread = threading.Thread(target=lambda: done.update(_do(**given)))
    thread.start()
    while thread.is_alive():
        await asyncio.sleep(0.002)
    return JSONResponse(done)


def _do(do: str, code: str = "", **more) -> dict:
    if do == "open":
        room = ROOMS.open("en", **more)
        room.publish(SHOWN)
        room.stage(STAGED)
        return {"code": room.code, "driver": room.driver}
    room = ROOMS.find(code)
    if do == "lose":
        ROOMS._rooms.clear()
        room.hang_up()
    if do == "moves":
        threading.Thread(target=_move, args=(room, *more.values())).start()
    elif do == "show":
        room.publish(replace(SHOWN, **more))
    elif do == "ask":
        room.ask(DEMAND if more["kind"] == "number" else FIRST)
    elif do == "reveal":
        room.reveal(RESULT if room.question.kind == "number" else {"says": "<b>xAI</b>", "model": "xai"})
    elif do in ("close_vote", "reopen_vote", "hide", "withdraw", "end", "admit"):
        getattr(room, do)()
    return {
        "answers": sorted(room.votes().values(), key=str),
        "median": room.median(),
        **room.count()._asdict(),
    }


def _move(room, count: int, every: float) -> None:
    """Publish so many moves, each with the time at which it was published, in ns of the machine's clock."""
    began = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, began + number * every - time.monotonic()))
        room.publish(replace(SHOWN, step=number, of=count, line=f"{time.monotonic_ns()}"))


async def _health(_request: Request) -> Response:
    return PlainTextResponse("ok")


async def _card(_request: Request) -> Response:
    picture = BytesIO()
    Image.new("RGB", (1200, 630)).save(picture, "PNG")
    return Response(picture.getvalue(), media_type="image/png")


async def _policy() -> str:
    return headers.policy("")


PRESENT = Route("/present", present, methods=["POST"])
_ROOMS = RoomRoutes()


@asynccontextmanager
async def _lifespan(_app: object) -> AsyncIterator[None]:
    with _ROOMS.until_stopped():
        yield


app = Starlette(
    lifespan=_lifespan,
    routes=[PRESENT, Route("/_stcore/health", _health), Route("/card.png", _card), *_ROOMS.routes()],
    middleware=[
        Middleware(headers.Headers, policy=_policy),
        Middleware(Zipped, minimum_size=WORTH),
        Middleware(Packed),
    ],
)
