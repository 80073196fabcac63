"""What somebody owns, row by row, as it was written."""

from __future__ import annotations

from dataclasses import dataclass

from core.scenario.messages import Message


@dataclass(frozen=True)
class Holding:
    """One row of what somebody owns."""

    row: int
    name: str = ""
    ticker: str | None = None
    isin: str | None = None
    quantity: float | None = None
    value: float | None = None
    currency: str | None = None
    share: float | None = None
    kind: str | None = None


@dataclass(frozen=True)
class LeftOut:
    """A row that was not taken, and why."""

    row: int
    text: str
    reason: Message


@dataclass(frozen=True)
class Read:
    """What was read of a text or a file."""

    holdings: tuple[Holding, ...]
    left_out: tuple[LeftOut, ...]
    layout: str


class UnreadableError(ValueError):
    """The whole file is refused."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.code)
        self.message = message
