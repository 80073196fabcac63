"""The view choices that a link may carry beside the levers, and the words that each of them may be.

What stands here is all that is taken from a link and all that is shared: a page offers these words, and
`address.keep_choices` leaves out every other one and says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from core.questions.explore import number_levers
from core.results import deals
from core.results.comparison import FIGURES
from core.scenario import decks, sides
from core.scenario.presets import presets
from core.web import web
from core.web.web import BIG_TECH, LABS, NEOCLOUDS, OPERATORS
from pages.kit.visit import cached

COMPANIES = (*NEOCLOUDS, *LABS, *OPERATORS)
LARGEST_SEED = 999_999
NOW = "now"  # a side of Compare: the scenario on the screen
STORY, OWN = "story", "own"  # decks: the story of the article, and one that is too long for a link
# Of a side of Compare: the date of its data, where these are not those on the screen.
DATED = {"from": "fromdata", "to": "todata"}
SIDES = {side: tuple(f"{side}{letter}" for letter in ("", "b", "c", "d", "e")) for side in ("from", "to")}

# In the order in which a page offers them; what is shown when nobody has chosen is up to the page.
WORDS: Mapping[str, tuple[str, ...]] = {
    "row": (*NEOCLOUDS, *LABS, *OPERATORS),
    "co": (*NEOCLOUDS, *OPERATORS),
    "fund": ("infra_credit", "blue_owl", "blackstone", "pimco", "apollo", "kkr"),
    "giver": BIG_TECH,
    "look": ("debt", "circle", "return"),
    "tenant": (*LABS, *OPERATORS, *NEOCLOUDS),
    "deal": tuple(deals.SWITCH),
    "tab": ("breaks", "plane", "tornado", "chance", "reverse"),
    "xaxis": number_levers(),
    "yaxis": number_levers(),
    "which": COMPANIES,
    "measure": tuple(FIGURES),
    "why": tuple(FIGURES),
    "draws": ("500", "2000", "10000"),
    "era": ("pairs", "credit", "replay", "check", "odds"),
    "part": ("figures", "edit", "article", "method", "past", "since", "levers", "words", "limits"),
}

_OF_COMPANIES = ("giver", "fund")
_WATCHED = ("row", "co", "tenant", "which")  # those that can fail
# A quarter, or one wave of failures in it; on Present the number of a step of the deck.
_STEP = re.compile(r"20\d\dQ[1-4](-[1-9]\d?)?|[1-9]\d?", re.ASCII)
_NUMBER = re.compile(r"0|[1-9]\d{0,5}", re.ASCII)


def _step(given: str) -> str | None:
    return given if _STEP.fullmatch(given) else None


def _deck(given: str) -> str | None:
    return given if given in (STORY, OWN) or decks.is_whole(given) else None


def _seed(given: str) -> str | None:
    return given if _NUMBER.fullmatch(given) and int(given) <= LARGEST_SEED else None


def _companies(given: str) -> str | None:
    """Keep those that there are, each once: "terawulf.coreweave"."""
    return ".".join(dict.fromkeys(name for name in given.split(".") if name in COMPANIES)) or None


def _side(given: str) -> str | None:
    """Keep a preset or levers; the page checks each lever, says what was bent, and writes it anew."""
    known = {NOW, sides.NOTHING, *(preset.id for preset in presets())}
    return given if given in known or ":" in given else None


def _more_of_a_side(given: str) -> str | None:
    return given if ":" in given else None


def _date(given: str) -> str | None:
    return given if given in web.snapshots() else None


_CHECKS: dict[str, Callable[[str], str | None]] = {
    "step": _step,
    "deck": _deck,
    "seed": _seed,
    "who": _companies,
}
for _first, *_more in SIDES.values():
    _CHECKS |= {_first: _side} | dict.fromkeys(_more, _more_of_a_side)
_CHECKS |= dict.fromkeys(DATED.values(), _date)
NAMES = (*WORDS, *_CHECKS)
CODES = {"deck": "deck_damaged"}  # what is told of a choice that cannot be used, where there is more to say


def offered(name: str) -> tuple[str, ...]:
    """Return the words of a view choice that a page offers: of companies those that the data know."""
    if name in _WATCHED:
        named = cached.named()
        return tuple(one for one in WORDS[name] if one in named)
    return cached.those(WORDS[name]) if name in _OF_COMPANIES else WORDS[name]


def is_of(page: str, name: str, given: str) -> bool:
    """Tell whether a word is this page's: steps of a talk and steps of a chain have one name."""
    return name != "step" or given.isdigit() == (page == "present")


def sound(name: str, given: str) -> str | None:
    """Return what may stay of a view choice as a link gives it; None when nothing may."""
    if name in WORDS:
        return given if given in WORDS[name] else None
    return _CHECKS[name](given)
