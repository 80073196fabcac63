"""Big Tech read as guarantors, against the data book by hand."""

import numpy as np
import pytest

from core.model.engine import run
from core.results import guarantors
from core.results.measures import Measures
from core.scenario.levers import Scenario
from tests.worlds import FIRST

BASE = Scenario.default(FIRST)


def test_promised_is_the_sum_of_caps_in_this_web(base):
    promised = {name: g.promised for name, g in base.guarantors.items()}
    expected = {
        "alphabet": 3.2 + 1.73,
        "nvidia": 6.3,
        "meta": 28.0,
        "microsoft": 0.0,
        "oracle": 0.0,
        "amazon": 0.0,
    }
    assert promised == pytest.approx(expected)


def test_live_starts_with_the_leases_and_falls_with_their_term(base):
    live = base.guarantors["alphabet"].live[0]
    assert live[0] == 0  # neither lease has started
    assert live[1] == pytest.approx(3.2)
    # quarter 11: TeraWulf 10 of 40 quarters gone, Cipher (start 3) 8 of 40
    assert live[11] == pytest.approx(3.2 * 30 / 40 + 1.73 * 32 / 40)


def test_rent_that_has_not_started_is_discounted(layout):
    # 15 years at 6 %, two years away: annuity 9.712 / 15 / 1.06**2
    annuity = (1 - 1.06**-15) / 0.06
    assert guarantors.lease_value(layout) == pytest.approx(annuity / 15 / 1.06**2)
    assert guarantors.lease_value(layout, 0.0) == pytest.approx(annuity / 15)


def test_look_through_debt_adds_up_what_the_data_book_lists(base, web, layout):
    meta = base.guarantors["meta"]
    value = {
        k: float(r.value) for k, r in web.tables["entities"]["meta"].items() if not isinstance(r.value, str)
    }
    notes = layout.tranches.opening[layout.tranches.ids.index("hyperion_notes"), 0]
    share = value["venture_share"]
    expected = (
        value["debt"]
        + value.get("operating_leases", 0.0)
        + value.get("finance_leases", 0.0)
        + value["leases_not_commenced"] * guarantors.lease_value(layout)
        + value.get("purchase_commitments", 0.0)
        + value.get("vendor_finance", 0.0)
        + share * notes
        + min(28.0, (1 - share) * notes)
    )
    assert meta.look_through_debt == pytest.approx(expected)
    assert sum(meta.parts.values()) == pytest.approx(expected)
    assert meta.reported_leverage == pytest.approx(value["debt"] / value["ebitda"])
    assert meta.look_through_leverage == pytest.approx(expected / value["ebitda"])


def test_backstops_count_to_their_limit_from_the_day_they_are_signed(base):
    for name in ("alphabet", "nvidia"):
        reader = base.guarantors[name]
        assert reader.parts["backstops"] == pytest.approx(reader.promised)
        assert reader.agency_parts["guarantees"] == pytest.approx(reader.promised / 2)


def test_debt_in_the_style_of_agencies_adds_up_by_hand(base):
    """Oracle: 108.1 of notes and a tenth of 248 that starts within a year; Meta: half of its guarantee."""
    oracle, meta = base.guarantors["oracle"], base.guarantors["meta"]
    soon = 248 * 0.10 * (1 - 1.06**-15) / 0.06 / 15 / 1.06**0.5
    assert oracle.agency_debt == pytest.approx(108.1 + soon)
    assert oracle.agency_leverage == pytest.approx((108.1 + soon) / 23.9)
    assert meta.agency_parts["guarantees"] == pytest.approx(min(28, 0.8 * 27.3) / 2, rel=1e-3)


def test_oracle_stands_where_rating_agencies_put_it(base):
    assert 3.5 <= base.guarantors["oracle"].agency_leverage <= 5.5


LEVERAGE = [
    f"{way}_{what}" for way in ("reported", "agency", "look_through") for what in ("debt", "leverage")
]


def test_debt_and_leverage_have_one_date_the_snapshots(web):
    """Whatever the scenario, its horizon or who honours what: nothing of a later date is mixed in."""
    base = Scenario.default(web)
    worlds = (base, base.replace(g=-30, h=2028), base.replace(g=0, gw=False, nb=False, h=2033, r=9))
    seen = [Measures(run(web, world)).guarantors for world in worlds]
    assert seen[0]["alphabet"].called.sum() < seen[1]["alphabet"].called.sum()  # worlds that differ
    for name, reader in seen[0].items():
        for other in (readers[name] for readers in seen[1:]):
            assert [getattr(other, field) for field in [*LEVERAGE, "ebitda"]] == [
                getattr(reader, field) for field in [*LEVERAGE, "ebitda"]
            ], name
            assert (other.parts, other.agency_parts) == (reader.parts, reader.agency_parts), name


def test_more_is_counted_from_column_to_column(three):
    for name, reader in three.guarantors.items():
        assert reader.look_through_debt >= reader.agency_debt >= reader.reported_debt, name
        assert all(part >= 0 for part in (reader.parts | reader.agency_parts).values()), name


def test_calls_are_measured_against_a_year_of_cash_flow(three, web):
    reader = three.guarantors["nvidia"]
    called = reader.called[1]  # flat demand
    q = int(np.argmax(called > 0)) + 2
    cash_flow = web.value("nvidia.operating_cash_flow") * three.result.dev[1, q] ** 0.15
    assert (called[q - 2 : q + 1] > 0).all()
    assert reader.called_share[1, q] == pytest.approx(called[q - 3 : q + 1].sum() / cash_flow)


def test_who_does_not_honour_is_not_called(web):
    found = Measures(run(web, [BASE.replace(g=-30), BASE.replace(g=-30, gw=False, nb=False)]))
    for name in ("alphabet", "nvidia"):
        assert found.guarantors[name].called[0].sum() > 0.1
        assert found.guarantors[name].called[1].sum() == 0
        assert found.guarantors[name].live[1].sum() == 0


def test_meta_is_called_when_it_leaves_a_campus_worth_less_than_its_notes(web, layout):
    found = Measures(run(web, [BASE.replace(g=-20, mr=mr, h=2033) for mr in (True, False)]))
    reader, notes = found.guarantors["meta"], layout.tranches.ids.index("hyperion_notes")
    assert reader.called[0].sum() == 0
    tau = found.result.array("price", 0)[1, 28]
    owed = layout.tranches.opening[notes, 28]
    expected = min(28.0, owed - 27 * 0.9 * tau)  # notes outstanding less cost x 90 % x tightness
    assert expected > 5
    assert reader.called[1, 28] == pytest.approx(expected)
    assert reader.called[1].sum() == pytest.approx(expected)


def test_rent_without_a_tenant_is_shown_but_never_as_called(web):
    found = Measures(run(web, BASE.replace(g=-20, h=2033)))
    oracle, failed = found.guarantors["oracle"], int(found.result.failed_quarter("openai")[0])
    assert oracle.called.sum() == 0
    assert (oracle.rent_without_tenant[0, :failed] == 0).all()
    np.testing.assert_allclose(oracle.rent_without_tenant[0, failed:], 3.75 / 4)
    assert found.guarantors["amazon"].rent_without_tenant.sum() == 0


def test_warrants_are_a_share_of_what_is_left_after_debt(base, web, layout):
    c = layout.companies.index("terawulf")
    cover, debt = (base.result.array(name)[0, 19, c] for name in ("asset_cover", "debt"))
    got = base.guarantors["alphabet"].got
    assert got["alphabet_terawulf_warrant"][0] == pytest.approx(0.14 * max(cover * debt - debt, 0.0))
    assert set(got) == {"alphabet_terawulf_warrant", "alphabet_cipher_warrant"}


def test_stakes_stand_at_cost_until_their_company_fails(web):
    found = Measures(run(web, [BASE, BASE.replace(g=-30)])).guarantors["nvidia"].got
    np.testing.assert_allclose(found["nvidia_openai_stake"], [30, 0])
    np.testing.assert_allclose(found["nvidia_intel_stake"], [5, 5])


def test_whose_failure_triggers_which_promise(layout):
    causes = {promise: guarantors.called_from(layout, k) for k, promise in enumerate(layout.promises.ids)}
    assert causes == {
        "google_terawulf": "fluidstack",
        "google_cipher": "fluidstack",
        "nvidia_coreweave": "coreweave",
        "meta_hyperion": "hyperion",
    }
