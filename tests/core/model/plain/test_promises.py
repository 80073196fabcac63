"""What a giver can still be asked for, by hand."""

import numpy as np
import pytest

from core.model.promises import renew_caps, residual_call


@pytest.fixture
def left(still):
    """What is left of a promise in a quarter if givers honour it, and if none does."""

    def of(promise, q, called=0.0):
        found = []
        for honours in (True, False):
            w = still(gw=honours, nb=honours)
            i = w.layout.promises.ids.index(promise)
            w.s.called[i] = called
            renew_caps(w.web, w.s, q)
            found.append(w.s.caps[i])
        return found

    return of


def test_a_lease_backstop_is_live_only_once_its_lease_has_started(left, web):
    start = int(web.value("terawulf_fluidstack.start"))
    assert left("google_terawulf", start - 1) == [0, 0]
    assert left("google_terawulf", start) == [3.2, 0]


def test_its_cap_falls_with_the_unpaid_share_of_the_term(left):
    # start 1, term 40: in quarter 11 thirty of forty quarters are unpaid
    np.testing.assert_allclose(left("google_terawulf", 11), [3.2 * 30 / 40, 0])


def test_calls_use_the_cap_up_but_do_not_shrink_it_twice(left):
    np.testing.assert_allclose(left("google_terawulf", 11, 0.5), [min(3.2 * 0.75, 3.2 - 0.5), 0])
    np.testing.assert_allclose(left("google_terawulf", 11, 3.0), [0.2, 0])
    assert left("google_terawulf", 11, 3.3) == [0, 0]


def test_the_capacity_backstop_ends_on_its_date(left):
    assert left("nvidia_coreweave", 24) == [6.3, 0]
    assert left("nvidia_coreweave", 25) == [0, 0]


def test_the_residual_value_guarantee_waits_for_the_first_exit(left):
    assert left("meta_hyperion", 27) == [0, 0]
    assert left("meta_hyperion", 28) == [28, 28]


def test_only_backed_leases_have_a_cap(still):
    w = still()
    renew_caps(w.web, w.s, 11)
    found = dict(zip(w.layout.leases.ids, w.s.backed, strict=True))
    assert found["terawulf_fluidstack"] == pytest.approx(2.4)
    assert found["terawulf_core42"] == found["cipher_amazon"] == found["hyperion_meta"] == 0


@pytest.mark.parametrize(("value", "paid"), [(15.0, 9.0), (30.0, 0.0), (1.0, 20.0)])
def test_residual_value_pays_what_is_missing_within_the_cap(value, paid):
    assert residual_call(24.0, value, 20.0) == paid
