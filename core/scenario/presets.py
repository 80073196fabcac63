"""Presets: scenarios with a name, as data."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import lru_cache

from core.scenario.levers import DATA, Scenario, nearest


@dataclass(frozen=True)
class Preset:
    """A scenario worth a title: a question that somebody has put, ready to be tried.

    Attributes
    ----------
    id : str
        The name of its file, the word on the command line.
    scenario : Scenario
        The baseline with what differs.
    title, question, argued_by : dict of str to str
        Texts by language, "en" and "nl".
    """

    id: str
    scenario: Scenario
    title: dict[str, str] = field(hash=False)
    question: dict[str, str] = field(hash=False)
    argued_by: dict[str, str] = field(hash=False)


@lru_cache(maxsize=1)
def presets() -> tuple[Preset, ...]:
    """Return the presets in the order in which they are offered, the baseline first."""
    files = [
        (path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
        for path in sorted((DATA / "presets").glob("*.toml"))
    ]
    return tuple(
        Preset(
            id=name,
            scenario=Scenario.from_mapping(entry["levers"]),
            title=entry["title"],
            question=entry["question"],
            argued_by=entry["argued_by"],
        )
        for name, entry in sorted(files, key=lambda file: file[1]["order"])
    )


def preset(name: str) -> Preset:
    """Return the preset with this id.

    Parameters
    ----------
    name : str
        Such as "pause".

    Raises
    ------
    ValueError
        Naming the nearest valid word.

    Examples
    --------
    >>> preset("pause").scenario["g"]
    0.0
    """
    for one in presets():
        if one.id == name:
            return one
    near = nearest(name, [one.id for one in presets()])
    raise ValueError(f"{name[:40]!r} is not a preset; the nearest is {near!r}")
