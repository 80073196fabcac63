"""Both languages are complete, and Dutch counts in miljard and biljoen."""

import ast
import re
import subprocess
import sys
from collections import Counter
from string import Formatter

import pytest
from babel.messages.pofile import read_po
from streamlit.testing.v1 import AppTest

from core.results.narrative import Event, Fact
from core.scenario.presets import presets
from core.sources import databook
from core.web.web import load_web
from pages.kit.drawing import charts
from pages.kit.visit import visit
from pages.kit.words import catalogue, numbers, words
from tests.pages.conftest import ROOT


def texts(path):
    with path.open("rb") as file:
        return {message.id: message for message in read_po(file) if message.id}


def dutch_texts():
    """All Dutch messages, from every file of the language."""
    return {message.id: message for message in catalogue.catalog("nl") if message.id}


@pytest.fixture(scope="session")
def in_code(tmp_path_factory):
    """All texts that the code and the messages about links hold today, as Babel extracts them."""
    pot = tmp_path_factory.mktemp("texts") / "texts.pot"
    command = [
        sys.executable,
        "-m",
        "babel.messages.frontend",
        "-q",
        "extract",
        "-F",
        "pages/kit/locale/babel.cfg",
    ]
    command += ["-k", "N_", "-k", "ngettext:1,2", "-o", str(pot), "."]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env={"PYTHONPATH": str(ROOT)})
    return texts(pot)


@pytest.fixture
def dutch(monkeypatch):
    for module in (catalogue, numbers):
        monkeypatch.setattr(module, "language", lambda: "nl")


@pytest.fixture
def english(monkeypatch):
    for module in (catalogue, numbers):
        monkeypatch.setattr(module, "language", lambda: "en")


def test_babel_finds_texts_in_code_and_in_the_messages_about_links(in_code):
    assert "Who can keep paying?" in in_code
    assert any("lies outside" in str(text) for text in in_code)


def test_no_dutch_text_is_missing_fuzzy_or_unused(in_code):
    translated = dutch_texts()
    assert set(translated) == set(in_code)
    for message in translated.values():
        assert not message.fuzzy
        assert all(message.string) if isinstance(message.string, tuple) else message.string


def test_every_counted_text_has_both_dutch_forms():
    counted = [message for message in dutch_texts().values() if isinstance(message.id, tuple)]
    assert len(counted) > 20
    assert [one.id for one in counted if len(one.string) != 2 or not all(one.string)] == []


def test_a_number_of_quarters_or_years_is_a_counted_text():
    """A figure beside a word that changes with it: "1 quarters" is what a text of one form makes of it."""
    changing = re.compile(r"\{\w+\} (quarters|years|kwartalen)\b")
    single = [message for message in dutch_texts().values() if isinstance(message.id, str)]
    assert [one.id for one in single if changing.search(one.id) or changing.search(one.string)] == []


def test_dutch_texts_keep_every_placeholder():
    def fields(text):
        return {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name}

    for message in dutch_texts().values():
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set().union(*map(fields, originals))
        for string in strings:
            assert fields(string) == wanted, message.id


def test_a_text_stands_in_one_dutch_file_only():
    found = Counter()
    for path in (catalogue.LOCALE / "nl" / "LC_MESSAGES").glob("*.po"):
        found.update(list(texts(path)))
    assert [text for text, count in found.items() if count > 1] == []


def written_numbers(text, language):
    """All numbers in a text as Python reads them: Dutch has a comma where English has a point, and back."""
    thousands, point = {"en": (",", "."), "nl": (".", ",")}[language]
    grouped = re.compile(rf"\d{{1,3}}(\{thousands}\d{{3}})+(\{point}\d+)?")
    found = []
    for number in re.findall(r"\d[\d.,]*\d|\d", text):
        if grouped.fullmatch(number):
            number = number.replace(thousands, "")
        found.append(number.replace(point, "."))
    return sorted(found)


def test_numbers_are_read_in_their_language():
    assert written_numbers("3,100 MW, 21.615 and 6", "en") == written_numbers("3.100 MW, 21,615 en 6", "nl")
    assert written_numbers("21.615", "en") != written_numbers("21.615", "nl")
    assert written_numbers("1,400 and 0.333", "en") != written_numbers("1,400 en 0,333", "nl")


@pytest.mark.parametrize("file", ["data_notes.po", "data_labels.po", "data_sources.po"])
def test_dutch_texts_of_the_data_carry_the_same_numbers(file):
    translated = texts(catalogue.LOCALE / "nl" / "LC_MESSAGES" / file)
    assert translated
    for text, message in translated.items():
        assert written_numbers(text, "en") == written_numbers(message.string, "nl"), text


def test_every_note_and_source_of_the_data_has_dutch_words_of_its_own():
    web, dutch = load_web(), catalogue.translations("nl")
    notes = {row.note for row in databook.rows(web) if row.note}
    assert len(notes) > 300
    assert [note for note in notes if dutch.gettext(note) == note] == []
    as_published = {"damodaran_2024"}
    same = {key for key, source in web.sources.items() if dutch.gettext(source.title) == source.title}
    assert same == as_published


def test_dutch_has_no_english_units():
    for message in dutch_texts().values():
        for string in message.string if isinstance(message.string, tuple) else (message.string,):
            assert not re.search(r"\b(bn|tn|USD|billion|trillion)\b", string), string


def test_no_text_hides_in_an_f_string():
    for path in [ROOT / "app.py", *(ROOT / "pages").rglob("*.py")]:
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for call in ast.walk(text) if isinstance(text, ast.JoinedStr) else ():
                marked = isinstance(call, ast.Call) and getattr(call.func, "id", "") in (
                    "_",
                    "N_",
                    "ngettext",
                )
                assert not (marked and isinstance(call.args[0], ast.Constant)), f"{path}: {ast.unparse(call)}"


def test_every_language_of_the_switch_has_a_catalogue():
    assert all(catalogue.translations(code) for code in visit.LANGUAGES)
    with pytest.raises(FileNotFoundError):
        catalogue.translations("xx")


def fall(who, quarter, cause="own_liquidity", others=()):
    return {"who": who, "quarter": quarter, "cause": cause, "others": list(others)}


PAYERS = [
    {"giver": "alphabet", "called": 3.1, "later": 4.0, "promised": 4.93},
    {"giver": "nvidia", "called": 0.5, "later": 0.5, "promised": 6.3},
]
MANY = (
    Fact("premise_demand_stops"),
    Fact("lab_short", fall("openai", "2029Q3", others=[fall("xai", "2029Q4")])),
    Fact("fails_next", fall("coreweave", "2030Q2", "maturity", [fall("fluidstack", "2030Q4")])),
    Fact("pays", {"payers": PAYERS, "alive": ["terawulf"], "year": "2030"}),
    Fact("investors", {"net": 0.081, "baseline": 0.104}),
)


def test_the_headline_in_english(english):
    assert words.plain(words.headline(MANY)).replace("\u00a0", " ") == (
        "If AI demand stops growing, OpenAI cannot pay its compute bill from the third quarter of 2029. "
        "CoreWeave fails in the second quarter of 2030, when debt falls due that nobody will refinance. "
        "To 2030 Google pays 3.1 of the 4.9 billion dollars promised, Nvidia 0.5 of 6.3. "
        "A mixed credit fund earns 8.1 % a year instead of 10.4 %."
    )


def test_the_headline_gives_failure_its_colour_and_payers_theirs(english):
    text = words.headline(MANY)
    assert ":red[OpenAI]" in text
    assert ":red[CoreWeave]" in text
    assert f':color[Google]{{foreground="{charts.ACCENT["light"]}"}}' in text


def test_details_tell_who_else_fails_and_what_the_money_is_for(english):
    assert words.details(MANY).replace("\u00a0", " ") == (
        "**xAI** (2029 Q4) cannot pay its compute bill either. "
        "**Fluidstack** (2030 Q4) fails because its cash runs out. "
        "**Google** pays for Fluidstack's rent, **Nvidia** for CoreWeave's idle chips. "
        "**TeraWulf** lives on the money of Google."
    )


def test_details_name_no_payer_that_the_headline_leaves_out(english):
    late = {"giver": "nvidia", "called": 0.0, "later": 2.0, "promised": 6.3}
    for payers in (PAYERS[:1], [PAYERS[0] | {"called": 0.0}]):
        facts = (
            Fact("premise_demand_stops"),
            Fact("fails_first", fall("coreweave", "2030Q2")),
            Fact("pays", {"payers": [*payers, late], "alive": [], "year": "2030"}),
        )
        assert "Nvidia" not in words.headline(facts) + words.details(facts)


def test_details_put_those_who_fail_for_one_reason_together(english):
    others = [fall("terawulf", "2030Q3"), fall("cipher", "2030Q4")]
    facts = (Fact("premise_several"), Fact("fails_first", fall("coreweave", "2027Q1", others=others)))
    text = words.plain(words.details(facts)).replace("\u00a0", " ")
    assert text == "TeraWulf (2030 Q3) and Cipher (2030 Q4) fail because their cash runs out."


def test_the_headline_in_dutch(dutch):
    facts = (
        Fact("premise_rate", {"rate": 0.065}),
        Fact("fails_first", fall("coreweave", "2030Q2", "maturity", [fall("fluidstack", "2030Q4")])),
        Fact("labs_follow", {"others": [fall("openai", "2030Q3"), fall("xai", "2030Q4")]}),
        Fact("pays", {"payers": PAYERS[:1], "alive": ["terawulf", "cipher"], "year": "2030"}),
        Fact("investors", {"net": 0.104, "baseline": 0.104}),
    )
    assert words.plain(words.headline(facts)).replace("\u00a0", " ") == (
        "Bij een korte rente van 6,50 % valt CoreWeave in het tweede kwartaal van 2030 om, als schuld "
        "afloopt die niemand wil herfinancieren; Fluidstack volgt. "
        "Tot en met 2030 betaalt Google 3,1 van de beloofde 4,9 miljard dollar. "
        "Een gemengd kredietfonds levert 10,4 % per jaar op."
    )
    assert "Ook OpenAI (3e kw. 2030) en xAI (4e kw. 2030) kunnen hun rekenkracht niet meer betalen." in (
        words.plain(words.details(facts)).replace("\u00a0", " ")
    )


def test_investors_that_lose_are_said_to_lose(english):
    facts = (
        Fact("premise_several"),
        Fact("fails_first", fall("coreweave", "2027Q1", others=[fall(who, "2028Q1") for who in "abc"])),
        Fact("investors", {"net": -0.096, "baseline": 0.101}),
    )
    text = words.headline(facts).replace("\u00a0", " ")
    assert "; three others follow." in text
    assert text.endswith("A mixed credit fund loses 9.6 % a year (today: +10.1 %).")


CUTS = [
    {"who": "openai", "quarter": "2027Q4", "share": 0.343},
    {"who": "xai", "quarter": "2030Q4", "share": 0.004},
]
PAYS_LESS = (
    Fact("premise_several"),
    Fact("holds", {"year": "2030"}),
    Fact("labs_cut", {"cuts": CUTS}),
    Fact("nothing_called"),
    Fact("service", {"who": "coreweave", "dscr": 1.506, "year": "2030", "baseline": 1.61}),
    Fact("investors", {"net": 0.1, "baseline": 0.1}),
)


def test_who_pays_less_than_agreed_is_not_among_those_that_keep_paying(english):
    assert words.plain(words.headline(PAYS_LESS)).replace("\u00a0", " ") == (
        "In this scenario OpenAI pays 34 % less than agreed, xAI under 1 %; all others keep paying in full "
        "to the end of 2030. No guarantor is called. "
        "In 2030 CoreWeave earns 1.51 times what it owes its lenders instead of 1.61. "
        "A mixed credit fund earns 10.0 % a year."
    )


def test_who_pays_less_than_agreed_in_dutch(dutch):
    assert words.plain(words.headline(PAYS_LESS)).replace("\u00a0", " ") == (
        "In dit scenario betaalt OpenAI 34 % minder dan afgesproken, xAI nog geen 1 %; alle anderen blijven "
        "tot eind 2030 alles betalen. Geen garantsteller hoeft bij te springen. "
        "In 2030 verdient CoreWeave 1,51 keer wat het zijn geldschieters verschuldigd is, in plaats van "
        "1,61. "
        "Een gemengd kredietfonds levert 10,0 % per jaar op."
    )


def test_who_pays_less_is_told_beside_who_fails_and_service_as_today_once(english):
    facts = (
        Fact("premise_several"),
        Fact("lab_short", fall("openai", "2029Q4")),
        Fact("labs_cut", {"cuts": CUTS[1:]}),
        Fact("service", {"who": "coreweave", "dscr": 1.606, "year": "2030", "baseline": 1.61}),
    )
    assert words.plain(words.headline(facts)).replace("\u00a0", " ") == (
        "In this scenario OpenAI cannot pay its compute bill from the fourth quarter of 2029. xAI pays under "
        "1 % less than agreed. In 2030 CoreWeave earns 1.61 times what it owes its lenders."
    )


def test_a_cut_has_words_in_badge_cause_and_order_of_breaking(english):
    assert words.status(Fact("renegotiated", {"quarter": "2027Q4"})).replace("\u00a0", " ") == (
        "pays less from 2027 Q4"
    )
    assert words.cause("renegotiated:openai") == "because OpenAI pays less than agreed"
    event = Event("2027Q4", "openai", "renegotiated", {"amount": 0.5})
    assert words.event(event).replace("\u00a0", " ") == "starts to pay less than agreed, up to 50 % less"
    assert "renegotiated" in words.SEVERITY


def test_a_call_beyond_the_horizon_is_told_as_such(english):
    late = [{"giver": "meta", "called": 0.0, "later": 12.0, "promised": 28.0}]
    text = words.plain(
        words.headline(
            (
                Fact("premise_several"),
                Fact("holds", {"year": "2030"}),
                Fact("pays", {"payers": late, "alive": [], "year": "2030"}),
                Fact("investors", {"net": 0.1, "baseline": 0.1}),
            )
        )
    )
    assert "Meta pays only after 2030: 12.0 of the 28.0 billion dollars promised." in text
    assert text.startswith(
        "In this scenario all four neoclouds, all three AI labs and Oracle keep paying to the end of 2030."
    )


THEN_AND_NOW = [
    (
        Fact("failed", {"who": "coreweave", "then": "2029Q2", "now": "2028Q4"}),
        "**CoreWeave**: when shared, fails 2029 Q2; today's data: fails 2028 Q4.",
    ),
    (
        Fact("failed", {"who": "xai", "then": None, "now": "2028Q4"}),
        "**xAI**: when shared, holds; today's data: fails 2028 Q4.",
    ),
    (
        Fact("called", {"who": "nvidia", "then": 0.0, "now": 3.7}),
        "**Nvidia** is called for USD 3.7 bn; when shared, for USD 0.",
    ),
    (
        Fact("cut", {"who": "openai", "then": None, "now": "2027Q4"}),
        "**OpenAI**: when shared, pays as agreed; today's data: pays less from 2027 Q4.",
    ),
    (
        Fact("dscr", {"who": "coreweave", "then": 1.2, "now": None}),
        "**CoreWeave** earns – times what it owes its lenders; when shared, 1.20.",
    ),
    (Fact("net", {"then": None, "now": 0.07}), "A mixed credit fund earns 7.0 % a year; when shared, –."),
]


@pytest.mark.parametrize(("fact", "text"), THEN_AND_NOW)
def test_then_and_now_in_english(english, fact, text):
    assert words.then_and_now(fact).replace("\u00a0", " ") == text


def test_every_reason_for_a_difference_has_words(english):
    assert words.why(Fact("model_changed", {"then": "2026.10", "now": "2026.13"})) == (
        "The model is another one: 2026.13 instead of 2026.10."
    )
    for code in ("data_changed", "levers_repaired", "edits_refused", "link_changed", "corrected"):
        assert words.why(Fact(code)).endswith(".")


def headlines(lang, write):
    """A page that tells the headline of every preset, and the same without its premise."""
    import streamlit as st

    from core.results import narrative
    from core.scenario.presets import presets
    from pages.kit.visit import cached
    from pages.kit.words import words

    st.session_state["lang"] = lang
    for one in presets():
        facts = narrative.headline(cached.read(one.scenario), cached.baseline(), one.scenario)
        bare = (narrative.Fact("premise_several"), *facts[1:])
        write[one.id] = tuple(words.plain(words.headline(told)) for told in (facts, bare))


@pytest.fixture(scope="module", params=["en", "nl"])
def told_of_presets(request):
    """Headlines of all presets in a language, with and without their premise."""
    found = {}
    at = AppTest.from_function(headlines, kwargs={"lang": request.param, "write": found}, default_timeout=60)
    assert not at.run().exception
    return found


def test_every_preset_has_a_headline_of_its_own(told_of_presets):
    assert len(told_of_presets) == len(presets())
    assert len({told for told, _bare in told_of_presets.values()}) == len(told_of_presets)


def test_google_walking_away_tells_another_story_than_demand_that_pauses(told_of_presets):
    """Not only another premise: others fail, and nobody pays for them."""
    _, walks = told_of_presets["google_walks"]
    _, pauses = told_of_presets["pause"]
    assert walks != pauses
    assert "TeraWulf" in walks
    assert "TeraWulf" not in pauses
