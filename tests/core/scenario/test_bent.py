"""Links that were bent on their way read as the straight ones do, or are refused: never as something else."""

import tomllib
from urllib.parse import parse_qs, quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.scenario import bent, link
from core.scenario.bent import LONGEST_LINK, MOST_LAYERS, MOST_PARTS, is_tracking, straighten
from core.scenario.levers import DATA, Scenario, levers
from core.scenario.link import LANGUAGES, VIEW_CHOICES, encode, parse
from core.scenario.messages import QUIET
from core.scenario.receipt import make_receipt
from core.web.web import refused_edits, snapshots
from tests.core.scenario.bendings import BENDINGS, CUT_OFF, IN_A_TEXT
from tests.core.scenario.test_link import SCENARIOS, TOUCHED, codes

HOST = "https://backstop.example/neoclouds?"
MARKS = {"m": "2026.13", "s": "2026-06-30", "d": "0a1b2c", "l": "ffe123"}
RECEIPT = make_receipt(MARKS | {"openai": "2029Q4", "called.nvidia": 6.3, "net.infra_credit": 0.1006})
OLD_RECEIPT = make_receipt({"coreweave": "2029Q2", "net.infra_credit": 0.0812, "m": "2026.11"})

# One bent link per line: case, link, what it sets. Cases with a number were seen; their kin follow them.
ROWS = [
    ("B15", f"g=0&k={RECEIPT})", {"g": 0}),
    ("behind", f"g=0&k={RECEIPT}].", {"g": 0}),
    ("behind", f"g=0&k={RECEIPT}_", {"g": 0}),
    ("behind", f"g=0&k={OLD_RECEIPT}%22", {"g": 0}),
    ("behind", "r=6.5&g=10.", {"g": 10, "r": 6.5}),
    ("behind", "r=6.5&g=10%E2%80%9D,", {"g": 10, "r": 6.5}),
    ("behind", "*g=10*", {"g": 10}),
    ("behind", "g=10&f=closed**", {"g": 10, "f": "closed"}),
    ("behind", "g=10),&r=6.5", {"g": 10, "r": 6.5}),
    ("B16", "?g=10&fbclid=a&utm_source=b&gclid=c", {"g": 10}),
    ("B16", "?utm_source=b", {}),
    ("tracking", "?mc_cid=1&mc_eid=2&g=10&_hsenc=p2AN", {"g": 10}),
    ("tracking", "?UTM_Source=b&g=10&msclkid=3&igshid=4&ttclid=5", {"g": 10}),
    ("tracking", "?g=10&embed=true&ref=newsletter&mkt_tok=x", {"g": 10}),
    ("B18", "?g=10&r=6.5?utm_source=n&utm_medium=email", {"g": 10, "r": 6.5}),
    ("B18", "?g=10?fbclid=x", {"g": 10}),
    ("second ?", "??g=10&r=6.5", {"g": 10, "r": 6.5}),
    ("second ?", "?g=10?r=6.5", {"g": 10, "r": 6.5}),
    ("second ?", "g%3D10%26r%3D6.5?utm_source=n&utm_medium=email", {"g": 10, "r": 6.5}),
    ("second ?", "https://x.example/%3Fg%3D10%26r%3D6.5?fbclid=1", {"g": 10, "r": 6.5}),
    ("second ?", "https://x.example/deals?utm_source=n?g=10&r=6.5%3Ffbclid=1", {"g": 10, "r": 6.5}),
    ("B21", "?g=10%26r=6.5", {"g": 10, "r": 6.5}),
    ("B21", "?g%3D10%26r%3D6.5", {"g": 10, "r": 6.5}),
    ("B21", "?g=10%2526r=6.5", {"g": 10, "r": 6.5}),
    ("escapes", "?g%253D10%2526r%253D6.5", {"g": 10, "r": 6.5}),
    ("escapes", "?g=10&r=6%2E5%26f%3Dclosed", {"g": 10, "r": 6.5, "f": "closed"}),
    ("escapes", "https://x.example/%3Fg=10&r=6.5", {"g": 10, "r": 6.5}),
    ("escapes", "/%3Fg%3D10%26r%3D6.5", {"g": 10, "r": 6.5}),
    ("escapes", "https%3A%2F%2Fx.example%2F%3Fg%3D10%26r%3D6.5", {"g": 10, "r": 6.5}),
    ("B22", "?g=3D10&r=3D6.5", {"g": 10, "r": 6.5}),
    ("=3D", "?g=3D10&r=3D6.=\r\n5&f=3Dclosed", {"g": 10, "r": 6.5, "f": "closed"}),
    ("=3D", "?g=3D10&gw=3Dno&lang=3Dnl", {"g": 10, "gw": False}),
    ("=3D", f"?g=3D-10&k=3D{RECEIPT}", {"g": -10}),
    ("=3D", "https://x.example/?m=3D2026.13&g=3D1=\n0", {"g": 10}),
    ("&amp;", "g=10&amp;r=6.5&amp;amp;u=70", {"g": 10, "r": 6.5, "u": 70}),
    ("&amp;", "g=10&#38;r=6.5&#x26;u=70", {"g": 10, "r": 6.5, "u": 70}),
    ("&amp;", "g=10%26amp%3Br=6.5", {"g": 10, "r": 6.5}),
    ("&amp;", "g=10&quot;", {"g": 10}),
    ("B24", "?g=10%E2%80%8B", {"g": 10}),
    ("B24", "?%E2%80%8Bg=10", {"g": 10}),
    ("no width", "?g=1%E2%80%8D0&r=6%EF%BB%BF.5", {"g": 10, "r": 6.5}),
    ("no width", "?g=10\u2060&f=clo\u00adsed", {"g": 10, "f": "closed"}),
    ("no width", "?g=%E2%80%8E-10&gw=no%E2%80%AC", {"g": -10, "gw": False}),
    ("lines", "https://x.example/?g=10&r=6.\n5&u=70", {"g": 10, "r": 6.5, "u": 70}),
    ("lines", "https://x.example/?g=10&r=6.\r\n> 5&u=\r\n> 70", {"g": 10, "r": 6.5, "u": 70}),
    ("lines", "https://x.example/?g=10&r=6%0D%0A.5&u=70", {"g": 10, "r": 6.5, "u": 70}),
    ("lines", "https://x.example/?demand_gr\nowth=10&base_\nrate=\n6.5", {"g": 10, "r": 6.5}),
    ("lines", "https://x.example/?demand_growth=10&\nr=\n6.5", {"g": 10, "r": 6.5}),
    ("lines", f"https://x.example/?g=10&k={RECEIPT[:9]}\n{RECEIPT[9:15]}\n{RECEIPT[15:]}", {"g": 10}),
    ("lines", f"g=10&amp;k={RECEIPT[:9]}\n{RECEIPT[9:]}", {"g": 10}),
    ("two links", "https://x.example/?g=10\nhttps://x.example/?g=20", {"g": 10}),
    ("two links", "https://x.example/?g=10 https://x.example/?g=20&r=6.5", {"g": 10}),
    ("two links", "https://x.example/?g=10 and https://x.example/?g=20", {"g": 10}),
    ("two links", "https://x.example/?g=10, <https://x.example/?r=6.5>", {"g": 10}),
    ("two links", "> https://x.example/?g=10\r\n> https://x.example/?r=6.5", {"g": 10}),
    ("two links", "?g=10\nhttps://x.example/?g=20", {"g": 10}),
    ("two links", "?g=10 https%3A%2F%2Fx.example%2F%3Fg%3D20", {"g": 10}),
    ("two links", "?g=10%20https://x.example/?g=20", {"g": 10}),
    ("two links", "?g=10%0Ahttps://x.example/?g=20", {"g": 10}),
    ("two links", "https://www.google.com/url?q=\n> https://x.example/?g=10", {"g": 10}),
    ("lines", "Look: https://x.example/?g=10&r=6.5\nIt is dear.", {"g": 10, "r": 6.5}),
    (
        "lines",
        "Look: https://x.example/?g=10&r=6.5&u=7\n0&s=300 is dear.",
        {"g": 10, "r": 6.5, "u": 70, "s": 300},
    ),
    ("lines", f"Look: https://x.example/?g=10&k={RECEIPT}\n2. It is dear.", {"g": 10}),
    ("lines", f"https://x.example/?g=1 0&r=6. 5&k={RECEIPT[:9]} {RECEIPT[9:]}", {"g": 10, "r": 6.5}),
    ("lines", f"https://x.example/?g=1 0&r=6. 5&k={RECEIPT} he wrote, and more", {"g": 10, "r": 6.5}),
    ("B25", "?g=10&lang=nl-NL", {"g": 10}),
    ("B25", "?lang=nl_BE", {}),
    ("lang", "?g=10&lang=NL", {"g": 10}),
    ("lang", "?g=10&lang=nl-Latn-NL", {"g": 10}),
    ("lang", "?g=10&lang=nl)", {"g": 10}),
    (
        "B49",
        "https://eur02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.org%2Fneoclouds%3Fm%3D2026.11"
        "%26g%3D10%26r%3D6.5&data=05&reserved=0",
        {"g": 10, "r": 6.5},
    ),
    ("B49", "https://www.google.com/url?q=https://example.org/?g=10%26r=6.5&sa=D", {"g": 10, "r": 6.5}),
    ("wrapper", "https://l.facebook.com/l.php?u=https%3A%2F%2Fx.example%2F%3Fg%3D10&h=AT3&s=1", {"g": 10}),
    ("wrapper", "https://www.google.com/url?sa=t&url=https://x.example/?g=10&ved=2ah&usg=AO", {"g": 10}),
    (
        "wrapper",
        "https://lnkd.example/safety/go?url=https%253A%252F%252Fx.example%252F%253Fg%253D10&trk=a",
        {"g": 10},
    ),
    (
        "wrapper",
        "https://eu.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttps%253A%252F"
        "%252Fx.example%252F%253Fg%253D10%2526r%253D6.5%26sa%3DD&amp;data=05&amp;reserved=0",
        {"g": 10, "r": 6.5},
    ),
    (
        "wrapper",
        f"https://a.outlook.com/?url=https://x.example/?g=10&data={snapshots()[0]}&data=05&sdata=1",
        {"g": 10},
    ),
    ("added", "https://x.example/?g=10&ref=https%3A%2F%2Fnews.example%2F%3Fs%3D2&r=6.5", {"g": 10, "r": 6.5}),
    ("added", "https://x.example/?ref_url=https%3A%2F%2Fnews.example%2F%3Fs%3D2&g=10", {"g": 10}),
    ("pages", "https://x.example/Neoclouds?g=10", {"g": 10}),
    ("pages", "https://x.example/private-credit?g=10", {"g": 10}),
    ("pages", "https://x.example/neoclouds/x?g=10", {"g": 10}),
    ("pages", "https://x.example//neoclouds.?g=10", {"g": 10}),
]


@pytest.mark.parametrize(("case", "given_link", "sets"), ROWS)
def test_a_bent_link_is_read_as_its_sender_wrote_it(case, given_link, sets):
    parsed = parse(given_link)
    assert parsed.scenario == Scenario.default(parsed.data).replace(**sets)
    assert set(parsed.touched) == set(sets)
    assert set(codes(parsed)) <= QUIET
    assert len(parsed.messages) <= 1
    if "&k=" in given_link:
        assert parsed.receipt in (RECEIPT, OLD_RECEIPT)
    if "lang=" in given_link:
        assert parsed.lang == "nl"
    if "data=20" in given_link:
        assert parsed.data == snapshots()[0]


@pytest.mark.parametrize(("case", "given_link", "sets"), [row for row in ROWS if row[1].startswith("?")])
def test_what_a_browser_makes_of_it_is_read_alike(case, given_link, sets):
    """The server gets the parameters taken apart, one layer of escapes undone and broken lines joined."""
    if "\n" in given_link:
        return  # an address bar drops the break and keeps the "=" before it
    parsed = parse(parse_qs(given_link[1:], keep_blank_values=True))
    assert parsed.scenario == Scenario.default(parsed.data).replace(**sets)
    assert set(codes(parsed)) <= QUIET


@pytest.mark.parametrize("case", ["tracking", "B16", "lang", "B25", "pages", "B15"])
def test_what_changes_no_value_is_mended_in_silence(case):
    rows = [row for row in ROWS if row[0] == case]
    assert rows
    assert all(parse(given_link).messages == () for _, given_link, _ in rows)


def test_a_mended_value_is_told_in_one_line():
    (told,) = parse("g=10%26r=3D6.5&u=70&o=coreweave.cash:5)", check_edits=refused_edits).messages
    assert (told.code, told.params["now"]) == ("mended", "g=10, r=6.5, o=coreweave.cash:5")
    (told,) = parse(
        "&amp;".join(f"{one.id}={one.format(one.options[0] if one.options else one.low)}" for one in levers())
    ).messages
    assert told.params["now"].count("=") == link.MOST_NAMED
    assert told.params["now"].endswith(" …")


@pytest.mark.parametrize(
    "value",
    [
        *(
            "(10)",
            "10-",
            "6.5*2",
            "10%2",
            "1 0",
            "1\x000",
            "\u202e10",
            "1\u200f0",
            "10;5",
            "10|5",
            "1.000",
            "1,000",
        ),
        *("10/2", "=-", "3D", "3D3D", "--10", "10=5", "%", "?", "&", "%26", "%3F5"),
    ],
)
def test_what_can_be_more_than_one_value_is_none(value):
    for parsed in (parse({"g": [value], "r": ["5"]}), parse(f"g={quote(value)}&r=5")):
        assert (parsed.touched, parsed.scenario["r"]) == (("r",), 5)
        assert not set(codes(parsed)) <= QUIET


@pytest.mark.parametrize(
    "text",
    [
        "Look: https://x.example/?g=10&r=6.\n5 is high.",
        "Look: https://x.example/?g=10&r=6\n.5 is high.",
        "https://x.example/?g=10&r=6. 5",
        "https://x.example/?g=10&r=6 5 reasons",
        "https://x.example/?g=10&r=6\n2026",
        "https://x.example/?g=10&r=6,\n5",
        "https://x.example/?g=10&r=6\r\n> 5",
        "https://x.example/?g=10&r=6\ne1",
        "https://x.example/?g=10&r=6\n٥",
        "https://x.example/?g=10&r=\n6\n5",
        "https://x.example/?g=10&r=6\n5?",
        "https://x.example/?g=10&r=6\n5&quot;",
        "https://x.example/?g=10&r=6\n5\n?utm_source=x",
        "?g=10&r=6\n.5",
        "?g=10&r=6%0D%0A.5",
        "g%3D10%26r%3D6%0A5",
        "https%3A%2F%2Fx.example%2F%3Fg%3D10%26r%3D6\n5",
    ],
)
def test_a_number_that_may_go_on_in_the_next_line_or_not_is_not_read(text):
    parsed = parse(text)
    assert (parsed.touched, codes(parsed)[0]) == (("g",), "malformed")
    assert set(codes(parsed)[1:]) <= QUIET


def test_nor_is_one_of_which_a_browser_tells_two_lines():
    for value in ("6\r\n.5", "6\n5", "6,\n5", "6\ne1"):
        parsed = parse({"g": ["10"], "r": [value]})
        assert (parsed.touched, codes(parsed)) == (("g",), ["malformed"])


@pytest.mark.parametrize("cut", CUT_OFF)
@pytest.mark.parametrize(
    ("last", "code"),
    [
        ("r=1", "malformed"),
        ("gw=no", "not_an_option"),
        ("o=coreweave.cash:5", "bad_edit"),
        ("data=2025-12-31", "bad_data"),
        ("lang=nl", "bad_language"),
        ("m=2026.13", "bad_model"),
    ],
)
def test_a_value_that_was_cut_off_is_refused_and_the_rest_is_kept(last, code, cut):
    for text in (f"{HOST}g=5&{last}{cut}", f"?g=5&{last}{cut}", f"Look: <{HOST}g=5&{last}{cut}>, and more"):
        parsed = parse(text)
        assert (parsed.scenario["g"], parsed.touched) == (5, ("g",))
        assert (parsed.edits, parsed.data, parsed.lang, parsed.model) == ((), None, None, None)
        assert [one for one in codes(parsed) if one not in QUIET] == [code]
    if not cut.startswith("&"):  # at which a browser takes them apart
        assert code in codes(parse(parse_qs(f"g=5&{last}{cut}")))


@pytest.mark.parametrize("cut", CUT_OFF)
def test_a_receipt_is_whole_or_damaged_whatever_stands_behind_it(cut):
    assert parse(f"{HOST}g=5&k={RECEIPT}{cut}").receipt == RECEIPT
    damaged = parse(f"{HOST}g=5&k={RECEIPT[:-4]}{cut}")
    assert (damaged.receipt, damaged.touched, codes(damaged)) == (None, ("g",), ["bad_receipt"])


def test_an_address_that_was_added_to_ours_takes_nothing_away():
    parsed = parse("https://x.example/?m=2026.13&g=10&x=https%3A%2F%2Fnews.example%2F%3Fs%3D2&r=6.5")
    assert (parsed.touched, codes(parsed)) == (("g", "r"), ["unknown"])


@settings(max_examples=300, deadline=None)
@given(st.text("0123456789.,-+() []*\"”'…;:!_|~\u200b\u00ad\u202e\n\t", max_size=8))
@example("10)")
@example("1\u200b0.")
def test_no_digit_and_no_sign_of_a_number_is_ever_lost(text):
    parsed = parse({"s": [text]})
    if "s" in parsed.touched and "clamped" not in codes(parsed):
        value = parsed.scenario["s"]
        said = "".join(sign for sign in text if sign.isdigit())
        assert said.strip("0") == "".join(sign for sign in f"{value:.12g}" if sign.isdigit()).strip("0")
        assert ("-" in text) == (value < 0) or value == 0
        assert "\u202e" not in text
        assert "(" not in text


LINKS = st.builds(
    lambda scenario, touched, data, lang, receipt, edits: encode(
        scenario, touched, data=data, lang=lang, receipt=receipt, edits=edits, extras={"co": "coreweave"}
    ),
    SCENARIOS,
    TOUCHED,
    st.sampled_from([None, *snapshots()]),
    st.sampled_from([None, *LANGUAGES]),
    st.sampled_from([None, RECEIPT, OLD_RECEIPT]),
    st.sampled_from([(), ("coreweave.cash:4.5",), ("coreweave.cash:0.5", "openai.cash:30")]),
)


def _same(bent_link: str, straight: str) -> None:
    read, wanted = (parse(one, view_keys=["co"]) for one in (bent_link, straight))
    assert read.scenario == wanted.scenario
    for name in ("touched", "edits", "data", "lang", "model", "receipt", "extras"):
        assert getattr(read, name) == getattr(wanted, name), name
    assert wanted.messages == ()
    assert set(codes(read)) <= QUIET


@pytest.mark.parametrize("name", BENDINGS)
@settings(max_examples=4, deadline=None)
@given(LINKS)
def test_every_bending_of_every_link_reads_as_the_straight_link(name, straight):
    bent_link = BENDINGS[name](HOST + straight)
    kept, _, last = straight.rpartition("&")
    told = set(codes(parse(bent_link, view_keys=["co"]))) - QUIET
    if name.startswith("broken lines") and not last.startswith("k=") and told:
        # its last number went on in another line, as another text might
        _same_but_last(bent_link, kept)
    else:
        _same(bent_link, straight)


def _same_but_last(bent_link: str, kept: str) -> None:
    read, wanted = (parse(one, view_keys=["co"]) for one in (bent_link, kept))
    assert (read.scenario, read.touched, read.edits) == (wanted.scenario, wanted.touched, wanted.edits)
    assert (read.data, read.lang, read.receipt) == (wanted.data, wanted.lang, wanted.receipt)


@pytest.mark.parametrize("place", range(1, 4))
def test_a_last_number_in_two_lines_is_refused(place):
    head, last = "m=2026.13&g=-12.5&co=coreweave", "6.25"
    in_lines = f"{HOST}{head}&r={last[:place]}\n{last[place:]}"
    _same_but_last(in_lines, head)
    assert codes(parse(in_lines, view_keys=["co"])) == ["malformed"]


WHOLE = (
    "m=2026.13&g=-12.5&r=6.25&u=70&s=300&f=closed&gw=no&h=2033&data=2025-12-31&o=coreweave.cash:4.5"
    f"&co=coreweave&lang=nl&k={RECEIPT}"
)


@pytest.mark.parametrize("first", sorted(BENDINGS.keys() - IN_A_TEXT))
def test_a_link_that_was_bent_twice_reads_as_the_straight_link(first):
    for second in BENDINGS.values():
        _same(second(BENDINGS[first](HOST + WHOLE)), WHOLE)


# What leaves the address whole, so that it can be opened as it is; a "#" would end what the server gets.
OPENED = [
    name for name, bend in BENDINGS.items() if bend(HOST + WHOLE).startswith(HOST) and "#" not in bend("&")
]


@pytest.mark.parametrize("name", sorted(set(OPENED) - IN_A_TEXT))
def test_a_bent_link_that_a_browser_opens_reads_as_the_straight_link(name):
    """The server gets its parameters taken apart, a layer of escapes undone."""
    query = BENDINGS[name](HOST + WHOLE).partition("?")[2]
    read = parse(parse_qs(query, keep_blank_values=True), view_keys=["co"])
    wanted = parse(WHOLE, view_keys=["co"])
    assert (read.scenario, read.touched, read.edits) == (wanted.scenario, wanted.touched, wanted.edits)
    assert (read.data, read.lang, read.receipt) == (wanted.data, wanted.lang, wanted.receipt)
    assert set(codes(read)) <= QUIET


def test_tracking_is_none_of_our_words():
    words = {*VIEW_CHOICES, "m", "k", "lang", "o", "data"} | {
        word for one in levers() for word in (one.id, one.name)
    }
    assert [word for word in words if is_tracking(word)] == []
    declared = tomllib.loads((DATA / "bent.toml").read_text(encoding="utf-8"))
    assert all(word == word.lower() and is_tracking(word.upper()) for word in declared["tracking"])


NONSENSE = {
    "ands": "&" * 100_000,
    "parts": "&".join(f"x{i}=" for i in range(20_000)),
    "names": "a" * 100_000,
    "equals": "=" * 100_000,
    "marks": "?" * 100_000,
    "escapes": "%25" * 33_000 + "26",
    "escapes of ands": "g=" + "%26" * 33_000,
    "entities": "&amp;" * 20_000,
    "half entities": "&#" * 50_000,
    "lines": "https://x/?g=1" + "\n1" * 50_000,
    "soft breaks": "g=3D" + "=\n" * 50_000,
    "spaces": "g=1" + " \t" * 50_000 + "0",
    "escaped spaces": "g=1" + "%20+" * 25_000 + "0",
    "words": "https://x/?g=1" + " &a=1" * 20_000,
    "blanks": "g=3D" + "= " * 50_000,
    "addresses": "https://x/?u=" * 8_000,
    "wrapped": "/__http" * 15_000,
    "in escapes": "https%3A%2F%2F" * 7_000,
    "no width": "\u200b" * 100_000,
    "glued": "g=10" + ").*" * 33_000,
    "levers": "&".join(["g=10%26r=6"] * 10_000),
}


@pytest.mark.parametrize("length", [LONGEST_LINK - 1, 100_000])  # read whole, and cut
@pytest.mark.parametrize("text", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_of_any_length_is_little_work(monkeypatch, text, length):
    """Counted: parts that are looked at, characters that are taken out of escapes, near words sought."""
    parts, characters, near = [], [], []
    undone, unquote, nearest = bent._undone, bent.unquote, link.nearest
    monkeypatch.setattr(bent, "_undone", lambda name, value: parts.append(1) or undone(name, value))
    monkeypatch.setattr(bent, "unquote", lambda given: characters.append(len(given)) or unquote(given))
    monkeypatch.setattr(link, "nearest", lambda *words, **how: near.append(1) or nearest(*words, **how))
    text = text[:length]
    parsed = parse(text)
    parse({"g": [text], text: [""]})
    assert len(straighten(text).pairs) <= MOST_PARTS
    assert len(parts) <= 2 * MOST_PARTS + 2
    assert sum(characters) <= 4 * 3 * MOST_LAYERS * LONGEST_LINK
    assert len(near) <= 2 * 10
    assert len(parsed.messages) <= 11


def test_of_a_link_that_is_too_long_no_value_is_read_in_half():
    head = "&".join(["x=1"] * (LONGEST_LINK // 4 - 1))
    for tail in ("&g=10", "&g=1000", "&gw=no&g=55"):
        parsed = parse(head + tail)
        assert "too_long" in codes(parsed) or len(head + tail) <= LONGEST_LINK
        assert parsed.scenario["g"] in (10, 55, Scenario.default()["g"])
        assert "g" not in parsed.touched or parsed.scenario["g"] in (10, 55)
    many = parse("&".join(["x=1"] * (MOST_PARTS + 5)))
    assert [one.params["count"] for one in many.messages if one.code == "too_long"] == [5]
