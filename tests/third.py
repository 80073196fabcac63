"""A made-up snapshot for tests: half a year after the first, 30 quarters, one company fewer.

Nothing in it is true. It says what nobody may take for granted: a date, a start, a count, a list of names.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

from core.web.web import DATA

FIRST, THIRD = "2025-12-31", "2026-06-30"
GONE = "cipher"
SHIFT = 2  # quarters that have passed
QUARTERS = 30

Lines = list[dict[str, str]]


def made_up(root: Path, company: str = GONE) -> Path:
    """Copy the data to a folder and add the made-up snapshot to it.

    Parameters
    ----------
    root : Path
        A folder that does not exist yet.
    company : str
        Which company is gone, with all that cannot be without it.
    """
    shutil.copytree(DATA, root, ignore=lambda _folder, names: [n for n in names if n == THIRD])
    (root / THIRD).mkdir()
    tables = {path.name: _lines(path) for path in sorted((root / FIRST).glob("*.csv"))}
    gone = _gone(tables, company)
    for name, lines in tables.items():
        left = [line for line in lines if not _names(line, gone)]
        for line in left:
            (_half_a_year_on if name == "plans.csv" else _later)(line)
        if name == "funds.csv":
            _fill_up(left, lines)
        _write(root / THIRD / name, left)
    return root


def package(place: Path) -> Path:
    """Copy the core with the made-up snapshot in its data, so that ``python -m core`` finds it there.

    Parameters
    ----------
    place : Path
        An empty folder, in which the program is to be run.
    """
    source = DATA.parent
    unread = shutil.ignore_patterns("__pycache__", "data")
    shutil.copytree(source, place / "core", ignore=unread)
    made_up(place / "core" / "data")
    return place


def _lines(path: Path) -> Lines:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _write(path: Path, lines: Lines) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)


def _gone(tables: dict[str, Lines], company: str) -> set[str]:
    """The company, and every subject that cannot be without it."""
    gone = {company}
    while True:
        found = {
            line["subject"]
            for name, lines in tables.items()
            if name not in ("plans.csv", "funds.csv")
            for line in lines
            if line["unit"] == "text" and line["value"] in gone
        }
        if found <= gone:
            return gone
        gone |= found


def _names(line: dict[str, str], gone: set[str]) -> bool:
    subject = line.get("subject") or line["entity"]
    return subject in gone or line["item"].partition("_")[2] in gone


def _later(line: dict[str, str]) -> None:
    """Quarters are counted from half a year later; what has begun stands at the first."""
    if line["unit"] == "quarter":
        for field in ("value", "low", "high"):
            if line[field]:
                line[field] = str(max(int(line[field]) - SHIFT, 0))


def _half_a_year_on(line: dict[str, str]) -> None:
    """Half of the first year of a plan is over; the rest of it is the other half."""
    line["y2026"] = f"{float(line['y2026']) / 2:g}"


def _fill_up(left: Lines, before: Lines) -> None:
    """What a fund held of the company goes to the first of its other holdings."""
    holds: Callable[[dict[str, str]], bool] = lambda line: line["item"].startswith("hold_")  # noqa: E731
    for line in before:
        if holds(line) and line not in left:
            other = next(one for one in left if one["subject"] == line["subject"] and holds(one))
            other["value"] = f"{float(other['value']) + float(line['value']):g}"
            other["low"] = other["high"] = ""
