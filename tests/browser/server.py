"""A real server and a real browser, for the journeys and the screenshots; loopback only."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
HOW_TO_GET = "No Chromium at /usr/bin/chromium: on Debian or Ubuntu `apt-get install chromium` puts it there."
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
# Notes when a hand last touched the page, when the page last asked the server, and when runs begin and end.
WATCH = """(() => {
  const told = (window.told = { touched: 0, asked: 0, began: 0, ended: 0 });
  for (const kind of ['keydown', 'pointerdown', 'pointerup', 'click', 'wheel'])
    addEventListener(kind, () => (told.touched = performance.now()), true);
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (...what) {
    told.asked = performance.now();
    return send.apply(this, what);
  };
  new MutationObserver((changes) => {
    for (const { target } of changes)
      told[target.dataset.testScriptState === 'running' ? 'began' : 'ended'] = performance.now();
  }).observe(document, { subtree: true, attributeFilter: ['data-test-script-state'] });
})()"""
# At rest: the last run is over, nothing is still under way, and all that is to be drawn has been drawn.
AT_REST = """([slow, lost, asked]) => {
  const isQuiet = () => {
    const { touched, asked, began, ended } = window.told, now = performance.now();
    const state = document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState;
    if (state !== 'notRunning' || !document.querySelector('h1')) return false;
    if (document.querySelector('[data-testid="stSkeleton"]')) return false; // a part whose code is on its way
    const sure = began > Math.max(touched, asked); // a run that began after all that could ask for one
    const waited = now - Math.max(touched, asked, ended) > (asked > Math.max(began, ended) ? lost : slow);
    return (sure || waited) && isDrawn();
  };
  const isDrawn = () => {
    const places = document.querySelectorAll('[class*="st-key-chart_"]');
    return [...places].every((place) => {
      const drawing = place.querySelector('.backstop-chart');
      const hidden = !place.clientWidth || drawing && !drawing.clientWidth;
      return hidden || drawing?.querySelector('svg, .backstop-failed');
    });
  };
  if (!isQuiet()) window.rest = undefined;
  else if (window.rest?.asked !== asked) {
    const rest = (window.rest = { asked, come: false }); // what came with the end of the run is drawn by then
    requestAnimationFrame(() => requestAnimationFrame(() => requestIdleCallback(() => (rest.come = true))));
  }
  return window.rest?.come;
}"""
# What is to be known of a page that does not come to rest.
RESTLESS = """() => JSON.stringify({
  now: performance.now(), ...window.told, rest: window.rest,
  state: document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState,
  h1: document.querySelector('h1')?.textContent,
  says: document.querySelector('[data-testid="stMain"]')?.innerText.slice(0, 200),
  skeletons: document.querySelectorAll('[data-testid="stSkeleton"]').length,
  undrawn: [...document.querySelectorAll('[class*="st-key-chart_"]')]
    .filter(place => place.clientWidth && !place.querySelector('.backstop-chart svg, .backstop-failed'))
    .map(place => place.className),
})"""
SLOW = 600  # ms in which the page asks after a hand has touched it, if it asks at all
LOST = 5000  # ms after which a question to the server was not one that makes the page run


@contextmanager
def serve(script: str = "asgi.py", **settings: str) -> Iterator[str]:
    """Run the app, or another script, on a free loopback port; the server ends with the block.

    `settings` are variables of its environment.
    """
    server = Server(script, **settings)
    try:
        yield server.start()
    finally:
        server.stop()


class Server:
    """A server that can be killed and started again on the same port."""

    def __init__(self, script: str = "asgi.py", **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.script, self.settings = script, settings
        self.process: subprocess.Popen | None = None

    def command(self) -> list[str]:
        """Return how the server is started."""
        command = [sys.executable, "-m", "streamlit", "run", self.script, "--server.headless=true"]
        command += ["--server.address=127.0.0.1", f"--server.port={self.port}"]
        return [*command, "--server.fileWatcherType=none"]

    def start(self) -> str:
        """Start, wait until it answers, and give its address."""
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(self.command(), cwd=ROOT, env=os.environ | self.settings, **quiet)
        address = f"http://127.0.0.1:{self.port}"
        try:
            wait_for(address + "/_stcore/health", self.process)
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


def wait_for(health: str, server: subprocess.Popen, seconds: float = 60.0) -> None:
    """Wait until a server answers at an address; it has failed when it ends before."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with code {server.returncode} before it answered")
        try:
            with urllib.request.urlopen(health, timeout=2):
                return
        except OSError:
            with suppress(subprocess.TimeoutExpired):
                server.wait(timeout=0.2)
    raise TimeoutError(f"the server did not answer at {health} within {seconds} s")


def wait_for_model(card: str, seconds: float = 120.0) -> None:
    """Wait until a server has its model ready: the picture of a link, at an address, may then be kept."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with urllib.request.urlopen(card, timeout=60) as answer:
            if "max-age" in answer.headers["Cache-Control"]:
                return  # until then each answer waits for a moment
    raise TimeoutError(f"no model behind {card} within {seconds} s")


@contextmanager
def browser() -> Iterator:
    """Run headless Chromium and give it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()


def watch(context):
    """Let the pages of a browser profile keep the notes that `settle` reads; gives the profile."""
    context.add_init_script(WATCH)
    return context


def settle(page) -> None:
    """Wait until the page has drawn itself: the headline stands, no run is under way, charts are painted."""
    from playwright.sync_api import TimeoutError as Late

    try:
        page.wait_for_function(AT_REST, arg=[SLOW, LOST, time.monotonic()], timeout=60_000)
    except Late as late:
        raise AssertionError(f"{page.url} never came to rest: {page.evaluate(RESTLESS)}") from late


def rest(page) -> None:
    """Wait until the server has answered the last move of a lever, and has sent what comes with it."""
    page.wait_for_function(
        """() => {
          const room = name => document.querySelector(`.st-key-lever_${name} [data-testid*="Isolated"]`);
          const thumb = name => room(name)?.shadowRoot.querySelector('.thumb');
          const standing = name => thumb(name)?.getAttribute('aria-valuenow');
          const address = new URLSearchParams(location.search);
          return ['g', 'r', 'u'].every(name => !address.has(name) || address.get(name) === standing(name));
        }""",
        timeout=30_000,
    )
    settle(page)


def next_frame(page) -> None:
    """Wait until the browser has handled what the hand did last, and has drawn it."""
    page.evaluate(
        """() => {
          window.drawn = false;
          requestAnimationFrame(() => requestAnimationFrame(() => (window.drawn = true)));
        }"""
    )
    page.wait_for_function(
        "() => window.drawn", timeout=30_000
    )  # a promise would be waited for without a bound
