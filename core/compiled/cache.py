"""Where compiled rules are kept: a folder whose name says what they were compiled from.

numba looks only at the file of the function that Python calls: with a rule in another file an edit would go
unseen and yesterday's number come out. So every source that a rule reads is in the name of the folder, and so
are the versions and the processor. Another source is another folder, and no number is ever stale.
"""

from __future__ import annotations

import hashlib
import os
import platform
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import llvmlite.binding

CORE = Path(__file__).resolve().parent.parent
# The rules, the constants that are compiled into them, and how they are compiled.
SOURCES = ("compiled", "finance", "kernel", "layout")
HOSTS = ("BACKSTOP_CACHE_DIR", "NUMBA_CACHE_DIR")  # where a host may say that caches belong
NAME = "backstop"


def sources(core: Path = CORE) -> Iterator[Path]:
    """All files that compiled rules depend on, in a fixed order.

    Parameters
    ----------
    core : Path
        The folder of the core.
    """
    for name in SOURCES:
        place = core / name
        yield from [place] if place.is_file() else sorted(place.glob("*.py"))


def fingerprint(core: Path = CORE) -> str:
    """What compiled rules depend on, as a short word: sources, versions, processor.

    Parameters
    ----------
    core : Path
        The folder of the core.
    """
    known = hashlib.sha256()
    for part in (sys.version, version("numba"), version("llvmlite"), version("numpy"), platform.machine()):
        known.update(part.encode())
    known.update(llvmlite.binding.get_host_cpu_name().encode())
    known.update(llvmlite.binding.get_host_cpu_features().flatten().encode())
    for path in sources(core):
        known.update(path.name.encode())
        known.update(hashlib.sha256(path.read_bytes()).digest())
    return known.hexdigest()[:16]


def hosts_choice() -> Path | None:
    """Where the host says that caches belong, if it says."""
    found = (os.environ.get(name) for name in HOSTS)
    return next((Path(place) for place in found if place), None)


def own_places() -> Iterator[Path]:
    """Where the folder stands if the host says nothing: the user's cache, else the temporary folder."""
    given = os.environ.get("XDG_CACHE_HOME")
    with suppress(RuntimeError):  # a user without a home
        yield (Path(given) if given else Path.home() / ".cache") / NAME
    yield Path(tempfile.gettempdir()) / f"{NAME}-{getattr(os, 'getuid', lambda: 0)()}"


@lru_cache(maxsize=1)
def folder() -> Path:
    """The folder for compiled rules, made if need be; a new temporary one if nothing else can be written."""
    word, chosen = fingerprint(), hosts_choice()
    if chosen is not None and _can_be_written(chosen / word):
        return chosen / word
    for parent in own_places():
        if _can_be_written(parent / word) and _is_only_ours(parent / word):
            return parent / word
    return Path(tempfile.mkdtemp(prefix=f"{NAME}-"))


def _can_be_written(place: Path) -> bool:
    """Whether a folder is there or can be made, and a file can be put into it."""
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place):
            return True
    except OSError:
        return False


def _is_only_ours(place: Path) -> bool:
    """Whether nobody else can put files there: a compiled rule is code that will be run."""
    found = place.stat()
    mine = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    return mine and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
