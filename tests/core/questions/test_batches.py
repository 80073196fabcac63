"""Batches here and on any executor: the same bits everywhere."""

import pickle
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest

from core.model.engine import run
from core.questions import batches
from core.questions.attribution import attribute
from core.questions.batches import CancelledError, _failed, fates, measure_values, run_batches
from core.questions.frontier import frontiers
from core.questions.monte_carlo import monte_carlo
from core.questions.turns import Turns
from core.results.measures import Measures
from core.scenario.levers import Scenario, columns_from
from core.web.web import load_web
from tests import processes
from tests.worlds import FIRST

WEB = load_web(FIRST)
TODAY = Scenario.default(FIRST)
GRID = columns_from(TODAY, g=np.linspace(-50, 100, 40)[:, None], r=np.linspace(0, 12, 8))


def count_failed(result):
    return result.failed_count


def test_what_is_kept_comes_in_order_whatever_the_chunk():
    whole = run(WEB, GRID, keep=()).failed_count
    assert len(set(whole.tolist())) > 3
    for chunk in (1000, 100, 37):
        parts = list(run_batches(WEB, GRID, count_failed, chunk=chunk))
        assert [len(part) for part in parts[:-1]] == [chunk] * (len(parts) - 1)
        np.testing.assert_array_equal(np.concatenate(parts), whole)
    with pytest.raises(ValueError, match="chunk"):
        next(run_batches(WEB, GRID, count_failed, chunk=0))


def test_measures_and_fates_are_those_of_one_run():
    result = run(WEB, GRID)
    for measure in ("infra_credit.net_irr", "called_total", "coreweave.failed_quarter"):
        np.testing.assert_array_equal(measure_values(WEB, GRID, measure), Measures(result).value(measure))
    who = ("coreweave", "openai")
    np.testing.assert_array_equal(fates(WEB, GRID, who), result.failed_by_horizon(who))


def test_any_executor_will_do():
    who = ("coreweave", "xai")
    expected = fates(WEB, GRID, who)
    with ThreadPoolExecutor(1) as executor:
        np.testing.assert_array_equal(fates(WEB, GRID, who, executor), expected)
        assert executor.submit(int, "3").result() == 3  # lent, not closed
    np.testing.assert_array_equal(fates(WEB, GRID, who, Turns()), expected)
    with processes.pool(1) as executor:
        np.testing.assert_array_equal(fates(WEB, GRID, who, executor), expected)


def test_a_web_travels_as_its_recipe_with_its_edits():
    edited = load_web(FIRST, overrides={"coreweave.cash": 1.0})
    sent = pickle.dumps(edited)
    assert len(sent) < 1000
    arrived = pickle.loads(sent)
    assert arrived.value("coreweave.cash") == 1.0
    assert pickle.loads(sent) is arrived  # loaded once in a process


def test_progress_and_cancel():
    seen = []
    parts = run_batches(WEB, GRID, count_failed, chunk=128, progress=lambda *done: seen.append(done))
    assert len(list(parts)) == 3
    assert seen == [(128, 320), (256, 320), (320, 320)]
    answers = iter([False, True])
    stopped = run_batches(WEB, GRID, count_failed, chunk=64, cancelled=answers.__next__)
    assert len(next(stopped)) == 64
    with pytest.raises(CancelledError, match="64 of 320"):
        next(stopped)


def test_a_batch_that_fails_says_why():
    with pytest.raises(KeyError):
        list(run_batches(WEB, GRID, partial(_failed, companies=("nobody",))))


def test_every_question_gives_the_same_bits_on_an_executor(monkeypatch):
    edited = load_web(FIRST, overrides={"coreweave.cash": 2.0})
    b = TODAY.replace(g=0, r=7, f="strict", gw=False)

    def answers(executor):
        draws = monte_carlo(edited, TODAY, 600, 5, chunk=100, executor=executor)
        split = attribute(edited, TODAY, b, "infra_credit.net_irr", executor=executor)
        plane = frontiers(edited, TODAY, ["coreweave"], "g", "u", 21, executor=executor)
        samples = {name: values.tobytes() for name, values in draws.samples.items()}
        return samples, repr(draws), split, plane.frontiers

    here = answers(None)
    with ThreadPoolExecutor(2) as pool:
        assert answers(pool) == here
    assert answers(Turns()) == here
    monkeypatch.setattr(batches, "CHUNK", 7)
    assert answers(None) == here


def test_what_a_stopped_run_has_not_begun_is_dropped():
    begun = []

    def work(result):
        begun.append(result.failed_count.size)
        return result.failed_count

    for stop, error in (
        ({"cancelled": iter([False, True]).__next__}, CancelledError),
        ({"progress": oh}, Oh),
    ):
        begun.clear()
        with pytest.raises(error):
            list(run_batches(WEB, GRID, work, chunk=64, **stop))
        assert begun == [64]


class Oh(BaseException):
    """What Streamlit stops a page with is no Exception either."""


def oh(_done, _total):
    raise Oh
