"""The command line: JSON alone on standard output; a wrong call exits 2 and names the nearest word."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.__main__ import COMMANDS, _program, main
from core.compiled.jit import RULES
from core.model.engine import run
from core.questions.explore import break_points
from core.results import terminal
from core.results.measures import Measures
from core.results.reading import read
from core.scenario.levers import Scenario, lever
from core.scenario.link import MODEL_VERSION, VIEW_CHOICES, parse
from core.scenario.presets import presets
from core.web.web import DATA, DataError, as_records, latest_snapshot, load_web, snapshots
from tests import third
from tests.worlds import FIRST

BASE = Scenario.default()
OWNED = Path(__file__).parent / "holdings" / "owned.csv"


@pytest.fixture(scope="module")
def web():
    """The latest data, which are meant where a call names none."""
    return load_web()


@pytest.fixture(scope="module")
def base(web):
    return Measures(run(web, BASE))


# ---------------------------------------------------------------- run


def test_run_prints_the_reading(call, web):
    got = call("run", "g=-20", "refinancing=strict", "gw=no", "h=2033")
    scenario = BASE.replace(g=-20, f="strict", gw=False, h=2033)
    expected = json.loads(json.dumps(read(run(web, scenario), 0, scenario)))
    assert got | {"scenario": None} == expected | {"scenario": None}
    assert got["scenario"]["gw"] == "no"
    assert got["scenario"]["nb"] == "yes"
    assert got["scenario"]["g"] == -20.0
    assert got["scenario"]["h"] == 2033
    assert got["scenario"]["f"] == "strict"


def test_the_printed_scenario_is_a_call_again(call):
    first = call("run", "r=6.5", "nb=no", "f=closed")
    again = call("run", *(f"{k}={v}" for k, v in first["scenario"].items()))
    assert again["scenario"] == first["scenario"]
    assert again["companies"] == first["companies"]
    assert call("run", "--link", first["link"])["scenario"] == first["scenario"]


def test_long_names_and_ids_are_the_same(call):
    assert call("run", "demand_growth=10")["market"] == call("run", "g=10")["market"]


def test_run_without_words_is_today(call, base):
    got = call("run")
    assert got["failed_count"] == 0
    assert got["companies"][0]["revenue"] == read(base.result)["companies"][0]["revenue"]


@pytest.mark.parametrize("name", [p.id for p in presets()])
def test_presets_and_levers_on_top(call, name):
    got = call("run", "--preset", name, "c=50")
    expected = next(p for p in presets() if p.id == name).scenario.replace(c=50)
    assert got["scenario"]["c"] == 50
    assert got["scenario"]["g"] == expected["g"]


def test_building_by_plan(call):
    market, plan = (call("run", "f=closed", "--building", way)["companies"] for way in ("market", "plan"))
    assert market != plan


@pytest.mark.parametrize(
    "link",
    [
        "",
        "?",
        "g=abc",
        "g=1e999&r=nan",
        "zz=1&zz=2",
        "%00%ff",
        "g=10&g=20",
        "o=a.b:c",
        "&&&===",
        "m=9999.99",
        "h=1e9",
    ],
)
def test_a_hostile_link_is_told_and_never_breaks_a_run(call, link):
    got = call("run", "--link", link)
    assert got["companies"]
    assert all(isinstance(message, str) and "\n" not in message for message in got["messages"])


def test_a_bad_part_of_a_link_is_told_and_the_rest_kept(call):
    got = call("run", "--link", "g=-15&r=66&colour=red")
    assert got["scenario"]["g"] == -15
    assert got["scenario"]["r"] == 12
    assert len(got["messages"]) >= 2


def test_a_table_is_text_with_every_company_fund_and_guarantor(capsys):
    assert main(["run", "g=0", "--format", "table", "--data", FIRST]) == 0
    out = capsys.readouterr().out
    for word in ("coreweave", "failed", "2030Q2", "infra_credit", "alphabet", "promise:google_terawulf"):
        assert word in out
    with pytest.raises(json.JSONDecodeError):
        json.loads(out)


def test_who_lives_on_a_guarantor_is_shown_with_its_name_in_every_form(call, capsys):
    rows = {row["id"]: row for row in call("run", "g=0", "--data", FIRST)["companies"]}
    assert main(["run", "g=0", "--format", "table", "--data", FIRST]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line}
    for name in ("terawulf", "cipher"):
        assert (rows[name]["status"], rows[name]["supported_by"]) == ("supported", "alphabet")
        assert " supported (alphabet) " in lines[name]
    assert not any("(alphabet)" in line for name, line in lines.items() if name not in ("terawulf", "cipher"))


# ---------------------------------------------------------------- sweep, break, data


def test_sweep_prints_axes_and_values(call, web):
    got = call("sweep", "g=-50:100:4", "u=60:90:3", "r=6", "--measure", "coreweave.ebitda")
    assert got["measure"] == "coreweave.ebitda"
    assert got["axes"] == [
        {"lever": "g", "values": [-50.0, 0.0, 50.0, 100.0]},
        {"lever": "u", "values": [60.0, 75.0, 90.0]},
    ]
    one = Measures(run(web, BASE.replace(g=50, u=75, r=6))).value("coreweave.ebitda")[0]
    assert got["values"][2][1] == one


def test_sweep_prints_never_as_null(call):
    values = call("sweep", "g=-50:100:7", "--measure", "coreweave.failed_quarter")["values"]
    assert values[-1] is None
    assert 0 <= values[0] <= 31


def test_years_are_swept_by_year(call):
    got = call("sweep", "t=2026:2030:5", "g=0", "--measure", "failed_count", "--building", "plan")
    assert got["axes"][0]["values"] == [2026, 2027, 2028, 2029, 2030]


def test_break_prints_what_the_function_finds(call, web):
    got = call("break", "base_rate", "g=20")
    assert got == [
        {"company": b.company, "lever": "r", "value": b.value, "others": list(b.others), "reason": b.reason}
        for b in break_points(web, BASE.replace(g=20), "r")
    ]
    assert any(row["value"] is not None for row in got)


def test_break_of_an_option_prints_its_word(call):
    rows = {row["company"]: row for row in call("break", "gw", "g=-20", "h=2033")}
    assert "no" in {row["value"] for row in rows.values()}
    assert {row["value"] for row in call("break", "f")} <= {None, "open", "strict", "closed"}


def test_data_prints_every_row(call, web):
    got = call("data")
    assert got == json.loads(json.dumps(as_records(web)))
    assert len(got) == sum(1 for _ in web.rows())
    assert {"id", "value", "unit", "as_of", "basis", "confidence", "source", "note", "source_title"} <= set(
        got[0]
    )


def test_data_check_says_yes(call):
    assert call("data", "--check") == {"valid": True, "problems": []}


def test_data_check_says_no_with_its_reasons(capsys, monkeypatch):
    monkeypatch.setattr("core.__main__.validate", lambda folder: [f"{folder.name}: no unit"])
    assert main(["data", "--check"]) == 1
    out = json.loads(capsys.readouterr().out)
    assert out == {"valid": False, "problems": [f"{latest_snapshot()}: no unit"]}


# ---------------------------------------------------------------- help


@pytest.mark.parametrize("word", ["--help", "-h"])
def test_help_lists_every_command_or_tells_one(capsys, word):
    assert main([word]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[3].rstrip(":.") for line in lines] == list(COMMANDS)
    for name, line in zip(COMMANDS, lines, strict=True):
        for call in ([name, word], [name, "g=0", word], [word, name]):
            assert main(call) == 0
            told = capsys.readouterr()
            assert told.err == ""
            assert told.out.splitlines() == ([line] if call[0] == name else lines)


# ---------------------------------------------------------------- wrong calls


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "commands: run, sweep, break, data"),
        (["rum"], "nearest: run"),
        (["run", "demand_grwth=3"], "'demand_growth'"),
        (["run", "g"], "nearest lever: g"),
        (["run", "g="], "not a number"),
        (["run", "g=1,5"], "not a number"),
        (["run", "g=nan"], "not a number"),
        (["run", "g=500"], "not within -50 to 100"),
        (["run", "g=1", "g=2"], "set twice"),
        (["run", "g=1", "demand_growth=2"], "set twice"),
        (["run", "f=clsed"], "nearest: closed"),
        (["run", "gw=maybe"], "nearest: "),
        (["run", "h=2031.5"], "not a whole year"),
        (["run", "--preset", "puase"], "nearest: pause"),
        (["run", "--prset", "pause"], "nearest: --preset"),
        (["run", "--preset"], "needs a value"),
        (["run", "--preset", "pause", "--link", "g=1"], "not both"),
        (["run", "--preset", "pause", "--preset", "boom"], "twice"),
        (["run", "--format", "jsn"], "nearest: json"),
        (["run", "--building", "plans"], "nearest: plan"),
        (["sweep", "g=0:10:3"], "needs --measure"),
        (["sweep", "--measure", "failed_count"], "one or two levers"),
        (["sweep", "g=0:10:3", "--measure", "coreweave.failed_quater"], "nearest: coreweave.failed_quarter"),
        (["sweep", "g=0:10", "--measure", "failed_count"], "write g=from:to:count"),
        (["sweep", "g=0:10:1", "--measure", "failed_count"], "2 to 1001 points"),
        (["sweep", "g=0:10:99999", "--measure", "failed_count"], "2 to 1001 points"),
        (["sweep", "g=0:999:3", "--measure", "failed_count"], "not within -50 to 100"),
        (["sweep", "g=nan:10:3", "--measure", "failed_count"], "not within -50 to 100"),
        (["sweep", "f=0:1:3", "--measure", "failed_count"], "one of open, strict, closed"),
        (["sweep", "t=2026:2030:4", "--measure", "failed_count"], "not a whole year"),
        (["sweep", "g=0:1:2", "g=3:4:2", "--measure", "failed_count"], "swept twice"),
        (["sweep", "g=0:10:3", "g=5", "--measure", "failed_count"], "swept and set"),
        (["sweep", "demand_growth=5", "r=2:4:2", "g=0:10:3", "--measure", "failed_count"], "swept and set"),
        (["monte-carlo", "--n", "2", "--cluster", "tcp://127.0.0.1:1"], "unknown option '--cluster'"),
        (["rum", "--help"], "nearest: run"),
        (["sweep", "q=0:1:2", "--measure", "failed_count"], "the nearest is"),
        (["sweep", "g=0:1:2", "r=0:1:2", "u=50:60:2", "--measure", "failed_count"], "one or two levers"),
        (["break"], "needs a lever"),
        (["break", "utilization"], "'utilisation'"),
        (["break", "g", "r=99"], "not within 0 to 12"),
        (["data", "all"], "nearest: --check"),
        (["data", "--chek"], "nearest: --check"),
        (["data", "--check=yes"], "takes no value"),
        (["targets", "now"], "nearest: targets"),
    ],
    ids=lambda value: " ".join(value) or "nothing" if isinstance(value, list) else "",
)
def test_a_wrong_call_is_one_line_with_the_nearest_word(refuse, words, told):
    assert told in refuse(*words)


# Every command that takes a link, in a call that is right but for it.
WITH_A_LINK = {
    "sweep": ["sweep", "g=0:10:2", "--measure", "failed_count", "--link"],
    "break": ["break", "g", "--link"],
    "attribute": ["attribute", "--from", "base", "--measure", "failed_count", "--to"],
    "tornado": ["tornado", "--measure", "failed_count", "--link"],
    "monte-carlo": ["monte-carlo", "--n", "8", "--link"],
    "frontier": ["frontier", "coreweave", "g", "u", "--points", "3", "--link"],
    "holdings": ["holdings", str(OWNED), "--link"],
}


def test_every_command_with_a_link_is_in_the_list(refuse):
    alone = {
        "run",
        "data",
        "targets",
        "backtest",
        "odds",
        "warm",
    }  # run tells the messages, others take no link
    assert set(WITH_A_LINK) | alone == set(COMMANDS)
    for command in alone - {"run"}:
        refuse(command, "--link", "g=0")


@pytest.mark.parametrize("command", WITH_A_LINK)
@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("r=60", "base_rate (r): 60 lies outside 0 to 12 %"),
        ("g=abc", "'abc' is not a number"),
        ("g=0&zz=1", "'zz' is not a lever"),
        ("g=0&o=coreweave.cush:1", "no such number"),
        ("g=0&o=coreweave.cash:-1", "The data edit 'coreweave.cash:-1' was left out"),
        ("g=0&m=2099.1", "newer model"),
        ("&".join(f"x{i}=1" for i in range(700)), "And 699 more."),
    ],
)
def test_a_link_that_would_be_bent_is_refused_where_no_message_is_told(refuse, command, link, told):
    assert told in refuse(*WITH_A_LINK[command], link)


@pytest.mark.parametrize("command", WITH_A_LINK)
def test_a_link_as_a_page_shares_it_is_taken_by_every_command(call, command):
    """Also its view choices, which concern no command: without them the answer is the same."""
    of_a_page = "".join(f"&{name}=coreweave" for name in VIEW_CHOICES)
    call(*WITH_A_LINK[command], f"https://backstop.example/stress?m={MODEL_VERSION}&g=0{of_a_page}&lang=nl")
    shared, plain = (call("run", "--link", f"g=0{more}") for more in (of_a_page, ""))
    assert shared == plain
    assert shared["messages"] == []


BENT = ("g=0%26u=85?utm_source=x", "https://x.example/Neoclouds?g%3D0%26u%3D85)", "?g=3D0&amp;u=85&fbclid=1")


@pytest.mark.parametrize("link", BENT)
def test_a_link_that_was_bent_on_its_way_is_answered_as_the_straight_one(call, link):
    straight, bent = (call("run", "--link", query) for query in ("g=0&u=85", link))
    (told,) = bent.pop("messages")
    assert told.startswith("This link was damaged on its way and has been repaired; ")
    assert straight.pop("messages") == []
    assert bent == straight
    assert call("break", "g", "--link", link) == call("break", "g", "--link", "g=0&u=85")


def test_a_bent_link_is_an_end_of_an_attribution(call):
    words = ["attribute", "--measure", "failed_count", "--from", "base", "--to"]
    assert call(*words, "g%3D0%26r%3D6") == call(*words, "g=0&r=6")


def test_both_ends_of_an_attribution_are_read_to_the_letter(refuse):
    words = ["attribute", "--measure", "failed_count"]
    assert refuse(*words, "--from", "r=60", "--to", "g=abc").startswith("--from cannot be taken as it stands")
    assert refuse(*words, "--from", "r=6", "--to", "g=abc").startswith("--to cannot be taken as it stands")


def test_ends_with_other_data_are_split_by_groups_of_numbers(call):
    words = ["attribute", "--measure", "pensions.loss", "--from", "g=0&h=2033"]
    found = call(*words, "--to", "g=0&h=2033&o=coreweave.cash:0.5")
    assert set(found["parts"]) == {"debt", "rest"}
    assert found["parts"]["debt"] == pytest.approx(found["difference"])
    both = call(*words, "--to", "g=5&h=2033&o=coreweave.cash:0.5")
    assert set(both["parts"]) == {"debt", "rest", "levers"}
    assert sum(both["parts"].values()) == pytest.approx(both["difference"])


@pytest.mark.parametrize("command", WITH_A_LINK)
def test_a_link_of_an_older_model_is_answered(call, command):
    call(*WITH_A_LINK[command], "m=2026.11&g=0")


def test_figures_that_a_link_changes_are_part_of_the_question(call):
    link = "g=30&o=coreweave.cash:0.5"
    web = load_web(overrides={"coreweave.cash": 0.5})
    scenario = BASE.replace(g=30)
    got = call("run", "--link", link)
    assert got["companies"] == json.loads(json.dumps(read(run(web, scenario), 0, scenario)["companies"]))
    assert got["companies"] != call("run", "g=30")["companies"]
    assert call("run", "--link", got["link"])["companies"] == got["companies"]
    swept = call("sweep", "r=3:6:2", "--measure", "coreweave.debt", "--link", link)["values"]
    assert swept != call("sweep", "r=3:6:2", "--measure", "coreweave.debt", "g=30")["values"]
    assert swept[0] == Measures(run(web, scenario.replace(r=3))).value("coreweave.debt")[0]
    assert call("break", "g", "--link", link)[0]["value"] == break_points(web, scenario, "g")[0].value
    same = ("--from", link, "--to", link, "--measure", "coreweave.debt")
    assert call("attribute", *same)["from"] == Measures(run(web, scenario)).value("coreweave.debt")[0]


@pytest.mark.parametrize("date", ["2024-12-31", "2025-12-32", "today", "", "../data"])
@pytest.mark.parametrize("command", COMMANDS)
def test_data_of_no_snapshot_are_refused_by_every_command_with_those_there_are(refuse, command, date):
    words = {
        **{name: words[:-1] for name, words in WITH_A_LINK.items()},
        "attribute": ["attribute", "--from", "base", "--to", "base", "--measure", "failed_count"],
    }.get(command, [command])
    told = refuse(*words, f"--data={date}")
    assert told == f"no data of {date!r}; there are: {', '.join(snapshots())}"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_one_date_and_its_usage_says_so(refuse, capsys, command):
    assert "twice" in refuse(command, "--data", "2025-12-31", "--data", "2025-12-31")
    main([command, "--help"])
    assert "--data D" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--n", "--seed"])
def test_a_number_of_any_length_is_refused_in_one_line(refuse, option):
    assert "whole number" in refuse("monte-carlo", option, "9" * 5000)


def complaints(err):
    """What standard error says, unless it is that this machine compiles first."""
    return [line for line in err.splitlines() if not re.match("(compiling )?the model", line)]


@pytest.mark.parametrize(
    "words", [["run"], ["run", "--format", "table"], ["data"], ["data", "--check"]], ids=" ".join
)
def test_whoever_reads_the_output_may_leave_early(words):
    with subprocess.Popen(
        [sys.executable, "-m", "core", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=DATA.parents[1],
    ) as process:
        process.stdout.close()  # before anything is written
        assert complaints(process.stderr.read().decode()) == []
    assert process.returncode == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no such device")
def test_an_answer_that_cannot_be_written_is_told_in_one_line():
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "core", "data"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ended.returncode == 1
    assert complaints(ended.stderr) == ["the answer was lost: [Errno 28] No space left on device"]


def test_a_command_that_is_interrupted_ends_without_a_word(monkeypatch, capsys):
    def interrupted(_words):
        raise KeyboardInterrupt

    monkeypatch.setitem(COMMANDS, "run", interrupted)
    assert _program(["run"]) == 130
    assert complaints(capsys.readouterr().err) == []


def test_a_line_break_in_a_word_stays_one_line(refuse):
    assert "not a number" in refuse("run", "g=1\n2")
    refuse("run", "x\ny=3")


def test_commands_that_need_words_say_so(refuse):
    for command in COMMANDS:
        refuse(command, "--no-such-option", "1")


def test_a_broken_snapshot_is_told_in_one_line(refuse, monkeypatch):
    def broken(*_asked):
        raise DataError("2025-12-31/entities.csv, line 7,\nfield unit: no unit")

    monkeypatch.setattr("core.__main__.load_web", broken)
    assert refuse("run") == "2025-12-31/entities.csv, line 7, field unit: no unit"


@pytest.mark.usefixtures("two_dates")
def test_run_looks_at_the_data_of_its_link_and_those_of_the_command_line_win(call):
    old = f"data={third.FIRST}"
    edit = f"o={third.GONE}.cash:5"
    found = [
        call("run", "--link", "g=0"),
        call("run", "--link", f"g=0&{old}&{edit}"),
        call("run", "--link", f"g=0&{old}&{edit}", "--data", third.THIRD),
        call("run", "--link", f"g=0&{edit}", "--data", third.FIRST),
        call("run", "--link", "g=0&data=x", "--data", third.FIRST),
    ]
    assert [one["snapshot"] == third.FIRST for one in found] == [False, True, False, True, True]
    assert [len(one["quarters"]) for one in found[:2]] == [third.QUARTERS, 32]
    assert [old in one["link"] for one in found] == [False, True, False, True, True]
    assert [len(one["messages"]) for one in found] == [0, 0, 1, 0, 0]
    assert f"stands in the data of {third.FIRST}" in found[2]["messages"][0]
    assert [one["scenario"]["r"] for one in found] == [3.5, 3.75, 3.5, 3.75, 3.75]
    assert [parse(one["link"]).scenario["d"] for one in found] == [15, 20, 15, 20, 20]


@pytest.mark.usefixtures("two_dates")
def test_every_command_starts_where_its_data_have_the_levers(call):
    for date in (third.FIRST, third.THIRD):
        dated, today = ("--data", date), Scenario.default(date)
        in_full = [f"{word}={lever(word).format(today[word])}" for word in "rbd"]
        assert call("run", "--preset", "glut", *dated)["scenario"]["r"] == today["r"]
        for words in (
            ("break", "g"),
            ("sweep", "g=-50:100:3", "--measure", "pensions.loss"),
            ("tornado", "--measure", "pensions.loss"),
            ("monte-carlo", "--n", "32", "--seed", "1"),
        ):
            assert call(*words, *dated) == call(*words, *in_full, *dated), words
    there = ("--from", f"data={third.FIRST}", "--to", "base", "--measure", "pensions.loss")
    parts = call("attribute", *there)["parts"]
    assert set(parts) == {"plans", "prices", "market", "rest"}
    named = ("--from", f"data={third.FIRST}", "--to", "g=0&r=3.75", "--measure", "pensions.loss")
    assert "levers" in call("attribute", *named)["parts"]


def test_it_works_as_a_program():
    """Standard output holds the JSON and nothing else, in a process of its own."""
    words = [sys.executable, "-m", "core"]
    good = subprocess.run(
        [*words, "run", "g=0"], capture_output=True, text=True, check=False, cwd=DATA.parents[1]
    )
    assert good.returncode == 0
    assert complaints(good.stderr) == []
    assert json.loads(good.stdout)["failed_count"] > 0
    bad = subprocess.run(
        [*words, "run", "g=x"], capture_output=True, text=True, check=False, cwd=DATA.parents[1]
    )
    assert (bad.returncode, bad.stdout, bad.stderr.count("\n")) == (2, "", 1)


def test_values_of_a_sweep_are_numbers_or_null(call):
    values = call("sweep", "g=-50:100:5", "--measure", "coreweave.debt", "h=2033")["values"]
    assert {type(v) for v in values} == {float, type(None)}
    assert np.isfinite([v for v in values if v is not None]).all()


def test_warm_compiles_the_rules_and_says_how_many(capsys):
    assert main(["warm"]) == 0
    out, err = capsys.readouterr()
    assert (json.loads(out)["rules"], err) == (len(RULES), "")
    assert main(["warm", "up"]) == 2


# A command that needs one small rule: the model itself would take half a minute.
SMALL = """
import sys
from core import __main__
from core.finance.networks import Ledger, clear
ledger = Ledger.from_rows([(0, 1, 1, 10.0)], n_nodes=2)
__main__.COMMANDS["run"] = lambda words: clear(ledger, [6.0, 0.0]).paid.tolist()
sys.exit(__main__._program(["run"]))
"""


def small_run(place, stderr):
    environment = os.environ | {"BACKSTOP_CACHE_DIR": str(place), "BACKSTOP_NO_JIT": "0"}
    found = subprocess.run(
        [sys.executable, "-c", SMALL], stdout=subprocess.PIPE, stderr=stderr,
        text=True, check=True, cwd=DATA.parents[1], env=environment,
    )  # fmt: skip
    assert json.loads(found.stdout) == [6.0]
    return found.stderr


def test_a_first_run_tells_in_a_log_that_it_compiles(tmp_path):
    first, last = small_run(tmp_path, subprocess.PIPE).splitlines()
    assert re.fullmatch(r"compiling the model: 1 of \d{3} rules", first)
    assert last == "the model is compiled"
    assert small_run(tmp_path, subprocess.PIPE) == ""


def test_a_first_run_tells_in_a_terminal_how_far_it_is(tmp_path):
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    small_run(tmp_path, theirs)
    os.close(theirs)
    told = os.read(ours, 10_000).decode()
    os.close(ours)
    states = [state.strip() for state in told.split("\r") if state.strip()]
    assert re.fullmatch(r"compiling the model: 2 of \d{3} rules", states[1])
    assert states[-1] == "the model is compiled"
    assert told.endswith("\r\n")
    assert told.count("\n") == 1


@pytest.mark.parametrize("of", [1, 3, 139])
def test_a_log_has_a_few_lines_however_many_rules_there_are(of, capsys):
    for done in range(1, of + 1):
        terminal.progress(done, of)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == min(of, 1 + terminal.LINES)
    assert lines[-1] == "the model is compiled"


@pytest.mark.parametrize(
    ("axis", "told"),
    [
        ("h=2028:inf:3", "not within"),
        ("h=inf:2030:3", "not within"),
        ("g=-inf:inf:3", "not within"),
        ("g=1e999:10:3", "not within"),
        ("g=0:10:inf", "is not an axis"),
        ("g=0:10:1_0", "is not an axis"),
        ("g=0:10:2.5", "is not an axis"),
        ("g=0:10", "is not an axis"),
        ("g=0:10:3:4", "is not an axis"),
    ],
)
def test_an_axis_is_three_plain_numbers(axis, told, capsys):
    assert main(["sweep", axis, "--measure", "failed_count"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert told in err
