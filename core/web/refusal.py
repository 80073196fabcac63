"""Every way in which data can be refused, and how the refusal is worded."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

REASONS = {
    "missing_file": "the file is missing",
    "undecodable": "cannot be read: {detail}",
    "missing_column": "the column is missing",
    "unknown_column": "no such column is known",
    "wrong_cell_count": "{found} cells where the header has {expected}",
    "duplicate_id": "the id already stands in {other}",
    "id_mismatch": "the id should be {expected!r}, made of its parts",
    "unknown_item": "the table has no item {value!r}; nearest: {nearest}",
    "missing_unit": "no unit",
    "unknown_unit": "unknown unit {value!r}",
    "wrong_unit": "stated in {value!r}, but this item is counted in {expected!r}",
    "missing_value": "no value",
    "not_a_number": "{value!r} is not a number",
    "not_finite": "{value!r} is not a finite number",
    "out_of_range": "{value} lies outside {low} to {high} {unit}",
    "not_whole": "{value} is not a whole number",
    "not_a_choice": "{value!r} is none of {choices}",
    "range_order": "low <= value <= high does not hold for {low}, {value}, {high}",
    "bad_date": "{value!r} is not a date like 2025-12-31",
    "late_without_note": "{value} is after the snapshot of {snapshot}, and no note says why it is taken",
    "bad_quarter": "{value!r} is neither a quarter like 2026Q1, a half like 2026H1, nor a year",
    "unknown_basis": "{value!r} is none of {choices}",
    "unknown_confidence": "{value!r} is none of {choices}",
    "unknown_source": "{value!r} is not a key of sources.toml; nearest: {nearest}",
    "incomplete_source": "the source has no {missing}",
    "assumption_without_note": "an assumption must say why",
    "unknown_reference": "{value!r} is none of the subjects of {tables}; nearest: {nearest}",
    "missing_item": "{items} missing, needed for {wanted}",
    "wrong_number": "{found} of {of}, where the model needs {wanted}",
    "weights": "the weights add up to {total:.6g} %, not to 100 %",
    "wrong_order": "{value:g} is after {last}, {limit:g}",
    "not_below": "{value:g} is not below {last}, {limit:g}",
}
"""Every reason to refuse data, by code; a fixture in tests/bad is named for each."""


class Place(Protocol):
    """Where a value stands; what `Refusals.cell` needs to know of it."""

    file: str
    line: int
    row: str
    field: str
    overridden: bool


@dataclass(frozen=True)
class Problem:
    """One thing wrong with the data: where (file, line, row, field), which of `REASONS`, and in words.

    >>> print(Problem("missing_unit", "2025-12-31/entities.csv", 7, "openai.cash", "unit", "no unit"))
    2025-12-31/entities.csv, line 7, row openai.cash, field unit: no unit
    """

    code: str
    file: str
    line: int
    row: str
    field: str
    reason: str

    def __str__(self) -> str:
        """The problem in one line, leaving out what does not apply."""
        line, row, field = (
            f"{name} {told}" if told else ""
            for name, told in (("line", self.line), ("row", self.row), ("field", self.field))
        )
        return f"{', '.join(filter(None, (self.file, line, row, field)))}: {self.reason}"


class DataError(ValueError):
    """Data or an override was refused; the message has the first problem and how many more there are.

    Parameters
    ----------
    message : str
        One line for people.
    problems : tuple of Problem
        All that was found, when it was the data.
    """

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()):
        super().__init__(message)
        self.problems = problems


class Refusals:
    """Collects problems in the order they are met, each once."""

    def __init__(self) -> None:
        self._problems: dict[Problem, None] = {}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that was refused so far."""
        return tuple(self._problems)

    def add(self, code: str, file: str, line: int = 0, row: str = "", field: str = "", **facts: Any) -> None:
        """Refuse something at a place in a file.

        Parameters
        ----------
        code : str
            One of `REASONS`.
        file : str
            Its name below the data folder.
        line : int
            Its line, 0 when there is none.
        row : str
            Id of the row, or the group of rows, if there is one.
        field : str
            Column at fault, if there is one.
        **facts : object
            What the wording of the reason needs.
        """
        self._problems[Problem(code, file, line, row, field, REASONS[code].format(**facts))] = None

    def cell(self, code: str, place: Place, field: str | None = None, **facts: Any) -> None:
        """Refuse a value where it stands, saying so when it came from an override.

        Parameters
        ----------
        code : str
            One of `REASONS`.
        place : Place
            The value.
        field : str, optional
            Column at fault, when it is not the one the value stands in.
        **facts : object
            What the wording of the reason needs.
        """
        told = (field or place.field) + " (override)" * place.overridden
        self.add(code, place.file, place.line, place.row, told, **facts)


def nearest(word: str, words: Iterable[str]) -> str:
    """The known word most like a mistyped one, or ``none`` when there are no words.

    Parameters
    ----------
    word : str
        What was written.
    words : iterable of str
        What could have been meant.

    Examples
    --------
    >>> nearest("corewave", ["coreweave", "cipher"])
    'coreweave'
    """
    return next(iter(difflib.get_close_matches(word, sorted(words), 1, 0.0)), "none")
