"""The Compare page: two sides from anywhere, what differs and why, and files to take along."""

import csv
from io import StringIO

import pytest

from core.questions.attribution import attribute
from core.results import comparison
from core.scenario import file
from core.scenario.levers import Scenario
from core.scenario.presets import presets
from core.web.web import load_web
from pages.kit.parts import compare, files, report
from tests import apptest

PAGE = "pages/compare.py"
PRESETS = {preset.id: preset.scenario for preset in presets()}


def said(at) -> str:
    return apptest.told(at).replace("\u00a0", " ")


def told(at) -> str:
    return "\n".join(text.value for text in at.text)


@pytest.mark.parametrize(
    ("locale", "figure"),
    [("en-GB", "Companies that fail, of eight"), ("nl-NL", "Bedrijven die omvallen, van de acht")],
)
def test_figures_stand_side_by_side(visit, locale, figure):
    at = visit({"from": "base", "to": "credit_closes"}, locale, page=PAGE)
    pairs = {
        pair.measure: pair
        for pair in comparison.compare(load_web(), PRESETS["base"], PRESETS["credit_closes"])
    }
    row = at.table[0].value.iloc[0].tolist()
    failed = pairs["failed_count"]
    assert row == [
        figure,
        f"{failed.a:.0f}",
        f"**{failed.b:.0f}**  \n:small[:gray[+{failed.difference:.0f}]]",
    ]


@pytest.mark.parametrize(("locale", "words"), [("en-GB", "goes from"), ("nl-NL", "gaat van")])
def test_why_pension_funds_get_less(visit, locale, words):
    at = visit({"from": "base", "to": "credit_closes", "why": "pensions.loss"}, locale, page=PAGE)
    assert words in said(at)
    split = attribute(load_web(), PRESETS["base"], PRESETS["credit_closes"], "pensions.loss")
    assert sum(split.parts.values()) == pytest.approx(split.difference)
    most = max(split.parts, key=lambda word: split.parts[word] / split.difference)
    assert most == "g"
    assert ("“AI demand grows”" if locale == "en-GB" else "‘AI-vraag groeit’") in said(at)


@pytest.fixture
def plain(monkeypatch):
    """The words of a split without a visit: `explain` of made-up parts, in English."""
    monkeypatch.setattr(compare.figures, "write", lambda measure, value: str(value))
    monkeypatch.setattr(compare.figures, "label", lambda measure, named="": measure)
    monkeypatch.setattr(compare.figures, "part_name", lambda word: word)
    monkeypatch.setattr(compare, "_", lambda text: text)
    monkeypatch.setattr(compare, "ngettext", lambda one, many, n: one if n == 1 else many)
    monkeypatch.setattr(compare.numbers, "listing", lambda names: " and ".join(names))

    def explain(**parts):
        whole = sum(parts.values())
        split = type("Split", (), {"start": 0.0, "end": whole, "difference": whole, "parts": parts})()
        return compare.explain("m", split)

    return explain


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (
            {"r": 2.0, "f": 1.5, "g": -0.5},
            "two thirds of the change is “r” and half of the change is “f”; “g” works the other way.",
        ),
        (
            {"r": 2.7, "s": 0.15, "f": 0.15},
            "nearly all of the change is “r” and small parts of the change are “s” and “f”.",
        ),
        ({"r": -1.0, "s": -1.0}, "half of the change each are “r” and “s”."),
        (
            {"r": 2.0, "s": 2.0, "g": -1.0},
            "two thirds of the change each are “r” and “s”; “g” works the other way.",
        ),
        (
            {"r": 3.0, "s": 3.0, "g": -2.0, "u": -2.0},
            "“r” and “s” each weigh more than the whole change; “g” and “u” work the other way.",
        ),
        ({"r": 1.0, "t": 0.0}, "all of the change is “r”."),
    ],
)
def test_shares_are_said_in_plain_words(plain, parts, told):
    assert plain(**parts).partition(" in B: ")[2] == told


def test_a_pasted_link_becomes_a_side_and_travels_on(visit):
    at = visit({}, page=PAGE, opened=["to_own"])
    at.text_input(key="to_link").set_value("https://x.example/stress?g=-10&r=9.5&gw=no&zz=1&r=60").run()
    assert not at.exception
    assert at.query_params["to"] == "g:-10,r:9.5,gw:no"
    assert "'zz' is not a lever" in told(at)
    again = visit({"to": "g:-10,r:9.5,gw:no"}, page=PAGE)
    assert again.table[0].value.equals(at.table[0].value)


BENT = [
    "https://eu.safelinks.protection.outlook.com/?url=https%3A%2F%2Fx.example%2F%3Fg%3D-10%26r%3D9.5&data=05&reserved=0",
    "https://www.google.com/url?q=https://x.example/Private-Credit/x?g=-10%26r=9.5&sa=D",
    "If AI demand shrinks, OpenAI fails.\nhttps://x.example/neoclouds.?g=-10&amp;r=9.5)",
    "g%3D-10%26r%3D9,5?utm_source=n&utm_medium=email",
]


@pytest.mark.parametrize("text", BENT)
def test_a_bent_link_is_taken_as_its_sender_wrote_it_and_at_most_a_line_says_so(visit, text):
    at = visit({}, page=PAGE, opened=["to_own"])
    at.text_input(key="to_link").set_value(text).run()
    assert not at.exception
    assert at.query_params["to"] == "g:-10,r:9.5"
    if "9,5" in text:
        assert "the comma in" in told(at)
    else:
        assert "could be taken as it stood" not in said(at)
        assert all(line.value.startswith("This link was damaged on its way") for line in at.text)
        assert len(at.text) <= 1


@pytest.mark.parametrize(
    "text",
    ["", "   ", "https://example.com/", "x" * 4000, "<script>alert(1)</script>", "\x00\x01", "g", "?g=NaN"],
)
def test_a_link_without_a_lever_changes_nothing(visit, text):
    at = visit({"to": "pause"}, page=PAGE, opened=["to_own"])
    at.text_input(key="to_link").set_value(text).run()
    assert not at.exception
    assert at.query_params["to"] == "pause"


def test_a_file_becomes_a_side(visit):
    at = visit({}, page=PAGE, opened=["from_own"])
    text = file.dumps(Scenario.default().replace(g=-20, f="closed"), "My worst <b>week</b>")
    at.file_uploader(key="from_file").upload("week.toml", text.encode(), "application/toml").run()
    assert not at.exception
    assert at.query_params["from"] == "g:-20,f:closed"
    assert "My worst <b>week</b>" in told(at)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"x" * 20_000,
        b"[levers]\nzz = 1\n",
        b"PK\x03\x04",
        b"= = =",
        b"[levers]\ng = [1]\n",
    ],
)
def test_a_bad_file_is_told_and_changes_nothing(visit, content):
    at = visit({"from": "pause"}, page=PAGE, opened=["from_own"])
    at.file_uploader(key="from_file").upload("x.toml", content, "application/toml").run()
    assert not at.exception
    assert at.query_params["from"] == "pause"
    assert "The side stays as it was." in told(at)


@pytest.mark.parametrize(
    "link",
    [
        {"from": "<script>", "to": "nobody"},
        {"from": "g:1e999,r:abc,,,:::,o:1", "to": "g:10"},
        {"to": "g:5000"},
        {"from": "m:1,k:2,lang:xx"},
        {"why": "os.system", "to": "pause"},
    ],
)
def test_a_hostile_link_is_told_and_the_rest_is_shown(visit, link):
    at = visit({"h": "2031", **link}, page=PAGE)
    assert not at.exception
    assert told(at)
    assert at.query_params["h"] == "2031"


def test_the_same_twice_is_said_as_such(visit):
    at = visit({"from": "pause", "to": "pause"}, page=PAGE)
    assert "A and B are the same scenario" in said(at)
    assert not at.table or "Figure" not in at.table[0].value.columns


@pytest.mark.parametrize(("last", "told_so"), [("2030", True), ("2033", False)])
def test_a_failure_after_the_last_year_is_said_not_to_count(visit, last, told_so):
    now = Scenario.default().replace(g=0, gw=False, h=int(last))
    pairs = {pair.measure: pair for pair in comparison.compare(load_web(), PRESETS["base"], now)}
    assert (
        pairs["failed_count"].b
        < sum(pair.b < pair.never for pair in pairs.values() if pair.measure.endswith(".failed_quarter"))
    ) == told_so
    at = visit({"g": "0", "gw": "no", "h": last}, page=PAGE)
    assert ("not counted as failed" in said(at)) == told_so


def test_where_both_sides_are_alike_a_story_makes_them_differ(visit):
    at = visit({}, page=PAGE)
    at.get_by_key("try_this").set_value("rates_9").run()
    assert not at.exception
    assert at.query_params["r"] == "9"
    failed = {p.measure: p for p in comparison.compare(load_web(), PRESETS["base"], PRESETS["rates_9"])}
    assert f"0 → **{failed['failed_count'].b:.0f}**" in said(at)


def test_files_hold_every_figure(visit):
    at = visit({"from": "base", "to": "pause"}, page=PAGE, opened=["take_along"])
    labels = [button.proto.label for button in at.get("download_button")]
    assert {"Download CSV", "Download XLSX", "Scenario file A", "Scenario file B", "Download report"} <= set(
        labels
    )


def test_a_scenario_file_brings_edited_figures_along(visit, monkeypatch):
    written, write = [], file.dumps

    def dumps(*given, **how):
        written.append(write(*given, **how))
        return written[-1]

    monkeypatch.setattr(file, "dumps", dumps)
    edit = "coreweave.cash:5"
    at = visit({"g": "0", "o": edit}, page=PAGE, opened=["take_along"])
    assert edit in told(at)
    read = [file.loads(text.encode()) for text in written[-2:]]
    assert [one.scenario["g"] for one in read] == [35.0, 0.0]
    assert [one.edits for one in read] == [(edit,), (edit,)]


def test_columns_of_the_csv_say_never_as_nothing(monkeypatch):
    monkeypatch.setattr(compare.cached, "snapshot", load_web)
    monkeypatch.setattr(compare.figures, "label", lambda measure, named="": measure)
    monkeypatch.setattr(compare, "_", lambda text: text)
    never, labels = load_web().calendar.count, load_web().calendar.labels
    pairs = (comparison.Pair("xai.failed_quarter", "quarter", float(never), 4.0, never),)
    a, b = (compare.Side("now", PRESETS["base"], date) for date in ("2025-12-31", "2026-06-30"))
    monkeypatch.setattr(compare, "_named", lambda _a, _b: "")
    for other, heads in ((a, ["A", "B"]), (b, ["A (2025-12-31)", "B (2026-06-30)"])):
        rows = list(
            csv.reader(StringIO(files.csv_bytes(compare.columns(a, other, pairs), "en").decode("utf-8-sig")))
        )
        assert rows[0][3:5] == heads
        assert rows[1] == ["xai.failed_quarter", "xai.failed_quarter", "quarter", "", labels[4], ""]


def test_the_report_escapes_what_strangers_wrote():
    evil = '<img src=x onerror="alert(1)">'
    table = report.Table(evil, evil, (evil,), [(evil,)])
    made = report.Report(
        "en", evil, [evil], "Share", f"http://localhost/?x={evil}", "", [], [table], evil
    ).html()
    assert "<img" not in made
    assert "&lt;img" in made
