"""Processes of their own for tests: they start from nothing, whatever ran in this one before."""

import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from types import ModuleType

import pytest


@contextmanager
def pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Offer some processes. Each would run ``__main__`` first, and after an AppTest that is a page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "__main__", ModuleType("__main__"))
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as executor:
            yield executor
