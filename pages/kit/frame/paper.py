"""What a printed page says of itself: when its data are from, by which model, which levers were moved.

`bar.js` writes it, with the link of the view, into a place beside the navigation that only paper shows.
"""

from __future__ import annotations

from core.scenario import link as codec
from core.scenario.levers import lever
from pages.kit.frame.lever import today, unit
from pages.kit.visit import cached, visit
from pages.kit.words import numbers
from pages.kit.words.catalogue import _
from pages.kit.words.figures import lever_name, lever_setting


def said() -> dict[str, str]:
    """Return the lines above a printed page, in the reader's language; the link is the browser's to add."""
    return {"dated": dated(), "levers": moved(), "link": _("This view:")}


@visit.once_a_run
def dated() -> str:
    """Say from when the data on the screen are, and which model made the figures."""
    line = _("Data as of {date} · model {model}")
    return line.format(date=numbers.day(cached.snapshot().snapshot), model=codec.MODEL_VERSION)


@visit.once_a_run
def moved() -> str:
    """Say in words which levers stand elsewhere than today's data have them: "AI demand grows 0 % a year"."""
    scenario, default = visit.scenario(), visit.today()
    words = [
        " ".join([lever_name(word), _setting(word, scenario[word]), f"({_today(word, default[word])})"])
        for word in default.differs_from(scenario)
    ]
    if not words:
        return _("Levers moved: none")
    return _("Levers moved: {levers}").format(levers=" · ".join(words))


def _setting(word: str, value: object) -> str:
    """Write where a lever stands, as the panel has it beside its field."""
    if lever(word).options:
        return lever_setting(word, value)
    return f"{numbers.typed(value)} {unit(lever(word))}".strip()


def _today(word: str, value: object) -> str:
    if lever(word).options:
        return today(lever_setting(word, value))
    return today(numbers.typed(value))
