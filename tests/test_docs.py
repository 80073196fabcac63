"""docs/model.md names what is there, all of it; and no file cites a document that the repository lacks."""

import re
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

import pytest

from core.scenario.levers import Scenario, levers
from core.web.web import load_web

ROOT = Path(__file__).parent.parent
MODEL = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
SOURCES = {".py", ".toml", ".js", ".css", ".csv", ".cfg", ".po", ".md", ".txt"}
PLACES = ("core", "pages", "tests", "docs", ".streamlit", ".ci")

PATH = re.compile(r"\b(?:core|pages|tests|docs)/(?:[\w.-]+/)*[\w.-]*")
DOTTED = re.compile(r"(?<![\w./])([a-z]\w*|\w+_\*)\.([a-z*][\w*]*)")
DEFAULTS = Scenario.default("2025-12-31")  # the data of which the document gives values
VALUE = re.compile(r"`([a-z]\w*\.[a-z]\w*)`,? \(?(-?\d+(?:\.\d+)?) ([a-z%]+)\)")
# "model.md", "docs/model.md, section 9", "model.md section 9" and "model.md 9"
CITED = re.compile(r"([\w./-]+\.md)\b(?:,? (?:sections? )?(\d+)\b)?")
YEARLY = ("plans", "repayments")  # tables with a column a year


def files():
    """Every file of the project that people write, this one apart: it spells out what it looks for."""
    found = [p for place in PLACES for p in (ROOT / place).rglob("*") if p.suffix in SOURCES]
    found += [p for p in ROOT.iterdir() if p.suffix in SOURCES or p.name == "Makefile"]
    found += [ROOT / ".ci" / "run"]
    return sorted(p for p in found if p != Path(__file__) and p.is_file())


def headings(text):
    return set(re.findall(r"^## (\d+)\. ", text, re.MULTILINE))


def wrong_citations(text, documents):
    """Citations of documents or sections that are not there; ``documents`` gives texts by path."""
    wrong = []
    for name, section in CITED.findall(text):
        meant = [path for path in documents if path == name or path.endswith(f"/{name}")]
        if not meant:
            wrong.append(name)
        elif section and not any(section in headings(documents[path]) for path in meant):
            wrong.append(f"{name}, section {section}")
    return wrong


@lru_cache
def rows():
    return {row.id: row for row in load_web().rows()}


def named_rows(text=MODEL):
    """Dotted names of which the part before the dot is a subject of the snapshot; * stands for any word."""
    subjects = {row_id.rpartition(".")[0] for row_id in rows()}
    dotted = {f"{a}.{b}" for a, b in DOTTED.findall(PATH.sub("", text))}
    return {name for name in dotted if any(fnmatchcase(s, name.rpartition(".")[0]) for s in subjects)}


def words(text=MODEL):
    """Names in `code`, alone or with * at the end."""
    return set(re.findall(r"`([A-Za-z_]\w*\*?)`", text))


def test_every_path_that_the_documents_name_exists():
    told = MODEL + (ROOT / "README.md").read_text(encoding="utf-8")
    named = {path.rstrip("/.") for path in PATH.findall(told)}
    assert len(named) > 30
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_row_that_the_document_names_exists():
    named = named_rows()
    assert len(named) > 70
    assert [name for name in sorted(named) if not any(fnmatchcase(row, name) for row in rows())] == []


def test_every_parameter_of_the_model_is_named():
    named = named_rows()
    parameters = [row.id for row in rows().values() if row.table == "market"]
    assert [row for row in parameters if not any(fnmatchcase(row, name) for name in named)] == []


def test_every_item_of_the_tables_is_named():
    named = words()
    items = {row.item for row in rows().values() if row.table not in ("market", "actuals", *YEARLY)}
    plans = {row.subject.rpartition(".")[2] for row in rows().values() if row.table in YEARLY}
    missing = [item for item in sorted(items | plans) if not any(fnmatchcase(item, name) for name in named)]
    assert missing == []


def test_values_beside_a_parameter_are_those_of_the_data():
    told = VALUE.findall(MODEL)
    assert len(told) > 8
    for name, value, unit in told:
        row = rows()[name]
        assert (float(value), unit) == (row.raw, row.unit.removesuffix(" of cost")), name


@pytest.mark.parametrize("one", levers(), ids=lambda one: one.id)
def test_every_lever_stands_in_the_table_as_declared(one):
    span = ", ".join(one.format(option) for option in one.options) or one.span
    assert f"\n| `{one.id}` | `{one.name}` | {span} | {one.format(DEFAULTS[one.id])} | " in MODEL


def test_names_in_code_are_names_of_the_code():
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "core").rglob("*")
        if path.suffix in (".py", ".csv", ".toml")
    )
    known = set(re.findall(r"\w+", code))
    long = {name for name in words() if len(name) > 3 and not name.endswith("*")}
    assert len(long) > 100
    assert sorted(long - known) == []


def test_sections_are_numbered_in_order():
    found = re.findall(r"^## (\d+)\. ", MODEL, re.MULTILINE)
    assert found == [str(i + 1) for i in range(len(found))]
    referred = set(re.findall(r"\bsection (\d+)", MODEL))
    assert referred - set(found) == set()


def test_no_file_cites_a_document_that_is_not_here():
    documents = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for path in files()
        if path.suffix == ".md"
    }
    assert "docs/model.md" in documents
    wrong = {
        str(path.relative_to(ROOT)): found
        for path in files()
        if (found := wrong_citations(path.read_text(encoding="utf-8"), documents))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("see design.md", ["design.md"]),
        ("(model.md, section 3)", ["model.md, section 3"]),
        ("model.md 3", ["model.md, section 3"]),
        ("docs/model.md section 2 and README.md", []),
        ("kit/model.md", ["kit/model.md"]),
    ],
)
def test_a_citation_of_nothing_is_seen(text, wrong):
    documents = {"docs/model.md": "## 1. A\n\n## 2. B\n", "README.md": "# Backstop\n"}
    assert wrong_citations(text, documents) == wrong
