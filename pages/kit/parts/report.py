"""A report to keep: one HTML file that needs no network, with levers, finding, charts, tables and sources.

`prepare` gathers everything while the visit is at hand (language, scenario); `Report.html` needs nothing of
it, so it can run when the file is really asked for. What draws the charts is Plotly's own file, packed: the
browser unpacks it (`report.js`), and the report is less than half as large.
"""

from __future__ import annotations

import gzip
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

import plotly.graph_objects as go
import streamlit as st
from plotly.offline import get_plotlyjs

from core.results import measures, narrative
from core.scenario import link as codec
from core.scenario.levers import Scenario, levers
from core.sources.formulas import formulas, rows
from core.web.snapshot import Row
from core.web.web import LABS
from pages.kit.drawing import charts
from pages.kit.drawing.plot import Figure
from pages.kit.frame import address, paper, share
from pages.kit.parts import provenance, summary
from pages.kit.parts.overview import FUNDS
from pages.kit.visit import cached, visit
from pages.kit.visit.cached import by_id
from pages.kit.words import labels, numbers, words
from pages.kit.words.catalogue import _
from pages.kit.words.figures import lever_name, lever_setting

BEHIND = (
    ("company.interest_coverage", "coreweave"),
    ("company.interest_coverage", "terawulf"),
    ("guarantor.promised", "alphabet"),
    ("guarantor.promised", "nvidia"),
    ("guarantor.promised", "meta"),
)

CODE = {"xmldecl": False, "omitsize": True, "scale": 1, "title": "QR"}  # as a part of a page
DRAW = Path(__file__).with_name("report.js").read_text(encoding="utf-8")
# A chart is never wider than A4 between margins of 16 mm: it stands on paper as it does on the screen.
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
figure{margin:0;max-width:41rem}
.share{display:flex;gap:1.2rem;align-items:center;flex-wrap:wrap}
.share svg{width:9rem;height:9rem;flex:none}
a{color:#0b6e69;overflow-wrap:anywhere}
@media print{body{margin:0;max-width:none;background:#fff;font-size:11pt}h2,figure,tr{break-inside:avoid}
h2,h2+.small{break-after:avoid}.wide{overflow:visible}@page{margin:16mm}}
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
    of: Sequence[str] = ()  # data, model and levers that were moved
    unable: str = ""  # said in place of charts by a browser that cannot unpack what draws them

    def html(self) -> str:
        """Write the file."""
        pictures = "".join(
            f"<figure aria-label={_quoted(one.alt)}><h2>{escape(one.title)}</h2>"
            f"{_drawn(one.figure)}<noscript>{escape(self.unable)}</noscript></figure>"
            for one in self.pictures
        )
        parts = [
            "<!DOCTYPE html>",
            f'<html lang="{escape(self.language)}"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Backstop: {escape(self.headline)}</title><style>{STYLE}</style></head><body>",
            f'<p class="small">Backstop</p><h1>{escape(self.headline)}</h1>',
            *(f'<p class="small">{escape(line)}</p>' for line in self.of),
            *(f"<p>{escape(line)}</p>" for line in self.lines),
            pictures,
            *(_written(table) for table in self.tables),
            f'<h2>{escape(self.share)}</h2><div class="share">{self._code()}',
            f"<p><a href={_quoted(self.url)}>{escape(self.url)}</a></p></div>",
            f"<footer><p>{escape(self.foot)}</p></footer>",
            *(
                [f'<script id="plotly" type="text/plain">{_packed()}</script><script>{DRAW}</script>']
                * bool(pictures)
            ),
            "</body></html>",
        ]
        return "\n".join(parts)

    def _code(self) -> str:
        return (
            f"<p>{escape(self.too_long)}</p>"
            if self.too_long
            else share.qr_code(self.url, "svg", **CODE).decode()
        )


def _quoted(text: str) -> str:
    return f'"{escape(text, quote=True)}"'


def _drawn(figure: Figure) -> str:
    """A figure as what `report.js` draws."""
    text = go.Figure(figure.to_dict()).to_json().replace("<", "\\u003c")  # nothing in it ends the script
    return f'<div></div><script type="application/json">{text}</script>'


@cache
def _packed() -> str:
    return b64encode(gzip.compress(get_plotlyjs().encode(), mtime=0)).decode()


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
        pictures=_pictures(scenario),
        tables=[
            _levers(scenario),
            _companies(now, before),
            _funds(now, before),
            _givers(now, before),
            _behind(),
        ],
        foot=foot.format(date=numbers.day(cached.snapshot().snapshot), model=codec.MODEL_VERSION),
        of=[paper.dated(), paper.moved()],
        unable=_("This browser cannot draw the charts; the tables below hold the same figures."),
    )


def _pictures(scenario: Scenario) -> list[Picture]:
    """The charts of the Overview, in the colours of paper."""
    told = (
        (
            _("EBITDA for each dollar of interest, CoreWeave"),
            _("CoreWeave's EBITDA per dollar of interest, by quarter, beside today's data"),
            summary.cover_figure,
        ),
        (
            summary.returns_caption(scenario),
            _("Net return per fund, beside today's data"),
            summary.returns_figure,
        ),
        (summary.called_caption(scenario), _("Called of promised, per guarantor"), summary.called_figure),
    )
    font = {"color": charts.INK["light"], "family": "system-ui, sans-serif", "size": 13}
    with charts.on_paper():
        return [
            Picture(title, alt, draw(scenario).update_layout(template="plotly_white", font=font))
            for title, alt, draw in told
        ]


def _levers(scenario: Scenario) -> Table:
    default = visit.today()
    moved = default.differs_from(scenario)
    ordered = [*moved, *(one.id for one in levers() if one.id not in moved)]
    return Table(
        _("Levers"),
        _("Those that were moved stand first."),
        (_("Lever"), _("Scenario"), _("today's data")),
        [(lever_name(w), lever_setting(w, scenario[w]), lever_setting(w, default[w])) for w in ordered],
    )


def _companies(now: dict, before: dict) -> Table:
    companies, labs = ("companies", narrative.status), ("tenants", narrative.tenant_status)
    told = [(key, *(labs if key in LABS else companies)) for key in cached.named()]
    found = [
        (
            words.name(key),
            *(words.status(status(by_id(one, table)[key], one)) for one in (now, before)),
        )
        for key, table, status in told
    ]
    return Table(_("Companies"), "", (_("Company"), _("Scenario"), _("today's data")), found)


def _funds(now: dict, before: dict) -> Table:
    found = [
        (words.fund(key), *(numbers.percent(by_id(one, "funds")[key]["net_irr"]) for one in (now, before)))
        for key in FUNDS
    ]
    return Table(_("Funds"), _("Net return a year"), (_("Fund"), _("Scenario"), _("today's data")), found)


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
            for key in cached.givers()
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
