"""Quarters of a run, counted from the snapshot's own first."""

import csv
import shutil

import numpy as np
import pytest

from core.scenario.levers import lever
from core.web.calendar import Calendar
from core.web.refusal import DataError
from core.web.snapshot import Schema
from core.web.web import DATA, load_web, snapshots

FIRST = "2025-12-31"
LATER = "2026-09-30"  # a copy under a date that no snapshot has


@pytest.mark.parametrize(
    ("snapshot", "first", "count"),
    [
        ("2025-12-31", "2026Q1", 32),
        ("2026-03-31", "2026Q2", 31),
        ("2026-06-30", "2026Q3", 30),
        ("2026-09-30", "2026Q4", 29),
        ("2026-12-31", "2027Q1", 28),
    ],
)
def test_a_run_starts_in_the_quarter_after_its_snapshot(snapshot, first, count):
    found = Calendar.after(snapshot, 2033)
    assert (found.labels[0], found.count, found.labels[-1]) == (first, count, "2033Q4")
    assert [found.label(q) for q in range(count)] == list(found.labels)
    assert [found.labels[q][:4] for q in found.year_ends] == [str(year) for year in found.years]
    assert [found.labels[q][-2:] for q in found.year_ends] == ["Q4"] * len(found.years)
    assert [found.first_of(int(label[:4])) for label in found.labels if label.endswith("Q1")] == [
        q for q, label in enumerate(found.labels) if label.endswith("Q1")
    ]


@pytest.mark.parametrize("snapshot", ["2025-12-31", "2026-03-31", "2026-06-30", "2026-09-30"])
def test_the_first_year_of_a_plan_is_the_rest_of_it(snapshot):
    found = Calendar.after(snapshot, 2033)
    plan = np.arange(1.0, len(found.years) + 1)
    path = found.per_quarter(plan, more=4)
    np.testing.assert_allclose(found.yearly(path[: found.count]), plan, rtol=1e-15)
    assert path[found.count :].tolist() == [plan[-1] / 4] * 4


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("2026-05-31", "does not end a quarter"),
        ("2033-12-31", "leaves no quarter"),
        ("2029-06-30", "a run to the end of 2028 would be over"),
        ("1999-12-31", "more than 100 quarters"),
    ],
)
def test_a_date_from_which_nothing_can_run_is_refused_by_name_and_the_others_serve(tmp_path, name, told):
    root = tmp_path / "data"
    shutil.copytree(DATA, root)
    shutil.copytree(root / FIRST, root / name)
    assert name in snapshots(root)
    with pytest.raises(DataError, match=f"{name}.*{told}"):
        load_web(name, root=root)
    assert load_web(FIRST, root=root).calendar.count == 32


@pytest.mark.parametrize("table", sorted(path.stem for path in (DATA / FIRST).glob("*.csv")))
def test_a_snapshot_without_a_table_is_refused_by_its_name_and_the_others_serve(tmp_path, table):
    root = tmp_path / "data"
    shutil.copytree(DATA, root)
    shutil.copytree(root / FIRST, root / LATER, ignore=shutil.ignore_patterns(f"{table}.csv"))
    with pytest.raises(DataError, match=rf"{LATER}/{table}\.csv: the file is missing"):
        load_web(root=root)
    assert load_web(FIRST, root=root).snapshot == FIRST


def test_a_snapshot_whose_plans_have_other_years_is_refused_by_the_name_of_the_column(tmp_path):
    root = tmp_path / "data"
    shutil.copytree(DATA, root)
    shutil.copytree(root / FIRST, root / "2026-12-31")
    with pytest.raises(DataError, match=r"2026-12-31/plans\.csv, .*field y2026: no such column is known"):
        load_web("2026-12-31", root=root)
    shorten(root / FIRST / "plans.csv", "y2033")
    with pytest.raises(DataError, match=r"2025-12-31/plans\.csv, .*field y2033: the column is missing"):
        load_web(FIRST, root=root)


def shorten(path, column):
    """Take a column out of a table."""
    with path.open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [name for name in lines[0] if name != column], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(lines)


def test_actuals_of_a_company_that_only_another_snapshot_knows_are_left_out(tmp_path):
    root = tmp_path / "data"
    shutil.copytree(DATA, root)
    shutil.copytree(root / FIRST, root / "2026-12-31")
    entities, actuals = root / "2026-12-31" / "entities.csv", root / "actuals.csv"
    line = actuals.read_text(encoding="utf-8").splitlines()[1]
    for place, ids in ((actuals, ("only_there", "nowhere")), (entities, ("only_there",))):
        with place.open("a", encoding="utf-8") as file:
            for one in ids:
                text = entities_line(one) if place is entities else line.replace(line.partition(".")[0], one)
                file.write(f"{text}\n")
    with pytest.raises(DataError, match="'nowhere' is none of the subjects") as told:
        load_web(FIRST, root=root)
    assert len(told.value.problems) == 1


def entities_line(one):
    """A line of the entities table about somebody new."""
    return f"{one}.name,{one},name,Somebody,,,text,2025-12-31,derived,high,backstop_model,"


def test_every_year_that_a_lever_asks_for_lies_inside_any_run():
    horizon, declared = lever("h"), Schema(FIRST)
    assert (horizon.low, horizon.high) == (declared._declared["calendar"]["first_end"], 2033)
    assert horizon.high == declared.calendar.last_year
