"""Who holds this paper, on Deals and Private credit: built when opened, in both languages."""

import pytest

from core.model.engine import run
from core.results import reading
from core.results.measures import Measures
from core.scenario.levers import Scenario
from core.sources import holders
from core.web.web import load_web
from pages.kit.parts import deals
from tests.apptest import ROOT
from tests.pages.test_guarantors import cells, texts
from tests.worlds import FIRST

DEALS, FUNDS = "pages/deals.py", "pages/private_credit.py"
WORST = {"g": -50, "u": 30, "r": 12, "f": "closed", "c": 50}
LINK = {word: str(value) for word, value in WORST.items()}
LABEL = {"en-GB": "Who holds this paper", "nl-NL": "Wie heeft dit schuldpapier"}
HEAD = {"en-GB": "Paper and its known holders", "nl-NL": "Papier en bekende houders"}
PLACES = [*((DEALS, {"deal": deal}) for deal in deals.BORROWERS), (FUNDS, {"fund": "infra_credit"})]
LOCALES = pytest.mark.parametrize("locale", ["en-GB", "nl-NL"])


def told(data=None, **levers):
    web = load_web(data)
    measures = Measures(run(web, Scenario.default(web).replace(**levers), keep=("holders",)))
    return web, reading.Reading(measures)


def held(at, who: str) -> list[list[str]]:
    """What the rows of somebody say: how much it holds, what it loses."""
    return [row[2:] for row in cells(at) if row[1].startswith(f"{who}  ")]


@LOCALES
@pytest.mark.parametrize(("page", "link"), PLACES)
def test_closed_it_is_one_line_and_nothing_is_built(visit, locale, page, link):
    at = visit(link, locale=locale, page=page)
    (box,) = (box for box in at.expander if box.label == LABEL[locale])
    assert not box.children


@LOCALES
@pytest.mark.parametrize("levers", [{}, LINK], ids=["base", "all fail"])
@pytest.mark.parametrize(("page", "link"), PLACES)
def test_open_it_tells_holders_days_and_losses(visit, locale, levers, page, link):
    at = visit({**link, **levers}, locale=locale, page=page, opened=("holders",))
    (box,) = (box for box in at.expander if box.label == LABEL[locale])
    (table,) = box.table
    assert table.value.columns[0] == HEAD[locale]
    nothing = {"en-GB": "USD\xa00", "nl-NL": "0\xa0dollar"}[locale]
    papers = 0
    for who, amount, loss in table.value.itertuples(index=False):
        is_paper = who.startswith("**")
        papers += is_paper
        assert ("-badge[" in who) != is_paper  # basis, publisher and day
        assert ("%" in amount) != is_paper
        assert levers or loss.strip("*") == nothing
    assert 0 < papers < len(table.value)
    assert {"en-GB": "They are not added up", "nl-NL": "Ze worden niet opgeteld"}[locale] in texts(at)


@pytest.mark.parametrize(
    ("locale", "who", "said"),
    [
        ("en-GB", "US funds that report to the SEC", ("USD 9.8 bn", "36 % of the issue")),
        (
            "nl-NL",
            "Amerikaanse fondsen die aan de SEC rapporteren",
            ("9,8 mrd", "36 % van de uitgifte"),
        ),
        ("en-GB", "PIMCO Income Fund", ("USD 4.2 bn", "1.88 % of the fund")),
        ("nl-NL", "PIMCO Income Fund", ("4,2 mrd", "1,88 % van het fonds")),
        ("en-GB", "Pimco", ("USD 18.0 bn", "66 % of the issue")),
    ],
)
def test_hyperions_notes_open_on_their_holders(visit, locale, who, said):
    at = visit({"deal": "hyperion"}, locale=locale, page=DEALS, opened=("holders",))
    ((amount, _loss),) = held(at, who)
    for text in said:
        assert text in amount


@pytest.mark.parametrize("data", [None, FIRST])
def test_losses_come_from_the_core(visit, data):
    """On Deals to the end of the run; CoreWeave's holders by a range over its lines."""
    link = {"deal": "circle", **LINK, **({"data": data} if data else {})}
    at = visit(link, page=DEALS, opened=("holders", "holders_table"))
    _paper, (group, fund) = holders.positions(*told(data, **WORST), "coreweave")
    assert group.loss > 1
    ((_amount, loss),) = held(at, "US funds that report to the SEC")
    for figure in (group.loss, group.most):
        assert f"USD {figure:.1f} bn" in loss
    frame = at.dataframe[0].value.set_index("Known holder")
    file = frame.loc["BlackRock Strategic Income Opportunities"]
    assert file["Loses here, USD billion"] == pytest.approx(fund.loss)
    assert "`us_funds.coreweave`" in texts(at)
    assert ("later than the data on the screen" in str(cells(at))) == (data == FIRST)


def test_on_private_credit_losses_count_to_the_horizon(visit):
    at = visit({"fund": "blackstone", **LINK, "h": "2028"}, page=FUNDS, opened=("holders",))
    web, found = told(h=2028, **WORST)
    _paper, (one,) = holders.positions(web, found, "coreweave_ddtl2", found["last_quarter"])
    both = held(at, "Blackstone")
    assert len(both) == 2
    assert both[1][1] == f"USD {one.loss:.1f} bn"
    assert one.loss > 0.1


@LOCALES
@pytest.mark.parametrize("fund", ["blue_owl", "kkr"])
def test_of_whom_nobody_is_known_a_sentence_says_so(visit, locale, fund):
    at = visit({"fund": fund}, locale=locale, page=FUNDS, opened=("holders",))
    (box,) = (box for box in at.expander if box.label == LABEL[locale])
    assert not box.table
    said = {
        "blue_owl": {
            "en-GB": "Who holds these is not known: ",
            "nl-NL": "Van deze is niet bekend wie ze heeft: ",
        },
        "kkr": {"en-GB": "no holder is known", "nl-NL": "geen houder is bekend"},
    }[fund]
    assert said[locale] in texts(at)


def test_code_names_no_holder():
    """Who is listed stands in the data."""
    for room in ("pages/kit/parts/holders.py", "core/sources/holders.py", "core/results/holders.py"):
        code = (ROOT / room).read_text(encoding="utf-8").split(">>>")[0]
        assert not [name for name in holders.names().values() if name in code]
