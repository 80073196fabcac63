"""What is shown to an audience and what it is asked: texts in every language, and which answers count."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from pages.kit.visit.visit import LANGUAGES

SECONDS = (10, 60)  # s that a vote may be open
MOST_OPTIONS = 12
Told = Mapping[str, str]  # a text by language


class Refused(ValueError):
    """An answer that does not count; `why` says so in a word.

    One of "closed", "other" (an earlier question), "kind", "range", "step", "option", "often", "stranger".
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Shown:
    """What the audience sees of the step: its page and share link, title and headline, line to say.

    `path` is the page's name ("" for the first one), `query` the words of a share link without "?".
    """

    path: str
    query: str
    title: Told
    headline: Told
    step: int = 1
    of: int = 1
    line: str | Told = ""


@dataclass(frozen=True)
class Question:
    """What the audience is asked: a number on a slider, or one of several options.

    Parameters
    ----------
    kind : str
        "number" or "choice".
    words : mapping
        The question, by language.
    seconds : float
        How long the vote is open, 10 to 60 s.
    low, high, step : float
        Of a number: where it may stand, in the unit of the page.
    start : float, optional
        Where the slider begins; in the middle if not given.
    unit, per, note : mapping
        By language: what stands at the number ("%"), small behind it ("a year"), and a line under the slider.
    options : mapping
        Of a choice: names by language, by id.
    about : str
        What the presenter's side knows the question by; goes out to nobody.
    """

    kind: str
    words: Told
    seconds: float = 20.0
    low: float = 0.0
    high: float = 0.0
    step: float = 1.0
    start: float | None = None
    unit: Told = field(default_factory=dict)
    per: Told = field(default_factory=dict)
    note: Told = field(default_factory=dict)
    options: Mapping[str, Told] = field(default_factory=dict)
    about: str = ""

    def __post_init__(self) -> None:
        if not SECONDS[0] <= self.seconds <= SECONDS[1]:
            raise ValueError(f"a vote is open {SECONDS[0]} to {SECONDS[1]} s, not {self.seconds}")
        if self.kind == "number":
            if not (self.step > 0 and -math.inf < self.low < self.high < math.inf):
                raise ValueError(f"no slider from {self.low} to {self.high} by {self.step}")
        elif self.kind != "choice" or not 2 <= len(self.options) <= MOST_OPTIONS:
            raise ValueError(f"{self.kind}: a question is a number, or a choice of 2 to {MOST_OPTIONS}")

    def read(self, value: object) -> float | str:
        """Return an answer as it counts; `Refused` for one that does not."""
        if self.kind == "choice":
            if not isinstance(value, str):
                raise Refused("kind")
            if value not in self.options:
                raise Refused("option")
            return value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Refused("kind")
        if not self.low <= value <= self.high:  # nor is what is not a number in the range
            raise Refused("range")
        return self.on_step(value, within=1e-6)

    def on_step(self, value: float, within: float = 0.5) -> float:
        """Return the stop of the slider at a number; `Refused` if it is further off, in steps."""
        steps = (value - self.low) / self.step
        if abs(steps - round(steps)) > within:
            raise Refused("step")
        return round(self.low + round(steps) * self.step, 9)


def spoken(value: object, language: str):
    """Return JSON in one language: of every text that is given by language, that one; nan is None.

    >>> spoken({"says": {"en": "Yes.", "nl": "Ja."}, "at": [1, {"nl": "een"}]}, "nl")
    {'says': 'Ja.', 'at': [1, 'een']}
    """
    if isinstance(value, Mapping):
        if value and set(value) <= set(LANGUAGES):
            return value.get(language) or next(iter(value.values()))
        return {key: spoken(one, language) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [spoken(one, language) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON knows no such number
    return value


def in_language(query: str, language: str) -> str:
    """Return the query of a share link in a reader's language; all else stays as it is written.

    >>> in_language("m=1&g=0&lang=en", "nl")
    'm=1&g=0&lang=nl'
    """
    kept = [one for one in query.split("&") if one and not one.startswith("lang=")]
    return "&".join([*kept, f"lang={language}"])
