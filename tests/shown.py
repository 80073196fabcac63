"""All that a visit shows, as texts with the place where each stands: for tests that look at every page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

import pandas
import pyarrow.ipc
from google.protobuf.message import Message

# Fields of what is sent that nobody reads: names, addresses, code, looks.
UNSEEN = re.compile(
    r"(^|_)(id|ids|key|url|link|href|icon|css|js|format|colors?|type|mime|hash|name|spec|config|theme|styles?"
    r"|uuid|unit|language|columns|color|data)$"
)
# What our components carry beside texts: for them to know, not for anybody to read.
NOT_READ = {"key", "lang", "kind", "config", "id", "ids", "query", "href", "url", "colour", "colours", "icon"}
NOT_READ |= {"band", "visit", "pages", "rest", "tone", "own", "look", "path", "name", "open", "here"}
UNSEEN_COMPONENTS = {"backstop_bar"}  # writes the address
# Texts of a chart; the rest of a figure are settings.
IN_A_FIGURE = {"text", "hovertemplate", "customdata", "ticktext", "name", "ticksuffix", "tickprefix"}
IN_A_FIGURE |= {"hovertext", "label", "labels"}
# What Plotly fills in itself: it follows the signs that the layout names.
IN_WORDS = re.compile(r"\\text\{([^}]*)\}")  # of an equation
NUMBER = re.compile(r"\d+\.\d+")
FILLED_IN = re.compile(r"%\{[^}]*\}")


def texts(at) -> Iterator[tuple[str, str]]:
    """Yield every text that a visit shows after its run, with its place."""
    for room in (at.main, at.sidebar):
        for node in room:
            yield from _of_node(node)


def _of_node(node) -> Iterator[tuple[str, str]]:
    proto, kind = node.proto, node.type
    if kind == "bidi_component":
        where = proto.component_name
        if where in UNSEEN_COMPONENTS or not proto.json:
            return
        yield from ((f"{where} {place}", text) for place, text in _in_data(json.loads(proto.json)))
    elif kind in ("arrow_data_frame", "arrow_table", "dataframe", "table"):
        yield from ((f"{kind} {place}", text) for place, text in _in_frame(node))
        yield from ((kind, text) for text in _in_proto(proto))
    elif kind == "latex":  # its letters are names of the code
        body = proto.body
        yield from (("latex", text) for text in (*IN_WORDS.findall(body), *NUMBER.findall(body)))
    elif isinstance(proto, Message):
        yield from ((kind, text) for text in _in_proto(proto))


def _in_proto(proto: Message) -> Iterator[str]:
    for field, value in proto.ListFields():
        if UNSEEN.search(field.name):
            continue
        values = value if field.is_repeated else [value]
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            continue
        for one in values:
            if isinstance(one, Message):
                yield from _in_proto(one)
            elif isinstance(one, str):
                yield one


def _in_data(data: object, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(data, str):
        yield place, data
    elif isinstance(data, Mapping):
        for name, part in data.items():
            if name == "figure" and isinstance(part, Mapping):
                yield from _in_figure(part, f"{place}.figure")
            elif name not in NOT_READ:
                yield from _in_data(part, f"{place}.{name}")
    elif isinstance(data, list):
        for part in data:
            yield from _in_data(part, place)


def _in_figure(part: object, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(part, Mapping):
        for name, value in part.items():
            if name in IN_A_FIGURE:
                for inner, text in _in_data(value, f"{place}.{name}"):
                    yield inner, FILLED_IN.sub("", text)
            else:
                yield from _in_figure(value, f"{place}.{name}")
    elif isinstance(part, list):
        for value in part:
            yield from _in_figure(value, place)


def _in_frame(node) -> Iterator[tuple[str, str]]:
    """Cells as the browser writes them: with the words of a styler, else numbers with a point."""
    frame, shown = node.value, node.value
    data = getattr(node.proto, "arrow_data", node.proto)
    styler = data.styler
    if styler.display_values:
        shown = pyarrow.ipc.open_stream(styler.display_values).read_pandas()
    for heading in frame.columns:
        yield "heading", str(heading)
    for i, heading in enumerate(frame.columns):
        for value in shown.iloc[:, i]:
            if isinstance(value, str):
                yield str(heading), value
            elif not isinstance(value, bool) and isinstance(value, int | float) and not pandas.isna(value):
                yield str(heading), f"{value:.4f}".rstrip("0").rstrip(".")
            elif hasattr(value, "__iter__"):
                yield from ((str(heading), str(one)) for one in value)
