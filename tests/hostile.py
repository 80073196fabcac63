"""Links and scenario files made to hurt: edits by the thousand, digits by the thousand, keys within keys.

    python -m tests.hostile --links 2000 --files 1000

reads that many of each, and prints the most that one of them cost (CPU of this process), how many lines it
told, how many webs it loaded. `tests/test_hostile.py` reads a few of the same.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from core.scenario import file as scenario_file
from core.scenario import link
from core.scenario.levers import Scenario, levers
from core.scenario.messages import describe
from core.web import web
from pages.kit.frame.frame import view_keys

SEED = 20261231
LONGEST_QUERY = 24 * 1024  # characters; servers refuse longer ones
SIZES = (10, 100, 1000, 5000, 16_000, 64_000)
UNREAD = frozenset({"file_too_large", "file_binary"})
ROWS = tuple(row.id for row in web.load_web().rows() if isinstance(row.value, float))


@dataclass(frozen=True)
class Case:
    """One link or file, what kind it is, and the levers that it sets soundly."""

    kind: str
    text: str
    sound: dict[str, object]


def sound_levers(dice: random.Random) -> dict[str, object]:
    """Return one to three levers, each with a value of its own."""
    found: dict[str, object] = {}
    for one in dice.sample(levers(), dice.randint(1, 3)):
        if one.options:
            found[one.id] = dice.choice(one.options)
        else:
            found[one.id] = one.check(round(dice.uniform(one.low, one.high), 0 if one.kind == "year" else 2))
    return found


# ---- links


def _edit(dice: random.Random) -> str:
    row = dice.choice((dice.choice(ROWS), dice.choice(ROWS)[:-1], f"a.b{dice.random()}", "x" * 90 + ".y"))
    number = dice.choice(("-1e9", "1e300", "5", f"{dice.uniform(0, 99):.2f}", "nan", "9" * 90, "x", ""))
    return f"o={row}:{number}"


def _weight(dice: random.Random) -> str:
    """An edit that no row can refuse by itself, only the web as a whole."""
    row = dice.choice([row for row in ROWS if ".hold_" in row])
    return f"o={row}:{dice.uniform(1, 50):.3f}"


def _maturity(dice: random.Random) -> str:
    row = dice.choice([row for row in ROWS if row.endswith((".maturity", ".start", ".end"))])
    return f"o={row}:{dice.randint(0, 60)}"


def _view(dice: random.Random) -> str:
    value = dice.choice(("%00", "x" * 300, "%F0%9F%98%80" * 9, "<b>", "", "%2C" * 90, "g:1," * 20))
    return f"{dice.choice(sorted(view_keys()))}={value}"


def _lever(dice: random.Random) -> str:
    value = dice.choice(("x", "1e999", "9" * 120, "%00", "<b>", "1,5", "%D9%A1", "", "900", "-1"))
    return f"{dice.choice(levers()).id}={value}"


def _name(dice: random.Random) -> str:
    word = dice.choice(levers()).name
    return f"{dice.choice((word[1:], word.upper(), 'amp;' + word, f'x{dice.random()}', '%20' + word))}=1"


def _word(dice: random.Random) -> str:
    return dice.choice(("m=1", "m=9999.9", "k=" + "x" * 990, "k=a.b", "lang=xx", "lang=%00", "=", "&", ";"))


def _bent(dice: random.Random) -> str:
    signs = (
        "%25",
        "%26",
        "&amp;",
        "?",
        "%E2%80%8B",
        "%3D",
        "=3D",
        ")",
        "x:https://x/?u=",
        "__;",
        "%0A",
        "utm_x",
    )
    return f"{dice.choice(levers()).id}={''.join(dice.choices(signs, k=dice.randint(1, 60)))}"


LINKS: tuple[Callable[[random.Random], str], ...] = (
    *(_edit, _weight, _maturity, _view, _lever, _name, _word, _bent),
)


def hostile_links(count: int, seed: int = SEED) -> Iterator[Case]:
    """Yield links of one kind of part or of all kinds, up to 24 KB long, with sound levers in front."""
    dice = random.Random(seed)
    for number in range(count):
        sound = sound_levers(dice)
        kind = (*LINKS, None)[number % (len(LINKS) + 1)]
        # of several values for a lever the first that is valid counts: these
        parts = [f"{one.id}={quote(one.format(sound[one.id]))}" for one in levers() if one.id in sound]
        size, most = len("&".join(parts)), dice.choice(SIZES)
        while True:
            parts.append((kind or dice.choice(LINKS))(dice))
            size += 1 + len(parts[-1])
            if size > min(most, LONGEST_QUERY):
                break
        text = "&".join(parts if size <= LONGEST_QUERY else parts[:-1])
        yield Case(f"link{kind.__name__ if kind else '_all'}", text, sound)


# ---- files


def _digits(dice: random.Random, size: int) -> str:
    start, digit = dice.choice(
        (("", "9"), ("", "9_9"), ("0x", "f"), ("0o", "7"), ("0b", "1"), ("1.", "3"), ("1e", "9"))
    )
    return f"{dice.choice(levers()).name} = {start}{digit * (size // len(digit))}"


def _array_of_digits(dice: random.Random, size: int) -> str:
    return "x = [\n" + ("0x" + "f" * 400 + ",\n") * (size // 404) + "]"


def _deep_key(dice: random.Random, size: int) -> str:
    head = dice.choice(("", "edits.", "levers."))
    return head + ".".join(dice.choice(("a", '"a"', " a ")) for _ in range(size // 2)) + " = 1"


def _deep_keys(dice: random.Random, size: int) -> str:
    depth = dice.choice((40, 180, 240, 900))
    head = ".".join("a" * dice.choice((5, 45, 60, 400)))
    lines = [f"{'.'.join('a' * depth)}.b{number} = 1" for number in range(size // (2 * depth))]
    return "\n".join((f"[{dice.choice(('edits.', ''))}{head}]", *lines))


def _deep_headers(dice: random.Random, size: int) -> str:
    depth = dice.choice((3, 45, 200, 1500))
    opening, closing = dice.choice((("[", "]"), ("[[", "]]")))
    lines = [
        f"{opening}{'.'.join('a' * depth)}.b{number}{closing}\n{'.'.join('a' * depth)} = 1"
        for number in range(max(1, size // (4 * depth)))
    ]
    return "\n".join(lines)


def _deep_values(dice: random.Random, size: int) -> str:
    opening, closing = dice.choice((("[", "]"), ("{a=", "}"), ("[\n", "]"), ("[{a=[\n", "]}]")))
    depth = size // len(opening)
    return "x = " + opening * depth + (closing * depth if dice.random() < 0.5 else "")


def _sections(dice: random.Random, size: int) -> str:
    return "\n".join(f"[s{number}]\nx = 1" for number in range(size // 12))


def _bad_lines(dice: random.Random, size: int) -> str:
    line = dice.choice(("a", "a =", "[", "= 1", "???", "a = [", "a = '", '"""', "a = 2027-99-99", "\\"))
    return f"{line}\n" * (size // (len(line) + 1))


def _unknown(dice: random.Random, size: int) -> str:
    return "\n".join(
        f"x{number} = {dice.choice(('1', '[1]', 'nan', '2027-01-01'))}" for number in range(size // 9)
    )


def _edits(dice: random.Random, size: int) -> str:
    """Edits that are impossible each by itself, or in half of the files only all of them together."""
    rows = dice.choices(
        [row for row in ROWS if ".hold_" in row] if dice.random() < 0.5 else ROWS, k=size // 30
    )
    numbers = dice.choice((("-1e9", "0x" + "f" * 300, "'x'", "9" * 300, "nan", "1"), ("3", "1", "20")))
    lines = (f'"{row}" = {dice.choice(numbers)}' for row in dict.fromkeys(rows))
    return "\n".join(("[edits]", *lines, *(f'"a.b{number}" = 1' for number in range(size // 300))))


def _quotes(dice: random.Random, size: int) -> str:
    return "name = " + dice.choice(('"', "'", '"""', '"\\u0041', '"' + "\\\\" * 9)) * (size // 4)


def _noise(dice: random.Random, size: int) -> str:
    signs = "ag=.[]{}\"'#\n\r\t0x9-_é\u2028" + dice.choice(("", "\0"))
    return "".join(dice.choices(signs, k=size))


def _several(dice: random.Random, size: int) -> str:
    return "\n".join(dice.choice(FILES[:-1])(dice, size // 9) for _ in range(8))


FILES: tuple[Callable[[random.Random, int], str], ...] = (
    *(_digits, _array_of_digits, _deep_key, _deep_keys, _deep_headers, _deep_values, _sections, _bad_lines),
    *(_unknown, _edits, _quotes, _noise, _several),
)


def hostile_files(count: int, seed: int = SEED) -> Iterator[Case]:
    """Yield files of up to 64 KB, the sound levers on lines of their own in front."""
    dice = random.Random(seed)
    for number in range(count):
        sound = sound_levers(dice)
        kind = FILES[number % len(FILES)]
        head = scenario_file.dumps(Scenario.default().replace(**sound), touched=tuple(sound))
        # nine in ten as large as is read at all, or smaller
        room = scenario_file.LARGEST - len(head.encode()) - 500
        size = min(dice.choice(SIZES), room) if dice.random() < 0.9 else SIZES[-1]
        yield Case(f"file{kind.__name__}", head + kind(dice, size), sound)


# ---- reading them


@dataclass(frozen=True)
class Cost:
    """What one case took and told."""

    case: Case
    seconds: float
    loads: int
    lines: int
    kept: bool  # every sound lever has its value, if anything was read at all


def read(case: Case) -> Cost:
    """Read a case as the pages do, nothing of it known before, and count."""
    web.refused_edits.cache_clear()
    loads, real = 0, web.load_web

    def load(*words: object, **named: object) -> web.Web:
        nonlocal loads
        loads += 1
        return real(*words, **named)

    web.load_web = load
    began = time.process_time()
    try:
        if case.kind.startswith("link"):
            found = link.parse(case.text, view_keys=view_keys(), check_edits=web.refused_edits)
        else:
            found = scenario_file.loads(case.text, check_edits=web.refused_edits)
        lines = [describe(message) for message in found.messages]
    finally:
        web.load_web = real
    seconds = time.process_time() - began
    unread = {message.code for message in found.messages} <= UNREAD and found.messages
    kept = unread or all(found.scenario[name] == value for name, value in case.sound.items())
    return Cost(case, seconds, loads, sum(1 + text.count("\n") for text in lines), bool(kept))


def main() -> None:
    """Read as many as asked for, and print the worst."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--links", type=int, default=2000)
    parser.add_argument("--files", type=int, default=1000)
    asked = parser.parse_args()
    for name, cases in (("links", hostile_links(asked.links)), ("files", hostile_files(asked.files))):
        costs = [read(case) for case in cases]
        worst: dict[str, Cost] = {}
        for cost in costs:
            if cost.case.kind not in worst or cost.seconds > worst[cost.case.kind].seconds:
                worst[cost.case.kind] = cost
        print(f"{len(costs)} {name}, {sum(len(cost.case.text) for cost in costs) / 1e6:.1f} MB")
        seconds = [cost.seconds for cost in costs]
        print(f"  CPU: most {max(seconds):.3f} s, all {sum(seconds):.1f} s")
        print(f"  lines told: most {max(cost.lines for cost in costs)}")
        print(f"  webs loaded: most {max(cost.loads for cost in costs)}")
        print(f"  sound levers lost: {sum(not cost.kept for cost in costs)}")
        for kind, cost in sorted(worst.items(), key=lambda pair: -pair[1].seconds):
            print(f"    {kind:24}{cost.seconds:8.3f} s  {len(cost.case.text):6} characters")


if __name__ == "__main__":
    main()
