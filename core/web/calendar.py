"""The quarters of a run: from the one after the snapshot's date to the end of the last year of its plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeVar

import numpy as np

QUARTERS_PER_YEAR = 4
MONTHS = 3  # of a quarter
Year = TypeVar("Year", int, np.ndarray)
QUARTER_ENDS = ("03-31", "06-30", "09-30", "12-31")


@dataclass(frozen=True)
class Calendar:
    """The quarters of a run, counted from 0; a first year that has begun already has fewer than four.

    Attributes
    ----------
    first_year, first_quarter : int
        When quarter 0 is: a year, and a quarter of it from 1.
    last_year : int
        Its fourth quarter is the last.
    """

    first_year: int
    first_quarter: int
    last_year: int

    @classmethod
    def after(cls, snapshot: str, last_year: int) -> Calendar:
        """The calendar of a snapshot, which starts in the quarter after its date.

        Parameters
        ----------
        snapshot : str
            Last day of a quarter, such as ``2025-12-31``.
        last_year : int
            Last year of its plans.

        Raises
        ------
        ValueError
            When the date does not end a quarter, or no quarter is left.

        Examples
        --------
        >>> Calendar.after("2025-12-31", 2033).count, Calendar.after("2026-06-30", 2033).label(0)
        (32, '2026Q3')
        """
        if snapshot[5:] not in QUARTER_ENDS:
            raise ValueError(f"{snapshot} does not end a quarter")
        day = date.fromisoformat(snapshot)
        years, quarter = divmod(day.month // MONTHS, QUARTERS_PER_YEAR)
        found = cls(day.year + years, quarter + 1, last_year)
        if found.count < 1:
            raise ValueError(f"{snapshot} leaves no quarter up to the end of {last_year}")
        return found

    @property
    def begun(self) -> int:
        """Quarters of the first year that are over."""
        return self.first_quarter - 1

    @property
    def count(self) -> int:
        """How many quarters there are."""
        return (self.last_year - self.first_year + 1) * QUARTERS_PER_YEAR - self.begun

    @property
    def reported_year(self) -> int:
        """The last whole year before the first quarter."""
        return self.first_year - 1

    @property
    def years(self) -> tuple[int, ...]:
        """The years, of which the first may be the rest of one."""
        return tuple(range(self.first_year, self.last_year + 1))

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Names of all quarters, such as ``2026Q1``."""
        return tuple(self.label(q) for q in range(self.count))

    def label(self, quarter: int) -> str:
        """Name of a quarter, also of one after the last.

        Parameters
        ----------
        quarter : int
            Counted from 0.

        Examples
        --------
        >>> [Calendar(2026, 3, 2033).label(q) for q in (0, 1, 2)]
        ['2026Q3', '2026Q4', '2027Q1']
        """
        year, place = divmod(self.begun + quarter, QUARTERS_PER_YEAR)
        return f"{self.first_year + year}Q{place + 1}"

    def first_of(self, year: Year) -> Year:
        """The quarter with which a year begins; below 0 if it had begun already.

        Parameters
        ----------
        year : int or ndarray of int
            Any.

        Examples
        --------
        >>> Calendar(2026, 3, 2033).first_of(2026), Calendar(2026, 3, 2033).first_of(2027)
        (-2, 2)
        """
        return (year - self.first_year) * QUARTERS_PER_YEAR - self.begun

    def lead(self, other: Calendar) -> int:
        """Quarters from quarter 0 of this calendar to that of another; all end with the same quarter.

        Parameters
        ----------
        other : Calendar
            With the same last year.

        Examples
        --------
        >>> Calendar(2026, 1, 2033).lead(Calendar(2026, 3, 2033))
        2
        """
        return self.count - other.count

    def in_years(self, quarters: int) -> float:
        """How many of the years the first quarters fill, of which the first may be the rest of one.

        Parameters
        ----------
        quarters : int
            Counted from quarter 0.

        Examples
        --------
        >>> [Calendar(2026, 3, 2033).in_years(quarters) for quarters in (1, 2, 3)]
        [0.5, 1.0, 1.25]
        """
        first = QUARTERS_PER_YEAR - self.begun
        return quarters / first if quarters <= first else 1 + (quarters - first) / QUARTERS_PER_YEAR

    @property
    def year_ends(self) -> tuple[int, ...]:
        """The last quarter of each year."""
        return tuple(self.first_of(year + 1) - 1 for year in self.years)

    def yearly(self, flow: np.ndarray) -> np.ndarray:
        """Sums of a flow by calendar year, (..., year); the first may be the rest of a year.

        Parameters
        ----------
        flow : ndarray, (..., quarter)
            All quarters of the calendar.

        Examples
        --------
        >>> Calendar(2032, 3, 2033).yearly(np.array([1.0, 1.0, 2.0, 2.0, 2.0, 2.0])).tolist()
        [2.0, 8.0]
        """
        over = np.zeros((*flow.shape[:-1], self.begun), flow.dtype)
        whole = np.concatenate([over, flow], axis=-1) if self.begun else flow
        return whole.reshape(*flow.shape[:-1], len(self.years), QUARTERS_PER_YEAR).sum(axis=-1)

    def over_quarters(self, yearly: Sequence[float] | np.ndarray, first: int, last: int) -> np.ndarray:
        """What is stated for each year in equal parts over those of its quarters from ``first`` to ``last``.

        Parameters
        ----------
        yearly : sequence of float, (year,)
            Sums by year; the first may be the rest of one. A year without such a quarter has none.
        first, last : int
            Counted from 0.

        Examples
        --------
        >>> Calendar(2032, 3, 2033).over_quarters([4.0, 9.0], first=1, last=4).tolist()
        [0.0, 4.0, 3.0, 3.0, 3.0, 0.0]
        """
        quarters = np.arange(self.count)
        inside = (quarters >= first) & (quarters <= last)
        year = (quarters + self.begun) // QUARTERS_PER_YEAR
        open_in = np.bincount(year[inside], minlength=len(yearly))[year]
        return np.where(inside, np.asarray(yearly, dtype=float)[year] / np.maximum(open_in, 1), 0.0)

    def per_quarter(self, yearly: Sequence[float] | np.ndarray, more: int = 0) -> np.ndarray:
        """A yearly path as equal quarters; that of the first year is the rest of it, the last goes on.

        Parameters
        ----------
        yearly : sequence of float, (year,)
            What is planned for each year.
        more : int
            Quarters beyond the last.

        Examples
        --------
        >>> Calendar(2032, 3, 2033).per_quarter([4.0, 8.0], more=1).tolist()
        [2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]
        """
        quarters = np.full(len(yearly), float(QUARTERS_PER_YEAR))
        quarters[0] -= self.begun
        years = np.minimum((np.arange(self.count + more) + self.begun) // QUARTERS_PER_YEAR, len(yearly) - 1)
        return np.asarray(yearly, dtype=float)[years] / quarters[years]
