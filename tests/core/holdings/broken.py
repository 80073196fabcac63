"""Files made to break the reader: broken, hostile, too large; each is read or refused, in time."""

from __future__ import annotations

import io
import json
import random
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.holdings.grids import LARGEST, MOST_ROWS
from core.holdings.reader import read, typed
from core.holdings.rows import Read, UnreadableError
from tests.core.holdings.known import SEED, packed, workbook

MOST_SECONDS = 2.0  # of one file
SAMPLES = Path(__file__).parent / "samples"


@dataclass(frozen=True)
class Broken:
    """A file, what is wrong with it, and whether it must be refused as a whole."""

    kind: str
    content: bytes
    refused: bool = False


def _sample(dice: random.Random, ending: str = "") -> bytes:
    names = sorted(
        one for one in SAMPLES.iterdir() if ".expected" not in one.name and one.name.endswith(ending)
    )
    return dice.choice(names).read_bytes()


def _random(dice: random.Random) -> Broken:
    return Broken("random bytes", dice.randbytes(dice.choice((1, 20, 5000, 100_000))))


def _binary(dice: random.Random) -> Broken:
    text = _sample(dice, ".csv")
    place = dice.randrange(len(text))
    return Broken("null bytes", text[:place] + bytes(3) + text[place:], refused=True)


def _other(dice: random.Random) -> Broken:
    beginning = dice.choice(
        (b"%PDF-1.7\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x89PNG\r\n", b"<html><table>")
    )
    return Broken("another kind of file", beginning + _sample(dice, ".csv"), refused=True)


def _truncated(dice: random.Random) -> Broken:
    content = _sample(dice)
    return Broken("cut off", content[: dice.randrange(len(content))])


def _mutated(dice: random.Random) -> Broken:
    content = bytearray(_sample(dice))
    for _ in range(dice.randint(1, 40)):
        content[dice.randrange(len(content))] = dice.randrange(256)
    return Broken("changed bytes", bytes(content))


def _shuffled(dice: random.Random) -> Broken:
    lines = _sample(dice, ".csv").split(b"\n")
    dice.shuffle(lines)
    return Broken("rows in any order", b"\n".join(lines))


def _many_rows(dice: random.Random) -> Broken:
    rows = [["Product", "ISIN", "Aantal", "Waarde in EUR"]]
    rows += [[f"Fund {place}", "US21873S1087", "1", "10,00"] for place in range(2 * MOST_ROWS)]
    return Broken("10,000 rows", workbook(rows) if dice.random() < 0.2 else packed(rows, dice), refused=True)


def _many_typed(dice: random.Random) -> Broken:
    return Broken("10,000 typed rows", b"40 CRWV\n" * 2 * MOST_ROWS, refused=True)


def _too_large(dice: random.Random) -> Broken:
    return Broken("too large", b"Product;Aantal\nx;1\n" + b" " * LARGEST, refused=True)


def _one_line(dice: random.Random) -> Broken:
    piece = dice.choice(
        (b"x", b"1,", b"1 000 ", b'"', b"(", b"\t", b"S&P 500 ", b"CRWV 40 ", b"@", b"1.000,", b"euro ")
    )
    return Broken("one long line", piece * (dice.choice((5000, 30_000, 900_000)) // len(piece)))


def _quotes(dice: random.Random) -> Broken:
    rows = b'\n"CoreWeave;US21873S1087;12;832,76' + b"\nAlphabet;US02079K3059;5;10,00" * dice.randint(1, 300)
    return Broken("a quote that is not closed", b"Product;ISIN;Aantal;Waarde in EUR" + rows, refused=True)


def _wide(dice: random.Random) -> Broken:
    return Broken("many columns", b"Product;Aantal;Waarde" + b";x" * 1000 + b"\nCRWV;1;1\n", refused=True)


def _formulas(dice: random.Random) -> Broken:
    evil = dice.choice(
        ("=cmd|'/c calc'!A0", '=HYPERLINK("http://x","y")', "@SUM(1,1)", "=1+1", "+cmd|' /C x'!A0")
    )
    rows = [["Product", "Quantity", "Value in EUR"], [evil, evil, evil], ["CoreWeave", "12", evil]]
    return Broken("formulas", workbook(rows) if dice.random() < 0.5 else packed(rows, dice), refused=True)


def bomb(dice: random.Random) -> Broken:
    """A workbook that would unpack to more than anybody has."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        for place in range(dice.choice((1, 4))):
            book.writestr(f"xl/worksheets/sheet{place}.xml", b" " * 30_000_000)
    return Broken("a workbook that unpacks to much", file.getvalue(), refused=True)


def changed_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return a workbook with one of its parts changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.infolist():
            part = old.read(one)
            new.writestr(one.filename, change(part) if one.filename == name else part)
    return file.getvalue()


def entities(dice: random.Random) -> Broken:
    """A workbook that defines entities, one of them a file of this machine."""
    entity = dice.choice(
        (
            '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]>',
            '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
            '<!DOCTYPE x SYSTEM "http://example.org/x.dtd">',
        )
    ).encode()
    name = dice.choice(
        ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml", "xl/styles.xml")
    )

    def change(part: bytes) -> bytes:
        start = part.index(b"?>") + 2 if part.startswith(b"<?xml") else 0
        return part[:start] + entity + part[start:]

    return Broken(
        "a workbook with entities", changed_part(_sample(dice, ".xlsx"), name, change), refused=True
    )


def _nested(dice: random.Random) -> Broken:
    deep = dice.choice((200, 100_000))
    if dice.random() < 0.5:
        return Broken("nested lists", b"[" * deep + b"]" * deep)
    inside = b"<a>" * deep + b"</a>" * deep

    def change(part: bytes) -> bytes:
        return part.replace(b"<sheetData>", b"<sheetData>" + inside)

    return Broken("nested elements", changed_part(_sample(dice, ".xlsx"), "xl/worksheets/sheet1.xml", change))


def _far(dice: random.Random) -> Broken:
    """A cell far away: rows and columns between are not there."""
    far = dice.choice((b"XFD1048576", b"A1048576", b"ZZZZZZ99999999"))

    def change(part: bytes) -> bytes:
        row = b'<row r="%s"><c r="%s"><v>1</v></c></row>' % (far.lstrip(b"ZXFDA"), far)
        return part.replace(b"</sheetData>", row + b"</sheetData>")

    return Broken("a cell far away", changed_part(_sample(dice, ".xlsx"), "xl/worksheets/sheet1.xml", change))


def packed_other(dice: random.Random) -> Broken:
    """A packed file that is no workbook."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as book:
        book.writestr("positions.csv", _sample(dice, ".csv"))
    return Broken("a packed file", file.getvalue(), refused=True)


def _records(dice: random.Random) -> Broken:
    one = dice.choice(
        ({}, {"symbol": "CRWV", "quantity": 1e999}, {"symbol": ["x"], "quantity": {"a": 1}}, [1])
    )
    return Broken("records that are none", json.dumps({"activities": [one] * 50}).encode())


def _figures(dice: random.Random) -> Broken:
    odd = (
        "9" * 400,
        "1e400",
        "1e-400",
        "NaN",
        "inf",
        "1.2.3",
        "1,,2",
        "--5",
        "٣",
        "½",
        "1" + "0" * 30,
        "0x10",
        "1_000",
    )
    rows = [["Product", "ISIN", "Quantity", "Value in EUR"]]
    rows += [["Fund", "US21873S1087", dice.choice(odd), dice.choice(odd)] for _ in range(20)]
    return Broken("odd figures", "\n".join(";".join(row) for row in rows).encode())


KINDS: tuple[Callable[[random.Random], Broken], ...] = (
    *(
        _random,
        _binary,
        _other,
        _truncated,
        _mutated,
        _shuffled,
        _many_rows,
        _many_typed,
        _too_large,
        _one_line,
    ),
    *(_quotes, _wide, _formulas, bomb, entities, _nested, _far, packed_other, _records, _figures),
)


def broken_files(count: int, seed: int = SEED) -> Iterator[Broken]:
    """Yield broken files, each kind in turn."""
    dice = random.Random(seed)
    for number in range(count):
        yield KINDS[number % len(KINDS)](dice)


def outcome(broken: Broken) -> tuple[str, float]:
    """What is wrong with the answer to a broken file ("" for nothing), and its CPU seconds."""
    start, fault = time.process_time(), ""
    try:
        found: Read | None = read(broken.content)
        if broken.refused:
            fault = f"{broken.kind}: read, though it had to be refused: {found}"
    except UnreadableError as error:
        if not str(error).endswith("."):
            fault = f"{broken.kind}: no sentence: {error}"
    except Exception as error:
        fault = f"{broken.kind}: {type(error).__name__}: {error}"
    try:
        typed(broken.content.decode("utf-8", "replace"))
    except UnreadableError:
        pass
    except Exception as error:
        fault = fault or f"{broken.kind}, typed: {type(error).__name__}: {error}"
    spent = time.process_time() - start
    if not fault and spent > MOST_SECONDS:
        fault = f"{broken.kind}: {spent:.1f} s"
    return fault, spent
