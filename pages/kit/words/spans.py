"""From when to when figures are, and of how many companies: words that come from the data looked at."""

from __future__ import annotations

from datetime import date

from babel import dates

from pages.kit.visit import cached
from pages.kit.visit.visit import language
from pages.kit.words import numbers
from pages.kit.words.catalogue import N_, _

COUNTS = {
    1: N_("one"),
    2: N_("two"),
    3: N_("three"),
    4: N_("four"),
    5: N_("five"),
    6: N_("six"),
    7: N_("seven"),
    8: N_("eight"),
    9: N_("nine"),
    10: N_("ten"),
    11: N_("eleven"),
    12: N_("twelve"),
}


def end() -> str:
    """Return the last year of a run: "2033"."""
    return str(cached.snapshot().calendar.last_year)


def start() -> str:
    """Return the month of the data: "Dec 2025"."""
    return month(cached.snapshot().snapshot)


def month(iso: str) -> str:
    """Return the month of an ISO date: "Dec 2025"."""
    return dates.format_date(date.fromisoformat(iso), format="MMM y", locale=language())


def first_year() -> str:
    """Return the first year of a run: "2026", or its quarters where it is only the rest of one."""
    calendar = cached.snapshot().calendar
    if not calendar.begun:
        return str(calendar.first_year)
    ends = (calendar.label(0), calendar.label(calendar.year_ends[0]))
    return " – ".join(dict.fromkeys(map(numbers.quarter, ends)))


def years() -> list[str]:
    """Return the years of a run: "2026", "2027" and so on; the first may be its quarters alone."""
    return [first_year(), *map(str, cached.snapshot().calendar.years[1:])]


def year(name: str) -> str:
    """Return a year of a run as first_year has it: only the rest of the first may be meant."""
    return first_year() if name == str(cached.snapshot().calendar.first_year) else name


def quarter_of(row: str) -> str:
    """Return the quarter that a row of the data names, as ``2033Q1``: they are counted from the start."""
    web = cached.snapshot()
    return web.calendar.label(int(float(web.value(row))))


def count(number: int) -> str:
    """Write how many companies there are, in a word."""
    return _(COUNTS[number]) if number in COUNTS else str(number)


def named() -> str:
    """Write how many companies are watched for failure."""
    return count(len(cached.named()))


def by_year(told: str) -> str:
    """Return what bars by year show, and what the first is where that is only the rest of a year."""
    if not cached.snapshot().calendar.begun:
        return told
    return _("{told} · first bar: {quarters}").format(told=told, quarters=first_year())
