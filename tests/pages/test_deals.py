"""The page Deals: four deals, each with its picture, its switch, and its figures with and without."""

import json

import pytest

from core.results import deals
from core.scenario.levers import Scenario
from core.web.web import load_web
from tests.apptest import charts, lever_of, panels, pictures
from tests.pages.test_guarantors import WALKS, WORST, cells, texts
from tests.worlds import FIRST

PAGE = "pages/deals.py"
SCENARIOS = [
    ({}, {}),
    ({"g": 0}, {"g": "0"}),
    ({"g": 0, "gw": False}, WALKS),
    ({"g": -50, "u": 30, "r": 12, "f": "closed"}, WORST),
]


def anatomy(deal, data=None, **levers):
    web = load_web(data)
    return deals.anatomy(web, Scenario.default(web).replace(**levers), deals.SWITCH[deal])


def money(value: float) -> str:
    if value < 5e-7:
        return "USD 0"
    return f"USD {value * 1000:.0f} m" if value < 0.0995 else f"USD {value:.1f} bn"


def row(at, label: str) -> list[str]:
    return next(line[-2:] for line in cells(at) if len(line) > 2 and label in line)


def plain(cell: str) -> str:
    return cell.replace("*", "")


@pytest.mark.parametrize(("levers", "link"), SCENARIOS)
@pytest.mark.parametrize(
    ("deal", "label", "key"),
    [
        ("hyperion", "Meta pays, to 2033", "called_meta"),
        ("wrap", "Google pays, to 2033", "called_alphabet"),
        ("circle", "Nvidia pays, to 2033", "called_nvidia"),
        ("leases", "Google pays, to 2033", "called_alphabet"),
    ],
)
def test_with_and_without_come_from_the_core(visit, levers, link, deal, label, key):
    found = anatomy(deal, **levers)
    at = visit({**link, "deal": deal}, page=PAGE)
    assert [plain(cell) for cell in row(at, label)] == [money(found.on[key]), money(found.off[key])]


@pytest.mark.parametrize("deal", deals.SWITCH)
@pytest.mark.parametrize("locale", ["en-GB", "nl-NL"])
def test_each_deal_has_a_picture_and_its_own_switch_in_both_languages(visit, deal, locale):
    at = visit({"deal": deal}, locale, page=PAGE)
    lever = deals.SWITCH[deal]
    assert at.toggle(key=f"deal_{lever}").value is True
    shapes = pictures(at)[0]["layout"]["shapes"]
    assert sum(shape["type"] == "rect" for shape in shapes) >= 4
    other = [key for key in deals.SWITCH.values() if key != lever]
    assert not [toggle for toggle in at.toggle if toggle.key in {f"deal_{key}" for key in other}]


@pytest.mark.parametrize("deal", deals.SWITCH)
def test_the_switch_moves_the_lever_and_the_link(visit, deal):
    lever = deals.SWITCH[deal]
    at = visit({"deal": deal}, page=PAGE)
    at.toggle(key=f"deal_{lever}").set_value(False).run()
    assert not at.exception
    assert at.session_state["step"].scenario[lever] is False
    assert at.query_params[lever] in ("no", ["no"])
    assert at.query_params["deal"] in (deal, [deal])


@pytest.mark.parametrize(
    ("deal", "moved"), [("hyperion", "mr"), ("wrap", "gw"), ("circle", "nb"), ("leases", "fl")]
)
def test_the_try_button_shows_where_the_switch_bites(visit, deal, moved):
    at = visit({"deal": deal}, page=PAGE)
    at.button(key=f"bite_{deal}").click().run()
    assert not at.exception
    assert at.query_params[moved] in ("no", ["no"])
    assert "the switch moves nothing" not in texts(at)


def test_a_switch_without_effect_says_so(visit):
    assert "the switch moves nothing" in texts(visit({"deal": "wrap"}, page=PAGE))


def test_the_rent_of_hyperion_is_an_assumption_beside_the_reported_path(visit):
    cover = anatomy("hyperion").cover
    rows = {line[-2]: line[-1] for line in cells(visit({"deal": "hyperion"}, page=PAGE))}
    assumed = next(value for label, value in rows.items() if label.startswith("Rent the model uses"))
    assert assumed.startswith(":orange-badge[assumption]")
    assert f"{cover.cover:.2f}x" in assumed
    reported = next(value for label, value in rows.items() if "USD 12.3 bn over four years" in label)
    assert reported == "**0.99x–1.00x**"
    assert rows["Notes, at 6.581 %"] == "**USD 27.3 bn**"


def test_when_meta_leaves_the_page_says_who_pays(visit):
    out = anatomy("hyperion", g=0).exit
    at = visit({"g": "0", "deal": "hyperion"}, page=PAGE)
    assert f"If Meta leaves in the first quarter of 2033, USD {out.owed:.1f} bn of notes fall due" in texts(
        at
    )
    drawn = json.dumps(pictures(at))
    assert f"Meta {out.guaranteed[0]:.1f}" in drawn
    assert f"campus sold: <b>{out.sale[0]:.1f}" in drawn


def test_the_wrap_in_basis_points_and_dollars_beside_the_market(visit):
    wrap = anatomy("wrap").wraps[0]
    at = visit({"deal": "wrap"}, page=PAGE)
    drawn = json.dumps(pictures(at), ensure_ascii=False).replace("\\u00a0", " ").replace("\u00a0", " ")
    for basis_points in (wrap.worth[0] * 1e4, 225, 113):
        assert f"{basis_points:,.0f} bp" in drawn
    shown = {line[-2]: line[-1] for line in cells(at)}
    saved = next(value for label, value in shown.items() if "interest saved, model" in label)
    assert saved == f"**USD {wrap.saved[0]:.1f} bn**"
    assert next(v for k, v in shown.items() if "225 bp" in k) == f"**USD {wrap.at_spread(0.0225):.1f} bn**"


def test_a_promise_can_make_creditors_lose_more_and_the_page_says_it(visit):
    early = {"data": FIRST, "deal": "circle"}
    found = anatomy("circle", FIRST, g=10, r=7)
    assert found.on["lost_coreweave"] > found.off["lost_coreweave"] + 0.05
    assert "buys time here, not safety" in texts(visit({**early, "g": "10", "r": "7"}, page=PAGE))
    helped = anatomy("circle", FIRST, g=0)
    assert helped.on["lost_coreweave"] < helped.off["lost_coreweave"]
    assert "buys time here, not safety" not in texts(visit({**early, "g": "0"}, page=PAGE))


def test_the_first_sentence_names_who_pays(visit):
    assert "nobody is called for these promises" in texts(visit(page=PAGE))
    found = anatomy("wrap", g=0)
    google, nvidia = (found.on[f"called_{giver}"] for giver in ("alphabet", "nvidia"))
    said = f"Google pays USD {google:.1f} bn and Nvidia pays USD {nvidia:.1f} bn"
    assert said in texts(visit({"g": "0"}, page=PAGE))


@pytest.mark.parametrize(
    ("deal", "lab"), [("circle", "OpenAI"), ("wrap", "Anthropic"), ("leases", "Anthropic")]
)
def test_what_a_lab_cuts_stands_in_the_deals_that_it_pays_for(visit, deal, lab):
    found = anatomy(deal, g=0)
    cut = found.on[f"cut_{lab.lower()}"]
    assert cut > 0, "the test needs a scenario in which the lab cuts its contracts"
    at = visit({"deal": deal, "g": "0"}, page=PAGE, opened=(f"switch_{deal}_table",))
    shares = [plain(cell) for cell in row(at, f"{lab} cuts its contracts, to the horizon by")]
    assert shares == [
        f"{found.on[f'cut_{lab.lower()}'] * 100:.0f} %",
        f"{found.off[f'cut_{lab.lower()}'] * 100:.0f} %",
    ]
    assert "`labs.haircut_most`" in texts(at)
    if deal != "leases":
        flow = json.dumps(pictures(at)[0], ensure_ascii=False).replace("\u00a0", " ")
        assert f"{lab} pays less than agreed from" in flow
    early = [
        line for line in cells(visit({"deal": deal, "g": "0", "data": FIRST}, page=PAGE)) if len(line) > 2
    ]
    assert not [line for line in early if "cuts its contracts" in " ".join(line)]


def test_a_bent_view_choice_is_told_and_the_first_deal_shown(visit):
    at = visit({"g": "0", "deal": "javascript:alert(1)"}, page=PAGE)
    assert lever_of(at, "g").value == 0
    assert len(at.text) >= 1
    assert at.toggle(key="deal_mr").value is True


def test_article_and_record_stand_side_by_side(visit):
    at = visit(page=PAGE, opened=("claims",))
    assert any("The article says" in box.label for box in at.expander)
    assert "1989" in texts(at)


@pytest.mark.parametrize(
    ("deal", "titles"),
    [
        ("hyperion", ["Who owns, lends and rents at Hyperion", "Who pays the notes when Meta leaves"]),
        ("wrap", ["What Google's wrap takes off the yearly rate", "What Google can still be asked for"]),
        ("circle", ["Capacity that Nvidia must rent from CoreWeave"]),
        ("leases", ["TeraWulf: rent by year and who pays it", "Cipher: rent by year and who pays it"]),
    ],
)
def test_each_deal_has_its_panels_and_no_other(visit, deal, titles):
    shown = "\n".join(panels(visit({"deal": deal}, page=PAGE)))
    assert all(title in shown for title in titles)
    assert shown.count("With the switch on and off") == 1
    assert len(shown.splitlines()) == 2 + len(pictures(visit({"deal": deal}, page=PAGE)))


def test_a_tenant_with_two_leases_of_one_landlord_stands_once_with_both(visit):
    web, found = load_web(), anatomy("leases")
    amazon = [one for one in found.leases["cipher"] if one.tenant == "amazon"]
    assert len(amazon) == 2, "the test needs data with two leases"
    at = visit({"deal": "leases"}, page=PAGE)
    (rent,) = (one for one in charts(at) if one["title"].startswith("Cipher"))
    assert rent["caption"].count("Amazon") == 1
    drawn = [trace["y"] for trace in rent["figure"]["data"] if trace["type"] == "bar"]
    assert [*sum(one.tenant_paid[found.at] for one in amazon)] in [pytest.approx(values) for values in drawn]
    flow = json.dumps(pictures(at)[0], ensure_ascii=False).replace("\u00a0", " ")
    assert f"{sum(web.value(f'{one.lease}.mw') for one in amazon):.0f} MW" in flow
    assert flow.count("Amazon to Cipher") == 1


def test_who_pays_the_rent_is_told_with_the_colours_of_the_chart(visit):
    at = visit({"g": "0", "deal": "leases"}, page=PAGE)
    (rent,) = (one for one in charts(at) if one["title"].startswith("TeraWulf"))
    colours = {trace["marker"]["color"] for trace in rent["figure"]["data"] if "marker" in trace}
    names = [part.partition("}")[2].strip() for part in rent["caption"].partition(": ")[2].split(", ")]
    assert names == ["Fluidstack", "Core42", "Google pays"]
    assert all(f'foreground="{colour}"' in rent["caption"] for colour in colours)
    calm = visit({"deal": "leases"}, page=PAGE)
    assert "Google pays" not in texts(calm)
