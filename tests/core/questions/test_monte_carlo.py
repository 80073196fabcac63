"""Draws against brute force, their errors against repetition, probabilities against the frontier."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields

import numpy as np
import pytest
from scipy.stats import spearmanr

from core.__main__ import main
from core.model.engine import run
from core.questions.batches import CancelledError
from core.questions.distributions import Distribution, distributions
from core.questions.frontier import frontiers
from core.questions.monte_carlo import QUANTILES, between, estimate, monte_carlo, sobol_points
from core.results.measures import Measures
from core.scenario.levers import Scenario, columns_from
from core.web.web import load_web
from tests.worlds import FIRST, QUARTERS

WEB = load_web(FIRST)
TODAY = Scenario.default(FIRST)


def raw(found):
    """Everything in it, as bytes."""
    return repr([getattr(found, f.name) for f in fields(found) if f.name != "samples"]), {
        name: values.tobytes() for name, values in found.samples.items()
    }


def settings_of(found):
    return {name.removeprefix("lever:"): v for name, v in found.samples.items() if name.startswith("lever:")}


@pytest.fixture(scope="module")
def drawn():
    return monte_carlo(WEB, TODAY, 512, seed=7)


@pytest.fixture(scope="module")
def again(drawn):
    """The same draws, run as one plain batch that keeps everything."""
    return run(WEB, columns_from(TODAY, **settings_of(drawn)))


def test_same_seed_same_bytes_however_cut_up(drawn):
    assert raw(monte_carlo(WEB, TODAY, 512, seed=7, chunk=73)) == raw(drawn)  # the last chunk is one draw
    with ThreadPoolExecutor(3) as executor:
        assert raw(monte_carlo(WEB, TODAY, 512, seed=7, chunk=200, executor=executor)) == raw(drawn)
    assert raw(monte_carlo(WEB, TODAY, 512, seed=8)) != raw(drawn)


def test_failures_are_shares_of_the_draws(drawn, again):
    for company in ("coreweave", "fluidstack", "openai", "xai_vehicle"):
        failed = again.failed_quarter(company)
        told = drawn.failures[company]
        assert told.probability == pytest.approx(np.mean(failed <= 19))  # 2030 Q4
        np.testing.assert_allclose(told.by_quarter, [np.mean(failed <= q) for q in range(QUARTERS)])
        assert told.by_quarter[19] == told.probability
        assert told.by_quarter_error[19] == told.standard_error
    assert 0 < drawn.failures["coreweave"].probability < 1


def test_calls_losses_and_measures_are_those_of_the_draws(drawn, again):
    figures = Measures(again)
    for name, told in (
        ("alphabet.called", drawn.calls["alphabet"]),
        ("nvidia.called", drawn.calls["nvidia"]),
        ("infra_credit.loss", drawn.losses["infra_credit"]),
        ("blue_owl.loss", drawn.losses["blue_owl"]),
        ("failed_count", drawn.measures["failed_count"]),
    ):
        values = figures.value(name)
        assert told.mean == pytest.approx(values.mean())
        assert list(told.quantiles) == [5, 25, 50, 75, 95]
        np.testing.assert_allclose(list(told.quantiles.values()), np.percentile(values, QUANTILES))
        assert told.quantiles[95] > 0


def test_draws_that_stop_at_the_horizon_say_the_same_up_to_it(drawn):
    short = monte_carlo(WEB, TODAY, 512, seed=7, measures=(), to_horizon=True)
    end = 4 * (TODAY["h"] - 2026 + 1)
    assert (short.calls, short.losses) == (drawn.calls, drawn.losses)
    for who, one in drawn.failures.items():
        other = short.failures[who]
        assert (other.probability, other.standard_error) == (one.probability, one.standard_error)
        np.testing.assert_array_equal(other.by_quarter[:end], one.by_quarter[:end])
        np.testing.assert_array_equal(other.by_quarter_error[:end], one.by_quarter_error[:end])
        assert np.isnan([other.by_quarter[end:], other.by_quarter_error[end:]]).all()
    for path, quantiles in drawn.paths.items():
        np.testing.assert_array_equal(short.paths[path][:, :end], quantiles[:, :end])
        assert np.isnan(short.paths[path][:, end:]).all()
    assert any(one.by_quarter[-1] > one.by_quarter[end - 1] for one in drawn.failures.values())


def test_a_failed_company_counts_with_nothing_in_its_path(drawn, again):
    coverage = Measures(again).company("coreweave", "interest_coverage").copy()
    failed = again.failed_quarter("coreweave")
    assert (failed < 25).any()
    for i, quarter in enumerate(failed):
        coverage[i, quarter + 1 :] = 0.0
    for q in (0, 12, 26):
        known = coverage[np.isfinite(coverage[:, q]), q]
        told = drawn.paths["coreweave.interest_coverage"][:, q]
        np.testing.assert_allclose(told, np.percentile(known, QUANTILES), rtol=1e-6)


def test_standard_errors_are_those_of_fifty_repetitions():
    runs = [
        monte_carlo(WEB, TODAY, 128, seed, levers=["g", "r", "u"], paths=(), losses=False)
        for seed in range(50)
    ]
    ratios = []
    for pick in (
        lambda found: (found.failures["coreweave"].probability, found.failures["coreweave"].standard_error),
        lambda found: (found.failures["openai"].probability, found.failures["openai"].standard_error),
        lambda found: (found.failures["xai"].probability, found.failures["xai"].standard_error),
        lambda found: (found.measures["failed_count"].mean, found.measures["failed_count"].standard_error),
        lambda found: (found.calls["alphabet"].mean, found.calls["alphabet"].standard_error),
    ):
        means, errors = np.array([pick(found) for found in runs]).T
        ratios.append(np.sqrt(np.mean(errors**2)) / means.std(ddof=1))
    # Fifty repetitions know their own spread to a tenth; the worst of five is off by more.
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.2)
    assert max(np.abs(np.log(ratios))) < 0.4
    # And the points earn their keep: as many plain draws would be off by far more.
    coreweave = np.array([found.failures["coreweave"].probability for found in runs])
    plain = np.sqrt(coreweave.mean() * (1 - coreweave.mean()) / 128)
    assert coreweave.std(ddof=1) < plain / 1.8


@pytest.mark.parametrize("n", [128, 250])
def test_standard_errors_are_those_of_many_repetitions_of_a_small_case(n):
    found = []
    for seed in range(500):
        points, starts = sobol_points(n, 3, seed)
        found.append(between((points @ [1.0, 0.7, 0.3] < 0.8).astype(float), starts))
    means, errors = np.array(found).T
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(means.std(ddof=1), rel=0.1)


def test_probability_is_the_area_behind_the_frontier():
    ends = {"g": (-20.0, 70.0), "u": (60.0, 98.0)}
    uniform = {name: Distribution(name, "uniform", TODAY[name], *span) for name, span in ends.items()}
    found = monte_carlo(WEB, TODAY, 4096, 1, levers=["g", "u"], given=uniform, paths=(), losses=False)
    companies = ("coreweave", "openai")
    plane = frontiers(WEB, TODAY, companies, "g", "u", x_range=ends["g"], y_range=ends["u"])
    edges = run(WEB, columns_from(TODAY, g=plane.x_values, u=60.0)).failed_by_horizon(companies)
    for c, line in enumerate(plane.frontiers):
        shares = []
        for x, fails_low in zip(plane.x_values, edges[:, c], strict=True):
            flips = sorted(y for px, y in line.points if px == x and y not in ends["u"])
            pieces = np.diff([ends["u"][0], *flips, ends["u"][1]])
            shares.append(pieces[0 if fails_low else 1 :: 2].sum() / 38.0)
        area = np.trapezoid(shares, plane.x_values) / 90.0
        told = found.failures[line.company]
        assert 0.05 < area < 0.95
        assert abs(told.probability - area) < 4 * told.standard_error + 0.002


def test_draws_follow_their_distributions_and_the_declared_correlation():
    found = monte_carlo(WEB, TODAY, 4096, 1, measures=(), paths=(), losses=False)
    values = settings_of(found)
    for name, one in distributions(WEB).items():
        if one.shape == "discrete":
            for option, chance in zip(one.options, one.probabilities, strict=True):
                assert np.mean(values[name] == option) == pytest.approx(chance, abs=0.01)
        else:
            shares = np.array([0.1, 0.5, 0.9])
            np.testing.assert_allclose(
                np.quantile(values[name], shares), one.quantile(shares), atol=0.03 * (one.high - one.low)
            )
    # A Gaussian copula of -0.6 has the rank correlation 6 / pi * asin(-0.3) = -0.582.
    assert spearmanr(values["g"], values["s"]).statistic == pytest.approx(-0.582, abs=0.02)
    assert abs(spearmanr(values["g"], values["r"]).statistic) < 0.03


def test_centre_moves_the_draws():
    stressed = TODAY.replace(g=-10, gw=False)
    around = monte_carlo(WEB, stressed, 256, 1, measures=(), paths=(), losses=False)
    data = monte_carlo(WEB, stressed, 256, 1, measures=(), paths=(), losses=False, centre="data")
    assert around.samples["lever:g"].max() < 26
    assert data.samples["lever:g"].max() > 60
    assert around.samples["lever:gw"].mean() < 0.1 < 0.9 < data.samples["lever:gw"].mean()


def test_error_between_scrambles_by_hand():
    # Scrambles of one and two draws: means 1 and 3, pooled 7 / 3; distances times counts -4 / 3 and 4 / 3.
    mean, error = between(np.array([1.0, 2.0, 4.0]), np.array([0, 1]))
    assert mean == pytest.approx(7 / 3)
    assert error == pytest.approx(np.sqrt(2 * 2 * (4 / 3) ** 2) / 3)


def test_undefined_draws_are_counted_and_left_out():
    told = estimate(np.array([1.0, np.nan, 3.0, 5.0]), np.array([0, 2]))
    assert (told.mean, told.defined) == (3.0, 0.75)
    nothing = estimate(np.full(4, np.nan), np.array([0, 2]))
    assert np.isnan(nothing.mean)
    assert nothing.defined == 0


def test_points_are_spread_and_scrambles_differ():
    points, starts = sobol_points(1000, 3, seed=5)
    assert points.shape == (1000, 3)
    assert len(starts) == 16
    assert len({points[i].tobytes() for i in starts}) == 16
    np.testing.assert_allclose(points.mean(axis=0), 0.5, atol=0.01)
    assert len(sobol_points(3, 1, seed=0)[1]) == 3


def test_progress_is_told_and_cancel_stops():
    seen = []
    monte_carlo(
        WEB, TODAY, 100, 1, paths=(), losses=False, chunk=40, progress=lambda done, n: seen.append((done, n))
    )
    assert seen == [(40, 100), (80, 100), (100, 100)]
    with pytest.raises(CancelledError, match="40 of 100"):
        monte_carlo(
            WEB, TODAY, 100, 1, chunk=40, progress=lambda *_: None, cancelled=iter([False, True]).__next__
        )


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"n": 1}, "n = 1"),
        ({"n": 10**6}, "100,000"),
        ({"seed": -1}, "seed = -1"),
        ({"measures": ["coreweave.fails"]}, "no measure"),
        ({"levers": ["h"]}, "horizon"),
        ({"levers": ["g", "demand_growth"]}, "once"),
        ({"paths": ["coreweave.net_debt_to_ebitda"]}, "no path"),
        ({"centre": "middle"}, "centre"),
    ],
)
def test_wrong_input_is_named(wrong, told):
    call = {"n": 64, "seed": 1} | wrong
    with pytest.raises(ValueError, match=told):
        monte_carlo(WEB, TODAY, **call)


def test_command_prints_the_same_bytes_twice(capsys):
    outputs = []
    for _ in range(2):
        assert (
            main(
                [
                    "monte-carlo",
                    "--n",
                    "64",
                    "--seed",
                    "3",
                    "g=0",
                    "--measure",
                    "infra_credit.net_irr",
                    "--data",
                    FIRST,
                ]
            )
            == 0
        )
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1]
    told = json.loads(outputs[0])
    assert (told["n"], told["seed"]) == (64, 3)
    found = monte_carlo(WEB, TODAY.replace(g=0), 64, 3, ["infra_credit.net_irr"])
    figure = told["measures"]["infra_credit.net_irr"]
    assert figure["mean"] == found.measures["infra_credit.net_irr"].mean
    assert set(figure) >= {"mean", "standard_error", "quantiles"}
    assert main(["monte-carlo", "--n", "many"]) == 2
    assert "--n" in capsys.readouterr().err
