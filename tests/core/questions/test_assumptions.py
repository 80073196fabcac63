"""How much rests on assumptions: what a row is moved to, what it weighs, and that the shares add up."""

import json

import numpy as np
import pytest

from core.__main__ import main
from core.model.engine import run
from core.questions import assumptions
from core.results.headline_then import headline_figures
from core.results.reading import read
from core.scenario.levers import Scenario
from core.web.refusal import DataError
from core.web.snapshot import Schema
from core.web.web import LABS, NEOCLOUDS, load_web
from tests.worlds import FIRST

BASE = Scenario.default(FIRST)


@pytest.fixture(scope="module")
def known():
    web = load_web(FIRST)
    return web, Schema(web.snapshot)


@pytest.fixture(scope="module")
def weighed(known):
    return assumptions.weights(known[0])


def test_a_row_goes_to_the_ends_of_its_range_or_a_tenth_either_way(known):
    web, schema = known
    for row in web.rows():
        if isinstance(row.raw, str) or row.table == "actuals":
            continue
        ends = assumptions.span(row, schema)
        units = schema.units[row.unit]
        if row.low is not None and row.low != row.value:
            assert ends[0] == pytest.approx(row.low * units), row.id
        if row.high is not None and row.high != row.value:
            assert ends[-1] == pytest.approx(row.high * units), row.id
        assert all(end != row.raw for end in ends), row.id
        assert row.raw == 0 or ends, row.id
    assert assumptions.span(web.row("nvidia_coreweave.until"), schema) == [22, 28]  # 25 whole quarters
    assert assumptions.span(web.row("openai.funding.y2026"), schema) == pytest.approx([54, 66])


def test_almost_every_row_can_be_moved(known):
    """A share takes from the others of its whole; what the loader refuses is a handful."""
    web, schema = known
    others, stuck = assumptions.wholes(web), []
    for row in web.rows():
        if isinstance(row.raw, str) or row.table == "actuals" or row.raw == 0:
            continue
        taken = 0
        for change in assumptions.moves(web, row, schema, others.get(row.id, ())):
            try:
                load_web(FIRST, overrides=change)
            except DataError:
                continue
            taken += 1
        stuck += [] if taken else [row.id]
    alone = {row for row, rest in others.items() if not rest}  # all of its whole
    assert set(stuck) <= alone


def test_headline_figures_are_those_of_the_receipt(known):
    for scenario in (BASE, BASE.replace(g=0, h=2033), BASE.replace(r=9)):
        reading = read(run(known[0], scenario))
        said, found = headline_figures(reading), assumptions.headline(known[0], scenario)
        last = reading["last_quarter"]
        quarters = [reading["quarters"].index(said[who]) for who in (*NEOCLOUDS, *LABS) if who in said]
        named = len(NEOCLOUDS) + len(LABS)
        assert sorted(quarters) == sorted(q for q in found[:named] if q <= last)
        assert found[named] == reading["failed_count"]
        calls = [10 * value for name, value in said.items() if name.startswith("called.")]
        assert sum(found[named + 1 : -1]) == pytest.approx(sum(calls))
        assert found[-1] == pytest.approx(1000 * said["net.infra_credit"])


def test_a_weight_is_the_sum_of_what_both_ends_do(known, weighed):
    web = known[0]
    before = assumptions.headline(web, BASE)
    at = {row.id: row for row in weighed.rows}
    for name in ("infra_credit.leverage", "coreweave.cash", "coreweave.capex_per_mw"):
        moved = [
            np.abs(assumptions.headline(load_web(FIRST, overrides={name: end}), BASE) - before).sum()
            for end in assumptions.span(web.row(name), known[1])
        ]
        assert at[name].weight == pytest.approx(sum(moved), abs=1e-4)
    assert at["amazon.debt"].weight == 0


def test_shares_add_up_and_every_number_is_weighed(known, weighed):
    numbers = [r.id for r in known[0].rows() if not isinstance(r.raw, str) and r.table != "actuals"]
    assert sorted(row.id for row in weighed.rows) == sorted(numbers)
    sizes = [row.weight for row in weighed.rows]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(weighed.by_basis.values()) == pytest.approx(1)
    assumed = sum(row.weight for row in weighed.rows if row.basis == "assumption")
    assert weighed.share == pytest.approx(assumed / weighed.total)
    assert 0 < weighed.moving < len(numbers)


def test_nothing_that_moves_has_no_share():
    assert assumptions.Weights((assumptions.Weighed("a", "assumption", 0.0),)).share is None
    assert assumptions.Weights(()).by_basis == {}


def test_the_command_prints_share_and_the_ten_heaviest(capsys, monkeypatch, weighed):
    monkeypatch.setattr(assumptions, "weights", lambda web, scenario: weighed)
    assert main(["data", "--weight"]) == 0
    printed = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert printed["share"] == weighed.share
    assert [row["id"] for row in printed["top"]] == [row.id for row in weighed.rows[:10]]
    assert sum(row["share"] for row in printed["top"]) <= 1
    for words in (["--weight", "--check"], ["--weight", "zz=1"], ["g=0"], ["--weigh"]):
        assert main(["data", *words]) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
