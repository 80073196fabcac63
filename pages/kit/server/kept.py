"""Answers that take a while: each is made once, few at a time; the last are kept, the queue has an end."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

_LOG = logging.getLogger(__name__)
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Makes answers in threads of its own: `at_once` at a time, `waiting` at most under way, `kept` at most.

    Whoever asks when too many are under way already gets None, and so does whoever asks for what fails.
    """

    def __init__(
        self, make: Callable[[K], V], *, at_once: int, waiting: int, kept: int, name: str = "kept"
    ) -> None:
        self._make, self._waiting, self._most = make, waiting, kept
        self._done: OrderedDict[K, V] = OrderedDict()
        self._under_way: dict[K, asyncio.Task[V | None]] = {}
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix=name)

    async def ask(self, key: K) -> V | None:
        """Return the answer, kept or made now."""
        task = self.begin(key)
        if key in self._done:
            return self._done[key]
        return await asyncio.shield(task) if task else None  # who goes away takes it from nobody else

    def begin(self, key: K, waiting: int | None = None) -> asyncio.Task[V | None] | None:
        """Begin to make an answer, unless it is kept, under way, or too many are (fewer, if so said)."""
        if key in self._done:
            self._done.move_to_end(key)
            return None
        most = self._waiting if waiting is None else waiting
        if key not in self._under_way and len(self._under_way) < most:
            self._under_way[key] = asyncio.ensure_future(self._work(key))
        return self._under_way.get(key)

    async def _work(self, key: K) -> V | None:
        try:
            made = await asyncio.get_running_loop().run_in_executor(self._threads, self._make, key)
        except Exception:
            _LOG.exception("an answer could not be made")
            return None
        finally:
            del self._under_way[key]
        self._done[key] = made
        while len(self._done) > self._most:
            self._done.popitem(last=False)
        return made
