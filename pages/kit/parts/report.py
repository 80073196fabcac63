"""A report to keep: one HTML file that needs no network, with levers, finding, charts, tables and sources.

`prepare` gathers everything while the visit is at hand (language, scenario); `Report.html` needs nothing of
it, so it can run when the file is really asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from io import BytesIO

import plotly.graph_objects as go
import segno
import streamlit as st

from core.results import measures, narrative
from core.scenario import link as codec
from core.scenario.levers import Scenario, levers
from core.sources.formulas import formulas, rows
from core.web.snapshot import Row
from core.web.web import LABS, NEOCLOUDS
from pages.kit.drawing import charts
from pages.kit.drawing.plot import Figure
from pages.kit.frame import address, share
from pages.kit.parts import provenance
from pages.kit.visit import cached, visit
from pages.kit.visit.cached import by_id
from pages.kit.words import labels, numbers, words
from pages.kit.words.catalogue import _
from pages.kit.words.figures import lever_name, lever_setting

FUNDS = ("infra_credit", "pimco", "blackstone", "apollo", "blue_owl", "kkr")
GUARANTORS = ("alphabet", "nvidia", "meta")
BEHIND = (
    ("company.interest_coverage", "coreweave"),
    ("company.interest_coverage", "terawulf"),
    ("guarantor.promised", "alphabet"),
    ("guarantor.promised", "nvidia"),
    ("guarantor.promised", "meta"),
)

STYLE = """
:root{color-scheme:light}
body{font:16px/1.5 system-ui,sans-serif;color:#1d2329;background:#fbfaf6}
body{max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font:400 1.7rem/1.3 Georgia,serif;margin:.4rem 0 1rem}
h2{font:600 1.2rem/1.3 Georgia,serif;border-top:1px solid #dcd8ca;padding-top:.8rem;margin-top:2rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.92rem}
th,td{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #dcd8ca;vertical-align:top}
.small,footer,caption{color:#61676f;font-size:.85rem}
.wide{overflow-x:auto}
.share{display:flex;gap:1.2rem;align-items:center;flex-wrap:wrap}
.share svg{width:9rem;height:9rem;flex:none}
a{color:#0b6e69;overflow-wrap:anywhere}
@media print{body{margin:0;max-width:none;background:#fff;font-size:11pt}h2,figure,tr{break-inside:avoid}
h2,h2+.small{break-after:avoid}.wide{overflow:visible}figure{margin:0}@page{margin:16mm}}
"""


@dataclass(frozen=True)
class Table:
    """A table of the report: its title, a line below it, headings, rows of text."""

    title: str
    note: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Picture:
    """A chart of the report: its title, the line a screen reader says, the figure."""

    title: str
    alt: str
    figure: Figure


@dataclass(frozen=True)
class Report:
    """All that the file holds, as plain text and figures; every text is escaped when it is written."""

    language: str
    headline: str
    lines: Sequence[str]
    share: str
    url: str
    too_long: str  # said in place of the QR code of a link that is too long for one
    pictures: Sequence[Picture]
    tables: Sequence[Table]
    foot: str

    def html(self) -> str:
        """Write the file."""
        pictures = "".join(
            f"<figure aria-label={_quoted(one.alt)}><h2>{escape(one.title)}</h2>"
            f"{_drawn(one.figure, first=not i)}</figure>"
            for i, one in enumerate(self.pictures)
        )
        parts = [
            "<!DOCTYPE html>",
            f'<html lang="{escape(self.language)}"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Backstop: {escape(self.headline)}</title><style>{STYLE}</style></head><body>",
            f'<p class="small">Backstop</p><h1>{escape(self.headline)}</h1>',
            *(f"<p>{escape(line)}</p>" for line in self.lines),
            pictures,
            *(_written(table) for table in self.tables),
            f'<h2>{escape(self.share)}</h2><div class="share">{self._code()}',
            f"<p><a href={_quoted(self.url)}>{escape(self.url)}</a></p></div>",
            f"<footer><p>{escape(self.foot)}</p></footer></body></html>",
        ]
        return "\n".join(parts)

    def _code(self) -> str:
        return f"<p>{escape(self.too_long)}</p>" if self.too_long else _qr_code(self.url)


def _quoted(text: str) -> str:
    return f'"{escape(text, quote=True)}"'


def _drawn(figure: Figure, *, first: bool) -> str:
    """A figure as HTML; the first one brings the drawing code along for all of them."""
    return go.Figure(figure.to_dict()).to_html(
        full_html=False, include_plotlyjs=first, config={"displayModeBar": False, "responsive": True}
    )


def _written(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in table.headings)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows
    )
    note = f'<p class="small">{escape(table.note)}</p>' if table.note else ""
    return (
        f'<h2>{escape(table.title)}</h2>{note}<div class="wide"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _qr_code(url: str) -> str:
    out = BytesIO()
    segno.make(url, error="l", micro=False).save(
        out,
        "svg",
        border=4,
        dark=share.QR_DARK,
        light=share.QR_LIGHT,
        xmldecl=False,
        omitsize=True,
        title="QR",
    )
    return out.getvalue().decode("utf-8")


def button(key: str = "report") -> None:
    """Offer the report of the scenario on the screen; the file itself is made when it is asked for."""
    st.download_button(
        _("Download report"),
        prepare(visit.scenario()).html,
        "backstop-report.html",
        "text/html",
        key=key,
        on_click="ignore",
        icon=":material/description:",
        help=_("One file that opens without a network, with the levers, charts, tables and sources."),
    )


def prepare(scenario: Scenario) -> Report:
    """Gather the report of a scenario in the reader's language."""
    now, before = cached.read(scenario), cached.baseline()
    facts = cached.headline()
    with charts.on_paper():
        pictures = [_coverage(now, before), _returns(now, before, scenario), _calls(now, scenario)]
    for picture in pictures:
        picture.figure.update_layout(
            template="plotly_white",
            font={"color": charts.INK["light"], "family": "system-ui, sans-serif", "size": 13},
        )
    more, url = words.plain(words.details(facts)), address.share_url()
    edits = [_("Edited data: these figures were changed by hand.") + " " + ", ".join(visit.step().edits)]
    foot = _("Data as of {date} · model {model} · not investment advice")
    return Report(
        language=visit.language(),
        headline=words.plain(words.headline(facts)),
        lines=[*([more] if more else []), *(edits if visit.step().edits else [])],
        share=_("This scenario, live"),
        url=url,
        too_long=share.too_long(url) if address.is_too_long(url) else "",
        pictures=pictures,
        tables=[
            _levers(scenario),
            _companies(now, before),
            _funds(now, before),
            _givers(now, before),
            _behind(),
        ],
        foot=foot.format(date=numbers.day(cached.snapshot().snapshot), model=codec.MODEL_VERSION),
    )


def _coverage(now: dict, before: dict) -> Picture:
    last = now["last_quarter"]
    one, base = (by_id(reading, "companies")["coreweave"] for reading in (now, before))
    failed = one["failed_quarter"]
    end = None
    cover = one["interest_coverage"][: last + 1]
    if failed is not None and failed <= last:
        end = (failed, words.status(narrative.status(one, now)))
        cover = [value if i <= failed else None for i, value in enumerate(cover)]
    figure = charts.lines(
        now["quarters"][: last + 1],
        cover,
        base["interest_coverage"][: last + 1],
        colour=charts.entity_colour("coreweave"),
        write=numbers.turns,
        baseline_name=_("today's data"),
        threshold=(1.0, _("pays its interest")),
        end=end,
        known_quarters=cached.known_quarters(),
        suffix="x",
        ceiling=6.0,
    )
    alt = _("CoreWeave's EBITDA per dollar of interest, by quarter, beside today's data")
    return Picture(_("EBITDA for each dollar of interest, CoreWeave"), alt, figure)


def _returns(now: dict, before: dict, scenario: Scenario) -> Picture:
    funds, base = by_id(now, "funds"), by_id(before, "funds")
    figure = charts.dumbbell(
        [words.fund(key) for key in FUNDS],
        [funds[key]["net_irr"] for key in FUNDS],
        [base[key]["net_irr"] for key in FUNDS],
        write=numbers.percent,
        baseline_name=_("today's data"),
    )
    title = _("Net return a year to {year} · ring: today's data").format(year=scenario["h"])
    return Picture(title, _("Net return per fund, beside today's data"), figure)


def _calls(now: dict, scenario: Scenario) -> Picture:
    last, givers = now["last_quarter"], by_id(now, "guarantors")
    called = [measures.called(givers[key], last) for key in GUARANTORS]
    later = [measures.called(givers[key]) for key in GUARANTORS]
    promised = [givers[key]["promised"] for key in GUARANTORS]
    figure = charts.bullets(
        [words.giver(key) for key in GUARANTORS],
        called,
        later,
        promised,
        words=[words.called_of(*pair) for pair in zip(called, promised, strict=True)],
        hover=[words.called_hover(*row) for row in zip(GUARANTORS, called, later, promised, strict=True)],
    )
    title = _("USD billion called to {year}, of what was promised · pale: to 2033").format(year=scenario["h"])
    return Picture(title, _("Called of promised, per guarantor"), figure)


def _levers(scenario: Scenario) -> Table:
    default = Scenario.default()
    moved = default.differs_from(scenario)
    ordered = [*moved, *(one.id for one in levers() if one.id not in moved)]
    return Table(
        _("Levers"),
        _("Those that were moved stand first."),
        (_("Lever"), _("Scenario"), _("today's data")),
        [(lever_name(w), lever_setting(w, scenario[w]), lever_setting(w, default[w])) for w in ordered],
    )


def _companies(now: dict, before: dict) -> Table:
    mine, base = by_id(now, "companies"), by_id(before, "companies")
    labs, base_labs = by_id(now, "tenants"), by_id(before, "tenants")
    return Table(
        _("Companies"),
        "",
        (_("Company"), _("Scenario"), _("today's data")),
        [
            (
                words.name(key),
                words.status(narrative.status(mine[key], now)),
                words.status(narrative.status(base[key], before)),
            )
            for key in NEOCLOUDS
        ]
        + [
            (
                words.name(key),
                words.status(narrative.tenant_status(labs[key], now)),
                words.status(narrative.tenant_status(base_labs[key], before)),
            )
            for key in LABS
        ],
    )


def _funds(now: dict, before: dict) -> Table:
    mine, base = by_id(now, "funds"), by_id(before, "funds")
    return Table(
        _("Funds"),
        _("Net return a year"),
        (_("Fund"), _("Scenario"), _("today's data")),
        [
            (words.fund(key), numbers.percent(mine[key]["net_irr"]), numbers.percent(base[key]["net_irr"]))
            for key in FUNDS
        ],
    )


def _givers(now: dict, before: dict) -> Table:
    mine, base, last = by_id(now, "guarantors"), by_id(before, "guarantors"), now["last_quarter"]
    return Table(
        _("Guarantors"),
        "",
        (_("Guarantor"), _("Promised"), _("Called"), _("Called, today's data")),
        [
            (
                words.name(key),
                numbers.money(mine[key]["promised"]),
                numbers.money(measures.called(mine[key], last)),
                numbers.money(measures.called(base[key], last)),
            )
            for key in GUARANTORS
        ],
    )


def _behind() -> Table:
    """The data under the charts, each figure with its source."""
    web, known = cached.snapshot(), formulas()
    found: dict[str, Row] = {}
    for measure, subject in BEHIND:
        if measure in known:
            found |= {row.id: row for row in rows(web, known[measure], subject)}
    return Table(
        _("Data behind these figures, with sources"),
        _("All other figures, with their sources, stand on the page “Data and method”."),
        (_("Figure"), _("Value"), _("As of"), _("Source")),
        [
            (
                labels.row(row),
                provenance.stated(row),
                numbers.day(row.as_of).replace(" ", numbers.NBSP),
                f"{labels.source(web.sources[row.source])}, {labels.dated(web.sources[row.source])}",
            )
            for row in found.values()
        ],
    )
