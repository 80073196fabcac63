"""Published links and the headline figures they must keep giving: `golden_links.toml`.

    python -m tests.golden_links --write

reads every link anew and writes what it gives today; look at the difference before keeping it: a figure that
moved means that links sent to people say something else now, and deserves a new model version.
"""

from __future__ import annotations

import json
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from core.model import engine
from core.results import headline_then
from core.results.reading import read
from core.scenario import link
from core.scenario.receipt import make_receipt, read_receipt
from core.web.web import load_web, refused_edits, snapshots
from pages.kit.frame.frame import view_keys

FILE = Path(__file__).parent / "golden_links.toml"
HEAD = """# Links that were given to people; on each data, what is told and the headline figures they give.
# `python -m tests.golden_links --write` writes codes and figures anew; queries and names are never changed.
"""


def _renamed(pairs: link.Pairs) -> link.Pairs:
    names = {"demand": "g", "sofr": "r", "google": "gw"}
    return [(names.get(name, name), value) for name, value in pairs]


# Migrations that a link of another time needs: none did anything yet; one as it would be after a renaming.
MIGRATIONS = {
    "nothing to do": (*link.MIGRATIONS, link.Migration("2026.11", list)),
    "renamed levers": (*link.MIGRATIONS, link.Migration("2026.11", _renamed)),
}


@dataclass(frozen=True)
class Golden:
    """One published link: what it is, the query, its migrations if not today's, and what it must give.

    ``on`` has for each date of data what is told (``codes``) and the ``figures``: links name no date and open
    on the latest data; ``data=DATE`` opens them on others.
    """

    name: str
    query: str
    on: dict[str, dict]
    extras: dict[str, str]
    migrations: str = ""


def golden_links() -> tuple[Golden, ...]:
    """Return the published links in the order of the file."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["link"]
    return tuple(
        Golden(
            row["name"],
            row["query"],
            row["on"],
            row.get("extras", {}),
            row.get("migrations", ""),
        )
        for row in rows
    )


def opened(golden: Golden, date: str) -> link.Parsed:
    """Read a published link as the app reads it, on the latest data or on others chosen beside it."""
    return link.parse(
        golden.query,
        data=date,
        view_keys=view_keys(),
        check_edits=refused_edits,
        migrations=MIGRATIONS.get(golden.migrations, link.MIGRATIONS),
    )


def figures(parsed: link.Parsed, date: str) -> dict[str, str | float]:
    """Return the headline figures of a link, rounded as a receipt rounds them; undefined ones left out."""
    edits = (edit.rsplit(":", 1) for edit in parsed.edits)
    web = load_web(date, overrides={row: float(number) for row, number in edits})
    found = headline_then.headline_figures(read(engine.run(web, parsed.scenario)))
    rounded = read_receipt(make_receipt(found))
    return {name: figure for name, figure in rounded.items() if figure is not None}


def write() -> None:
    """Write what every link gives today."""
    blocks = [HEAD]
    for golden in golden_links():
        lines = ["[[link]]", f"name = {json.dumps(golden.name)}", f"query = {json.dumps(golden.query)}"]
        lines += [f"migrations = {json.dumps(golden.migrations)}"] if golden.migrations else []
        lines += [_table("extras", golden.extras)] if golden.extras else []
        for date in snapshots():
            parsed = opened(golden, date)
            codes = json.dumps([message.code for message in parsed.messages])
            lines += [f"[link.on.{date}]", f"codes = {codes}", _table("figures", figures(parsed, date))]
        blocks.append("\n".join(lines) + "\n")
    FILE.write_text("\n".join(blocks), encoding="utf-8")


def _table(name: str, entries: dict[str, str | float]) -> str:
    inside = ", ".join(f"{json.dumps(key)} = {json.dumps(value)}" for key, value in entries.items())
    return f"{name} = {{ {inside} }}"


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    write()
