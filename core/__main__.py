"""The command line: results as JSON on standard output, every complaint as one line on standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from core.holdings import answer, reader
from core.holdings.grids import LARGEST
from core.layout.compile import compile_layout
from core.model.engine import run
from core.questions import assumptions, attribution, between, explore
from core.questions import backtest as past
from core.questions import monte_carlo as draws
from core.questions import odds as dated_odds
from core.questions.frontier import frontier
from core.questions.targets import backtest, targets
from core.results import terminal
from core.results.measures import Measures
from core.results.reading import Reading, plain, read, window
from core.results.warm import told, warm
from core.scenario import link
from core.scenario.levers import Lever, Scenario, Value, lever, levers, nearest, plain_number
from core.scenario.messages import OF_OTHER_MODELS, QUIET, bounded, describe
from core.scenario.presets import preset, presets
from core.web.web import (
    DATA,
    DataError,
    Web,
    as_records,
    latest_snapshot,
    load_web,
    refused_edits,
    snapshots,
    validate,
)

USAGE_ERROR = 2
STOPPED = 130  # as shells say of a program that was interrupted
FORMATS = ("json", "table")
BUILDING = ("market", "plan")
MOST_DIGITS = 9
HELP = ("--help", "-h")


class WrongCallError(Exception):
    """A call that cannot be taken; its text is the one line for standard error."""


def _take_options(words: Sequence[str], known: dict[str, bool]) -> tuple[dict[str, str], list[str]]:
    """Split a call into ``--option value`` pairs and the other words; every command takes ``--data``."""
    known = {**known, "data": True}
    options: dict[str, str] = {}
    rest: list[str] = []
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if not word.startswith("--"):
            rest.append(word)
            continue
        name, equals, value = word[2:].partition("=")
        if name not in known:
            raise WrongCallError(f"unknown option {word!r}; nearest: --{nearest(name, known)}")
        if name in options:
            raise WrongCallError(f"option --{name} is given twice")
        if not known[name]:
            if equals:
                raise WrongCallError(f"option --{name} takes no value")
            options[name] = "yes"
        elif equals:
            options[name] = value
        elif queue:
            options[name] = queue.pop(0)
        else:
            raise WrongCallError(f"option --{name} needs a value")
    return options, rest


def _find_lever(word: str) -> Lever:
    """The lever of this id or long name; a wrong word is told with the nearest valid one."""
    try:
        return lever(word)
    except ValueError as error:
        raise WrongCallError(str(error)) from None


def _set_levers(scenario: Scenario, words: Sequence[str]) -> Scenario:
    """Apply ``lever=value`` words to a scenario."""
    changes: dict[str, object] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            names = [one.id for one in levers()] + [one.name for one in levers()]
            raise WrongCallError(f"{word!r} is not lever=value; nearest lever: {nearest(name, names)}")
        if name in ("data", "preset", "link"):
            raise WrongCallError(f"{name} is no lever but an option: --{name} {value}")
        one = _find_lever(name)
        if one.id in changes:
            raise WrongCallError(f"lever {one.id} is set twice")
        try:
            changes[one.id] = one.parse(value)
        except ValueError as error:
            hint = f"; nearest: {nearest(value, [one.format(o) for o in one.options])}" if one.options else ""
            raise WrongCallError(f"{error}{hint}") from None
    return scenario.replace(**changes)


def _snapshot(options: dict[str, str]) -> str:
    """The date of the data that a command is asked on: the latest unless it says otherwise."""
    if "data" not in options:
        return latest_snapshot()
    if options["data"] not in snapshots():
        raise WrongCallError(f"no data of {options['data'][:40]!r}; there are: {', '.join(snapshots())}")
    return options["data"]


def _starting_point(options: dict[str, str]) -> link.Parsed:
    """What a preset or a link sets, changed figures of the data included, and what the link was told."""
    if "preset" in options and "link" in options:
        raise WrongCallError("give --preset or --link, not both")
    if "preset" in options:
        known = [p.id for p in presets()]
        if options["preset"] not in known:
            raise WrongCallError(
                f"unknown preset {options['preset']!r}; nearest: {nearest(options['preset'], known)}"
            )
        date = _snapshot(options)
        return link.Parsed(preset(options["preset"]).on(date), data=date)
    return _read_link(options.get("link", ""), options)


def _read_link(query: str, options: dict[str, str]) -> link.Parsed:
    """What a link says of levers and data; what it says of a page concerns no command.

    Data that the command line names win over those of the link.
    """
    data = _snapshot(options) if "data" in options else None
    return link.parse(query, view_keys=link.VIEW_CHOICES, check_edits=refused_edits, data=data)


def _to_the_letter(parsed: link.Parsed, option: str) -> link.Parsed:
    """What a link sets, unless it was bent: a command that tells nothing would answer another question."""
    bent = [message for message in parsed.messages if message.code not in OF_OTHER_MODELS | QUIET]
    if bent:
        told = " ".join(describe(message) for message in bounded(bent, 1))
        raise WrongCallError(f"--{option} cannot be taken as it stands; run would tell: {told}")
    return parsed


def _web_of(start: link.Parsed) -> Web:
    """The web of the date that ``--data`` or else a link names, with the figures that the link changes."""
    parts = (edit.rpartition(":") for edit in start.edits)
    return load_web(start.data, {row: float(number) for row, _, number in parts})


def _asked(options: dict[str, str], words: Sequence[str]) -> tuple[Web, Scenario]:
    """What a command is asked about: the data, and a preset or a link with levers on top."""
    start = _to_the_letter(_starting_point(options), "link")
    return _web_of(start), _set_levers(start.scenario, words)


def _choice(options: dict[str, str], name: str, allowed: Sequence[str]) -> str:
    """An option that has a fixed set of words; the first is the default."""
    value = options.get(name, allowed[0])
    if value not in allowed:
        raise WrongCallError(
            f"--{name} must be one of {', '.join(allowed)}; nearest: {nearest(value, allowed)}"
        )
    return value


def _run_command(words: Sequence[str]) -> object:
    """``run [lever=value …] [--preset NAME] [--link QUERY] [--format F] [--building HOW] [--data DATE]``."""
    options, rest = _take_options(words, {"preset": True, "link": True, "format": True, "building": True})
    layout = _choice(options, "format", FORMATS)
    building = _choice(options, "building", BUILDING)
    start = _starting_point(options)
    scenario = _set_levers(start.scenario, rest)
    web = _web_of(start)
    reading = read(run(web, scenario, building), 0, scenario, start.messages)
    reading["link"] = link.encode(scenario, edits=start.edits, data=web.snapshot)
    reading["scenario"] = _levers_of(scenario)
    return terminal.table(reading) if layout == "table" else reading


def _levers_of(scenario: Scenario) -> dict[str, Value | None]:
    """Where every lever stands, in words that a call takes again."""
    return {one.id: _shown(one, scenario[one.id]) for one in levers()}


def _parse_axis(word: str) -> tuple[str, np.ndarray]:
    """An axis written ``lever=from:to:count``."""
    name, _, span = word.partition("=")
    one = _find_lever(name)
    parts = span.split(":")
    if one.options:
        raise WrongCallError(f"{one.label} has no range to sweep; it is one of {one.span}")
    try:
        low, high, count = float(parts[0]), float(parts[1]), plain_number(parts[2])
    except (ValueError, IndexError):
        raise WrongCallError(f"{word!r} is not an axis: write {one.id}=from:to:count") from None
    if len(parts) != 3 or not 2 <= count <= 1001 or count % 1:
        raise WrongCallError(f"{word!r} is not an axis: write {one.id}=from:to:count with 2 to 1001 points")
    try:
        for value in (low, high):
            one.check(int(value) if one.kind == "year" and value % 1 == 0 else value)
        values = np.linspace(low, high, int(count))
        if one.kind == "year":
            [one.check(v) for v in values.tolist()]
    except ValueError as error:
        raise WrongCallError(str(error)) from None
    return one.id, values


def _sweep_command(words: Sequence[str]) -> object:
    """``sweep g=-50:100:61 [u=30:98:35] [lever=value …] --measure M [--data DATE]``."""
    options, rest = _take_options(words, {"measure": True, "preset": True, "link": True, "building": True})
    if "measure" not in options:
        raise WrongCallError("sweep needs --measure, for example coreweave.failed_quarter or failed_count")
    axes = dict(_parse_axis(w) for w in rest if ":" in w)
    moved = [_find_lever(w.partition("=")[0]).id for w in rest if "=" in w]
    if twice := [name for name in axes if moved.count(name) > 1]:
        raise WrongCallError(f"lever {twice[0]} is swept twice, or swept and set: which is meant?")
    web, scenario = _asked(options, [w for w in rest if ":" not in w])
    measure = options["measure"]
    try:
        found = explore.sweep(web, scenario, axes, measure, _choice(options, "building", BUILDING))
    except ValueError as error:
        raise WrongCallError(str(error)) from None
    values = plain(found.values)
    if measure.endswith(".failed_quarter"):
        values = plain(np.where(found.values >= compile_layout(web).never, np.nan, found.values))
    return {
        "measure": measure,
        "window": window(web, *(scenario.replace(h=int(h)) for h in axes.get("h", [scenario["h"]]))),
        "axes": [{"lever": name, "values": plain(points)} for name, points in found.axes],
        "values": values,
    }


def _shown(one: Lever, value: Value | None) -> Value | None:
    """A lever's value as JSON has it: options as their words, numbers and None as they are."""
    return one.format(value) if one.options and value is not None else value


def _break_command(words: Sequence[str]) -> object:
    """``break LEVER [lever=value …] [--data DATE]``."""
    options, rest = _take_options(words, {"preset": True, "link": True})
    if not rest:
        raise WrongCallError("break needs a lever, for example: break g")
    one = _find_lever(rest[0])
    web, scenario = _asked(options, rest[1:])
    return [
        {
            "company": b.company,
            "lever": b.lever,
            "value": _shown(one, b.value),
            "others": [_shown(one, v) for v in b.others],
            "reason": b.reason,
        }
        for b in explore.break_points(web, scenario, one.id)
    ]


def _data_command(words: Sequence[str]) -> object:
    """``data [--check] [--data DATE]``, or ``data --weight [lever=value …]``: what rests on assumptions."""
    options, rest = _take_options(words, {"check": False, "weight": False})
    if "check" in options and "weight" in options:
        raise WrongCallError("give --check or --weight, not both")
    if "weight" in options:
        web, scenario = _asked(options, rest)
        return assumptions.as_dict(assumptions.weights(web, scenario), web.snapshot)
    if rest:
        raise WrongCallError(f"data takes no word {rest[0]!r}; nearest: --check")
    if "check" in options:
        problems = validate(DATA / _snapshot(options))
        return {"valid": not problems, "problems": problems}
    return as_records(load_web(_snapshot(options)))


def _warm_command(words: Sequence[str]) -> object:
    """``warm [--data DATE]``: compile the rules of the model, so that nobody waits for it later."""
    options, rest = _take_options(words, {})
    if rest:
        raise WrongCallError(f"warm takes no word {rest[0]!r}")
    return {"rules": warm(web=load_web(_snapshot(options)))}


def _targets_command(words: Sequence[str]) -> object:
    """``targets [--data DATE]``: what must hold in the base case, and what has happened since."""
    options, rest = _take_options(words, {})
    if rest:
        raise WrongCallError(f"targets stands alone, without {rest[0]!r}; nearest: targets")
    web = load_web(_snapshot(options))
    return {
        "targets": [{**vars(t), "inside": t.inside} for t in targets(web)],
        "backtest": [
            {
                "id": b.id,
                "value": b.value,
                "actual": b.actual.value,
                "low": b.actual.low,
                "high": b.actual.high,
                "unit": b.actual.unit,
                "source": b.actual.source,
            }
            for b in backtest(web)
        ],
    }


def _backtest_command(words: Sequence[str]) -> object:
    """``backtest [--data DATE]``: what the model says of quarters that were reported since."""
    options, rest = _take_options(words, {})
    if rest:
        raise WrongCallError(f"backtest takes no word {rest[0]!r}; nearest: --data")
    return past.as_dict(load_web(_snapshot(options)))


def _odds_command(words: Sequence[str]) -> object:
    """``odds [--data DATE]``: how likely each company is to have failed by the end of each year."""
    options, rest = _take_options(words, {})
    if rest:
        raise WrongCallError(f"odds takes no word {rest[0]!r}; nearest: --data")
    return dated_odds.as_dict(load_web(_snapshot(options)))


def _whole(options: dict[str, str], name: str, default: int) -> int:
    """An option that is a whole number."""
    value = options.get(name, str(default))
    if not value.isascii() or not value.isdigit() or len(value) > MOST_DIGITS:
        raise WrongCallError(
            f"--{name} must be a whole number of up to {MOST_DIGITS} digits, got {value[:40]!r}"
        )
    return int(value)


def _end_of(options: dict[str, str], name: str) -> link.Parsed:
    """One end of a comparison: what a link sets, or a preset by its name."""
    word = options[name]
    known = {p.id: p for p in presets()}
    if word not in known and word and "=" not in word and "%3d" not in word.lower():
        raise WrongCallError(f"{word!r} is neither a link nor a preset; nearest: {nearest(word, known)}")
    if word in known:
        return _starting_point({**options, "preset": word})
    return _to_the_letter(_read_link(word, options), name)


def _attribute_command(words: Sequence[str]) -> object:
    """``attribute --from QUERY --to QUERY --measure M [--seed S] [--data DATE]``; links or presets."""
    options, rest = _take_options(words, {"from": True, "to": True, "measure": True, "seed": True})
    missing = [name for name in ("from", "to", "measure") if name not in options]
    if missing:
        raise WrongCallError(f"attribute needs --{missing[0]}, for example --from base --to g=0")
    if rest:
        raise WrongCallError(f"attribute takes no word {rest[0]!r}; nearest: --from")
    a, b = _end_of(options, "from"), _end_of(options, "to")
    seed, measure = _whole(options, "seed", 0), options["measure"]
    webs = _web_of(a), _web_of(b)
    same = webs[0].snapshot == webs[1].snapshot and webs[0].overrides == webs[1].overrides
    try:
        if same:
            found = attribution.attribute(webs[0], a.scenario, b.scenario, measure, seed=seed)
        else:
            found = between.attribute_data(*webs, a.scenario, measure, then=b.scenario)
    except ValueError as error:
        raise WrongCallError(str(error)) from None
    starts = max if measure.endswith(between.QUARTER) else min  # quarters are counted as the later data do
    return {
        "measure": found.measure,
        "window": window(starts(webs, key=lambda web: web.snapshot), a.scenario, b.scenario),
        "from": found.start,
        "to": found.end,
        "difference": found.difference,
        "parts": found.parts,
        "standard_error": found.standard_error,
        "standard_errors": found.standard_errors,
        "evaluations": found.evaluations,
        "undefined": found.undefined,
    }


def _tornado_command(words: Sequence[str]) -> object:
    """``tornado [lever=value …] --measure M [--ranges likely|full] [--data DATE]``."""
    options, rest = _take_options(words, {"measure": True, "ranges": True, "preset": True, "link": True})
    if "measure" not in options:
        raise WrongCallError("tornado needs --measure, for example coreweave.failed_quarter or failed_count")
    web, scenario = _asked(options, rest)
    ranges = _choice(options, "ranges", attribution.RANGES)
    try:
        rows = attribution.tornado(web, scenario, options["measure"], ranges=ranges)
    except ValueError as error:
        raise WrongCallError(str(error)) from None
    return {
        "measure": options["measure"],
        "window": window(web, scenario),
        "base": plain(rows[0].base),
        "rows": [
            {
                "lever": row.lever,
                "low_value": _shown(lever(row.lever), row.low_value),
                "high_value": _shown(lever(row.lever), row.high_value),
                "at_low": plain(row.at_low),
                "at_high": plain(row.at_high),
            }
            for row in rows
        ],
    }


def _monte_carlo_command(words: Sequence[str]) -> object:
    """``monte-carlo --n N --seed S [lever=value …] [--measure M] [--levers g,r] [--centre C] [--data D]``."""
    known = ("n", "seed", "measure", "levers", "centre", "preset", "link")
    options, rest = _take_options(words, dict.fromkeys(known, True))
    web, scenario = _asked(options, rest)
    n, seed = _whole(options, "n", 1024), _whole(options, "seed", 0)
    measures = options["measure"].split(",") if "measure" in options else draws.MEASURES
    chosen = options["levers"].split(",") if "levers" in options else None
    centre = _choice(options, "centre", draws.CENTRES)
    try:
        found = draws.monte_carlo(web, scenario, n, seed, measures, chosen, centre=centre)
    except ValueError as error:
        raise WrongCallError(str(error)) from None
    return draws.as_dict(found) | {"window": window(web, scenario)}


def _frontier_command(words: Sequence[str]) -> object:
    """``frontier COMPANY X Y [lever=value …] [--points N] [--data D]``; ``--company C --x X --y Y`` too."""
    known = ("company", "x", "y", "points", "preset", "link")
    options, rest = _take_options(words, dict.fromkeys(known, True))
    plain_words = [word for word in rest if "=" not in word]
    for name in ("company", "x", "y"):
        if name not in options:
            if not plain_words:
                raise WrongCallError("frontier needs a company and two levers: frontier coreweave g u")
            options[name] = plain_words.pop(0)
    if plain_words:
        raise WrongCallError(f"frontier takes a company and two levers; {plain_words[0]!r} is too many")
    web, scenario = _asked(options, [word for word in rest if "=" in word])
    company, points = options["company"], _whole(options, "points", 41)
    try:
        found = frontier(web, scenario, company, options["x"], options["y"], points)
    except ValueError as error:
        raise WrongCallError(str(error)) from None
    return {
        "company": found.company,
        "x": found.x,
        "y": found.y,
        "points": [list(point) for point in found.points],
        "lines": [[list(point) for point in line] for line in found.lines],
        "reason": found.reason,
    }


def _file_of(word: str) -> bytes:
    """What stands in a file that is named on the command line: the only file of a person that core reads."""
    try:
        path = Path(word)
        if not path.is_file():  # a pipe or a device would never end
            raise WrongCallError(
                f"no file {word[:80]!r}" if not path.exists() else f"{word[:80]!r} is no file"
            )
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise WrongCallError(f"{word[:80]!r} cannot be read: {reason}") from None


def _holdings_command(words: Sequence[str]) -> object:
    """``holdings FILE [lever=value …] [--preset NAME] [--link QUERY] [--data DATE]``: what one owns."""
    options, rest = _take_options(words, {"preset": True, "link": True})
    if not rest:
        raise WrongCallError("holdings needs a file, for example: holdings portfolio.csv g=0")
    web, scenario = _asked(options, rest[1:])
    try:
        found = reader.read(_file_of(rest[0]), Path(rest[0]).name)
    except reader.UnreadableError as error:
        raise WrongCallError(str(error)) from None
    reading = Reading(Measures(run(web, scenario)))
    told = answer.as_dict(answer.answer(found.holdings, reading, web), found.left_out)
    return told | {"scenario": _levers_of(scenario)}


COMMANDS: dict[str, Callable[[Sequence[str]], object]] = {
    "run": _run_command,
    "sweep": _sweep_command,
    "break": _break_command,
    "data": _data_command,
    "targets": _targets_command,
    "backtest": _backtest_command,
    "odds": _odds_command,
    "attribute": _attribute_command,
    "tornado": _tornado_command,
    "monte-carlo": _monte_carlo_command,
    "frontier": _frontier_command,
    "holdings": _holdings_command,
    "warm": _warm_command,
}


def main(arguments: Sequence[str]) -> int:
    """Run one command, or tell how it is called; returns the exit status: 0, or 2 for a wrong call.

    Parameters
    ----------
    arguments : sequence of str
        The command and its words, without the program's name.
    """
    if any(word in HELP for word in arguments) and arguments[0] in (*COMMANDS, *HELP):
        meant = [COMMANDS[arguments[0]]] if arguments[0] in COMMANDS else COMMANDS.values()
        print(terminal.usage(meant))
        return 0
    try:
        if not arguments or arguments[0] not in COMMANDS:
            given = arguments[0] if arguments else ""
            hint = f"; nearest: {nearest(given, COMMANDS)}" if given else ""
            raise WrongCallError(f"unknown command {given!r}; commands: {', '.join(COMMANDS)}{hint}")
        output = COMMANDS[arguments[0]](arguments[1:])
    except (WrongCallError, DataError) as error:
        with suppress(BrokenPipeError):
            print(" ".join(str(error).split()), file=sys.stderr)
        return USAGE_ERROR
    print(output if isinstance(output, str) else json.dumps(output, allow_nan=False), flush=True)
    return 1 if isinstance(output, dict) and output.get("valid") is False else 0


def _program(arguments: Sequence[str]) -> int:
    """Run one command for a shell: whoever reads its output may leave early, as ``head`` does, or stop it."""
    try:
        with told(terminal.progress):  # what has to be compiled first
            return main(arguments)
    except KeyboardInterrupt:
        return STOPPED
    except OSError as error:
        # What is still waiting to be written must not be tried again when the program ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return 0
        print(f"the answer was lost: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(_program(sys.argv[1:]))
