"""Others beside the model, on Guarantors and Deals: built when opened, in both languages."""

import pytest

from core.sources import beside
from pages.kit.parts import provenance
from tests.apptest import ROOT
from tests.pages.test_guarantors import cells, texts

PLACES = {
    "outside": ("pages/guarantors.py", (beside.PROMISE,)),
    "others": ("pages/deals.py", (*beside.COMPANIES, *beside.SITES)),
}
MARKS = {
    "outside": {"en-GB": "in no other figure", "nl-NL": "in geen ander cijfer"},
    "others": {"en-GB": "shown, not computed with", "nl-NL": "getoond, niet mee gerekend"},
}
BOTH = pytest.mark.parametrize("key", PLACES)
LOCALES = pytest.mark.parametrize("locale", ["en-GB", "nl-NL"])


def shown(at) -> str:
    """All tables of a page, as one text."""
    return "\n".join(" | ".join(row) for row in cells(at))


@BOTH
@LOCALES
def test_closed_it_is_one_line_and_nothing_is_built(visit, key, locale):
    page, kinds = PLACES[key]
    at = visit(locale=locale, page=page)
    label = {
        "outside": {"en-GB": "Promises outside this web", "nl-NL": "Toezeggingen buiten dit web"},
        "others": {"en-GB": "Others in the same trade", "nl-NL": "Anderen in hetzelfde vak"},
    }[key][locale]
    assert [box.label for box in at.expander].count(label) == 1
    assert not [one.name for one in beside.of_kind(*kinds) if one.name in shown(at)]
    assert not [box for box in at.expander if box.label == label and box.children]


@BOTH
@LOCALES
def test_open_it_lists_everybody_with_values_basis_and_date(visit, key, locale):
    page, kinds = PLACES[key]
    at = visit(locale=locale, page=page, opened=(key,))
    told = shown(at)
    found = beside.of_kind(*kinds)
    assert len(found) >= 10
    if locale == "en-GB":
        for one in found:
            assert one.name in told
            for line in one.lines:
                assert line.giver in told
                assert line.tenant in told
                if not isinstance(line.row.raw, str):
                    assert provenance.numbers.exact(line.row.raw) in told
    mark = MARKS[key][locale]
    assert f":gray-badge[{mark}]" in texts(at)
    assert {"en-GB": "-badge[reported]", "nl-NL": "-badge[gerapporteerd]"}[locale] in told


@pytest.mark.parametrize(
    ("key", "locale", "said"),
    [
        ("outside", "en-GB", ("**Google** · Rent of River Bend", "USD 7 bn", "no limit was found")),
        ("outside", "nl-NL", ("**Google** · Huur van River Bend", "7 mrd dollar", "een maximum is niet")),
        ("others", "en-GB", ("**Nebius**", "USD 22.5 bn (20–25)", "July 2027", "for Anthropic")),
        ("others", "nl-NL", ("**Nebius**", "22,5 mrd dollar (20–25)", "juli 2027", "voor Anthropic")),
    ],
)
def test_words_and_numbers_are_in_the_language_of_the_reader(visit, key, locale, said):
    told = shown(visit(locale=locale, page=PLACES[key][0], opened=(key,)))
    for text in said:
        assert text in told


@BOTH
@LOCALES
def test_every_figure_has_its_source_behind_the_table(visit, key, locale):
    page, kinds = PLACES[key]
    at = visit(locale=locale, page=page, opened=(key, f"{key}_table"))
    rows = [row for one in beside.of_kind(*kinds) for row in one.rows]
    (frame,) = at.dataframe
    assert len(frame.value) == len(rows)
    assert not [row.id for row in rows if f"`{row.id}`" not in texts(at)]


def test_code_names_nobody():
    """Who is listed stands in the data."""
    code = (ROOT / "pages/kit/parts/beside.py").read_text(encoding="utf-8")
    assert not [one.name for one in beside.others().values() if one.name in code]


def test_others_are_the_same_in_every_scenario(visit):
    page, _kinds = PLACES["others"]
    calm, wild = (visit(link, page=page, opened=("others",)) for link in ({}, {"g": "-50", "u": "30"}))
    assert shown(calm).splitlines()[-10:] == shown(wild).splitlines()[-10:]


@pytest.mark.parametrize(
    ("locale", "quiet", "said", "each"),
    [
        ("en-GB", "none of them would be called here", "Called here, to 2030", "called: OpenAI fails in"),
        (
            "nl-NL",
            "zou hier geen ervan worden ingeroepen",
            "Hier ingeroepen, tot en met 2030",
            "OpenAI valt om",
        ),
    ],
)
def test_promises_are_called_in_a_scenario_in_which_the_company_behind_them_fails(
    visit, locale, quiet, said, each
):
    calm, wild = (
        visit(link, locale=locale, page=PLACES["outside"][0], opened=("outside",))
        for link in ({}, {"g": "0"})
    )
    assert quiet in texts(calm)
    assert each not in shown(calm)
    assert said in texts(wild)
    assert "Nvidia" in next(line for line in texts(wild).splitlines() if said in line)
    assert each in shown(wild)
    for at in (calm, wild):
        assert f":orange-badge[{ {'en-GB': 'assumption', 'nl-NL': 'aanname'}[locale] }]" in shown(at)


def test_the_file_of_promises_says_what_is_called_of_each(visit):
    at = visit({"g": "0"}, page=PLACES["outside"][0], opened=("outside", "outside_table"))
    (frame,) = at.dataframe
    found = frame.value.set_index("Who or what")
    ohio = found.loc["Site of SB Energy in Ohio"]
    assert (ohio["Called if it fails"], ohio["Who that is"]) == ("OpenAI", "reported")
    assert 0 < ohio["Called here"] < ohio["Value"]
    assert found["Called here"].isna().any()
