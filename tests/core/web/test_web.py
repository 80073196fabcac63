"""Loading the web, overriding it, and every way in which data is refused."""

import csv
import json
import math
import pickle
import shutil
import tomllib
from pathlib import Path

import numpy as np
import pytest

from core.web.crosscheck import cross_check
from core.web.refusal import REASONS, DataError
from core.web.snapshot import Reader
from core.web.web import DATA, MOST_TRIED, NOT_TRIED, as_records, load_web, refused_edits, snapshots, validate
from tests.worlds import FIRST

SNAPSHOT = FIRST
LATER = "2026-09-30"  # a copy under a date that no snapshot has
BAD = Path(__file__).parents[2] / "bad"
FIXTURES = sorted(path.parent.name for path in BAD.glob("*/patch.toml"))


@pytest.fixture(scope="module")
def web():
    return load_web(FIRST)


# ---------------------------------------------------------------- the good snapshot


def test_the_snapshot_is_without_fault():
    assert validate(DATA / SNAPSHOT) == []


def test_per_cent_and_basis_points_become_decimals_and_money_does_not_change(web):
    rate, spread = web.row("coreweave_ddtl1.rate"), web.row("status.distressed_spread")
    assert (rate.raw, rate.value) == (9.62, 0.0962)
    assert (spread.raw, spread.value, spread.low, spread.high) == (600, 0.06, 0.04, 0.09)
    assert web.value("coreweave.cash") == 4.13
    assert web.value("terawulf_fluidstack.rent") == 1.86  # still USD m per MW and year


def test_every_decimal_is_what_the_file_says_to_the_last_bit_but_one(web):
    percent = [row for row in web.rows() if row.unit == "%"]
    assert len(percent) > 100
    for row in percent:
        assert math.isclose(row.value, float(f"{row.raw}e-2"), rel_tol=2**-52), row.id


def test_a_plan_is_eight_years_that_cannot_be_written(web):
    plan = web.plan("openai", "revenue")
    assert plan.tolist() == [30, 58, 95, 135, 175, 210, 240, 260]
    assert plan[3] == web.value("openai.revenue.y2029")
    with pytest.raises(ValueError, match="read-only"):
        plan[0] = 1


def test_actuals_are_found_by_quarter(web):
    assert web.actual("coreweave", "revenue", "2026Q1") == 2.078
    assert web.actual("oracle", "rating", "2026Q3") == "BBB- / Baa2 / BBB"


def test_subjects_come_in_file_order_and_by_any_item(web):
    assert web.subjects("entities", kind="lab") == ("openai", "anthropic", "xai")
    assert web.subjects("capacity", kind="landlord") == ("terawulf", "cipher")
    assert web.subjects("tranches", borrower="cipher", kind="balloon") == (
        "cipher_notes2030",
        "cipher_blackpearl2031",
    )
    assert web.subjects("entities", kind="bank") == ()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda w: w.value("corewave.cash"), "nearest: coreweave.cash"),
        (lambda w: w.plan("openai", "revenu"), "nearest: openai.revenue"),
        (lambda w: w.subjects("tranch"), "nearest: tranches"),
        (lambda w: w.row("cash"), "no row 'cash'"),
    ],
)
def test_a_wrong_name_is_told_with_the_nearest(web, call, words):
    with pytest.raises(ValueError, match=words):
        call(web)


def test_the_web_is_frozen(web):
    with pytest.raises(TypeError):
        web.tables["entities"]["openai"] = {}
    with pytest.raises(TypeError):
        web.tables["entities"]["openai"]["cash"] = 1
    with pytest.raises(AttributeError):
        web.row("openai.cash").value = 1


def test_two_loads_are_equal_and_pickling_keeps_overrides(web):
    assert list(load_web(FIRST).rows()) == list(web.rows())
    changed = load_web(FIRST, overrides={"openai.cash": 55})
    copy = pickle.loads(pickle.dumps(changed))
    assert list(copy.rows()) == list(changed.rows())
    assert copy.value("openai.cash") == 55


def test_rows_and_records_tell_the_same(web):
    rows, records = list(web.rows()), as_records(web)
    assert [r["id"] for r in records] == [row.id for row in rows]
    cash = next(r for r in records if r["id"] == "coreweave.cash")
    assert (cash["table"], cash["value"], cash["stated"], cash["unit"]) == ("entities", 4.13, 4.13, "USD bn")
    assert cash["source_publisher"] == "CoreWeave"
    rate = next(r for r in records if r["id"] == "coreweave_ddtl1.rate")
    assert (rate["value"], rate["stated"], rate["unit"]) == (0.0962, 9.62, "%")
    assert json.loads(json.dumps(records, allow_nan=False)) == records


def test_number_ids_are_unique_in_the_snapshot(web):
    ids = [row.id for row in web.rows() if not isinstance(row.value, str)]
    assert len(ids) == len(set(ids)) > 500


# ---------------------------------------------------------------- snapshots by date


def test_a_snapshot_is_found_by_its_folder(tmp_path):
    root = copied(tmp_path)
    shutil.copytree(root / SNAPSHOT, root / LATER)
    assert snapshots(root) == ("2025-12-31", LATER)
    later = load_web(LATER, root=root)
    assert later.snapshot == LATER
    assert later.value("coreweave.cash") == 4.13


def test_an_unknown_snapshot_is_told_with_those_there_are():
    with pytest.raises(DataError, match=r"no snapshot '2024-12-31'; there are: 2025-12-31"):
        load_web("2024-12-31")
    with pytest.raises(DataError, match="is not a snapshot"):
        validate(DATA / "presets")


# ---------------------------------------------------------------- overrides


def test_an_override_is_in_the_unit_of_its_row_and_marked(web):
    changed = load_web(
        FIRST, overrides={"coreweave_ddtl1.rate": 12, "openai.revenue.y2027": 60, "market.u_ref": 80}
    )
    assert changed.value("coreweave_ddtl1.rate") == 0.12
    assert changed.plan("openai", "revenue").tolist() == [30, 60, 95, 135, 175, 210, 240, 260]
    assert changed.value("market.u_ref") == 0.8
    touched = {row.id for row in changed.rows() if row.overridden}
    assert touched == {"coreweave_ddtl1.rate", "openai.revenue.y2027", "market.u_ref"}
    differing = {a.id for a, b in zip(changed.rows(), web.rows(), strict=True) if a.value != b.value}
    assert differing == touched


def test_an_override_may_leave_the_range_of_the_sources_but_not_the_possible():
    assert load_web(FIRST).row("openai.cash").high == 73
    changed = load_web(FIRST, overrides={"openai.cash": 200})
    assert (changed.value("openai.cash"), changed.row("openai.cash").high) == (200, None)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"corewave.cash": 1}, "override 'corewave.cash': no such number; nearest: coreweave.cash"),
        ({"coreweave.kind": 1}, "override 'coreweave.kind': no such number"),
        ({"coreweave.cash.2026Q2": 1}, "override 'coreweave.cash.2026Q2': no such number"),
        ({"coreweave.cash": "much"}, "override 'coreweave.cash': 'much' is not a number"),
        ({"coreweave.cash": None}, "override 'coreweave.cash': None is not a number"),
        ({"coreweave.cash": math.nan}, "row coreweave.cash, field value (override): 'nan' is not a finite"),
        ({"coreweave.cash": math.inf}, "row coreweave.cash, field value (override): 'inf' is not a finite"),
        ({"coreweave.cash": -1}, "row coreweave.cash, field value (override): -1.0 lies outside 0 to 1000"),
        ({"openai.revenue.y2027": -1}, "row openai.revenue, field y2027 (override): -1.0 lies outside"),
        ({"coreweave_ddtl1.maturity": 4.5}, "ddtl1.maturity, field value (override): 4.5 is not a whole"),
        ({"infra_credit.hold_new_loans": 13}, "row infra_credit, field hold_*: the weights add up to 101 %"),
    ],
)
def test_an_impossible_override_is_refused(overrides, words):
    with pytest.raises(DataError) as told:
        load_web(FIRST, overrides=overrides)
    assert words in str(told.value)


OVERRIDES = [
    {},
    {"coreweave.cash": 5, "openai.revenue.y2027": 60, "openai.revenue.y2026": 55},
    {"openai.revenue.y2027": -1, "coreweave.cash": -1},
    {"coreweave_ddtl1.maturity": 4.5},
    {"infra_credit.hold_new_loans": 2},
    {"infra_credit.hold_new_loans": 2, "infra_credit.hold_hyperion_equity": 22},
    {"infra_credit.hold_new_loans": -2},
    {"market.u_ref": math.inf},
    {"coreweave_notes2030.rate": 12, "market.u_ref": 80, "infra_credit.hold_new_loans": 90},
]


@pytest.mark.parametrize("overrides", OVERRIDES, ids=str)
def test_overrides_beside_what_is_read_are_as_if_all_were_read_anew(overrides):
    """The tables with what they hold and in which order, and every refusal."""
    beside, anew = Reader(DATA / "2025-12-31", {}).beside(overrides), Reader(DATA / "2025-12-31", overrides)
    for reader in (beside, anew):
        cross_check(reader)
    assert beside.refusals.problems == anew.refusals.problems
    assert repr(beside.tables) == repr(anew.tables)
    assert beside.lines == anew.lines
    assert beside.numbers == anew.numbers


def test_every_number_may_be_overridden_beside_the_others(web):
    original = Reader(DATA / "2025-12-31", {})
    untouched = repr(original.tables)
    for row in web.rows():
        if original.may_change(row.id) and not isinstance(row.raw, str):
            assert original.beside({row.id: row.raw}).tables[row.table][row.subject][row.item].raw == row.raw
            original.beside({row.id: -1e9})
    assert repr(original.tables) == untouched
    assert original.refusals.problems == ()


def test_edits_are_refused_each_with_its_reason_and_together_where_they_need_each_other():
    loans, equity = ("infra_credit.hold_new_loans", 2.0), ("infra_credit.hold_hyperion_equity", 22.0)
    assert refused_edits((loans, equity)) == ("", "")
    told = refused_edits((("openai.cash", 50.0), loans, ("x.y", 1.0), ("openai.cash", -1.0)))
    assert told[0] == ""
    assert "not to 100 %" in told[1]
    assert told[2] == "no such number"
    assert "lies outside" in told[3]


def test_edits_are_tried_one_by_one_only_where_they_are_refused_together_and_not_for_long(monkeypatch):
    loads = []

    def load(snapshot, overrides):
        loads.append(len(overrides))
        return load_web(snapshot, overrides)

    monkeypatch.setattr("core.web.web.load_web", load)
    refused_edits.cache_clear()
    sound = tuple((f"openai.revenue.y{2026 + year}", 60.0 + year) for year in range(8))
    assert set(refused_edits(sound)) == {""}
    assert loads == [8]
    assert set(refused_edits(tuple((f"x.y{i}", 1.0) for i in range(200)))) == {"no such number"}
    assert loads == [8]
    loads.clear()
    rows = [row.id for row in load_web(FIRST).rows() if ".hold_" in row.id]
    told = refused_edits(tuple((row, 77.0) for row in rows))
    assert len(rows) > MOST_TRIED
    assert len(loads) == 1 + MOST_TRIED
    assert told[MOST_TRIED:] == (NOT_TRIED,) * (len(rows) - MOST_TRIED)
    refused_edits(tuple((row, 77.0) for row in rows))
    assert len(loads) == 1 + MOST_TRIED


def test_weights_may_be_overridden_together():
    changed = load_web(
        FIRST, overrides={"infra_credit.hold_new_loans": 2, "infra_credit.hold_hyperion_equity": 22}
    )
    assert changed.value("infra_credit.hold_hyperion_equity") == 0.22


# ---------------------------------------------------------------- refusals


def copied(tmp_path: Path) -> Path:
    """Copy the snapshot, the sources and the actuals; the tests bend the copy."""
    root = tmp_path / "data"
    shutil.copytree(DATA / SNAPSHOT, root / SNAPSHOT)
    for name in ("sources.toml", "actuals.csv"):
        shutil.copy(DATA / name, root / name)
    return root


def rewritten(path: Path, edit: dict[str, str]) -> None:
    """Apply one edit to a CSV; an edit that meets nothing is a defect of the fixture."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    if edit["do"] == "rename_column":
        header[header.index(edit["field"])] = edit["value"]
    else:
        (row,) = (row for row in rows if row[0] == edit["row"])
        if edit["do"] == "drop":
            rows.remove(row)
        else:
            assert row[header.index(edit["field"])] != edit["value"]
            row[header.index(edit["field"])] = edit["value"]
    encoding = "latin-1" if edit["do"] == "latin1" else "utf-8"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def bent(tmp_path: Path, fixture: str) -> tuple[Path, dict[str, str]]:
    """Bend a copy of the data as a fixture of tests/bad says; also returns what must be told."""
    root = copied(tmp_path)
    patch = tomllib.loads((BAD / fixture / "patch.toml").read_text(encoding="utf-8"))
    for edit in patch["edit"]:
        path = root / edit["file"]
        if edit["do"] == "delete":
            path.unlink()
        elif edit["do"] == "append":
            path.write_text(path.read_text(encoding="utf-8") + edit["text"] + "\n", encoding="utf-8")
        else:
            rewritten(path, edit)
    return root, patch["expect"]


def test_every_reason_to_refuse_has_a_fixture():
    assert {name.partition(".")[0] for name in FIXTURES} == set(REASONS)


@pytest.mark.parametrize("fixture", FIXTURES)
def test_bad_data_is_refused_with_file_row_field_and_reason(tmp_path, fixture):
    root, expect = bent(tmp_path, fixture)
    with pytest.raises(DataError) as told:
        load_web(root=root)
    code = fixture.partition(".")[0]
    found = [
        problem
        for problem in told.value.problems
        if problem.code == code
        and (problem.file, problem.row, problem.field)
        == (expect["file"], expect.get("row", ""), expect.get("field", ""))
    ]
    assert len(found) == 1, [str(problem) for problem in told.value.problems]
    assert expect["reason"] in found[0].reason
    line = str(found[0])
    assert all(words in line for words in expect.values())
    assert line in validate(root / SNAPSHOT)
    assert str(told.value).startswith(str(told.value.problems[0]))


def test_the_line_told_is_the_line_of_the_file(tmp_path):
    root, _ = bent(tmp_path, "not_a_number")
    lines = (root / SNAPSHOT / "tranches.csv").read_text(encoding="utf-8").splitlines()
    expected = 1 + next(i for i, line in enumerate(lines) if line.startswith("coreweave_ddtl1.balance,"))
    (problem,) = validate(root / SNAPSHOT)
    assert f"tranches.csv, line {expected}, row coreweave_ddtl1.balance, field value:" in problem


def test_validate_collects_all_and_loading_counts_them(tmp_path):
    root = copied(tmp_path)
    for row in ("openai.cash", "xai.cash", "coreweave.cash"):
        rewritten(root / SNAPSHOT / "entities.csv", {"do": "set", "row": row, "field": "unit", "value": ""})
    told = validate(root / SNAPSHOT)
    assert [line.partition(":")[0].split("row ")[1] for line in told] == [
        "openai.cash, field unit",
        "xai.cash, field unit",
        "coreweave.cash, field unit",
    ]
    with pytest.raises(DataError, match=r"row openai.cash, field unit: no unit \(and 2 more\)"):
        load_web(root=root)


def test_a_fault_in_a_yearly_row_is_told_once(tmp_path):
    root = copied(tmp_path)
    edit = {"do": "set", "row": "openai.revenue", "field": "unit", "value": "USD tn"}
    rewritten(root / SNAPSHOT / "plans.csv", edit)
    (told,) = validate(root / SNAPSHOT)
    assert "row openai.revenue, field unit: unknown unit 'USD tn'" in told


def test_a_file_with_a_byte_order_mark_or_blank_lines_is_read(tmp_path):
    root = copied(tmp_path)
    path = root / SNAPSHOT / "funds.csv"
    path.write_text("\ufeff" + path.read_text(encoding="utf-8") + "\n\n", encoding="utf-8")
    assert validate(root / SNAPSHOT) == []


def test_an_empty_file_has_no_columns(tmp_path):
    root = copied(tmp_path)
    (root / SNAPSHOT / "promises.csv").write_text("", encoding="utf-8")
    told = validate(root / SNAPSHOT)
    assert any("promises.csv, line 1, field id: the column is missing" in line for line in told)


def test_market_takes_any_parameter(tmp_path):
    root = copied(tmp_path)
    path = root / SNAPSHOT / "market.csv"
    row = "made_up.thing,made_up,thing,12,10,15,bp,2025-12-31,derived,low,backstop_model,\n"
    path.write_text(path.read_text(encoding="utf-8") + row, encoding="utf-8")
    assert np.isclose(load_web(root=root).value("made_up.thing"), 0.0012, rtol=1e-15)
