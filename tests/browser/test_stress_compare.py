"""The two questions of a serious user, and the report that opens without a network, in a real Chromium."""

import csv
import re

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from core.results.comparison import FIGURES, compare
from core.scenario.levers import levers
from core.scenario.link import MODEL_VERSION
from core.scenario.presets import presets
from core.web.web import load_web
from tests.browser.hand import answer, follow
from tests.browser.server import PHONE, settle

pytestmark = pytest.mark.browser
PRINTED = 672  # px between the margins of a printed report on A4


def body(page) -> str:
    return page.locator('[data-testid="stMain"]').inner_text().replace("\u00a0", " ")


def choose(page, box, option):
    page.get_by_role("combobox", name=box, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()
    settle(page)


@pytest.mark.parametrize(
    ("lang", "more", "google", "tab", "fails", "always", "rent"),
    [
        (
            "en",
            "More levers",
            "Google honours its rent guarantees",
            "Two levers at once",
            r"TeraWulf: with “Interest rate” at [^;]*9 % it fails when “Capacity in use” is below (\d+) %",
            "TeraWulf fails at every combination",
            "Fluidstack pays its rent",
        ),
        (
            "nl",
            "Meer knoppen",
            "Google komt zijn huurgaranties na",
            "Twee knoppen tegelijk",
            r"TeraWulf: met ‘Rente’ op [^;]*9 % valt het om als ‘[^’]*’ onder (\d+) % ligt",
            "TeraWulf valt om bij elke combinatie",
            "Fluidstack betaalt zijn huur",
        ),
    ],
)
def test_which_rate_and_utilisation_kill_terawulf_without_google(
    visit, lang, more, google, tab, fails, always, rent
):
    page = visit(f"lang={lang}&g=0", path="stress")  # where the edge lies well inside the plane
    page.get_by_role("radio", name=tab).click()
    settle(page)
    page.get_by_text(more, exact=True).first.click()
    page.get_by_text(google, exact=True).first.click()
    page.wait_for_function(
        "() => location.search.includes('gw=no')", timeout=15_000
    )  # the plane is drawn first
    settle(page)
    assert "gw=no" in page.url
    expect(page.get_by_test_id("stMain")).to_contain_text("TeraWulf:")
    edge = int(re.search(fails, body(page)).group(1))
    # a click below the line goes there, and TeraWulf is gone
    chart = page.locator(".backstop-chart").filter(has_text="TeraWulf").last
    box = chart.locator(".nsewdrag").first.bounding_box()
    share = 1 - (edge - 8 - 30) / (98 - 30)
    chart.evaluate("chart => chart.on('plotly_hover', () => (window.hovered = true))")
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * share)
    page.wait_for_function("() => window.hovered")
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * share)
    page.wait_for_function("() => location.search.includes('u=')", timeout=15_000)
    settle(page)
    moved = float(re.search(r"[?&]u=([\d.]+)", page.url).group(1))
    assert abs(moved - (edge - 8)) < 4
    assert "TeraWulf" in answer(page).inner_text() + body(page)
    # and when the tenant does not pay either, nothing helps
    page.get_by_text(rent, exact=True).first.click()
    settle(page)
    expect(page.get_by_test_id("stMain")).to_contain_text(always)


@pytest.mark.parametrize(
    ("lang", "story", "figure", "told", "part"),
    [
        (
            "en",
            "Credit closes",
            "Pension funds: loss",
            "Pension funds: loss goes from",
            "“AI demand grows”",
        ),
        (
            "nl",
            "De kredietmarkt gaat dicht",
            "Pensioenfondsen: verlies",
            "Pensioenfondsen: verlies gaat van",
            "‘AI-vraag groeit’",
        ),
    ],
)
def test_why_b_pays_pension_funds_less_than_a(visit, lang, story, figure, told, part):
    page = visit(f"lang={lang}", path="compare")
    choose(page, "B", story)
    expect(page.get_by_test_id("stMain")).to_contain_text(told)
    assert figure in body(page)
    assert part in body(page)
    assert "to=credit_closes" in page.url
    # whoever opens the link sees the same
    other = visit(page.url.partition("?")[2], path="compare")
    expect(other.get_by_test_id("stMain")).to_contain_text(told)


# Presses "Run", notes what the bar says, and presses or follows something as soon as the bar is there.
RUN = """then => {
  const named = (tag, text) => [...document.querySelectorAll(tag)].find(one => one.innerText.trim() === text);
  window.drawn = [];
  const look = () => {
    const bar = document.querySelector('[data-testid="stProgress"]');
    const text = bar && bar.innerText.trim();
    if (text && text !== window.drawn.at(-1)) window.drawn.push(text);
    if (text && then && !/^0 /.test(text)) { named(...then).click(); then = null; }
    if (!window.over) requestAnimationFrame(look);
  };
  named('button', 'Run').click();
  look();
}"""


def run(page, then=None) -> None:
    page.get_by_text("10,000", exact=True).click()
    settle(page)
    page.evaluate(RUN, then)


def test_a_run_shows_progress_and_its_results_wait_for_the_visitor(visit):
    page = visit("tab=chance", path="stress")
    run(page)
    expect(page.get_by_test_id("stMain")).to_contain_text("In 10,000 draws", timeout=60_000)
    settle(page)
    done = [int(text.split()[0].replace(",", "")) for text in page.evaluate("window.drawn")]
    assert len(done) > 2
    assert done == sorted(done)
    expect(page.get_by_test_id("stProgress")).to_have_count(0)
    follow(page, "Overview")
    follow(page, "Stress")
    page.get_by_role("radio", name="How likely").click()
    expect(page.get_by_test_id("stMain")).to_contain_text("In 10,000 draws")


def test_a_run_can_be_stopped(visit):
    page = visit("tab=chance&g=10", path="stress")
    run(page, ["button", "Stop"])
    expect(page.get_by_test_id("stMain")).to_contain_text("The run was stopped", timeout=15_000)
    assert not any(text.startswith("10,000") for text in page.evaluate("window.drawn"))
    expect(page.get_by_test_id("stProgress")).to_have_count(0)


def test_a_run_ends_when_its_visitor_goes_to_another_page(visit):
    page = visit("tab=chance&g=10", path="stress")
    run(page, ["a", "Deals"])
    expect(page).to_have_url(re.compile("/deals"))
    settle(page)
    follow(page, "Stress")
    page.get_by_role("radio", name="How likely").click()
    expect(page.get_by_test_id("stMain")).to_contain_text("The run was stopped")


@pytest.mark.parametrize(
    ("lang", "run", "told"), [("en", "Run", "In 500 draws"), ("nl", "Reken door", "In 500 trek")]
)
def test_whoever_opens_a_link_to_draws_gets_the_same_figures(visit, lang, run, told):
    link = f"tab=chance&g=10&draws=500&seed=42&lang={lang}"
    seen = []
    for _visitor in range(2):
        page = visit(link, path="stress")
        page.get_by_role("button", name=run, exact=True).click()
        expect(page.get_by_test_id("stMain")).to_contain_text(told, timeout=30_000)
        settle(page)
        assert {"draws=500", "seed=42"} <= set(page.url.partition("?")[2].split("&"))
        seen.append(body(page))
    assert seen[0] == seen[1]


def test_the_comparison_opens_as_csv_and_in_a_spreadsheet(visit, tmp_path):
    page = visit("from=base&to=credit_closes", path="compare")
    page.get_by_role("button", name="To take along").click()
    settle(page)
    for button, name in (("Download CSV", "it.csv"), ("Download XLSX", "it.xlsx")):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=button, exact=True).click()
        waiting.value.save_as(tmp_path / name)
    with (tmp_path / "it.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    book = load_workbook(tmp_path / "it.xlsx", read_only=True)
    sheet = [list(row) for row in book["Figures"].iter_rows(values_only=True)]
    assert rows[0] == sheet[0] == ["Figure", "Id", "Unit", "A", "B", "Difference"]
    assert [row[1] for row in rows[1:]] == [row[1] for row in sheet[1:]] == list(FIGURES)
    a, b = (preset.scenario for preset in presets() if preset.id in ("base", "credit_closes"))
    loss = next(pair for pair in compare(load_web(), a, b) if pair.measure == "pensions.loss")
    for table in (rows, sheet):
        row = next(row for row in table if row[1] == "pensions.loss")
        assert [float(value) for value in row[3:]] == pytest.approx([loss.a, loss.b, loss.difference])
    assert [row[1] for row in book["Levers"].iter_rows(min_row=2, values_only=True)] == [
        x.id for x in levers()
    ]


@pytest.mark.parametrize(
    ("locale", "take", "download", "headline", "of"),
    [
        (
            "en-GB",
            "To take along",
            "Download report",
            "If AI demand stops growing",
            "Levers moved: AI demand grows 0 % a year (today 35)",
        ),
        (
            "nl-NL",
            "Om mee te nemen",
            "Verslag downloaden",
            "Als de vraag naar AI niet meer groeit",
            "Verzette knoppen: AI-vraag groeit 0 % per jaar (vandaag 35)",
        ),
    ],
)
def test_the_report_opens_without_a_network_and_prints(
    visit, chromium, tmp_path, locale, take, download, headline, of
):
    page = visit("g=0&gw=no", path="compare", locale=locale)
    page.get_by_role("button", name=take).click()
    settle(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name=download).click()
    path = tmp_path / "report.html"
    waiting.value.save_as(path)
    assert path.stat().st_size < 2_500_000  # Plotly's own file alone is twice as large
    context = chromium.new_context()
    context.set_offline(True)
    report = context.new_page()
    asked, errors = [], []
    report.on("request", lambda request: asked.append(request.url))
    report.on("pageerror", lambda error: errors.append(str(error)))
    report.goto(path.as_uri())
    charts = report.locator(".js-plotly-plot:has(.main-svg)")
    expect(charts).to_have_count(3)
    for i in range(3):
        assert charts.nth(i).bounding_box()["height"] > 150
    text = report.locator("body").inner_text().replace("\u00a0", " ")
    assert text.split("\n\n")[1].startswith(headline)
    assert of in text
    assert text.count(f"model {MODEL_VERSION}") == 2
    assert report.locator("a").first.inner_text() == page.url
    assert "gw=no" in page.url
    assert report.locator(".share svg").bounding_box()["width"] > 100
    assert "CoreWeave" in report.locator("table").nth(1).inner_text()
    assert errors == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    report.emulate_media(media="print")  # without a new size, as a browser prints: nothing is drawn anew
    for box in report.locator(".main-svg").evaluate_all("all => all.map(one => one.getBoundingClientRect())"):
        assert box["width"] <= PRINTED
    context.close()


@pytest.mark.parametrize(
    "path", ["stress", "stress?tab=plane", "stress?tab=tornado", "stress?tab=reverse", "compare"]
)
def test_a_phone_scrolls_down_only(visit, path):
    where, _mark, query = path.partition("?")
    page = visit("&".join(filter(None, ("g=0", query))), path=where, viewport=PHONE)
    wide = page.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollWidth")
    assert wide <= PHONE["width"]
