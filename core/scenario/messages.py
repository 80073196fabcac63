"""What is told of a link or a file that was not taken as it stood: codes with their words, at most eleven."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from core.scenario.levers import DATA

MOST_TOLD = 10  # messages about one link or file; the rest are counted

Words = dict[str, str | int]


@dataclass(frozen=True)
class Message:
    """One thing in a link that was not taken as it stood, as a code for the catalogues.

    Attributes
    ----------
    code : str
        A key of `data/messages.toml`.
    params : dict of str to str or int
        The words of its template; text from the link is cut to 40 characters without control characters, but
        it is still a stranger's text and must be shown as plain text.
    """

    code: str
    params: dict[str, str | int] = field(default_factory=dict, hash=False)


REPAIRED = frozenset(
    {
        *("clamped", "rounded", "malformed", "ambiguous", "non_finite", "empty", "huge", "control", "markup"),
        "not_an_option",
    }
)
"""Codes of a lever that is not what the link says."""

# What is told first where not everything can be told: another model, then what was lost; last what was only
# understood, or is no lever at all.
OF_OTHER_MODELS = frozenset({"older_model", "migrated"})
"""Codes that say of a link only that an older model made it: nothing in it was bent."""
QUIET = frozenset({"mended"})
"""Codes that say of a link only that it was read as its sender wrote it, though it arrived otherwise."""
_FIRST = OF_OTHER_MODELS | {"bad_model", "newer_model", "bad_data"}
_SECOND = REPAIRED | {
    "bad_edit",
    "ambiguous_edit",
    "refused_edit",
    "elsewhere_edit",
    "repeated_edit",
    "too_many_edits",
    "type",
    "bad_receipt",
    "too_long",
}


def bounded(messages: Iterable[Message], most: int = MOST_TOLD) -> tuple[Message, ...]:
    """Keep at most ten messages, in their order, and count the others in one more.

    Parameters
    ----------
    messages : iterable of Message
        Of one link or file; those of several may be joined, and bounded again.
    most : int
        How many are kept.

    Returns
    -------
    tuple of Message
        Up to eleven; where there are more, the most important and the first of each kind are kept.

    Examples
    --------
    >>> [(one.code, one.params) for one in bounded([Message("unknown", {"given": "x"})] * 14)][-1]
    ('more', {'count': 4})
    """
    one_by_one: list[Message] = []
    counted = 0
    for message in messages:
        if message.code == "more":
            counted += int(message.params["count"])
        else:
            one_by_one.append(message)
    seen: Counter[str] = Counter()
    ranks = []
    for place, message in enumerate(one_by_one):
        code = message.code.removeprefix("file_")
        seen[code] += 1
        ranks.append((0 if code in _FIRST else 1 if code in _SECOND else 2, seen[code], place))
    kept = sorted(place for _, _, place in sorted(ranks)[:most])
    counted += len(one_by_one) - len(kept)
    more = (Message("more", {"count": counted}),) if counted else ()
    return (*(one_by_one[place] for place in kept), *more)


def describe(message: Message) -> str:
    """Say a message in an English sentence.

    Parameters
    ----------
    message : Message
        Of a link or a file.

    Examples
    --------
    >>> describe(Message("more", {"count": 4}))
    'And 4 more.'
    """
    return _templates()[message.code].format(**message.params)


@lru_cache(maxsize=1)
def _templates() -> dict[str, str]:
    return tomllib.loads((DATA / "messages.toml").read_text(encoding="utf-8"))
