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
def serve() -> Iterator[str]:
    """Run the app on a free loopback port and give its address; the server ends with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    command += ["--server.address=127.0.0.1", f"--server.port={port}", "--server.fileWatcherType=none"]
    server = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address + "/_stcore/health", server)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


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
    page.wait_for_function(IS_QUIET, timeout=60_000)
    page.wait_for_timeout(600)
