"""The bare page: one lever, and the charts of a page from constants. What our pages are measured against.

`make load` compares the CPU time of a move with it, `make bench --browser` the time until charts are painted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.apptest import ROOT, charts, lever_of

START = 35  # where the lever of the bare page begins
DEMAND = "AI demand grows"  # and what it is called, as on our pages
BARE = """
import json
from pathlib import Path

import plotly.graph_objects as go
import streamlit as st


@st.cache_resource
def constants():
    return json.loads(Path({path!r}).read_text(encoding="utf-8"))


st.set_page_config(layout="wide")
st.title("Bare")
with st.sidebar:
    lever = st.slider({demand!r}, -50.0, 100.0, {start}, 1.0)
columns = st.columns(3)
for i, figure in enumerate(constants()[st.query_params["page"]][f"{{lever:g}}"]):
    with columns[i % 3]:
        st.plotly_chart(go.Figure(figure), key=f"chart{{i}}", theme="streamlit")
"""
Drawn = dict[str, list[dict]]  # value of the lever -> figures


def stops(turns: int) -> list[int]:
    """Return the values of the lever on the way down, the first one included."""
    return list(range(START, START - turns - 1, -1))


def figures(page: str, link: Mapping[str, str], turns: int) -> Drawn:
    """Return the charts that a page of ours draws at each of these values of the lever."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in link.items():
        at.query_params[name] = value
    at.switch_page(f"pages/{page}.py")
    at.run()
    found = {}
    for value in stops(turns):
        lever_of(at, "g").set_value(float(value)).run()
        if at.exception:
            raise RuntimeError(f"{page}: {at.exception[0].message}")
        found[f"{value}"] = [chart["figure"] for chart in charts(at)]
    return found


def write(folder: Path, drawn: Mapping[str, Drawn]) -> Path:
    """Write the bare page with the charts of pages, by name, and give its script; `?page=` says which."""
    constants, script = folder / "charts.json", folder / "bare.py"
    constants.write_text(json.dumps(drawn), encoding="utf-8")
    script.write_text(BARE.format(path=str(constants), start=float(START), demand=DEMAND), encoding="utf-8")
    return script


def has_charts(drawn: Drawn) -> bool:
    """Tell whether a page draws anything at first; without charts there is nothing to compare."""
    return bool(drawn[f"{START}"])
