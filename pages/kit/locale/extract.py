"""Let Babel find the texts that stand in the data: messages about links, notes and words of rows, sources.

Babel calls these functions with its own names of arguments; each yields (line, function, message, comments).
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from io import TextIOWrapper
from typing import BinaryIO

NAMED = ("name", "label", "security")  # items whose value is a text, like every value of the unit "rating"
NAMES = ("name", "giver", "tenant")  # columns that are texts, in tables beside the model


def toml_values(
    fileobj: BinaryIO, keywords: object, comment_tags: object, options: object
) -> Iterator[tuple]:
    """Yield every top-level text of a TOML file."""
    lines = fileobj.read().decode("utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        if line and not line.startswith("#"):
            yield number, None, next(iter(tomllib.loads(line).values())), []


def row_texts(fileobj: BinaryIO, keywords: object, comment_tags: object, options: object) -> Iterator[tuple]:
    """Yield every note of a table of the data, and every value that is a text or a rating."""
    lines = csv.DictReader(TextIOWrapper(fileobj, encoding="utf-8", newline=""))
    for row in lines:
        texts = [row["note"]]
        item = row.get("item") or row.get("measure")
        if item in NAMED or row.get("unit") == "rating":
            texts.append(row["value"])
        told = [row[column] for column in NAMES if column in row]
        if row.get("isin") or row.get("ticker"):
            told = []  # a security has one name in all languages; what has no number is called by words
        texts += [*told, row["value"]] if told and row.get("unit") == "text" else told
        yield from ((lines.line_num, None, text, []) for text in texts if text)


def source_texts(
    fileobj: BinaryIO, keywords: object, comment_tags: object, options: object
) -> Iterator[tuple]:
    """Yield the title and the publisher of every source."""
    for source in tomllib.loads(fileobj.read().decode("utf-8")).values():
        yield from ((1, None, source[field], []) for field in ("title", "publisher"))
