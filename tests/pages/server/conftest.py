"""The front door as a process of its own on loopback, and what asks it, as programs that read links do."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser

import pytest

from tests.browser.server import ROOT, wait_for, wait_for_model

READERS = {
    "WhatsApp": "WhatsApp/2.24.20 A",
    "Slackbot": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "X": "Twitterbot/1.0",
    "LinkedIn": "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "Facebook": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
}
ENOUGH = 32 * 1024  # bytes of a page that the most impatient reader looks at


@dataclass(frozen=True)
class Answer:
    """One answer: status, headers by their small names, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def text(self) -> str:
        return self.body.decode("utf-8")


class Door:
    """A server that answers as it stands: nothing is followed, nothing unpacked, paths go out as given."""

    def __init__(self, port: int) -> None:
        self.port, self.host = port, f"127.0.0.1:{port}"
        self.address = f"http://{self.host}"

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders()
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()


class Head(HTMLParser):
    """What stands in the head of a page: its language, title, names and properties, links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.page: dict[str, str | None] = {}
        self.title, self.named, self.links = "", {}, {}
        self._in_title = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self._in_title = tag == "title"
        if tag == "html":
            self.page = told
        elif tag == "meta" and "content" in told:
            self.named[told.get("name") or told.get("property")] = told["content"]
        elif tag == "link":
            self.links[told.get("type") or told.get("rel")] = told.get("href")

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False

    def handle_data(self, data: str) -> None:
        self.title += data if self._in_title else ""


@contextmanager
def opened(*flags: str, script: str = "", **settings: str) -> Iterator[Door]:
    """Serve the front door, with flags of Streamlit or else as a plain ASGI app, while the block lasts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    if flags:
        command = ["streamlit", "run", "asgi.py", "--server.headless=true", "--server.address=127.0.0.1"]
        command += [f"--server.port={port}", "--server.fileWatcherType=none", *flags]
    else:
        command = ["uvicorn", "asgi:app", "--no-server-header", "--host", "127.0.0.1", "--port", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=os.environ | settings, **quiet)
    base = next((flag.partition("=")[2].strip("/") for flag in flags if "baseUrlPath" in flag), "")
    try:
        address = f"http://127.0.0.1:{port}{'/' if base else ''}{base}"
        wait_for(f"{address}/_stcore/health", process)
        wait_for_model(f"{address}/card.png")
        yield Door(port)
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="session")
def door() -> Iterator[Door]:
    with opened() as found:
        yield found
