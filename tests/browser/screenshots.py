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
SCREEN = {"width": 1280, "height": 720}
GUESSES = (8, -5, 6, 6, 8, 12, 15, 20, 25, 35)  # how much demand grows, % a year
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
        if not query:
            _talk(chromium, address, target)


def _talk(chromium, address: str, target: Path) -> None:
    """Take pictures of a step of a talk, and of a room that is asked."""
    context = watch(chromium.new_context(viewport=SCREEN, locale="en"))
    page = context.new_page()
    page.goto(f"{address}/present?deck=story&step=8&lang=en")
    settle(page)
    page.screenshot(path=target / "present-step.png")
    page.keyboard.press("r")
    page.get_by_role("button", name="Open a room").click()
    code = page.get_by_role("dialog").get_by_role("heading", level=3).inner_text()
    phones = [
        chromium.new_context(viewport=PHONE, is_mobile=True, locale="nl").new_page() for _guess in GUESSES
    ]
    page.get_by_role("dialog").get_by_role("combobox").click()
    page.get_by_role("option").nth(1).click()
    settle(page)
    page.get_by_role("button", name="Ask now").click()
    screen = page.frame_locator("iframe.screen")
    screen.locator("#ask img").wait_for()
    for phone, guess in zip(phones, GUESSES, strict=True):
        phone.goto(f"{address}/r/{code}?lang=nl")
        phone.get_by_role("slider").fill(str(guess))
        phone.locator("button.send").click()
        phone.get_by_text("Uw schatting").wait_for()
    phones[0].screenshot(path=target / "room-phone.png")
    page.keyboard.press("h")
    screen.locator("#result svg").wait_for()
    page.screenshot(path=target / "room-result.png")
    for made in (context, *(phone.context for phone in phones)):
        made.close()


def _grow(page, viewport: dict) -> None:
    """Make the window as tall as the page: Streamlit scrolls inside itself, a full-page shot would cut it."""
    height = page.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollHeight")
    page.set_viewport_size({"width": viewport["width"], "height": max(int(height), viewport["height"])})
    settle(page)


if __name__ == "__main__":
    main(*sys.argv[1:])
