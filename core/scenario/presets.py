"""Presets: scenarios with a name, as data: what differs from today's data, whichever these are."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import lru_cache

from core.scenario.levers import DATA, Dated, Scenario, Value, lever, nearest


@dataclass(frozen=True)
class Preset:
    """A scenario worth a title: a question that somebody has put, ready to be tried.

    Attributes
    ----------
    id : str
        The name of its file, the word on the command line.
    levers : dict of str to value
        Those that it sets, by id.
    title, question, argued_by : dict of str to str
        Texts by language, "en" and "nl".
    """

    id: str
    levers: dict[str, Value] = field(hash=False)
    title: dict[str, str] = field(hash=False)
    question: dict[str, str] = field(hash=False)
    argued_by: dict[str, str] = field(hash=False)

    @property
    def scenario(self) -> Scenario:
        """The scenario on the latest data."""
        return self.on()

    def on(self, data: Dated = None) -> Scenario:
        """Return the scenario on some data: the baseline with what differs.

        Parameters
        ----------
        data : str or Web, optional
            As for `Scenario.default`.
        """
        return Scenario.from_mapping(self.levers, data)


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
            levers={word: lever(word).check(value) for word, value in entry["levers"].items()},
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
