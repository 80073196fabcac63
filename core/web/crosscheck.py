"""Do the rows of a snapshot agree with each other: references, needed items, order of dates, weights."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from core.web.refusal import nearest
from core.web.snapshot import Cell, Reader

_WEIGHT_TOLERANCE = 1e-9
_Found = dict[tuple[str, ...], list[str]]  # subjects by the groups that name them


def cross_check(reader: Reader) -> None:
    """Refuse what no single row can show to be wrong, by the rules of the schema.

    Parameters
    ----------
    reader : Reader
        A snapshot that was read; its ``refusals`` take what is found.
    """
    _leave_out_strangers(reader)
    _references(reader)
    _required(reader)
    _alternatives(reader)
    _counts(reader)
    _order(reader, "ordered", "wrong_order", operator.gt)
    _order(reader, "below", "not_below", operator.ge)
    _weights(reader)


def _leave_out_strangers(reader: Reader) -> None:
    """Leave out what happened to a company that only other snapshots know: they all share the actuals."""
    known = reader.tables["entities"]
    strangers = {cell.owner for (table, _), cell in reader.lines.items() if table == "actuals"} - known.keys()
    if known and strangers and (elsewhere := strangers & reader.entities_elsewhere()):
        reader.lines = {
            key: cell
            for key, cell in reader.lines.items()
            if key[0] != "actuals" or cell.owner not in elsewhere
        }
        told = reader.tables["actuals"]
        reader.tables["actuals"] = {s: told[s] for s in told if s.partition(".")[0] not in elsewhere}


def _kind(reader: Reader, table: str, subject: str) -> str | None:
    row = reader.tables[table].get(subject, {}).get(reader.schema.tables[table].get("kind_item", ""))
    return None if row is None else str(row.value)


def _subjects(reader: Reader, groups: list[str]) -> list[str]:
    """Subjects named by groups such as ``entities`` or ``entities:lab``, in the order of the files."""
    found: dict[str, None] = {}
    for group in groups:
        table, _, kind = group.partition(":")
        of_kind = [s for s in reader.tables[table] if not kind or _kind(reader, table, s) == kind]
        found |= dict.fromkeys(of_kind)
    return list(found)


def _refer(reader: Reader, cell: Cell, field: str, word: str, groups: list[str], found: _Found) -> None:
    key = tuple(groups)
    known = found[key] if key in found else found.setdefault(key, _subjects(reader, groups))
    if known and word not in known:  # no subjects at all: their file is missing, which is told already
        told = {"value": word, "tables": ", ".join(groups), "nearest": nearest(word, known)}
        reader.refusals.cell("unknown_reference", cell, field, **told)


def _references(reader: Reader) -> None:
    found: _Found = {}  # the same few groups are asked for again and again
    for (table, _), cell in reader.lines.items():
        owners = reader.schema.tables[table].get("subject_ref")
        if owners:
            _refer(reader, cell, "entity" if "entity" in cell.cells else "subject", cell.owner, owners, found)
        row = reader.tables[table].get(cell.subject, {}).get(cell.item)
        spec = reader.schema.item(table, cell.declared) or {}
        groups = spec.get("ref_of_kind", {}).get(_kind(reader, table, cell.subject), spec.get("ref"))
        if row is None or not groups:
            continue
        if isinstance(row.value, str):
            _refer(reader, cell, "value", row.value, groups, found)
        else:
            _refer(reader, cell, "item", reader.schema.tail(cell.item), groups, found)


def _required(reader: Reader) -> None:
    for rule in reader.schema.rules("required"):
        table = rule["table"]
        for subject in _subjects(reader, rule["of"]):
            for item in rule["items"]:
                row = f"{subject}.{item}"
                if reader.tables[table] and (table, row) not in reader.lines:
                    told = {"items": item, "wanted": " and ".join(rule["of"])}
                    reader.refusals.add("missing_item", reader.schema.file(table), 0, row, "item", **told)


def _alternatives(reader: Reader) -> None:
    for rule in reader.schema.rules("one_of"):
        table = rule["table"]
        for subject in _subjects(reader, rule["of"]):
            given = [all((table, f"{subject}.{i}") in reader.lines for i in items) for items in rule["items"]]
            if not any(given):
                items = " or ".join(" with ".join(items) for items in rule["items"])
                told = {"items": items, "wanted": " and ".join(rule["of"])}
                reader.refusals.add("missing_item", reader.schema.file(table), 0, subject, "item", **told)


def _counts(reader: Reader) -> None:
    """Refuse data without what the rules cannot do without, as with two intermediaries."""
    for rule in reader.schema.rules("counted"):
        found = len(_subjects(reader, rule["of"]))
        if not rule["least"] <= found <= rule.get("most", found):
            told = {"found": found, "of": " and ".join(rule["of"]), "wanted": rule["wanted"]}
            reader.refusals.add("wrong_number", reader.schema.file(rule["table"]), **told)


def _order(reader: Reader, rules: str, code: str, is_wrong: Callable[[Any, Any], bool]) -> None:
    for rule in reader.schema.rules(rules):
        first, last = rule["items"]
        for subject, items in reader.tables[rule["table"]].items():
            if first in items and last in items and is_wrong(items[first].raw, items[last].raw):
                cell = reader.lines[rule["table"], f"{subject}.{first}"]
                told = {"value": items[first].raw, "last": last, "limit": items[last].raw}
                reader.refusals.cell(code, cell, **told)


def _weights(reader: Reader) -> None:
    for rule in reader.schema.rules("adding_up"):
        table, prefix = rule["table"], rule["items"].rstrip("*")
        totals: dict[str, float] = {}
        for subject in _subjects(reader, rule["of"]):
            items = reader.tables[table][subject]
            keys = [str(items[item].value) for item in rule.get("by", ()) if item in items]
            parts = [float(row.value) for item, row in items.items() if item.startswith(prefix)]
            if not parts:
                continue  # told another way, which the rule of that other way asks for
            weight = sum(parts)
            group = "/".join(keys) or subject
            totals[group] = totals.get(group, 0.0) + weight
        for group, total in totals.items():
            if abs(total - 1) > _WEIGHT_TOLERANCE:
                told = {"row": group, "field": rule["items"], "total": 100 * total}
                reader.refusals.add("weights", reader.schema.file(table), **told)
