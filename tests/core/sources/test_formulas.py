"""Every receipt's formula, computed from its operands, gives the figure it stands under."""

import numpy as np
import pytest

from core.model import engine
from core.results import reading
from core.scenario.levers import Scenario
from core.sources import formulas, glossary
from core.web.web import load_web, snapshots

TABLES = {"company": "companies", "fund": "funds", "guarantor": "guarantors"}
HARD = {"g": -50, "u": 30, "r": 12, "f": "closed"}


@pytest.fixture(scope="module", params=snapshots())
def web(request):
    return load_web(request.param)


@pytest.fixture(scope="module", params=[{}, HARD], ids=["base", "hard"])
def now(request, web):
    return reading.read(engine.run(web, Scenario.default(web).replace(**request.param)))


def computed(formula, row, now, quarter):
    """Work out a formula with Python's own arithmetic."""
    names = {part: f"x{i}" for i, part in enumerate(formula.operands)}
    values = {names[part]: formulas.operand(part, row, now, quarter) for part in names}
    return eval(" ".join(names.get(part, part) for part in formula.parts), {"__builtins__": {}}, values)


@pytest.mark.parametrize("measure", [m for m, f in formulas.formulas().items() if f.parts])
def test_a_formula_gives_its_figure(measure, now):
    formula = formulas.formulas()[measure]
    compared = 0
    for row in now[TABLES[measure.partition(".")[0]]]:
        for quarter in (0, 1, 5, 14, 19, len(now["quarters"]) - 1):
            figure = formulas.value(measure, row, quarter)
            if np.isnan(figure):
                continue
            assert computed(formula, row, now, quarter) == pytest.approx(figure, abs=1e-9), (
                row["id"],
                quarter,
            )
            compared += 1
    assert compared


def test_every_figure_with_a_receipt_has_a_unit_and_a_term_that_exist():
    for formula in formulas.formulas().values():
        assert formula.unit in formulas.UNITS
        assert not formula.term or formula.term in glossary.terms()


def test_what_the_own_business_of_a_company_rests_on_is_behind_its_figures():
    web = load_web()
    for measure in ("company.revenue", "company.ebitda", "company.interest_coverage"):
        behind = [row.id for row in formulas.rows(web, formulas.formulas()[measure], "oracle")]
        assert "oracle.core_ebitda.y2027" in behind
    cover = formulas.rows(web, formulas.formulas()["company.interest_coverage"], "oracle")
    assert "oracle.covenant_cover" in [row.id for row in cover]
    cash = [row.id for row in formulas.rows(web, formulas.formulas()["guarantor.cash"], "alphabet")]
    assert {"alphabet.cash", "alphabet.operating_cash_flow", "alphabet.capex.y2027", "givers.buffer"} <= set(
        cash
    )


def test_a_letter_that_binds_nobody_stands_behind_no_promise(web):
    behind = formulas.rows(web, formulas.formulas()["guarantor.promised"], "nvidia")
    assert [row.id for row in behind] == ["nvidia_coreweave.cap"]


@pytest.mark.parametrize("measure", list(formulas.formulas()))
def test_every_receipt_leads_to_rows_of_the_data(measure, now, web):
    formula = formulas.formulas()[measure]
    lengths = [len(formulas.rows(web, formula, row["id"])) for row in now[TABLES[measure.partition(".")[0]]]]
    assert any(lengths)
    for where in formula.rows:  # no item in the list is dead
        for item in where["items"]:
            webs = [load_web(date) for date in snapshots()]
            names = {name for one in webs for items in one.tables[where["table"]].values() for name in items}
            assert any(name == item or (item[-1] == "*" and name.startswith(item[:-1])) for name in names), (
                item
            )
