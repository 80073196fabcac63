"""One engine: shapes, repeatability, strict arithmetic, and the stories that the model must tell."""

import numpy as np
import pytest

from core.model.engine import run
from core.model.tables import GROUPS, ON_REQUEST
from core.results.measures import FLOWS, RATIOS, STOCKS, Measures, all_measures
from core.scenario.levers import Scenario, columns, lever
from tests.reference import arrays_of
from tests.worlds import FIRST, NEVER, QUARTERS, STRESSED, at_both_ends, random_levers

BASE = Scenario.default(FIRST)


def assert_same_bits(one, i, other, j):
    mine, theirs = arrays_of(one), arrays_of(other)
    assert set(mine) == set(theirs)
    for name, values in mine.items():
        np.testing.assert_array_equal(values[i], theirs[name][j], err_msg=name)


# ---------------------------------------------------------------- calls


def test_arrays_are_scenario_quarter_entity(three, layout):
    result = three.result
    assert result.array("revenue").shape == (3, QUARTERS, len(layout.companies))
    assert result.array("paid_share").shape == (3, QUARTERS, len(layout.tenants))
    assert result.array("called").shape == (3, QUARTERS, len(layout.promises.ids))
    assert result.array("price").shape == (3, QUARTERS, 1)


def test_wrong_calls_are_refused(web):
    with pytest.raises(ValueError, match="building must be 'market' or 'plan', got 'plans'"):
        run(web, BASE, building="plans")
    with pytest.raises(ValueError, match="no scenario"):
        run(web, {name: values[:0] for name, values in columns([BASE]).items()})
    with pytest.raises(ValueError, match="unknown record group"):
        run(web, BASE, keep=("company",))


def test_only_what_is_asked_for_is_kept(web):
    lean = run(web, BASE, keep=())
    assert lean.arrays == {}
    with pytest.raises(KeyError):
        lean.array("revenue")
    for group in (*GROUPS, "losses"):
        kept = run(web, STRESSED, keep=(group,))
        full = run(web, STRESSED)
        assert kept.arrays
        for name, values in kept.arrays.items():
            np.testing.assert_array_equal(values, full.array(name), err_msg=f"{group}: {name}")


# ---------------------------------------------------------------- the same input gives the same bits


def test_twice_the_same(web):
    assert_same_bits(run(web, STRESSED), 0, run(web, STRESSED), 0)


def test_a_scenario_does_not_feel_its_neighbours(web):
    """Alone, in company of three, and in a batch of 700."""
    batch = random_levers(11, 700)
    many = run(web, batch)
    for i in (0, 1, 499, 500, 699):
        alone = run(web, {name: values[[i]] for name, values in batch.items()})
        assert_same_bits(alone, 0, many, i)
        few = run(web, {name: values[[5, i, 9]] for name, values in batch.items()})
        assert_same_bits(few, 1, many, i)


def test_today_is_all_defaults_bit_for_bit(web, base):
    again = run(web, [BASE, BASE.replace(**BASE.as_dict()), STRESSED])
    assert_same_bits(base.result, 0, again, 0)
    assert_same_bits(base.result, 0, again, 1)


@pytest.mark.parametrize("seed", range(4))
def test_whoever_reads_nothing_after_the_horizon_may_stop_there(web, seed):
    """Every array up to the horizon is the same, and nothing of the rest is told."""
    batch = random_levers(20 + seed, 40, h=(2028, 2030, 2031, 2033)[seed])
    keep = (*GROUPS, *ON_REQUEST)
    whole, short = run(web, batch, keep=keep), run(web, batch, keep=keep, to_horizon=True)
    last = int(whole.last[0])
    for name, values in whole.arrays.items():
        told, untold = np.split(short.array(name), [last + 1], axis=1)
        np.testing.assert_array_equal(told, values[:, : last + 1], err_msg=name)
        assert (np.isnan(untold) if untold.dtype.kind == "f" else untold < 1).all(), name
    failed = whole.ends["failed"]
    np.testing.assert_array_equal(short.ends["failed"], np.where(failed <= last, failed, NEVER))
    np.testing.assert_array_equal(short.failed_count, whole.failed_count)
    assert (failed <= last).any()
    late = failed[(failed > last) & (failed != NEVER)]
    assert (late.size > 0) == (last < QUARTERS - 1)  # else there would be nothing not to tell


def test_no_figure_of_a_cut_run_reads_as_one_of_a_full_run(web):
    """Up to the horizon they are the same; what reaches beyond it is nan, not a smaller number."""
    batch = random_levers(31, 40, h=2028)
    whole, short = Measures(run(web, batch)), Measures(run(web, batch, to_horizon=True))
    last, shorter = int(whole.result.last[0]), []
    for name in all_measures(whole.layout):
        full, cut = whole.value(name), short.value(name)
        told = ~np.isnan(cut) | np.isnan(full)
        np.testing.assert_array_equal(cut[told], full[told], err_msg=name)
        shorter += [name] * (not told.all())
        if name.endswith("failed_quarter"):
            assert (told == (full <= last)).all(), name
    assert shorter
    assert all(name.endswith("failed_quarter") for name in shorter)
    for giver, found in short.guarantors.items():
        promised = (found.called, found.live) if found.promised else ()
        for path in (*promised, found.called_share, found.operating_cash_flow):
            assert np.isfinite(path[:, : last + 1]).all(), giver
            assert np.isnan(path[:, last + 1 :]).all(), giver
    for fund, found in short.fund_returns.items():
        assert np.isnan(found.nav[:, last + 1 :]).all(), fund
        np.testing.assert_array_equal(found.nav[:, : last + 1], whole.fund_returns[fund].nav[:, : last + 1])
    for company in whole.layout.companies:
        for field in (*FLOWS, *STOCKS, *RATIOS):
            assert np.isnan(short.company(company, field)[:, last + 1 :]).all(), (company, field)


def test_the_latest_horizon_of_a_batch_counts(web):
    years = [2028, 2033]
    both = [STRESSED.replace(h=year) for year in years]
    short, whole = run(web, both, to_horizon=True), run(web, both)
    assert_same_bits(short, 0, whole, 0)
    assert_same_bits(short, 1, whole, 1)


def test_the_horizon_is_a_view(web):
    results = run(web, [STRESSED.replace(h=year) for year in (2028, 2030, 2033)])
    for j in (1, 2):
        assert_same_bits(results, 0, results, j)
    assert results.last.tolist() == [11, 19, 31]
    assert results.failed_count.tolist() == sorted(results.failed_count.tolist())


# ---------------------------------------------------------------- strict arithmetic


@pytest.mark.usefixtures("strict_numbers")
def test_no_operation_overflows_or_is_undefined(web):
    """Random webs and every lever at both ends, with every figure read; batches stay in this thread."""
    for batch in (random_levers(13, 300), columns(at_both_ends())):
        measures = Measures(run(web, batch))
        assert measures.fund_returns
        assert measures.guarantors
        assert measures.gap
        for company in measures.layout.companies:
            for field in measures.fields_of(company):
                assert measures.value(f"{company}.{field}").shape == (measures.result.n,)


def test_stocks_and_one_way_flows_are_never_negative(web):
    result = run(web, random_levers(14, 300))
    one_way = (
        "contracted",
        "guaranteed",
        "spot",
        "revenue",
        "interest",
        "principal",
        "capex",
        "debt",
        "cash",
    )
    for name in (*one_way, "received", "scheduled", "balance", "drawn", "called", "live", "rent_paid"):
        values = result.array(name)
        assert np.nanmin(values) >= 0, name
    assert np.nanmin(result.array("lost")) >= 0
    assert result.estate.min() >= 0
    paid = result.array("paid_share")
    assert paid.min() >= 0
    assert paid.max() <= 1 + 1e-12


# ---------------------------------------------------------------- stories


def failing(result, i):
    layout = result.layout
    return {
        e: int(result.failed_quarter(e)[i]) for e in layout.counted if result.failed_quarter(e)[i] < NEVER
    }


def test_today_nobody_fails_and_nobody_is_called(three):
    assert failing(three.result, 0) == {}
    assert three.value("called_total")[0] == 0


def test_flat_demand_is_a_chain_with_lags(three):
    """OpenAI 2029, CoreWeave 2030 Q2, Fluidstack 2030 Q4, Google called: docs/model.md, section 18."""
    result = three.result
    found = failing(result, 1)
    assert 12 <= found["openai"] <= 15
    assert found["coreweave"] == 17
    assert found["fluidstack"] == 19
    assert result.cause(1, "fluidstack") == "counterparty:anthropic"
    google = three.guarantors["alphabet"].called[1]
    assert google[:19].sum() == 0
    assert google[19] > 0


def test_deep_falls_hit_the_big_labs_in_2028_or_2029_and_the_smallest_first(web):
    result = run(web, BASE.replace(g=-20))
    openai, anthropic, xai = (int(result.failed_quarter(lab)[0]) for lab in ("openai", "anthropic", "xai"))
    assert 8 <= openai <= 15
    assert 8 <= anthropic <= 15
    assert xai < min(openai, anthropic)


def test_building_by_plan_builds_all_of_it_and_by_market_does_not(web, layout):
    bad = BASE.replace(f="closed")
    plan, market = (run(web, bad, building=way) for way in ("plan", "market"))
    c = layout.companies.index("coreweave")
    fleet = layout.fields["fleet"][0]
    planned = fleet["mw_added"] * fleet["capex_per_mw"]
    assert planned[4:8].min() > 1
    for result, built in ((plan, True), (market, False)):
        until = min(int(result.failed_quarter("coreweave")[0]), 8)
        spent = result.array("capex")[0, 4:until, c]
        assert until > 5
        assert (spent >= planned[4:until] - 1e-9).all() == built


def test_every_lever_moves_something_from_the_stressed_scenario(web, layout):
    """Each end of each lever (an end equal to the default is skipped; the horizon is a view)."""
    scenarios, names = [STRESSED.replace(h=2033)], ["-"]
    for word in ("g", "r", "u", "t", "b", "d", "e", "s", "f", "c", "v", "gw", "nb", "mr", "fl"):
        one = lever(word)
        for value in one.options or (one.low, one.high):
            if value != scenarios[0][word]:
                scenarios.append(scenarios[0].replace(**{word: value}))
                names.append(f"{word}={value}")
    measures = Measures(run(web, scenarios))
    dull = []
    for i, name in enumerate(names[1:], 1):
        moved = [
            not np.array_equal(values[0], values[i], equal_nan=values.dtype.kind == "f")
            for values in arrays_of(measures.result).values()
        ]
        if not any(moved):
            dull.append(name)
    assert dull == []


def test_without_the_wrap_terawulf_fails_no_later_and_the_loss_moves_to_noteholders(web, layout):
    with_wrap = random_levers(15, 400, gw=True, h=2033)
    with_wrap["g"] = with_wrap["g"] * 0.6 - 0.25  # mostly shrinking demand: elsewhere nothing is called
    without = {**with_wrap, "gw": np.zeros(400, dtype=bool)}
    on, off = (run(web, levers, building="plan") for levers in (with_wrap, without))
    for host, promise in (("terawulf", "google_terawulf"), ("cipher", "google_cipher")):
        assert (off.failed_quarter(host) <= on.failed_quarter(host)).all()
        lines = [k for k, b in enumerate(layout.tranches.borrower) if layout.nodes[b] == host]
        lost = [result.array("lost")[:, :, lines].sum(axis=(1, 2)) for result in (on, off)]
        called = [
            result.array("called")[:, :, layout.promises.ids.index(promise)].sum(axis=1)
            for result in (on, off)
        ]
        assert (called[1] == 0).all()
        assert (called[0] > 0).sum() > 100
        hurt = off.failed_quarter(host) < on.failed_quarter(host)
        if host == "terawulf":
            assert hurt.sum() > 10
        assert (lost[1] >= lost[0] - 1e-9)[on.failed_quarter(host) == NEVER].all()
