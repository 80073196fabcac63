"""How each figure of a company, fund or guarantor came about: formula, operands, and the data behind it.

The formulas are data (`core/data/formulas.toml`); this module reads them against a reading
(`core.results.reading`) and a web. A test computes every formula from its operands and compares it with the
figure.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from core.model.market import QUARTERS_PER_YEAR as YEAR
from core.results.measures import trailing_year
from core.web.snapshot import Row
from core.web.web import DATA, Web

SIGNS = ("+", "-", "/", "(", ")")
UNITS = ("money", "turns", "percent", "quarters")


@dataclass(frozen=True)
class Formula:
    """How one figure is computed.

    Attributes
    ----------
    measure : str
        ``company.dscr``.
    parts : tuple of str
        Names of operands and signs, in order; empty when the figure is computed inside the model.
    term : str
        Entry of the glossary, empty if none.
    unit : str
        One of `UNITS`.
    rows : tuple of mapping
        Where the data behind it stand.
    """

    measure: str
    parts: tuple[str, ...]
    term: str
    unit: str
    rows: tuple[Mapping, ...]

    @property
    def operands(self) -> tuple[str, ...]:
        """Names in the formula, without its signs.

        >>> formulas()["company.dscr"].operands
        ('ebitda:year', 'interest:year', 'principal:year')
        """
        return tuple(part for part in self.parts if part not in SIGNS)


@lru_cache(maxsize=1)
def formulas() -> Mapping[str, Formula]:
    """All formulas by measure, ``company.dscr`` and so on.

    Examples
    --------
    >>> formulas()["company.interest_coverage"].parts
    ('ebitda', '/', 'interest')
    """
    told = tomllib.loads((DATA / "formulas.toml").read_text(encoding="utf-8"))
    found = {}
    for kind, measures in told.items():
        for name, entry in measures.items():
            measure = f"{kind}.{name}"
            parts = tuple(entry.get("formula", "").split())
            found[measure] = Formula(
                measure, parts, entry.get("term", ""), entry["unit"], tuple(entry["rows"])
            )
    return MappingProxyType(found)


def operand(name: str, row: Mapping, reading: Mapping, quarter: int) -> float:
    """Value of one operand of a formula in a quarter; nan where it is not defined.

    Parameters
    ----------
    name : str
        A figure of ``row`` or one derived here; with ``:year`` behind it the last four quarters together, the
        first three quarters scaled up to a year; with ``:so_far`` not scaled up.
    row, reading : mapping
        A row of ``companies``, ``funds`` or ``guarantors``, and the reading it belongs to.
    quarter : int
        Counted from 0; figures without quarters ignore it.

    Examples
    --------
    >>> called = {"called": [1.0, 1.0, 2.0, 0.0]}
    >>> operand("called:so_far", called, {}, 1), operand("called:year", called, {}, 1)
    (2.0, 4.0)
    """
    field, _, span = name.partition(":")
    found = DERIVED[field](row, reading) if field in DERIVED and field not in row else row[field]
    if not isinstance(found, (list, np.ndarray)):
        return np.nan if found is None else float(found)
    path = np.array([np.nan if value is None else value for value in found], dtype=float)
    if span == "year":
        path = trailing_year(path[None, :])[0]
    elif span == "so_far":
        path = np.array([path[max(0, q - YEAR + 1) : q + 1].sum() for q in range(path.size)])
    return float(path[quarter])


def _path(row: Mapping, name: str) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in row[name]], dtype=float)


def _balances(row: Mapping, reading: Mapping, new: bool) -> np.ndarray:
    """Debt of a company at the end of each quarter: its lines at the snapshot date, or borrowed since."""
    own = [
        _path(line, "balance")
        for line in reading["tranches"]
        if line["borrower"] == row["id"] and line["id"].endswith("_new") == new
    ]
    return np.sum(own, axis=0) if own else np.zeros(len(reading["quarters"]))


DERIVED: dict[str, Callable[[Mapping, Mapping], float | np.ndarray]] = {
    "running_cost": lambda row, _: _path(row, "revenue") - _path(row, "ebitda"),
    "depreciation": lambda row, _: _path(row, "ebitda") - _path(row, "operating_profit"),
    "collateral": lambda row, _: _path(row, "asset_cover") * _path(row, "debt"),
    "opening_debt": lambda row, reading: _balances(row, reading, new=False),
    "new_debt": lambda row, reading: _balances(row, reading, new=True),
    **{
        part: lambda row, _, part=part: row["parts"][part]  # type: ignore[misc]
        for part in (
            "reported",
            "leases",
            "leases_not_commenced",
            "joint_venture",
            "residual_value",
            "backstops",
            "purchase_commitments",
            "vendor_finance",
        )
    },
    **{
        part: lambda row, _, part=part: row["agency_parts"][part]  # type: ignore[misc]
        for part in ("leases_within_year", "guarantees")
    },
}
"""Operands that are not figures of a reading themselves but follow from it."""


def value(measure: str, row: Mapping, quarter: int) -> float:
    """The figure itself, as the reading has it; nan where it is not defined.

    Parameters
    ----------
    measure : str
        A key of `formulas`.
    row : mapping
        A row of ``companies``, ``funds`` or ``guarantors``.
    quarter : int
        Counted from 0.

    Examples
    --------
    >>> value("fund.moic", {"moic": 1.3}, 0)
    1.3
    """
    return operand(measure.partition(".")[2], row, {}, quarter)


def rows(web: Web, formula: Formula, subject: str) -> tuple[Row, ...]:
    """The numbers of the data that a figure of a subject rests on, in the order of the formula's list.

    Parameters
    ----------
    web : Web
    formula : Formula
    subject : str
        Id of the company, fund or guarantor.
    """
    found = []
    for where in formula.rows:
        table = web.tables[where["table"]]
        named = f"{subject}.{where['plan']}" if "plan" in where else where.get("of", subject)
        subjects = web.subjects(where["table"], **{where["by"]: subject}) if "by" in where else (named,)
        for owner in subjects:
            if "skip" in where and table[owner]["kind"].value == where["skip"]:
                continue
            for item in where["items"]:
                for name, row in table.get(owner, {}).items():
                    if name == item or (item.endswith("*") and name.startswith(item[:-1])):
                        found.append(row)
    return tuple(row for row in found if not isinstance(row.value, str))
