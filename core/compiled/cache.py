"""Where compiled rules are kept: a folder whose name says what they were compiled from.

numba's own keeper looks only at the file of the function that Python calls: with a rule in another file an
edit would go unseen and yesterday's number come out. So every source that a rule reads is in the name of
the folder, and so are the versions and the processor. Another source is another folder, and no number is
ever stale.

It also unpickles a file before it knows that the file is whole, lets two processes overwrite each other's
index, wants a folder that can be written, and hands a full disk to the caller. So `Kept` stands in its
place: a file of its own for each rule and kind of arguments, with a digest that is checked first. What
cannot be read is compiled, what cannot be written is compiled again by the next start, and no run ever
fails for it.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import platform
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import uuid4

import llvmlite.binding
from numba.core.caching import NullCache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

CORE = Path(__file__).resolve().parent.parent
# The rules, the constants that are compiled into them, and how they are compiled.
SOURCES = ("compiled", "finance", "model", "layout")
HOSTS = ("BACKSTOP_CACHE_DIR", "NUMBA_CACHE_DIR")  # where a host may say that caches belong
NAME = "backstop"
SUFFIX = ".compiled"
SEAL = hashlib.sha256().digest_size
WORD = "[0-9a-f]" * 16  # as `fingerprint` names a folder
WRITTEN_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH if os.name == "posix" else 0
OLD = 86_400.0  # s since a start used a folder: younger ones may belong to another version that still runs


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


@lru_cache(maxsize=1)
def folder() -> Path | None:
    """The folder for compiled rules, made if need be; None if there is none: rules live in memory."""
    word, places = fingerprint(), list(_places())
    for place in places:
        if _can_be_used(place / word):
            if place != places[0]:
                _say(f"Compiled rules are kept in {place}: {places[0]} cannot be used.")
            with suppress(OSError):  # who may only read has it from somebody who looks after it
                os.utime(place / word)
            return place / word
    _say("Compiled rules are not kept, as no folder can be used: every start compiles.")
    return None


def remove_old() -> None:
    """Remove the folders of other sources and versions that no start has used for a day."""
    used = folder()
    for other in used.parent.glob(WORD) if used else ():
        with suppress(OSError):
            there = other.lstat()
            old = there.st_mtime < time.time() - OLD
            if old and other != used and stat.S_ISDIR(there.st_mode) and _is_trusted(other):
                for file in other.glob(f"*{SUFFIX}"):
                    file.unlink()
                other.rmdir()  # stays if anything else is in it


class Kept(NullCache):
    """What numba asks for the compiled forms of a rule, one for each kind of arguments.

    Parameters
    ----------
    function : callable
        The rule as it is written.
    """

    def __init__(self, function: Callable) -> None:
        self.name = f"{function.__module__}.{function.__qualname__}"

    def _file(self, arguments: Any, codegen: Any) -> str:
        """The name of the file for arguments of these types (sizes of records are part of them)."""
        kind = hashlib.sha256(f"{arguments}{codegen.magic_tuple()}".encode()).hexdigest()[:16]
        return f"{self.name}-{kind}{SUFFIX}"

    def load_overload(self, sig: Any, target_context: Any) -> CompileResult | None:
        """The compiled form for these arguments, None if none was kept or it is not whole.

        Parameters
        ----------
        sig : tuple of numba types
            The arguments.
        target_context : numba target context
            Where the compiled form is put.
        """
        target_context.refresh()
        name, place = self._file(sig, target_context.codegen()), folder()
        with suppress(Exception):  # whatever is wrong with a file, its rule can be compiled
            whole = (place / name).read_bytes() if place else b""
            body = whole[SEAL:]
            if whole[:SEAL] == _seal(name, body):
                return CompileResult._rebuild(target_context, *pickle.loads(body))
        return None

    def save_overload(self, sig: Any, data: CompileResult) -> None:
        """Keep the compiled form for these arguments; say it once if that cannot be done.

        Parameters
        ----------
        sig : tuple of numba types
            The arguments.
        data : CompileResult
            The compiled form.
        """
        place = folder()
        if not place or data.library.has_dynamic_globals:  # addresses that the next start does not have
            return
        name, body = self._file(sig, data.codegen), dumps(data._reduce())
        new = place / f"{uuid4().hex}{SUFFIX}"
        try:
            new.touch(0o644)  # others may read it, but never write: it is code that will be run
            new.write_bytes(_seal(name, body) + body)
            new.replace(place / name)  # at once: another process reads all of it or nothing
        except OSError as error:
            with suppress(OSError):
                new.unlink()
            _say(f"Compiled rules are not kept ({error.strerror}): the next start compiles again.")


def _seal(name: str, body: bytes) -> bytes:
    """Tell a whole file from a damaged one, and from one that belongs elsewhere."""
    return hashlib.sha256(name.encode() + body).digest()


def _places() -> Iterator[Path]:
    """Where the folder may stand: what the host says, the user's cache, the temporary folder."""
    yield from [Path(place).absolute() for place in map(os.environ.get, HOSTS) if place][:1]
    given = os.environ.get("XDG_CACHE_HOME")
    with suppress(RuntimeError):  # a user without a home
        yield (Path(given) if given else Path.home() / ".cache") / NAME
    with suppress(OSError):  # a machine without a temporary folder
        yield Path(tempfile.gettempdir()) / f"{NAME}-{getattr(os, 'getuid', lambda: 0)()}"


def _can_be_used(place: Path) -> bool:
    """Whether only trusted users write there, and rules are there already or can be put there."""
    try:
        with suppress(OSError):
            place.mkdir(mode=0o755, parents=True, exist_ok=True)  # root makes an image, another runs it
        if not (_is_trusted(place.parent) and _is_trusted(place)) or place.stat().st_mode & WRITTEN_BY_OTHERS:
            return False
        if not any(place.glob(f"*{SUFFIX}")):
            tempfile.TemporaryFile(dir=place).close()
        return True
    except OSError:
        return False


def _is_trusted(place: Path) -> bool:
    """Whether a folder belongs to this user, root or the owner of the sources, whose code is run anyway."""
    owners = {getattr(os, "getuid", lambda: 0)(), 0, CORE.stat().st_uid}
    return place.stat().st_uid in owners


@cache
def _say(sentence: str) -> None:
    """Tell whoever runs the program, once."""
    logging.getLogger(__name__).warning(sentence)
