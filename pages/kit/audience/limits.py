"""How often somebody may do something: a handful at once, then so many a second."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

KNOWN = 10_000  # keys that are kept in mind; who was not seen for longest is forgotten


class Allowance:
    """Counts by key: `burst` may come at once, and `rate` a second come back.

    >>> now = [0.0]
    >>> ours = Allowance(2, 1.0, lambda: now[0])
    >>> [ours.takes("x") for turn in range(3)]
    [True, True, False]
    >>> now[0] = 1.0
    >>> ours.takes("x"), ours.takes("x"), ours.takes("y")
    (True, False, True)
    """

    def __init__(self, burst: float, rate: float, clock: Callable[[], float], known: int = KNOWN) -> None:
        self._burst, self._rate, self._clock, self._known = burst, rate, clock, known
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # key -> what is left, as of when
        self._lock = threading.Lock()

    def takes(self, key: str) -> bool:
        """Take one, and tell whether there was one."""
        with self._lock:
            left, now = self._now(key), self._clock()
            self._left[key] = (left - (left >= 1), now)
            self._left.move_to_end(key)
            while len(self._left) > self._known:
                self._left.popitem(last=False)
            return left >= 1

    def is_spent(self, key: str) -> bool:
        """Tell whether there is none left, and take nothing."""
        with self._lock:
            return self._now(key) < 1

    def _now(self, key: str) -> float:
        left, then = self._left.get(key, (self._burst, self._clock()))
        return min(self._burst, left + (self._clock() - then) * self._rate)
