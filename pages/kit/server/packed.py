"""Files that never change, compressed once and kept: Streamlit sends its own as they are, 9 MB a visit."""

from __future__ import annotations

import gzip

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEPT = 48 * 2**20  # bytes; all of what Streamlit has is a fifth of that
WORTH = 1000  # bytes that a smaller file is not compressed for
LEVEL = 9  # it is done once
TEXTS = ("text/", "application/javascript", "application/json", "application/wasm", "image/svg")


class Packed:
    """Answers for files marked immutable with a compressed copy, to whoever takes one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._kept: dict[str, tuple[list[tuple[bytes, bytes]], bytes]] = {}
        self._size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        asked = Headers(scope=scope) if scope["type"] == "http" else {}
        if scope.get("method") != "GET" or "gzip" not in asked.get("accept-encoding", "") or "range" in asked:
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        if path in self._kept:
            await _answer(send, *self._kept[path])
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

        await self.app(scope, receive, collect)
        if start is None:
            return
        packed = await run_in_threadpool(gzip.compress, bytes(body), LEVEL)
        headers = MutableHeaders(raw=list(start["headers"]))
        headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(packed))
        headers.add_vary_header("Accept-Encoding")
        for name in ("etag", "accept-ranges"):  # those of the file as it is
            if name in headers:
                del headers[name]
        if path not in self._kept:
            self._size += len(packed)
            self._kept[path] = headers.raw, packed
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
