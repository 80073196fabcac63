"""Streamlit and Plotly are used by what they make public: no file inside them, no name of their own."""

import ast
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import plotly
import pytest
import streamlit

ROOT = Path(__file__).parents[1]
PACKAGES = {"streamlit": streamlit, "plotly": plotly}
PUBLIC = {
    "streamlit.column_config",
    "streamlit.components.v2",
    "streamlit.delta_generator.DeltaGenerator",  # what calls return; it has no other name for annotations
    "streamlit.testing.v1",
    "plotly.graph_objects",
    "plotly.offline.get_plotlyjs",
}
INSIDE = re.compile(r"static/(js|media)|\bPlotlyChart\b|package_data|site-packages|script\[type=\"module\"\]")
LOOKS_INTO = {"files", "path", "find_spec", "get_data", "distribution", "import_module", "__import__"}
# AppTest cannot overtake a run, end it as a closed tab does, or read what is told to the address bar; and a
# viewer without a browser has to speak as the browser does.
KNOWN = {
    "tests/pages/test_stress.py": {"streamlit.runtime"},
    "tests/pages/test_visit.py": {"streamlit.runtime"},
    "tests/viewer.py": {"streamlit.proto"},
}


def imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Every name that is bound to something of the two packages, and its full name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found = [(one.asname or one.name, f"{node.module}.{one.name}") for one in node.names]
        elif isinstance(node, ast.Import):
            found = [(one.asname or one.name.split(".")[0], one.name) for one in node.names]
        else:
            continue
        yield from ((name, full) for name, full in found if full.split(".")[0] in PACKAGES)


def chain(node: ast.expr) -> list[str]:
    """The names of an expression such as `st.components.v2.component`."""
    if isinstance(node, ast.Attribute):
        return [*chain(node.value), node.attr]
    return [node.id] if isinstance(node, ast.Name) else []


def is_private(full: str) -> bool:
    """Whether a name of one of the packages, in full, is underscored or goes into a private module."""
    package, *parts = full.split(".")
    if any(part.startswith("_") and part != "__version__" for part in parts):
        return True
    if not parts or any(f"{full}.".startswith(f"{public}.") for public in PUBLIC):
        return False
    modules = {one.name for one in pkgutil.iter_modules(PACKAGES[package].__path__)}
    is_module = not callable(getattr(PACKAGES[package], parts[0], None))  # st.navigation is also a folder
    return parts[0] in modules and (is_module or len(parts) > 1)


def reaches(code: str) -> set[str]:
    """What Python code uses of Streamlit or Plotly that is not public."""
    tree = ast.parse(code)
    names = dict(imported(tree))
    used, found = set(names.values()) - {"streamlit.components", "streamlit.testing"}, set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            first, *rest = chain(node) or [""]
            if first in names and rest != ["components"] and rest != ["testing"]:
                used.add(".".join([names[first], *rest]))
        elif isinstance(node, ast.Call) and (chain(node.func) or [""])[-1] in LOOKS_INTO:
            words = {str(one.value) for one in node.args if isinstance(one, ast.Constant)}
            found |= {word for word in words if word.split(".")[0] in PACKAGES}
            found |= {name for one in node.args for name in chain(one) if name in names}
        elif isinstance(node, ast.Constant) and INSIDE.search(str(node.value)):
            found.add(str(node.value))
    return found | {full for full in used if is_private(full)}


@pytest.mark.parametrize(
    "code",
    [
        'import streamlit as st\nnext((Path(st.__file__).parent / "x").glob("*.js"))',
        "import streamlit as st\nst._bottom.write(1)",
        "import streamlit as st\nst.runtime.get_instance()",
        "import streamlit\nstreamlit.elements.lib",
        "import streamlit.runtime as runtime",
        "from streamlit.elements.lib import utils",
        "from streamlit import _main",
        "from streamlit import config, util",
        "from streamlit.navigation.page import StreamlitPage",
        "from streamlit.delta_generator import main_dg",
        "from streamlit.components.v1 import declare_component",
        "from plotly import _subplots",
        "from plotly.io import _json",
        "import plotly.graph_objects as go\ngo._deprecations",
        'import importlib.resources\nimportlib.resources.files("streamlit.static")',
        'from importlib.util import find_spec\nfind_spec("plotly")',
        "import streamlit as st\nfrom importlib import resources\nresources.files(st)",
        'route("**/PlotlyChart.*.js")',
        'folder / "static/js"',
    ],
)
def test_a_private_way_is_found(code):
    assert reaches(code)


@pytest.mark.parametrize(
    "code",
    [
        "import streamlit as st\nst.components.v2.component('x')\nst.session_state['a'].b._c\nst.__version__",
        "import streamlit as st\nst.navigation([])\nst.column_config.LinkColumn()\nst.query_params.clear()",
        "from streamlit.testing.v1 import AppTest\nimport plotly.graph_objects as go\ngo.Figure({}).update()",
    ],
)
def test_a_public_way_is_left_alone(code):
    assert reaches(code) == set()


def test_nothing_hangs_on_what_streamlit_or_plotly_keep_to_themselves():
    files = [
        ROOT / "app.py",
        ROOT / "asgi.py",
        *(ROOT / "pages").rglob("*.py"),
        *(ROOT / "tests").rglob("*.py"),
    ]
    assert len(files) > 100
    texts = {str(p.relative_to(ROOT)): p.read_text(encoding="utf-8") for p in files if p != Path(__file__)}
    found = {name: {".".join(full.split(".")[:2]) for full in reaches(text)} for name, text in texts.items()}
    assert {name: some for name, some in found.items() if some} == KNOWN


def test_no_script_of_ours_names_a_file_of_streamlit():
    scripts = {p.name: p.read_text(encoding="utf-8") for p in (ROOT / "pages").rglob("*.js")}
    assert {"plot.js", "opened.js", "bar.js", "nav.js", "share.js"} <= set(scripts)
    assert [name for name, text in scripts.items() if INSIDE.search(text)] == []
