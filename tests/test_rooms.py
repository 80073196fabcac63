"""The rooms of core and pages: each says what it is for, imports go one way, no file grows out of sight."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import core

ROOT = Path(__file__).parents[1]
LONGEST = 600  # lines of a file

# Which rooms a room may import besides itself: those that stand under it.
GROUND = {"compiled", "finance", "scenario", "web"}
CORE = {
    "": {
        "holdings",
        "questions",
        "sources",
        "results",
        "model",
        "layout",
        *GROUND,
    },  # the package and its command line
    "holdings": {"sources", "results", "model", "layout", *GROUND},
    "questions": {"results", "model", "layout", *GROUND},
    "sources": {"results", "model", "layout", *GROUND},
    "results": {"model", "layout", *GROUND},
    "model": {"layout", *GROUND},
    "layout": {*GROUND},
    "finance": {"compiled"},
    "compiled": set(),
    "scenario": {"web"},  # which dates there are
    "web": set(),
}
KIT = {
    "": set(),
    "server": {"parts", "frame", "words", "drawing", "audience", "visit", "locale"},
    "parts": {"frame", "words", "drawing", "audience", "visit", "locale"},
    "frame": {"words", "drawing", "audience", "visit", "locale"},
    "words": {"drawing", "visit", "locale"},
    "drawing": {"visit"},
    "audience": {"visit"},
    "visit": set(),
    "locale": set(),
}
HOUSES = {"core": CORE, "pages.kit": KIT}


def modules(house):
    """Every module of a house: its room ("" at the top) and its file."""
    folder = ROOT / house.replace(".", "/")
    for path in sorted(folder.rglob("*.py")):
        inside = path.relative_to(folder).parts
        yield (inside[0] if len(inside) > 1 else ""), path


def imported(path):
    """Full names of the modules that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: say where it comes from in full"
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


@pytest.mark.parametrize("house", HOUSES)
def test_imports_go_one_way(house):
    wrong, seen = [], set()
    for room, path in modules(house):
        for name in imported(path):
            if name.startswith(f"{house}."):
                target = name.removeprefix(f"{house}.").split(".")[0]
                seen.add((room, target))
                if target != room and target not in HOUSES[house][room]:
                    wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert wrong == []
    assert len(seen) > len(HOUSES[house])


def _on_import(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The import statements that run when a module is imported."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _on_import(
                [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
            )


def _waits_for(names: dict[str, Path]) -> dict[str, set[str]]:
    """What each module waits for when it is imported: what it imports, and the packages around that."""
    graph = {}
    for name, path in names.items():
        wanted = set()
        for node in _on_import(ast.parse(path.read_text(encoding="utf-8")).body):
            told = (
                [f"{node.module}.{one.name}" for one in node.names]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            for full in told or [one.name for one in node.names]:
                parts = full.split(".")
                wanted |= {".".join(parts[:n]) for n in range(1, len(parts) + 1)} & names.keys()
        package = {name.rpartition(".")[0]} & names.keys()
        graph[name] = (wanted | package) - {name}
    return graph


def test_no_module_waits_for_itself_when_it_is_imported():
    """Two visitors of a cold server import in two threads: in a circle each would wait for the other."""
    names = {}
    for path in [
        ROOT / "app.py",
        ROOT / "asgi.py",
        *(ROOT / "core").rglob("*.py"),
        *(ROOT / "pages").rglob("*.py"),
    ]:
        parts = path.relative_to(ROOT).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    graph = _waits_for(names)
    assert {"core", "core.model", "core.layout.layout"} <= graph["core.model.engine"]
    list(TopologicalSorter(graph).static_order())  # raises CycleError with the circle


def test_rooms_are_the_folders_and_know_no_circle():
    for house, rooms in HOUSES.items():
        folders = {p.parent.name for p in (ROOT / house.replace(".", "/")).glob("*/*.py")}
        assert folders == set(rooms) - {""}
        for room, under in rooms.items():
            assert room not in under
            for below in under:
                assert rooms[below] <= under - {below}, f"{house}: {room} is under {below} too"


@pytest.mark.parametrize("house", HOUSES)
def test_every_room_says_what_it_is_for(house):
    folder = ROOT / house.replace(".", "/")
    for room in set(HOUSES[house]) - {"locale"}:
        text = ast.get_docstring(ast.parse((folder / room / "__init__.py").read_text(encoding="utf-8")))
        assert text, room
        assert len(text) > 60, room


def test_no_file_is_too_long():
    files = [path for folder in ("core", "pages", "tests") for path in (ROOT / folder).rglob("*.py")]
    assert len(files) > 100
    lengths = {str(p.relative_to(ROOT)): len(p.read_text(encoding="utf-8").splitlines()) for p in files}
    assert {name: n for name, n in lengths.items() if n > LONGEST} == {}


def test_public_functions_stand_in_the_package():
    contract = {
        *("run", "load_web", "Scenario", "clear", "clearing_payments", "irr", "level_payment"),
        *("european_waterfall", "sweep", "break_points", "attribute", "monte_carlo", "frontier"),
    }
    assert set(core.__all__) == contract
    assert all(callable(getattr(core, name)) for name in contract)
