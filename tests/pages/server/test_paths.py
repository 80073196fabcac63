"""Bent paths lead to their page, or to a page of ours with a way home; the scenario is kept."""

import pytest

from pages.kit.frame.frame import PAGES
from pages.kit.server.paths import LONGEST, lead, own

# as they go over the wire, and where they lead
BENT = (
    ("/Neoclouds?g=10", "/neoclouds?g=10"),
    ("/private-credit?g=10", "/private_credit?g=10"),
    ("/overview?g=10", "/?g=10"),
    ("/%3Fg=10&r=6.5", "/?g=10&r=6.5"),
    ("//neoclouds", "/neoclouds"),
    ("//neoclouds?g=10", "/neoclouds?g=10"),
    # of the same kinds
    ("/NEOCLOUDS/?g=10", "/neoclouds?g=10"),
    ("/private%20credit?g=10", "/private_credit?g=10"),
    ("/privateCredit.?g=10", "/private_credit?g=10"),
    ("/Overzicht?g=10&lang=nl", "/?g=10&lang=nl"),
    ("/garantstellers?g=10", "/guarantors?g=10"),
    ("/index.html?g=10", "/?g=10"),
    ("/neoclouds%3Fg=10&r=6.5", "/neoclouds?g=10&r=6.5"),
    ("/neoclouds%253Fg=10", "/neoclouds?g=10"),
    ("/neoclouds&g=10&r=6.5", "/neoclouds?g=10&r=6.5"),
    ("/g=10&r=6.5", "/?g=10&r=6.5"),
    ("/neoclouds)?g=10", "/neoclouds?g=10"),
    ("/neoclouds%E2%80%8B?g=10", "/neoclouds?g=10"),
    ("/%22neoclouds%22?g=10", "/neoclouds?g=10"),
)
NOWHERE = (
    "/neoclouds/x",
    "/neoclouds/x/y",
    "//example.org",
    "//example.org/neoclouds",
    "/nope",
    "/static/x.js",
)


@pytest.mark.parametrize(("bent", "right"), BENT)
def test_a_bent_path_leads_to_its_page(door, bent, right):
    answer = door.ask(bent)
    assert (answer.status, answer.headers["location"]) == (307, right)
    assert door.ask(right).status == 200


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.name)
def test_every_page_has_one_path(door, entry):
    answer = door.ask(own(entry))
    assert answer.status == 200
    assert 'id="root"' in answer.text()
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", NOWHERE)
@pytest.mark.parametrize(
    ("language", "words"), [("nl", "Op dit adres staat geen pagina."), ("en", "There is no page")]
)
def test_a_wrong_path_has_a_page_in_the_readers_language_with_a_way_home(door, path, language, words):
    answer = door.ask(f"{path}?g=10&lang={language}")
    assert answer.status == 404
    text = answer.text()
    assert words in text
    assert f'<html lang="{language}"' in text
    ways = [part.partition('"')[0].replace("&amp;", "&") for part in text.split('href="')[1:]]
    assert len(ways) == len(PAGES)
    assert len(set(ways)) == len(PAGES)
    for way in ways:
        assert "g=10" in way
        assert door.ask(way).status == 200
    if "neoclouds" in path and "example" not in path:
        assert ways[0].startswith("/neoclouds?")  # the page that is meant comes first


def test_a_wrong_path_offers_the_page_that_is_nearest(door):
    text = door.ask("/neoclods?g=10").text()
    assert text.partition('href="')[2].startswith("/neoclouds?")
    assert door.ask("/nope").text().partition('href="')[2].startswith('/"')


@pytest.mark.parametrize("probe", ["health", "host-config"])
def test_what_a_browser_asks_under_every_page_is_answered_in_few_bytes(door, probe):
    answer = door.ask(f"/neoclouds/_stcore/{probe}")
    assert answer.status == 404
    assert len(answer.body) < 10
    assert door.ask(f"/_stcore/{probe}").status == 200


@pytest.mark.parametrize(
    "path", ["/" + "a" * 5000, "/" + "%3F" * 3000, "/" * 4000, "/" + "é" * 900, "/\x00", "/?", "", "/%"]
)
def test_no_path_is_too_long_or_too_strange(path):
    way = lead(path, "g=10")
    assert way.query.endswith("g=10")
    assert way.to is None or way.to.startswith("/")
    if len(path) > LONGEST:
        assert way.page is None
    way.near()


def test_a_page_leads_to_itself_once():
    for entry in PAGES:
        way = lead(own(entry), "g=10")
        assert (way.page, way.to, way.query) == (entry, None, "g=10")


def test_a_query_that_is_led_on_stays_on_its_line():
    way = lead("/Deals", "g=1\r\nX: y&lang=é")
    assert way.query == "g=1%0D%0AX:%20y&lang=%C3%A9"
