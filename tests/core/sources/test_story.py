"""The story in steps: one for each section of the article, and every figure in it computed by the model."""

import re
import string

import pytest

from core.model.engine import run
from core.results.measures import Measures
from core.results.reading import Reading
from core.scenario.decks import MOST_STEPS
from core.scenario.levers import Scenario
from core.scenario.link import LANGUAGES
from core.sources import facts, story
from core.web.web import load_web


def read(scenario: Scenario) -> Reading:
    return Reading(Measures(run(load_web(), scenario)))


def test_the_story_follows_the_sections_of_the_article():
    told = {claim.section for claim in facts.claims().values()}
    numbered = [section for section in sorted(told, key=str) if section.isdigit() and section != "0"]
    assert [one.section for one in story.sections()] == sorted(numbered, key=int)
    assert len(story.sections()) <= MOST_STEPS
    for one in story.sections():
        sections = {facts.claims()[name].section for name in one.claims}
        assert one.section in sections
        assert sections <= {one.section, "end"}


def test_no_figure_stands_in_its_words():
    for one in story.sections():
        for text in (*one.say.values(), *one.headline.values()):
            assert not re.search(r"\d", text)
        for text in one.headline.values():
            gaps = {name for _text, name, _spec, _how in string.Formatter().parse(text) if name}
            assert gaps == set(one.figures)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_deck_has_no_link_that_is_bent(language):
    deck = story.deck(language)
    for step in deck.steps:
        assert step.link.messages == ()
        assert step.say
        assert step.notes
    assert deck.lang == language


@pytest.mark.parametrize("one", story.sections(), ids=lambda one: one.section)
def test_every_figure_is_one_of_the_run(one):
    before, web = read(Scenario.default()), load_web()
    step = story.deck("en").steps[int(one.section) - 1]
    now = read(step.link.scenario)
    for name, (kind, place) in one.figures.items():
        found = story.figure(place, now, before, web)
        assert found is not None, name
        assert isinstance(found, str) == (kind in ("quarter", "year"))


def test_figures_follow_the_scenario():
    before, now = read(Scenario.default()), read(Scenario.default().replace(g=-10, s=300, f="closed"))
    web, net = load_web(), "funds.blue_owl.net_irr"
    assert story.figure(net, now, before, web) < story.figure(f"before:{net}", now, before, web)
    assert story.figure("measure:called_total", now, before, web) == pytest.approx(
        float(now.measures.value("called_total")[0])
    )
    assert story.figure("row:hyperion_notes.balance", now, before, web) == web.value("hyperion_notes.balance")
