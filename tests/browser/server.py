"""A real server and a real browser, for the journeys and the screenshots; loopback only."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
HOW_TO_GET = "No Chromium at /usr/bin/chromium: on Debian or Ubuntu `apt-get install chromium` puts it there."
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
IS_QUIET = """() => {
  const state = document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState;
  return state && !['running', 'initial'].includes(state);
}"""


@contextmanager
def serve(script: str = "app.py") -> Iterator[str]:
    """Run the app, or another script, on a free loopback port; the server ends with the block."""
    server = Server(script)
    try:
        yield server.start()
    finally:
        server.stop()


class Server:
    """A server that can be killed and started again on the same port."""

    def __init__(self, script: str = "app.py") -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.script = script
        self.process: subprocess.Popen | None = None

    def start(self) -> str:
        """Start, wait until it answers, and give its address."""
        command = [sys.executable, "-m", "streamlit", "run", self.script, "--server.headless=true"]
        command += ["--server.address=127.0.0.1", f"--server.port={self.port}"]
        command += ["--server.fileWatcherType=none"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, cwd=ROOT, env=os.environ, **quiet)
        address = f"http://127.0.0.1:{self.port}"
        try:
            _wait_for(address + "/_stcore/health", self.process)
        except BaseException:
            self.stop()
            raise
        return address

    def stop(self, *, kill: bool = False) -> None:
        """End the server: politely, or at once as a crash would."""
        if self.process is not None:
            self.process.kill() if kill else self.process.terminate()
            self.process.wait(timeout=20)
            self.process = None


def _wait_for(health: str, server: subprocess.Popen, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with code {server.returncode} before it answered")
        try:
            with urllib.request.urlopen(health, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(f"the server did not answer at {health} within {seconds} s")


@contextmanager
def browser() -> Iterator:
    """Run headless Chromium and give it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()


def settle(page) -> None:
    """Wait until the page has drawn itself: the headline stands, no run is under way, charts are painted."""
    page.wait_for_selector("h1", timeout=60_000)
    for _try in range(100):  # on a busy machine a run may begin late
        page.wait_for_function(IS_QUIET, timeout=60_000)
        page.wait_for_timeout(600)
        if page.evaluate(IS_QUIET):
            return
    raise TimeoutError("the page does not come to rest")
