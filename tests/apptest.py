"""The app in AppTest, and what that cannot read by itself: the charts of a page."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs

import plotly.graph_objects as go
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[1]
_numbered = itertools.count(1)


class Tab(AppTest):
    """A visit whose address is, as in a browser, what the app wrote into the bar last."""

    def _run(self, *args: object, **kwargs: object) -> AppTest:
        super()._run(*args, **kwargs)
        if told := sent(self, "bar"):
            written = parse_qs(told[-1]["query"], keep_blank_values=True)
            self.query_params = {name: all_ if all_[1:] else all_[0] for name, all_ in written.items()}
        return self


def open_app(
    query: Mapping[str, str | Sequence[str]] | None = None,
    locale: str = "en-GB",
    page: str | None = None,
    opened: Sequence[str] = (),
) -> AppTest:
    """Open the app at a link and give it after its first run; from the root of the repository."""
    at = Tab(str(ROOT / "app.py"), default_timeout=60)
    at.context = {"locale": locale}
    for name, value in (query or {}).items():
        at.query_params[name] = value
    for key in opened:  # expanders and popovers
        at.session_state[key] = True
    if page:
        at.switch_page(page)
    at.run()
    assert not at.exception
    return at


@dataclass
class Lever:
    """A lever of a page, as `lever.js` would show and move it."""

    at: AppTest
    key: str

    @property
    def data(self) -> dict:
        """What the server sent of it last."""
        found = [one for one in self.at.get("bidi_component") if f"-{self.key}" in one.proto.id]
        assert len(found) == 1, self.key
        return json.loads(found[0].proto.json)

    @property
    def value(self) -> float:
        return self.data["value"]

    def set_value(self, value: float, drag: int | None = None) -> Lever:
        """Move the thumb; what carries one number is one drag."""
        self.data  # noqa: B018  the lever is on the page
        return self._send({"value": value, "drag": drag})

    def hold(self, value: float, drag: int = 1) -> Lever:
        """Move the thumb and do not let go."""
        return self._send({"value": value, "drag": drag, "held": True})

    def type(self, text: str) -> Lever:
        """Type into the field."""
        return self._send({"text": text})

    def run(self) -> AppTest:
        return self.at.run()

    def _send(self, move: dict) -> Lever:
        self.at.session_state[self.key] = {"moved": {"n": next(_numbered), **move}}
        return self


def lever_of(at: AppTest, word: str, where: str = "") -> Lever:
    """Find a lever on a page by its id; `where` is "drawer_" for the second panel."""
    return Lever(at, f"{where}lever_{word}")


def press(at: AppTest, *steps: str, where: str = "") -> AppTest:
    """Click "undo", "redo" or "reset", as often as they are named, before the server answers."""
    clicks = [{"n": next(_numbered), "step": step} for step in steps]
    at.session_state[f"{where}history"] = {"moved": {"n": clicks[-1]["n"], "all": clicks}}
    return at


def can(at: AppTest, step: str) -> bool:
    """Tell whether "undo", "redo" or "reset" can be clicked."""
    return {word: able for word, _label, able in sent(at, "history")[-1]["buttons"]}[step]


def headline(at: AppTest) -> str:
    """Return what happens in one sentence, as markdown; on the first page it is the heading."""
    texts = [one.value for one in at.main.markdown]
    first = next(i for i, text in enumerate(texts) if text.startswith("# "))
    return texts[first].splitlines()[-1].removeprefix("# ")


def panels(at: AppTest) -> list[str]:
    """Return the titles of what a page shows: those of tables, then those of charts."""
    lines = [line for one in at.markdown for line in one.value.splitlines() if line.startswith("## ")]
    return [line.removeprefix("## ") for line in lines] + [
        one["title"] for one in drawings(at) if one.get("title")
    ]


def told(at: AppTest) -> str:
    """Return all that is to be read on a page outside its tables, what stands around drawings included."""
    lines = [element.value for kind in (at.markdown, at.caption, at.text) for element in kind]
    for one in drawings(at):
        lines += [one.get(name) or "" for name in ("title", "caption", "note")]
        lines += [text for row in one.get("figures", ()) for text in row]
    boards = [{name: part for name, part in one.items() if name != "rest"} for one in sent(at, "board")]
    return "\n".join([*lines, *texts_in(boards)])


def texts_in(data: object) -> list[str]:
    """Return all texts in what is sent to the browser, wherever in it."""
    if isinstance(data, str):
        return [data]
    parts = data.values() if isinstance(data, Mapping) else data if isinstance(data, list) else ()
    return [text for part in parts for text in texts_in(part)]


def numbers_in(data: object) -> list[float]:
    """Return all numbers in what is sent to the browser, wherever in it."""
    if isinstance(data, int | float):
        return [float(data)]
    parts = data.values() if isinstance(data, Mapping) else data if isinstance(data, list) else ()
    return [number for part in parts for number in numbers_in(part)]


def board(at: AppTest) -> dict:
    """Return what the Overview draws, by part: figures, timeline, funds, promises and so on."""
    return {name: part for one in sent(at, "board") for name, part in one.items()}


def open_receipt(at: AppTest, name: str) -> AppTest:
    """Touch a figure or "sources and table" on the Overview."""
    at.session_state["open_dialog"] = f"receipt {name}"  # a trigger of a component is out of reach here
    return at.run()


def drawings(at: AppTest) -> list[dict]:
    """Return all that is sent to the browser to be drawn: charts and rows of figures."""
    return sent(at, "drawing")


def sent(at: AppTest, *components: str) -> list[dict]:
    """Return what is sent to the browser for our components of these names, in the order of the page."""
    names = {f"backstop_{name}" for name in components}
    return [
        json.loads(element.proto.json, parse_constant=_refuse)
        for element in at.get("bidi_component")
        if element.proto.component_name in names
    ]


def charts(at: AppTest) -> list[dict]:
    """Return what is sent to the browser for each chart, in the order of the page: figure, alt, config."""
    return [drawing for drawing in drawings(at) if drawing.get("figure")]


def pictures(at: AppTest) -> list[dict]:
    """Return the figure of each chart as Plotly's JSON, after Plotly has checked it."""
    figures = [chart["figure"] for chart in charts(at)]
    for figure in figures:
        go.Figure(figure)
    return figures


def _refuse(word: str) -> None:
    raise ValueError(f"{word} in a figure: a browser cannot read it")
