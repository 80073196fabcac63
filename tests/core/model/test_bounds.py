"""Numbers that rules find their place with are whole and inside the run: an edit outside is refused."""

import pytest

from core.model.engine import run
from core.model.tables import WHOLE
from core.web.snapshot import Schema
from core.web.web import DataError, load_web
from tests.worlds import FIRST, STRESSED


@pytest.mark.parametrize("row", WHOLE)
def test_a_number_of_quarters_is_declared_whole_and_bounded(row):
    declared = Schema("2025-12-31").item("market", row.partition(".")[2])
    assert declared["whole"]
    for wrong in (-1e15, -5.0, 2.5, 65.5, 1e8, 1e15):
        with pytest.raises(DataError, match=row):
            load_web(FIRST, overrides={row: wrong})
    ran = 0
    for end in (declared["min"], declared["max"]):
        try:
            edited = load_web(FIRST, overrides={row: float(end)})
        except DataError:  # beside another row: building reacts to no quarter before the first
            continue
        assert run(edited, [STRESSED, STRESSED.replace(g=40)]).failed_count.size == 2
        ran += 1
    assert ran
