"""The front door: Streamlit's page with a head that speaks, the card of a link, oEmbed, and paths gone wrong.

`asgi.py` puts its routes and middleware around the app. A reader gets Streamlit's own answer; ours
are its head, and the page for a path that leads nowhere, where Streamlit shows its first one.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import streamlit as st
from plotly.offline import get_plotlyjs
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers as Sent
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.kit.drawing import plot
from pages.kit.frame import ready
from pages.kit.frame.frame import PAGES, Entry
from pages.kit.server import card, headers, lost, said, served, unfurl
from pages.kit.server.kept import Kept
from pages.kit.server.packed import WORTH, Packed, Zipped
from pages.kit.server.paths import lead
from pages.kit.server.rooms import RoomRoutes
from pages.kit.visit import visit

PUBLIC = "BACKSTOP_PUBLIC_URL"  # the address under which readers know the app, its path included
AT_ONCE = 2  # heads, and cards, that are made at a time
HEADS_WAITING, CARDS_WAITING = 64, 16  # under way at most; who comes then gets the default
HEADS_KEPT, CARDS_KEPT = 512, 256  # of at most 10 and 100 KB
DAY = 86_400  # s
CLOSED = (("_stcore", "metrics"), ("_stcore", "agent"))
PROBED = ("health", "host-config")  # asked for under every page's own path too, where nothing is
OF_THE_READER = {"Cache-Control": "no-cache", "Vary": "Accept-Language"}  # headers of a page in a language
_HOST = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?", re.ASCII)
_NUMBER = re.compile(r"[1-9]\d{1,4}", re.ASCII)
_LOG = logging.getLogger(__name__)

Heard = tuple[said.Link, said.Said]


@dataclass
class Served:
    """What Streamlit serves, as asked once: its page, its mark, the policy for its scripts, the faces."""

    html: str = ""
    etag: str = ""
    policy: str = ""
    faces: served.Faces = field(default_factory=served.Faces)


class Front:
    """What routes and middleware share: Streamlit's page, answers that are kept, the default cards."""

    def __init__(self) -> None:
        self.inner: ASGIApp | None = None  # the app behind the door
        self.served = Served()
        self.base = "/".join(["", *filter(None, (st.get_option("server.baseUrlPath") or "").split("/"))])
        self.rooms = RoomRoutes(self.base, faces=lambda: self.served.faces.paths, address=self.address)
        self._defaults: dict[str, bytes] = {}
        self._opening = asyncio.Lock()
        self._heard: Kept[tuple[str, str, str], Heard] = Kept(
            self._hear, at_once=AT_ONCE, waiting=HEADS_WAITING, kept=HEADS_KEPT, name="head"
        )
        self._cards: Kept[tuple[visit.Step, str], bytes] = Kept(
            self._draw, at_once=AT_ONCE, waiting=CARDS_WAITING, kept=CARDS_KEPT, name="card"
        )

    def routes(self) -> list[Route]:
        """Return the routes that stand before Streamlit's own, under the path of the app."""
        return [
            Route(f"{self.base}/card.png", self.card),
            Route(f"{self.base}/oembed", self.oembed),
            Route(self.base + plot.OWN, self.plotly),
            *self.rooms.routes(),
        ]

    def middleware(self) -> list[Middleware]:
        """Return what stands around Streamlit, the outermost first."""
        return [
            Middleware(headers.Headers, policy=self.policy),
            Middleware(Zipped, minimum_size=WORTH),
            Middleware(Packed),
            Middleware(Doorway, front=self),
        ]

    @asynccontextmanager
    async def lifespan(self, _app: object) -> AsyncIterator[None]:
        """Ask Streamlit for its page as the server starts, and begin to compile the model."""
        ready.is_ready(now=True)
        await self.open()
        with self.rooms.until_stopped():
            yield

    async def open(self) -> Served:
        """Ask Streamlit for its page, once; what it does not give is asked for again next time.

        No fault in it stops the server: without the page all is Streamlit's own.
        """
        async with self._opening:
            if not self.served.html and self.inner is not None:
                try:
                    self.served = await self._taken(self.inner)
                except Exception:
                    _LOG.exception("the page of Streamlit could not be taken over")
        return self.served

    async def _taken(self, app: ASGIApp) -> Served:
        status, told, page = await served.fetch(app, f"{self.base}/")
        if status != 200:
            return Served()
        html = page.decode("utf-8")
        faces = await self._drawable(await served.faces(app, html, f"{self.base}/"))
        return Served(html, told.get("etag", ""), headers.policy(html), faces)

    async def _drawable(self, faces: served.Faces) -> served.Faces:
        """Draw the default cards and return the faces that this went with: else those that Pillow brings."""
        plain = served.Faces(paths=faces.paths)
        for tried in (faces, plain):
            try:
                for language in visit.LANGUAGES:
                    default = said.default(language)
                    self._defaults[language] = await run_in_threadpool(card.draw, default, tried)
                return tried
            except Exception:
                _LOG.exception("the default cards could not be drawn")
        return plain

    async def policy(self) -> str:
        """Return the content security policy, for every answer."""
        return (await self.open()).policy or headers.policy("")

    async def hear(self, page: Entry, query: str, accepted: str) -> Heard:
        """Read a link and say what happens in it; the default while the model is made, or in a rush."""
        link = said.unread(page, query, accepted)
        if said.is_readable(query):
            if not (ready.is_ready(now=True) or await run_in_threadpool(ready.is_ready)):
                link = said.read(page, query, accepted)
            elif found := await self._heard.ask((page.name, query, visit.preferred(accepted))):
                return found
        return link, said.default(link.language)

    @staticmethod
    def _hear(asked: tuple[str, str, str]) -> Heard:
        name, query, accepted = asked
        page = next(entry for entry in PAGES if entry.name == name)
        link = said.read(page, query, accepted)
        return link, said.of(link.step, link.language)

    def _draw(self, asked: tuple[visit.Step, str]) -> bytes:
        return card.draw(said.of(*asked), self.served.faces)

    async def card(self, request: Request) -> Response:
        """Answer with the picture of a scenario; the default one for what cannot be read or drawn now."""
        link, _told = await self.hear(PAGES[0], request.url.query, request.headers.get("accept-language", ""))
        drawn = None
        if link.is_read and ready.is_ready(now=True):
            drawn = await self._cards.ask((link.step, link.language))
        told = {"Cache-Control": f"public, max-age={DAY}" if drawn else "no-cache"}
        if not link.says_language:
            told["Vary"] = OF_THE_READER["Vary"]
        await self.open()
        picture = drawn or self._defaults.get(link.language)
        if picture is None:  # not even the plain face draws
            return PlainTextResponse("503", 503)
        return Response(picture, media_type="image/png", headers=told)

    async def plotly(self, _request: Request) -> Response:
        """Answer with Plotly's own file, which the head asks for before the page can."""
        told = {"Cache-Control": f"public, immutable, max-age={365 * DAY}"}
        file = await run_in_threadpool(get_plotlyjs)
        return Response(file, media_type="text/javascript", headers=told)

    async def oembed(self, request: Request) -> Response:
        """Answer for a link of this app with a frame that shows it, as oEmbed says; 404 for any other."""
        asked = request.query_params
        if asked.get("format", "json") != "json":
            return PlainTextResponse("501: json only", 501)
        base = self.address(request.scope)
        given, ours = (text.partition("://")[2] for text in (asked.get("url", "").partition("#")[0], base))
        path, _mark, query = given.removeprefix(ours).partition("?")
        is_ours = given.startswith(ours) and (not path or path.startswith("/"))
        way = lead(unquote(path) or "/", query)
        if not is_ours or way.page is None:
            return PlainTextResponse("404", 404)
        link, told = await self.hear(way.page, way.query, request.headers.get("accept-language", ""))
        most = tuple(_most(asked.get(name)) for name in ("maxwidth", "maxheight"))
        answer = unfurl.embedded(base, told, link, (most[0], most[1]))
        return JSONResponse(answer, headers={"Access-Control-Allow-Origin": "*"})

    async def page(self, way_page: Entry, query: str, scope: Scope) -> Response:
        """Answer with Streamlit's page and the head of a link; its picture is begun meanwhile."""
        link, told = await self.hear(way_page, query, Sent(scope=scope).get("accept-language", ""))
        if told.standing and link.is_read:
            self._cards.begin((link.step, link.language), AT_ONCE)
        scope[headers.EMBEDDED] = link.is_embedded
        files = self.served.faces.paths, self.base + plot.OWN
        html = unfurl.rewritten(self.served.html, told, link, self.address(scope), *files)
        return HTMLResponse(html, headers=OF_THE_READER)

    async def lost(self, path: str, query: str, scope: Scope) -> Response:
        """Answer for a path that leads nowhere, with a way home that keeps the scenario."""
        way = lead(path, query)
        link, _told = await self.hear(PAGES[0], way.query, Sent(scope=scope).get("accept-language", ""))
        return HTMLResponse(lost.page(link, self.base, way.near()), 404, OF_THE_READER)

    def address(self, scope: Scope) -> str:
        """Return where the app is served, without a slash behind: the setting, else as the request has it."""
        given = urlsplit(os.environ.get(PUBLIC, "").strip())
        if given.scheme in ("http", "https") and _HOST.fullmatch(given.netloc):
            return f"{given.scheme}://{given.netloc}{given.path.rstrip('/')}"
        host = Sent(scope=scope).get("host", "")
        if not _HOST.fullmatch(host):
            name, port = scope.get("server") or ("localhost", None)
            host = f"{name}:{port}" if port else name
        return f"{scope['scheme']}://{host}{self.base}"


class Doorway:
    """Leads every request to where it belongs: a page, the page's own path, the app behind, or nowhere."""

    def __init__(self, app: ASGIApp, front: Front) -> None:
        self.app, self.front = app, front
        front.inner = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_ours = scope["type"] == "http" and f"{scope['path']}/".startswith(f"{self.front.base}/")
        if not is_ours:
            if (
                scope["type"] == "websocket" and self.front.served.html
            ):  # a visit, whose head asked for Plotly
                scope["headers"] = [*scope["headers"], (plot.BROUGHT.encode(), b"1")]
            await self.app(scope, receive, send)
            return
        path = scope["path"].removeprefix(self.front.base)
        query = scope["query_string"].decode("latin-1")
        parts = tuple(path.split("/")[1:])
        if parts[:2] in CLOSED or (len(parts) > 2 and parts[-2] == "_stcore" and parts[-1] in PROBED):
            await PlainTextResponse("404", 404)(scope, receive, send)
        elif scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
        else:
            await self._lead(path, query, scope, receive, send)

    async def _lead(self, path: str, query: str, scope: Scope, receive: Receive, send: Send) -> None:
        way = lead(path, query)
        if way.page and way.to:
            to = self.front.base + way.to + (f"?{way.query}" if way.query else "")
            await RedirectResponse(to, 307, {"Cache-Control": "no-cache"})(scope, receive, send)
        elif way.page and (await self.front.open()).html:
            await (await self.front.page(way.page, query, scope))(scope, receive, send)
        elif path.startswith("//") or await self._is_nowhere(scope, receive, send):
            await (await self.front.lost(path, query, scope))(scope, receive, send)

    async def _is_nowhere(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Let Streamlit answer; where that is its first page in place of none, send nothing and say so."""
        is_nowhere = False

        async def look(message: Message) -> None:
            nonlocal is_nowhere
            if message["type"] == "http.response.start":
                is_nowhere = Sent(raw=message["headers"]).get("etag") in {self.front.served.etag} - {""}
            if not is_nowhere:
                await send(message)

        await self.app(scope, receive, look)
        return is_nowhere


def _most(given: str | None) -> int:
    """Return how wide or high a frame may be; anything else than a number sets no bound."""
    return int(given) if given and _NUMBER.fullmatch(given) else max(unfurl.FRAME_WIDTH, unfurl.FRAME_HEIGHT)
