"""What is wrong with texts as a browser has laid them out: cut, one over another, too small, beside the page.

HTML and SVG alike, open shadow roots included: `texts.js` is run in the page and gives a list of sentences.
"""

from __future__ import annotations

import time
from pathlib import Path

from tests.browser.server import next_frame

SMALLEST = 12  # px
TOLERANCE = 2  # px by which boxes may touch: letters are smaller than their boxes
PATIENCE = 3.0  # s within which a page that was made narrower has come to rest
FAULTS = Path(__file__).with_name("texts.js").read_text(encoding="utf-8").partition("\n")[2]


def faults(page) -> list[str]:
    """Return what is wrong with the texts of a page, when it has come to rest."""
    until = time.monotonic() + PATIENCE
    while found := page.evaluate(FAULTS, [SMALLEST, TOLERANCE]):
        if time.monotonic() > until:
            return found
        next_frame(page)
    return []
