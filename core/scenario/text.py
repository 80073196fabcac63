"""What a stranger wrote: how long it may be, which characters cannot be seen, and how much of it is shown."""

from __future__ import annotations

import unicodedata

LONGEST_VALUE = 100  # characters; the longest number that encode writes has 24


def is_invisible(character: str) -> bool:
    """Tell control and format characters, surrogates, unassigned codes and line separators from the rest.

    Parameters
    ----------
    character : str
        One character.

    Examples
    --------
    >>> is_invisible("\N{ZERO WIDTH SPACE}"), is_invisible("a")
    (True, False)
    """
    category = unicodedata.category(character)
    return category[0] == "C" or category in ("Zl", "Zp")


def echo(text: str) -> str:
    """Cut a stranger's text so that it can be shown: 40 visible characters.

    Parameters
    ----------
    text : str
        Any.

    Examples
    --------
    >>> echo("growth\N{RIGHT-TO-LEFT OVERRIDE}=1")
    'growth=1'
    """
    return visible(text, 40)


def visible(text: str, most: int) -> str:
    """Cut a stranger's text to so many visible characters; what lies far behind them is not looked at.

    Parameters
    ----------
    text : str
        Any.
    most : int
        Characters.
    """
    return "".join(character for character in text[: 10 * most] if not is_invisible(character))[:most]
