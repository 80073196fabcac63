"""What falls due, how it is met, the leases of the miners and the lines lenders draw."""

import numpy as np
import pytest

from core.layout.compile import compile_layout
from core.model import engine
from core.results import borrowers, reading
from core.scenario.levers import Scenario
from core.web.web import load_web
from tests.worlds import FIRST, STRESSED

BORROWERS = ("coreweave", "terawulf", "cipher", "hyperion", "oracle_campus", "xai_vehicle")
SCENARIOS = {
    "base": Scenario.default(FIRST),
    "flat": Scenario.default(FIRST).replace(g=0),
    "no roll": Scenario.default(FIRST).replace(f="closed"),
    "stressed": STRESSED,
}


@pytest.fixture(scope="module", params=SCENARIOS)
def read(request, web):
    return reading.read(engine.run(web, SCENARIOS[request.param].replace(h=2033)))


def company(read, ident):
    return next(row for row in read["companies"] if row["id"] == ident)


def lines_of(read, ident):
    return [row for row in read["tranches"] if row["borrower"] == ident]


@pytest.mark.parametrize("ident", BORROWERS)
def test_debt_rises_by_what_is_drawn_and_falls_by_what_falls_due(read, ident):
    for line in lines_of(read, ident):
        balance, principal = np.array(line["balance"]), np.array(line["principal"])
        left = balance[:-1] + np.array(line.get("drawn", [0.0] * 32))[1:] - principal[1:]
        alive = company(read, ident)["failed_quarter"]
        stop = 31 if alive is None else max(alive - 1, 0)
        assert left[:stop] == pytest.approx(balance[1 : stop + 1], abs=1e-9), line["id"]
        assert not principal[stop + 2 :].any()


def test_principal_without_final_payments_is_the_principal_of_the_company(web):
    read = reading.read(engine.run(web, Scenario.default(FIRST)))
    for ident in ("coreweave", "terawulf", "cipher"):
        lines = lines_of(read, ident)
        due = np.sum([line["principal"] for line in lines], axis=0)
        at_the_end = np.sum([line["final"] for line in lines if "final" in line], axis=0)
        before_new_bullets = slice(0, 24)  # new debt runs six years
        expected = company(read, ident)["principal"][before_new_bullets]
        assert (due - at_the_end)[before_new_bullets] == pytest.approx(expected, abs=1e-9)


def test_nothing_is_rolled_when_nobody_refinances_and_never_more_than_falls_due(read, request):
    for ident in BORROWERS:
        due = np.sum([line["principal"] for line in lines_of(read, ident)], axis=0)
        row = company(read, ident)
        met = np.array(row["rolled"]) + np.array(row["converted"])
        assert (met <= due + 1e-9).all(), ident
        assert min(row["rolled"]) >= 0
    if "no roll" in request.node.name:
        assert max(max(company(read, ident)["rolled"]) for ident in BORROWERS) == 0


def test_terawulfs_balloon_of_2030_is_rolled_while_its_convertible_becomes_shares(web):
    read = reading.read(engine.run(web, Scenario.default(FIRST)))
    row = company(read, "terawulf")
    assert borrowers.by_year(row["rolled"], web.calendar.begun)[4] > 2
    assert borrowers.by_year(row["converted"], web.calendar.begun)[4] == pytest.approx(0.5)


def test_the_intermediary_earns_a_tenth_more_than_its_rent_and_others_have_no_rent_cover(web):
    read = reading.read(engine.run(web, Scenario.default(FIRST)))
    row = company(read, "fluidstack")
    # 1.30 x rent less own cost of 20 % of the rent
    assert row["rent_cover"][19] == pytest.approx(1.30 - 0.20)
    # 360 MW x 1.86 + 207 MW x 1.83, a quarter
    assert row["rent"][19] == pytest.approx((360 * 1.86 + 207 * 1.83) / 1000 / 4)
    assert set(company(read, "coreweave")["rent_cover"]) == {None}


def test_leases_of_the_miners_with_googles_backing(web):
    first, second = borrowers.leases_of(web, "terawulf")
    assert (first.tenant, first.giver, first.backed, first.years) == ("fluidstack", "alphabet", 3.2, 10)
    assert first.total == pytest.approx(6.7, abs=0.01)
    assert (second.tenant, second.giver, second.backed) == ("core42", None, 0.0)
    assert borrowers.leases_of(web, "coreweave") == ()


def test_lines_follow_the_refinancing_lever_and_the_reported_year(web):
    open_, strict = (borrowers.lines(web, "coreweave", strict) for strict in (False, True))
    assert (open_.no_lender, strict.no_lender) == (0.9, 1.6)
    assert open_.start_leverage == pytest.approx((21.615 - 4.13) / 3.093)
    assert borrowers.lines(web, "terawulf", False).start_leverage is None  # it earned nothing in 2025


def test_the_analysts_ratio_of_2025(web):
    year = borrowers.reported_year(web, "coreweave")
    assert year["operating_income_adjusted"] / year["interest"] == pytest.approx(0.54, abs=0.005)
    assert year["operating_income"] < 0 < year["interest"]


def test_leverage_at_the_date_is_of_the_year_near_it():
    """Where the data have EBITDA as of their date, debt of that day is not set against an older year's."""
    web = load_web("2026-06-30")
    assert borrowers.lines(web, "coreweave", strict=False).start_leverage == pytest.approx(
        (35.551 - 6.919) / (2 * (1.16 + 1.51))
    )
    assert borrowers.lines(load_web(FIRST), "coreweave", strict=False).start_leverage == pytest.approx(
        (21.615 - 4.13) / 3.093
    )


def test_the_backlog_of_coreweave_is_told_by_tenant_and_adds_up_to_the_record():
    latest = load_web()
    sold = borrowers.backlog_of(compile_layout(latest), "coreweave")
    together = [one.running + one.to_come for one in sold.tenants]
    assert together == sorted(together, reverse=True)
    assert sum(together) == pytest.approx(
        latest.tables["actuals"]["coreweave.backlog"]["2026Q2"].value, rel=0.02
    )
    openai = next(one for one in sold.tenants if one.tenant == "openai")
    assert openai.to_come == latest.value("coreweave_new_openai.backlog")
    assert openai.rows == ("coreweave_legacy_openai.share", "coreweave_new_openai.backlog")
    # contracts in force end in a straight line between two quarters
    start, end = (latest.value(f"coreweave.legacy_end_{side}") for side in ("from", "to"))
    mw, price = (latest.value(f"coreweave.{item}") for item in ("active_mw", "legacy_price"))
    quarters = sum(min(max((end - q) / (end - start), 0), 1) for q in range(30))
    share = latest.value("coreweave_legacy_openai.share")
    assert openai.running == pytest.approx(share * quarters * mw * price / 4000)


def test_what_has_not_begun_fills_megawatts_at_the_price_of_new_contracts():
    latest = load_web()
    sold = borrowers.backlog_of(compile_layout(latest), "coreweave")
    price, term = (latest.value(f"coreweave.{item}") for item in ("new_price", "contract_term"))
    to_come = sum(one.to_come for one in sold.tenants)
    assert sold.to_come_mw == pytest.approx(to_come / (price / 4000 * term))
    assert sold.to_come_mw < sold.planned_mw


def test_who_has_no_backlog_in_the_data_has_none(layout):
    assert borrowers.backlog_of(layout, "coreweave") is None
    assert borrowers.backlog_of(compile_layout(load_web()), "oracle") is None


def test_only_oracle_has_a_covenant_in_the_data(web):
    latest = load_web()
    assert borrowers.lines(latest, "oracle", False).covenant == latest.value("oracle.covenant_cover")
    assert borrowers.lines(latest, "coreweave", False).covenant is None
    assert borrowers.lines(web, "coreweave", False).covenant is None
