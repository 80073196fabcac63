"""What a share link remembers of its figures, and what has changed between then and now, and why.

The receipt itself, its digest and its reading, are in `core.scenario.receipt`; here is which figures go in
and how two sets of them are compared. Differences and reasons are facts in no language, like those of
`core.results.narrative`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from core.results.measures import called
from core.results.narrative import COUNTED, WORTH_TELLING, Fact, renegotiations, service
from core.scenario import link, receipt
from core.scenario.levers import Scenario
from core.scenario.messages import REPAIRED, Message
from core.scenario.packed import Figure
from core.web.web import BIG_TECH, LABS, NEOCLOUDS, load_web, snapshots

FUND = "infra_credit"
CALLED_TOLERANCE = 0.05  # USD bn: the digit that pages show
RETURN_TOLERANCE = 0.0005  # half of the digit that pages show
DSCR_TOLERANCE = 0.005  # as well: two digits, as lenders write it
ROUNDING = 1e-9  # of half a digit: a figure that was rounded to the digit lies so far from it
LARGEST = 1e5  # of a stranger's figures; a hundred trillion dollars is no call on anybody
MODEL, DATA_MARK, LINK_MARK, SNAPSHOT = "m", "d", "l", "s"  # marks of a receipt that are not figures
_VERSION = re.compile(r"\d{4}\.\d{1,2}", re.ASCII)
_QUARTER = re.compile(r"\d{4}Q[1-4]", re.ASCII)


def headline_figures(reading: Mapping) -> dict[str, Figure]:
    """Choose the few figures by which two visits can tell whether they see the same.

    Parameters
    ----------
    reading : mapping
        As `core.results.reading.read` gives it.

    Returns
    -------
    dict of str to str or float
        Quarter of failure ("2030Q2") of each neocloud and lab that fails up to the horizon; "called.<giver>",
        USD bn called up to the horizon where anything is; "cut.<lab>", the quarter from which it pays less
        than its contracts say; "dscr.<neocloud>", that of the last year; "net.infra_credit", a decimal a
        year.

    Examples
    --------
    >>> headline_figures({
    ...     "companies": [{"id": "coreweave", "failed_quarter": 17, "dscr": [None] * 32}],
    ...     "tenants": [{"id": "openai", "failed_quarter": None, "renegotiated_quarter": None}],
    ...     "guarantors": [{"id": "nvidia", "called": [0.0, 2.5]}, {"id": "meta", "called": [0.0, 0.0]}],
    ...     "funds": [{"id": "infra_credit", "net_irr": 0.077}],
    ...     "quarters": [f"{2026 + i // 4}Q{i % 4 + 1}" for i in range(32)], "last_quarter": 19})
    {'coreweave': '2030Q2', 'called.nvidia': 2.5, 'net.infra_credit': 0.077}
    """
    last = reading["last_quarter"]
    figures: dict[str, Figure] = {}
    for row in (*reading["companies"], *reading["tenants"]):
        failed = row["failed_quarter"]
        if row["id"] in COUNTED and failed is not None and failed <= last:
            figures[row["id"]] = reading["quarters"][failed]
    for row in reading["guarantors"]:
        amount = called(row, last)
        if amount > WORTH_TELLING:
            figures[f"called.{row['id']}"] = float(amount)
    figures |= {f"cut.{who}": reading["quarters"][when] for who, when, _ in renegotiations(reading)}
    if found := service(reading):
        figures[f"dscr.{found[0]}"] = float(found[1])
    figures[f"net.{FUND}"] = next(row["net_irr"] for row in reading["funds"] if row["id"] == FUND)
    return figures


def write(reading: Mapping, scenario: Scenario, touched: Collection[str], edits: Sequence[str] = ()) -> str:
    """Write the receipt of a view: its headline figures, the model, and marks of the data and of the link.

    Parameters
    ----------
    reading : mapping
        Results of the scenario.
    scenario : Scenario
        The levers.
    touched : collection of str
        Levers by id that the link names.
    edits : sequence of str
        Data edits as "row id:number".

    Returns
    -------
    str
        For `core.scenario.link.encode`; in all but strange worlds of edited data 28 characters.
    """
    marks = {
        MODEL: link.MODEL_VERSION,
        DATA_MARK: data_mark(reading["snapshot"]),
        LINK_MARK: link_mark(scenario, touched, edits, reading["snapshot"]),
        SNAPSHOT: reading["snapshot"],
    }
    return receipt.make_receipt(headline_figures(reading) | marks)


def link_mark(
    scenario: Scenario, touched: Collection[str], edits: Sequence[str] = (), data: str | None = None
) -> str:
    """Six characters that stand for what a link asks for: any other lever or edit gives others.

    Parameters
    ----------
    scenario : Scenario
        The levers.
    touched : collection of str
        Levers by id that the link names.
    edits : sequence of str
        Data edits as "row id:number".
    data : str, optional
        Date of the snapshot that it is read on, which has a mark of its own; the latest if not given.

    Returns
    -------
    str
        A check against changes by hand, not a signature.

    Examples
    --------
    >>> link_mark(Scenario.default(), ["g"]) == link_mark(Scenario.default(), [])
    False
    """
    parts = link.encode(scenario, touched, edits=edits, data=data).split("&")[1:]  # without the model version
    return _mark(["&".join(part for part in parts if not part.startswith("data="))])


@lru_cache(maxsize=4)
def data_mark(snapshot: str, root: Path | None = None) -> str:
    """Six characters that stand for all values of a snapshot; its notes and sources do not count.

    Parameters
    ----------
    snapshot : str
        Its date.
    root : Path, optional
        Folder that holds the snapshots; that of the package if not given.
    """
    rows = load_web(snapshot, root=root).rows()
    return _mark(f"{row.id}={row.raw}" for row in rows if row.table != "actuals")


def _mark(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:6]


def differences(then: Mapping[str, Figure], now: Mapping[str, Figure]) -> tuple[Fact, ...]:
    """Say which headline figures differ by more than the digits that pages show.

    Parameters
    ----------
    then : mapping
        From `core.scenario.receipt.read_receipt`; a stranger may have written it.
    now : mapping
        From `headline_figures`.

    Returns
    -------
    tuple of Fact
        `failed` and `cut` (who, then, now: a quarter or None), `called` (who, then, now: USD bn), `dscr`
        (who, then, now: multiples) and `net` (then, now: decimals); nothing when both agree. Names that this
        model does not know are left out.

    Examples
    --------
    >>> differences({"coreweave": "2029Q2", "called.meta": 1.0}, {"coreweave": "2028Q4", "called.meta": 1.01})
    (Fact(code='failed', params={'who': 'coreweave', 'then': '2029Q2', 'now': '2028Q4'}),)
    """
    found = []
    for who in COUNTED:
        quarters = [_quarter(source.get(who)) for source in (then, now)]
        if quarters[0] != quarters[1]:
            found.append(Fact("failed", {"who": who, "then": quarters[0], "now": quarters[1]}))
    for who in LABS:
        quarters = [_quarter(source.get(f"cut.{who}")) for source in (then, now)]
        if quarters[0] != quarters[1]:
            found.append(Fact("cut", {"who": who, "then": quarters[0], "now": quarters[1]}))
    for who in BIG_TECH:
        before, after = (_number(source.get(f"called.{who}")) or 0.0 for source in (then, now))
        if _apart(before, after, CALLED_TOLERANCE):
            found.append(Fact("called", {"who": who, "then": before, "now": after}))
    for who in NEOCLOUDS:
        turns = [_number(source.get(f"dscr.{who}")) for source in (then, now)]
        if f"dscr.{who}" in then and _apart(turns[0], turns[1], DSCR_TOLERANCE):
            found.append(Fact("dscr", {"who": who, "then": turns[0], "now": turns[1]}))
    name = f"net.{FUND}"
    rate, rate_now = (_number(source.get(name)) for source in (then, now))
    if name in then and _apart(rate, rate_now, RETURN_TOLERANCE):
        found.append(Fact("net", {"then": rate, "now": rate_now}))
    return tuple(found)


def reasons(
    then: Mapping[str, Figure],
    snapshot: str,
    scenario: Scenario,
    touched: Collection[str],
    edits: Sequence[str] = (),
    messages: Sequence[Message] = (),
) -> tuple[Fact, ...]:
    """Say why figures may differ from those of a receipt.

    Parameters
    ----------
    then : mapping
        From `core.scenario.receipt.read_receipt`.
    snapshot : str
        Date of the data that are looked at.
    scenario, touched, edits : Scenario, collection of str, sequence of str
        What the link was read as.
    messages : sequence of Message
        What the reading of the link told.

    Returns
    -------
    tuple of Fact
        `model_changed` (then, now), `other_data` (then, now: dates) or `data_changed`, `levers_repaired`,
        `edits_refused`, `link_changed`; `corrected` when none of them is known.
    """
    found = []
    model = then.get(MODEL)
    if isinstance(model, str) and _VERSION.fullmatch(model) and model != link.MODEL_VERSION:
        found.append(Fact("model_changed", {"then": model, "now": link.MODEL_VERSION}))
    made = made_with(then)
    if made not in (None, snapshot):
        found.append(Fact("other_data", {"then": made, "now": snapshot}))
    elif _is_other(then.get(DATA_MARK), data_mark(snapshot)):
        found.append(Fact("data_changed"))
    repaired = any(message.code in REPAIRED for message in messages)
    refused = any(message.code.endswith(("_edit", "_edits")) for message in messages)
    if repaired:
        found.append(Fact("levers_repaired"))
    if refused:
        found.append(Fact("edits_refused"))
    told = repaired or refused or any(message.code == "migrated" for message in messages)
    if not told and _is_other(then.get(LINK_MARK), link_mark(scenario, touched, edits, snapshot)):
        found.append(Fact("link_changed"))
    return tuple(found) or (Fact("corrected"),)


def made_with(then: Mapping[str, Figure]) -> str | None:
    """Date of the snapshot with whose data a link was made; None where its receipt does not tell.

    Parameters
    ----------
    then : mapping
        From `core.scenario.receipt.read_receipt`; a stranger may have written it. One that names no date was
        made when there was only the first.

    Examples
    --------
    >>> made_with({"d": "0a1b2c"}) == snapshots()[0], made_with({"s": "1999-12-31"})
    (True, None)
    """
    known, date = snapshots(), then.get(SNAPSHOT)
    if date is None:
        return known[0] if DATA_MARK in then and known else None
    return date if isinstance(date, str) and date in known else None


def _is_other(mark: Figure, now: str) -> bool:
    """Whether a mark is not that of now; a short receipt keeps the beginning of one."""
    return mark is not None and not (isinstance(mark, str) and mark and now.startswith(mark))


def _quarter(figure: Figure) -> str | None:
    return figure if isinstance(figure, str) and _QUARTER.fullmatch(figure) else None


def _number(figure: Figure) -> float | None:
    return float(figure) if isinstance(figure, int | float) and abs(figure) <= LARGEST else None


def _apart(a: float | None, b: float | None, tolerance: float) -> bool:
    """Whether two figures differ by more than half a digit, beyond what it takes to round to one."""
    return a != b if a is None or b is None else abs(a - b) > tolerance * (1 + ROUNDING)
