"""Every figure by name: what it means at the horizon, and that lean runs keep enough for it."""

import numpy as np
import pytest

from core.model.engine import run
from core.results.guarantors import spenders
from core.results.measures import (
    FLOWS,
    FUND_FIELDS,
    GAP_FIELDS,
    MARKET_FIELDS,
    RATIOS,
    STOCKS,
    Measures,
    all_measures,
    check_measure,
    groups_for,
    ratio,
    trailing_year,
)
from core.scenario.levers import Scenario, columns
from core.web.web import load_web
from tests.worlds import FIRST, NEVER, STRESSED, random_levers

BASE = Scenario.default(FIRST)


def test_a_trailing_year_is_four_quarters_or_the_first_scaled_up():
    got = trailing_year(np.array([[1.0, 2.0, 3.0, 4.0, 10.0, 0.0]]))
    np.testing.assert_allclose(got, [[1 * 4, 3 * 2, 6 * 4 / 3, 10, 19, 17]])


def test_a_ratio_without_a_bottom_is_not_defined():
    got = ratio(np.array([6.0, 6.0, 0.0, -6.0]), np.array([2.0, 0.0, 2.0, 2.0]))
    np.testing.assert_array_equal(got, [3.0, np.nan, 0.0, -3.0])


@pytest.fixture(scope="module")
def mixed(web):
    """Today, flat demand and the stressed world, each at two horizons."""
    worlds = (BASE, BASE.replace(g=0), STRESSED)
    return Measures(run(web, [s.replace(h=h) for s in worlds for h in (2029, 2032)]))


LAST = np.array([15, 27] * 3)


@pytest.mark.parametrize("field", [field for field in FLOWS if field != "core"])
def test_flows_are_summed_to_the_horizon(mixed, layout, field):
    path = mixed.result.array(field)[:, :, layout.companies.index("coreweave")]
    expected = [np.nansum(path[i, : last + 1]) for i, last in enumerate(LAST)]
    np.testing.assert_allclose(mixed.value(f"coreweave.{field}"), expected)
    assert len(set(expected)) > 1


@pytest.fixture(scope="module")
def latest():
    """Two worlds of the latest data, in which an operator owes and rich givers build."""
    data = load_web()
    base = Scenario.default(data)
    return Measures(run(data, [base.replace(h=2029), base.replace(g=-20, h=2032)]))


@pytest.mark.parametrize("field", FLOWS)
def test_flows_of_an_operator_are_summed_to_the_horizon(latest, field):
    layout = latest.layout
    last = [layout.quarters.index(f"{year}Q4") for year in (2029, 2032)]
    path = latest.result.array(field)[:, :, layout.companies.index("oracle")]
    expected = [np.nansum(path[i, : end + 1]) for i, end in enumerate(last)]
    np.testing.assert_allclose(latest.value(f"oracle.{field}"), expected)
    assert len(set(expected)) == (1 if field == "guaranteed" else 2)  # nobody stands behind its tenants


def test_a_rich_giver_has_cash_at_the_horizon_and_borrows_up_to_it(latest):
    layout, rich = latest.layout, latest.layout.fields["wealthy"]["node"].tolist()
    last = [layout.quarters.index(f"{year}Q4") for year in (2029, 2032)]
    for giver in spenders(layout):
        place = rich.index(layout.index[giver])
        cash, borrowed = (latest.result.array(name, place) for name in ("giver_cash", "giver_borrowed"))
        assert latest.value(f"{giver}.giver_cash").tolist() == [cash[i, end] for i, end in enumerate(last)]
        total = [borrowed[i, : end + 1].sum() for i, end in enumerate(last)]
        np.testing.assert_allclose(latest.value(f"{giver}.giver_borrowed"), total)
    assert not {"oracle.giver_cash", "core42.giver_cash"} & set(all_measures(layout))
    openai = latest.result.array("haircut", layout.tenants.index("openai"))
    assert latest.value("openai.haircut").tolist() == [0.0, openai[1, last[1]]]
    assert openai[1, last[1]] > 0


@pytest.mark.parametrize("field", [*STOCKS, *RATIOS])
def test_stocks_and_ratios_are_read_at_the_horizon(mixed, field):
    path = mixed.company("coreweave", field)
    np.testing.assert_array_equal(mixed.value(f"coreweave.{field}"), path[np.arange(6), LAST])


def test_ratios_follow_their_definitions(mixed, layout):
    c = layout.companies.index("coreweave")
    raw = {
        name: mixed.result.array(name)[1, :, c]
        for name in ("ebitda", "interest", "principal", "debt", "cash")
    }
    year = slice(20, 24)
    assert mixed.company("coreweave", "interest_coverage")[1, 23] == pytest.approx(
        raw["ebitda"][23] / raw["interest"][23]
    )
    service = raw["interest"][year].sum() + raw["principal"][year].sum()
    assert mixed.company("coreweave", "dscr")[1, 23] == pytest.approx(raw["ebitda"][year].sum() / service)
    net_debt = raw["debt"][23] - raw["cash"][23]
    assert mixed.company("coreweave", "net_debt_to_ebitda")[1, 23] == pytest.approx(
        net_debt / raw["ebitda"][year].sum()
    )


def test_leverage_is_not_defined_without_earnings_or_debt(mixed):
    assert np.isnan(mixed.company("fluidstack", "net_debt_to_ebitda")).all()
    ebitda = mixed.result.array("ebitda")[0, :, mixed.layout.companies.index("terawulf")]
    lossy = trailing_year(ebitda[None])[0] <= 0
    got = mixed.company("terawulf", "net_debt_to_ebitda")[0]
    assert np.isnan(got[lossy]).all()
    assert np.isfinite(got[~lossy]).all()


def test_failures_are_quarters_with_32_for_never_whatever_the_horizon(mixed):
    got = mixed.value("coreweave.failed_quarter")
    assert got[0] == got[1] == NEVER
    assert got[2] == got[3] == 17
    assert mixed.value("failed_count").tolist() == [
        sum(mixed.value(f"{c}.failed_quarter")[i] <= LAST[i] for c in COUNTED) for i in range(6)
    ]


COUNTED = ("openai", "anthropic", "xai", "fluidstack", "coreweave", "terawulf", "cipher")


def test_status_is_the_worst_up_to_the_horizon(mixed, layout):
    c = layout.companies.index("coreweave")
    by_quarter = mixed.result.array("status")[:, :, c]
    expected = [by_quarter[i, : last + 1].max() for i, last in enumerate(LAST)]
    assert mixed.value("coreweave.status").tolist() == expected
    assert len(set(expected)) > 1


def test_calls_add_up_over_givers_and_quarters(mixed):
    total = [mixed.result.array("called")[i, : last + 1].sum() for i, last in enumerate(LAST)]
    np.testing.assert_allclose(mixed.value("called_total"), total)
    assert total[1] == 0
    assert total[3] > 1


def test_funds_market_and_gap_by_name(mixed):
    for field in FUND_FIELDS:
        np.testing.assert_array_equal(mixed.value(f"kkr.{field}"), getattr(mixed.fund_returns["kkr"], field))
    np.testing.assert_array_equal(mixed.value("kkr.nav"), mixed.fund_returns["kkr"].nav[np.arange(6), LAST])
    for field in MARKET_FIELDS:
        np.testing.assert_array_equal(
            mixed.value(f"market.{field}"), mixed.result.array(field)[np.arange(6), LAST, 0]
        )
    for field in GAP_FIELDS:
        np.testing.assert_array_equal(mixed.value(f"funding_gap.{field}"), mixed.gap[field])
    np.testing.assert_array_equal(mixed.value("insurers.loss"), mixed.investors["insurers"])
    np.testing.assert_array_equal(
        mixed.value("openai.paid_share"),
        mixed.result.array("paid_share")[np.arange(6), LAST, mixed.layout.tenants.index("openai")],
    )


@pytest.fixture(scope="module")
def lean(web):
    """A batch and its runs by the groups they kept."""
    return random_levers(51, 12), {}


def test_every_measure_has_the_same_bits_alone_and_in_a_batch(web, layout):
    batch = random_levers(52, 8)
    together = Measures(run(web, batch))
    for i in (0, 5):
        alone = Measures(run(web, {name: values[[i]] for name, values in batch.items()}))
        for measure in all_measures(layout):
            np.testing.assert_array_equal(
                alone.value(measure)[0], together.value(measure)[i], err_msg=measure
            )


def test_every_measure_needs_only_the_groups_it_asks_for(web, layout, lean):
    batch, runs = lean
    full = Measures(run(web, batch))
    for measure in all_measures(layout):
        keep = groups_for(layout, measure)
        if keep not in runs:
            runs[keep] = Measures(run(web, batch, keep=keep))
        np.testing.assert_array_equal(runs[keep].value(measure), full.value(measure), err_msg=measure)


def test_measures_are_one_number_per_scenario_and_mostly_move(web, layout):
    batch = columns(
        [BASE.replace(h=2033), STRESSED.replace(h=2033, gw=False), BASE.replace(g=-40, h=2033, mr=False)]
    )
    found = Measures(run(web, batch))
    still = set()
    for measure in all_measures(layout):
        values = found.value(measure)
        assert values.shape == (3,), measure
        if len({repr(v) for v in values}) == 1:
            still.add(measure)
    # Oracle pays the rent of its campus whatever happens, so nothing there ever moves.
    moving = {m.partition(".")[0] for m in set(all_measures(layout)) - still}
    assert moving >= {*layout.companies, *layout.tenants} - {"oracle_campus"}
    assert moving >= {"alphabet", "nvidia", "meta", "oracle", "market"}
    assert moving >= {
        "funding_gap",
        "infra_credit",
        "blue_owl",
        "pimco",
        "blackstone",
        "apollo",
        "kkr",
        "pensions",
    }


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("coreweave.failed_quater", "coreweave.failed_quarter"),
        ("failed", "failed_count"),
        ("pimco.net_ir", "pimco.net_irr"),
    ],
)
def test_a_wrong_name_is_told_the_nearest(layout, base, wrong, near):
    with pytest.raises(ValueError, match=f"no measure '{wrong}'; nearest: {near}"):
        check_measure(layout, wrong)
    with pytest.raises(ValueError, match=near):
        base.value(wrong)
