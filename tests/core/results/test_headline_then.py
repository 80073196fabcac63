"""What a link remembers of its figures, and how then and now are compared."""

import pytest

from core.model import engine
from core.results import headline_then
from core.results.narrative import Fact
from core.results.reading import read
from core.scenario.levers import Scenario, levers
from core.scenario.link import MODEL_VERSION, Message, encode, parse
from core.scenario.receipt import make_receipt, read_receipt
from core.web.web import load_web
from tests.worlds import FIRST

TODAY = Scenario.default(FIRST)
WORST = TODAY.replace(g=-50, u=30, r=12, f="closed")
SNAPSHOT = FIRST  # receipts that name no data are of these


@pytest.fixture(scope="module")
def worst():
    return read(engine.run(load_web(FIRST), WORST))


@pytest.fixture(scope="module")
def cut():
    web = load_web()
    return read(engine.run(web, Scenario.default(web).replace(v=50, g=20)))


def test_figures_of_a_scenario_are_those_of_its_reading(worst):
    figures = headline_then.headline_figures(worst)
    company = next(row for row in worst["companies"] if row["id"] == "coreweave")
    assert figures["coreweave"] == worst["quarters"][company["failed_quarter"]]
    google = next(row for row in worst["guarantors"] if row["id"] == "alphabet")
    assert figures["called.alphabet"] == sum(google["called"][: worst["last_quarter"] + 1]) > 0
    fund = next(row for row in worst["funds"] if row["id"] == "infra_credit")
    assert figures["net.infra_credit"] == fund["net_irr"]


def test_failures_and_calls_beyond_the_horizon_are_left_out(worst):
    early = worst | {"last_quarter": 0}
    assert set(headline_then.headline_figures(early)) == {"dscr.coreweave", "net.infra_credit"}


def test_cuts_and_debt_service_are_among_the_figures(cut):
    """A scenario of the latest data in which OpenAI cuts its contracts and lives to the horizon."""
    figures = headline_then.headline_figures(cut)
    lab = next(row for row in cut["tenants"] if row["id"] == "openai")
    assert figures["cut.openai"] == cut["quarters"][lab["renegotiated_quarter"]]
    company = next(row for row in cut["companies"] if row["id"] == "coreweave")
    assert figures["dscr.coreweave"] == company["dscr"][cut["last_quarter"]]
    early = headline_then.headline_figures(cut | {"last_quarter": lab["renegotiated_quarter"] - 1})
    assert "cut.openai" not in early


def test_a_link_with_every_lever_touched_and_a_receipt_stays_short(worst):
    every = [lever.id for lever in levers()]
    edits = [f"hyperion_equity.amount{i}:{i}.123456" for i in range(10)]
    mark = headline_then.write(worst, WORST, every, edits)
    link = encode(WORST, every, lang="nl", receipt=mark, extras={"company": "coreweave"}, edits=edits)
    assert len(link) < 1800  # and the address of the page before it


def test_a_receipt_agrees_with_itself(worst):
    then = read_receipt(headline_then.write(worst, WORST, ["g"]))
    assert headline_then.differences(then, headline_then.headline_figures(worst)) == ()
    assert then["m"] == MODEL_VERSION


THEN = {
    "coreweave": "2029Q2",
    "called.nvidia": 3.0,
    "cut.openai": "2028Q1",
    "dscr.coreweave": 1.04,
    "net.infra_credit": 0.081,
}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({}, []),
        ({"coreweave": "2028Q4"}, [("failed", {"who": "coreweave", "then": "2029Q2", "now": "2028Q4"})]),
        ({"coreweave": None}, [("failed", {"who": "coreweave", "then": "2029Q2", "now": None})]),
        ({"xai": "2030Q1"}, [("failed", {"who": "xai", "then": None, "now": "2030Q1"})]),
        ({"called.nvidia": 3.04}, []),
        ({"called.nvidia": 3.2}, [("called", {"who": "nvidia", "then": 3.0, "now": 3.2})]),
        ({"called.meta": 0.5}, [("called", {"who": "meta", "then": 0.0, "now": 0.5})]),
        ({"oracle": "2030Q1"}, [("failed", {"who": "oracle", "then": None, "now": "2030Q1"})]),
        ({"cut.openai": "2028Q3"}, [("cut", {"who": "openai", "then": "2028Q1", "now": "2028Q3"})]),
        ({"cut.openai": None}, [("cut", {"who": "openai", "then": "2028Q1", "now": None})]),
        ({"cut.xai": "2030Q1"}, [("cut", {"who": "xai", "then": None, "now": "2030Q1"})]),
        ({"dscr.coreweave": 1.0449}, []),
        ({"dscr.coreweave": 1.06}, [("dscr", {"who": "coreweave", "then": 1.04, "now": 1.06})]),
        ({"dscr.coreweave": None}, [("dscr", {"who": "coreweave", "then": 1.04, "now": None})]),
        ({"dscr.terawulf": 2.0}, []),
        ({"net.infra_credit": 0.0812}, []),
        ({"net.infra_credit": 0.071}, [("net", {"then": 0.081, "now": 0.071})]),
        ({"net.infra_credit": None}, [("net", {"then": 0.081, "now": None})]),
    ],
)
def test_only_differences_that_can_be_seen_are_told(now, expected):
    found = headline_then.differences(THEN, THEN | now)
    assert [(fact.code, fact.params) for fact in found] == expected


@pytest.mark.parametrize(
    "strange",
    [
        {"coreweave": "<b>2029Q2</b>"},
        {"coreweave": 7, "net.infra_credit": "much", "called.nvidia": "all"},
        {"cut.openai": "<b>", "cut.nobody": "2029Q2", "dscr.coreweave": "all'", "dscr.nobody": 1.0},
        {"nobody": "2029Q2", "called.nobody": 4.0, "m": "$x$", "d": None},
        {},
    ],
)
def test_a_strangers_receipt_is_never_repeated_nor_fatal(strange):
    then = read_receipt(make_receipt(strange))
    told = headline_then.differences(then, THEN) + headline_then.reasons(then, SNAPSHOT, TODAY, ())
    assert not any(word in str(told) for word in ("<b>", "much", "all'", "nobody", "$x$"))


def marks(**changes):
    sound = {
        "m": MODEL_VERSION,
        "d": headline_then.data_mark(SNAPSHOT),
        "l": headline_then.link_mark(TODAY, ["g"], data=SNAPSHOT),
    }
    return sound | changes


@pytest.mark.parametrize(
    ("then", "messages", "expected"),
    [
        (marks(), (), [Fact("corrected")]),
        (marks(m="2026.10"), (), [Fact("model_changed", {"then": "2026.10", "now": MODEL_VERSION})]),
        (marks(d="aaaaaa"), (), [Fact("data_changed")]),
        (marks(l="aaaaaa"), (), [Fact("link_changed")]),
        (marks(l="aaaaaa"), (Message("clamped"),), [Fact("levers_repaired")]),
        (marks(l="aaaaaa"), (Message("refused_edit"),), [Fact("edits_refused")]),
        (marks(l="aaaaaa", m="2026.10"), (Message("migrated"),), None),
    ],
)
def test_the_reasons_for_a_difference(then, messages, expected):
    found = headline_then.reasons(then, SNAPSHOT, TODAY, ["g"], (), messages)
    assert [fact.code for fact in found] == ([f.code for f in expected] if expected else ["model_changed"])


def test_the_mark_of_a_link_survives_the_link():
    parsed = parse(encode(WORST, ["t"], edits=["coreweave.cash:0.5"]))
    again = headline_then.link_mark(parsed.scenario, parsed.touched, parsed.edits)
    assert again == headline_then.link_mark(WORST, ["t"], ["coreweave.cash:0.5"])
    assert again != headline_then.link_mark(WORST, ["t"])


def test_the_mark_of_the_data_follows_values_not_notes():
    assert headline_then.data_mark(SNAPSHOT) == headline_then.data_mark(SNAPSHOT)
    assert len(headline_then.data_mark(SNAPSHOT)) == 6
