"""Compiled rules are kept, and never give a number of a rule that has been edited since.

Whatever is wrong with what was kept, or with where it is kept, a run ends with the right number.
"""

import ctypes
import errno
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from core.compiled import cache, jit

ROOT = Path(__file__).resolve().parents[3]
NOBODY = 65534
compiled = pytest.mark.skipif(jit.NO_JIT, reason="nothing is compiled here")
ASK = """
from core.finance.networks import Ledger, clear, settle_all
from core.compiled import cache
print(clear(Ledger.from_rows([(0, 1, 1, 10.0)], n_nodes=2), [6.0, 0.0], alpha=0.5).paid[0])
print(sum(settle_all.stats.cache_hits.values()))
print(cache.folder())
"""
CALLEE = """
from core.compiled.jit import rule
from core.layout.layout import LOOK_AHEAD
@rule
def quarters(x):
    return x * LOOK_AHEAD
"""
CALLER = """
from core.compiled.jit import entry
from core.model.callee import quarters
@entry
def years(x):
    return quarters(x)
"""
NO_FOLDER = """
from core.finance.networks import Ledger, clear
from core.results.warm import warm
print(clear(Ledger.from_rows([(0, 1, 1, 10.0)], n_nodes=2), [6.0, 0.0], alpha=0.5).paid[0], warm())
"""
# Half of the file is there when the process is killed.
KILLED = """
from pathlib import Path
whole = Path.write_bytes
def half(path, body):
    whole(path, body[: len(body) // 2])
    print("half", flush=True)
    input()
Path.write_bytes = half
"""
# Root may write anywhere: whoever runs the tests as root becomes somebody else, once all is imported that
# numba and the name of the folder need (this Python may be root's own).
AS_NOBODY = f"""
import os
import numba
numba.njit(lambda x: x)(1.0)
word = cache.fingerprint()
cache.fingerprint = lambda: word
if os.getuid() == 0:
    os.setgid({NOBODY})
    os.setuid({NOBODY})
"""


def start(script, root=ROOT, **environment):
    """A process of its own that runs a script on the core in ``root``."""
    return subprocess.Popen(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": str(root), "BACKSTOP_NO_JIT": "0"} | environment,
        cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def end(process):
    """What a process printed, on both channels; it must have ended well."""
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out, err


def answer(process):
    """What somebody is paid, how many rules were found ready, where they are kept, and what was said."""
    out, err = end(process)
    paid, hits, folder = out.split("\n", 2)
    return float(paid), int(hits), Path(folder.strip()), err


def ask(root, **environment):
    return answer(start(ASK, root, **environment))[:3]


@pytest.fixture
def copy(tmp_path):
    """A copy of the core with rules that may be edited."""
    shutil.copytree(ROOT / "core", tmp_path / "copy" / "core", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "copy"


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """An empty folder in which rules of this process are kept, and nothing said yet."""
    monkeypatch.setattr(cache, "folder", lambda: tmp_path / "kept")
    monkeypatch.setattr(jit, "RULES", set())
    cache._say.cache_clear()
    (tmp_path / "kept").mkdir()
    return tmp_path / "kept"


def edit(path, before, after):
    """Change the text of a source and leave its date, which must not hide the edit."""
    text, was = path.read_text(), path.stat()
    assert before in text
    path.write_text(text.replace(before, after))
    os.utime(path, (was.st_atime, was.st_mtime))


def double():
    """A small rule, as a start finds it: nothing compiled in memory yet."""

    def double(x):
        return x + x

    return jit.entry(double)


def hits(rule):
    return sum(rule.stats.cache_hits.values())


def test_an_edited_rule_gives_its_new_number_at_the_next_start(copy, tmp_path):
    kept = {"BACKSTOP_CACHE_DIR": str(tmp_path / "kept")}
    rule = copy / "core/finance/clearing.py"  # not the file of the function that is kept
    assert ask(copy, **kept)[:2] == (3.0, 0)  # half of 6 is left after failure
    assert ask(copy, **kept)[:2] == (3.0, 1)  # and was not compiled again
    edit(rule, "left = alpha * cash[node]", "left = 0.1 * cash[node]")
    assert ask(copy, **kept)[:2] == (pytest.approx(0.6), 0)
    edit(rule, "left = 0.1 * cash[node]", "left = alpha * cash[node]")
    assert ask(copy, **kept)[:2] == (3.0, 1)


def test_an_edited_constant_of_another_room_is_in_the_number_of_the_next_start(copy, tmp_path):
    model, layout = copy / "core/model", copy / "core/layout/layout.py"
    (model / "callee.py").write_text(CALLEE)
    (model / "caller.py").write_text(CALLER)

    def years_ahead():
        script = (
            "from core.model.caller import years; print(years(3.0), sum(years.stats.cache_hits.values()))"
        )
        return end(start(script, copy, BACKSTOP_CACHE_DIR=str(tmp_path)))[0]

    assert [years_ahead(), years_ahead()] == ["12.0 0\n", "12.0 1\n"]
    edit(layout, "LOOK_AHEAD = 4", "LOOK_AHEAD = 8")
    assert years_ahead() == "24.0 0\n"


def test_two_processes_that_start_at_once_both_end_right(tmp_path):
    kept = {"BACKSTOP_CACHE_DIR": str(tmp_path)}
    processes = [start(ASK, **kept) for _ in range(2)]
    assert [answer(process)[0] for process in processes] == [3.0, 3.0]
    assert ask(ROOT, **kept)[:2] == (3.0, 1)
    assert len(list(tmp_path.glob("*/*"))) == 1  # nothing half written is left


def test_a_compile_that_was_killed_is_completed_by_the_next_start(tmp_path):
    kept = {"BACKSTOP_CACHE_DIR": str(tmp_path)}
    process = start(KILLED + ASK, **kept)
    assert process.stdout.readline() == "half\n"
    process.kill()
    process.communicate(timeout=60)
    assert len(list(tmp_path.glob("*/*"))) == 1
    assert ask(ROOT, **kept)[:2] == (3.0, 0)
    assert ask(ROOT, **kept)[:2] == (3.0, 1)


def truncated(file):
    file.write_bytes(file.read_bytes()[:-100])


def one_bit(file):
    whole = bytearray(file.read_bytes())
    whole[len(whole) // 2] ^= 1
    file.write_bytes(whole)


def of_another_rule(file):
    name = "another-0123456789abcdef.compiled"
    body = file.read_bytes()[cache.SEAL :]
    file.write_bytes(cache._seal(name, body) + body)


def of_another_version(file):
    body = b"cno_such_module\nno_such_name\n."
    file.write_bytes(cache._seal(file.name, body) + body)


DAMAGES = {
    "empty": lambda file: file.write_bytes(b""),
    "random": lambda file: file.write_bytes(np.random.default_rng(0).bytes(5000)),
    "unreadable": lambda file: (file.unlink(), file.mkdir()),
    "missing": Path.unlink,
}


@compiled
@pytest.mark.parametrize(
    "damage", [truncated, one_bit, of_another_rule, of_another_version, *DAMAGES.values()],
    ids=["truncated", "one_bit", "of_another_rule", "of_another_version", *DAMAGES],
)  # fmt: skip
def test_a_damaged_file_is_compiled_anew(kept, damage):
    assert double()(2.0) == 4.0
    (file,) = kept.iterdir()
    assert hits_of_a_start() == 1
    damage(file)
    assert hits_of_a_start() == 0
    if file.is_dir():  # nothing can be put in its place: compiled again by each start, and right
        file.rmdir()
        hits_of_a_start()
    assert hits_of_a_start() == 1


def hits_of_a_start():
    rule = double()
    assert rule(2.0) == 4.0
    return hits(rule)


@compiled
def test_nothing_is_unpickled_before_it_is_known_to_be_whole(kept, monkeypatch):
    double()(2.0)
    (file,) = kept.iterdir()
    one_bit(file)
    monkeypatch.setattr(cache.pickle, "loads", lambda _: pytest.fail("read"))
    assert hits_of_a_start() == 0


@compiled
def test_sizes_of_records_are_kept_side_by_side(kept):
    def total():
        def total(records):
            found = 0.0
            for i in range(records.x.shape[0]):
                found += records.x[i]
            return found

        return jit.entry(total)

    sizes = [np.rec.array(np.ones((), dtype=[("x", "f8", (size,))]))[()] for size in (3, 5)]
    for hits_before, rule in ((0, total()), (2, total())):
        assert [rule(records) for records in sizes] == [3.0, 5.0]
        assert hits(rule) == hits_before
    assert len(list(kept.iterdir())) == 2


def full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@compiled
@pytest.mark.parametrize(
    ("disturb", "reason"),
    [
        (lambda kept, monkeypatch: kept.rmdir(), errno.ENOENT),
        (lambda kept, monkeypatch: monkeypatch.setattr(Path, "write_bytes", full), errno.ENOSPC),
    ],
    ids=["vanished", "full"],
)
def test_what_cannot_be_kept_is_used_and_said_once(kept, monkeypatch, caplog, disturb, reason):
    disturb(kept, monkeypatch)
    rule = double()
    assert (rule(2.0), rule(np.array([3.0]))[0]) == (4.0, 6.0)
    assert caplog.messages == [
        f"Compiled rules are not kept ({os.strerror(reason)}): the next start compiles again."
    ]
    assert not kept.exists() or not list(kept.iterdir())


@compiled
def test_a_rule_that_holds_an_address_of_this_process_is_not_kept(kept):
    function = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(lambda x: 2 * x)

    def outside(x):
        return function(x)

    assert jit.entry(outside)(2.0) == 4.0
    assert not list(kept.iterdir())


@pytest.fixture
def open_folder():
    """A folder that any user of the machine can reach, unlike those of pytest."""
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        yield Path(place)
        for path in Path(place).rglob("*"):
            path.chmod(0o755)


def test_a_folder_that_can_only_be_read_serves_if_it_is_warm(open_folder):
    kept, other = open_folder / "kept", open_folder / "other"
    other.mkdir()
    other.chmod(0o777)
    places = {"BACKSTOP_CACHE_DIR": str(kept), "XDG_CACHE_HOME": str(kept / "none"), "TMPDIR": str(other)}
    script = ASK.replace("print", AS_NOBODY + "print", 1)
    _, _, folder, _ = answer(start(ASK, **places))
    for path in (folder, kept):
        path.chmod(0o555)
    before = folder.stat().st_mtime
    assert answer(start(script, **places)) == (3.0, 1, folder, "")
    assert folder.stat().st_mtime == before
    assert not list(other.iterdir())
    folder.chmod(0o755)
    shutil.rmtree(folder)
    folder.mkdir()
    folder.chmod(0o555)
    paid, hits, instead, said = answer(start(script, **places))
    assert (paid, hits, instead.parent.parent) == (3.0, 0, other)
    assert said == f"Compiled rules are kept in {instead.parent}: {kept} cannot be used.\n"
    assert answer(start(script, **places))[:3] == (3.0, 1, instead)


def test_where_nothing_can_be_written_a_temporary_folder_does_or_none(tmp_path):
    taken = tmp_path / "file"
    taken.write_text("not a folder")
    places = {"BACKSTOP_CACHE_DIR": str(taken), "XDG_CACHE_HOME": str(taken), "TMPDIR": str(tmp_path)}
    paid, hits, folder = ask(ROOT, **places)
    assert (paid, hits) == (3.0, 0)
    assert tmp_path in folder.parents


def homeless():
    raise RuntimeError("Could not determine home directory.")


@pytest.fixture
def find(monkeypatch, tmp_path):
    """Find the folder anew, with no place but those that a test gives."""
    for name in (*cache.HOSTS, "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    cache._say.cache_clear()
    return cache.folder.__wrapped__


def test_without_a_home_it_is_the_temporary_folder_and_without_that_none(find, tmp_path, monkeypatch, caplog):
    place = find()
    assert place.parent.parent == tmp_path / "tmp"
    assert not caplog.messages
    monkeypatch.setattr(tempfile, "gettempdir", full)
    assert find() is None
    assert caplog.messages == ["Compiled rules are not kept, as no folder can be used: every start compiles."]


@compiled
def test_without_a_folder_rules_live_in_memory(kept, monkeypatch):
    monkeypatch.setattr(cache, "folder", lambda: None)
    assert hits_of_a_start() == 0
    cache.remove_old()


def give_away(path, monkeypatch):
    """Let a folder belong to somebody who is nobody to this program."""
    if os.getuid() == 0:
        os.chown(path, NOBODY, -1)
    else:
        monkeypatch.setattr(os, "getuid", lambda: NOBODY)
        monkeypatch.setattr(cache, "CORE", Path("/"))


FOREIGN = {
    "anybody_writes": lambda place, _: place.chmod(0o777),
    "the_group_writes": lambda place, _: place.chmod(0o775),
    "of_somebody_else": give_away,
    "in_a_folder_of_somebody_else": lambda place, monkeypatch: give_away(place.parent, monkeypatch),
}


@pytest.mark.skipif(os.name != "posix", reason="users and modes of files")
@pytest.mark.parametrize("spoil", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("chosen", [True, False])
def test_a_folder_in_which_others_may_write_is_never_read(find, tmp_path, monkeypatch, caplog, spoil, chosen):
    if chosen:
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "chosen"))
    place = find()
    (place / f"rule{cache.SUFFIX}").write_bytes(b"code of somebody else")
    spoil(place, monkeypatch)
    assert find() != place
    assert len(caplog.messages) == 1


def test_folders_of_old_versions_go_and_nothing_else(kept, monkeypatch, tmp_path):
    def made(name, age, *files):
        place = tmp_path / name
        place.mkdir()
        for file in files:
            (place / file).write_text("x")
        os.utime(place, (time.time() - age,) * 2)
        return place

    rule, long_ago = f"rule{cache.SUFFIX}", 2 * cache.OLD
    gone = made("0" * 16, long_ago, rule, f"half{cache.SUFFIX}")
    stays = [
        made("1" * 16, cache.OLD / 2, rule),  # of a version that started this morning
        made("backup", long_ago, rule),
        made("2" * 17, long_ago, rule),
        made("3" * 16, long_ago, "letter.txt"),
    ]
    (tmp_path / "4444444444444444").symlink_to(stays[1])
    own = made("5" * 16, long_ago, rule)
    monkeypatch.setattr(cache, "folder", lambda: own)
    cache.remove_old()
    assert not gone.exists()
    assert all(list(place.iterdir()) for place in [*stays, own])


def test_a_start_marks_its_folder_as_used(find):
    place = find()
    os.utime(place, (0, 0))
    assert find() == place
    assert place.stat().st_mtime > time.time() - cache.OLD


def test_plain_python_makes_no_folder(tmp_path):
    places = {name: str(tmp_path) for name in ("BACKSTOP_CACHE_DIR", "XDG_CACHE_HOME", "TMPDIR", "HOME")}
    assert end(start(NO_FOLDER, BACKSTOP_NO_JIT="1", **places)) == ("3.0 0\n", "")
    assert not list(tmp_path.iterdir())


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


# A rule too long to be copied into the one that calls it: it stays a function with a name of its own.
LONG = "\n".join(f"        total += one.path[i] ** {k}.5 - one.path[i] ** {k}.25" for k in range(30))
TWO_SIZES = f"""
import sys
import numpy as np
from core.compiled.jit import entry, rule
from core.model.tables import floats, record

@rule
def counted(one):
    total = 0.0
    for i in range(one.path.size):
        total += one.path[i]
{LONG}
    return total

@entry
def answer(ones):
    return counted(ones[0]) + counted(ones[1])

for size in map(int, sys.argv[1:]):
    ones = np.zeros(2, record(floats(size, "path")))
    ones["path"] = 1.0
    print(answer(ones))
"""


@compiled
def test_forms_for_two_sizes_that_two_processes_kept_serve_in_one(open_folder):
    """Webs of two sizes are first run by a process each: what both kept must not be taken for the other."""
    environment = os.environ | {"BACKSTOP_CACHE_DIR": str(open_folder)}

    def told(*sizes):
        words = [sys.executable, "-c", TWO_SIZES, *map(str, sizes)]
        done = subprocess.run(words, capture_output=True, text=True, env=environment, cwd=ROOT, check=True)
        return [float(line) for line in done.stdout.split()]

    assert [told(30), told(32)] == [[60.0], [64.0]]
    assert told(30, 32) == [60.0, 64.0]
    assert told(32, 30) == [64.0, 60.0]
