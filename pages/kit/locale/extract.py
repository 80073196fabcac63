"""Let Babel find the texts that stand in TOML files of the core: the messages about links."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import BinaryIO


def toml_values(
    fileobj: BinaryIO, keywords: object, comment_tags: object, options: object
) -> Iterator[tuple]:
    """Yield every top-level text of a TOML file as (line, function, message, comments).

    Babel calls it with these names of arguments.
    """
    lines = fileobj.read().decode("utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        if line and not line.startswith("#"):
            yield number, None, next(iter(tomllib.loads(line).values())), []
