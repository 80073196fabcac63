"""Promises outside the web: what would be called of them if the company behind each fails in a scenario.

Kept apart from the named web: nothing here is part of any other figure. The companies that fail are those of
the web; the limits come from `core/data/beside.csv`, and so does whose failure calls a promise: the tenant
where it is public, else an assumption.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.model.result import Result
from core.sources import beside
from core.sources.beside import Line


@dataclass(frozen=True)
class Call:
    """One promise outside the web, read beside one scenario.

    Attributes
    ----------
    line : Line
        The promise.
    company : str
        Id of the company of the web whose failure calls it.
    assumed : bool
        Whether it is not public that this company is behind it.
    failed : int or None
        Quarter in which that company fails, up to the horizon.
    relet : float
        Share of the rent that others would pay for the space at the horizon, 0 to 1.
    amount : float
        USD bn over the whole life of the promise: the limit less what re-letting brings, once the company has
        failed; else 0.
    """

    line: Line
    company: str
    assumed: bool
    failed: int | None
    relet: float
    amount: float


def calls(result: Result, i: int = 0) -> dict[str, Call]:
    """What would be called of each promise outside the web that names whose failure calls it, by row id.

    ``amount = limit * (1 - relet)``. A promise without a limit, without such a company, or that the snapshot
    of the run is too old to know the company of, is left out.

    Parameters
    ----------
    result : Result
        Run with the group "market".
    i : int
        Which scenario of the batch.

    Examples
    --------
    >>> from core.model.engine import run
    >>> from core.scenario.levers import Scenario
    >>> from core.web.web import load_web
    >>> web = load_web()
    >>> found = calls(run(web, Scenario.default(web), keep=("market",)))
    >>> sum(call.amount for call in found.values())
    0.0
    """
    layout = result.layout
    relet = float(result.at_horizon(result.array("relet_share", 0))[i])
    entities = layout.web.tables["entities"]
    found = {}
    for promise in beside.of_kind(beside.PROMISE):
        for line in promise.lines:
            company, value = line.called_by, line.row.value
            if company not in entities or isinstance(value, str):
                continue
            failed = int(result.failed_quarter(company)[i])
            gone = failed <= int(result.last[i])
            found[line.row.id] = Call(
                line,
                company,
                assumed=str(entities[company]["name"].value) != line.tenant,
                failed=failed if gone else None,
                relet=relet,
                amount=value * (1.0 - relet) if gone else 0.0,
            )
    return found


def by_giver(found: dict[str, Call]) -> dict[str, float]:
    """Sum of calls per giver, in the order of the file; USD bn. Whom they name is theirs, not the web's.

    Parameters
    ----------
    found : dict
        Calls as `calls` returns them.

    Examples
    --------
    >>> by_giver({})
    {}
    """
    out: dict[str, float] = {}
    for call in found.values():
        out[call.line.giver] = out.get(call.line.giver, 0.0) + call.amount
    return out
