"""Files that never change, compressed once and kept: Streamlit sends its own as they are, 9 MB a visit."""

from __future__ import annotations

import gzip
import re

import brotli
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEPT = 48 * 2**20  # bytes; all of what Streamlit has is a fifth of that
WORTH = 1000  # bytes that a smaller file is not compressed for
WAYS = {  # how a browser names a way to pack, the best first; each file is packed once for each
    "br": lambda body: brotli.compress(body, quality=9),
    "gzip": lambda body: gzip.compress(body, 9),
}
TEXTS = ("text/", "application/javascript", "application/json", "application/wasm", "image/svg")
_REFUSED = re.compile(r"\s*q\s*=\s*0(?:\.0*)?\s*", re.IGNORECASE)


def ways(scope: Scope) -> list[str]:
    """Return the ways to pack that a browser names and does not refuse, the best first."""
    words = (word.partition(";") for word in Headers(scope=scope).get("accept-encoding", "").split(","))
    taken = {name.strip().lower() for name, _mark, weight in words if not _REFUSED.fullmatch(weight)}
    return [way for way in WAYS if way in taken]


class Zipped(GZipMiddleware):
    """Compresses what is made for one reader, unless refused: Starlette looks for the word alone."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and "gzip" not in ways(scope):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


class Packed:
    """Answers for files marked immutable with a compressed copy, to whoever takes one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._kept: dict[tuple[str, str], tuple[list[tuple[bytes, bytes]], bytes]] = {}
        self._size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        asked, taken = (Headers(scope=scope), ways(scope)) if scope["type"] == "http" else ({}, [])
        if scope.get("method") != "GET" or not taken or "range" in asked:
            await self.app(scope, receive, send)
            return
        way = taken[0]
        key = scope["path"], way
        if key in self._kept:
            await _answer(send, *self._kept[key])
            return
        start: Message | None = None
        body = bytearray()

        async def collect(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and self._is_worth(message):
                start = message
            elif start is None:
                await send(message)
            else:
                body.extend(message.get("body", b""))

        # packed here, not behind; in place, as what is behind leaves word in the scope
        scope["headers"] = [one for one in scope["headers"] if one[0] != b"accept-encoding"]
        await self.app(scope, receive, collect)
        if start is None:
            return
        packed = await run_in_threadpool(WAYS[way], bytes(body))
        headers = MutableHeaders(raw=list(start["headers"]))
        headers["Content-Encoding"] = way
        headers["Content-Length"] = str(len(packed))
        headers.add_vary_header("Accept-Encoding")
        for name in ("etag", "accept-ranges"):  # those of the file as it is
            if name in headers:
                del headers[name]
        if key not in self._kept:
            self._size += len(packed)
            self._kept[key] = headers.raw, packed
        await _answer(send, headers.raw, packed)

    def _is_worth(self, start: Message) -> bool:
        told = Headers(raw=start["headers"])
        return (
            start["status"] == 200
            and "immutable" in told.get("cache-control", "")
            and "content-encoding" not in told
            and told.get("content-type", "").startswith(TEXTS)
            and WORTH <= int(told.get("content-length", 0)) <= KEPT - self._size
        )


async def _answer(send: Send, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})
