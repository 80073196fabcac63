"""Both languages are complete, and Dutch counts in miljard and biljoen."""

import ast
import re
import subprocess
import sys
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from core.narrative import Fact
from pages.kit import catalogue, numbers, state, words
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
    assert "Can the neoclouds pay?" in in_code
    assert any("lies outside" in str(text) for text in in_code)


def test_no_dutch_text_is_missing_fuzzy_or_unused(in_code):
    translated = dutch_texts()
    assert set(translated) == set(in_code)
    for message in translated.values():
        assert not message.fuzzy
        assert all(message.string) if isinstance(message.string, tuple) else message.string


def test_dutch_texts_keep_every_placeholder():
    def fields(text):
        return {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name}

    for message in dutch_texts().values():
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set().union(*map(fields, originals))
        for string in strings:
            assert fields(string) == wanted, message.id


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
    assert all(catalogue.translations(code) for code in state.LANGUAGES)
    with pytest.raises(FileNotFoundError):
        catalogue.translations("xx")


FALL = {"who": "coreweave", "quarter": "2030Q2", "cause": "maturity", "others": ["fluidstack"]}
PAYERS = [
    {"giver": "alphabet", "called": 3.1, "later": 4.0, "promised": 4.93},
    {"giver": "nvidia", "called": 0.5, "later": 0.5, "promised": 6.3},
]


def test_the_headline_in_english(english):
    facts = (
        Fact("premise_demand_stops"),
        Fact("lab_short", {"who": "openai", "quarter": "2029Q3", "cause": "own_liquidity", "others": []}),
        Fact("fails_next", {**FALL, "lag": 3}),
        Fact("pays", {"payers": PAYERS, "alive": ["terawulf"], "year": "2030"}),
        Fact("investors", {"net": 0.081, "baseline": 0.104}),
    )
    assert words.headline(facts).replace("\u00a0", " ") == (
        "If AI demand stops growing, **OpenAI** cannot pay its compute bill from the third quarter of 2029. "
        "**CoreWeave** fails 3 quarters later, when debt falls due that nobody will refinance; "
        "**Fluidstack** follows. "
        "**Google** pays 3.1 of the 4.9 billion dollars it promised for Fluidstack's rent, "
        "**Nvidia** 0.5 of 6.3. "
        "Credit investors earn 8.1 % a year instead of 10.4 %."
    )


def test_the_headline_in_dutch(dutch):
    facts = (
        Fact("premise_rate", {"rate": 0.065}),
        Fact("fails_first", FALL),
        Fact("labs_follow", {"who": ["openai", "xai"]}),
        Fact("pays", {"payers": PAYERS[:1], "alive": ["terawulf", "cipher"], "year": "2030"}),
        Fact("investors", {"net": 0.104, "baseline": 0.104}),
    )
    assert words.headline(facts).replace("\u00a0", " ") == (
        "Bij een korte rente van 6,50 % valt **CoreWeave** in het tweede kwartaal van 2030 om, als schuld "
        "afloopt die niemand wil herfinancieren; **Fluidstack** volgt. "
        "Ook **OpenAI** en **xAI** kunnen hun rekenkracht niet meer betalen. "
        "**Google** betaalt 3,1 van de 4,9 miljard dollar die het voor de huur van Fluidstack heeft "
        "toegezegd; TeraWulf en Cipher leven daarvan. Kredietbeleggers verdienen 10,4 % per jaar."
    )


def test_a_call_beyond_the_horizon_is_told_as_such(english):
    late = [{"giver": "meta", "called": 0.0, "later": 12.0, "promised": 28.0}]
    text = words.headline(
        (
            Fact("premise_several"),
            Fact("holds", {"year": "2030"}),
            Fact("pays", {"payers": late, "alive": [], "year": "2030"}),
            Fact("investors", {"net": 0.1, "baseline": 0.1}),
        )
    )
    assert (
        "**Meta** pays only after 2030: 12.0 of the 28.0 billion dollars promised for Hyperion's value."
        in text
    )
    assert text.startswith(
        "In this scenario all four neoclouds and all three AI labs keep paying to the end of 2030."
    )
