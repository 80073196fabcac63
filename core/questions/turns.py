"""Long runs of one process take turns: first come, first served, one batch at a time.

Whoever has had a turn stands at the end of the line again, so no long run starves another. A short run (one
scenario, the strips) takes no turn and waits for nobody: of the processor it gets its share at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Condition
from typing import Any, TypeVar

T = TypeVar("T")


class Turns:
    """A fair line for batches; an executor for every function that takes one.

    Examples
    --------
    >>> turns = Turns()
    >>> list(turns.map(abs, [-1, 2])), turns.waiting
    ([1, 2], 0)
    """

    def __init__(self) -> None:
        self._line: deque[object] = deque()
        self._moved = Condition()

    @property
    def waiting(self) -> int:
        """How many long runs stand in the line now, the one whose turn it is included."""
        return len(self._line)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn and hold it; it passes on whatever happens meanwhile."""
        me = object()
        with self._moved:
            self._line.append(me)
        try:
            with self._moved:
                self._moved.wait_for(lambda: self._line[0] is me)
            yield
        finally:
            with self._moved:
                self._line.remove(me)
                self._moved.notify_all()

    def map(self, work: Callable[[Any], T], parts: Iterable[Any], /) -> Iterator[T]:
        """Do parts one after another in this thread, each in a turn of its own, when its result is asked for.

        Parameters
        ----------
        work : callable
            What is done with a part.
        parts : iterable
            As for `map`.
        """
        for part in parts:
            with self.turn():
                done = work(part)
            yield done
