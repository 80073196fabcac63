"""How rules are compiled: one decorator, so that the same text also runs as plain Python."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np

from core.compiled.plain import opened

NO_JIT = os.environ.get("BACKSTOP_NO_JIT") == "1"
RULES: set[str] = set()  # names of all rules: what there is to compile

if NO_JIT:

    def rule(function: Callable) -> Callable:
        """Leave a rule as it is written: for debuggers, coverage and faults put in on purpose.

        Parameters
        ----------
        function : callable
            A rule of the model.
        """
        return function

    entry = rule

    def as_run(records: np.ndarray) -> Any:
        """Records as rules read them here: plain objects.

        Parameters
        ----------
        records : ndarray of records
            Any.
        """
        return opened(records)

else:
    from numba import njit
    from numba.core.bytecode import FunctionIdentity

    from core.compiled.cache import Kept

    # numba numbers functions and records from 1 in every process, and links by these numbers: of what two
    # processes kept for records of two sizes, one would be taken for the other. So each starts elsewhere.
    FunctionIdentity._unique_ids = count(secrets.randbits(48))

    # Bounds are checked (a fifth of the time): data that a stranger edits must never be read beside an array.
    HOW: dict[str, Any] = {"nogil": True, "error_model": "numpy", "boundscheck": True}

    def rule(function: Callable) -> Callable:
        """Compile a rule into the one that calls it; it cannot be called from Python.

        A division by zero gives inf or nan as numpy does; sums are added in the order they are written.

        Parameters
        ----------
        function : callable
            A rule of the model: loops and scalars, no exceptions.
        """
        RULES.add(function.__qualname__)
        return njit(**HOW, no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)

    def as_run(records: np.ndarray) -> Any:
        """Records as compiled rules read them: themselves.

        Parameters
        ----------
        records : ndarray of records
            Any.
        """
        return records

    def entry(function: Callable) -> Callable:
        """Compile a rule that Python calls, with all that it calls, and keep the outcome for the next start.

        Parameters
        ----------
        function : callable
            As for `rule`.
        """
        RULES.add(function.__qualname__)
        compiled = njit(**HOW, no_cfunc_wrapper=True)(function)
        compiled._cache = Kept(function)  # in the place of numba's own, of which `cache` says why
        return compiled
