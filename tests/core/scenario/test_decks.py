"""Decks in a link and in a file: what goes in comes out; what is bent is told and left out, never raised."""

import json
import tomllib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.scenario import decks
from core.scenario.decks import Deck, DeckStep, from_file, packed, to_file, unpacked
from core.scenario.levers import DATA, Scenario
from core.scenario.link import MODEL_VERSION, encode
from core.scenario.messages import describe

LINES = [
    "Big Tech builds faster than it earns",
    "Meta uses the campus, others owe for it",
    "What if demand stops growing in the second year?",
    "CoreWeave earns its interest, for a while",
    "Google pays when Fluidstack does not",
    "Private credit is pension money",
    "If nobody refinances, who is first?",
    "The guarantor's own balance sheet",
    "A chain of three, and who pulls whom",
    "Oracle borrows for OpenAI's promise",
    "What insurers lose, and when they know",
    "Who is still there when money is scarce?",
]
VIEWS = {
    "neoclouds": {"co": "coreweave"},
    "deals": {"deal": "wrap"},
    "private_credit": {"fund": "blue_owl"},
    "guarantors": {"giver": "meta", "look": "debt"},
    "chain_reaction": {"step": "2030Q2-1"},
}


def usual(number: int) -> DeckStep:
    page = decks.pages()[number % len(decks.pages())]
    odd = bool(number % 2)
    moved = Scenario.default().replace(g=-10 + number * 3.5, r=4 + number / 4, s=number * 25, gw=odd)
    return DeckStep(page, encode(moved, extras=VIEWS.get(page, {})), LINES[number])


texts = some.text(some.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=60).map(str.strip)
steps = some.builds(
    DeckStep,
    some.sampled_from(decks.pages()),
    some.builds(
        lambda g, closed, view: encode(
            Scenario.default().replace(g=g, f="closed" if closed else "open"), ["g"], extras=view
        ),
        some.integers(-50, 100),
        some.booleans(),
        some.sampled_from([{}, {"co": "cipher"}, {"row": "xai"}]),
    ),
    texts,
    texts,
)
some_decks = some.builds(
    Deck, texts, some.lists(steps, max_size=decks.MOST_STEPS).map(tuple), some.sampled_from(["en", "nl"])
)


@given(some_decks)
def test_a_deck_comes_back_from_link_and_file(deck):
    text = packed(deck)
    assert text.isascii()
    assert text.isalnum()
    if len(text) < decks.LONGEST_PACKED:
        assert unpacked(text) == (deck, ())
        assert decks.is_whole(text)
    assert from_file(to_file(deck)) == (deck, ())


def test_a_deck_of_twelve_usual_steps_fits_a_link_with_its_host():
    deck = Deck("Who pays for the build-out?", tuple(map(usual, range(decks.MOST_STEPS))), "nl")
    link = f"https://backstop.some-newspaper.example/present?deck={packed(deck)}&step=12&lang=nl"
    assert len(link) < 2000
    assert unpacked(packed(deck)) == (deck, ())


@given(some.text(max_size=300))
def test_no_text_is_too_odd_to_be_read(text):
    deck, told = unpacked(text)
    assert deck.steps == ()
    assert [one.code for one in told] == ["deck_damaged"]


@given(some.binary(max_size=300))
def test_no_file_is_too_odd_to_be_read(content):
    deck, told = from_file(content)
    assert deck == Deck()
    assert [one.code for one in told] == ["deck_no_file"]


@given(some.recursive(some.none() | some.booleans() | some.integers() | some.text(max_size=5), some.lists))
def test_a_sound_pack_of_anything_is_read_or_refused(anything):
    for given_ in (anything, ["title", "en", anything], ["title", "en", [anything]]):
        deck, told = unpacked(folded(json.dumps(given_)))
        assert deck.steps == ()
        assert told or given_ == ["title", "en", []]


def folded(text: str, check: bytes | None = None) -> str:
    """Whatever text as a deck in letters and digits, with its check or another one."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zdict=decks._shared(decks.FORM))
    body = squeeze.compress(text.encode()) + squeeze.flush()
    number = int.from_bytes(b"\x01" + (check or decks._check(text.encode())) + body)
    signs = ""
    while number:
        number, place = divmod(number, len(decks._SIGNS))
        signs = decks._SIGNS[place] + signs
    return decks.FORM + signs


@pytest.mark.parametrize("place", [1, 5, 20, -1])
def test_one_other_sign_is_told(place):
    text = packed(Deck("Mine", (usual(0), usual(1)), "en"))
    other = "a" if text[place] != "a" else "b"
    place %= len(text)
    deck, told = unpacked(text[:place] + other + text[place + 1 :])
    assert (deck.steps, told[0].code) == ((), "deck_damaged")
    for shorter in (text[:-1], text[:-9], text + "0", text[0] + "0" + text[1:]):
        assert unpacked(shorter)[1][0].code == "deck_damaged"


def test_a_bomb_is_not_unfolded():
    bomb = folded(" " * 3_000_000)
    assert len(bomb) > decks.LONGEST_PACKED
    small = folded(" " * (decks.LARGEST_FILE + 1))
    assert len(small) < decks.LONGEST_PACKED
    for text in (bomb, small, folded("[" * 60_000)):
        assert unpacked(text)[1][0].code == "deck_damaged"


def rows(*told: object) -> bytes:
    return json.dumps({"kind": decks.KIND, "title": "T", "lang": "en", "steps": told}).encode()


FAULTS = [
    (rows({"page": "nowhere", "query": "g=0"}), "deck_unknown_page", 0),
    (rows({"page": "<script>", "query": "g=0"}), "deck_unknown_page", 0),
    (rows(*[{"page": "deals", "query": f"g={n % 100}"} for n in range(200)]), "deck_too_many", 12),
    (rows({"query": "g=0"}), "deck_no_step", 0),
    (rows(3, {"page": "deals", "query": ""}), "deck_no_step", 1),
    (rows({"page": "deals", "query": 7}), "deck_no_step", 0),
    (rows({"page": "deals", "query": "", "say": "x" * 1000}), "deck_text", 1),
    (rows({"page": "deals", "query": "", "say": "a\u202eb"}), "deck_text", 1),
    (rows({"page": "deals", "query": "", "notes": ["x"]}), "deck_no_text", 1),
    (rows({"page": "deals", "query": "g=5000"}), "clamped", 1),
    (rows({"page": "deals", "query": "deck=story"}), "unknown", 1),
    (rows({"page": "deals", "query": "m=2020.1&zz=1"}), "unknown", 1),
    (json.dumps({"kind": decks.KIND, "lang": "fr", "steps": []}).encode(), "bad_language", 0),
    (b" " * (decks.LARGEST_FILE + 1), "deck_file_large", 0),
    (b"[" * 50_000, "deck_no_file", 0),
    (b'{"kind": "backstop-deck", "steps": 3}', "deck_no_file", 0),
]


@pytest.mark.parametrize(("content", "code", "left"), FAULTS)
def test_what_is_wrong_with_a_file_is_told_and_the_rest_is_taken(content, code, left):
    deck, told = from_file(content)
    assert code in [one.code for one in told]
    assert len(told) <= 11
    assert len(deck.steps) == left
    for one in told:
        sentence = describe(one)
        assert sentence.endswith(".")
        assert "{" not in sentence


def test_every_message_of_a_deck_is_told_by_something():
    told = {one.code for content, _, _ in FAULTS for one in from_file(content)[1]} | {"deck_damaged"}
    templates = tomllib.loads((DATA / "messages.toml").read_text(encoding="utf-8"))
    of_the_page = {"deck_gone", "deck_no_such_step"}  # tests/pages/test_present.py
    assert {code for code in templates if code.startswith("deck_")} == told & templates.keys() - {
        code for code in told if not code.startswith("deck_")
    } | of_the_page


def test_markup_stays_a_text():
    deck, told = from_file(rows({"page": "deals", "query": "", "say": "<b>$x$ **bold**", "notes": "a\nb"}))
    assert (deck.steps[0].say, deck.steps[0].notes, told) == ("<b>$x$ **bold**", "a\nb", ())


def test_a_step_keeps_its_scenario_in_canonical_words():
    deck, told = from_file(rows({"page": "neoclouds", "query": "?demand_growth=1,5&co=cipher&lang=nl"}))
    assert deck.steps[0].query == f"m={MODEL_VERSION}&g=1.5&co=cipher"
    assert [one.code for one in told] == ["comma"]


@given(some_decks, some.integers(-3, 15), some.sampled_from([-1, 1]))
def test_a_step_that_moves_changes_places_and_nothing_else(deck, place, by):
    there = decks.moved(deck, place, by)
    assert sorted(map(repr, there.steps)) == sorted(map(repr, deck.steps))
    if there is not deck:
        assert there.steps[place + by] == deck.steps[place]
        assert decks.moved(there, place + by, -by) == deck


def test_a_step_is_taken_out():
    deck = Deck("Mine", (usual(0), usual(1), usual(2)))
    assert decks.without(deck, 1).steps == (usual(0), usual(2))
