"""Many scenarios in batches: here, or on any executor elsewhere. One engine, the same bits.

An executor is anything with the ``submit`` of `concurrent.futures.Executor`. To use the machines of a Dask
cluster (the extra ``[cluster]``), start it with two commands, in the folder of this repository::

    python -m dask scheduler --host 127.0.0.1 --port 8786
    python -m dask worker tcp://127.0.0.1:8786 --nworkers 2 --nthreads 1

and give its address: ``python -m core monte-carlo --n 10000 --seed 1 --cluster tcp://127.0.0.1:8786``, or::

    with cluster("tcp://127.0.0.1:8786") as executor:
        monte_carlo(web, scenario, 10000, seed=1, executor=executor)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from core.kernel.engine import THREADS, run
from core.kernel.result import Result
from core.layout.compile import compile_layout
from core.results.measures import Measures, groups_for
from core.web.web import DATA, Web, load_web

T = TypeVar("T")

CHUNK = 500  # scenarios in a batch
SMALLEST = 128  # scenarios: fewer take nearly as much time as this many

Columns = Mapping[str, np.ndarray]
Progress = Callable[[int, int], object]


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
        Record groups that ``reduce`` needs; see `core.kernel.engine.run`.
    executor : Executor, optional
        Where batches run; a thread of this process if not given.
    chunk : int
        Largest number of scenarios in a batch. It changes no result, only speed and memory.
    building : {"market", "plan"}
        See `core.kernel.engine.run`.
    to_horizon : bool
        Run no quarter after the horizon.
    progress : callable, optional
        Called in this thread with the scenarios done and all scenarios, after each batch.
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

    Examples
    --------
    >>> from core.scenario.levers import Scenario, columns_from
    >>> batch = columns_from(Scenario.default(), g=[-30.0, 0.0, 35.0])
    >>> parts = run_batches(load_web(), batch, count_failed, chunk=2)
    >>> [part.shape for part in parts]
    [(2,), (1,)]
    """
    if chunk < 1:
        raise ValueError(f"chunk must be at least 1, got {chunk}")
    total = columns["g"].shape[0]
    parts = [{k: v[i : i + chunk] for k, v in columns.items()} for i in range(0, total, chunk)]
    shipped = Shipped(web)
    groups = None if keep is None else tuple(keep)
    pool = ThreadPoolExecutor(THREADS) if executor is None else executor
    futures: list[Future] = []
    done = 0
    try:
        futures = [
            pool.submit(_one_batch, shipped, part, reduce, groups, building, to_horizon) for part in parts
        ]
        for part, future in zip(parts, futures, strict=True):
            if cancelled is not None and cancelled():
                raise CancelledError(f"stopped after {done} of {total} scenarios")
            value = future.result()
            done += part["g"].shape[0]
            if progress is not None:
                progress(done, total)
            yield value
    finally:
        for future in futures:
            future.cancel()
        if executor is None:
            pool.shutdown(wait=True, cancel_futures=True)


class Shipped:
    """A web on its way to other processes: it is loaded once in each, not once for each batch.

    Parameters
    ----------
    web : Web
        The web; in its own process it stays the very same object.
    """

    def __init__(self, web: Web):
        self.web = web

    def __reduce__(self) -> tuple[Callable[..., Shipped], tuple]:
        """Pickle as the recipe of the web; another machine has the data in a folder of its own."""
        root = None if self.web.root == DATA else self.web.root
        return _unpack, (self.web.snapshot, tuple(sorted(self.web.overrides.items())), root)


@lru_cache(maxsize=4)
def _unpack(snapshot: str, overrides: tuple[tuple[str, float], ...], root: Path | None) -> Shipped:
    return Shipped(load_web(snapshot, dict(overrides), root or DATA))


def _one_batch(
    shipped: Shipped,
    part: dict[str, np.ndarray],
    reduce: Callable[[Result], T],
    keep: tuple[str, ...] | None,
    building: str,
    to_horizon: bool,
) -> T:
    return reduce(run(shipped.web, part, building, keep, to_horizon=to_horizon))


def count_failed(result: Result) -> np.ndarray:
    """How many of the seven counted companies have failed by the horizon.

    Parameters
    ----------
    result : Result
        Any run.

    Returns
    -------
    ndarray (scenario,)
        0 to 7.
    """
    return result.failed_count


def measure_values(web: Web, columns: Columns, measure: str, executor: Executor | None = None) -> np.ndarray:
    """A measure in every scenario of a batch, (scenario,); nan where it is not defined.

    Parameters
    ----------
    web : Web
        A loaded snapshot.
    columns : mapping of lever id to ndarray (scenario,)
        Model units.
    measure : str
        See `core.results.measures.Measures.value`; a quarter of failure that never comes counts as 32.
    executor : Executor, optional
        See `run_batches`.

    Returns
    -------
    ndarray
        float64.

    Raises
    ------
    ValueError
        For an unknown measure, naming the nearest.

    Examples
    --------
    >>> from core.scenario.levers import Scenario, columns
    >>> measure_values(load_web(), columns([Scenario.default()]), "failed_count").tolist()
    [0.0]
    """
    keep = groups_for(compile_layout(web), measure)
    parts = run_batches(web, columns, partial(_value, measure=measure), keep, executor, chunk=_even(columns))
    return np.concatenate(list(parts))


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

    Returns
    -------
    ndarray
        True where the company has failed.

    Examples
    --------
    >>> from core.scenario.levers import Scenario, columns
    >>> fates(load_web(), columns([Scenario.default()]), ("coreweave", "openai")).tolist()
    [[False, False]]
    """
    which = partial(_failed, companies=companies)
    parts = run_batches(web, columns, which, (), executor, chunk=_even(columns), to_horizon=True)
    return np.concatenate(list(parts))


def _failed(result: Result, companies: tuple[str, ...]) -> np.ndarray:
    return result.failed_by_horizon(companies)


def _even(columns: Columns) -> int:
    """A chunk that gives every thread the same work, and none so little that the overhead rules."""
    n = columns["g"].shape[0]
    batches = max(1, round(n / CHUNK / THREADS)) * THREADS
    return max(SMALLEST, min(CHUNK, -(-n // batches)))


@contextmanager
def cluster(address: str, wait: float = 10.0) -> Iterator[Executor]:
    """Lend the executor of a running Dask scheduler; close the connection afterwards.

    Parameters
    ----------
    address : str
        Of the scheduler, such as "tcp://127.0.0.1:8786".
    wait : float
        Seconds within which it must answer.

    Yields
    ------
    Executor
        For the ``executor`` of every batch function.

    Raises
    ------
    ValueError
        If the extra is not installed, or nobody answers in time.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ValueError("a cluster needs the extra [cluster]: pip install 'backstop[cluster]'") from None
    try:
        client = Client(address, timeout=wait, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ValueError(f"no Dask scheduler answers at {address[:100]!r}: {error}") from None
    with client, client.get_executor() as executor:
        yield executor
