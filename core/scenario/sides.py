"""The levers of a second scenario inside a link: "g:-10,r:9.5,gw:no", in keys of 100 characters each.

The link of a page carries one scenario. A page that compares two keeps the others as view choices: the id
of a preset, or the levers that differ from their default, checked exactly like those of a link.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from core.scenario.levers import Scenario, levers
from core.scenario.link import Parsed, read_pairs
from core.scenario.text import LONGEST_VALUE

NOTHING = "-"  # a scenario in which every lever is at its default


def write(
    scenario: Scenario, keys: Sequence[str], touched: Collection[str] = (), data: str | None = None
) -> dict[str, str]:
    """Write the levers that differ from their default as values for view keys; `read` gives them back.

    Parameters
    ----------
    scenario : Scenario
        To be kept.
    keys : sequence of str
        Names of view keys, used in order; five hold any scenario.
    touched : collection of str
        Levers by id that are written also when they equal their default.
    data : str, optional
        Date of the snapshot whose defaults count; the latest if not given.

    Returns
    -------
    dict of str to str
        Only the keys that are needed.

    Raises
    ------
    ValueError
        When the keys do not suffice.

    Examples
    --------
    >>> write(Scenario.default().replace(g=-10, gw=False), ("from", "fromb"))
    {'from': 'g:-10,gw:no'}
    >>> write(Scenario.default(), ("from",))
    {'from': '-'}
    """
    moved = {*touched, *scenario.differs_from(Scenario.default(data))}
    told = [one for one in levers() if one.id in moved]
    parts = [f"{one.id}:{one.format(scenario[one.id])}" for one in told] or [NOTHING]
    lines = [parts[0]]
    for part in parts[1:]:
        if len(lines[-1]) + 1 + len(part) <= LONGEST_VALUE:
            lines[-1] += f",{part}"
        else:
            lines.append(part)
    if len(lines) > len(keys):
        raise ValueError(f"this scenario needs {len(lines)} view keys, there are {len(keys)}")
    return dict(zip(keys, lines, strict=False))


def read(given: Mapping[str, str], keys: Sequence[str], data: str | None = None) -> Parsed:
    """Read levers back from view choices; never raises: what is valid is kept, what is not is told.

    Parameters
    ----------
    given : mapping of str to str
        View choices of a link.
    keys : sequence of str
        The names that `write` was given.
    data : str, optional
        As for `write`.

    Returns
    -------
    Parsed
        Its scenario is always valid; which levers were named, and what is to be told.

    Examples
    --------
    >>> found = read({"from": "g:-10,gw:no,zz:1"}, ("from", "fromb"))
    >>> found.scenario["g"], found.touched, [one.code for one in found.messages]
    (-10.0, ('g', 'gw'), ['unknown'])
    """
    pairs: list[tuple[str, str]] = []
    for key in keys:
        for part in given.get(key, NOTHING).split(","):
            word, colon, value = part.partition(":")
            if part != NOTHING:
                name = word if colon and word in _WORDS else f"{key}: {word}"
                pairs.append((name, value))
    return read_pairs(pairs, data=data)


_WORDS = frozenset(one.id for one in levers())
