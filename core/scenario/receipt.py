"""The receipt in a link: headline figures, short and sealed, as they were when the link was made.

It is written in the short form of `core.scenario.packed`; figures that have no place there are written as
names and numbers, as all were until model 2026.13. Those are read for ever.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections.abc import Mapping

from core.scenario import packed
from core.scenario.packed import DAMAGED, Figure
from core.scenario.text import LONGEST_VALUE, is_invisible

LONGEST_RECEIPT = 1000  # characters

_RECEIPT_KEY = re.compile(r"[a-z][a-z0-9_.]{0,39}", re.ASCII)


def make_receipt(headline: Mapping[str, Figure]) -> str:
    """Write the headline figures of a link at share time, so that its reader can see what has changed since.

    Parameters
    ----------
    headline : mapping of str to str, float, int or None
        Few figures by short names (small letters, digits, "_" and "."). Beyond the short form floats are kept
        to four digits.

    Returns
    -------
    str
        The short form, else a digest of eight characters, ".", and the figures; only characters that need no
        escape in a link. Both hold a check against damage, not a signature.

    Raises
    ------
    ValueError
        For a name or figure that cannot be kept, naming it.

    Examples
    --------
    >>> read_receipt(make_receipt({"coreweave": "2030Q2", "called": 3.14159, "fluidstack": None}))
    {'called': 3.142, 'coreweave': '2030Q2', 'fluidstack': None}
    """
    if short := packed.pack(headline):
        return short
    figures = {}
    for name, figure in sorted(headline.items()):
        if not _RECEIPT_KEY.fullmatch(name):
            raise ValueError(f"{name!r} cannot name a figure of a receipt")
        if not _is_figure(figure):
            raise ValueError(f"{name} = {figure!r} cannot be kept in a receipt")
        figures[name] = float(f"{figure:.4g}") + 0.0 if isinstance(figure, float) else figure
    text = json.dumps(figures, separators=(",", ":"), ensure_ascii=True)
    payload = base64.urlsafe_b64encode(text.encode("ascii")).decode("ascii").rstrip("=")
    receipt = f"{_digest(payload)}.{payload}"
    if len(receipt) > LONGEST_RECEIPT:
        raise ValueError(f"a receipt has up to {LONGEST_RECEIPT} characters, not {len(receipt)}")
    return receipt


def read_receipt(receipt: str) -> dict[str, Figure]:
    """Read the headline figures back, rounded as they were kept.

    Parameters
    ----------
    receipt : str
        From `make_receipt`, of any model, perhaps by way of a stranger.

    Returns
    -------
    dict of str to str, float, int or None
        Figures by name.

    Raises
    ------
    ValueError
        When it is not a whole receipt.

    Examples
    --------
    >>> read_receipt("cut off")
    Traceback (most recent call last):
    ValueError: this is not a whole receipt
    """
    digest, dot, payload = receipt.partition(".")
    if not dot:
        return packed.unpack(receipt)
    if len(receipt) > LONGEST_RECEIPT or not receipt.isascii() or digest != _digest(payload):
        raise ValueError(DAMAGED)
    try:
        # the digest is no secret, so a stranger's payload can be anything at all
        figures = json.loads(
            base64.b64decode(payload + "=" * (-len(payload) % 4), altchars=b"-_", validate=True)
        )
    except (ValueError, RecursionError):
        raise ValueError(DAMAGED) from None
    if not isinstance(figures, dict) or not all(
        _RECEIPT_KEY.fullmatch(name) and _is_figure(figure) for name, figure in figures.items()
    ):
        raise ValueError(DAMAGED)
    return figures


def _is_figure(figure: object) -> bool:
    if isinstance(figure, str):
        return len(figure) <= LONGEST_VALUE and not any(map(is_invisible, figure))
    if isinstance(figure, float):
        return math.isfinite(figure)
    return figure is None or (isinstance(figure, int) and abs(figure) < 1e15)


def _digest(payload: str) -> str:
    return hashlib.sha256(payload.encode("utf-8", "replace")).hexdigest()[:8]


def sound_receipt(text: str) -> str | None:
    """A receipt as it stood, or None if it is not whole.

    Parameters
    ----------
    text : str
        What a link says; blanks around it do not count, nor underscores behind it, the sign of italics.

    Examples
    --------
    >>> sound_receipt("cut off") is None
    True
    """
    plain = text.strip()
    for receipt in dict.fromkeys((plain, plain.rstrip("_"))):
        try:
            read_receipt(receipt)
        except ValueError:
            continue
        return receipt
    return None
