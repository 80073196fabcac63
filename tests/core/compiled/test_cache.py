"""Compiled rules are kept, and never give a number of a rule that has been edited since."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.compiled import cache

ROOT = Path(__file__).resolve().parents[3]
ASK = """
from core.finance.networks import Ledger, clear, settle_all
from core.compiled import cache
print(clear(Ledger.from_rows([(0, 1, 1, 10.0)], n_nodes=2), [6.0, 0.0], alpha=0.5).paid[0])
print(sum(settle_all.stats.cache_hits.values()))
print(cache.folder())
"""


def ask(root, **environment):
    found = subprocess.run(
        [sys.executable, "-c", ASK],
        env=os.environ | {"PYTHONPATH": str(root), "BACKSTOP_NO_JIT": "0"} | environment,
        cwd=root, capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    paid, hits, folder = found.stdout.split()
    return float(paid), int(hits), Path(folder)


@pytest.fixture
def copy(tmp_path):
    """A copy of the core with rules that may be edited."""
    shutil.copytree(ROOT / "core", tmp_path / "copy" / "core", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "copy"


def test_an_edited_rule_gives_its_new_number_at_the_next_start(copy, tmp_path):
    kept = {"BACKSTOP_CACHE_DIR": str(tmp_path / "kept")}
    assert ask(copy, **kept)[:2] == (3.0, 0)  # half of 6 is left after failure
    assert ask(copy, **kept)[:2] == (3.0, 1)  # and was not compiled again
    rule = copy / "core/finance/clearing.py"  # not the file of the function that is kept
    text = rule.read_text()
    edited = text.replace("left = alpha * cash[node]", "left = 0.1 * cash[node]")
    assert edited != text
    was = rule.stat()
    rule.write_text(edited)
    os.utime(rule, (was.st_atime, was.st_mtime))  # a restored date must not hide the edit
    assert ask(copy, **kept)[:2] == (pytest.approx(0.6), 0)
    rule.write_text(text)
    assert ask(copy, **kept)[:2] == (3.0, 1)


def test_where_nothing_can_be_written_a_temporary_folder_does(tmp_path):
    taken = tmp_path / "file"
    taken.write_text("not a folder")
    places = {"BACKSTOP_CACHE_DIR": str(taken), "XDG_CACHE_HOME": str(taken), "TMPDIR": str(tmp_path)}
    paid, hits, folder = ask(ROOT, **places)
    assert (paid, hits) == (3.0, 0)
    assert tmp_path in folder.parents


def test_every_source_that_rules_read_is_in_the_name(copy):
    word = cache.fingerprint(copy / "core")
    assert word == cache.fingerprint(copy / "core")
    for path in cache.sources(copy / "core"):
        text = path.read_text()
        path.write_text(text + "\n# edited\n")
        assert cache.fingerprint(copy / "core") != word, path
        path.write_text(text)


def test_rules_are_sources_and_read_constants_of_sources_only():
    """What stands or comes from elsewhere would be compiled without being in the name of the folder."""
    allowed = {"__future__", "math", "numpy", "collections", "dataclasses", "functools", "typing"}
    sources, with_rules = set(cache.sources()), 0
    for path in (ROOT / "core").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if not re.search("^@(rule|entry)", text, re.MULTILINE):
            continue
        assert path in sources, path
        with_rules += 1
        if path.name == "engine.py":
            continue  # what its entry reads from elsewhere is classes, not numbers
        for module in re.findall(r"^(?:from|import) (\S+)", text, re.MULTILINE):
            room = module.removeprefix("core.").split(".")[0]
            assert module.split(".")[0] in allowed or room in cache.SOURCES, f"{path}: {module}"
    assert with_rules > 15
