"""Levers, scenarios and presets: what a person can change, declared once in `data/levers.toml`.

Values are kept as people write them (35 per cent, 300 basis points, "closed", a year). They cross to the
model's units (0.35, 0.03, 2, 2026) in one place: `Lever.to_model`. Where a lever stands by default is said by
the snapshot that is looked at: `Scenario.default`.
"""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.web.refusal import DataError
from core.web.web import Web, latest_snapshot, published

DATA = Path(__file__).parents[1] / "data"

Value = float | int | str | bool
Dated = str | Web | None  # whose defaults: the date of a snapshot, a web that shows one; None: the latest

ASSUMPTION, CALENDAR = "assumption", "calendar"  # sources of a default that are no row

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def nearest(word: str, words: Iterable[str], cutoff: float = 0.0) -> str | None:
    """Find the valid word that somebody probably meant.

    Parameters
    ----------
    word : str
        What was written; only its first 40 characters count.
    words : iterable of str
        The valid words.
    cutoff : float
        Likeness below which nothing is near, 0 (anything goes) to 1 (equal).

    Returns
    -------
    str or None
        The most alike word; None when nothing is near.

    Examples
    --------
    >>> nearest("utilization", ["demand_growth", "utilisation"])
    'utilisation'
    >>> nearest("qqq", ["g", "base_rate"], cutoff=0.6) is None
    True
    """
    found = difflib.get_close_matches(word[:40].lower(), list(words), n=1, cutoff=cutoff)
    return found[0] if found else None


def plain_number(text: str) -> float:
    """Read a number written plainly: ASCII digits, a decimal point, perhaps an exponent.

    Parameters
    ----------
    text : str
        Such as "10", "-6.5" or "1e-3"; no spaces, separators or words ("nan" and "inf" are words).

    Returns
    -------
    float
        The number; inf when it is too large for one. Minus zero becomes zero.

    Raises
    ------
    ValueError
        When the text is not such a number.

    Examples
    --------
    >>> plain_number("6.5"), plain_number("-0")
    (6.5, 0.0)
    """
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is not a number")
    return float(text) + 0.0


@dataclass(frozen=True)
class Lever:
    """One thing a person can change, with the range in which the model is meant to be used.

    Attributes
    ----------
    id, name : str
        The public short id and the long name; both are stable.
    kind : str
        number, year, choice or yesno.
    unit : str
        As shown: "%", "%/year", "bp", "year", "-", "choice", "yes/no".
    group : str
        main, Market, Credit, Promises or view.
    source : str
        Row of the snapshot that is the default, "calendar" for its first year, or "assumption".
    note : str
        What it is, and for an assumption why it has this default.
    default : float, int, str, bool or None
        Of an assumption, in public units; None where the data say it (`default_on`).
    low, high, step : float or None
        Range and step in public units; the step binds widgets only. None for choices and yes/no.
    per_unit : float
        Public units in one model unit: 100 for per cent.
    choices : tuple of str
        The words of a choice, in the order of the model's codes 0, 1, 2.
    """

    id: str
    name: str
    kind: str
    unit: str
    group: str
    source: str
    note: str
    default: Value | None = None
    low: float | None = None
    high: float | None = None
    step: float | None = None
    per_unit: float = 1
    choices: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """How messages name it: the long name with the id."""
        return f"{self.name} ({self.id})"

    @property
    def options(self) -> tuple[str | bool, ...]:
        """All values of a choice or a yes/no lever; empty for numbers and years."""
        return (True, False) if self.kind == "yesno" else self.choices

    @property
    def span(self) -> str:
        """The valid values in words, such as "-50 to 100 %/year" or "open, strict, closed"."""
        if self.low is None or self.high is None:
            return ", ".join(self.format(option) for option in self.options)
        unit = "" if self.unit in ("-", "year") else f" {self.unit}"
        return f"{self.format(self.low)} to {self.format(self.high)}{unit}"

    def default_on(self, web: Web) -> Value:
        """Return where the lever stands by default on a snapshot.

        Parameters
        ----------
        web : Web
            As published: without edits.

        Returns
        -------
        float, int, str or bool
            In public units.

        Raises
        ------
        ValueError
            When the row is not there, or outside the range of the lever.
        """
        if self.source == ASSUMPTION:
            return self.check(self.default)
        return self.check(web.calendar.first_year if self.source == CALENDAR else web.row(self.source).raw)

    def check(self, value: object) -> Value:
        """Return the value in its one canonical form, or refuse it.

        Parameters
        ----------
        value : object
            In public units; numpy scalars and whole floats for years are welcome.

        Returns
        -------
        float, int, str or bool
            float for a number (never minus zero), int for a year, str for a choice, bool for yes/no.

        Raises
        ------
        ValueError
            Naming the lever, the value and what is valid.

        Examples
        --------
        >>> lever("r").check(6)
        6.0
        >>> lever("r").check(60)
        Traceback (most recent call last):
        ValueError: base_rate (r) = 60: not within 0 to 12 %
        """
        if isinstance(value, np.generic):
            value = value.item()
        if self.options:
            if type(value) is type(self.options[0]) and value in self.options:
                return value
            raise ValueError(f"{self.label} = {str(value)[:40]}: not one of {self.span}")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{self.label} = {str(value)[:40]}: not a number")
        if not math.isfinite(value) or self.clamp(value) != value:
            raise ValueError(f"{self.label} = {str(value)[:40]}: not within {self.span}")
        if self.kind == "number":
            return float(value) + 0.0
        if value != int(value):
            raise ValueError(f"{self.label} = {value}: not a whole year")
        return int(value)

    def clamp(self, value: float) -> float:
        """Return the nearest value within the range of a number or year.

        Parameters
        ----------
        value : float
            In public units; not nan.

        Returns
        -------
        float
            `value` itself, or the end of the range that it lies beyond.

        Raises
        ------
        ValueError
            For a choice or a yes/no lever.
        """
        if self.low is None or self.high is None:
            raise ValueError(f"{self.label} has options, not a range")
        return min(max(value, self.low), self.high)

    def parse(self, text: str) -> Value:
        """Read a value as written on the command line: strict, so that a typing error is not guessed at.

        Parameters
        ----------
        text : str
            A plain number, a word of the choice, or yes or no.

        Raises
        ------
        ValueError
            Naming the lever, the text and what is valid.

        Examples
        --------
        >>> lever("g").parse("-15"), lever("gw").parse("no"), lever("f").parse("closed")
        (-15.0, False, 'closed')
        """
        if self.options:
            for option in self.options:
                if text == self.format(option):
                    return option
            return self.check(text)
        try:
            number = plain_number(text)
        except ValueError:
            return self.check(text)
        return self.check(number)

    def format(self, value: Value) -> str:
        """Write a value the short way that links and the command line use; `parse` gives it back bit for bit.

        Parameters
        ----------
        value : float, int, str or bool
            In public units.

        Returns
        -------
        str
            "10", "6.5", "closed", "no".

        Examples
        --------
        >>> [lever("r").format(rate) for rate in (10.0, 6.5, 0.125)]
        ['10', '6.5', '0.125']
        """
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, float):
            return repr(value).removesuffix(".0")
        return str(value)

    def to_model(self, values: ArrayLike) -> NDArray:
        """Cross from public units to the model's: per cent and basis points end here.

        Parameters
        ----------
        values : array_like
            Public values of any shape: numbers, years, words of the choice, or booleans.

        Returns
        -------
        ndarray
            Same shape: decimals for numbers, whole years, codes 0, 1, 2 for choices, booleans for yes/no.

        Raises
        ------
        ValueError
            Naming the lever, the first bad value and what is valid.

        Examples
        --------
        >>> lever("g").to_model([35, -15]), lever("f").to_model(["closed"])
        (array([ 0.35, -0.15]), array([2]))
        """
        array = np.asarray(values)
        if self.kind == "yesno":
            good = np.full(array.shape, array.dtype == bool)
            model = array
        elif self.kind == "choice":
            model = np.full(array.shape, -1)
            for code, word in enumerate(self.choices):
                model[array == word] = code
            good = model >= 0
        else:
            if array.dtype.kind not in "iuf":
                self.check(array.flat[0].item() if array.size else "nothing")
                raise ValueError(f"{self.label}: not an array of numbers")
            good = (array >= self.low) & (array <= self.high)
            if self.kind == "year":
                good &= array == np.round(array)
                model = np.where(good, array, 0).astype(int)
            else:
                model = array / self.per_unit
        if not good.all():
            self.check(array[~good].flat[0])  # tells why
            raise ValueError(f"{self.label}: not an array of {self.span}")
        return model


@lru_cache(maxsize=1)
def levers() -> tuple[Lever, ...]:
    """Return all levers in the order of their declaration, which is the order of links and panels.

    Returns
    -------
    tuple of Lever
        g, r, u, t, b, d, e, s, f, c, v, gw, nb, mr, fl, h.
    """
    declared = tomllib.loads((DATA / "levers.toml").read_text(encoding="utf-8"))["lever"]
    return tuple(_declared(entry) for entry in declared)


def _declared(entry: dict) -> Lever:
    made = Lever(**{**entry, "choices": tuple(entry.get("choices", ()))})
    if made.kind not in ("number", "year", "choice", "yesno"):
        raise ValueError(f"levers.toml: {made.label} has the unknown kind {made.kind!r}")
    if (made.source == ASSUMPTION) is (made.default is None):
        raise ValueError(f"levers.toml: {made.label} must have a default of its own or one of the data")
    return made


@lru_cache(maxsize=1)
def _places() -> dict[str, int]:
    return {word: i for i, one in enumerate(levers()) for word in (one.id, one.name)}


def lever(word: str) -> Lever:
    """Return the lever with this id or long name.

    Parameters
    ----------
    word : str
        Such as "g" or "demand_growth".

    Raises
    ------
    ValueError
        Naming the nearest valid word.

    Examples
    --------
    >>> lever("demand_growth").id
    'g'
    >>> lever("demand_grwth")
    Traceback (most recent call last):
    ValueError: 'demand_grwth' is not a lever; the nearest is 'demand_growth'
    """
    return levers()[_place(word)]


def _place(word: str) -> int:
    try:
        return _places()[word]
    except KeyError:
        near = nearest(str(word), _places())
        raise ValueError(f"{str(word)[:40]!r} is not a lever; the nearest is {near!r}") from None


@dataclass(frozen=True)
class Scenario:
    """One setting of all levers, in public units; equal settings are equal and give equal results.

    Attributes
    ----------
    values : tuple
        One value per lever, in the order of `levers()`; anything out of range is refused.

    Examples
    --------
    >>> today = Scenario.default()
    >>> stressed = today.replace(g=-15, f="closed")
    >>> stressed["demand_growth"], stressed.differs_from(today)
    (-15.0, ('g', 'f'))
    """

    values: tuple[Value, ...]

    def __post_init__(self) -> None:
        if len(self.values) != len(levers()):
            raise ValueError(f"a scenario has {len(levers())} values, not {len(self.values)}")
        canonical = tuple(one.check(value) for one, value in zip(levers(), self.values, strict=True))
        object.__setattr__(self, "values", canonical)

    @classmethod
    def default(cls, data: Dated = None) -> Scenario:
        """Return the baseline: every lever at the value of today's data.

        Parameters
        ----------
        data : str or Web, optional
            Which data: a snapshot by its date, or that of a web, whose edits do not count; else the latest.

        Raises
        ------
        DataError
            When there are no such data, they cannot be read, or a default lies outside its lever's range.
        """
        if isinstance(data, Web):
            return _default(data.snapshot, data.root)
        return _default(data or latest_snapshot(), None)

    @classmethod
    def from_mapping(cls, values: Mapping[str, object], data: Dated = None) -> Scenario:
        """Return the baseline with some levers set.

        Parameters
        ----------
        values : mapping of str to value
            By id or long name, in public units; a lever may be named once only.
        data : str or Web, optional
            As for `default`.

        Returns
        -------
        Scenario
            Levers that are not named stay at their default.

        Raises
        ------
        ValueError
            For an unknown or twice-named lever or a value out of range, naming it.
        """
        return _with(cls.default(data).values, values)

    def carried(self, kept: Iterable[str], data: Dated = None) -> Scenario:
        """Return the same moves on other data: who was not moved goes to the default there.

        Parameters
        ----------
        kept : iterable of str
            Levers by id that keep their value.
        data : str or Web, optional
            The other data, as for `default`.
        """
        return Scenario.from_mapping({word: self[word] for word in kept}, data)

    def replace(self, **values: object) -> Scenario:
        """Return this scenario with some levers set otherwise.

        Parameters
        ----------
        **values : value
            By id or long name, in public units.
        """
        return _with(self.values, values)

    def as_dict(self) -> dict[str, Value]:
        """Return all levers by id, in the order of their declaration.

        Returns
        -------
        dict
            Public units: numbers, whole years, words, True and False.
        """
        return {one.id: value for one, value in zip(levers(), self.values, strict=True)}

    def differs_from(self, other: Scenario) -> tuple[str, ...]:
        """Return the ids of the levers that are set otherwise than in another scenario.

        Parameters
        ----------
        other : Scenario
            To compare with.

        Returns
        -------
        tuple of str
            In the order of their declaration.
        """
        pairs = zip(levers(), self.values, other.values, strict=True)
        return tuple(one.id for one, mine, theirs in pairs if mine != theirs)

    def __getitem__(self, word: str) -> Value:
        return self.values[_place(word)]


@lru_cache(maxsize=4)
def _default(snapshot: str, root: Path | None) -> Scenario:
    web = published(snapshot, root)
    try:
        return Scenario(tuple(one.default_on(web) for one in levers()))
    except ValueError as error:
        raise DataError(f"{snapshot}: {error}") from None


def _with(start: tuple[Value, ...], changes: Mapping[str, object]) -> Scenario:
    values: list = list(start)
    seen: dict[int, str] = {}
    for word, value in changes.items():
        place = _place(word)
        if place in seen:
            raise ValueError(f"{levers()[place].label} is set twice: as {seen[place]!r} and as {word!r}")
        seen[place] = word
        values[place] = value
    return Scenario(tuple(values))


def columns(scenarios: Sequence[Scenario]) -> dict[str, NDArray]:
    """Return a batch of scenarios as the arrays that the model reads.

    Parameters
    ----------
    scenarios : sequence of Scenario
        Any number.

    Returns
    -------
    dict of str to ndarray
        Lever id to (scenario,) in model units: decimals (g 35 % is 0.35, s 300 bp is 0.03), f as 0 open,
        1 strict, 2 closed, yes/no as booleans, t and h as whole years.

    Examples
    --------
    >>> batch = columns([Scenario.default(), Scenario.default().replace(g=10, gw=False)])
    >>> batch["g"], batch["gw"]
    (array([0.35, 0.1 ]), array([ True, False]))
    """
    return {
        one.id: one.to_model([scenario.values[i] for scenario in scenarios]) for i, one in enumerate(levers())
    }


def columns_from(base: Scenario, **arrays: ArrayLike) -> dict[str, NDArray]:
    """Return a grid of scenarios as the arrays that the model reads, without making each scenario.

    Parameters
    ----------
    base : Scenario
        Gives the levers that are not varied.
    **arrays : array_like
        Public values by id or long name; they are broadcast together, so a column and a row make a grid.

    Returns
    -------
    dict of str to ndarray
        As `columns`, with the grid flattened row by row: results are reshaped by the caller.

    Raises
    ------
    ValueError
        For an unknown or twice-named lever or a value out of range, naming it.

    Examples
    --------
    >>> batch = columns_from(Scenario.default(), g=[[0], [10]], u=[60, 70, 80])
    >>> batch["g"]
    array([0. , 0. , 0. , 0.1, 0.1, 0.1])
    >>> batch["u"]
    array([0.6, 0.7, 0.8, 0.6, 0.7, 0.8])
    """
    places = [_place(word) for word in arrays]
    if len(set(places)) < len(places):
        raise ValueError(f"a lever is varied twice: {', '.join(arrays)}")
    varied = {
        place: levers()[place].to_model(values) for place, values in zip(places, arrays.values(), strict=True)
    }
    shape = np.broadcast_shapes((1,), *(values.shape for values in varied.values()))
    return {
        one.id: np.broadcast_to(varied[i] if i in varied else one.to_model(base.values[i]), shape).reshape(-1)
        for i, one in enumerate(levers())
    }
