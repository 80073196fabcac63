"""One row of what somebody owns, a row that was left out with its reason, and a file as a whole."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.scenario.messages import Message, describe
from core.scenario.text import visible

LONGEST_SHOWN = 80  # characters of a name or of a row that was left out
_TWICE = "0246813579"  # twice a digit, its own digits added up
_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]", re.ASCII)


@dataclass(frozen=True)
class Holding:
    """One row of what somebody owns, as it was written.

    Attributes
    ----------
    row : int
        Row (line) of the input, counted from 1; the first one where several were added up.
    name : str
        As written, at most 80 visible characters: a stranger's text. Empty where there is none.
    ticker : str or None
        Symbol at an exchange.
    isin : str or None
        Upper case, its check digit is right.
    quantity : float or None
        Units; of cash whose currency is not said, the amount.
    value : float or None
        In `currency`; None where the input does not say it, as in a list of transactions.
    currency : str or None
        ISO 4217; pence are pounds divided by hundred.
    share : float or None
        Of the whole, 0 to 1, where only a percentage is written.
    kind : str or None
        "cash" or "pension" where the input says so itself.
    """

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
    """A row that is no holding, with the reason.

    Attributes
    ----------
    row : int
        Row (line) of the input, counted from 1.
    text : str
        The row, at most 80 visible characters: a stranger's text.
    reason : Message
        A sentence of `core/data/messages.toml`.
    """

    row: int
    text: str
    reason: Message


@dataclass(frozen=True)
class Read:
    """All rows of a file or a text.

    Attributes
    ----------
    holdings : tuple of Holding
        In the order of the input.
    left_out : tuple of LeftOut
        In the order of the input.
    layout : str
        Key of a layout in `core/data/brokers.toml`, "table" for one known by its header words alone, "typed".
    """

    holdings: tuple[Holding, ...]
    left_out: tuple[LeftOut, ...]
    layout: str


class UnreadableError(ValueError):
    """A file that was refused as a whole.

    Parameters
    ----------
    code : str
        Of a message of `core/data/messages.toml`, which says what is wrong and what to do.
    **params : str or int
        The words of its template.
    """

    def __init__(self, code: str, **params: str | int):
        self.message = Message(code, params)
        super().__init__(describe(self.message))


def is_isin(text: str) -> bool:
    """Tell a securities number whose check digit is right: letters are 10 to 35, every second digit doubled.

    Parameters
    ----------
    text : str
        In capitals, without blanks.

    Examples
    --------
    >>> is_isin("US21873S1087"), is_isin("US21873S1088")
    (True, False)
    """
    if not _ISIN.fullmatch(text):
        return False
    digits = "".join(str(int(character, 36)) for character in text)[::-1]
    doubled = sum(int(_TWICE[int(digit)]) for digit in digits[1::2])
    return (doubled + sum(map(int, digits[::2]))) % 10 == 0


def looks_like_isin(text: str) -> bool:
    """Tell text in the form of a securities number, whether its check digit is right or not.

    Parameters
    ----------
    text : str
        In capitals, without blanks.
    """
    return bool(_ISIN.fullmatch(text))


def shown(text: str) -> str:
    """Cut a stranger's text so that it can be shown: one line of at most 80 visible characters.

    Parameters
    ----------
    text : str
        Any.

    Examples
    --------
    >>> shown("  S&P\\t500 ")
    'S&P 500'
    """
    return visible(" ".join(text[: 10 * LONGEST_SHOWN].split()), LONGEST_SHOWN).strip()
