"""View choices of a link: only declared words are taken and shared, the rest is told, and nothing grows."""

from dataclasses import replace

import pytest

from core.results.comparison import FIGURES
from core.scenario import link as codec
from core.scenario import sides
from core.scenario.levers import Scenario, levers
from core.sources import databook
from core.web.refusal import DataError
from core.web.web import latest_snapshot, load_web
from pages.kit.frame import address, choices, frame, share
from pages.kit.frame.address import LONGEST
from pages.kit.parts import report, stress
from pages.kit.words import words
from tests.apptest import lever_of, press, sent

ODD = "𝄞" * codec.LONGEST_VALUE  # twelve characters of an address for each sign
BLANKS = "g:10" + "\u3000" * 95 + "1"
WITH_CHOICES = [entry for entry in frame.PAGES if entry.view_keys]
ONES = {
    "step": "2029Q4-2",
    "deck": "story",
    "seed": "42",
    "who": "xai.cipher",
    "from": "pause",
    "to": "g:-10",
}
ONES |= dict.fromkeys(choices.DATED.values(), latest_snapshot())


def told(at) -> list[str]:
    return [text.value for text in at.text]


def query(at) -> dict[str, str]:
    return dict(at.query_params.items())


def test_every_choice_of_a_page_has_its_words_and_no_other_has():
    assert {key for entry in frame.PAGES for key in entry.view_keys} == set(choices.NAMES)
    assert set(codec.VIEW_CHOICES) == set(choices.NAMES)
    assert set(stress.MEASURES) == set(choices.WORDS["measure"]) == set(FIGURES)


@pytest.mark.parametrize("name", choices.NAMES)
@pytest.mark.parametrize(
    "odd", [ODD, "x" * 100, "<script>", "²", "-1", "1e3", "0007", "$x$", "2029Q4-", "a.b", " ", "%25" * 33]
)
def test_an_odd_word_is_no_choice(name, odd):
    assert choices.sound(name, odd) is None


@pytest.mark.parametrize("name", choices.NAMES)
def test_what_is_declared_is_taken_as_it_is(name):
    given = choices.WORDS.get(name) or [ONES.get(name, "g:10,gw:no")]
    assert [choices.sound(name, word) for word in given] == list(given)


def test_those_companies_that_there_are_stay():
    assert choices.sound("who", "xai.nobody.cipher.xai." + ODD) == "xai.cipher"


@pytest.mark.parametrize("odd", [ODD, BLANKS], ids=["odd", "blanks"])
@pytest.mark.parametrize("entry", WITH_CHOICES, ids=lambda entry: entry.name)
def test_odd_choices_are_told_and_neither_kept_nor_shared(visit, monkeypatch, entry, odd):
    drawn = []
    monkeypatch.setattr(share, "qr_code", lambda url: drawn.append(url) or PNG)
    at = visit({"g": "10"} | dict.fromkeys(entry.view_keys, odd), page=f"pages/{entry.name}.py")
    assert 0 < len(told(at)) <= 11
    odd_ones = {key: value for key, value in query(at).items() if not value.isascii() or len(value) > 40}
    assert odd_ones.keys() <= {"k"}
    assert at.query_params["g"] == "10"
    at.button(key="open_share").click().run()
    assert not at.exception
    url = sent(at, "share")[0]["url"]
    assert len(url) <= LONGEST
    assert drawn == [url]


PNG = share.qr_code("https://example.org/")


def long_link() -> dict:
    """What a visitor can set by hand, with many digits: every lever, on the page and on both sides; edits."""
    third = {one.id: one.low + (one.high - one.low) / 3 for one in levers() if one.kind == "number"}
    scenario = Scenario.default().replace(**third)
    side = sides.write(scenario, choices.SIDES["from"])
    return (
        {one.id: one.format(scenario[one.id]) for one in levers()}
        | side
        | dict(zip(choices.SIDES["to"], side.values(), strict=False))
        | {"o": [f"{row}:{number!r}" for row, number in many_edits().items()]}
    )


def many_edits() -> dict[str, float]:
    """Ten figures with long names, each a little larger than it is."""
    taken: dict[str, float] = {}
    for row in sorted(databook.editable(load_web()), key=lambda row: -len(row.id)):
        try:
            load_web(overrides={**taken, row.id: float(row.raw) * 1.0000000001})
        except DataError:
            continue
        taken[row.id] = float(row.raw) * 1.0000000001
        if len(taken) == codec.MOST_EDITS:
            break
    return taken


def test_the_longest_link_of_ones_own_hand_is_short_enough(visit):
    at = visit(long_link(), page="pages/compare.py")
    at.button(key="open_share").click().run()
    url = sent(at, "share")[0]["url"]
    assert len(url) <= LONGEST
    parsed = codec.parse(url, view_keys=frame.view_keys())
    assert parsed.messages == ()
    assert (len(parsed.touched), len(parsed.edits)) == (len(levers()), codec.MOST_EDITS)


def test_a_link_that_is_too_long_says_why_and_has_no_code(visit, monkeypatch):
    made, make = [], report.Report
    monkeypatch.setattr(report, "Report", lambda **parts: made.append(make(**parts)) or made[-1])
    monkeypatch.setattr(share, "qr_code", lambda url: pytest.fail("a code of a link that is too long"))
    monkeypatch.setattr(address, "LONGEST", 1000)
    at = visit(long_link(), page="pages/compare.py", opened=["take_along"])
    at.button(key="open_share").click().run()
    assert not at.exception
    url = sent(at, "share")[0]["url"]
    assert len(url) > address.LONGEST
    (why,) = [text for text in told(at) if "no QR code" in text]
    assert f"This link has {len(url):,} characters. Only links of up to 1,000 arrive whole" in why
    page = replace(made[-1], pictures=[]).html()
    assert f"This link has {len(made[-1].url):,} characters" in page
    assert "<svg" not in page


def test_a_report_of_a_usual_link_has_its_code():
    page = report.Report("en", "", [], "Share", "http://localhost/?g=1", "", [], [], "").html()
    assert "<svg" in page


@pytest.mark.parametrize(("longer", "drawn"), [(0, True), (1, False)])
def test_the_limit_of_a_link_is_the_limit_of_its_code(longer, drawn):
    url = "https://example.org/?m=" + "a" * (LONGEST - 23 + longer)
    assert address.is_too_long(url) != drawn
    assert share.qr_code(url[:LONGEST]).startswith(b"\x89PNG")


BENT = {
    "tab": ODD,
    "measure": ODD,
    "yaxis": "gw",
    "who": "a.xai",
    "r": "60",
    "u": "7,5",
    "f": "shut",
    "lang": "fr",
    **{f"zz{number}": "1" for number in range(40)},
    "o": [f"no.such{number}:1" for number in range(5)],
}


@pytest.mark.parametrize("locale", ["en-GB", "nl-NL"])
def test_a_link_with_much_to_tell_tells_ten_and_counts_the_rest(visit, locale):
    at = visit(BENT, locale, page="pages/stress.py")
    assert len(told(at)) == 11
    assert told(at)[-1].startswith("And " if locale == "en-GB" else "En nog ")


@pytest.mark.parametrize("way", ["file", "link"])
def test_file_link_and_banner_together_tell_no_more_than_eleven_lines(visit, way):
    at = visit(BENT | {"to": "g:5000,r:x,zz:1"}, page="pages/compare.py", opened=["from_own", "to_own"])
    assert len(told(at)) == 11
    if way == "link":
        at.text_input(key="to_link").set_value("?g=5&" + "&".join(f"x{n}=1" for n in range(60))).run()
    else:
        content = "[levers]\ng = 5\n" + "".join(f"x{number} = 1\n" for number in range(60))
        at.file_uploader(key="to_file").upload("a.toml", content.encode(), "application/toml").run()
    assert not at.exception
    assert at.query_params["to"] == "g:5"
    assert len(told(at)) == 11
    assert "'x0'" in "\n".join(told(at))
    at.file_uploader(key="from_file").upload("b.toml", b"= = =\n" * 60, "application/toml").run()
    assert 0 < len(told(at)) <= 11
    at.switch_page("pages/overview.py").run()
    assert len(told(at)) <= 11


def test_lines_of_the_page_itself_count_among_the_eleven(monkeypatch):
    monkeypatch.setattr(words, "_", lambda text: text)
    messages = [codec.Message("unknown", {"given": str(number)}) for number in range(15)]
    for count, own in [(9, ["a"]), (10, ["a"]), (10, []), (11, []), (15, ["a", "b"])]:
        lines = words.told(messages[:count], *own)
        assert lines[len(lines) - len(own) :] == own
        if count + len(own) <= words.MOST_TOLD:
            assert len(lines) == count + len(own)
        else:
            assert len(lines) == words.MOST_TOLD + 1
            left = count - (words.MOST_TOLD - len(own))
            assert lines[words.MOST_TOLD - len(own)] == f"And {left} more."
    counted = [*messages[:10], codec.Message("more", {"count": 90}), messages[10]]
    assert words.told(counted)[-1] == "And 91 more."


def test_a_link_is_read_once_whatever_is_done_with_it(visit, monkeypatch):
    """What it may cost is bounded where it is read: that must not be multiplied."""
    read, parse = [], codec.parse
    monkeypatch.setattr(codec, "parse", lambda query, **how: read.append(query) or parse(query, **how))
    at = visit(BENT | {"from": "g:-10", "to": "r:9"}, page="pages/compare.py", opened=["to_own"])
    assert len(read) == 1
    at.run()
    at.button(key="open_share").click().run()
    lever_of(at, "g").set_value(10.0).run()
    press(at, "undo").run()
    assert not at.exception
    assert len(read) == 1
    at.text_input(key="to_link").set_value("?g=5").run()
    assert len(read) == 2
    at.query_params.clear()
    at.query_params["r"] = "60"
    at.run()
    assert len(read) == 3
