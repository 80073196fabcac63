"""Writes the README's table of where each fact of the article is at home: ``python -m tests.readme_facts``.

The table stands between two marks; a test compares it with what this module would write.
"""

from __future__ import annotations

from pathlib import Path

from core.sources.facts import claims

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- facts: begin -->", "<!-- facts: end -->"
PLACES = {
    "history": "History",
    "present": "Present",
    "holdings": "My holdings",
    "stress": "Stress",
    "compare": "Compare",
}


def place(page: str) -> str:
    """The page's name, marked when it does not exist yet."""
    title = PLACES.get(page, page.replace("_", " ").capitalize())
    return title if (ROOT / "pages" / f"{page}.py").exists() else f"{title} *(to come)*"


def table() -> str:
    """Every claim with its rows in the list of facts and its pages."""
    lines = ["| rows | what is claimed | where in the app |", "|---|---|---|"]
    for claim in claims().values():
        where = ", ".join(place(page) for page in claim.pages)
        lines.append(f"| {', '.join(claim.answers)} | {claim.says['en']} | {where} |")
    return "\n".join(lines)


def written() -> str:
    """The table as it stands in the README."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return text.split(BEGIN)[1].split(END)[0].strip()


def main() -> None:
    """Write the table into the README."""
    path = ROOT / "README.md"
    text = path.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    path.write_text(f"{before}{BEGIN}\n{table()}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
