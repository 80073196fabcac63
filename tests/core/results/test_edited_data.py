"""Every number of the data book at its ends: refused in a sentence, or taken, and then there is a reading."""

import json
import random

import pytest

from core.model.books import TINY
from core.model.engine import run
from core.results.funds import BRIDGE
from core.results.guarantors import spenders
from core.results.reading import read
from core.scenario.levers import Scenario, levers
from core.sources.databook import editable, limits
from core.web.web import DataError, load_web
from tests.worlds import FIRST, NEVER, STRESSED

ROWS = editable(load_web(FIRST))
PARTS = 4
TOGETHER = 150  # webs with several edits
# Of readings: what never happened, and rates that no stream of money fits.
NO_NUMBER = {"failed_quarter", "failure_cause", "from", *BRIDGE}
UNTIL_FAILURE = {"revenue", "ebitda", "operating_profit", "cash", "debt", "capex", "interest", "access"}

NEW_RULES = ("entities", "capacity", "market")  # tables in which the latest data have items of their own
NEW_PATHS = [f"oracle.{item}.y2027" for item in ("core_ebitda", "capex", "equity_raise", "payout")]
NEW_PATHS += ["alphabet.capex.y2027", "meta.capex.y2027"]

NOT_NEGATIVE = (
    *("cost", "interest", "principal", "capex", "debt", "cash", "collateral", "assets", "access"),
    *("called", "live", "balance", "lost", "drawn", "scheduled", "received"),
)


def ends(row, rng, rows=ROWS):
    """What a stranger would try: nothing, both ends, one number far off, one of the same company or rule.

    Where two numbers meet, something may have no length.
    """
    alike = [other.raw for other in rows if (other.subject, other.unit) == (row.subject, row.unit)]
    far = (1e-9, 1e9, -1.0, 1000 * row.raw, row.raw / 1000)
    low_high = (float(end) for end in limits(row) if end is not None)
    return sorted({0.0, *low_high, rng.choice(far), rng.choice(alike)} - {row.raw})


def is_taken(edits, date=FIRST):
    """Whether edits are taken; a refusal has a reason, or `DataError` could not tell its first."""
    try:
        load_web(date, overrides=edits)
    except DataError:
        return False
    return True


def without_number(told, name=""):
    """Names of what has no number."""
    if isinstance(told, dict):
        return {found for key, value in told.items() for found in without_number(value, key)}
    if isinstance(told, list):
        return {found for value in told for found in without_number(value, name)}
    return {name} if told is None else set()


def read_all(edits, scenarios, date=FIRST):
    """Read worlds: what JSON cannot hold fails here, and nan where a number must be."""
    result = run(load_web(date, overrides=edits), scenarios)
    for name in NOT_NEGATIVE:
        assert not (result.array(name) < -TINY).any(), (edits, name)
    for i, scenario in enumerate(scenarios):
        told = read(result, i, scenario)
        json.dumps(told, allow_nan=False)
        for who in told.pop("companies") + told.pop("tenants"):
            failed = who["failed_quarter"]
            for path in who.keys() & UNTIL_FAILURE:
                assert None not in who[path][: NEVER if failed is None else failed], (edits, path)
        known = spenders(result.layout)  # of others nothing is known of their cash
        for giver in told["guarantors"]:
            unknown = [value is None for value in (*giver.pop("cash"), *giver.pop("borrowed"))]
            assert set(unknown) == {giver["id"] not in known}, edits
        assert without_number(told) <= NO_NUMBER, edits


@pytest.mark.parametrize("part", range(PARTS))
def test_a_number_that_can_be_changed_is_refused_in_a_sentence_or_gives_a_reading(part):
    rng, taken = random.Random(part), 0
    for row in ROWS[part::PARTS]:
        for number in ends(row, rng):
            if is_taken({row.id: number}):
                read_all({row.id: number}, [rng.choice((Scenario.default(FIRST), STRESSED))])
                taken += 1
    assert taken > len(ROWS) / PARTS


def test_so_does_one_that_only_the_latest_data_have():
    """Numbers of rules that the first data do not ask for, today and where labs and an operator are short."""
    latest, rng, taken = load_web(), random.Random(5), 0
    date, base = latest.snapshot, Scenario.default(latest)
    hard = base.replace(g=-15, u=60, r=7, v=50)
    old = {(row.table, row.item) for row in load_web(FIRST).rows()}
    numbers = editable(latest)
    new = {row.item: row for row in numbers if (row.table, row.item) not in old and row.table in NEW_RULES}
    for row in (*new.values(), *(row for row in numbers if row.id in NEW_PATHS)):
        for number in ends(row, rng, numbers):
            if is_taken({row.id: number}, date):
                read_all({row.id: number}, [rng.choice((base, hard))], date)
                taken += 1
    assert taken > len(new)


def test_so_do_several_at_once_with_all_levers_at_their_ends():
    """Also those of one company, where one edit can contradict another."""
    rng, taken = random.Random(11), 0
    for _ in range(TOGETHER):
        of = rng.choice(ROWS).subject
        near = [row for row in ROWS if row.subject == of]
        edits = {}
        for row in rng.sample(near, min(len(near), 4)) + rng.sample(ROWS, 2):
            edit = {row.id: rng.choice(ends(row, rng))}
            if is_taken(edits | edit):
                edits |= edit
        settings = {one.id: rng.choice(one.options or (one.low, one.high)) for one in levers()}
        read_all(edits, [Scenario.from_mapping(settings)])
        taken += len(edits)
    assert taken > TOGETHER
