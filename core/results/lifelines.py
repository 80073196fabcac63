"""How long each company that is watched lives, what warned of it, and who pays for it: a line for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from core.results import narrative
from core.web.web import LABS

RENEGOTIATED = "renegotiated"  # the warning of a lab: it cuts what it owes by contract


@dataclass(frozen=True)
class Lifeline:
    """A company up to the horizon; quarters are counted from 0.

    Attributes
    ----------
    entity : str
    warned : int or None
        Quarter of the first warning before a failure.
    warning : str
        What it was: a measure of ``first_breach``, or `RENEGOTIATED`; empty without one.
    paid : int or None
        First quarter in which a guarantor pays for it.
    giver : str or None
        Who pays first, or who keeps it alive.
    kept : tuple of (int, int)
        First and last quarter of each time in which a guarantor pays for it.
    failed : int or None
        Quarter of its failure.
    cause : str
        Of the failure; empty without one.
    status : str
        As `core.results.narrative.status` and `tenant_status` call it.
    """

    entity: str
    warned: int | None
    warning: str
    paid: int | None
    giver: str | None
    kept: tuple[tuple[int, int], ...]
    failed: int | None
    cause: str
    status: str


def lifelines(reading: Mapping, watched: Sequence[str]) -> tuple[Lifeline, ...]:
    """Return the lines of the companies that are watched: who fails earliest comes first.

    Parameters
    ----------
    reading : mapping
        As `core.results.reading.read` gives it.
    watched : sequence of str
        Ids, in the order in which those come that do not fail; those kept alive by a guarantor before others.
    """
    tables = [{row["id"]: row for row in reading[table]} for table in ("tenants", "companies")]
    lines = [_line(who, tables[who not in LABS][who], reading) for who in watched]
    falls = [who for who, _when, _why in narrative.failures(reading)]
    rank = {"supported": len(falls)}
    return tuple(
        sorted(
            lines,
            key=lambda one: (
                falls.index(one.entity) if one.entity in falls else rank.get(one.status, len(falls) + 1)
            ),
        )
    )


def _line(who: str, row: Mapping, reading: Mapping) -> Lifeline:
    last, is_lab = reading["last_quarter"], who in LABS
    status = narrative.tenant_status(row, reading) if is_lab else narrative.status(row, reading)
    failed = row["failed_quarter"] if status.code == "failed" else None
    if is_lab:
        warned, warning = row["renegotiated_quarter"], RENEGOTIATED
    else:
        breach = row["first_breach"] or {"quarter": None, "measure": ""}
        warned, warning = breach["quarter"], breach["measure"]
    if warned is None or warned > last or warning == "failure":
        warned, warning = None, ""
    paid = sorted(
        (quarter, str(one["giver"]))
        for one in reading["promises"]
        if one["for"] == who
        for quarter, value in enumerate(one["called"][: last + 1])
        if (value or 0.0) > narrative.WORTH_TELLING
    )
    first, giver = paid[0] if paid else (None, None)
    kept = _spells({quarter for quarter, _giver in paid})
    cause = (row["failure_cause"] or "") if failed is not None else ""
    supporter = str(status.params["giver"]) if "giver" in status.params else giver
    return Lifeline(who, warned, warning, first, supporter, kept, failed, cause, status.code)


def _spells(quarters: Set[int]) -> tuple[tuple[int, int], ...]:
    """First and last of each row of quarters that follow each other."""
    starts = sorted(quarter for quarter in quarters if quarter - 1 not in quarters)
    ends = sorted(quarter for quarter in quarters if quarter + 1 not in quarters)
    return tuple(zip(starts, ends, strict=True))
