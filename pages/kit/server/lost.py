"""The page of a path that leads nowhere, in the reader's language, with ways on that keep the scenario."""

from __future__ import annotations

from html import escape

from pages.kit.drawing.charts import ACCENT, ALARM, INK, MUTED, PALE, PAPER
from pages.kit.frame.frame import PAGES, Entry
from pages.kit.server.card import NAME
from pages.kit.server.paths import own
from pages.kit.server.said import Link
from pages.kit.visit import visit
from pages.kit.words.catalogue import _

# The look of the pages, of which nothing has been loaded here.
COLOURS = {"paper": PAPER, "ink": INK, "way": ACCENT, "alarm": ALARM, "muted": MUTED, "pale": PALE}


def colours(shade: str) -> str:
    """Return the colours of the pages in light or dark, as variables of a style sheet."""
    return " ".join(f"--{name}: {both[shade]};" for name, both in COLOURS.items())


BOTH = f"""
:root {{ color-scheme: light dark; {colours("light")} }}
@media (prefers-color-scheme: dark) {{ :root {{ {colours("dark")} }} }}
"""
STYLE = f"""{BOTH}
body {{ background: var(--paper); color: var(--ink); max-width: 34rem; margin: 12vh auto; padding: 0 1.25rem;
  font: 1.0625rem/1.5 "Source Sans", system-ui, sans-serif }}
h1 {{ font: 400 1.9rem/1.25 "Source Serif", Georgia, serif }}
a {{ color: var(--way); display: inline-block; padding: .4rem 0; min-height: 1.5rem }}
.home {{ font-weight: 600; font-size: 1.2rem }}
nav a {{ margin-right: 1.1rem }}
"""


def page(link: Link, base: str, near: Entry | None) -> str:
    """Return the page as HTML; `base` is the path under which the app is served."""
    query = link.query()
    behind = f"?{query}" if query else ""

    def way(entry: Entry, words: str, kind: str = "") -> str:
        attribute = f' class="{kind}"' if kind else ""
        return f'<a{attribute} href="{escape(base + own(entry) + behind)}">{escape(words)}</a>'

    with visit.reading(visit.Reader(link.step, link.language)):
        told = _("There is no page at this address.")
        pages = _("Pages")
        kept = _("Your scenario is kept.") if link.step.touched or link.step.edits else ""
        meant = near or PAGES[0]
        ways = [way(meant, _("Go to {page}").format(page=_(meant.title)), "home")]
        others = [way(entry, _(entry.title)) for entry in PAGES if entry is not meant]
        return "\n".join(
            [
                f'<!DOCTYPE html>\n<html lang="{link.language}" translate="no">',
                '<head><meta charset="UTF-8"><meta name="viewport" content="width=device-width">',
                '<meta name="robots" content="noindex">',
                f"<title>{escape(told)} · {NAME}</title><style>{STYLE}</style></head>",
                f"<body><main><p>{NAME}</p><h1>{escape(told)}</h1><p>{escape(kept)}</p>",
                *(f"<p>{one}</p>" for one in ways),
                f'<nav aria-label="{escape(pages)}">{"".join(others)}</nav>',
                "</main></body></html>",
            ]
        )
