"""Long runs take turns, short runs take none, and a run that ends in any way leaves the line."""

from threading import Thread

import numpy as np
import pytest

from core.model.engine import run
from core.questions.batches import CancelledError, run_batches
from core.questions.turns import Turns
from core.scenario.levers import Scenario, columns_from
from core.web.web import load_web
from tests.worlds import FIRST

WEB = load_web(FIRST)
GRID = columns_from(Scenario.default(FIRST), g=np.linspace(-50, 100, 60))
PATIENCE = 60.0  # s: for a test that would otherwise hang


def count_failed(result):
    return result.failed_count


def long_run(turns, **how):
    return run_batches(WEB, GRID, count_failed, executor=turns, chunk=10, **how)


def begin(work):
    thread = Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_two_long_runs_go_by_turns():
    """Neither is through, nor a batch ahead, before the other has had its turn."""
    turns, order, under_way = Turns(), [], {"a", "b"}

    def one(name):
        def reduce(_result):
            order.append(name)
            while under_way == {"a", "b"} and turns.waiting < 2:  # the other is on its way to the line
                pass

        list(run_batches(WEB, GRID, reduce, executor=turns, chunk=10))
        under_way.remove(name)

    threads = [begin(lambda name=name: one(name)) for name in "ab"]
    for thread in threads:
        thread.join(PATIENCE)
    assert "".join(order) in ("ab" * 6, "ba" * 6)


def test_first_come_first_served():
    turns, order = Turns(), []

    def one(name):
        with turns.turn():
            order.append(name)

    threads = []
    with turns.turn():
        for name in "abcde":
            threads.append(begin(lambda name=name: one(name)))
            while turns.waiting < len(threads) + 1:
                pass
    for thread in threads:
        thread.join(PATIENCE)
    assert order == list("abcde")


def test_a_short_run_is_answered_while_a_long_one_holds_its_turn():
    turns = Turns()
    values = long_run(turns)
    first = next(values)
    with turns.turn():  # nobody else may do a batch now
        assert run(WEB, Scenario.default(FIRST), keep=()).failed_count.tolist() == [0]
        assert turns.waiting == 1
    assert sum(map(len, values)) + len(first) == 60


class Gone(BaseException):
    """What Streamlit ends a page's run with is no Exception."""


def test_a_run_that_breaks_off_computes_no_more_and_leaves_the_line_free():
    for end in (Gone, ValueError):
        turns, begun = Turns(), []

        def told(done, _total, end=end, begun=begun):
            begun.append(done)
            if done == 20:
                raise end

        with pytest.raises(end):
            list(long_run(turns, progress=told))
        assert (begun, turns.waiting) == ([10, 20], 0)
        assert sum(map(len, long_run(turns))) == 60
    turns = Turns()
    with pytest.raises(CancelledError, match="20 of 60"):
        list(long_run(turns, cancelled=iter([False, False, True]).__next__))
    assert turns.waiting == 0


def test_a_batch_that_raises_leaves_the_line_free():
    turns = Turns()
    with pytest.raises(ZeroDivisionError):
        list(turns.map(lambda part: 1 / part, [1, 0, 1]))
    assert turns.waiting == 0
    assert list(turns.map(str, [1])) == ["1"]
