"""While a server that has just started compiles the model, a visitor reads how far it is, and no error."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import streamlit as st

from core.results.warm import warm
from pages.kit.words.catalogue import _

PATIENCE = 2.0  # s that a visitor waits without a word: rules that were kept are there sooner
EVERY = 1.0  # s between two looks at how far it is


@dataclass
class Warming:
    """The compiling of a server, once for all visitors: rules done, of how many, and whether it is over."""

    done: int = 0
    of: int = 1
    end: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        """Compile, in a thread: nothing of Streamlit is called. What fails, the first run tries again."""
        try:
            warm(self.tell)
        finally:
            self.end.set()

    def tell(self, done: int, of: int) -> None:
        """Note how far it is."""
        self.done, self.of = done, of


@st.cache_resource(show_spinner=False)
def _warming() -> Warming:
    found = Warming()
    threading.Thread(target=found.work, daemon=True, name="warm").start()
    return found


def is_ready(*, now: bool = False) -> bool:
    """Return whether the model can be asked, at once or soon; who asks first starts the compiling."""
    return _warming().end.wait(0.0 if now else PATIENCE)


@st.fragment(run_every=EVERY)
def page() -> None:
    """Tell how far the compiling is, and begin anew once it is over."""
    now = _warming()
    if now.end.is_set():
        st.rerun()
    st.progress(
        min(now.done / max(now.of, 1), 1.0),
        text=_("Getting ready: this server has just started and compiles the model. Your link is kept."),
    )
