"""Numbers and words as people write them: decimal commas, signs of per cent, other minus signs and digits."""

from __future__ import annotations

import math
import re
import unicodedata

from core.scenario.levers import plain_number

_DECIMAL_COMMA = re.compile(r"([+-]?\d*),(\d+)", re.ASCII)
# One separator and three digits: a thousand to some, to others a fraction. A comma is none of ours, and no
# number that we write ends with a zero behind its point.
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3}|\.\d{2}0)", re.ASCII)
# Where a comma is the sign of decimals, of the two only the point may be a thousand.
_AMBIGUOUS_POINT = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}", re.ASCII)
_WHOLE_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.ASCII | re.IGNORECASE)
_LOOKALIKES = str.maketrans("−‐‑‒–—﹣－＋．，٫％٪", "--------+.,.%%")
YES_NO = {
    "yes": True,
    "1": True,
    "true": True,
    "ja": True,
    "no": False,
    "0": False,
    "false": False,
    "nee": False,
}


def number(
    text: str, *, percent: bool = False, whole: bool = False, comma: bool = False
) -> tuple[float | None, list[str]]:
    """Read a number as people write it, and say what was unusual about it.

    Parameters
    ----------
    text : str
        Without blanks around it.
    percent : bool
        Whether a sign of per cent may stand behind it.
    whole : bool
        Whether only whole numbers make sense, such as years.
    comma : bool
        Whether who types writes decimals with a comma: 6,919 is no thousand then, and 6.919 may be.

    Returns
    -------
    tuple of (float or None, list of str)
        The number, which may not be finite; None when it is not one, or one to some and another to others.
        Codes of `core.scenario.messages`.

    Examples
    --------
    >>> number("6,5 %", percent=True), number("1.000"), number("ten")
    ((6.5, ['percent', 'comma']), (None, ['ambiguous']), (None, []))
    """
    notes = []
    plain = "".join(_ascii_digit(character) for character in text.translate(_LOOKALIKES))
    if plain != text:
        notes.append("unicode")
    if percent and plain.endswith("%"):
        plain = plain[:-1].rstrip()
        notes.append("percent")
    unclear = _AMBIGUOUS_POINT if comma else _AMBIGUOUS
    if (_WHOLE_AMBIGUOUS if whole else unclear).fullmatch(plain):
        return None, ["ambiguous"]
    if _DECIMAL_COMMA.fullmatch(plain):
        plain = plain.replace(",", ".")
        notes.append("comma")
    if _NOT_FINITE.fullmatch(plain):
        return math.nan, notes
    try:
        return plain_number(plain), notes
    except ValueError:
        return None, notes


def _ascii_digit(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)
