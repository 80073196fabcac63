"""Browsers of an audience without a browser: they come in, listen, and answer; loopback only."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

HOST = "127.0.0.1"
MARGIN = 30.0  # s that an answer may take


@dataclass(frozen=True)
class Told:
    """One event: its name, what it says (read when asked for), when it came (ns, machine's clock)."""

    event: str
    text: str
    came: int

    @property
    def data(self) -> Mapping:
        """What it says."""
        return json.loads(self.text)


@dataclass
class Guest:
    """One browser: its cookie, its stream, and all it was told."""

    port: int
    code: str
    cookie: str = ""
    told: list[Told] = field(default_factory=list)
    comments: int = 0
    status: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)
    _writer: asyncio.StreamWriter | None = None
    _task: asyncio.Task | None = None

    async def come(self) -> int:
        """Open the page, keep the cookie, and give the status."""
        status, headers, _body = await ask(self.port, "GET", f"/r/{self.code}", self._cookie())
        self.cookie = headers.get("set-cookie", self.cookie).partition(";")[0]
        return status

    async def listen(self, path: str = "", tail: str = "?lang=en") -> int:
        """Listen from now on; gives the status at once."""
        reader, self._writer = await asyncio.open_connection(HOST, self.port)
        self._writer.write(_head("GET", (path or f"/r/{self.code}/events") + tail, self._cookie()))
        status, _headers = await _answered(reader)
        self.status = status
        if status == 200:
            self._task = asyncio.create_task(self._hear(reader))
        return status

    async def _hear(self, reader: asyncio.StreamReader) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            rest = b""
            while size := int((await reader.readuntil(b"\r\n")).strip() or b"0", 16):
                rest += (await reader.readexactly(size + 2))[:-2]
                came = time.monotonic_ns()
                *whole, rest = rest.split(b"\n\n")
                for part in whole:
                    self._note(part.decode(), came)
        self.over.set()

    def _note(self, part: str, came: int) -> None:
        fields = dict(line.split(": ", 1) for line in part.split("\n") if ": " in line)
        if "data" in fields:
            self.told.append(Told(fields["event"], fields["data"], came))
        elif part.startswith(":"):
            self.comments += 1

    async def vote(self, number: int, answer: object, kind: str = "application/json") -> tuple[int, Mapping]:
        """Send an answer and give the status and what is said."""
        body = json.dumps({"vote": number, "answer": answer}).encode()
        status, _headers, told = await ask(
            self.port, "POST", f"/r/{self.code}/vote", {**self._cookie(), "Content-Type": kind}, body
        )
        return status, json.loads(told)

    async def heard(self, wanted, seconds: float = MARGIN) -> None:
        """Wait until what was told satisfies a condition on the guest."""
        async with asyncio.timeout(seconds):
            while not wanted(self):
                await asyncio.sleep(0.005)

    def states(self) -> list[Mapping]:
        """Return the states that were told."""
        return [one.data for one in self.told if one.event == "state"]

    async def go(self) -> None:
        """Close the stream."""
        if self._writer:
            self._writer.close()
        if self._task:
            await self._task

    def _cookie(self) -> dict[str, str]:
        return {"Cookie": self.cookie} if self.cookie else {}


async def ask(
    port: int, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> tuple[int, dict[str, str], bytes]:
    """Ask once, on a connection of its own; gives status, headers and body."""
    reader, writer = await asyncio.open_connection(HOST, port)
    more = {"Content-Length": str(len(body))} if body else {}
    writer.write(_head(method, path, {"Connection": "close", **more, **(headers or {})}) + body)
    async with asyncio.timeout(MARGIN):
        status, told = await _answered(reader)
        found = b"" if method == "HEAD" else await reader.read()
    writer.close()
    return status, told, found


def _head(method: str, path: str, headers: Mapping[str, str]) -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: {HOST}",
        *(f"{name}: {text}" for name, text in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


async def _answered(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    pairs = (line.split(": ", 1) for line in lines if ": " in line)
    return int(first.split(" ")[1]), {name.lower(): text for name, text in pairs}
