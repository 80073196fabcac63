"""How much of what moves a headline figure rests on assumptions: every row of the data moved on its own."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np

from core.model.engine import run
from core.model.result import Result
from core.questions.turns import Turns
from core.results import fund_tables
from core.results.guarantors import BIG_TECH
from core.results.headline_then import CALLED_TOLERANCE, FUND, RETURN_TOLERANCE
from core.scenario.levers import Scenario
from core.web.refusal import DataError
from core.web.snapshot import Row, Schema
from core.web.web import Web, load_web

STEP = 0.10  # how far a row is moved that states no range
ASSUMPTION = "assumption"
TOP = 10
ROWS_A_TURN = 16
KEEP = ("companies", "holders", "market", "promises")
MOVES = 1e-6  # of a digit: what is less is rounding


@dataclass(frozen=True)
class Weighed:
    """What one row of the data moves; ``weight`` in digits that pages show, at its low and its high together.

    A digit is a quarter of failure, a failed company, USD 0.1 bn called, 0.1 percentage points of return.
    """

    id: str
    basis: str
    weight: float


@dataclass(frozen=True)
class Weights:
    """What the rows of the data move, the heaviest first."""

    rows: tuple[Weighed, ...]

    @property
    def total(self) -> float:
        """Weight of all rows together, in digits."""
        return sum(row.weight for row in self.rows)

    @property
    def moving(self) -> int:
        """How many rows move a headline figure at all."""
        return sum(row.weight > 0 for row in self.rows)

    @property
    def by_basis(self) -> dict[str, float]:
        """Share of the weight on each basis, largest first; empty if nothing moves."""
        weights: dict[str, float] = {}
        for row in self.rows:
            weights[row.basis] = weights.get(row.basis, 0.0) + row.weight
        shares = {basis: weight / self.total for basis, weight in weights.items()} if self.total else {}
        return dict(sorted(shares.items(), key=lambda pair: -pair[1]))

    @property
    def share(self) -> float | None:
        """Share of the weight on assumptions; None if nothing moves.

        >>> Weights((Weighed("a", "assumption", 3.0), Weighed("b", "reported", 1.0))).share
        0.75
        """
        return self.by_basis.get(ASSUMPTION, 0.0) if self.total else None


def weights(web: Web, scenario: Scenario | None = None, executor: Executor | Turns | None = None) -> Weights:
    """Move every number of the data to its low and its high and add up what the headline figures do.

    A row without a range moves 10 % either way, one that counts whole things by one at least, inside what
    the item may be. A share of a whole takes from the others of its whole, or gives to them, in proportion.
    What the loader refuses weighs nothing. Headline figures are those of `headline`.

    Parameters
    ----------
    web : Web
        A loaded snapshot; edits in it stay.
    scenario : Scenario, optional
        Today's data without it.
    executor : Executor, optional
        Whoever maps over parts of the rows; see README.

    Returns
    -------
    Weights
        After some 1,200 runs, each of a web of its own: some ten seconds.
    """
    asked = Scenario.default(web) if scenario is None else scenario
    rows = [row for row in web.rows() if not isinstance(row.raw, str) and row.table != "actuals"]
    parts = [rows[i : i + ROWS_A_TURN] for i in range(0, len(rows), ROWS_A_TURN)]
    work = partial(_weigh, web, asked, headline(web, asked))
    found = map(work, parts) if executor is None else executor.map(work, parts)
    flat = [one for part in found for one in part]
    return Weights(tuple(sorted(flat, key=lambda one: -one.weight)))


def headline(web: Web, scenario: Scenario) -> np.ndarray:
    """The headline figures in digits that pages show: those of a link's receipt and the failed count.

    Parameters
    ----------
    web : Web
        A loaded snapshot.
    scenario : Scenario
        One.

    Returns
    -------
    ndarray, (figure,)
        Of each neocloud and lab the quarter of failure, the one after the horizon for who holds; how many
        have failed; of each guarantor what it pays to the horizon; the mixed fund's net return.
    """
    result = run(web, scenario, keep=KEEP, to_horizon=True)
    layout, last = result.layout, int(result.last[0])
    failed = [min(int(result.failed_quarter(who)[0]), last + 1) for who in layout.counted]
    net = fund_tables.fund_returns(result)[FUND].net_irr[0] / (2 * RETURN_TOLERANCE)
    return np.array([*failed, result.failed_count[0], *_called(result, last), net])


def _called(result: Result, last: int) -> list[float]:
    layout = result.layout
    paid, givers = result.array("called")[0, : last + 1].sum(axis=0), layout.promises.giver
    nodes = [layout.index[who] for who in layout.of_kind(BIG_TECH)]
    return [float(paid[givers == node].sum()) / (2 * CALLED_TOLERANCE) for node in nodes]


def _weigh(web: Web, scenario: Scenario, before: np.ndarray, rows: Sequence[Row]) -> list[Weighed]:
    """What some of the rows move."""
    schema, others = Schema(web.snapshot), wholes(web)
    found = []
    for row in rows:
        weight = 0.0
        for overrides in moves(web, row, schema, others.get(row.id, ())):
            try:
                moved = load_web(web.snapshot, {**web.overrides, **overrides}, web.root)
            except DataError:
                continue
            apart = np.abs(headline(moved, scenario) - before)
            weight += float(apart[np.isfinite(apart) & (apart > MOVES)].sum())
        found.append(Weighed(row.id, row.basis, weight))
    return found


def moves(web: Web, row: Row, schema: Schema, others: Sequence[str]) -> Iterator[dict[str, float]]:
    """Overrides that move a row down and up, each only if it moves.

    Parameters
    ----------
    web : Web
        For the other shares of a whole.
    row : Row
        A number.
    schema : Schema
        Says what the item may be.
    others : sequence of str
        Ids of the other shares of its whole, none if it is no share.

    Yields
    ------
    dict of str to float
        Row ids and numbers, in the units of the rows.
    """
    for value in span(row, schema):
        if others:
            left = sum(float(web.row(other).raw) for other in others)
            kept = (left + float(row.raw) - value) / left if left > 0 else -1.0
            if kept >= 0:
                yield {row.id: value} | {other: float(web.row(other).raw) * kept for other in others}
        else:
            yield {row.id: value}


def span(row: Row, schema: Schema) -> list[float]:
    """Where a row is moved to, in its own unit: below and above what it is.

    Parameters
    ----------
    row : Row
        A number.
    schema : Schema
        Says what the item may be.

    Examples
    --------
    >>> web = load_web()
    >>> schema = Schema(web.snapshot)
    >>> span(web.row("openai.cash"), schema), [round(v, 3) for v in span(web.row("coreweave.cash"), schema)]
    ([70.0, 95.0], [6.227, 7.611])
    """
    value, unit = float(row.raw), schema.units[row.unit]
    name = row.subject.partition(".")[2] if schema.shape(row.table) == "yearly" else row.item
    spec = schema.item(row.table, name, row.unit) or {}
    wide = math.ceil(abs(value) * STEP) if spec.get("whole") else abs(value) * STEP
    if spec.get("whole"):
        wide = max(wide, 1)
    low, high = (None if bound is None else round(bound * unit, 9) for bound in (row.low, row.high))
    ends = (value - wide if low is None else low, value + wide if high is None else high)
    bounded = [min(max(end, spec.get("min", -math.inf)), spec.get("max", math.inf)) for end in ends]
    return [end for end in bounded if end != value]


def wholes(web: Web) -> dict[str, tuple[str, ...]]:
    """For each row that is a share of a whole, the other shares of it; () where it is all of it.

    Parameters
    ----------
    web : Web
        A loaded snapshot.

    Examples
    --------
    >>> sorted(wholes(load_web())["blackstone.mix_wealth"])[0]
    'blackstone.mix_insurers'
    """
    schema = Schema(web.snapshot)
    found: dict[str, tuple[str, ...]] = {}
    for rule in schema.rules("adding_up"):
        table, prefix = web.tables[rule["table"]], rule["items"].rstrip("*")
        kind_item = schema.tables[rule["table"]]["kind_item"]
        kinds = {group.partition(":")[2] for group in rule["of"]}
        together: dict[object, list[str]] = {}
        for subject, items in table.items():
            if items[kind_item].value in kinds:
                group = tuple(items[by].value for by in rule["by"]) if "by" in rule else subject
                mine = [row.id for item, row in items.items() if item.startswith(prefix)]
                together.setdefault((prefix, group), []).extend(mine)
        for ids in together.values():
            found |= {row: tuple(other for other in ids if other != row) for row in ids}
    return found


def as_dict(found: Weights, snapshot: str) -> Mapping[str, object]:
    """Weights as JSON can hold them.

    Parameters
    ----------
    found : Weights
        From `weights`.
    snapshot : str
        Date of the data.

    Returns
    -------
    dict
        ``snapshot``; ``share`` of the weight on assumptions and ``by_basis``, decimals; ``weight`` in digits;
        ``rows``, how many numbers were moved, and ``moving``, how many of them move a headline figure;
        ``top``, the ten heaviest rows, each with its ``share`` of the weight.
    """
    total = found.total
    return {
        "snapshot": snapshot,
        "share": found.share,
        "by_basis": found.by_basis,
        "weight": total,
        "rows": len(found.rows),
        "moving": found.moving,
        "top": [{**vars(row), "share": row.weight / total if total else None} for row in found.rows[:TOP]],
    }
