"""Headline figures of every preset on each data, kept in ``tests/golden``: a change of the model moves them.

``python -m tests.golden`` prints them as a table beside what is kept; ``--write`` keeps them anew.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.model.engine import run
from core.results.reading import read
from core.scenario.presets import presets
from core.web.web import load_web, snapshots

FOLDER = Path(__file__).parent / "golden"
DIGITS = 6
YEARLY = ("revenue", "ebitda", "interest")


def rounded(value):
    """A figure to six significant digits, and to a dollar: rounding dust around zero is not a result."""
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [rounded(v) for v in value]
    if isinstance(value, float):
        return 0.0 if abs(value) < 1e-9 else float(f"{value:.{DIGITS}g}")
    return value


def by_year(path: Sequence[float | None], begun: int) -> list[float | None]:
    """A quarterly path added up by year, the first perhaps begun; None from the year of failure on."""
    whole = [0.0] * begun + list(path)
    years = [whole[k : k + 4] for k in range(0, len(whole), 4)]
    return [None if None in year else sum(year) for year in years]


def headline(reading: dict) -> dict:
    """The figures of a reading worth keeping."""
    last = reading["last_quarter"]
    begun = -len(reading["quarters"]) % 4
    companies = {row["id"]: row for row in reading["companies"]}
    host = companies["coreweave"]
    return {
        "link": reading["link"],
        "failed_count": reading["failed_count"],
        "companies": {
            name: {key: row[key] for key in ("status", "failed_quarter", "failure_cause", "first_breach")}
            for name, row in companies.items()
        },
        "tenants": {
            row["id"]: {"failed_quarter": row["failed_quarter"], "failure_cause": row["failure_cause"]}
            for row in reading["tenants"]
        },
        "funds": {
            row["id"]: {key: row[key] for key in ("gross_irr", "net_irr", "moic", "loss_rate")}
            for row in reading["funds"]
        },
        "investors": {row["id"]: row["loss"] for row in reading["investors"]},
        "called": {row["id"]: sum(row["called"][: last + 1]) for row in reading["promises"]},
        "called_to_2033": {row["id"]: sum(row["called"]) for row in reading["promises"]},
        "look_through_leverage": {row["id"]: row["look_through_leverage"] for row in reading["guarantors"]},
        "funding_gap": {
            key: value
            for key, value in reading["funding_gap"].items()
            if not key.startswith(("cost_", "asked_"))
        },
        "coreweave": {f: by_year(host[f], begun) for f in YEARLY} | {"debt": host["debt"][3 - begun :: 4]},
    }


def found(date: str) -> dict[str, dict]:
    """Headlines of all presets on some data, the baseline first."""
    chosen = [(p.id, p.on(date)) for p in presets()]
    result = run(load_web(date), [scenario for _, scenario in chosen])
    return {name: rounded(headline(read(result, i, scenario))) for i, (name, scenario) in enumerate(chosen)}


def kept(date: str) -> dict[str, dict]:
    """What the files say."""
    files = sorted((FOLDER / date).glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in files}


def write(date: str) -> None:
    """Keep today's figures."""
    folder = FOLDER / date
    folder.mkdir(parents=True, exist_ok=True)
    now = found(date)
    for path in folder.glob("*.json"):
        if path.stem not in now:
            path.unlink()
    for name, figures in now.items():
        (folder / f"{name}.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def flat(figures: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every single figure with its path."""
    if isinstance(figures, dict | list):
        items = figures.items() if isinstance(figures, dict) else enumerate(figures)
        for key, value in items:
            yield from flat(value, f"{path}.{key}" if path else str(key))
    else:
        yield path, figures


def differences(now: dict, before: dict) -> list[str]:
    """One line for each figure that is not what was kept, beyond the last of six digits."""
    new, old = dict(flat(now)), dict(flat(before))
    lines = []
    for path in dict.fromkeys((*old, *new)):
        a, b = old.get(path, "nothing"), new.get(path, "nothing")
        numbers = isinstance(a, float) and isinstance(b, float)
        if (abs(a - b) > 2e-6 * max(abs(a), abs(b))) if numbers else a != b:
            lines.append(f"{path}: {a} -> {b}")
    return lines


def table(figures: dict[str, dict], labels: Sequence[str]) -> str:
    """The headlines for a reader: who fails when, what funds earn, who is called."""
    lines = []
    for name, one in figures.items():
        failed = {**one["tenants"], **one["companies"]}
        dates = [
            f"{who} {labels[q]} ({row['failure_cause']})"
            for who, row in failed.items()
            if (q := row["failed_quarter"]) is not None
        ]
        calls = [f"{promise} {usd:.2f}" for promise, usd in one["called_to_2033"].items() if usd > 0]
        funds = [f"{fund} {_percent(row['net_irr'])}" for fund, row in one["funds"].items()]
        gap = one["funding_gap"]
        years = [f"{x:.1f}" if x is not None else "-" for x in one["coreweave"]["revenue"]]
        lines += [
            f"{name}  {one['link']}",
            f"  fails     {', '.join(dates) or 'nobody'}",
            f"  called    {', '.join(calls) or 'nothing'} (USD bn to 2033)",
            f"  net IRR   {', '.join(funds)}",
            f"  losses    {', '.join(f'{k} {v:.2f}' for k, v in one['investors'].items())} (USD bn)",
            f"  gap       {gap['gap']:.0f}, unfunded {gap['unfunded']:.0f} (USD bn)",
            f"  CoreWeave revenue {' '.join(years)} (USD bn, {labels[0][:4]} to {labels[-1][:4]})",
            "",
        ]
    return "\n".join(lines)


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{100 * rate:.1f} %"


def main(arguments: Sequence[str]) -> int:
    """Print, or with ``--write`` keep; 1 if what is kept differs."""
    differ = False
    for date in snapshots():
        now, before = found(date), kept(date)
        changed = {name: differences(now.get(name, {}), before.get(name, {})) for name in {**before, **now}}
        print(date, table(now, load_web(date).calendar.labels), sep="\n\n")
        for name, lines in changed.items():
            if lines:
                print(f"{name}: {len(lines)} figures differ from what is kept")
                print("\n".join(f"  {line}" for line in lines[:20]))
        if "--write" in arguments:
            write(date)
        differ |= any(changed.values())
    return 1 if differ and "--write" not in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
