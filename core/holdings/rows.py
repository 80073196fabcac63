"""What somebody owns, row by row, as it was written; and rows that were not taken, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass

from core.scenario.messages import Message, describe


@dataclass(frozen=True)
class Holding:
    """One row of what somebody owns.

    Attributes
    ----------
    row : int
        Number of the row in what was read, from 1; of the first of several that were summed.
    name : str
        As written, cut to 80 characters, without control characters; "" where there is none.
    ticker : str or None
    isin : str or None
        In upper case, with its check digit right.
    quantity : float or None
        Units.
    value : float or None
        Worth in `currency`; None of transactions.
    currency : str or None
        As ISO 4217 has it; pence are divided.
    share : float or None
        Of the whole, 0 to 1, where a row says "25 %".
    kind : str or None
        What the words say by themselves: cash, option, short, pension.
    """

    row: int
    name: str
    ticker: str | None
    isin: str | None
    quantity: float | None
    value: float | None
    currency: str | None
    share: float | None
    kind: str | None


@dataclass(frozen=True)
class LeftOut:
    """A row that was not taken.

    Attributes
    ----------
    row : int
    text : str
        The row itself, cut to 80 characters: a stranger's text.
    reason : Message
        Why.
    """

    row: int
    text: str
    reason: Message


@dataclass(frozen=True)
class Read:
    """What was read.

    Attributes
    ----------
    holdings : tuple of Holding
    left_out : tuple of LeftOut
    layout : str
        Whose layout it was; "table" where header words alone told, "typed" of typed rows.
    """

    holdings: tuple[Holding, ...]
    left_out: tuple[LeftOut, ...]
    layout: str


class UnreadableError(ValueError):
    """The whole file is refused; its text is an English sentence.

    Parameters
    ----------
    message : Message
        Why.
    """

    def __init__(self, message: Message):
        super().__init__(describe(message))
        self.message = message
