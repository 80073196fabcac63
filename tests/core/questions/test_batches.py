"""Batches on threads, on other executors and on a real Dask scheduler: the same bits everywhere."""

import os
import pickle
import socket
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from core.kernel.engine import run
from core.questions.attribution import attribute
from core.questions.batches import (
    CancelledError,
    Shipped,
    _failed,
    cluster,
    count_failed,
    fates,
    measure_values,
    run_batches,
)
from core.questions.frontier import frontiers
from core.questions.monte_carlo import monte_carlo
from core.results.measures import Measures
from core.scenario.levers import Scenario, columns_from
from core.web.web import load_web

WEB = load_web()
TODAY = Scenario.default()
GRID = columns_from(TODAY, g=np.linspace(-50, 100, 40)[:, None], r=np.linspace(0, 12, 8))
REPOSITORY = Path(__file__).parents[3]


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
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        np.testing.assert_array_equal(fates(WEB, GRID, who, executor), expected)


def test_a_web_travels_as_its_recipe_with_its_edits():
    edited = load_web(overrides={"coreweave.cash": 1.0})
    sent = pickle.dumps(Shipped(edited))
    assert len(sent) < 1000
    arrived = pickle.loads(sent).web
    assert arrived.value("coreweave.cash") == 1.0
    assert pickle.loads(sent).web is arrived  # loaded once in a process


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


def test_nobody_at_the_address_is_said():
    pytest.importorskip("distributed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
        with pytest.raises(ValueError, match="no Dask scheduler answers"), cluster(address, wait=1):
            pass


@pytest.fixture(scope="module")
def scheduler():
    """A scheduler and two worker processes on loopback, started by the two documented commands."""
    try:
        import distributed
    except ImportError:
        sentence = "the extra [cluster] is not installed, so nothing was run on Dask"
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    dask = [sys.executable, "-m", "dask"]
    quiet = {"cwd": REPOSITORY, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    commands = (
        [*dask, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"],
        [*dask, "worker", address, "--nworkers", "2", "--nthreads", "1", "--no-dashboard"],
    )
    processes = [subprocess.Popen(command, **quiet) for command in commands]
    try:
        started = time.monotonic()
        while True:
            try:
                with distributed.Client(address, timeout=5, set_as_default=False) as client:
                    client.wait_for_workers(2, timeout=60)
                break
            except OSError:
                if time.monotonic() - started > 60:
                    raise
        yield address
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            process.wait(30)


def _process(_):
    import os
    import time

    time.sleep(0.05)  # long enough that one worker cannot do all of it
    return os.getpid()


def test_two_dask_workers_give_the_same_bits(scheduler):
    edited = load_web(overrides={"coreweave.cash": 2.0})
    b = TODAY.replace(g=0, r=7, f="strict", gw=False)
    with cluster(scheduler) as executor:
        draws = monte_carlo(edited, TODAY, 600, 5, chunk=100, executor=executor)
        split = attribute(edited, TODAY, b, "infra_credit.net_irr", executor=executor)
        plane = frontiers(edited, TODAY, ["coreweave"], "g", "u", 21, executor=executor)
        both = set(executor.map(_process, range(20)))
    here = monte_carlo(edited, TODAY, 600, 5)
    assert {name: v.tobytes() for name, v in draws.samples.items()} == {
        name: v.tobytes() for name, v in here.samples.items()
    }
    assert repr(draws) == repr(here)
    assert split == attribute(edited, TODAY, b, "infra_credit.net_irr")
    assert plane.frontiers == frontiers(edited, TODAY, ["coreweave"], "g", "u", 21).frontiers
    assert len(both) == 2
    assert os.getpid() not in both
