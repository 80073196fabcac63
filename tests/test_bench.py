"""The workloads of `make bench`, each done once and small; no time is asserted."""

import math

import pytest

from core.compiled import cache
from tests import bench

FOLDER = str(cache.folder().parent)  # where rules are kept already: compiling them anew takes half a minute
WORKS = bench.works(FOLDER, n=100, grid=5)


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_a_workload_gives_finite_figures(work):
    fixed, found = bench.timings([bench.Work(work.name, work.do, work.aim, work.of_cpu, 1)])
    assert fixed.ratio == 1.0
    assert (found.name, found.aim) == (work.name, work.aim)
    assert all(math.isfinite(number) and number > 0 for number in (found.wall, found.cpu, found.ratio))
    assert found.met in ((None,) if work.aim is None else (True, False))


def test_every_aim_has_its_workload():
    assert sorted(work.aim for work in WORKS if work.aim) == [2.5, 10, 500, 1000, 1500]
    assert [work.of_cpu for work in WORKS if work.aim in (2.5, 10)] == [True, True]


def test_a_page_reads_all_of_a_scenario_that_nobody_had():
    page = next(work for work in WORKS if "page" in work.name)
    one, other = page.do(), page.do()
    assert len(one) > 5
    assert all(table for table in one)
    assert one != other


def test_memory_is_that_of_the_batch_alone():
    assert 0.05 < bench.peak_memory(n=10) < 2
