"""A made-up snapshot for tests: three quarters after the first, 29 quarters, one company fewer.

Nothing in it is true. It says what nobody may take for granted: a date, a start, a count, a list of names.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

from core.web.calendar import QUARTERS_PER_YEAR
from core.web.snapshot import is_snapshot_name
from core.web.web import DATA

FIRST, THIRD = "2025-12-31", "2026-09-30"  # the second is that of no real snapshot
GONE = "cipher"
SHIFT = 3  # quarters that have passed
QUARTERS = 29
# Rows of which levers take their defaults.
OTHERWISE = {"market.base_rate": "3.5", "market.price_decline": "15", "market.buildout_growth": "30"}

Lines = list[dict[str, str]]


def made_up(root: Path, company: str = GONE) -> Path:
    """Copy the first snapshot to a folder, and what all share, and add the made-up snapshot to it.

    Parameters
    ----------
    root : Path
        A folder that does not exist yet.
    company : str
        Which company is gone, with all that cannot be without it.
    """
    first_alone(root)
    (root / THIRD).mkdir()
    tables = {path.name: _lines(path) for path in sorted((root / FIRST).glob("*.csv"))}
    gone = _gone(tables, company)
    for name, lines in tables.items():
        left = [line for line in lines if not _names(line, gone)]
        for line in left:
            (_rest_of_the_year if name == "plans.csv" else _later)(line)
            if line["id"] in OTHERWISE:
                line["value"] = OTHERWISE[line["id"]]
        if name == "funds.csv":
            _fill_up(left, lines)
        _write(root / THIRD / name, left)
    shutil.copy(root / FIRST / "targets.toml", root / THIRD)
    return root


def first_alone(root: Path) -> Path:
    """Copy the first snapshot to a folder, and what all share.

    Parameters
    ----------
    root : Path
        A folder that does not exist yet.
    """
    others = [one.name for one in DATA.iterdir() if is_snapshot_name(one.name) and one.name != FIRST]
    shutil.copytree(DATA, root, ignore=lambda folder, _names: others if Path(folder) == DATA else ())
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
    """Quarters are counted from later on; what has begun stands at the first."""
    if line["unit"] == "quarter":
        for field in ("value", "low", "high"):
            if line[field]:
                line[field] = str(max(int(line[field]) - SHIFT, 0))


def _rest_of_the_year(line: dict[str, str]) -> None:
    """A plan for a year that has begun is for what is left of it, at the same pace."""
    line["y2026"] = repr(float(line["y2026"]) * (1 - SHIFT / QUARTERS_PER_YEAR))


def _fill_up(left: Lines, before: Lines) -> None:
    """What a fund held of the company goes to the first of its other holdings."""
    holds: Callable[[dict[str, str]], bool] = lambda line: line["item"].startswith("hold_")  # noqa: E731
    for line in before:
        if holds(line) and line not in left:
            other = next(one for one in left if one["subject"] == line["subject"] and holds(one))
            other["value"] = f"{float(other['value']) + float(line['value']):g}"
            other["low"] = other["high"] = ""
