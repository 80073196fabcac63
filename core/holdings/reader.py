"""Stand-in for the reader."""

from __future__ import annotations

import csv
import re

from core.holdings.rows import Holding, LeftOut, Read, UnreadableError
from core.scenario.messages import Message


def typed(text: str) -> Read:
    """Read rows as they are typed."""
    if text.startswith("Product,"):
        return read(text.encode())
    found, out = [], []
    for row, line in enumerate(re.split(r"\n|, |;", text), 1):
        words = line.split()
        if not words:
            continue
        number = next((w for w in words if re.fullmatch(r"[\d.,]+", w)), None)
        money = "euro" in line or "€" in line
        name = " ".join(w for w in words if w != number and w not in ("euro", "€"))[:80]
        if not name:
            out.append(LeftOut(row, line[:80], Message("file_blank")))
            continue
        amount = float(number.replace(".", "").replace(",", ".")) if number else None
        kind = "pension" if name.startswith("pensi") else None
        found.append(
            Holding(
                row,
                name,
                name if name.isupper() else None,
                None,
                None if money else amount,
                amount if money else None,
                "EUR" if money else None,
                None,
                kind,
            )
        )
    return Read(tuple(found), tuple(out), "typed")


def read(content: bytes, name: str = "") -> Read:
    """Read a file."""
    try:
        lines = list(csv.reader(content.decode().splitlines()))
    except UnicodeDecodeError:
        raise UnreadableError(Message("file_binary")) from None
    rows = [
        Holding(
            i,
            line[0],
            None,
            line[1] or None,
            None,
            float(line[6].replace(",", ".")),
            "EUR",
            None,
            None if line[1] else "cash",
        )
        for i, line in enumerate(lines[1:], 2)
    ]
    return Read(tuple(rows), (), "degiro")
