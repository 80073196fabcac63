import ast
import io
import re
import subprocess
import sys
import tokenize
import tomllib
from pathlib import Path

import pytest
import streamlit as st
from numpydoc.validate import ALLOWED_SECTIONS

from core.scenario.link import MODEL_VERSION

ROOT = Path(__file__).parent.parent
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TARGETS = [
    "setup",
    "run",
    "test",
    "lint",
    "bench",
    "load",
    "soak",
    "reference",
    "golden",
    "screenshots",
    "help",
]


def test_the_server_keeps_its_habits():
    wanted = {
        "server": {
            "address": "localhost",
            "port": 8501,
            "enableWebsocketCompression": True,
            "maxUploadSize": 1,
        },
        "runner": {"postScriptGC": False},
        "browser": {"gatherUsageStats": False},
        "client": {"toolbarMode": "minimal", "showErrorDetails": "none", "showErrorLinks": False},
        "global": {"disableWidgetStateDuplicationWarning": True},
        "theme": {"headingFont": "serif", "font": "sans-serif"},
    }
    for section, lines in wanted.items():
        assert lines.items() <= CONFIG[section].items()
    assert CONFIG["client"]["showSidebarNavigation"] is False


def settings(table, path=()):
    for name, value in table.items():
        if isinstance(value, dict):
            yield from settings(value, (*path, name))
        else:
            yield ".".join((*path, name))


def test_streamlit_knows_every_setting():
    for name in settings(CONFIG):
        st.get_option(name)  # raises for what it does not know
    with pytest.raises(RuntimeError):
        st.get_option("runner.postScriptGc")


def test_no_face_or_colour_comes_from_an_address():
    assert not re.search(r"https?:|url", (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


def channels(colour):
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def luminance(colour):
    shares = [c / 255 for c in channels(colour)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_measured_as_the_standard_says():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # just fails at 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_can_be_read_and_lines_can_be_seen(mode):
    theme = CONFIG["theme"][mode]
    papers = [
        part[name]
        for part in (theme, theme["sidebar"])
        for name in ("backgroundColor", "secondaryBackgroundColor")
    ]
    inks = [name for name in theme if name in ("textColor", "linkColor") or name.endswith("TextColor")]
    assert len(inks) >= 8
    for name in inks:
        for paper in papers:
            assert contrast(theme[name], paper) >= 4.5, (name, paper)
    slider_value = theme["sidebar"].get("primaryColor", theme["primaryColor"])
    assert contrast(slider_value, theme["sidebar"]["backgroundColor"]) >= 4.5
    assert contrast(theme["primaryColor"], "#ffffff") >= 4.5  # the text of a primary button is white
    for paper in papers:
        assert contrast(theme["primaryColor"], paper) >= 3, paper
    for colour in theme["chartCategoricalColors"]:
        for paper in (theme["backgroundColor"], theme["sidebar"]["backgroundColor"]):
            assert contrast(colour, paper) >= 3, colour


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_charts_have_colours_enough(mode):
    theme = CONFIG["theme"][mode]
    assert len(set(theme["chartCategoricalColors"])) >= 10  # with fewer, Plotly silently takes its own
    assert len(theme["chartCategoricalColors"]) == len(CONFIG["theme"]["light"]["chartCategoricalColors"])
    assert theme["redColor"] not in theme["chartCategoricalColors"]
    assert len(theme["chartSequentialColors"]) == 10  # Streamlit ignores any other length


def test_light_has_the_colours_of_the_product():
    light = CONFIG["theme"]["light"]
    look = [light[name] for name in ("backgroundColor", "grayColor", "primaryColor", "redColor")]
    assert look == ["#fbfaf6", "#6a7078", "#0b6e69", "#c2410c"]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_captions_can_be_read(mode):
    theme = CONFIG["theme"][mode]
    for part in (theme, theme["sidebar"]):
        paper, ink = (channels(colour) for colour in (part["backgroundColor"], theme["textColor"]))
        pale = [0.6 * i + 0.4 * p for i, p in zip(ink, paper, strict=True)]  # as Streamlit mixes them
        caption = "#" + "".join(f"{round(value):02x}" for value in pale)
        assert contrast(caption, part["backgroundColor"]) >= 4.5


def test_make_says_what_each_target_does():
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    helped = [line.split(":")[0] for line in lines if re.match(r"[a-z]+:.*## \S", line)]
    assert sorted(helped) == sorted(TARGETS)
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert sorted(line.split()[0] for line in shown.stdout.splitlines()) == sorted(TARGETS)


def pins(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def test_the_lock_pins_everything():
    run, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert dev[0] == "-r requirements.txt"
    for line in run + dev[1:]:
        assert re.fullmatch(r"[a-z0-9-]+==[0-9][0-9.]*", line), line
    names = [line.split("==")[0] for line in run + dev[1:]]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("wanted", "files"),
    [
        (PROJECT["project"]["dependencies"], ["requirements.txt"]),
        (PROJECT["project"]["optional-dependencies"]["dev"], ["requirements-dev.txt"]),
    ],
    ids=["run", "dev"],
)
def test_the_lock_holds_all_that_was_chosen(wanted, files):
    locked = {line.split("==")[0] for name in files for line in pins(name)}
    assert {re.match(r"[a-z-]+", line)[0] for line in wanted} <= locked


def test_one_version_everywhere():
    assert PROJECT["project"]["version"] == MODEL_VERSION
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == MODEL_VERSION


def test_every_entry_of_the_changelog_says_which_numbers_move():
    _, *entries = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split("\n## ")
    assert entries
    assert all("\nNumbers that move: " in entry for entry in entries)


def test_the_core_imports_neither_streamlit_nor_plotly():
    modules = sorted(
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "core").rglob("*.py")
        if path.stem not in ("__init__", "__main__")
    )
    assert {"core.scenario.levers", "core.scenario.link"} <= set(modules)
    program = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        "print(sorted({'streamlit', 'plotly', 'pages'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
    for path in (ROOT / "core").rglob("*.py"):
        assert not re.search(
            r"^\s*(import|from) (streamlit|plotly|pages)\b", path.read_text(encoding="utf-8"), re.M
        ), path


def test_continuous_integration_runs_the_tests():
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    text = script.read_text(encoding="utf-8")
    assert "set -euo pipefail" in text
    assert "CI=true make test" in text
    subprocess.run(["bash", "-n", str(script)], check=True)


def _docstrings():
    for path in sorted((ROOT / "core").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                yield path.relative_to(ROOT), ast.get_docstring(node) or ""


def test_every_heading_of_a_docstring_stands_on_a_line_of_its_own():
    """Numpydoc sees no heading in one that runs into the text, so none of its checks finds it."""
    headings = 0
    for path, text in _docstrings():
        lines = ["", *text.splitlines()]
        for before, heading, line in zip(lines, lines[1:], lines[2:], strict=False):
            if re.search("-{3,}", line):
                assert before == "", f"{path}: {line}"
                assert heading in ALLOWED_SECTIONS, f"{path}: {line}"
                assert line == "-" * len(heading), f"{path}: {line}"
                headings += 1
    assert headings > 100


def test_prose_has_words_and_no_names_of_private_functions():
    """A function that is renamed is renamed in code alone: what is told and documented stays a sentence."""
    seen = 0
    for path in (path for room in ("core", "pages") for path in (ROOT / room).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        told = [n.value for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Constant)]
        comments = [
            t.string for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.string[:1] == "#"
        ]
        for prose in (*comments, *(value for value in told if isinstance(value, str))):
            assert not re.search(r"\s_[a-z]\w*['’]?\w*[\s.,;:]", f" {prose} " if " " in prose else ""), (
                path,
                prose,
            )
            seen += " " in prose
    assert seen > 1000


def test_continuous_integration_runs_lint_before_the_tests():
    calls = re.findall(r"^CI=true make (\w+)$", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.M)
    assert calls == ["lint", "test"]


def only_rules():
    """Files of the core whose functions are all rules: they share arguments, explained once in their room."""
    found = set()
    for path in (ROOT / "core").rglob("*.py"):
        functions = [n for n in ast.parse(path.read_text("utf-8")).body if isinstance(n, ast.FunctionDef)]
        marks = [{ast.unparse(mark) for mark in function.decorator_list} for function in functions]
        if any("rule" in mark for mark in marks) and all(mark & {"rule", "entry"} for mark in marks):
            found.add(str(path.relative_to(ROOT)))
    return found


def test_lint_checks_the_docstrings_of_every_file_of_the_core():
    said = subprocess.run(["make", "-n", "lint"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    (line,) = [line for line in said.splitlines() if "numpydoc lint" in line]
    checked = {word for word in line.split() if word.endswith(".py")}
    every = {str(path.relative_to(ROOT)) for path in (ROOT / "core").rglob("*.py")}
    assert checked | only_rules() == every
    assert not checked & only_rules()
    assert {"GL06", "GL07", "GL08", "PR01", "PR02"} <= set(PROJECT["tool"]["numpydoc_validation"]["checks"])
