"""Shapley splits and tornados against brute force: every order of the levers, every scenario run alone."""

import json
from itertools import permutations

import numpy as np
import pytest

from core.__main__ import main
from core.model.engine import run
from core.questions import attribution
from core.questions.attribution import _sampled_shapley, _shapley, attribute, tornado
from core.results.measures import Measures
from core.scenario.levers import Scenario, levers
from core.scenario.presets import preset
from core.web.web import load_web
from tests.worlds import FIRST

WEB = load_web(FIRST)
TODAY = Scenario.default(FIRST)


def by_orders(worth, players):
    """The definition: mean contribution over all orders of joining."""
    total = np.zeros(players)
    orders = list(permutations(range(players)))
    for order in orders:
        mask = 0
        for player in order:
            total[player] += worth(mask | 1 << player) - worth(mask)
            mask |= 1 << player
    return total / len(orders)


def alone(scenario, measure):
    return float(Measures(run(WEB, scenario)).value(measure)[0])


def test_additive_game_gives_each_player_its_own_worth():
    own = np.array([3.0, -1.0, 0.0, 10.0])
    values = np.array([sum(own[i] for i in range(4) if mask >> i & 1) for mask in range(16)])
    np.testing.assert_allclose(_shapley(values, 4), own, atol=1e-12)


def test_product_game_by_hand():
    # Worth (1 + 1)(1 + 2)(1 + 4) - 1 = 29. First player: alone 1, after the second 6 - 3 = 3, after the third
    # 10 - 5 = 5, last 30 - 15 = 15; orders give 2/6 * 1 + 1/6 * 3 + 1/6 * 5 + 2/6 * 15 = 40/6.
    gain = np.array([1.0, 2.0, 4.0])
    values = np.array([np.prod([1 + gain[i] for i in range(3) if mask >> i & 1]) for mask in range(8)])
    parts = _shapley(values, 3)
    np.testing.assert_allclose(parts[0], 40 / 6, atol=1e-12)
    np.testing.assert_allclose(parts.sum(), 29, atol=1e-12)
    np.testing.assert_allclose(parts, by_orders(lambda mask: values[mask], 3), atol=1e-12)


def test_random_games_agree_with_the_definition_and_with_sampling():
    rng = np.random.default_rng(3)
    values = rng.normal(size=2**6)
    exact = _shapley(values, 6)
    np.testing.assert_allclose(exact, by_orders(lambda mask: values[mask], 6), atol=1e-12)
    parts, errors = _sampled_shapley(values, attribution._orders(6, 400, seed=1))
    assert parts.sum() == pytest.approx(values[-1] - values[0], abs=1e-12)
    assert np.all(errors > 0)
    assert np.all(np.abs(parts - exact) < 4 * errors)


def test_sampling_errors_are_right():
    values = np.random.default_rng(4).normal(size=2**5)
    drawn = [_sampled_shapley(values, attribution._orders(5, 40, seed)) for seed in range(200)]
    seen = np.std([parts for parts, _ in drawn], axis=0, ddof=1)
    told = np.sqrt(np.mean([errors**2 for _, errors in drawn], axis=0))
    np.testing.assert_allclose(told, seen, rtol=0.2)


@pytest.mark.parametrize("measure", ["coreweave.failed_quarter", "infra_credit.net_irr", "called_total"])
def test_three_levers_of_the_engine_against_all_orders(measure):
    b = TODAY.replace(g=0, r=8, f="strict")
    moved = TODAY.differs_from(b)

    def worth(mask):
        changes = {name: b[name] for i, name in enumerate(moved) if mask >> i & 1}
        return alone(TODAY.replace(**changes), measure)

    split = attribute(WEB, TODAY, b, measure)
    expected = by_orders({mask: worth(mask) for mask in range(8)}.__getitem__, 3)
    np.testing.assert_allclose([split.parts[name] for name in moved], expected, rtol=1e-12, atol=1e-12)
    assert split.difference == split.end - split.start != 0
    assert (split.start, split.end) == (worth(0), worth(7))
    assert (split.evaluations, split.standard_error, split.undefined) == (8, 0.0, 0)


EIGHT = {"g": -15.0, "r": 6.5, "u": 70.0, "t": 2027, "f": "closed", "gw": False, "s": 250.0, "h": 2032}


@pytest.mark.parametrize("changes", [EIGHT, EIGHT | {"e": 2.5, "v": 40.0, "nb": False, "c": 60.0}])
@pytest.mark.parametrize("measure", ["failed_count", "pensions.loss", "coreweave.failed_quarter"])
def test_parts_add_up_and_flip_with_the_scenarios(changes, measure):
    b = TODAY.replace(**changes)
    there, back = attribute(WEB, TODAY, b, measure), attribute(WEB, b, TODAY, measure)
    size = max(1.0, abs(there.start), abs(there.end))
    assert set(there.parts) == set(changes)
    assert abs(sum(there.parts.values()) - there.difference) < 1e-9 * size
    for name in changes:
        assert there.parts[name] == pytest.approx(-back.parts[name], abs=1e-9 * size)
    assert (there.standard_error == 0) == (len(changes) <= 8)
    assert there.evaluations == 256 if len(changes) <= 8 else there.evaluations < 4096


def test_a_lever_without_effect_gets_exactly_nothing():
    # The horizon cuts what is shown: it does not move a date of failure.
    split = attribute(WEB, TODAY, TODAY.replace(g=0, h=2028, r=7), "coreweave.failed_quarter")
    assert split.parts["h"] == 0.0
    assert split.parts["g"] < 0


def test_equal_scenarios_have_no_parts():
    split = attribute(WEB, TODAY, TODAY, "failed_count")
    assert (split.parts, split.difference, split.evaluations) == ({}, 0.0, 1)


def test_never_counts_as_32():
    split = attribute(WEB, TODAY, TODAY.replace(g=0), "coreweave.failed_quarter")
    assert split.start == 32
    assert split.parts == {"g": split.end - 32}


def test_a_measure_without_value_at_an_end_is_refused_by_name():
    with pytest.raises(
        ValueError, match=r"coreweave.interest_coverage is not defined in the second scenario"
    ):
        attribute(WEB, TODAY, TODAY.replace(g=-30), "coreweave.interest_coverage")
    with pytest.raises(ValueError, match=r"nearest: coreweave.failed_quarter"):
        attribute(WEB, TODAY, TODAY.replace(g=0), "coreweave.failed_quarte")


def test_an_undefined_mixture_counts_as_half_way(monkeypatch):
    # 10 -> 20 with one undefined mixture: (15 - 10 + 20 - 14) / 2 for the first, the rest for the second.
    monkeypatch.setattr(attribution, "measure_values", lambda *_: np.array([10.0, np.nan, 14.0, 20.0]))
    split = attribute(WEB, TODAY, TODAY.replace(g=0, r=5), "called_total")
    assert split.parts == {"g": 5.5, "r": 4.5}
    assert split.undefined == 1


def test_tornado_rows_are_the_engine_run_one_lever_at_a_time():
    start = TODAY.replace(g=0, f="strict")
    rows = tornado(WEB, start, "called_total")
    assert {row.lever for row in rows} == {one.id for one in levers()}
    spans = [row.span for row in rows]
    assert spans == sorted(spans, reverse=True)
    assert spans[0] > 0
    for row in rows:
        assert row.base == alone(start, "called_total")
        assert row.at_low == alone(start.replace(**{row.lever: row.low_value}), "called_total")
        assert row.at_high == alone(start.replace(**{row.lever: row.high_value}), "called_total")
    (refinancing,) = [row for row in rows if row.lever == "f"]
    options = {word: alone(start.replace(f=word), "called_total") for word in ("open", "strict", "closed")}
    assert (refinancing.at_low, refinancing.at_high) == (min(options.values()), max(options.values()))


def test_full_tornado_moves_numbers_over_their_whole_range():
    ends = {
        row.lever: (row.low_value, row.high_value)
        for row in tornado(WEB, TODAY, "failed_count", ranges="full")
    }
    assert ends["g"] == (-50, 100)
    assert ends["h"] == (2028, 2033)
    assert set(ends["gw"]) == {True, False}


def test_a_row_that_is_not_defined_comes_last():
    rows = tornado(WEB, TODAY, "coreweave.interest_coverage", ranges="full")
    assert np.isnan(rows[-1].span)
    assert np.isfinite(rows[0].span)


def test_commands_print_the_same_split_twice(capsys):
    query = "g=-20&b=60&d=35&t=2027"
    outputs = []
    for _ in range(2):
        assert (
            main(
                [
                    "attribute",
                    "--from",
                    "base",
                    "--to",
                    query,
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
    split = attribute(WEB, TODAY, preset("glut").on(FIRST), "infra_credit.net_irr")
    assert told["parts"] == split.parts
    assert (told["from"], told["to"], told["difference"]) == (split.start, split.end, split.difference)
    assert told["standard_error"] == 0
    assert main(["tornado", "g=0", "--measure", "failed_count"]) == 0
    assert len(json.loads(capsys.readouterr().out)["rows"]) == len(levers())


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (["attribute", "--from", "base", "--to", "glut"], "--measure"),
        (["attribute", "--from", "base", "--to", "glot", "--measure", "failed_count"], "glut"),
        (["attribute", "--from", "", "--to", "g=0", "--measure", "nothing"], "no measure"),
        (["attribute", "g=1", "--from", "", "--to", "g=0", "--measure", "failed_count"], "g=1"),
        (["attribute", "--from", "", "--to", "", "--measure", "failed_count", "--seed", "-1"], "--seed"),
        (["tornado"], "--measure"),
        (["tornado", "--measure", "failed_count", "--ranges", "ful"], "full"),
    ],
)
def test_wrong_calls_are_one_line(capsys, call, told):
    assert main(call) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert told in error
