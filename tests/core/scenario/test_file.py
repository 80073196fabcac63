"""Scenario files: what is written comes back, whatever arrives is read as far as it goes, nothing raises."""

import tomllib
from types import SimpleNamespace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.scenario.file import LARGEST, LONGEST_LINE, MOST_FILE_EDITS, dumps, loads
from core.scenario.levers import DATA, Scenario, levers
from core.scenario.messages import MOST_TOLD, describe
from core.scenario.presets import presets
from core.web.web import refused_edits
from tests import third

TODAY = Scenario.default()


def codes(parsed):
    return [message.code for message in parsed.messages]


def any_value(one):
    if one.options:
        return st.sampled_from(one.options)
    if one.kind == "year":
        return st.integers(one.low, one.high)
    return st.floats(one.low, one.high)


SCENARIOS = st.fixed_dictionaries({one.id: any_value(one) for one in levers()}).map(Scenario.from_mapping)


@given(SCENARIOS, st.text(max_size=120))
def test_what_is_written_comes_back_bit_for_bit(scenario, name):
    text = dumps(scenario, name, touched=["g"], edits=["coreweave.cash:5.25"])
    for content in (text, text.encode()):
        parsed = loads(content)
        assert parsed.scenario == scenario
        assert parsed.messages == ()
        assert set(parsed.touched) == {"g", *scenario.differs_from(TODAY)}
        assert parsed.edits == ("coreweave.cash:5.25",)
        assert (parsed.name or "") == "".join(c for c in name if c.isprintable())[:100].strip()
    assert dumps(parsed.scenario, parsed.name, touched=parsed.touched, edits=parsed.edits) == text
    assert len(text.encode()) < LARGEST


def test_a_file_keeps_the_date_of_its_data_and_leaves_out_that_of_the_latest(two_dates):
    for date in (None, third.FIRST, third.THIRD):
        today = Scenario.default(date)
        for scenario in (today, today.replace(r=3.5, g=0), today.replace(r=3.75)):
            read = loads(dumps(scenario, data=date))
            assert (read.scenario, set(read.touched)) == (scenario, set(scenario.differs_from(today)))
        text = dumps(TODAY, data=date, edits=[f"{third.GONE}.cash:5"])
        read = loads(text, check_edits=refused_edits)
        assert read.data == (third.FIRST if date == third.FIRST else None)
        assert ("data = " in text) == (date == third.FIRST)
        assert codes(read) == ([] if date == third.FIRST else ["elsewhere_edit"])


def test_a_file_says_what_the_lever_is_and_where_it_may_go():
    lines = dumps(TODAY.replace(r=6.5, f="closed"), "My worst week").splitlines()
    assert 'name = "My worst week"' in lines
    assert "base_rate = 6.5  # 0 to 12 %" in lines
    assert 'refinancing = "closed"  # open, strict, closed' in lines
    assert tomllib.loads("\n".join(lines))["levers"] == {"base_rate": 6.5, "refinancing": "closed"}


def test_presets_survive():
    for one in presets():
        assert loads(dumps(one.scenario, one.title["nl"])).scenario == one.scenario


BENT = {
    b"\x89PNG\r\n\x1a\n\x00\x00": ["file_binary"],
    b"r = 6\n\x00": ["file_binary"],
    b"": ["file_blank"],
    b"# nothing but a remark\n[levers]\n": ["file_blank"],
    b"r = 6 # " + b"x" * LARGEST: ["file_too_large"],
    b"<html><body>no</body></html>": ["file_not_toml"],
    b"a = " + b"[" * 5000: ["file_not_toml"],
    b"r = " + b"9" * 5000: ["file_not_toml"],
    b"[levers]\nr = 6\nthis is not TOML\n": ["file_line"],
    b"r = 6\n" + b"no\n" * 25: ["file_line"] * 10 + ["more"],
    b"[levers]\nr = 6\ng = " + b"9" * 5000: ["file_long_line"],
    b"[levers]\nr = 6\ng = 0x" + b"f" * 5000: ["file_long_line"],
    b"[levers]\nr = 6\ng = 0b" + b"1" * 450: ["huge"],
    b"[levers]\nr = 6\n" + b"a." * 1000 + b"a = 1": ["file_long_line"],
    b"r = 6\n[edits]\n" + b"a." * 1000 + b"a = 1": ["file_long_line"],
    b"r = 6\n[edits." + b"a." * 1000 + b"a]\nb = 1": ["file_long_line", "file_section"],
    b"r = 6\nx = 0o" + b"7" * 5000: ["file_long_line"],
    b"r = 6 # " + b"\"a.'" * 1000: [],
    b'r = 6 # "' + b"a." * 1000: [],
    b'name = "' + b"#" * 1000 + b'" # "#\nr = 6': ["file_long_line"],
    b"[levers]\nr = 6\nr = 7\n": ["file_repeated"],
    b"[levers]\nr = 6\nbase_rate = 7\n": ["file_repeated"],
    b"[levers]\nr = 6\n[colours]\nred = 1\n": ["file_section"],
    b"[levers]\nr = 6\ng = [1, 2]\n": ["file_type"],
    b"[levers]\nr = 6\ng = 2027-01-01\n": ["file_type"],
    b"[levers]\nr = 6\nlevers.g = 3\n": ["file_type"],
    b"name = 3\nr = 6\n": ["file_name"],
    b'r = 6\ng = ""\n': ["file_empty"],
    b'model = "yesterday"\nr = 6\n': ["file_bad_model"],
    b'model = "2099.1"\nr = 6\n': ["file_newer_model"],
    b"[levers]\nr = 6\nk = 5\n": ["unknown"],
    b'[levers]\nr = 6\ndata = "2025-12-31"\n': ["unknown"],
    b'data = "1999-12-31"\nr = 6\n': ["bad_data"],
    b"data = [1]\nr = 6\n": ["bad_data"],
    b'data = "1999-12-31"\ndata = "2025-12-31"\nr = 6\n': ["file_repeated"],
    b"data = 2025-12-31\nr = 6\n": [],
    b"[levers]\nr = 6\nbase_rat = 5\n": ["unknown_near"],
    b"[levers]\nr = 6\ng = 900\n": ["clamped"],
    b"[levers]\nr = 6\ng = nan\n": ["non_finite"],
    b'[levers]\nr = 6\ng = "ten"\n': ["malformed"],
    b'[levers]\nr = 6\ng = "<script>"\n': ["markup"],
    b'[levers]\nr = 6\nf = "shut"\n': ["not_an_option"],
    b"[levers]\nr = 6\nf = true\n": ["not_an_option"],
    b"[levers]\nr = 6\nt = 2027.4\n": ["rounded"],
    b"[levers]\nr = 6\ns = 1.000\n": ["ambiguous"],
    b"[levers]\nr = 6\ns = 1,000\n": ["ambiguous"],
    b"[levers]\nr = 6\nt = 2.027\n": ["ambiguous"],
    b'r = 6\n[edits]\n"coreweave.cash" = 1.000\n': ["ambiguous_edit"],
    b'r = 6\n[edits]\n"coreweave.cash" = 1,250\n': ["ambiguous_edit"],
    b'r = 6\n[edits]\n"coreweave.cash" = "much"\n': ["bad_edit"],
    b"r = 6\n[edits]\na.b = 1\na.b = 2\n": ["repeated_edit"],
    b"\xef\xbb\xbfr = 6\r\ngw = false\r\n": [],
}


@pytest.mark.parametrize(("content", "expected"), BENT.items(), ids=lambda value: str(value)[:40])
def test_each_fault_has_its_name_and_costs_nothing_else(content, expected):
    parsed = loads(content)
    assert codes(parsed) == expected
    read = expected not in (["file_binary"], ["file_blank"], ["file_too_large"], ["file_not_toml"])
    assert parsed.scenario["r"] == (6.0 if read else TODAY["r"])
    assert ("r" in parsed.touched) == read


# As hands write them: those that were seen, then their kin.
BY_HAND = [
    ("[levers]\nbase_rate = 6,5\ndemand_growth = 10\n", {"r": 6.5, "g": 10}, ["comma"]),
    ("[levers]\nrefinancing = “closed”\n", {"f": "closed"}, []),
    ("[levers]\nbase_rate = 6.5 %\n", {"r": 6.5}, ["percent"]),
    ("[levers]\nbase_rate = 6,5 %\nutilisation = 72,5%\n", {"r": 6.5, "u": 72.5}, ["percent", "comma"] * 2),
    ("[levers]\nbase_rate = 0,125  # een achtste\n", {"r": 0.125}, ["comma"]),
    ("[levers]\ndemand_growth = −7,5\nt = 2027,\n", {"g": -7.5, "t": 2027}, ["unicode", "comma"]),
    ("base_rate = “6,5 %”\n", {"r": 6.5}, ["percent", "comma"]),
    ('base_rate = "6,5\u00a0%"\n', {"r": 6.5}, ["percent", "comma"]),
    ("[levers]\nrefinancing = „strict”\ngw = ‘nee’\n", {"f": "strict", "gw": False}, ["understood"]),
    ("[levers]\n“refinancing” = «closed» # zie boven\n", {"f": "closed"}, []),
    ("[levers]\nrefinancing = closed\ngw = no;\n", {"f": "closed", "gw": False}, []),
    ("name = “Mijn week”\nmodel = “2026.13”\nr = 6,5\n", {"r": 6.5}, ["comma"]),
    ("[levers]\nrecovery = 75 procent\nr = 6\n", {"r": 6}, ["malformed"]),
    ("[levers]\ng = 1 0\nu = (70)\nr = 6\n", {"r": 6}, ["malformed", "malformed"]),
    ("[levers]\ns = 1.000\nr = 6\n", {"r": 6}, ["ambiguous"]),
    ("[levers]\ns = 1,000\nr = 6\n", {"r": 6}, ["ambiguous"]),
    ("[levers]\ns = 3 %\nr = 6\n", {"r": 6}, ["malformed"]),  # of basis points
    ('[levers]\ns = "1.000"\ng = 12.500\nd = 10,250 %\nr = 6\n', {"r": 6}, ["ambiguous"] * 3),
    ("[levers]\nr = 6.125\ns = 1_000\ng = 10.37\n", {"r": 6.125, "s": 1000, "g": 10.37}, []),
]


@pytest.mark.parametrize(("text", "sets", "told"), BY_HAND)
def test_a_line_is_read_as_hands_write_it_or_refused(text, sets, told):
    parsed = loads(text)
    assert parsed.scenario == TODAY.replace(**sets)
    assert set(parsed.touched) == set(sets)
    assert codes(parsed) == told
    assert all(describe(message).endswith(".") for message in parsed.messages)


def test_an_edit_is_read_as_hands_write_it_or_refused():
    text = "[edits]\n“coreweave.cash” = 5,5\nopenai.cash = 30,0 # veel\nxai.cash = 1.000\n"
    parsed = loads(text, check_edits=refused_edits)
    assert parsed.edits == ("coreweave.cash:5.5", "openai.cash:30")
    assert codes(parsed) == ["ambiguous_edit"]


def test_edits_are_checked_and_many_may_come():
    def check(edits):
        return ["no such row" if row == "a.b5" else "" for row, _ in edits]

    many = "[edits]\n" + "".join(f'"a.b{i}" = {i}\n' for i in range(MOST_FILE_EDITS + 3))
    parsed = loads(many, check_edits=check)
    assert len(parsed.edits) == MOST_FILE_EDITS - 1
    assert parsed.edits[0] == "a.b0:0"
    assert codes(parsed) == ["refused_edit", "file_too_many_edits"]
    assert parsed.messages[1].params == {"limit": MOST_FILE_EDITS, "count": 3}
    assert loads("[edits]\ncoreweave.cash = 5\n").edits == ("coreweave.cash:5",)


def test_every_message_that_only_a_file_gives_is_told_and_has_a_sentence():
    told = [message for content in BENT for message in loads(content).messages]
    told += loads("[edits]\n" + "".join(f'"a.b{i}" = 1\n' for i in range(MOST_FILE_EDITS + 1))).messages
    templates = tomllib.loads((DATA / "messages.toml").read_text(encoding="utf-8"))
    expected = {code for code in templates if code.startswith("file_")}
    # No word has changed since the first model, so nothing can be brought up.
    assert {message.code for message in told if message.code in expected} == expected - {"file_migrated"}
    for message in told:
        sentence = describe(message)
        assert sentence.endswith(".")
        assert "{" not in sentence
        assert "link" not in sentence


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=400)))
def test_nothing_raises_and_nothing_after_a_sound_line_undoes_it(content):
    head = "base_rate = 6.5\n"
    content = head + content if isinstance(content, str) else head.encode() + content
    parsed = loads(content)
    if codes(parsed) != ["file_binary"]:
        assert (parsed.scenario["r"], "r" in parsed.touched) == (6.5, True)
    assert len(parsed.messages) <= MOST_TOLD + 1
    for message in parsed.messages:
        describe(message)


@pytest.mark.parametrize("line", ["x", "x = [1]", "[x{}]\ny = 1", "r{} = 1", "[edits.x{}]\ny = -1", "k{} ="])
def test_ten_things_are_told_and_the_rest_counted(line):
    parsed = loads("r = 6\n" + "".join(line.replace("{}", str(i)) + "\n" for i in range(700)))
    assert parsed.scenario["r"] == 6
    assert len(parsed.messages) <= MOST_TOLD + 1
    assert (parsed.messages[-1].code == "more") == (line != "x = [1]" and "edits" not in line)


@pytest.mark.parametrize(
    "hostile",
    ["a." * 7000 + "a = 1", "g = 0x" + "f" * 14000, "[" + "a." * 7000 + "a]", "a = " + "[" * 14000],
)
def test_the_parser_is_given_no_line_that_takes_it_long(monkeypatch, hostile):
    given_lines = []

    def noting(text, **how):
        given_lines.extend(text.split("\n"))
        return tomllib.loads(text, **how)

    monkeypatch.setattr("core.scenario.file.tomllib", SimpleNamespace(loads=noting))
    assert loads(f"r = 6\n{hostile}\ng = 5\n").scenario["r"] == 6
    assert given_lines
    assert max(map(len, given_lines)) <= LONGEST_LINE


ODD_LINES = """[levers]; [edits]; [x]; [[levers]]; [levers.g]; g = 5; g = -900; r = 'a'; f = true; name = 1;
model = 2; m = 1; ???; levers = 3; edits = 'x'; a.b.c = 1; gw = false; levers.r = 6; '' = 1; [; k='a'"""
LINES = st.lists(st.sampled_from([line.strip() for line in ODD_LINES.split(";")]), max_size=8)


def sound_lines(lines):
    """The lines above the first section and in [levers]: those that nobody can doubt."""
    section, found = "", set()
    for line in lines:
        if line.startswith("[") and line != "[":
            section = line
        elif section in ("", "[levers]") and not (section and line == "levers.r = 6"):
            found.add(line)
    return found


@settings(max_examples=600, deadline=None)
@given(LINES)
@example(["[x]", "gw = false", "[levers]", "g = -900", "g = 5", "???"])
@example(["[x]", "gw = false", "g = 5", "levers.r = 6"])
def test_no_mixture_of_lines_raises_or_loses_a_sound_lever(lines):
    parsed = loads("\n".join(lines))
    sound = sound_lines(lines)
    headers = {line for line in lines if line.startswith("[")}
    for line, word, value in (("gw = false", "gw", False), ("g = 5", "g", 5.0), ("levers.r = 6", "r", 6.0)):
        if line in sound:
            assert (parsed.scenario[word], word in parsed.touched) == (value, True)
        elif not headers & {"[[levers]]", "[levers.g]"} and line != "g = 5":
            assert word not in parsed.touched
    assert len(parsed.messages) <= MOST_TOLD + 1
    for message in parsed.messages:
        describe(message)
