"""The engine gives what it gave when its results were kept, in every array of the record and every fund."""

import numpy as np
import pytest

from core.model.tables import GROUPS
from tests import reference


@pytest.fixture(scope="module")
def kept():
    return reference.kept()


def test_results_are_those_kept(kept):
    scenarios, before = kept
    found = reference.found(scenarios)
    assert {k: d for k, d in reference.distances(found, before) if not d <= reference.NEAR} == {}


def test_what_is_kept_is_what_would_be_asked_today(kept):
    scenarios, _ = kept
    asked = reference.asked()
    assert scenarios.keys() == asked.keys()
    for edits, levers in asked.items():
        for name, values in levers.items():
            np.testing.assert_array_equal(scenarios[edits][name], values)
    assert sum(levers["g"].size for levers in scenarios.values()) >= 60


def test_it_holds_every_group_of_the_record_at_full_precision(kept):
    _, before = kept
    names = {name.rpartition("|")[2] for name in before}
    assert {"utilisation", "debt", "tenant_cash", "called", "received", "row_paid", "failed"} <= names
    assert {"kkr.net_irr", "kkr.nav", "blue_owl.moic"} <= names
    assert len(GROUPS) == 5
    debt = next(array for name, array in before.items() if name.endswith("|debt"))
    digits = debt[np.isfinite(debt) & (debt > 0)]
    assert (digits != digits.astype(np.float32)).mean() > 0.9


def test_a_change_anywhere_is_seen(kept):
    _, before = kept
    name = next(name for name in before if name.endswith("|cash"))
    for change, far in ((1e-3, 1e-9), (np.nan, np.inf)):
        array = before[name].copy()
        array.flat[np.flatnonzero(np.isfinite(array))[7]] += change
        distances = dict(reference.distances({**before, name: array}, before))
        assert distances.pop(name) >= far
        assert set(distances.values()) == {0.0}
    short = {k: v for k, v in before.items() if k != name}
    assert dict(reference.distances(short, before))[name] == np.inf
    assert dict(reference.distances(before, short))[name] == np.inf
