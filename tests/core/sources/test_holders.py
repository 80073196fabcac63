"""Who holds which debt: what is read, what is refused, and what each loses of it in a scenario."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.engine import run
from core.results import reading
from core.results.measures import Measures
from core.scenario.levers import Scenario
from core.sources import checked, databook, facts, holders
from core.web.web import load_web, snapshots
from tests import two_snapshots
from tests.worlds import random_levers

GOOD = {
    "id": "us_funds.hyperion_notes",
    "subject": "us_funds",
    "item": "hyperion_notes",
    "value": "9.81",
    "low": "",
    "high": "",
    "unit": "USD bn",
    "as_of": "2026-03-31",
    "basis": "reported",
    "confidence": "high",
    "source": "nport_2026q2",
    "note": "",
    "name": "US funds",
    "inside": "",
    "weight": "",
}
FUND = GOOD | {
    "id": "income.hyperion_notes",
    "subject": "income",
    "value": "4.227",
    "name": "Income",
    "inside": "us_funds.hyperion_notes",
    "weight": "1.88",
}
ALL_FAIL = {"g": -50, "u": 30, "r": 12, "f": "closed", "mr": False, "gw": False, "nb": False, "c": 50}


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Read these lines as if they were the file; all other data are what they are."""
    facts.beside()  # read before the folder is another one

    def read(*lines):
        two_snapshots.write(tmp_path / "holders.csv", lines)
        monkeypatch.setattr(checked, "DATA", tmp_path)
        return holders.known.__wrapped__()

    return read


def told(date, **levers):
    web = load_web(date)
    return web, reading.Reading(
        Measures(run(web, Scenario.default(web).replace(**levers), keep=("holders",)))
    )


def every(web, found, last=None):
    """All positions with their papers."""
    borrowers = {str(items["borrower"].value) for items in web.tables["tranches"].values()}
    return [holders.positions(web, found, ident, last) for ident in holders.papers(web, sorted(borrowers))]


# ---------------------------------------------------------------- what is read


def test_a_line_becomes_a_row_with_its_holder(read):
    group, fund = read(GOOD, FUND).values()
    assert (group.row.value, group.row.table, group.name, group.inside) == (9.81, "holders", "US funds", "")
    assert (fund.inside, fund.weight) == (group.row.id, pytest.approx(0.0188))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": "us_funds.other"}, "row us_funds.other: id is not"),
        ({"unit": "MW"}, "an amount held is in USD bn"),
        ({"unit": "furlong"}, "unknown unit 'furlong'"),
        ({"as_of": "March"}, "row us_funds.hyperion_notes: "),
        ({"source": "nobody"}, "unknown source 'nobody'"),
        ({"basis": "assumption"}, "an assumption that does not say why"),
        ({"value": "0"}, "an amount and a weight are above 0"),
        ({"value": "-1"}, "an amount and a weight are above 0"),
        ({"weight": "101"}, "a weight is 100 % at most"),
        ({"weight": "0"}, "an amount and a weight are above 0"),
        ({"weight": "many"}, "could not convert"),
        ({"name": ""}, "has no name"),
        (
            {"id": "us_funds.hyperion_note", "item": "hyperion_note"},
            "no debt 'hyperion_note' in any data; nearest: hyperion_notes",
        ),
        ({"inside": "us_funds.coreweave"}, "no row 'us_funds.coreweave' above it"),
        ({"inside": "us_funds.hyperion_notes"}, "no row 'us_funds.hyperion_notes' above it"),
    ],
)
def test_a_bad_line_is_refused_by_name(read, change, said):
    with pytest.raises(ValueError, match=said):
        read(GOOD | change)


@pytest.mark.parametrize("column", ["name", "inside", "weight", "note"])
def test_a_missing_column_is_refused(read, column):
    with pytest.raises(ValueError, match=r"holders\.csv: the columns must be"):
        read({name: cell for name, cell in GOOD.items() if name != column})


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (GOOD, "us_funds.hyperion_notes: stands in the data already"),
        (FUND | {"value": "9.82"}, "holds more than the row that it is inside of"),
    ],
)
def test_lines_that_contradict_each_other_are_refused(read, second, said):
    with pytest.raises(ValueError, match=said):
        read(GOOD, second)


def test_a_debt_that_only_one_snapshot_has_is_taken_and_shown_there_alone(read):
    line = GOOD | {"id": "us_funds.cipher_stingray2031", "item": "cipher_stingray2031"}
    (holder,) = read(line).values()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(holders, "known", lambda: {holder.row.id: holder})
        assert [len(holders.rows(load_web(date))) for date in snapshots()] == [0, 1]


# ---------------------------------------------------------------- the data


def test_every_amount_has_a_source_and_a_day_and_stands_in_the_book_of_all_data():
    for date in snapshots():
        web = load_web(date)
        rows = holders.rows(web)
        assert len(rows) == len(holders.known()) >= 10
        assert {row.source for row in rows} <= web.sources.keys()
        assert set(rows) <= set(databook.rows(web))
        assert not {row.id for row in rows} & ({row.id for row in web.rows()} | facts.beside().keys())
        assert not {row.id for row in rows} & {row.id for row in databook.editable(web)}
        assert all(row.basis != "assumption" for row in rows)


def test_us_funds_hold_36_per_cent_of_hyperion_and_pimco_income_is_among_them():
    for date in snapshots():
        web, found = told(date)
        paper, (group, fund, pimco) = holders.positions(web, found, "hyperion_notes")
        assert paper.owed == 27.3
        assert round(group.share, 2) == 0.36 == round(9.81 / 27.3, 2)
        assert (fund.amount, fund.inside, fund.weight) == (4.227, group.row, pytest.approx(0.0188))
        assert fund.amount < group.amount
        assert (pimco.row.id, pimco.amount) == ("pimco.size", 18.0)
        assert [one.later for one in (group, pimco)] == [date < "2026-03-31", False]


def test_a_part_of_a_group_is_never_more_than_the_group():
    for one in holders.known().values():
        if one.inside:
            assert one.row.value <= holders.known()[one.inside].row.value
    notes, debt = (holders.known()[f"us_funds.{what}"] for what in ("terawulf_notes2030", "terawulf"))
    assert (notes.inside, notes.row.value, debt.row.value) == ("us_funds.terawulf", 1.446, 1.92)


def test_funds_whose_size_is_assumed_are_no_known_holders():
    for date in snapshots():
        web, found = told(date)
        rows = {one.row.id for _paper, held in every(web, found) for one in held if one.row.table == "funds"}
        assert rows == {"pimco.size", "apollo.size", "blackstone.size"}


# ---------------------------------------------------------------- what they lose


def test_in_the_base_case_no_holder_loses():
    for date in snapshots():
        for _paper, held in every(*told(date)):
            assert not any(one.loss or one.most for one in held)


def test_a_holder_loses_his_share_of_the_loss_that_deals_and_funds_show():
    web, found = told(snapshots()[0], **ALL_FAIL)
    outcome = {row["id"]: sum(row["lost"]) for row in found["tranches"]}
    lost = 0
    for ident in ("coreweave_ddtl2", "xai_vehicle_loan", "hyperion_notes"):
        paper, held = holders.positions(web, found, ident)
        assert paper.lost == pytest.approx(outcome[ident])
        for one in held:
            assert one.loss == pytest.approx(min(one.amount / paper.owed, 1.0) * paper.lost)
            assert one.least == one.most == pytest.approx(one.loss)
            lost += one.loss
    assert lost > 0


def test_the_whole_debt_of_a_company_lies_between_its_best_and_its_worst_line():
    web, found = told(snapshots()[-1], **ALL_FAIL)
    paper, (group, *_fund) = holders.positions(web, found, "coreweave")
    assert group.row.id == "us_funds.coreweave"
    assert len(paper.lines) > 10
    assert paper.owed == pytest.approx(sum(web.value(f"{line}.balance") for line in paper.lines))
    assert 0 <= group.least < group.loss < group.most
    assert group.loss == pytest.approx(2.87 / paper.owed * paper.lost)


@settings(max_examples=10, deadline=None)
@given(st.sampled_from(snapshots()), st.integers(0, 10_000))
def test_no_holder_loses_more_than_the_paper_and_nobody_holds_more_than_all(date, seed):
    web = load_web(date)
    measures = Measures(run(web, random_levers(seed, 6), keep=("holders",)))
    for found in (reading.Reading(measures, i) for i in range(6)):
        whole, to_horizon = every(web, found), every(web, found, found["last_quarter"])
        for (paper, held), (short, before) in zip(whole, to_horizon, strict=True):
            assert short.lost <= paper.lost + 1e-12
            for one, earlier in zip(held, before, strict=True):
                assert 0 < one.share <= 1
                assert 0 <= one.least <= one.most
                assert one.least - 1e-9 <= one.loss <= one.most + 1e-9
                assert one.loss <= paper.lost + 1e-12
                assert earlier.loss <= one.loss + 1e-12


def test_the_fund_on_its_own_page_loses_the_same():
    web = load_web()
    measures = Measures(run(web, Scenario.default(web).replace(**ALL_FAIL)))
    found = reading.Reading(measures)
    checked_some = 0
    for fund in found["funds"]:
        for line, loss in fund["loss_by_holding"].items():
            if line not in web.tables["tranches"] or fund["id"] not in ("pimco", "apollo", "blackstone"):
                continue
            _paper, held = holders.positions(web, found, line, found["last_quarter"])
            (one,) = (one for one in held if one.row.id == f"{fund['id']}.size")
            assert one.loss == pytest.approx(loss, rel=0.01)
            checked_some += loss > 0
    assert checked_some


def test_an_edited_balance_makes_a_share_of_all_at_most():
    web = load_web(overrides={"hyperion_notes.balance": 9.0})
    found = reading.Reading(Measures(run(web, Scenario.default(web), keep=("holders",))))
    paper, (group, *_rest) = holders.positions(web, found, "hyperion_notes")
    assert (paper.owed, group.share) == (9.0, 1.0)
