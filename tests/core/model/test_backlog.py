"""What a host of chips has sold of what it builds, on whole runs, beside a fleet worked out by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from core.layout.compile import compile_layout
from core.model.engine import run
from core.scenario.levers import Scenario
from core.web.web import load_web
from tests.worlds import FIRST

HOST = "coreweave"
BN = 1 / 4000  # USD m a year per MW -> USD bn a quarter per MW
UNSOLD = {f"{HOST}.sign_share": 0.0}
LATE = UNSOLD | {  # halls come from 2028 on, and contracts run for seven years
    f"{HOST}.mw_added.y2026": 0.0,
    f"{HOST}.mw_added.y2027": 0.0,
    f"{HOST}.contract_term": 28,
}


def by_hand(result):
    """MW and income of the host by quarter where all is built and re-equipped as planned."""
    layout, levers = result.layout, {word: values[0] for word, values in result.levers.items()}
    plan, p, count = layout.fields["fleet"][0], layout.p, layout.never
    use, capacity = (result.array(name, 0)[0] for name in ("utilisation", "capacity"))
    growth = np.diff(capacity, prepend=1.0) / np.append(1.0, capacity[:-1])
    full = p("market.u_sold") if "u_sold" in layout.web.tables["market"]["market"] else p("market.u_ref")
    tau, sold = (use / p("market.u_ref")) ** levers["e"], np.minimum(1.0, use / full)
    at_market = plan["new_price"] * tau ** p("market.contract_exponent")
    term, whole = int(plan["term"]), plan["new_price"] * BN * plan["term"]
    known, share = bool(plan["knows_backlog"]), plan["sign_share"] if plan["knows_backlog"] else 1.0
    built, signed, ordered, price, contracted, spot, total = np.zeros((7, count))
    free, backlog, running = 0.0, float(plan["backlog"]), float(plan["active_mw"])
    for q in range(count):
        total[q] = running
        ended = plan["legacy_mw"][q - 1] - plan["legacy_mw"][q] if q else 0.0
        ended += signed[q - 1 - term] if q > term else 0.0
        added = plan["mw_added"][q]
        if q >= plan["follows_from"]:  # as the market grows when it is ordered
            added = max(added, plan["follow_share"] * growth[q - plan["order_lead"]] * running)
        free = free * (1 - levers["d"]) ** 0.25 + (built[q - 1] - signed[q - 1] if q else 0.0)
        spot[q] = sold[q] * tau[q] * free * plan["new_price"] * BN
        live = slice(max(q - term, 0), q)  # what is built earns from the next quarter on
        contracted[q] = (plan["legacy_mw"][q] * plan["legacy_price"] + (signed * price)[live].sum()) * BN
        built[q] = added + ended
        ordered[q] = min(built[q], backlog / whole) if known else 0.0
        backlog -= ordered[q] * whole
        found = share * (sold[q] if known else 1.0) * (built[q] - ordered[q])
        signed[q] = ordered[q] + found
        price[q] = (ordered[q] * plan["new_price"] + found * at_market[q]) / max(signed[q], 1e-12)
        running += added
    return SimpleNamespace(
        contracted=contracted, spot=spot, total=total, built=built, ordered=ordered, whole=whole,
        backlog=backlog, tau=tau, term=term, growth=growth,
    )  # fmt: skip


def of(result, name):
    """A path of the host in the first scenario."""
    return result.array(name, result.layout.companies.index(HOST))[0]


def megawatts(result):
    """All MW of the host, from what running them costs, by quarter."""
    plan = result.layout.fields["fleet"][0]
    return of(result, "cost") / (plan["opex"] * BN)


@pytest.fixture(scope="module", params=[None, FIRST], ids=["latest", "first"])
def web(request):
    return load_web(request.param)


@pytest.mark.parametrize("changes", [{}, {"g": 28}, {"d": 0, "b": 20}, {"e": 2.5, "u": 92}], ids=str)
def test_contracts_and_spot_of_a_fleet_are_those_of_the_pencil(web, changes):
    """Signed MW at their prices and free ones at spot, as long as the market pays more than the backstop."""
    scenario = Scenario.default(web).replace(**changes)
    result = run(web, scenario, "plan")
    hand, pays_less = by_hand(result), result.layout.fields["fleet"][0]["price_share"]
    alive = np.arange(result.layout.never) <= result.failed_quarter(HOST)[0]
    tenants = result.array("paid_share")[0].min(axis=1) > 1 - 1e-12  # nobody has cut or failed
    checked = alive & tenants & (np.cumsum(hand.tau < pays_less) == 0)
    assert checked.sum() >= 8
    np.testing.assert_allclose(of(result, "contracted")[checked], hand.contracted[checked], rtol=1e-9)
    np.testing.assert_allclose(of(result, "spot")[checked], hand.spot[checked], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(megawatts(result)[checked], hand.total[checked], rtol=1e-9)
    sells_all = not result.layout.fields["fleet"][0]["knows_backlog"]
    assert (hand.spot[checked].max() < 1e-9) == sells_all  # old data: all that is built is under contract


@pytest.mark.parametrize("edits", [UNSOLD, LATE], ids=["as planned", "late"])
def test_what_tenants_pay_and_still_owe_is_the_backlog_of_each(edits):
    """With nothing sold after the date, and nobody who fails or cuts: what runs and what is to begin."""
    web = load_web(overrides=edits)
    layout = compile_layout(web)
    result = run(web, Scenario.default(web), "plan", keep=("web", "market", "tenants"))
    assert (result.ends["failed"] == layout.never).all()
    assert not result.array("haircut").any()
    hand, plan = by_hand(result), layout.fields["fleet"][0]
    left = np.maximum(np.arange(layout.never) + hand.term - (layout.never - 1), 0)  # quarters behind the end
    to_come = (hand.ordered * left).sum() * plan["new_price"] * BN + hand.backlog
    assert (to_come > 1) == (edits is LATE)
    paid = result.array("row_paid")[0].sum(axis=0)
    told = web.tables["offtake"]
    total = sum(float(row["backlog"].value) for row in told.values() if "backlog" in row)
    seen = 0
    for contract, rows in told.items():
        if rows["host"].value != HOST:
            continue
        row = layout.rows.index(f"fees:{contract}")
        if rows["book"].value == "legacy":
            running = float(rows["share"].value) * plan["legacy_mw"].sum() * plan["legacy_price"] * BN
            assert paid[row] == pytest.approx(running), contract
        else:
            mine = float(rows["backlog"].value)
            assert paid[row] + to_come * mine / total == pytest.approx(mine), contract
        seen += 1
    assert seen == len(plan["fee_row"])


@pytest.mark.parametrize("building", ["plan", "market"])
@pytest.mark.parametrize("changes", [{}, {"g": 60}, {"s": 600}, {"b": 0}], ids=str)
def test_after_its_plan_the_host_keeps_up_with_its_part_of_the_world_as_far_as_access_lets_it(
    changes, building
):
    web = load_web()
    result = run(web, Scenario.default(web).replace(**changes), building)
    plan, last = result.layout.fields["fleet"][0], int(result.failed_quarter(HOST)[0])
    lead, total = int(plan["order_lead"]), megawatts(result)
    growth, added = by_hand(result).growth, np.diff(total)
    access = np.ones(result.layout.never) if building == "plan" else of(result, "access")
    access = np.where(np.arange(access.size) < plan["committed"], 1.0, access)
    means, after = (
        plan["mw_added"].copy(),
        range(int(plan["follows_from"]), min(last, result.layout.never) - 1),
    )
    assert len(after) > 3
    for q in after:
        means[q] = max(means[q], plan["follow_share"] * growth[q - lead] * total[q])
        assert added[q] == pytest.approx(means[q] * access[q - lead], abs=1e-9), q
    grows = [q for q in after if means[q] > plan["mw_added"][q]]
    assert (access[: after[-1]].min() < 1) == (building == "market" and changes == {"s": 600})
    assert bool(grows) == (changes != {"b": 0})  # a world that does not grow asks for nothing


def test_a_host_that_follows_no_market_builds_its_plan_and_no_more():
    web = load_web(overrides={f"{HOST}.follow_share": 0.0})
    result = run(web, Scenario.default(web), "plan")
    plan = result.layout.fields["fleet"][0]
    np.testing.assert_allclose(np.diff(megawatts(result)), plan["mw_added"][:-1], atol=1e-9)


def test_the_less_it_signs_the_more_hangs_on_spot():
    """Of revenue under contract and on the market, each as the share that finds a tenant falls."""
    found = []
    for share in (80, 30, 10):
        web = load_web(overrides={f"{HOST}.sign_share": share})
        result = run(web, Scenario.default(web), "plan")
        found.append([float(of(result, name).sum()) for name in ("contracted", "spot")])
    contracted, spot = np.array(found).T
    assert (np.diff(contracted) < 0).all()
    assert (np.diff(spot) > 0).all()
