"""How likely is it: many draws of the levers, each run through the same engine.

The draws are scrambled Sobol points: they fill the space of the levers evenly, so that the error falls much
faster than with random draws. Points of one scramble are not independent, so the error is measured between
`REPLICATES` independent scrambles. Probabilities say what follows from the declared distributions
(`data/distributions.toml`), which are judgement; they are no forecast.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from core.layout.compile import compile_layout
from core.layout.layout import Layout
from core.model.result import Result, last_quarters
from core.questions.batches import CHUNK, Executor, Progress, run_batches
from core.questions.distributions import Distribution, distributions, transform
from core.results import fund_tables, funds
from core.results.measures import MARKET_FIELDS, Measures, check_measure, groups_for
from core.results.reading import plain
from core.scenario.levers import Scenario, columns, columns_from, lever, nearest
from core.web.web import Web

REPLICATES = 16  # independent scrambles: the standard error is itself known to about a fifth
QUANTILES = (5, 25, 50, 75, 95)  # per cent
LARGEST = 100_000  # draws in one call: their figures stay below 100 MB
MEASURES = ("failed_count", "called_total")
PATH = "interest_coverage"  # of every neocloud that owed something at the start, if no path is asked for
# A company that has failed counts with 0 in these, which is their bad end; in others 0 would look good.
PATH_FIELDS = ("interest_coverage", "dscr", "asset_cover", "forward_cover", "revenue", "ebitda", "cash")
CENTRES = ("scenario", "data")


@dataclass(frozen=True)
class Estimate:
    """One figure over all draws.

    Attributes
    ----------
    mean : float
        Mean of the draws in which it is defined; nan if there are none.
    standard_error : float
        Of the mean, from the differences between independent scrambles.
    quantiles : dict of int to float
        5, 25, 50, 75 and 95 per cent.
    defined : float
        Share of the draws in which it is defined.
    """

    mean: float
    standard_error: float
    quantiles: dict[int, float]
    defined: float = 1.0


@dataclass(frozen=True)
class Failure:
    """How likely a company is to fail.

    Attributes
    ----------
    probability, standard_error : float
        By the horizon.
    by_quarter, by_quarter_error : ndarray (quarter,)
        Probability of having failed by the end of each quarter, and its standard error; nan for quarters
        after the horizon if the draws ended there.
    """

    probability: float
    standard_error: float
    by_quarter: NDArray
    by_quarter_error: NDArray


@dataclass(frozen=True)
class MonteCarlo:
    """What the draws say.

    Attributes
    ----------
    n, seed, replicates : int
        Draws, seed, independent scrambles among the draws.
    levers : tuple of str
        Levers drawn; the others stand as in the scenario.
    measures : dict of str to Estimate
        Figures asked for. A quarter of failure that never comes counts as the number of quarters.
    failures : dict of str to Failure
        By company and tenant.
    paths : dict of str to ndarray (5, quarter)
        Quantiles by quarter of paths asked for; nan where a path is not defined in any draw. A failed company
        counts with 0 from the quarter after its failure.
    calls : dict of str to Estimate
        By guarantor, USD bn paid under promises up to the horizon: the mean is the expected call,
        quantile 95 the call that is exceeded once in twenty draws.
    losses : dict of str to Estimate
        By fund, USD bn short of what was scheduled, up to the horizon.
    samples : dict of str to ndarray (n,)
        The draws themselves: "lever:g", "measure:…", "calls:…", "losses:…", for histograms.
    rare : float
        A failure that no draw shows has, with 95 % confidence, at most this probability (rule of three).
    """

    n: int
    seed: int
    replicates: int
    levers: tuple[str, ...]
    measures: dict[str, Estimate]
    failures: dict[str, Failure]
    paths: dict[str, NDArray]
    calls: dict[str, Estimate]
    losses: dict[str, Estimate]
    samples: dict[str, NDArray]
    rare: float


@lru_cache(maxsize=8)  # the same points for every move of a lever: a third of the time of a few draws
def sobol_points(n: int, dimensions: int, seed: int) -> tuple[NDArray, NDArray]:
    """Points that fill the unit cube evenly, from several independent scrambles.

    Parameters
    ----------
    n : int
        Points in all, at least 2; best is 16 times a power of two.
    dimensions : int
        Coordinates.
    seed : int
        Not negative; the same seed gives the same points.

    Returns
    -------
    points : ndarray (n, dimensions)
        Scramble after scramble; kept, so not to be written into.
    starts : ndarray (replicates,)
        Where each scramble begins.
    """
    replicates = min(REPLICATES, n)
    sizes = np.full(replicates, n // replicates) + (np.arange(replicates) < n % replicates)
    power = int(sizes.max() - 1).bit_length()
    streams = np.random.SeedSequence(seed).spawn(replicates)
    parts = [
        qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(stream)).random_base2(power)[:size]
        for stream, size in zip(streams, sizes, strict=True)
    ]
    points, starts = np.concatenate(parts), np.concatenate([[0], np.cumsum(sizes)[:-1]])
    points.flags.writeable = starts.flags.writeable = False
    return points, starts


def between(values: NDArray, starts: NDArray) -> tuple[NDArray, NDArray]:
    """Mean over all draws and its standard error from the means of independent scrambles.

    Parameters
    ----------
    values : ndarray (n, ...)
        Draws; nan where not defined.
    starts : ndarray (replicates,)
        Where each scramble begins.

    Returns
    -------
    mean, standard_error : ndarray (...)
        The error is nan when fewer than two scrambles have a value.

    Examples
    --------
    >>> mean, error = between(np.array([1.0, 3.0, 4.0, 8.0]), np.array([0, 2]))
    >>> float(mean), float(error)  # means 2 and 6: 4, give or take 4 / 2
    (4.0, 2.0)
    """
    known = np.isfinite(values)
    counts = np.add.reduceat(known.astype(float), starts, axis=0)
    sums = np.add.reduceat(np.where(known, values, 0.0), starts, axis=0)
    return _pool(sums, counts)


def _pool(sums: NDArray, counts: NDArray) -> tuple[NDArray, NDArray]:
    """Pooled mean and error from sums and counts by scramble, (replicate, ...)."""
    total = counts.sum(axis=0)
    used = (counts > 0).sum(axis=0)
    mean = np.where(total > 0, sums.sum(axis=0) / np.maximum(total, 1.0), np.nan)
    off = sums - counts * mean  # each scramble's distance from the pooled mean, times its count
    squares = np.where(counts > 0, off, 0.0) ** 2
    scale = used / np.maximum(used - 1.0, 1.0) / np.maximum(total, 1.0) ** 2
    return mean, np.where(used > 1, np.sqrt(squares.sum(axis=0) * scale), np.nan)


def estimate(values: NDArray, starts: NDArray) -> Estimate:
    """Mean, error and quantiles of one figure.

    Parameters
    ----------
    values : ndarray (n,)
        Draws; nan where not defined.
    starts : ndarray (replicates,)
        Where each scramble begins.

    Returns
    -------
    Estimate
        nan throughout when no draw defines it.
    """
    known = values[np.isfinite(values)]
    mean, error = between(values, starts)
    found = np.percentile(known, QUANTILES) if known.size else np.full(len(QUANTILES), np.nan)
    quantiles = dict(zip(QUANTILES, found.tolist(), strict=True))
    return Estimate(float(mean), float(error), quantiles, known.size / values.size)


def monte_carlo(
    web: Web,
    scenario: Scenario,
    n: int,
    seed: int,
    measures: Sequence[str] = MEASURES,
    levers: Sequence[str] | None = None,
    *,
    centre: str = "scenario",
    given: Mapping[str, Distribution] | None = None,
    paths: Sequence[str] | None = None,
    losses: bool = True,
    calls: bool = True,
    to_horizon: bool = False,
    chunk: int = CHUNK,
    executor: Executor | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> MonteCarlo:
    """How likely failures, calls and losses are if the levers stray as declared.

    Parameters
    ----------
    web : Web
        A loaded snapshot.
    scenario : Scenario
        The levers that are not drawn, and the horizon.
    n : int
        Draws, 2 to 100,000; best is 16 times a power of two.
    seed : int
        Not negative; the same seed gives the same bytes, however the work is cut up.
    measures : sequence of str
        See `core.results.measures.Measures.value`. Rates of return of funds take as long as all the rest.
    levers : sequence of str, optional
        Ids or long names of the levers drawn; all that have a distribution if not given.
    centre : {"scenario", "data"}
        Draw around the scenario, or around today's data.
    given : mapping of lever id to Distribution, optional
        Used instead of the declared ones.
    paths : sequence of str, optional
        ``<company>.<field>`` with a field of `PATH_FIELDS`, or ``market.<field>``: quantiles by quarter;
        interest coverage of every neocloud with debt if not given.
    losses : bool
        Whether the losses of funds are wanted; they cost a thirtieth of the time.
    calls : bool
        Whether the calls of guarantors are wanted; they cost a quarter of the time.
    to_horizon : bool
        Run no quarter after the horizon: takes seven tenths of the time with the usual one. Calls and losses
        are the same; of probabilities and paths nothing after the horizon may be read.
    chunk : int
        Scenarios at a time; changes no result.
    executor : Executor, optional
        See `core.questions.batches.run_batches`; so do the next two.
    progress : callable, optional
        Called with the draws done and ``n``.
    cancelled : callable, optional
        True stops the run.

    Raises
    ------
    ValueError
        For an impossible n, seed, lever, measure or path, naming it.
    core.questions.batches.CancelledError
        If ``cancelled`` said so.

    Examples
    --------
    >>> from core.web.web import load_web
    >>> found = monte_carlo(load_web(), Scenario.default(), 64, seed=1, levers=["g"], losses=False)
    >>> found.replicates, found.levers, 0 <= found.failures["coreweave"].probability <= 1
    (16, ('g',), True)
    """
    if isinstance(n, bool) or not isinstance(n, int) or not 2 <= n <= LARGEST:
        raise ValueError(f"n = {n}: not a whole number from 2 to {LARGEST:,}")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ValueError(f"seed = {seed}: not a whole number from 0 up")
    if centre not in CENTRES:
        raise ValueError(f"centre must be one of {', '.join(CENTRES)}, got {centre!r}")
    layout = compile_layout(web)
    for measure in measures:
        check_measure(layout, measure)
    if paths is None:
        debtors = {layout.nodes[b] for b in layout.borrowers}
        paths = [f"{c}.{PATH}" for c in (*layout.of_kind("neocloud"), *layout.operators) if c in debtors]
    for path in paths:
        _check_path(layout, path)
    drawn = _drawn(distributions(web, scenario if centre == "scenario" else None), levers, given or {})
    points, starts = sobol_points(n, len(drawn), seed)
    settings = transform(drawn, points)
    digest = partial(_digest, measures=tuple(measures), paths=tuple(paths), losses=losses, calls=calls)
    keep = frozenset().union(*(groups_for(layout, m) for m in (*measures, *paths)))
    if calls:
        keep |= groups_for(layout, "called_total")
    parts = run_batches(
        web,
        columns_from(scenario, **settings),
        digest,
        keep | {"losses"} if losses else keep,
        executor,
        chunk=chunk,
        to_horizon=to_horizon,
        progress=progress,
        cancelled=cancelled,
    )
    kept = list(parts)
    found = {name: np.concatenate([part[name] for part in kept]) for name in kept[0]}
    last = int(last_quarters(layout, columns([scenario]))[0])
    known = last + 1 if to_horizon else layout.never
    samples = {name: values for name, values in found.items() if not name.startswith(("failed:", "path:"))}
    return MonteCarlo(
        n=n,
        seed=seed,
        replicates=len(starts),
        levers=tuple(drawn),
        measures={m: estimate(found[f"measure:{m}"], starts) for m in measures},
        failures={
            c: _failure(values, starts, last, known, layout.never) for c, values in _named(found, "failed:")
        },
        paths={p: _path_quantiles(found[f"path:{p}"]) for p in paths},
        calls={g: estimate(values, starts) for g, values in _named(found, "calls:")},
        losses={f: estimate(values, starts) for f, values in _named(found, "losses:")},
        samples={f"lever:{name}": values for name, values in settings.items()} | samples,
        rare=min(1.0, 3.0 / n),
    )


def _drawn(
    declared: dict[str, Distribution], levers: Sequence[str] | None, given: Mapping[str, Distribution]
) -> dict[str, Distribution]:
    """The distributions to draw from, in the order of the levers."""
    known = declared | dict(given)
    if levers is None:
        return known
    wanted = [lever(word).id for word in levers]
    for name in wanted:
        if name not in known:
            raise ValueError(f"{lever(name).label} has no distribution to draw from")
    if not wanted or len(set(wanted)) < len(wanted):
        raise ValueError(f"levers to draw must be named once each, got {list(levers)}")
    return {name: one for name, one in known.items() if name in wanted}


def _check_path(layout: Layout, path: str) -> None:
    known = [f"{c}.{field}" for c in layout.companies for field in PATH_FIELDS]
    known += [f"market.{field}" for field in MARKET_FIELDS]
    if path not in known:
        raise ValueError(f"no path {path!r}; nearest: {nearest(path, known)}")


def _fund_losses(result: Result) -> dict[str, NDArray]:
    """USD bn that each fund falls short of schedule up to the horizon, without the cost of returns."""
    loss, _by_holding = fund_tables.losses(result)
    return {fund.id: loss[:, f] for f, fund in enumerate(funds.funds(result.layout))}


def _digest(
    result: Result, measures: tuple[str, ...], paths: tuple[str, ...], losses: bool, calls: bool
) -> dict[str, NDArray]:
    """What is kept of a batch: a few numbers a draw instead of every quarter of everything."""
    layout, figures = result.layout, Measures(result)
    out: dict[str, NDArray] = {f"measure:{m}": figures.value(m) for m in measures}
    for entity in dict.fromkeys((*layout.companies, *layout.tenants)):
        out[f"failed:{entity}"] = result.failed_quarter(entity).astype(np.int8)
    for path in paths:
        out[f"path:{path}"] = _path(figures, path).astype(np.float32)
    for name, guarantor in figures.guarantors.items() if calls else ():
        if guarantor.promised > 0:
            out[f"calls:{name}"] = result.to_horizon(guarantor.called)
    if losses:
        out |= {f"losses:{fund}": values for fund, values in _fund_losses(result).items()}
    return out


def _path(figures: Measures, path: str) -> NDArray:
    """A path over the quarters, (scenario, quarter), 0 for a company after its failure."""
    subject, _, field = path.partition(".")
    if subject == "market":
        return figures.result.array(field, 0)
    quarters, failed = np.arange(figures.layout.never), figures.result.failed_quarter(subject)[:, None]
    gone = (quarters > failed) & (quarters < figures.result.quarters)
    return np.where(gone, 0.0, figures.company(subject, field))


def _named(found: dict[str, NDArray], prefix: str) -> list[tuple[str, NDArray]]:
    return [(name.removeprefix(prefix), values) for name, values in found.items() if name.startswith(prefix)]


def _failure(failed: NDArray, starts: NDArray, last: int, known: int, never: int) -> Failure:
    """Probability of having failed by each of the quarters known, from quarters of failure."""
    n, replicates = failed.size, len(starts)
    which = np.searchsorted(starts, np.arange(n), side="right") - 1
    counts = np.bincount(which * (never + 1) + failed, minlength=replicates * (never + 1))
    by = np.cumsum(counts.reshape(replicates, never + 1), axis=1)
    mean, error = _pool(by[:, :never].astype(float), by[:, never:].astype(float))
    mean[known:] = error[known:] = np.nan
    return Failure(float(mean[last]), float(error[last]), mean, error)


def _path_quantiles(values: NDArray) -> NDArray:
    """Quantiles of a path by quarter, (5, quarter), over the draws in which it is defined."""
    out = np.full((len(QUANTILES), values.shape[1]), np.nan)
    for quarter in range(values.shape[1]):
        known = values[:, quarter][np.isfinite(values[:, quarter])]
        if known.size:
            out[:, quarter] = np.percentile(known, QUANTILES)
    return out


def as_dict(found: MonteCarlo) -> dict:
    """The result of `monte_carlo` as JSON has it: what is not defined is None.

    Parameters
    ----------
    found : MonteCarlo
        As `monte_carlo` gives it.
    """

    told = asdict(replace(found, samples={}))
    del told["samples"]
    shares = [str(share) for share in QUANTILES]
    told["paths"] = {name: dict(zip(shares, values, strict=True)) for name, values in found.paths.items()}
    return _plain(told)


def _plain(value: Any) -> Any:
    """Whatever is in a result as JSON has it, its keys as words."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    return plain(value) if isinstance(value, float | np.ndarray) else value
