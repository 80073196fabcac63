"""Links and files made to hurt: nothing raises, little is told and done, and no sound lever is lost.

`BACKSTOP_HOSTILE=full` reads as many as `python -m tests.hostile`, which also tells what they cost.
"""

import os

import pytest

from core.scenario.messages import MOST_TOLD
from core.web import web
from tests.hostile import FILES, LINKS, Case, hostile_files, hostile_links, read

FULL = os.environ.get("BACKSTOP_HOSTILE") == "full"
# together, then one by one
MOST_LOADS = 1 + web.MOST_TRIED


@pytest.mark.parametrize(
    ("cases", "kinds"),
    [
        pytest.param(hostile_links(2000 if FULL else 200), len(LINKS) + 1, id="links"),
        pytest.param(hostile_files(1000 if FULL else 150), len(FILES), id="files"),
    ],
)
def test_whatever_comes_costs_little_and_loses_no_sound_lever(cases, kinds):
    costs = [read(case) for case in cases]
    assert len({cost.case.kind for cost in costs}) == kinds
    lost = [cost.case.text[:300] for cost in costs if not cost.kept]
    assert lost == []
    # as much as is allowed, or these cases do not reach the limits
    assert max(cost.lines for cost in costs) == MOST_TOLD + 1
    assert max(cost.loads for cost in costs) == MOST_LOADS


def test_what_was_refused_once_is_not_tried_again():
    case = Case("link", "&".join(f"o={row}:1e9" for row in ("market.u_ref", "openai.cash", "x.y")), {})
    read(case)
    known = web.refused_edits.cache_info()
    web.refused_edits((("market.u_ref", 1e9), ("openai.cash", 1e9), ("x.y", 1e9)))
    assert web.refused_edits.cache_info().hits == known.hits + 1
    for number in range(known.maxsize + 20):
        web.refused_edits((("x.y", float(number)),))
    assert web.refused_edits.cache_info().currsize == known.maxsize
