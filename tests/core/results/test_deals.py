"""The four deals and the guarantors' figures, checked with a pencil."""

import numpy as np
import pytest

from core.model import engine
from core.questions import explore
from core.results import deals, exposure, narrative, reading
from core.scenario.levers import Scenario
from core.web.web import load_web
from tests.worlds import FIRST

BASE = Scenario.default(FIRST)
GLUT = BASE.replace(g=0)


@pytest.fixture(scope="module")
def web():
    return load_web(FIRST)


@pytest.fixture(scope="module")
def result(web):
    return engine.run(web, [BASE, GLUT, BASE.replace(g=-50, u=30, r=12, f="closed"), BASE.replace(fl=False)])


def company(found, ident):
    return next(row for row in found["companies"] if row["id"] == ident)


@pytest.fixture(scope="module")
def terawulf(result):
    return deals.wraps(result)[0]


def test_terawulf_covers_its_interest_by_pencil(terawulf):
    ebitda = 0.85 * (0.360 * 1.86 + 0.060 * 1.60) - 0.06  # margin x rents less overhead
    assert terawulf.rent == pytest.approx(0.360 * 1.86)
    assert terawulf.cover == pytest.approx(ebitda / terawulf.interest)
    assert 3.0 * 0.0775 < terawulf.interest < 3.2 * 0.0775 + 0.5 * 0.0275 + 1.0 * 0.01
    without = 0.85 * 0.060 * 1.60 - 0.06  # Core42 alone
    assert terawulf.cover_without == pytest.approx(without / terawulf.interest)
    assert (terawulf.margin, terawulf.others) == pytest.approx((0.85, 0.060 * 1.60))
    assert terawulf.overhead == pytest.approx(0.06)


def test_a_wrap_is_worth_the_difference_of_two_spreads(result, terawulf):
    layout = result.layout
    ratings, share = layout.fields["rating"], layout.p("debt.ebit_share")
    spread = [
        float(np.interp(c * share, ratings["cover"], ratings["spread"]))
        for c in (terawulf.cover_relet[0], terawulf.cover)
    ]
    assert terawulf.worth[0] == pytest.approx(spread[0] - spread[1])
    assert terawulf.saved[0] == pytest.approx(terawulf.worth[0] * terawulf.debt * terawulf.life)
    assert terawulf.at_spread(0.01) == pytest.approx(0.01 * 3.2 * terawulf.life)


def test_a_wrap_is_worth_more_in_a_glut_and_never_more_than_rent_that_counts_for_nothing(result):
    for wrap in deals.wraps(result):
        assert wrap.worth[1] > wrap.worth[0] > 0
        assert (wrap.worth <= wrap.worth_most + 1e-12).all()
        assert wrap.relet[0] == pytest.approx(0.60)  # the model's rule for re-letting at today's market


def test_the_cap_falls_pro_rata_over_ten_years(terawulf):
    # started in quarter 1: at the end of 2026 two of forty quarters are gone, a year later six
    assert terawulf.cap_by_year[:2] == pytest.approx([3.2 * 38 / 40, 3.2 * 34 / 40])
    assert np.diff(terawulf.cap_by_year) == pytest.approx(np.full(7, -3.2 * 4 / 40))
    assert terawulf.years_backed == pytest.approx(3.2 / 0.6696)


def test_when_meta_leaves_the_notes_are_paid_by_sale_guarantee_and_nobody(web, result):
    out = deals.tenant_exit(result)
    assert out.sale + out.guaranteed + out.short == pytest.approx(np.full(4, out.owed))
    assert out.value[0] == pytest.approx(27 * 0.90)  # cost x share, market as today
    assert out.guaranteed[1] == pytest.approx(out.owed - out.value[1])
    assert (out.vehicle, out.giver, out.quarter) == ("hyperion", "meta", "2033Q1")


def test_the_exit_is_what_the_engine_calls_from_meta_when_it_leaves(web):
    leaves = GLUT.replace(mr=False)
    found = deals.anatomy(web, leaves, "mr")
    assert found.at == 1
    assert found.off["called_meta"] == pytest.approx(float(found.exit.guaranteed[1]))
    assert found.on["called_meta"] == 0


def test_hyperion_is_covered_barely_or_not_quite(result):
    cover = deals.hyperion_cover(result.layout)
    assert 2.46 <= cover.service <= 2.50
    assert cover.cover == pytest.approx(2.74 / cover.service)
    assert cover.reported == pytest.approx(12.3 / 4)
    assert cover.owners_share == pytest.approx(0.8 * 12.3 / 4)
    assert round(cover.reported_cover_yearly, 2) == 0.99
    assert cover.reported_cover_yearly < cover.reported_cover < 1
    assert cover.reported_cover_yearly * cover.service_yearly == pytest.approx(cover.owners_share)
    # one payment a year of a loan of 20 years: 27.3 grown to 2029 at 6.581 %, level
    assert cover.service < cover.service_yearly < 1.03 * cover.service


def test_rent_is_paid_by_tenant_guarantor_or_nobody(result):
    for host in deals.landlord_ids(result.layout):
        for lease in deals.lease_years(result, host):
            assert lease.tenant_paid + lease.guarantor_paid + lease.missing == pytest.approx(lease.due)
            assert (np.stack([lease.tenant_paid, lease.guarantor_paid, lease.missing]) >= 0).all()


def test_without_fluidstack_google_pays_until_its_cap_is_used(result):
    lease = deals.lease_years(result, "terawulf")[0]
    assert lease.tenant_paid[3, 1:].sum() == pytest.approx(0)
    assert lease.guarantor_paid[3].sum() == pytest.approx(3.2, abs=0.1)
    assert lease.missing[3, -1] == pytest.approx(0.6696)


def test_nvidias_circle_adds_up(web, result):
    circle = deals.nvidia_circle(result)
    capex = company(reading.read(result, 0), "coreweave")["capex"]
    assert circle.chips[0].sum() == pytest.approx(0.6 * sum(capex))
    assert circle.put_in == pytest.approx(0.1 + 2.0 + 6.3)
    assert circle.vendor_share == pytest.approx(41 / 215.9)
    assert circle.taken[1].sum() == pytest.approx(
        exposure.exposure(web, reading.read(result, 1), "nvidia").called
    )


def test_an_outcome_adds_up_the_tranches_of_a_borrower(result):
    found = reading.read(result, 2)
    out = deals.outcome(found)
    lines = [sum(row["lost"]) for row in found["tranches"] if row["borrower"] == "coreweave"]
    assert out["lost_coreweave"] == pytest.approx(sum(lines))
    assert out["lost_coreweave"] > 1
    assert out["failed_coreweave"] == found["quarters"][company(found, "coreweave")["failed_quarter"]]
    assert deals.outcome(reading.read(result, 0))["failed_coreweave"] is None


def test_a_switch_that_is_no_switch_is_refused(web):
    with pytest.raises(ValueError, match="g"):
        deals.anatomy(web, BASE, "g")


def test_an_exposure_sums_up_a_guarantor(web, result):
    found = reading.read(result, 1)
    row = next(row for row in found["guarantors"] if row["id"] == "alphabet")
    one, last = exposure.exposure(web, found, "alphabet"), found["last_quarter"]
    assert one.called == pytest.approx(sum(row["called"][: last + 1]))
    assert one.called + one.later == pytest.approx(sum(row["called"]))
    assert one.share_of_cash == pytest.approx(one.called / 126.8)
    assert one.cash == 126.8
    year = row["called"][one.dearest_year - 3 : one.dearest_year + 1]
    flow = row["operating_cash_flow"][one.dearest_year]
    assert one.share_of_cash_flow == pytest.approx(sum(year) / flow)
    assert exposure.exposure(web, reading.read(result, 0), "alphabet").dearest_year == last  # never called
    assert one.peak == max(row["called"][: last + 1])
    assert row["called"][found["quarters"].index(one.peak_quarter)] == one.peak
    assert exposure.exposure(web, reading.read(result, 0), "alphabet").peak_quarter is None
    with pytest.raises(ValueError, match="sheldon"):
        exposure.exposure(web, found, "sheldon")


def test_every_part_of_a_debt_that_is_not_zero_has_a_row(web, result):
    for row in reading.read(result, 0)["guarantors"]:
        found = exposure.part_rows(web, row["id"])
        assert tuple(found) == exposure.PARTS == tuple(row["parts"])
        for part, value in row["parts"].items():
            assert found[part] or value == 0, (row["id"], part)


def test_meta_owes_a_fifth_of_the_ventures_notes_and_guarantees_the_rest(web, result):
    meta = next(row for row in reading.read(result, 0)["guarantors"] if row["id"] == "meta")
    notes = meta["parts"]["joint_venture"] / 0.2
    assert notes == pytest.approx(web.value("hyperion_notes.balance"))  # as of the date of the snapshot
    assert meta["parts"]["residual_value"] == pytest.approx(0.8 * notes)


def test_what_came_back_at_cost_and_at_market(web, result):
    nvidia = {one.promise: one for one in exposure.received(web, reading.read(result, 1), "nvidia")}
    assert nvidia["nvidia_coreweave_stake"].cost == 0.1
    assert nvidia["nvidia_coreweave_stake"].added == 2.0
    assert nvidia["nvidia_coreweave_stake"].horizon == 0  # CoreWeave has failed
    assert nvidia["nvidia_intel_stake"].horizon == 5
    google = exposure.received(web, reading.read(result, 0), "alphabet")
    assert [one.mark for one in google] == pytest.approx([0.14 * 4.8, 0.054 * 5.8])
    assert [one.shares_worth for one in google] == [4.8, 5.8]
    for one in google:
        assert one.share * one.left == pytest.approx(one.horizon)
    assert nvidia["nvidia_coreweave_stake"].shares_worth is None  # its mark counts the shares held
    assert nvidia["nvidia_intel_stake"].left is None  # at cost


def test_a_gap_path_is_the_gap_of_each_scenario(web):
    g_path, r_path = (explore.gap_path(web, GLUT, word, points=4) for word in ("g", "r"))
    assert (g_path.lever, r_path.lever) == ("g", "r")
    assert g_path.values == pytest.approx([-50, 0, 50, 100])
    alone = reading.read(engine.run(web, GLUT))["funding_gap"]
    for name, value in alone.items():
        assert g_path.figures[name][1] == pytest.approx(value), name
    assert r_path.figures["need"] == pytest.approx(np.full(4, alone["need"]))
    for name in ("need", "own_cash"):
        assert (np.diff(g_path.figures[name]) > 0).all()
    for wrong in ("f", "gw"):
        with pytest.raises(ValueError, match=wrong):
            explore.gap_path(web, BASE, wrong)
    with pytest.raises(ValueError, match="two points"):
        explore.gap_path(web, BASE, "g", points=1)


@pytest.mark.parametrize("giver", ["alphabet", "nvidia", "meta", "microsoft", "amazon"])
def test_the_cash_of_a_rich_company_is_told_from_its_path(giver):
    latest = load_web()
    found = reading.read(engine.run(latest, Scenario.default().replace(g=-15, u=60, r=7)))
    row = next(row for row in found["guarantors"] if row["id"] == giver)
    own, last = exposure.own_cash(found, giver), found["last_quarter"]
    assert own.later == row["cash"][last]
    assert own.lowest == min(row["cash"][: last + 1])
    assert own.share_of_lowest == pytest.approx(sum(row["called"][: last + 1]) / own.lowest)
    borrowing = [q for q, amount in zip(found["quarters"], row["borrowed"], strict=True) if amount > 1e-9]
    assert own.borrows_from == next((q for q in borrowing if q <= found["quarters"][last]), None)
    assert own.borrowed == pytest.approx(sum(row["borrowed"][: last + 1]))
    assert exposure.exposure(latest, found, giver).own == own


def test_cash_is_not_told_where_the_data_do_not_plan_what_is_built(result):
    found = reading.read(result, 0)
    assert exposure.own_cash(found, "alphabet") is None
    latest = reading.read(engine.run(load_web(), Scenario.default()))
    assert exposure.own_cash(latest, "oracle") is None  # a borrower, with a page of its own


def test_an_outcome_has_what_labs_cut_by_the_horizon():
    found = reading.read(engine.run(load_web(), Scenario.default().replace(g=0)))
    cut = next(row for row in found["tenants"] if row["id"] == "openai")["haircut"]
    out = deals.outcome(found)
    assert out["cut_openai"] == cut[found["last_quarter"]] > 0
    assert deals.outcome(reading.read(engine.run(load_web(FIRST), GLUT)))["cut_openai"] == 0


def test_the_largest_cut_of_a_lab_is_the_same_wherever_it_is_told():
    found = reading.read(engine.run(load_web(), Scenario.default().replace(g=0)))
    told = {who: share for who, _quarter, share in narrative.renegotiations(found)}
    chain = {one["entity"]: one["amount"] for one in found["chain"] if one["event"] == "renegotiation"}
    outcome = deals.outcome(found)
    assert told
    for who, share in told.items():
        assert share == chain[who] == outcome[f"cut_{who}"] > 0
