"""What Streamlit serves to any browser, asked of the running app itself: its page, and its two faces."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from urllib.parse import urljoin

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message

SERIF, SANS = "Source Serif", "Source Sans"  # as the stylesheet calls them
_FACE = re.compile(r"@font-face\s*\{([^}]*)\}")
_STYLES = re.compile(r"<link[^>]*rel=\"stylesheet\"[^>]*href=\"([^\"]+)\"")


@dataclass(frozen=True)
class Faces:
    """The files of the two faces of the pages, as Streamlit serves them; empty where it serves none.

    `paths` are theirs: a page that asks for them at once is not set anew when they come.
    """

    serif: bytes = b""
    sans: bytes = b""
    paths: tuple[str, ...] = ()


async def fetch(app: ASGIApp, path: str) -> tuple[int, Headers, bytes]:
    """Ask an app for what stands at a path, as a browser does; gives status, headers and body."""
    status, headers, body = 0, Headers(), bytearray()
    asked = asyncio.Event()

    async def receive() -> Message:
        if asked.is_set():  # who asks on waits for us to go away: a file that is sent does
            await asyncio.Event().wait()
        asked.set()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], Headers(raw=message["headers"])
        elif message["type"] == "http.response.body":
            body.extend(message.get("body", b""))

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 0),
        "server": ("localhost", 80),
    }
    await app(scope, receive, send)
    return status, headers, bytes(body)


async def faces(app: ASGIApp, html: str, path: str) -> Faces:
    """Find the upright faces that the stylesheets of a page name, and fetch them; `path` is the page's."""
    found: dict[str, bytes] = {}
    paths = []
    for sheet in _STYLES.findall(html):
        place = urljoin(path, sheet)
        _status, _headers, css = await fetch(app, place)
        for rule in _FACE.findall(css.decode("utf-8", "replace")):
            family = re.search(r"font-family:\s*['\"]?([^;'\"]+)", rule)
            address = re.search(r"url\(['\"]?([^)'\"]+)", rule)
            wanted = family and family[1].strip() in (SERIF, SANS) and "italic" not in rule
            if family and address and wanted:
                paths.append(urljoin(place, address[1]))
                status, _headers, file = await fetch(app, paths[-1])
                if status == 200:
                    found[family[1].strip()] = file
    return Faces(found.get(SERIF, b""), found.get(SANS, b""), tuple(paths))
