"""What funds hold of this web, by fund and day: `core/data/weights.csv`, each row with its source.

A row names a fund, what it holds (an instrument, or ``web`` for all names of the web together) and the share
of the fund that this is. Weights of one fund may be of several days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from core.sources import checked
from core.sources.quotes import COLUMNS
from core.web.snapshot import Row, Schema

TABLE = "weights"
WEB = "web"  # all names of the web together


@dataclass(frozen=True)
class Weights:
    """What one fund holds of the web on one day.

    Attributes
    ----------
    fund : str
        Id of the fund among the instruments.
    members : tuple of Row
        One for each instrument, its id as ``item`` and the share of the fund as ``value``, 0 to 1.
    total : Row or None
        All names of the web together; None where nobody has added them up.
    newer : mapping of instrument to Row
        Weights of a later day, of members for which that day has one but not all: told, not counted.
    """

    fund: str
    members: tuple[Row, ...]
    total: Row | None
    newer: Mapping[str, Row]

    @property
    def rest(self) -> float:
        """Share of the fund that is in names of the web without being known name by name."""
        known = sum(float(row.value) for row in self.members)
        return max(float(self.total.value) - known, 0.0) if self.total else 0.0

    @property
    def whole(self) -> float:
        """Share of the fund that is in names of the web, as far as known: at least this without a total."""
        return sum(float(row.value) for row in self.members) + self.rest


@lru_cache(maxsize=1)
def rows() -> tuple[Row, ...]:
    """Every weight in the order of the file; ``%`` are decimals.

    Raises
    ------
    ValueError
        Naming the row when something in it is wrong, see `checked.row`, when it is no share, or stands there
        twice.

    Examples
    --------
    >>> first = rows()[0]
    >>> first.subject, first.item, first.raw
    ('ivv', 'nvda', 7.82)
    """
    web, found = checked.sound_web(), {}
    schema, sources = Schema(web.snapshot), set(web.sources)
    for cells in checked.lines(TABLE, COLUMNS):
        name = f"{cells['subject']}.{cells['item']}.{cells['date']}"
        row = checked.row(TABLE, name, cells | {"as_of": cells["date"]}, schema, sources)
        if isinstance(row.value, str) or row.unit != "%" or not 0.0 < row.value <= 1.0:
            raise ValueError(f"{TABLE}.csv, row {name}: a weight is more than 0 and at most 100 %")
        if name in found:
            raise ValueError(f"{TABLE}.csv: {name} stands there twice")
        found[name] = row
    return tuple(found.values())


@lru_cache(maxsize=1)
def weights() -> Mapping[str, Weights]:
    """What each fund holds, by fund: the day on which most of its members are known counts as a set.

    Weights of two days do not add up, so a later figure for one member is told beside the set and not
    counted; of days that know equally many the later counts.

    Examples
    --------
    >>> fund = weights()["ivv"]
    >>> round(fund.whole, 4), fund.newer["nvda"].raw
    (0.2676, 7.564)
    """
    found = {}
    for fund in dict.fromkeys(row.subject for row in rows()):
        days: dict[str, dict[str, Row]] = {}
        for row in rows():
            if row.subject == fund:
                days.setdefault(row.as_of, {})[row.item] = row
        day = max(days, key=lambda one: (len(days[one]), one))
        later = {item: row for one in sorted(days) if one > day for item, row in days[one].items()}
        members = tuple(row for item, row in days[day].items() if item != WEB)
        found[fund] = Weights(fund, members, days[day].get(WEB), MappingProxyType(later))
    return MappingProxyType(found)
