"""One browser that listens to a room: what it has still to be sent, as messages of an event stream."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Mapping

BEHIND = 16  # messages that wait for a listener; then all but the newest are dropped


class Listener:
    """What one browser has still to be sent; `ring` is called, from any thread, when there is something."""

    def __init__(self, language: str, ring: Callable[[], None], *, is_speaker: bool = False) -> None:
        self.language, self.is_speaker, self.is_over = language, is_speaker, False
        self.ring, self._lock = ring, threading.Lock()
        self._waiting: deque[bytes] = deque()

    def put(self, message: bytes, *, last: bool = False) -> None:
        """Leave a message; the last one ends the stream."""
        with self._lock:
            if len(self._waiting) >= BEHIND:
                self._waiting.clear()
            self._waiting.append(message)
            self.is_over = self.is_over or last
        self.ring()

    def take(self) -> bytes:
        """Return all that waits, the oldest first; empty if nothing does."""
        with self._lock:
            found = b"".join(self._waiting)
            self._waiting.clear()
        return found


def message(event: str, version: int, data: Mapping) -> bytes:
    """Return a message of an event stream; JSON has no line break that would end it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return f"id: {version}\nevent: {event}\ndata: {text}\n\n".encode()
