"""Many scenarios in batches: here, or on any executor. One engine, the same bits.

The engine spreads the scenarios of a run over threads by itself, so batches are no faster: they bound memory,
and between two of them a run can tell how far it is, be stopped, or let others go first (`turns`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from functools import partial
from typing import Any, Protocol, TypeVar

import numpy as np

from core.layout.compile import compile_layout
from core.model.engine import run
from core.model.result import Result
from core.results.measures import Measures, check_measure, groups_for
from core.web.web import Web

T = TypeVar("T")

CHUNK = 500  # scenarios in a batch, some 30 ms: fewer or more take as long in all

Columns = Mapping[str, np.ndarray]
Progress = Callable[[int, int], object]


class Executor(Protocol):
    """Whatever maps batches as `concurrent.futures.Executor` does: a pool, Dask's own, or `turns.Turns`."""

    def map(self, work: Callable[[Any], T], parts: Iterable[Any], /) -> Iterator[T]:
        """Results in the order of the parts.

        Parameters
        ----------
        work : callable
            What is done with a part.
        parts : iterable
            What it is done with.
        """


class CancelledError(Exception):
    """Somebody asked to stop before all batches were done; nothing of the run is kept."""


def run_batches(
    web: Web,
    columns: Columns,
    reduce: Callable[[Result], T],
    keep: Iterable[str] | None = (),
    executor: Executor | None = None,
    *,
    chunk: int = CHUNK,
    building: str = "market",
    to_horizon: bool = False,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Iterator[T]:
    """What is kept of each batch of scenarios, in order: whole results are never held together.

    Parameters
    ----------
    web : Web
        A loaded snapshot. It travels to other processes as its recipe (date and overrides).
    columns : mapping of lever id to ndarray (scenario,)
        Model units, as `core.scenario.levers.columns` returns them.
    reduce : callable
        Turns the result of a batch into what is wanted of it. For other processes: a function of a module,
        or a `functools.partial` of one.
    keep : iterable of str or None
        Record groups that ``reduce`` needs; see `core.model.engine.run`.
    executor : Executor, optional
        Where batches run; here, one when the one before was taken, if not given.
    chunk : int
        Largest number of scenarios in a batch. It changes no result.
    building : {"market", "plan"}
        See `core.model.engine.run`.
    to_horizon : bool
        Run no quarter after the horizon.
    progress : callable, optional
        Called in this thread with the scenarios done and all scenarios, after each batch. What it raises
        stops the run.
    cancelled : callable, optional
        Asked in this thread before each batch is waited for; True stops the run.

    Yields
    ------
    object
        What ``reduce`` returned, batch by batch, in the order of the scenarios.

    Raises
    ------
    CancelledError
        If ``cancelled`` said so; batches not yet begun are dropped.
    ValueError
        If ``chunk`` is not positive.
    """
    if chunk < 1:
        raise ValueError(f"chunk must be at least 1, got {chunk}")
    total = columns["g"].shape[0]
    parts = [{k: v[i : i + chunk] for k, v in columns.items()} for i in range(0, total, chunk)]
    groups = None if keep is None else tuple(keep)
    work = partial(_one_batch, web, reduce, groups, building, to_horizon)
    values = (work(part) for part in parts) if executor is None else executor.map(work, parts)
    with closing(values):  # type: ignore[type-var]  # a generator, also of a pool: it drops what waits
        for done in range(0, total, chunk):
            if cancelled is not None and cancelled():
                raise CancelledError(f"stopped after {done} of {total} scenarios")
            value = next(values)
            if progress is not None:
                progress(min(done + chunk, total), total)
            yield value


def _one_batch(
    web: Web,
    reduce: Callable[[Result], T],
    keep: tuple[str, ...] | None,
    building: str,
    to_horizon: bool,
    part: dict[str, np.ndarray],
) -> T:
    return reduce(run(web, part, building, keep, to_horizon=to_horizon))


def measure_values(
    web: Web, columns: Columns, measure: str, executor: Executor | None = None, building: str = "market"
) -> np.ndarray:
    """A measure in every scenario of a batch, (scenario,); nan where it is not defined.

    Parameters
    ----------
    web : Web
        A loaded snapshot.
    columns : mapping of lever id to ndarray (scenario,)
        Model units.
    measure : str
        See `core.results.measures.Measures.value`; a quarter of failure that never comes counts as
        the number of quarters.
    executor : Executor, optional
        See `run_batches`.
    building : {"market", "plan"}
        See `core.model.engine.run`.

    Raises
    ------
    ValueError
        For an unknown measure, naming the nearest.
    """
    layout = compile_layout(web)
    check_measure(layout, measure)
    reduce, keep = partial(_value, measure=measure), groups_for(layout, measure)
    return np.concatenate(list(run_batches(web, columns, reduce, keep, executor, building=building)))


def _value(result: Result, measure: str) -> np.ndarray:
    return Measures(result).value(measure)


def fates(
    web: Web, columns: Columns, companies: tuple[str, ...], executor: Executor | None = None
) -> np.ndarray:
    """Who has failed by the horizon in every scenario of a batch, (scenario, company) of booleans.

    Parameters
    ----------
    web : Web
        A loaded snapshot.
    columns : mapping of lever id to ndarray (scenario,)
        Model units.
    companies : tuple of str
        Entity ids.
    executor : Executor, optional
        See `run_batches`.
    """
    which = partial(_failed, companies=companies)
    return np.concatenate(list(run_batches(web, columns, which, (), executor, to_horizon=True)))


def _failed(result: Result, companies: tuple[str, ...]) -> np.ndarray:
    return result.failed_by_horizon(companies)
