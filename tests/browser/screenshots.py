"""Take pictures of the pages: desktop and phone, light and dark, English and Dutch.

python -m tests.browser.screenshots OUTDIR          the pictures that the README shows
python -m tests.browser.screenshots OUTDIR QUERY    every page; QUERY is a link's query string, such as `g=0`
"""

from __future__ import annotations

import sys
from pathlib import Path

from pages.kit.frame.frame import PAGES
from tests.browser.server import DESKTOP, PHONE, browser, serve, settle, watch

PAUSE = "g=0"
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def main(outdir: str, query: str = "") -> None:
    """Write one PNG per page, size, colour scheme and language into `outdir`."""
    target = Path(outdir)
    target.mkdir(parents=True, exist_ok=True)
    with serve() as address, browser() as chromium:
        for language in ("en", "nl"):
            for scheme in ("light", "dark"):
                for size, viewport in (("desktop", DESKTOP), ("phone", PHONE)):
                    look = {"viewport": viewport, "color_scheme": scheme, "locale": language}
                    context = watch(chromium.new_context(**look))
                    for i, entry in enumerate(PAGES):
                        name = f"{entry.name}-{size}-{scheme}-{language}.png"
                        if not query and name not in README:
                            continue
                        page = context.new_page()
                        path = entry.name if i else ""
                        page.goto(f"{address}/{path}?{query or PAUSE}&lang={language}")
                        settle(page)
                        _grow(page, viewport)
                        page.screenshot(path=target / name)
                        page.close()
                    context.close()


def _grow(page, viewport: dict) -> None:
    """Make the window as tall as the page: Streamlit scrolls inside itself, a full-page shot would cut it."""
    height = page.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollHeight")
    page.set_viewport_size({"width": viewport["width"], "height": max(int(height), viewport["height"])})
    settle(page)


if __name__ == "__main__":
    main(*sys.argv[1:])
