"""Records as plain objects, for `BACKSTOP_NO_JIT=1`: numpy's own are twenty times slower to read.

An array of a record stays a view of its memory, so what a rule writes there is in the record; a number alone
is read from and written to the record by a property.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np


class Records(list):
    """A list that knows its size as an array does."""

    @property
    def size(self) -> int:
        """Number of records."""
        return len(self)


def opened(records: np.ndarray) -> Records:
    """Objects with the fields of records as attributes.

    Parameters
    ----------
    records : ndarray of records, (n,)
        Whose memory is read and written.
    """
    return Records(_kind(records.dtype)(one) for one in records)


@lru_cache(maxsize=64)
def _kind(of: np.dtype) -> type:
    """A class for one type of record: its numbers alone are properties."""
    fields: dict[str, Any] = dict(of.fields or {})
    arrays, inside, numbers = [], [], {}
    for name, (kind, *_) in fields.items():
        if kind.names or (kind.base.names and kind.shape):
            inside.append(name)
        elif kind.shape:
            arrays.append(name)
        else:
            numbers[name] = _number(name)

    def __init__(self: Any, one: Any) -> None:
        """Open the arrays and records inside a record once."""
        self._record = one
        for name in arrays:
            setattr(self, name, one[name])
        for name in inside:
            held = one[name]
            setattr(self, name, opened(held) if isinstance(held, np.ndarray) else _kind(held.dtype)(held))

    return type("Opened", (), {"__init__": __init__, **numbers})


def _number(name: str) -> property:
    """Read and write a number of a record."""

    def read(self: Any) -> Any:
        """The number as it stands."""
        return self._record[name]

    def write(self: Any, value: Any) -> None:
        """Put a number in its place."""
        self._record[name] = value

    return property(read, write)
