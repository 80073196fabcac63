"""Run a coroutine in a test of a process that may hold a browser."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor


def run(what: Coroutine):
    """Run it to its end, in a thread of its own: a browser in this process leaves a loop in the first one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, what).result()
