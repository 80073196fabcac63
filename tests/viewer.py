"""A viewer without a browser: one tab's side of Streamlit's websocket, on this machine only.

A run is over when the server says so for a request of ours. Until then every message is noted by its kind:
what it draws, or what else it tells. Like a browser, a viewer sends back what levers show, keeps large
messages, takes over the address that it is told, and asks for compression.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState, ContextInfo
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Slider_pb2 import Slider
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

PATIENCE = 60.0  # s that a run, or a server that gets ready, may take
PAUSE = 1.0  # s after which a page is asked for anew while the server gets ready
BAR = "backstop_bar"  # the component that writes the address bar
AGAIN = " again"  # a large message that is only named, as the viewer has kept it


class Broken(RuntimeError):
    """A viewer was shown an error, or no page."""


@dataclass(frozen=True)
class Run:
    """A finished run of a page: when it was asked for, how long it took (s), messages by kind, bytes."""

    asked: float
    seconds: float
    kinds: Counter[str]
    size: int

    @property
    def ended(self) -> float:
        """When it was finished, on the clock of `asked`."""
        return self.asked + self.seconds


@dataclass
class Viewer:
    """One tab on a page of a server on this machine; a context in which it is connected."""

    port: int
    page: str = ""
    query: str = ""
    sliders: dict[str, str] = field(default_factory=dict)  # label -> id, of Streamlit's own
    levers: dict[str, str] = field(default_factory=dict)  # label -> id, of ours
    moved: int = 0
    states: dict[str, WidgetState] = field(default_factory=dict)
    kept: dict[str, tuple[str, int]] = field(default_factory=dict)  # hash of a large message -> kind, run
    runs: int = 0
    lasting: int = 0  # runs that a large message is kept for
    page_hash: str = ""
    socket: ClientConnection | None = None

    async def __aenter__(self) -> Viewer:
        self.socket = await connect(
            f"ws://127.0.0.1:{self.port}/_stcore/stream",
            subprotocols=["streamlit"],
            max_size=None,
            proxy=None,
        )
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.socket.close()

    async def first(self) -> Run:
        """Open the page and wait until it stands, also behind a server that still gets ready."""
        async with asyncio.timeout(PATIENCE):
            while "auto_rerun" in (run := await self.ask()).kinds:
                await asyncio.sleep(PAUSE)
        return run

    async def go_to(self, query: str) -> Run:
        """Move by the address, as an edited link or Back does."""
        self.query = query
        return await self.ask(is_history_navigation=True)

    async def slide(self, label: str, value: float, drag: int | None = None, *, held: bool = False) -> Run:
        """Move a lever, or a slider where there is none; what carries one number is one drag."""
        if label in self.levers:
            self.moved += 1
            told = json.dumps({"moved": {"n": self.moved, "value": value, "drag": drag, "held": held}})
            state = WidgetState(id=self.levers[label], json_value=told)
            self.states[state.id] = state
        else:
            self.states[self.sliders[label]].double_array_value.data[:] = [value]
        return await self.ask()

    async def ask(self, **more: object) -> Run:
        """Ask for a run and wait for its end."""
        here = ClientState(
            query_string=self.query,
            page_script_hash=self.page_hash,
            page_name="" if self.page_hash else self.page,
            cached_message_hashes=list(self.kept),
            context_info=ContextInfo(locale="en-GB", url=f"http://127.0.0.1:{self.port}/{self.page}"),
            **more,
        )
        here.widget_states.widgets.extend(self.states.values())
        kinds: Counter[str] = Counter()
        size, asked = 0, time.perf_counter()
        await self.socket.send(BackMsg(rerun_script=here).SerializeToString())
        async with asyncio.timeout(PATIENCE):
            while True:
                raw = await self.socket.recv()
                told = ForwardMsg.FromString(raw)
                size += len(raw)
                kinds[self._take(told)] += 1
                if told.WhichOneof("type") == "script_finished" and _is_end(told.script_finished):
                    self._forget()
                    return Run(asked, time.perf_counter() - asked, kinds, size)

    def _take(self, told: ForwardMsg) -> str:
        """Do what a browser does with a message, as far as it matters here, and return its kind."""
        kind = told.WhichOneof("type")
        if kind == "delta":
            kind = self._draw(told.delta)
        elif kind == "ref_hash":
            kind = self._keep(told.ref_hash, self.kept[told.ref_hash][0].removesuffix(AGAIN) + AGAIN)
        elif kind == "new_session":
            self.page_hash = told.new_session.page_script_hash
            self.lasting = told.new_session.config.max_cached_message_age
        elif kind == "navigation":
            self.page_hash = told.navigation.page_script_hash
        if told.metadata.cacheable:
            self._keep(told.hash, kind)
        if kind in ("exception", "page_not_found"):
            raise Broken(f"{self.page or 'the first page'} at ?{self.query}: {told}")
        return kind

    def _keep(self, hash_: str, kind: str) -> str:
        self.kept[hash_] = (kind, self.runs)
        return kind

    def _forget(self) -> None:
        self.runs += 1
        oldest = self.runs - self.lasting
        self.kept = {hash_: kept for hash_, kept in self.kept.items() if kept[1] >= oldest}

    def _draw(self, delta: Delta) -> str:
        if delta.WhichOneof("type") == "add_block":
            return f"block: {delta.add_block.WhichOneof('type') or 'plain'}"
        if delta.WhichOneof("type") != "new_element":  # a spinner
            return delta.WhichOneof("type")
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind == "bidi_component" and element.bidi_component.component_name == BAR:
            self.query = json.loads(element.bidi_component.json)["query"]
        if kind == "bidi_component" and element.bidi_component.component_name == "backstop_lever":
            self.levers[json.loads(element.bidi_component.json)["label"]] = element.bidi_component.id
        is_number = kind == "number_input" or (kind == "slider" and element.slider.type == Slider.SLIDER)
        widget = getattr(element, kind) if is_number else None
        if widget is not None and (widget.set_value or widget.id not in self.states):
            value = widget.value if widget.set_value else widget.default
            state = self.states[widget.id] = WidgetState(id=widget.id)
            if kind == "slider":
                self.sliders[widget.label] = widget.id
                state.double_array_value.data[:] = value
            else:
                state.double_value = value
        return kind


def _is_end(status: int) -> bool:
    """Tell the end of a run from a run that begins anew before its end; a script that cannot run raises."""
    if status == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
        raise Broken("the script of the server does not compile")
    return status == ForwardMsg.FINISHED_SUCCESSFULLY
