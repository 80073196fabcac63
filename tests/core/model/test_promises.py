"""What a giver can still be asked for, by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from core.model.promises import caps_left, lease_caps, residual_call
from core.model.state import honoured


@pytest.fixture
def state(layout):
    """Two scenarios: everybody honours; nobody does. Nothing called yet."""
    levers = {"g": np.array([0.35, 0.35]), "gw": np.array([True, False]), "nb": np.array([True, False])}
    called = np.zeros((len(layout.promises.ids), 2))
    return SimpleNamespace(layout=layout, honoured=honoured(layout, levers), called=called)


def left(state, promise, q):
    return caps_left(state, q)[state.layout.promises.ids.index(promise)]


def test_a_lease_backstop_is_live_only_once_its_lease_has_started(state, web):
    start = int(web.value("terawulf_fluidstack.start"))
    np.testing.assert_array_equal(left(state, "google_terawulf", start - 1), [0, 0])
    np.testing.assert_array_equal(left(state, "google_terawulf", start), [3.2, 0])


def test_its_cap_falls_with_the_unpaid_share_of_the_term(state):
    # start 1, term 40: in quarter 11 thirty of forty quarters are unpaid
    np.testing.assert_allclose(left(state, "google_terawulf", 11), [3.2 * 30 / 40, 0])


def test_calls_use_the_cap_up_but_do_not_shrink_it_twice(state):
    backstop = state.layout.promises.ids.index("google_terawulf")
    state.called[backstop] = 0.5
    np.testing.assert_allclose(left(state, "google_terawulf", 11), [min(3.2 * 0.75, 3.2 - 0.5), 0])
    state.called[backstop] = 3.0
    np.testing.assert_allclose(left(state, "google_terawulf", 11), [0.2, 0])
    state.called[backstop] = 3.3
    np.testing.assert_array_equal(left(state, "google_terawulf", 11), [0, 0])


def test_the_capacity_backstop_ends_on_its_date(state):
    np.testing.assert_array_equal(left(state, "nvidia_coreweave", 24), [6.3, 0])
    np.testing.assert_array_equal(left(state, "nvidia_coreweave", 25), [0, 0])


def test_the_residual_value_guarantee_waits_for_the_first_exit(state):
    np.testing.assert_array_equal(left(state, "meta_hyperion", 27), [0, 0])
    np.testing.assert_array_equal(left(state, "meta_hyperion", 28), [28, 28])


def test_only_backed_leases_have_a_cap(state):
    caps = caps_left(state, 11)
    found = dict(zip(state.layout.leases.ids, lease_caps(state, caps)[:, 0], strict=True))
    assert found["terawulf_fluidstack"] == pytest.approx(2.4)
    assert found["terawulf_core42"] == found["cipher_amazon"] == found["hyperion_meta"] == 0


def test_residual_value_pays_what_is_missing_within_the_cap():
    notes, value = np.array([24.0, 24.0, 24.0]), np.array([15.0, 30.0, 1.0])
    np.testing.assert_array_equal(residual_call(notes, value, 20.0), [9, 0, 20])
