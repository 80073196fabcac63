"""Present: the story and own decks, step by step, in both languages; hostile links; undo; paper."""

import json
from dataclasses import replace

import pytest

from core.scenario import decks
from core.scenario.decks import Deck, DeckStep
from core.scenario.levers import Scenario
from core.scenario.link import encode
from core.sources import story
from pages.kit.parts import present, present_charts, present_speaker
from pages.kit.visit import visit as visits
from tests.apptest import charts, headline, lever_of, press, sent

PAGE = "pages/present.py"
COUNT = len(story.sections())
LOCALES = ["en-GB", "nl-NL"]
MARKUP = "<img src=x onerror=alert(1)> **b** $x$ :red[r]"


def told(at) -> list[str]:
    return [text.value for text in at.text]


def keys(at) -> dict:
    """What the component of the keys was sent last."""
    return sent(at, "present")[-1]


def ask(tab, **what) -> None:
    """Send what a key sends."""
    number = tab.session_state["answered"].get("present", 0) if "answered" in tab.session_state else 0
    moved = {"n": (number or 0) + 1, **what}
    tab.session_state["present"] = {"moved": {**moved, "all": [moved]}}
    tab.run()
    assert not tab.exception


def own(*steps: DeckStep, title: str = "Mine") -> Deck:
    return Deck(title, steps, "en")


def step(page: str, say: str = "", notes: str = "", /, view: dict | None = None, **moved) -> DeckStep:
    return DeckStep(page, encode(Scenario.default().replace(**moved), moved, extras=view or {}), say, notes)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_story_is_told_step_by_step(visit, locale):
    at = visit({"deck": "story"}, locale, page=PAGE)
    seen = []
    for number in range(1, COUNT + 1):
        assert not at.exception
        data = keys(at)
        assert (data["number"], data["count"]) == (number, COUNT)
        assert told(at) == [story.sections()[number - 1].say[locale[:2]]]
        assert at.query_params["step"] == str(number)
        title = at.markdown[0].value
        assert title.startswith("# ")
        assert "{" not in title.replace("{foreground", "")
        seen.append(title)
        assert len(charts(at)) == 1
        if number < COUNT:
            ask(at, step=number + 1)
    assert len(set(seen)) == COUNT
    assert not [one for one in at.get("bidi_component") if "lever_" in one.proto.id]  # no panel


def test_a_step_makes_its_scenario_that_of_the_visit_and_undo_brings_back_what_was(visit):
    at = visit({"g": "12", "r": "5"}, page=PAGE)
    at.button(key="present_begin").click().run()
    assert "g" not in at.query_params
    ask(at, step=9)
    assert (at.query_params["g"], at.query_params["f"]) == ("-10", "closed")
    ask(at, step=11)
    at.switch_page("pages/neoclouds.py").run()
    assert not at.exception
    assert at.query_params["g"] == "-30"
    assert "step" not in at.query_params
    assert told(at) == []
    press(at, "undo").run()
    assert (at.query_params["g"], at.query_params["r"]) == ("12", "5")


def test_whoever_leaves_a_talk_sees_the_page_as_the_talk_had_it(visit):
    at = visit({"deck": "story", "step": "7"}, page=PAGE)
    at.switch_page("pages/private_credit.py").run()
    assert at.query_params["fund"] == "blue_owl"
    at.switch_page("pages/chain_reaction.py").run()
    assert told(at) == []
    at.switch_page(PAGE).run()  # and a step of the chain is no step of a talk
    assert told(at) == []
    assert at.button(key="present_begin")


def test_a_link_that_names_levers_keeps_them(visit):
    at = visit({"deck": "story", "step": "9", "g": "20"}, page=PAGE)
    assert at.query_params["g"] == "20"
    assert keys(at)["number"] == 9
    at = visit({"deck": "story", "step": "9"}, page=PAGE)
    assert at.query_params["g"] == "-10"


def test_levers_run_from_where_they_were_and_the_chart_follows(visit):
    at = visit({"deck": "story", "step": "6"}, page=PAGE)
    before = charts(at)
    ask(at, step=7)
    data = keys(at)
    assert data["at"] == 0
    row = next(one for one in data["moves"] if one["from"] == 35)
    assert (row["to"], row["old"], row["new"]) == (-10, "35", "−10")
    pictures = [json.dumps(charts(at), default=str)]
    for place in (0.5, 1.0):
        ask(at, at=place, held=True)
        assert keys(at)["at"] == place
        pictures.append(json.dumps(charts(at), default=str))
    assert len(set(pictures)) == 3
    at.run()
    assert keys(at)["at"] is None
    assert json.dumps(charts(at), default=str) == pictures[-1]
    assert before


def test_with_less_motion_nothing_runs(visit):
    at = visit({"deck": "story", "step": "6"}, page=PAGE)
    at.session_state["present"] = {"still": True, "moved": {"n": 1, "step": 7, "all": [{"n": 1, "step": 7}]}}
    at.run()
    assert keys(at)["at"] is None
    assert keys(at)["moves"]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    ("word", "number", "code"),
    [
        ("1abcdefgh", "1", "damaged"),
        ("<script>", "1", "damaged"),
        ("own", "1", "another visit"),
        ("story", "99", "no step"),
        ("x" * 5000, "1", "damaged"),
    ],
)
def test_a_hostile_deck_link_is_told_and_the_page_stands(visit, locale, word, number, code):
    at = visit({"deck": word, "step": number}, locale, page=PAGE)
    lines = told(at)
    assert len([line for line in lines if line not in story.sections()[0].say.values()]) == 1
    if locale == "en-GB":
        assert code in " ".join(lines) or "could not be used" in " ".join(lines)
    assert at.button(key="open_share")


def test_a_link_with_two_hundred_steps_and_unknown_pages_tells_so(visit):
    many = own(*(step("deals", g=n - 50) for n in range(14)))
    word = decks.packed(many)
    at = visit({"deck": word, "step": "12"}, page=PAGE)
    assert keys(at)["count"] == decks.MOST_STEPS
    assert any("up to 12 steps" in line for line in told(at))
    word = decks.packed(own(DeckStep("nowhere", "g=0"), step("deals", "Here")))
    at = visit({"deck": word}, page=PAGE)
    assert keys(at)["captions"] == ["Here"]
    assert any("'nowhere'" in line for line in told(at))


def test_markup_of_a_stranger_stays_a_text(visit):
    word = decks.packed(own(step("neoclouds", MARKUP, MARKUP, view={"co": "cipher"}), title=MARKUP))
    at = visit({"deck": word}, page=PAGE)
    assert MARKUP in told(at)
    assert all("onerror" not in one.value for one in (*at.markdown, *at.caption))
    assert keys(at)["captions"] == [MARKUP]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("page", decks.pages())
def test_every_page_has_something_to_present(visit, locale, page):
    word = decks.packed(own(step(page, "Line", g=-10, f="closed"), step("overview", "Next")))
    at = visit({"deck": word}, locale, page=PAGE)
    assert len(charts(at)) == 1
    assert keys(at)["home"].endswith("/" if page == "overview" else f"/{page}")
    assert len(at.markdown[0].value) < 260


def test_all_pages_but_the_own_money_and_the_talk_itself_can_be_a_step():
    from pages.kit.frame.frame import PAGES

    assert set(decks.pages()) == {entry.name for entry in PAGES} - {"present", "holdings"}
    assert present_charts.CHARTS.keys() <= set(decks.pages())


def test_views_of_three_pages_become_a_deck_that_is_ordered_shared_and_opened(visit):
    at = visit({"g": "-5", "co": "terawulf"}, page="pages/neoclouds.py")
    for place, (page, line) in enumerate(
        [("neoclouds", "One"), ("deals", "Two"), ("funding_gap", "Three")], start=1
    ):
        if place > 1:
            at.switch_page(f"pages/{page}.py").run()
        at.button(key="open_share").click().run()
        at.text_input(key="deck_line").set_value(line)
        at.button(key="add_view").click().run()
        assert not at.exception
    at.switch_page(PAGE).run()
    at.button(key="deck_up_2").click().run()
    at.button(key="deck_out_2").click().run()  # "Two", which has gone down
    at.text_input(key="deck_title").set_value("Mine").run()
    at.text_input(key="deck_say_0").set_value("Eins").run()
    at.session_state["deck_share"] = True
    at.run()
    link = sent(at, "share")[-1]["url"]
    assert not at.exception
    word = dict(part.split("=") for part in link.partition("?")[2].split("&"))["deck"]
    deck, messages = decks.unpacked(word)
    assert (deck.title, [one.say for one in deck.steps], messages) == ("Mine", ["Eins", "Three"], ())
    assert deck.steps[0].query.endswith("g=-5&co=terawulf")
    other = visit({"deck": word}, page=PAGE)
    assert keys(other)["captions"] == ["Eins", "Three"]
    assert other.query_params["g"] == "-5"
    at.button(key="present_mine").click().run()
    assert keys(at)["captions"] == ["Eins", "Three"]
    assert at.query_params["deck"] == word


def test_a_deck_that_is_too_long_for_a_link_is_presented_all_the_same(visit):
    noisy = [str(hash((n, m))) for n in range(12) for m in range(20)]
    steps = [step("deals", f"Step {n}", "".join(noisy[n * 20 : n * 20 + 20]), g=n) for n in range(12)]
    at = visit(None, page=PAGE)
    at.session_state["own_deck"] = own(*steps)
    at.session_state["deck_share"] = True
    at.run()
    assert any("Save the deck as a file" in one.value for one in at.markdown)
    at.button(key="present_mine").click().run()
    assert at.query_params["deck"] == "own"
    assert keys(at)["count"] == 12


def test_a_key_asks_for_the_code_of_the_step(visit):
    at = visit({"deck": "story"}, page=PAGE)
    assert keys(at)["code"] is None
    ask(at, key="q")
    assert keys(at)["code"].startswith("data:image/png;base64,")
    assert "deck=story" in keys(at)["url"]


@pytest.mark.parametrize("locale", LOCALES)
def test_paper_has_every_step_with_its_figures_and_notes(visit, locale):
    at = visit({"deck": "story", "step": "3"}, locale, page=PAGE)
    pages = keys(at)["paper"]
    assert len(pages) == COUNT
    assert all(page["headline"] and page["notes"] for page in pages)
    assert pages[2]["headline"] == at.markdown[0].value.removeprefix("# ")
    assert not any("{" in text or "**" in text for page in pages for text in page.values())


def test_what_a_speaker_sees_of_every_step():
    deck = story.deck("en")
    with visits.reading(visits.Reader(visits.Step(Scenario.default()), "en")):
        seen = present_speaker.staged(present.Talk("story", deck, 6))
    assert [one["say"] for one in seen] == [one.say for one in deck.steps]
    assert all(one["headline"] and one["notes"] and one["title"] for one in seen)
    assert seen[0]["does"] == []
    does = {one["name"]: (one["now"], one["then"]) for one in seen[6]["does"]}
    assert does["AI demand grows"][0] == "35 % a year"
    assert does["CoreWeave: quarter of failure"][0] == "holds"
    assert all(now != then for now, then in does.values())


def test_the_answer_and_the_panel_stand_on_the_first_screen(visit):
    at = visit({"g": "0"}, page=PAGE)
    assert "stops growing" in headline(at)
    assert lever_of(at, "g").value == 0


def test_moving_the_horizon_stays_the_visitors(visit):
    at = visit({"h": "2033"}, page=PAGE)
    at.button(key="present_begin").click().run()
    assert at.query_params["h"] == "2033"
    assert replace(present.link_of(story.deck("en").steps[0]), touched=()).scenario["h"] == 2030


@pytest.mark.parametrize("locale", LOCALES)
def test_the_storys_sentence_stands_only_where_its_levers_do(visit, locale):
    """What is written for no growth would be untrue while demand grows."""
    for number, section in enumerate(story.sections(), start=1):
        query = {"deck": "story", "step": str(number), "lang": locale[:2]}
        if start := section.headline[locale[:2]].partition("{")[0]:
            assert headline(visit(query, page=PAGE)).startswith(start)
            moved = headline(visit(query | {"g": "80", "s": "0", "f": "open", "fl": "yes"}, page=PAGE))
            assert not moved.startswith(start)
