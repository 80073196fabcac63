import base64
import hashlib
import random
import tomllib
from collections import Counter
from urllib.parse import parse_qs, quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.scenario.bent import LONGEST_LINK
from core.scenario.levers import DATA, Scenario, levers
from core.scenario.link import (
    MODEL_VERSION,
    MOST_EDITS,
    Migration,
    encode,
    of_older_model,
    parse,
)
from core.scenario.messages import MOST_TOLD, Message, bounded, describe
from core.scenario.receipt import make_receipt, read_receipt
from core.web.web import NO_SUCH_NUMBER, refused_edits
from tests import third, two_snapshots

FIRST = third.FIRST
TODAY = Scenario.default()


def codes(parsed):
    return [message.code for message in parsed.messages]


# One kind of bent link per line: the link, what it sets (public units), the codes of what is told.
BENT = [
    ("g=10&r=6.5", {"g": 10, "r": 6.5}, []),
    ("?g=10&r=6.5", {"g": 10, "r": 6.5}, []),
    ("https://example.org/guarantors?g=10#top", {"g": 10}, []),
    ("/guarantors?g=10", {"g": 10}, []),
    ("/guarantors", {}, []),
    ("", {}, []),
    ("demand_growth=10", {"g": 10}, []),
    ("r=3.7512345", {"r": 3.7512345}, []),  # off the step: kept, in silence
    ("g=+10", {"g": 10}, []),  # a plus is a space in a link
    ("g=%2B10", {"g": 10}, []),
    ("g=%2010%20", {"g": 10}, []),
    ("g=-0", {"g": 0}, []),
    ("g=1e1", {"g": 10}, []),
    ("x=1&g=10", {"g": 10}, ["unknown"]),
    ("demand_grwth=5&g=10", {"g": 10}, ["unknown_near"]),
    ("g=10&g=20", {"g": 10}, ["repeated"]),
    ("g=ten&g=20", {"g": 20}, ["repeated"]),
    ("g=500&g=20", {"g": 20}, ["repeated"]),
    ("g=500&g=600", {"g": 100}, ["clamped", "repeated"]),
    ("g=a&g=b&r=5", {"r": 5}, ["malformed"]),
    ("g=10&demand_growth=20", {"g": 10}, ["repeated"]),
    ("g=ten&r=5", {"r": 5}, ["malformed"]),
    ("g=1_0&r=5", {"r": 5}, ["malformed"]),
    ("g=0x10&r=5", {"r": 5}, ["malformed"]),
    ("g=10^400&r=5", {"r": 5}, ["malformed"]),
    ("g=10²&r=5", {"r": 5}, ["malformed"]),
    ("s=3%&r=5", {"r": 5}, ["malformed"]),  # 3 per cent of what, for basis points?
    ("g=&r=5", {"r": 5}, ["empty"]),
    ("g&r=5", {"r": 5}, ["empty"]),
    ("g=1" + "0" * 400 + "&r=5", {"r": 5}, ["huge"]),
    ("g=" + "9" * 5000 + "&r=5", {"r": 5}, ["huge"]),
    ("g=nan&r=5", {"r": 5}, ["non_finite"]),
    ("g=-Infinity&r=5", {"r": 5}, ["non_finite"]),
    ("g=1e999&r=5", {"r": 5}, ["non_finite"]),
    ("G=10&R=5", {"g": 10, "r": 5}, ["wrong_case", "wrong_case"]),
    ("Demand_Growth=10", {"g": 10}, ["wrong_case"]),
    ("g=10&amp;r=5", {"g": 10, "r": 5}, ["mended"]),
    ("r=6,5", {"r": 6.5}, ["comma"]),
    ("r=1.000,5&g=10", {"g": 10}, ["malformed"]),
    ("s=1.000&r=1,000&g=10", {"g": 10}, ["ambiguous", "ambiguous"]),
    ("s=-100.250&d=12,340&t=2.027&g=10", {"g": 10}, ["ambiguous"] * 3),
    ("r=0,125&s=1.125&u=70.50&g=0.100", {"r": 0.125, "s": 1.125, "u": 70.5, "g": 0.1}, ["comma"]),
    ("g=500", {"g": 100}, ["clamped"]),
    ("g=-51&u=29", {"g": -50, "u": 30}, ["clamped", "clamped"]),
    ("h=1&t=9999", {"t": 2030, "h": 2028}, ["clamped", "clamped"]),
    ("r=6.5%", {"r": 6.5}, ["percent"]),
    ("r=6,5%25", {"r": 6.5}, ["percent", "comma"]),
    ("g=−10", {"g": -10}, ["unicode"]),
    ("g=١٠", {"g": 10}, ["unicode"]),
    ("r=６．５", {"r": 6.5}, ["unicode"]),
    ("g=1%000&r=5", {"r": 5}, ["control"]),
    ("g=10%E2%80%8B&r=5", {"g": 10, "r": 5}, ["mended"]),
    ("g=10%E2%80%AE&r=5", {"r": 5}, ["control"]),  # turns the order of what is seen
    ("g=<script>alert(1)</script>&r=5", {"r": 5}, ["markup"]),
    ("<b>=1&r=5", {"r": 5}, ["unknown"]),
    ("t=2027.6", {"t": 2028}, ["rounded"]),
    ("f=closed&gw=no", {"f": "closed", "gw": False}, []),
    ("f=Closed&gw=NO", {"f": "closed", "gw": False}, ["understood", "understood"]),
    ("gw=0&nb=false&mr=nee", {"gw": False, "nb": False, "mr": False}, ["understood"] * 3),
    ("gw=1&nb=true&mr=ja", {"gw": True, "nb": True, "mr": True}, ["understood"] * 3),
    ("f=shut&gw=maybe&g=10", {"g": 10}, ["not_an_option", "not_an_option"]),
    ("m=2026.13&g=10", {"g": 10}, []),
    ("m=2099.1&g=10", {"g": 10}, ["newer_model"]),
    ("m=new&g=10", {"g": 10}, ["bad_model"]),
    ("m=2026.13&m=2026.13&g=10", {"g": 10}, ["repeated"]),
    ("lang=nl&g=10", {"g": 10}, []),
    ("lang=fr&g=10", {"g": 10}, ["bad_language"]),
    ("lang=fr&lang=nl&g=10", {"g": 10}, ["repeated"]),
    ("k=garbage&g=10", {"g": 10}, ["bad_receipt"]),
    ("o=a.b:1&g=10", {"g": 10}, []),
    ("o=a.b:x&g=10", {"g": 10}, ["bad_edit"]),
    ("o=a.b:inf&g=10", {"g": 10}, ["bad_edit"]),
    ("o=a.b:1,000&g=10", {"g": 10}, ["ambiguous_edit"]),
    ("o=<i>.b:1&g=10", {"g": 10}, ["bad_edit"]),
    ("o=a.b:1&o=a.b:2&g=10", {"g": 10}, ["repeated_edit"]),
    (f"data={FIRST}&g=10", {"g": 10}, []),
    (f"data=%20{FIRST}%20&g=10", {"g": 10}, []),
    (f"DATA={FIRST}&g=10", {"g": 10}, ["wrong_case"]),
    ("data=1999-12-31&g=10", {"g": 10}, ["bad_data"]),
    ("data=&g=10", {"g": 10}, ["bad_data"]),
    ("data=last%00year&data=2025&g=10", {"g": 10}, ["bad_data"]),
    (f"data=x&data={FIRST}&data=y&g=10", {"g": 10}, ["repeated"]),
    ("&&&==&g=10", {"g": 10}, []),
    ("view=risk&g=10", {"g": 10}, ["unknown"]),
]


@pytest.mark.parametrize(("link", "sets", "told"), BENT, ids=[row[0][:40] for row in BENT])
def test_a_bent_link_keeps_what_is_valid_and_tells_the_rest(link, sets, told):
    parsed = parse(link)
    assert parsed.scenario == Scenario.default(parsed.data).replace(**sets)
    assert set(parsed.touched) == set(sets)
    assert codes(parsed) == told


def test_every_kind_of_message_is_told_by_some_link_and_has_a_sentence():
    more = [
        parse("&".join(f"x{i}=1" for i in range(30))),
        parse("&".join(f"o=a.b{i}:1" for i in range(MOST_EDITS + 3))),
        parse("o=a.b:1", check_edits=refuse),
        parse("o=coreweave.cash:1", check_edits=lambda edits: [NO_SUCH_NUMBER] * len(edits)),
        parse("tab=%00", view_keys=["tab"]),
        parse("m=2020.1&demand=5", migrations=[RENAMED]),
        parse("g=10&x=" + "y" * LONGEST_LINK),
    ]
    told = [message for link, _, _ in BENT for message in parse(link).messages]
    told += [message for parsed in more for message in parsed.messages]
    told += of_older_model(parse("m=2020.1"))
    templates = tomllib.loads((DATA / "messages.toml").read_text(encoding="utf-8"))
    # what only a scenario file, a deck or a list of holdings can say is told in their own tests
    elsewhere = ("file_", "deck_", "holdings_")
    assert {message.code for message in told} == {
        code for code in templates if not code.startswith(elsewhere)
    }
    for message in told:
        sentence = describe(message)
        assert sentence.endswith(".")
        assert "{" not in sentence
        assert len(sentence) < 250


def test_sentences_name_lever_value_and_range():
    assert describe(parse("r=60").messages[0]) == "base_rate (r): 60 lies outside 0 to 12 %; 12 was used."
    assert describe(parse("g=ten").messages[0]) == "demand_growth (g): 'ten' is not a number; it stays at 35."
    assert describe(parse("gw=perhaps").messages[0]) == (
        "google_honours_backstops (gw): 'perhaps' is not one of yes, no; it stays at yes."
    )


def test_a_strangers_words_are_cut_and_cleaned_before_they_are_shown():
    name = "x\x00\u202e" + "y" * 5000
    shown = parse(urlencode({name: "1"})).messages[0].params["given"]
    assert shown == "x" + "y" * 39
    shown = parse({"g": ["1\x07\ud800" + "z" * 60]}).messages[0].params["given"]
    assert shown == "1" + "z" * 39


def test_many_unknown_names_are_counted_not_listed():
    parsed = parse("&".join(f"x{i}=1" for i in range(5000)) + "&g=10")
    assert parsed.scenario["g"] == 10
    assert len(parsed.messages) == 11
    assert parsed.messages[-1] == Message("more", {"count": 4990})


def test_a_mapping_reads_as_its_query():
    link = "g=10&g=20&r=6,5&lang=nl&zz=1"
    assert parse(parse_qs(link)) == parse(link)
    assert parse({"g": "10"}).scenario["g"] == 10


def test_language_and_view_choices():
    parsed = parse("lang=NL&tab=debt&other=1", view_keys=("tab",))
    assert (parsed.lang, parsed.extras, codes(parsed)) == ("nl", {"tab": "debt"}, ["unknown"])
    assert parse("tab=debt&tab=cash", view_keys=("tab",)).extras == {"tab": "debt"}
    for key in ("g", "lang", "o", "data", "horizon", "Tab", "x", "toolongtobeakey"):
        with pytest.raises(ValueError, match="cannot name a view choice"):
            parse("", view_keys=(key,))


def refuse(edits):
    return ["no such row"] * len(edits)


def test_edits_are_checked_like_levers():
    def check(edits):
        return ["" if row == "coreweave.cash" else f"there is no row {row}" for row, _ in edits]

    parsed = parse("o=coreweave.cash:4,5&o=coreweave.cush:1", check_edits=check)
    assert parsed.edits == ("coreweave.cash:4.5",)
    assert [describe(message) for message in parsed.messages] == [
        "The data edit 'coreweave.cush:1' was left out: there is no row coreweave.cush."
    ]


def test_the_first_ten_edits_count():
    parsed = parse("&".join(f"o=a.b{i}:{i}" for i in range(13)))
    assert parsed.edits == tuple(f"a.b{i}:{i}" for i in range(MOST_EDITS))
    assert parsed.messages == (Message("too_many_edits", {"limit": 10, "count": 3}),)


def test_edits_that_are_tried_count_whatever_becomes_of_them():
    asked = []

    def check(edits):
        asked.append(edits)
        return ["no"] * len(edits)

    parsed = parse("&".join(f"o=a.b{i % 400}:{i}" for i in range(2000)), check_edits=check)
    assert parsed.edits == ()
    assert [len(edits) for edits in asked] == [MOST_EDITS]
    assert len(parsed.messages) == MOST_TOLD + 1
    alone = parse("&".join(f"o=a.b{i}:1" for i in range(2000)))
    assert alone.messages == (Message("too_many_edits", {"limit": MOST_EDITS, "count": 1990}),)


def test_of_several_edits_of_a_row_the_first_possible_one_counts():
    query = "o=openai.cash:-1&o=openai.cash:x&o=openai.cash:50&o=openai.cash:60"
    parsed = parse(query, check_edits=refused_edits)
    assert parsed.edits == ("openai.cash:50",)
    assert codes(parsed) == ["bad_edit", "refused_edit", "repeated_edit"]


MANY = {
    "levers": "&".join(f"{one.id}=x" for one in levers()),
    "names": "&".join(f"x{i}=1" for i in range(900)),
    "respelled": "&".join(f"g{' ' * i}=1" for i in range(1, 250)),
    "edits": "&".join(f"o=x{i}:1" for i in range(900)),
    "refused": "&".join(f"o=a.b{i}:1" for i in range(900)),
    "kinds": "&".join(f"{one.id}=1,{i}&{one.name.upper()}=" for i, one in enumerate(levers())),
}
MANY["all"] = "&".join(MANY.values())


@pytest.mark.parametrize("query", MANY.values(), ids=MANY)
def test_ten_things_are_told_and_the_rest_counted(query):
    told = parse(query, check_edits=refused_edits).messages
    assert len(told) == MOST_TOLD + 1
    assert told[-1].code == "more"
    assert describe(told[-1]) == f"And {told[-1].params['count']} more."


def test_what_was_lost_is_told_before_what_was_only_understood():
    query = f"{MANY['names']}&{MANY['respelled']}&r=60&gw=perhaps&o=x&m=x&lang=fr"
    found = codes(parse(query))
    assert {"clamped", "not_an_option", "bad_edit", "bad_model"} <= set(found)
    assert found[0] == "bad_model"
    assert len(found) == MOST_TOLD + 1


def test_messages_of_several_links_are_bounded_together_and_none_is_lost_count_of():
    some, others = (parse(MANY[name]).messages for name in ("levers", "names"))
    together = bounded([*some, *others])
    counts = [sum(one.params["count"] for one in told if one.code == "more") for told in (some, others)]
    assert len(together) == MOST_TOLD + 1
    assert together[-1].params["count"] == sum(counts) + 2 * MOST_TOLD - MOST_TOLD
    assert bounded(together) == together
    assert bounded(some[:MOST_TOLD]) == some[:MOST_TOLD]


RENAMED = Migration(
    "2025.2", lambda pairs: [("g" if name == "demand" else name, value) for name, value in pairs]
)


def test_an_older_link_is_brought_up_to_date_in_order():
    # first the word was growth, then demand, now g; the scale changed in between
    steps = [
        Migration(
            "2025.1", lambda pairs: [("demand" if name == "growth" else name, value) for name, value in pairs]
        ),
        RENAMED,
        Migration("2025.10", lambda pairs: [(n, str(10 * float(v)) if n == "g" else v) for n, v in pairs]),
    ]
    assert parse("m=2024.12&growth=1&r=5", migrations=steps).scenario == TODAY.replace(g=10, r=5)
    assert parse("m=2025.1&growth=1", migrations=steps).touched == ()
    assert parse("m=2025.9&g=1", migrations=steps).scenario["g"] == 10  # 2025.9 comes before 2025.10
    assert parse("m=2025.10&g=1", migrations=steps).scenario["g"] == 1
    assert parse("g=1", migrations=steps).scenario["g"] == 1  # without a version: written by hand, today
    told = parse("m=2025.1&demand=1", migrations=steps).messages
    assert told == (Message("migrated", {"given": "2025.1", "model": MODEL_VERSION}),)


@pytest.mark.parametrize("given", ["2026.12", "2025.1", "1999.9"])
def test_a_link_of_an_older_model_says_so(given):
    older = (Message("older_model", {"given": given, "model": MODEL_VERSION}),)
    assert of_older_model(parse(f"m={given}&g=1")) == older
    assert parse(f"m={given}&g=1").messages == ()
    assert of_older_model(parse(f"m={MODEL_VERSION}&g=1")) == of_older_model(parse("m=2099.1&g=1")) == ()


def test_what_encode_writes():
    assert encode(TODAY) == "m=2026.13"
    assert encode(TODAY, touched=["r", "g"]) == f"m=2026.13&g=35&r={TODAY['r']}"
    assert encode(TODAY.replace(gw=False, r=0.125, g=10)) == "m=2026.13&g=10&r=0.125&gw=no"
    full = encode(
        TODAY,
        ["h"],
        lang="nl",
        receipt=make_receipt({"a": 1}),
        extras={"tab": "x y", "co": "z"},
        edits=["a.b:2"],
    )
    assert full == f"m=2026.13&h=2030&o=a.b:2&co=z&tab=x+y&lang=nl&k={make_receipt({'a': 1})}"
    parsed = parse(full, view_keys=["tab", "co"])
    assert parsed.messages == ()
    assert (parsed.model, parsed.lang, parsed.receipt) == ("2026.13", "nl", make_receipt({"a": 1}))
    assert (parsed.extras, parsed.edits, parsed.touched) == ({"tab": "x y", "co": "z"}, ("a.b:2",), ("h",))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"touched": ["x"]}, "'x' is not a lever"),
        ({"lang": "fr"}, "'fr' is not one of the languages"),
        ({"data": "1999-12-31"}, "there is no snapshot '1999-12-31'"),
        ({"receipt": "broken"}, "not a whole receipt"),
        ({"extras": {"g": "1"}}, "cannot name a view choice"),
        ({"extras": {"tab": " "}}, "tab = ' ' cannot be a view choice"),
        ({"edits": ["nonsense"]}, "not of the form row:number"),
        ({"edits": [f"a.b{i}:1" for i in range(11)]}, "up to 10 data edits"),
    ],
)
def test_encode_writes_nothing_that_parse_would_not_take(wrong, said):
    with pytest.raises(ValueError, match=said):
        encode(TODAY, **wrong)


def any_value(one):
    if one.options:
        return st.sampled_from(one.options)
    if one.kind == "year":
        return st.integers(int(one.low), int(one.high))
    return st.floats(one.low, one.high)


SCENARIOS = st.tuples(*(any_value(one) for one in levers())).map(Scenario)
TOUCHED = st.sets(st.sampled_from([one.id for one in levers()]))


@settings(max_examples=300, deadline=None)
@given(SCENARIOS, TOUCHED)
def test_a_link_gives_the_same_scenario_back_bit_for_bit(scenario, touched):
    link = encode(scenario, touched)
    parsed = parse(link)
    assert [repr(value) for value in parsed.scenario.values] == [repr(value) for value in scenario.values]
    assert set(parsed.touched) == touched | set(scenario.differs_from(TODAY))
    assert parsed.messages == ()
    assert encode(parsed.scenario, parsed.touched) == link
    assert len(link) < 500


@pytest.fixture(scope="module")
def two_dates(third_data):
    """The package with data of two dates, of which the first is not the latest."""
    with two_snapshots.in_use(third_data):
        yield


DATES = (None, FIRST, third.THIRD)
EDITS = st.dictionaries(
    st.sampled_from(["coreweave.cash", "openai.cash", "terawulf.cash"]), st.floats(0.1, 50), max_size=3
)


@pytest.mark.usefixtures("two_dates")
@settings(max_examples=100, deadline=None)
@given(SCENARIOS, TOUCHED, st.sampled_from(DATES), EDITS)
def test_a_link_gives_the_same_data_back_and_names_the_latest_never(scenario, touched, data, edits):
    written = [f"{row}:{number!r}".removesuffix(".0") for row, number in edits.items()]
    link = encode(scenario, touched, data=data, edits=written)
    parsed = parse(link, check_edits=refused_edits)
    assert parsed.scenario == scenario
    assert parsed.data == (FIRST if data == FIRST else None)
    assert (f"data={FIRST}" in link) == (data == FIRST)
    assert third.THIRD not in link
    assert list(parsed.edits) == written
    assert parsed.messages == ()
    assert encode(parsed.scenario, parsed.touched, data=parsed.data, edits=parsed.edits) == link


# without what ends a value: of that `test_bent` tells
NO_DATES = st.text(st.characters(exclude_characters="&?%#"), max_size=40) | st.sampled_from(
    ["2025", "2025-12-30", "../2025-12-31", "2025-12-31/", "\0"]
)


@pytest.mark.usefixtures("two_dates")
@settings(max_examples=100, deadline=None)
@given(st.lists(NO_DATES | st.sampled_from([FIRST, third.THIRD]), max_size=4))
def test_of_several_dates_the_first_that_there_is_counts_and_the_rest_is_told(given_dates):
    parsed = parse({"data": given_dates, "g": ["10"]})
    sound = [one.strip() for one in given_dates if one.strip() in (FIRST, third.THIRD)]
    assert parsed.scenario == Scenario.default(parsed.data).replace(g=10)
    assert parsed.data == (sound[0] if sound else None)
    wanted = ["bad_data"] if given_dates and not sound else ["repeated"] if len(given_dates) > 1 else []
    assert codes(parsed) == wanted
    for message in parsed.messages:
        assert (sound or [third.THIRD])[0] in describe(message)


@pytest.mark.usefixtures("two_dates")
def test_a_figure_that_stands_in_other_data_only_is_told_with_their_date():
    query = f"o={third.GONE}.cash:5&o=coreweave.cash:5"
    parsed = parse(query, check_edits=refused_edits)
    assert parsed.edits == ("coreweave.cash:5",)
    assert [describe(message) for message in parsed.messages] == [
        "The data edit 'cipher.cash:5' was left out: that figure stands in the data of 2025-12-31, not in "
        "those used here."
    ]
    on_its_own = parse(f"{query}&data={FIRST}", check_edits=refused_edits)
    assert (on_its_own.edits, on_its_own.messages) == (("cipher.cash:5", "coreweave.cash:5"), ())


HEADLINES = st.dictionaries(
    st.from_regex(r"[a-z][a-z0-9_.]{0,20}", fullmatch=True),
    st.none() | st.integers(-9999, 9999) | st.floats(-1e6, 1e6) | st.sampled_from(["2030Q2", "never"]),
    max_size=8,
)


@settings(deadline=None)
@given(HEADLINES)
def test_a_receipt_keeps_its_figures_to_four_digits(headline):
    receipt = make_receipt(headline)
    figures = read_receipt(receipt)
    assert figures.keys() == headline.keys()
    for name, figure in headline.items():
        if isinstance(figure, float):
            assert figures[name] == pytest.approx(figure, rel=5.01e-4, abs=0)
        else:
            assert figures[name] == figure
    assert make_receipt(figures) == receipt
    assert parse(f"k={receipt}").receipt == receipt
    assert quote(receipt, safe="") == receipt


def test_a_damaged_receipt_is_no_receipt():
    sound = make_receipt({"coreweave": "2030Q2", "called": 3.1})
    for broken in (sound[:-1], sound[1:], sound.upper(), sound + "A", "", ".", "é." + sound, sound * 100):
        with pytest.raises(ValueError, match="not a whole receipt"):
            read_receipt(broken)


@pytest.mark.parametrize(
    "text", ["[1]", '{"a":NaN}', '{"a":[1]}', '{"A":1}', "{", "[" * 700, '{"a":"\\u0000"}']
)
def test_a_forged_receipt_with_the_right_digest_still_holds_only_figures(text):
    payload = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    forged = f"{hashlib.sha256(payload.encode()).hexdigest()[:8]}.{payload}"
    with pytest.raises(ValueError, match="not a whole receipt"):
        read_receipt(forged)


@pytest.mark.parametrize(
    "headline",
    [{"A": 1}, {"": 1}, {"a": float("inf")}, {"a": "x" * 101}, {f"a{i}": "x" * 90 for i in range(20)}],
)
def test_a_receipt_takes_only_what_it_can_keep(headline):
    with pytest.raises(ValueError, match=r"cannot|up to"):
        make_receipt(headline)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300))
def test_no_text_at_all_breaks_a_link(text):
    for message in parse(text + "&r=5").messages:
        describe(message)
    parse({text: [text, text], "g": [text]})


# Never valid for any lever, so that a valid value of the same lever must win.
JUNK_VALUES = ["", "ten", "nan", "-inf", "1e999", "9" * 5000, "1" + "0" * 400, "<b>1</b>", "1\x002", "{0}"]
JUNK_VALUES += [
    "%s",
    "%",
    "';--",
    "1;2",
    "0x10",
    "1_0",
    "--1",
    "½",
    "\u202e1",
    "\ud800",
    "${x}",
    "../..",
    "1,2,3",
]
JUNK_NAMES = [
    "x",
    "",
    "ggg",
    "<script>",
    "g\x00",
    "__class__",
    "é",
    "m%",
    "r" * 3000,
    "utilization",
    "${g}",
    "k k",
]
DIALECTS = [
    lambda one, text: (one.id, text),
    lambda one, text: (one.name, text),
    lambda one, text: (one.id.upper(), text),
    lambda one, text: (f" {one.id} ", f" {text}\n"),
    lambda one, text: (one.id, text.replace("-", "−").replace(".", ",")),
    lambda one, text: (f"amp;{one.id}", text.upper().replace("E", "e")),
]


def test_ten_thousand_hostile_links_never_raise_and_never_lose_a_valid_lever():
    dice = random.Random(20261231)
    reserved = [
        ("m", "2026.13"),
        ("m", "x"),
        ("k", "x" * 2000),
        ("lang", "fr"),
    ]
    edits = {"coreweave.cash:4.5": None, "openai.cash:-1": "refused_edit", "a.b:1": "refused_edit"}
    edits |= {"\x00": "bad_edit", "coreweave.cash:x": "bad_edit"}
    met = Counter()
    for _ in range(10_000):
        chosen = dice.sample(levers(), dice.randint(0, 6))
        valid = {}
        pairs = []
        for one in chosen:
            if one.options:
                value = dice.choice(one.options)
            else:
                value = one.check(round(dice.uniform(one.low, one.high), 0 if one.kind == "year" else 2))
            valid[one.id] = value
            pairs.append(dice.choice(DIALECTS)(one, one.format(value)))
            pairs += [(one.id, dice.choice(JUNK_VALUES)) for _ in range(dice.randint(0, 2))]
        spoilt = dice.sample(levers(), 3)
        pairs += [(one.id, dice.choice(JUNK_VALUES)) for one in spoilt]
        pairs += [(dice.choice(JUNK_NAMES), dice.choice(JUNK_VALUES)) for _ in range(dice.randint(0, 4))]
        pairs += dice.sample(reserved, 2)
        edited = dice.sample(sorted(edits), dice.randint(0, 4))
        pairs += [("o", edit) for edit in edited]
        dice.shuffle(pairs)
        if dice.random() < 0.5:
            link = {}
            for name, value in pairs:
                link.setdefault(name, []).append(value)
        else:
            link = "?" + "&".join(
                f"{quote(name, errors='replace')}={quote(value, errors='replace')}" for name, value in pairs
            )
        parsed = parse(link, check_edits=refused_edits)
        assert parsed.scenario == Scenario.default(parsed.data).replace(**valid), link
        assert set(parsed.touched) == set(valid), link
        assert parsed.edits == tuple(edit for edit in edited if edits[edit] is None), link
        told = Counter(codes(parsed))
        assert sum(told.values()) <= MOST_TOLD + bool(told["more"])
        wrong = Counter(edits[edit] for edit in edited if edits[edit])
        for code in ("refused_edit", "bad_edit"):
            assert told[code] == wrong[code] if not told["more"] else told[code] >= bool(wrong[code]), link
        met += told + wrong
        about = {message.params.get("lever") for message in parsed.messages}
        assert {one.id for one in spoilt} - set(valid) <= about, link
        for message in parsed.messages:
            assert describe(message)
    assert {"more", "refused_edit", "bad_edit", "malformed", "bad_model", "bad_receipt"} <= set(met)
