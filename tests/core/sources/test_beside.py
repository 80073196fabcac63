"""Others beside the model: what is read, what is refused, and that nothing stands in the data twice."""

import pytest

from core.sources import beside, databook, facts
from core.web.web import load_web, snapshots
from tests import two_snapshots

GOOD = {
    "id": "riot.mw",
    "subject": "riot",
    "item": "mw",
    "value": "191",
    "low": "",
    "high": "",
    "unit": "MW",
    "as_of": "2026-08-15",
    "basis": "reported",
    "confidence": "medium",
    "source": "neocloud_press_2026",
    "note": "",
    "name": "Riot Platforms",
    "kind": "landlord",
    "giver": "",
    "tenant": "Anthropic",
    "called_by": "",
}


@pytest.fixture
def read(tmp_path):
    """Read these lines as if they were the file."""

    return lambda *lines: two_snapshots.read_with(tmp_path / "data", "beside", lines, beside.others)


def test_a_line_becomes_a_row_with_whom_it_names(read):
    (riot,) = read(GOOD).values()
    (line,) = riot.lines
    assert (riot.id, riot.name, riot.kind) == ("riot", "Riot Platforms", "landlord")
    assert (line.row.value, line.row.table, line.giver, line.tenant) == (191, "beside", "", "Anthropic")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("id", "riot.other", "row riot.other: id is not"),
        ("unit", "furlong", "row riot.mw: unknown unit 'furlong'"),
        ("basis", "rumour", "row riot.mw: unknown basis 'rumour'"),
        ("basis", "assumption", "row riot.mw: an assumption that does not say why"),
        ("confidence", "certain", "row riot.mw: unknown confidence"),
        ("source", "nobody", "row riot.mw: unknown source 'nobody'"),
        ("value", "many", "row riot.mw: could not convert"),
        ("value", "", "row riot.mw: no value"),
        ("low", "200", "row riot.mw: low <= value"),
        ("as_of", "2026-13-01", "row riot.mw: "),
        ("kind", "bank", "row riot.mw: unknown kind 'bank'"),
        ("kind", "promise", "row riot.mw: a promise that nobody gives"),
        ("name", "", "row riot.mw: has no name"),
        ("called_by", "anthropic", "row riot.mw: only a promise with a limit is called"),
    ],
)
def test_a_bad_line_is_refused_by_name(read, field, value, told):
    with pytest.raises(ValueError, match=told):
        read(GOOD | {field: value})


@pytest.mark.parametrize("column", ["note", "kind", "name", "giver", "tenant", "called_by"])
def test_a_missing_column_is_refused(read, column):
    with pytest.raises(ValueError, match=r"beside\.csv: the columns must be"):
        read({name: cell for name, cell in GOOD.items() if name != column})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, "riot.mw stands in the data already"),
        ({"id": "riot.cap", "item": "cap", "name": "Riot"}, "row riot.cap: another name or kind"),
        ({"id": "riot.cap", "item": "cap", "kind": "campus"}, "row riot.cap: another name or kind"),
    ],
)
def test_two_lines_that_contradict_each_other_are_refused(read, change, told):
    with pytest.raises(ValueError, match=told):
        read(GOOD, GOOD | change)


@pytest.mark.parametrize("taken", ["coreweave.cash", "lucent.vendor_finance_share", "coreweave.cash.2026Q2"])
def test_what_the_model_or_the_pages_have_already_is_refused(read, taken):
    subject, _dot, item = taken.rpartition(".")
    with pytest.raises(ValueError, match=f"row {taken}: stands in the data already"):
        read(GOOD | {"id": taken, "subject": subject, "item": item})


def test_no_id_stands_in_any_data_of_the_model_and_every_source_is_known():
    told = beside.rows()
    for date in snapshots():
        web = load_web(date)
        assert not {row.id for row in told} & {row.id for row in web.rows()}
        assert {row.source for row in told} <= web.sources.keys()
    assert not {row.id for row in told} & facts.figures().keys()
    assert len({row.id for row in told}) == len(told)


def test_every_kind_is_there_and_the_book_of_all_data_has_each_row():
    kinds = [beside.of_kind(kind) for kind in beside.KINDS]
    assert all(kinds)
    assert sum(map(len, kinds)) == len(beside.others())
    assert set(beside.rows()) <= set(databook.rows(load_web()))


def test_the_model_does_not_compute_with_them():
    assert "beside" not in load_web().tables
    assert not {row.id for row in beside.rows()} & {row.id for row in databook.editable(load_web())}


def test_a_range_is_told_as_its_middle_and_its_ends():
    capex, vehicle = (
        next(line.row for line in beside.others()[who].lines if line.row.item == item)
        for who, item in (("nebius", "capex_guidance"), ("anthropic_chips", "size"))
    )
    assert (capex.low, capex.value, capex.high) == (20, 22.5, 25)
    assert (vehicle.low, vehicle.value, vehicle.high) == (34.5, 34.75, 35)


def test_no_note_names_a_tool():
    web = load_web()
    for row in beside.rows():
        source = web.sources[row.source]
        assert "github" not in f"{row.note} {row.raw} {source.title} {source.publisher}".lower()
