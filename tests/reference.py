"""The model's results at full precision, kept in ``tests/reference``: what a new engine is held to.

``python -m tests.reference`` runs every kept scenario anew and says how far each array is from what is kept;
``--write`` keeps them anew, which only a change of the model's rules may ask for. Kept are the presets, the
published links and random scenarios over all levers, each in both ways of building: every array of the record
and every figure of every fund.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np

from core.model.engine import run
from core.model.result import Result
from core.model.tables import GROUPS, ON_REQUEST
from core.results.fund_tables import fund_returns
from core.results.funds import FundReturns
from core.scenario.levers import columns
from core.scenario.link import MODEL_VERSION
from core.scenario.presets import presets
from core.web.web import load_web
from tests.golden_links import golden_links, opened
from tests.worlds import FIRST, random_levers

FOLDER = Path(__file__).parent / "reference"
BUILDING = ("market", "plan")
EVERYTHING = (*GROUPS, *ON_REQUEST)
SEED, RANDOM = 2026_11, 60
NOISE = ("change", "residual")  # what is left over of a clearing or an identity is no result
# Arrays of rules that these data do not ask for: not kept; what stands in them says that nothing happened.
IDLE = {"core": 0.0, "haircut": 0.0, "giver_borrowed": 0.0}
NEAR = 1e-9  # processors and compilers add up in other orders

Arrays = dict[str, np.ndarray]


def file() -> Path:
    """Where the results of this version of the model are kept."""
    return FOLDER / f"{MODEL_VERSION}.npz"


def asked() -> dict[str, Arrays]:
    """Levers of every scenario in model units, (scenario,), by the data edits (JSON) they are run with."""
    told = [(), *(opened(golden, FIRST).edits for golden in golden_links())]
    scenarios = {json.dumps(edits): [] for edits in told}
    scenarios[json.dumps(())] += [preset.on(FIRST) for preset in presets()]
    for golden in golden_links():
        parsed = opened(golden, FIRST)
        scenarios[json.dumps(parsed.edits)].append(parsed.scenario)
    out = {edits: columns(chosen) for edits, chosen in scenarios.items()}
    drawn = random_levers(SEED, RANDOM)
    first = json.dumps(())
    out[first] = {name: np.concatenate([given, drawn[name]]) for name, given in out[first].items()}
    return out


def arrays_of(result: Result) -> Arrays:
    """Every array that a run kept, and how its scenarios ended, by name."""
    ends = {name: result.ends[name] for name in result.ends.dtype.names if name not in NOISE}
    return {**result.arrays, **ends}


def idle(result: Result, name: str, array: np.ndarray) -> bool:
    """Whether an array belongs to a rule that the data do not ask for, and shows that it did nothing."""
    if name == "renegotiated":
        return bool((array == result.layout.never).all())
    if name == "giver_cash":
        rich = result.layout.fields["wealthy"]["node"]
        return bool((array == result.layout.fields["node"]["cash"][rich]).all())
    return name in IDLE and bool((np.nan_to_num(array) == IDLE[name]).all())


def figures_of(result: Result) -> Arrays:
    """Every array of a run, and every figure of its funds, by name."""
    out = arrays_of(result)
    for fund, returns in fund_returns(result).items():
        for one in fields(FundReturns):
            value = getattr(returns, one.name)
            parts = value.items() if isinstance(value, dict) else [("", value)]
            out |= {f"{fund}.{one.name}.{part}".rstrip("."): np.asarray(figure) for part, figure in parts}
    return {name: array for name, array in out.items() if not name.endswith(".residual")}


def found(scenarios: dict[str, Arrays]) -> Arrays:
    """Results of the engine, by name: edits, way of building, array."""
    out = {}
    for edits, levers in scenarios.items():
        pairs = (edit.rsplit(":", 1) for edit in json.loads(edits))
        web = load_web(FIRST, overrides={row: float(number) for row, number in pairs})
        for building in BUILDING:
            result = run(web, levers, building, EVERYTHING)
            of_rules = {n: array for n, array in figures_of(result).items() if not idle(result, n, array)}
            out |= {f"{edits}|{building}|{name}": array for name, array in of_rules.items()}
    return out


def kept() -> tuple[dict[str, Arrays], Arrays]:
    """The levers of the scenarios kept, and their results."""
    with np.load(file()) as archive:
        everything = {name: archive[name] for name in archive.files}
    scenarios: dict[str, Arrays] = {}
    for name in [name for name in everything if "|levers|" in name]:
        edits, _, lever = name.split("|")
        scenarios.setdefault(edits, {})[lever] = everything.pop(name)
    return scenarios, everything


def write() -> None:
    """Keep today's results."""
    scenarios = asked()
    FOLDER.mkdir(exist_ok=True)
    levers = {f"{edits}|levers|{k}": v for edits, given in scenarios.items() for k, v in given.items()}
    np.savez_compressed(file(), **levers, **found(scenarios))


def distances(now: Arrays, before: Arrays) -> Iterator[tuple[str, float]]:
    """How far each array is from what is kept: largest difference, relative where a value exceeds 1.

    Infinite where the names, shapes, kinds or places of what is not finite differ.
    """
    for name in dict.fromkeys((*before, *now)):
        a, b = before.get(name), now.get(name)
        if a is None or b is None or a.shape != b.shape or a.dtype != b.dtype:
            yield name, np.inf
        elif a.dtype.kind == "f":
            finite = np.isfinite(a)
            same = np.isfinite(b[finite]).all() and np.array_equal(a[~finite], b[~finite], equal_nan=True)
            gap = np.abs(a[finite] - b[finite]) / np.maximum(np.abs(a[finite]), 1.0)
            yield name, float(gap.max(initial=0.0)) if same else np.inf
        else:
            yield name, 0.0 if np.array_equal(a, b) else np.inf


def main(arguments: Sequence[str]) -> int:
    """Compare, or with ``--write`` keep; 1 if an array is further than `NEAR` from what is kept."""
    if "--write" in arguments:
        write()
        return 0
    scenarios, before = kept()
    apart = {name: gap for name, gap in distances(found(scenarios), before) if gap > 0}
    count = sum(levers["g"].size for levers in scenarios.values())
    print(f"{count} scenarios, both ways of building, {len(before)} arrays; {len(apart)} differ")
    for name, gap in sorted(apart.items(), key=lambda pair: -pair[1])[:20]:
        print(f"  {name}: {gap:.3g}")
    return 1 if any(not gap <= NEAR for gap in apart.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
