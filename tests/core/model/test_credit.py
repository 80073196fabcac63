"""What a credit analyst expects of every borrower, in any world: each of these was once false.

Convertibles, write-downs of equity, statuses, what is rolled, depreciation and the end of a vehicle
(docs/model.md, sections 6, 7, 11 and 13).
"""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from core.layout.compile import last_quarter_of
from core.model.engine import run
from core.questions.explore import stops
from core.results.fund_tables import fund_returns, fund_tables, instruments
from core.results.funds import funds
from core.results.narrative import status
from core.results.reading import read
from core.scenario.levers import Scenario, lever
from core.web.web import load_web, snapshots
from tests.worlds import FIRST, NEVER, QUARTERS, random_levers

BASE = Scenario.default(FIRST)
DRAWN = 2000
CENT = 1e-9  # USD bn


@pytest.fixture(scope="module")
def drawn(web):
    """Random scenarios over all levers, with what every borrower did in each quarter."""
    return run(web, random_levers(13, DRAWN), keep=("companies", "holders"))


@pytest.fixture(scope="module")
def borrowers(drawn):
    """Arrays of companies by borrower, in the order of the borrowers."""
    layout = drawn.layout
    names = [layout.nodes[b] for b in layout.borrowers]
    columns = [layout.companies.index(name) for name in names]
    return SimpleNamespace(names=names, of=lambda figure: drawn.array(figure)[:, :, columns])


def quarter(year, of_year):
    return 4 * (year - 2026) + of_year - 1


# ---------------------------------------------------------------- convertibles


def test_nobody_takes_shares_of_a_company_whose_business_does_not_carry_its_debt(drawn, borrowers):
    """Forward cover at the end of the quarter before, below the floor at which lenders stop."""
    converted, cover = drawn.array("converted"), borrowers.of("forward_cover")
    dead = cover[:, :-1] < drawn.layout.p("access.cover_floor")
    assert ((converted[:, 1:] > CENT) & dead).sum() == 0
    due = np.array(drawn.layout.fields["borrower"]["convertible"]).T[1:] > 0  # (quarter, borrower)
    assert (dead & due[None, : QUARTERS - 1]).sum() > DRAWN / 10
    assert (converted > CENT).sum() > DRAWN / 10


def test_without_google_the_landlords_fail_when_their_notes_fall_due(web):
    result = run(web, BASE.replace(g=0, gw=False, h=2033))
    assert result.failed_quarter("terawulf")[0] == quarter(2032, 2)
    assert result.failed_quarter("cipher")[0] == quarter(2031, 4)


# ---------------------------------------------------------------- losses of funds


@pytest.fixture(scope="module")
def quiet(web):
    """Random scenarios to 2033 in which rates and spreads stand where they were: they move no mark."""
    levers = random_levers(14, 400, h=2033, s=0, r=BASE["r"])
    return run(web, levers)


def explained(result, name):
    """Where a mark is lower because its borrower is weak at the horizon: it may recover, (scenario,)."""
    layout, at = result.layout, (np.arange(result.n), result.last)
    if name in layout.tranches.ids:
        owner = layout.nodes[layout.tranches.borrower[layout.tranches.ids.index(name)]]
    elif name == "new_loans":
        owner = layout.nodes[layout.fields["fleet"][0]["node"]]
    else:
        return np.zeros(result.n, dtype=bool)
    worn = result.array("status", layout.companies.index(owner))[at]
    return (worn > 0) & (result.failed_quarter(owner) > result.last)


def test_who_gets_back_less_than_he_paid_in_shows_a_loss(quiet):
    """Coupons, principal, recoveries and the mark at the horizon, per dollar of every instrument."""
    ones, returns, at = instruments(quiet), fund_returns(quiet), (np.arange(quiet.n), quiet.last)
    seen = set()
    for k, name in enumerate(fund_tables(quiet.layout).names):
        paid_in = ones["opening"][:, k] + ones["bought"][:, k].sum(axis=1)
        back = ones["received"][:, k].sum(axis=1) + ones["mark"][:, k][at]
        short = (back < paid_in - 1e-6) & ~explained(quiet, name)
        for fund in funds(quiet.layout):
            if name in dict(fund.holdings):
                assert (returns[fund.id].loss_by_holding[name][short] > 0).all(), (fund.id, name)
                assert (returns[fund.id].loss_rate[short] > 0).all(), (fund.id, name)
        if short.any():
            seen.add(name)
    assert seen >= {"hyperion_equity", "new_loans"}


@pytest.mark.parametrize("year", [2030, 2033])
def test_a_tenant_who_leaves_costs_those_who_own_his_campus(web, year):
    stays, leaves = (fund_returns(run(web, BASE.replace(mr=mr, h=year))) for mr in (True, False))
    for fund in ("infra_credit", "blue_owl"):
        assert stays[fund].loss[0] == stays[fund].loss_rate[0] == 0
        equity = leaves[fund].loss_by_holding["hyperion_equity"][0]
        assert leaves[fund].loss[0] == pytest.approx(equity)
        assert equity > 1
        assert leaves[fund].loss_rate[0] > 0.04
        assert leaves[fund].net_irr[0] < stays[fund].net_irr[0] - 0.01


def test_the_write_down_is_what_a_sale_leaves_short_of_the_dollar_put_in(web):
    result = run(web, BASE.replace(mr=False, h=2033))
    own = fund_tables(result.layout).fund[0]["equity"]
    price = result.array("price")[0, int(own["exit"]), 0]
    left = max(float(own["site_value"]) * price - float(own["notes"]), 0.0) / float(own["amount"])
    for fund in funds(result.layout):
        held = dict(fund.holdings).get("hyperion_equity", 0.0)
        assert fund_returns(result)[fund.id].loss[0] == pytest.approx(fund.size * held * (1 - left))


@pytest.mark.parametrize("changes", [{}, {"mr": False}, {"g": 0}, {"g": -15, "u": 60, "r": 7, "mr": False}])
def test_losses_of_investors_add_up_to_losses_of_funds(web, changes):
    for year in (2030, 2033):
        scenario = BASE.replace(h=year, **changes)
        reading = read(run(web, scenario), 0, scenario)
        borne, lost = (sum(row["loss"] for row in reading[part]) for part in ("investors", "funds"))
        assert borne == pytest.approx(lost, abs=CENT)
        assert (lost > 0) == bool(changes)


# ---------------------------------------------------------------- statuses

WORSE = {"g": -1, "r": 1, "u": -1}
BEARS = {("2026-06-30", "r")}  # data and levers that change nobody's status by themselves, told in the README
TOLD = ("holds", "stretched", "supported", "distressed", "failed")  # the words of a status, best first


@pytest.mark.parametrize("date", snapshots())
@pytest.mark.parametrize("year", [2030, 2033])
@pytest.mark.parametrize("word", WORSE)
def test_nobody_looks_better_as_the_world_gets_worse(date, word, year):
    """From base along each stop of the lever, with building by plan and no later wave of building."""
    base = Scenario.default(date)
    start, way = base[word], WORSE[word]
    side = [float(value) for value in sorted(stops(lever(word))) if way * (value - start) > 0]
    path = [float(start), *sorted(side, reverse=way < 0)]
    assert len(path) > 10
    worse = [base.replace(**{word: value, "h": year, "b": 0}) for value in path]
    result = run(load_web(date), worse, building="plan")
    better = {
        name: [(*pair, *result.status[i : i + 2, c]) for i, pair in enumerate(pairwise(path))
               if result.status[i + 1, c] < result.status[i, c]]
        for c, name in enumerate(result.layout.companies)
    }  # fmt: skip
    assert {name: found for name, found in better.items() if found} == {}
    assert (result.status[-1].max() > result.status[0].max()) == ((date, word) not in BEARS)
    for i, scenario in enumerate(worse):  # and so does every page
        reading = read(result, i, scenario)
        told = [TOLD.index(status(company, reading).code) for company in reading["companies"]]
        assert told == result.status[i].tolist()


def statuses(web, **changes):
    scenario = BASE.replace(**changes)
    reading = read(run(web, scenario), 0, scenario)
    return {row["id"]: (row["status"], row["supported_by"]) for row in reading["companies"]}


@pytest.mark.parametrize("year", [2030, 2033])
def test_at_base_the_landlords_are_healthy_and_coreweave_is_stretched(web, year):
    found = statuses(web, h=year)
    assert found["terawulf"] == found["cipher"] == ("healthy", None)
    assert found["coreweave"] == ("stretched", None)
    first = read(run(web, BASE), 0, BASE)["companies"][1]
    assert (first["id"], first["first_breach"]["measure"]) == ("coreweave", "service")
    assert first["dscr"][first["first_breach"]["quarter"]] < 1


@pytest.mark.parametrize("year", [2030, 2033])
def test_where_google_has_paid_the_landlords_are_supported(web, year):
    found = statuses(web, g=0, h=year)
    assert found["terawulf"] == found["cipher"] == ("supported", "alphabet")


def test_a_healthy_company_has_earned_its_interest_and_repayments(drawn, borrowers):
    """The mark `service`, from the books: a year of EBITDA against its interest and scheduled principal."""
    income = sum(borrowers.of(name) for name in ("contracted", "spot", "guaranteed")) - borrowers.of("cost")
    dues = borrowers.of("interest") + borrowers.of("principal")
    complete = np.array(drawn.layout.fields["borrower"]["building_until"])
    standing, checked = borrowers.of("status"), 0
    for q in range(QUARTERS):
        for k in range(complete.size):
            first = max(complete[k], q - 3)
            if first > q:
                continue
            earned, owed = (one[:, first : q + 1, k].sum(axis=1) for one in (income, dues))
            short = np.isfinite(earned) & (earned < owed - CENT) & (standing[:, q, k] < 4)
            assert (standing[short, q, k] > 0).all(), (borrowers.names[k], q)
            checked += int(short.sum())
    assert checked > DRAWN


def test_who_pays_only_because_a_guarantor_pays_is_at_least_supported(drawn, borrowers):
    own = borrowers.of("contracted") + borrowers.of("spot")
    dues = borrowers.of("cost") + borrowers.of("interest") + borrowers.of("principal")
    helped, standing = borrowers.of("guaranteed") > 1e-6, borrowers.of("status")
    assert (standing[helped & (own < dues - 1e-6)] >= 2).all()
    needless = (standing == 2) & ~(helped | (borrowers.of("guaranteed") > 0))
    assert not needless.any()
    assert (standing == 2).sum() > DRAWN / 2


def test_what_everybody_expects_to_be_rolled_shortens_no_runway(web):
    """Built, the landlords find at base all the credit they ask for: no balloon of a coming year counts."""
    result, built = run(web, BASE), slice(8, None)
    for name in ("terawulf", "cipher"):
        c = result.layout.companies.index(name)
        assert (result.array("access", c)[0, built] == 1).all()
        assert np.isinf(result.array("runway", c)[0, built]).all()
        assert (result.array("status", c) == 0).all()


# ---------------------------------------------------------------- what is rolled


def test_nobody_rolls_with_more_cash_in_hand_than_he_keeps(drawn, borrowers):
    layout, rolled, cash = drawn.layout, drawn.array("rolled"), borrowers.of("cash")
    opening = np.array([layout.fields["node"]["cash"][b] for b in layout.borrowers])
    above = cash > layout.p("debt.cash_target") * opening + CENT
    assert ((rolled > CENT) & above).sum() == 0
    assert (rolled > CENT).sum() > DRAWN / 2
    assert above.sum() > DRAWN


# ---------------------------------------------------------------- depreciation


def test_coreweaves_operating_profit_never_jumps_at_base(web):
    result = run(web, BASE)
    profit = result.array("operating_profit", result.layout.companies.index("coreweave"))[0]
    assert np.abs(np.diff(profit)).max() < 0.45  # USD bn; it earns 1.1 to 1.4 a quarter from 2028 on
    worn = result.array("depreciation", result.layout.companies.index("coreweave"))[0]
    assert np.abs(np.diff(worn)).max() < 0.45


@pytest.mark.parametrize("name", ["xai_vehicle", "hyperion", "oracle_campus"])
def test_a_vehicle_neither_earns_nor_loses_after_its_lease_and_its_loan(drawn, name):
    layout = drawn.layout
    last, c = (
        last_quarter_of(layout.leases, layout.tranches, layout.index[name]),
        layout.companies.index(name),
    )
    assert (last < QUARTERS - 1) == (name == "xai_vehicle")
    after = drawn.array("operating_profit", c)[:, last + 1 :]
    assert (np.isnan(after) | (np.abs(after) < CENT)).all()
    before = drawn.array("depreciation", c)[drawn.failed_quarter(name) == NEVER, : last + 1]
    assert (before > 0).all()


def test_the_xai_vehicle_ends_with_2030_and_what_it_lost_before_is_told(web):
    result = run(web, BASE.replace(h=2033))
    c = result.layout.companies.index("xai_vehicle")
    profit = result.array("operating_profit", c)[0]
    assert (profit[: quarter(2031, 1)] > 0).all()
    assert (profit[quarter(2031, 1) :] == 0).all()
    assert (result.array("depreciation", c)[0, quarter(2031, 1) :] == 0).all()
