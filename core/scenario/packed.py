"""The short form of a receipt: headline figures at the digits that pages show, in 28 letters and digits.

A sign for the form (`data/receipts.toml` says what each holds), one large number, a check digit. No hyphen or
underscore is among them: mail programs break lines at the one, chats begin italics at the other.
"""

from __future__ import annotations

import math
import re
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.scenario.levers import DATA
from core.web.calendar import QUARTERS_PER_YEAR

LENGTH = 28  # characters
FORM = "1"  # the one that is written
DAMAGED = "this is not a whole receipt"

Figure = str | float | int | None

_SIGNS = string.digits + string.ascii_letters
_PLACES = {sign: place for place, sign in enumerate(_SIGNS)}
_WEIGHT = 3  # by place; no power of it has a factor in common with the count of signs
_CENTURY, _YEARS = 2000, 100
_ENDS = ("03-31", "06-30", "09-30", "12-31")  # days of data: the last of a quarter
_MARK_DIGITS = 3  # hexadecimal, of each mark
_VERSION = re.compile(r"20(\d\d)\.(\d{1,2})", re.ASCII)
_DAY = re.compile(r"20(\d\d)-(\d\d-\d\d)", re.ASCII)
_QUARTER = re.compile(r"20(\d\d)Q([1-4])", re.ASCII)
_MARK = re.compile(r"[0-9a-f]{3,}", re.ASCII)


@dataclass(frozen=True)
class Form:
    """What a short receipt holds after model, day of the data, and the marks of data and link.

    Attributes
    ----------
    failed, cut, called, service : tuple of str
        Names of figures: quarters, quarters, USD bn, and ratios of which one at most is kept.
    quarters : int
        How many quarters after that of the data a quarter may be.
    called_step, service_step, net_step : float
        The digit that is kept.
    called_steps, service_steps, net_steps : int
        How many there are.
    service_low, net_low : float
        The lowest of each.
    net : str
        Name of a return.
    """

    failed: tuple[str, ...]
    cut: tuple[str, ...]
    quarters: int
    called: tuple[str, ...]
    called_step: float
    called_steps: int
    service: tuple[str, ...]
    service_step: float
    service_low: float
    service_steps: int
    net: str
    net_step: float
    net_low: float
    net_steps: int

    @property
    def names(self) -> frozenset[str]:
        """All that it has a place for, marks included."""
        return frozenset(("m", "s", "d", "l", *self.failed, *self.cut, *self.called, *self.service, self.net))

    @property
    def bases(self) -> list[int]:
        """How many values each digit of the large number has."""
        return [
            *(_YEARS, 100, _YEARS * QUARTERS_PER_YEAR, 16**_MARK_DIGITS, 16**_MARK_DIGITS),
            *[self.quarters + 1] * len(self.failed + self.cut),
            *[self.called_steps] * len(self.called),
            1 + len(self.service) * self.service_steps,
            2 + self.net_steps,
        ]


@lru_cache(maxsize=1)
def forms() -> dict[str, Form]:
    """Return the short forms there are, by their sign."""
    declared = tomllib.loads((DATA / "receipts.toml").read_text(encoding="utf-8"))
    return {sign: _form(row) for sign, row in declared.items()}


def _form(row: dict[str, Any]) -> Form:
    fields: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in row.items()
    }
    return Form(**fields)


def pack(figures: Mapping[str, Figure]) -> str | None:
    """Write a receipt in its short form; None where that has no place for something.

    Parameters
    ----------
    figures : mapping of str to str, float, int or None
        As `core.results.headline_then.write` chooses them, marks included. A ratio or a return beyond the
        range of the form is left out: a reader is then told nothing of it.

    Examples
    --------
    >>> marks = {"m": "2026.13", "s": "2026-06-30", "d": "0a1b2c", "l": "ffffff"}
    >>> short = pack(marks | {"coreweave": "2030Q2", "called.nvidia": 2.04, "net.infra_credit": None})
    >>> len(short), unpack(short)["coreweave"], unpack(short)["called.nvidia"], unpack(short)["l"]
    (28, '2030Q2', 2.0, 'fff')
    >>> pack(marks | {"called.nobody": 1.0, "net.infra_credit": 0.1}) is None
    True
    """
    form = forms()[FORM]
    if not figures.keys() <= form.names or not {"m", "s", "d", "l", form.net} <= figures.keys():
        return None
    try:
        digits = _digits(form, figures)
    except ValueError:
        return None
    number = 0
    for digit, base in zip(digits, form.bases, strict=True):
        if not 0 <= digit < base:
            return None
        number = number * base + digit
    signs = []
    for _place in range(LENGTH - 2):
        number, place = divmod(number, len(_SIGNS))
        signs.append(_SIGNS[place])
    body = FORM + "".join(reversed(signs))
    return body + _check_sign(body)


def unpack(text: str) -> dict[str, Figure]:
    """Read a receipt in its short form.

    Parameters
    ----------
    text : str
        From `pack`, perhaps by way of a stranger.

    Returns
    -------
    dict of str to str, float, int or None
        Figures by name, at the digits that are kept; of the marks "d" and "l" the first three signs.

    Raises
    ------
    ValueError
        When it is not a whole receipt.

    Examples
    --------
    >>> unpack("1aaaaaaaaaaaaaaaaaaaaaaaaaaa")
    Traceback (most recent call last):
    ValueError: this is not a whole receipt
    """
    form, body = forms().get(text[:1]), text[:-1]
    if (
        form is None
        or len(text) != LENGTH
        or not set(text) <= _PLACES.keys()
        or text[-1] != _check_sign(body)
    ):
        raise ValueError(DAMAGED)
    number = 0
    for sign in body[1:]:
        number = number * len(_SIGNS) + _PLACES[sign]
    digits = []
    for base in reversed(form.bases):
        number, digit = divmod(number, base)
        digits.append(digit)
    if number:
        raise ValueError(DAMAGED)
    return _figures(form, digits[::-1])


def _check_sign(body: str) -> str:
    """Another sign than before whenever one sign of the receipt has become another."""
    total = sum(pow(_WEIGHT, place, len(_SIGNS)) * _PLACES[sign] for place, sign in enumerate(body))
    return _SIGNS[total % len(_SIGNS)]


def _digits(form: Form, figures: Mapping[str, Figure]) -> list[int]:
    model, day = _found(_VERSION, figures["m"]), _found(_DAY, figures["s"])
    start = int(day[1]) * QUARTERS_PER_YEAR + _ENDS.index(day[2])
    marks = [int(_found(_MARK, figures[name])[0][:_MARK_DIGITS], 16) for name in ("d", "l")]
    quarters = [
        0 if figures.get(name) is None else _after(start, figures[name]) for name in form.failed + form.cut
    ]
    called = [_steps(figures.get(name, 0.0), form.called_step) for name in form.called]
    service = 0
    for place, name in enumerate(form.service):
        if name in figures:
            step = _steps(figures[name], form.service_step, form.service_low)
            if service:
                raise ValueError(f"there is no place for {name} beside another one")
            if 0 <= step < form.service_steps:
                service = 1 + place * form.service_steps + step
    net = 0 if figures[form.net] is None else 2 + _steps(figures[form.net], form.net_step, form.net_low)
    within = net == 0 or 2 <= net < 2 + form.net_steps
    return [int(model[1]), int(model[2]), start, *marks, *quarters, *called, service, net if within else 1]


def _figures(form: Form, digits: list[int]) -> dict[str, Figure]:
    year, number, start, data, link, *rest = digits
    when, end = divmod(start, QUARTERS_PER_YEAR)
    found: dict[str, Figure] = {
        "m": f"{_CENTURY + year}.{number}",
        "s": f"{_CENTURY + when}-{_ENDS[end]}",
        "d": f"{data:0{_MARK_DIGITS}x}",
        "l": f"{link:0{_MARK_DIGITS}x}",
    }
    for name in form.failed + form.cut:
        if after := rest.pop(0):
            since, quarter = divmod(start + after, QUARTERS_PER_YEAR)
            found[name] = f"{_CENTURY + since}Q{quarter + 1}"
    for name in form.called:
        if step := rest.pop(0):
            found[name] = _value(step, form.called_step)
    service, net = rest
    if service:
        place, step = divmod(service - 1, form.service_steps)
        found[form.service[place]] = _value(step, form.service_step, form.service_low)
    if net != 1:
        found[form.net] = None if net == 0 else _value(net - 2, form.net_step, form.net_low)
    return found


def _found(pattern: re.Pattern[str], figure: Figure) -> re.Match[str]:
    match = pattern.fullmatch(str(figure))
    if match is None:
        raise ValueError(f"{figure!r} has no place in a short receipt")
    return match


def _after(start: int, figure: Figure) -> int:
    """Quarters from that of the data to another one; at least one."""
    quarter = _found(_QUARTER, figure)
    after = int(quarter[1]) * QUARTERS_PER_YEAR + int(quarter[2]) - 1 - start
    if after < 1:
        raise ValueError(f"{figure!r} lies before the data")
    return after


def _steps(figure: Figure, step: float, low: float = 0.0) -> int:
    if isinstance(figure, str) or figure is None or not math.isfinite(figure):
        raise ValueError(f"{figure!r} has no place in a short receipt")
    return round((figure - low) / step)


def _value(steps: int, step: float, low: float = 0.0) -> float:
    digits = round(-math.log10(step))
    return round(low + steps * step, digits)
