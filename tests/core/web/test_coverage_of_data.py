"""Every row of the data is used: numbers move a result, words are read by name, the rest says why it stays.

Each number of the snapshot is bumped on its own (or with others that cannot hide it, see `together`) through
the same door as a visitor's override, and some figure of some scenario must move.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import pytest

from core.layout.compile import compile_layout
from core.model.engine import run
from core.model.result import Result
from core.model.tables import tables
from core.questions import backtest
from core.results import funds, guarantors
from core.results.measures import Measures
from core.scenario.levers import Scenario, columns
from core.web.web import DataError, load_web, snapshots
from tests import processes, reference
from tests.worlds import FIRST, NEVER, STRESSED

ROOT = Path(__file__).parents[3]
BASE = Scenario.default(FIRST)
# Today and the stressed world first; the others reach what those do not: caps, floors, broken promises.
SCENARIOS = (
    BASE.replace(h=2033),
    STRESSED,
    STRESSED.replace(f="strict", h=2033),
    BASE.replace(g=0, mr=False, h=2033),
    BASE.replace(g=0, gw=False, nb=False, fl=False, h=2032),
    BASE.replace(f="strict", r=7, s=500),
    BASE.replace(g=90, u=95, h=2033),
    BASE.replace(u=75, h=2032),
    BASE.replace(g=10, u=70, b=60, r=5, h=2032),
    BASE.replace(g=-45, u=30, b=20, e=2, h=2033),
    BASE.replace(r=1.5),
    BASE.replace(r=9),
    BASE.replace(mr=False, h=2033),
    BASE.replace(g=-30, f="closed", gw=False, c=25),
    BASE.replace(g=-45, u=70),
    BASE.replace(g=-50, u=30, r=12, s=1000, f="closed", c=25, v=0, h=2033),
)
FEW = 3  # of them, tried first
READ_BY_NAME = (
    "giver_cash",
    "giver_borrowed",
)  # paths that are read only of companies whose building is known

# Numbers that move no result: a pattern of row ids, and why they stand in the data all the same.
SHOWN = "a reported figure that a page shows beside the model's"
RICH = "a payer so rich that it is never short and never called: its means are in the clearing but never bind"
AT_ONCE = "a loan that is repaid in one go has no profile (reported)"
TABLED = "a loan with a table of repayments of its own, which no fund holds"
ENDED = "the last quarter of a loan, or a year after it: what is left is due anyway"
LATER = "for pages to come (reported)"
STILL = {
    r"(coreweave|terawulf|cipher)\.(revenue|ebitda|operating_income|interest)_2025": SHOWN,
    r"coreweave\.operating_income_adjusted_2025": SHOWN,
    r"(coreweave|terawulf|cipher)\.equity_value": SHOWN,
    r"hyperion_meta\.first_term_rent": SHOWN,
    r"google_terawulf\.(spread_at_issue|spread_later)": SHOWN,
    r"nvidia_openai\.(cap|actual)": SHOWN + ": a letter of intent binds nobody",
    r"nvidia_coreweave_stake\.(mark|added|cost)": SHOWN + ": the model values the stake by its share",
    r"alphabet\.backstops_outside": SHOWN + ": the record's promises outside this web",
    r"(core42|ig_tenants)\.(cash|revenue_elasticity)": RICH,
    r"coreweave\.site_lease": "says who gets a part of the opex; nobody reads the landlords' books",
    r"market\.(utilisation|buildout_growth|price_decline|price_elasticity)": "default of a lever",
    r"(oracle_campus_loan|xai_vehicle_loan|hyperion_notes)\.seniority": "the only class of its borrower",
    r"pimco\.hold_hyperion_notes|apollo\.hold_xai_vehicle_loan": "all that the fund holds",
    r"pimco\.mix_\w+": "who would bear losses of a fund whose notes Meta guarantees in full",
    r"pimco\.funding_spread": "what it would pay if it borrowed; every fund has one",
    r"(terawulf|cipher)\.site_cost_per_mw": "the model uses what has been spent instead (reported)",
    r"coreweave_(revolver|notes203\w+|conv203\d)\.(first|profile)": AT_ONCE,
    r"(terawulf|cipher)_conv\d+\.(first|profile)": AT_ONCE,
    r"(alphabet|meta|microsoft|oracle|amazon|nvidia)\.capex_2025": LATER,
    r"nvidia\.revenue_2025": LATER,
}

STILL_ON = {  # on data of one date alone
    FIRST: {
        r"(alphabet|nvidia|meta|microsoft|oracle|amazon)\.cash": RICH,
        r"(microsoft|oracle|amazon)\.(operating_cash_flow|revenue_elasticity)": RICH,
    },
    "2026-06-30": {
        r"coreweave_(ddtl(21|[345])|oem_nr|magnetar)\.profile": TABLED,
        r"coreweave_ddtl1\.principal\.y(202[89]|203\d)": ENDED,
        r"coreweave_(oem_nr|magnetar)\.principal\.y(2029|203\d)": ENDED,
        r"coreweave_(ddtl(2|21|3)|oem)\.principal\.y203[1-3]": ENDED,
        r"coreweave_ddtl[45]\.principal\.y203[23]": ENDED,
        r"(coreweave\.ebitda|nvidia\.revenue)": SHOWN,
        r"cipher_conv2030\.seniority": "a convertible that falls due before its borrower can fail",
        r"oracle_notes2028\.seniority": "falls due before its borrower can fail",
        r"oracle_notes\w+\.(first|profile)": AT_ONCE,
        r"oracle_notes_long\.maturity": "falls due after the last quarter of the model",
        r"oracle\.operating_cash_flow": SHOWN + ": plans of its own business take its place",
        r"nvidia\.capex\.y\d+": "of a giver that earns so much more than it builds that it always pays out",
        r"coreweave\.mw_added\.y203[23]": "after its plan it follows its market, which asks for more",
        r"market\.bill_(floor|exponent)": "for labs of which nobody knows what they signed: here of none",
    },
}


def reason(date: str, row_id: str) -> str | None:
    """Why a row may move nothing; None if it must move something."""
    known = STILL | STILL_ON.get(date, {})
    return next((why for pattern, why in known.items() if re.fullmatch(pattern, row_id)), None)


def moved(a, b) -> bool:
    """Whether a figure changed by more than rounding."""
    return not np.allclose(a, b, rtol=1e-9, atol=1e-9, equal_nan=True)


@lru_cache(maxsize=2)
def before(date: str):
    """The run that everything is compared with, and its figures."""
    measures = Measures(run(load_web(date), columns(SCENARIOS)))
    return measures, figures(measures)


@lru_cache(maxsize=2)
def quick(date: str) -> Result:
    """The first scenarios alone: most rows already show there."""
    return run(load_web(date), columns(SCENARIOS[:FEW]))


def figures(measures: Measures) -> dict[str, np.ndarray]:
    """What a run says beyond its paths: funds, investors, guarantors, the gap."""
    out = {}
    for name, one in measures.fund_returns.items():
        for field in (*funds.BRIDGE, "moic", "dpi", "loss_rate", "loss", "nav"):
            out[f"{name}.{field}"] = getattr(one, field)
    for name, one in measures.guarantors.items():
        for field in ("called_share", "rent_without_tenant", "reported_leverage", "look_through_debt"):
            out[f"{name}.{field}"] = getattr(one, field)
        out |= {f"{name}.cash": one.cash, f"{name}.borrowed": one.borrowed}
        out |= {
            f"{name}.{way}_leverage": getattr(one, f"{way}_leverage") for way in ("agency", "look_through")
        }
        out |= {f"{name}.got.{k}": v for k, v in one.got.items()}
        out |= {f"{name}.part.{k}": v for k, v in one.parts.items()}
    out |= {f"{name}.loss": loss for name, loss in measures.investors.items()}
    out |= {f"gap.{name}": value for name, value in measures.gap.items()}
    return out


@pytest.fixture(scope="module", params=snapshots())
def web(request):
    return load_web(request.param)


# ---------------------------------------------------------------- bumping


STEPS = (1, -1, 2, -2)  # of whole things, and of 7 %


def changes(web, row_id: str) -> list[dict[str, float]]:
    """Overrides that bump one row; a share takes from, or gives to, another share of the same whole."""
    row = web.row(row_id)
    if row_id in sharing(web):
        others = [web.row(other) for other in sharing(web)[row_id]]
        return [{row_id: row.raw * 0.93, other.id: other.raw + row.raw * 0.07} for other in others]
    if row.item == "seniority" or row.unit in ("quarter", "quarters", "years", "year"):
        return [{row_id: row.raw + step} for step in STEPS]
    return [{row_id: row.raw * (1 + 0.07 * step) if row.raw else step} for step in STEPS]


@lru_cache(maxsize=4)
def sharing(web) -> dict[str, tuple[str, ...]]:
    """For each row that is a share of a whole, the other rows of the same whole."""
    wholes: dict[tuple, list[str]] = {}
    for subject, items in web.tables["funds"].items():
        for item, row in items.items():
            if item.startswith(("hold_", "mix_")):
                wholes.setdefault((subject, item.partition("_")[0]), []).append(row.id)
    for items in web.tables["offtake"].values():
        if items["book"].value in ("legacy", "new") and "share" in items:
            wholes.setdefault((items["host"].value, items["book"].value), []).append(items["share"].id)
    return {row: tuple(r for r in rows if r != row) for rows in wholes.values() for row in rows}


def moves(date: str, row_id: str) -> bool:
    """Whether this row on its own moves any figure of any scenario."""
    web = load_web(date)
    for overrides in changes(web, row_id):
        try:
            changed = load_web(date, overrides=overrides)
        except DataError:
            continue  # beyond the range of the item: the other way then
        if anything(changed):
            return True
    return False


def anything(web) -> bool:
    """Whether a run of this web differs anywhere; the cheap comparisons first."""
    assert sizes(web) == sizes(load_web(web.snapshot)), "other numbers must not compile the rules anew"
    if paths_moved(quick(web.snapshot), run(web, columns(SCENARIOS[:FEW]))):
        return True
    measures, said = before(web.snapshot)
    result = run(web, columns(SCENARIOS))
    if paths_moved(measures.result, result):
        return True
    now = figures(Measures(result))
    return any(moved(said[name], now[name]) for name in said)


def sizes(web) -> np.dtype:
    """What the rules are compiled for."""
    return tables(compile_layout(web)).web.dtype


def paths_moved(one: Result, other: Result) -> bool:
    """Whether any recorded path or date differs."""
    old, new = ({name: path for name, path in reference.arrays_of(run).items() if name not in READ_BY_NAME}
                for run in (one, other))  # fmt: skip
    return any(old[name].shape != new[name].shape or moved(old[name], new[name]) for name in old)


# ---------------------------------------------------------------- several at once


def reread(web):
    """Figures of the kept run under changed terms: for rows that nobody in the clearing looks at."""
    measures, _ = before(web.snapshot)
    kept = measures.result
    return figures(Measures(Result(compile_layout(web), kept.levers, kept.quarters, kept.ends, kept.groups)))


def together(web) -> dict[str, list[str]]:
    """Rows in piles whose effects show apart: in each pile one row of each owner at most.

    ``fund`` terms and holdings change only the accounts of their fund, ``giver`` figures only the reading of
    their company. ``tranche`` terms change the schedule of their own line while nobody fails.
    """
    out: dict[str, list[str]] = {"fund": [], "giver": [], "tranche": []}
    for fund in funds.funds(compile_layout(web)):
        items = web.tables["funds"][fund.id].items()
        out["fund"] += [
            row.id for item, row in items if not isinstance(row.value, str) and item[:4] != "mix_"
        ]
    for company in compile_layout(web).of_kind(guarantors.BIG_TECH):
        rows = web.tables["entities"][company].values()
        apart = ("cash", "operating_cash_flow", "revenue_elasticity")  # the clearing sees these
        out["giver"] += [r.id for r in rows if not isinstance(r.value, str) and r.item not in apart]
    for items in web.tables["tranches"].values():
        out["tranche"] += [
            items[i].id for i in ("balance", "rate", "first", "profile", "maturity") if i in items
        ]
    return out


def piles(rows: list[str]) -> list[list[str]]:
    """The first row of every owner, then the second, and so on."""
    by_owner: dict[str, list[str]] = {}
    for row in rows:
        by_owner.setdefault(row.partition(".")[0], []).append(row)
    longest = max(len(mine) for mine in by_owner.values())
    return [[mine[k] for mine in by_owner.values() if k < len(mine)] for k in range(longest)]


def moved_in_pile(date: str, kind: str, pile: list[str]) -> set[str]:
    """Rows of a pile whose own figures moved."""
    web = load_web(date)
    options = {row: changes(web, row) for row in pile}
    for way in (0, 1):
        overrides = {
            k: v for tried in options.values() if tried for k, v in (tried[way:] or tried)[0].items()
        }
        try:
            changed = load_web(date, overrides=overrides)
        except DataError:
            continue
        if kind == "tranche":
            calm = run(changed, columns([SCENARIOS[0]] * 2), keep=("holders",))
            if (calm.ends["failed"] < NEVER).any():
                continue  # a failure would hide schedules: the other way then
            return {row for row in pile if schedule_moved(date, calm, row.partition(".")[0])}
        _, said = before(date)
        now = reread(changed)
        own = {
            row: [name for name in said if name.partition(".")[0] == row.partition(".")[0]] for row in pile
        }
        return {row for row, names in own.items() if any(moved(said[name], now[name]) for name in names)}
    return set()


def schedule_moved(date: str, calm: Result, tranche: str) -> bool:
    """Whether what is due on a line changed in the base case."""
    measures, _ = before(date)
    k = measures.layout.tranches.ids.index(tranche)
    due = [result.array("scheduled", k)[0] for result in (measures.result, calm)]
    return moved(*due)


def dull_in_pile(date: str, task: tuple[str, list[str]]) -> list[str]:
    """Rows of a pile that did not show: to be tried alone."""
    kind, pile = task
    shown = moved_in_pile(date, kind, pile)
    return [row for row in pile if row not in shown]


def dull_alone(date: str, row: str) -> list[str]:
    """This row, if it moves nothing at all."""
    return [] if moves(date, row) else [row]


def numeric(web) -> list[str]:
    """Every number of the snapshot."""
    return [r.id for r in web.rows() if r.table != "actuals" and not isinstance(r.value, str)]


def tried_with(pool, web) -> list[str]:
    """Every number that should move something and does not."""
    grouped = together(web)
    wanted = {row for row in numeric(web) if reason(web.snapshot, row) is None}
    piled = {kind: [row for row in rows if row in wanted] for kind, rows in grouped.items()}
    rest = [row for row in numeric(web) if row in wanted and not any(row in rows for rows in piled.values())]
    tasks = [(kind, pile) for kind, rows in piled.items() for pile in piles(rows)]
    unseen = [row for rows in pool.map(partial(dull_in_pile, web.snapshot), tasks) for row in rows]
    return [
        row
        for rows in pool.map(partial(dull_alone, web.snapshot), rest + unseen, chunksize=8)
        for row in rows
    ]


def test_every_number_moves_a_result(web):
    with processes.pool(2) as pool:
        assert tried_with(pool, web) == [], (
            "move nothing and are named nowhere: use them, drop them or say why"
        )


def test_what_is_said_to_move_nothing_moves_nothing(web):
    """All of them bumped at once: an entry that has come alive must leave the list."""
    overrides: dict[str, float] = {}
    for row in numeric(web):
        if reason(web.snapshot, row) and row not in overrides:
            free = (change for change in changes(web, row) if not overrides.keys() & change.keys())
            overrides |= next(filter(partial(accepted, web.snapshot), free), {})
    assert len(overrides) > 60
    assert not anything(load_web(web.snapshot, overrides=overrides))


def test_every_reason_to_stand_still_is_that_of_a_row():
    rows = {date: numeric(load_web(date)) for date in snapshots()}
    every = [row for known in rows.values() for row in known]
    for patterns, known in ((STILL, every), *((STILL_ON[date], rows[date]) for date in STILL_ON)):
        for pattern in patterns:
            assert any(re.fullmatch(pattern, row) for row in known), f"{pattern} fits no row any more"


def accepted(date, overrides) -> bool:
    """Whether the loader takes these values."""
    try:
        return bool(load_web(date, overrides=overrides))
    except DataError:
        return False


def test_a_row_that_moves_is_seen_to_move():
    """The finder itself, on rows of which we know."""
    assert moves(FIRST, "coreweave.cash")
    assert moves(FIRST, "infra_credit.mix_wealth")
    assert not moves(FIRST, "coreweave.equity_value")
    assert moved_in_pile(FIRST, "fund", ["kkr.fee", "pimco.funding_spread", "blue_owl.size"]) == {
        "kkr.fee",
        "blue_owl.size",
    }
    assert moved_in_pile(FIRST, "tranche", ["coreweave_ddtl3.rate", "coreweave_notes2030.profile"]) == {
        "coreweave_ddtl3.rate"
    }


# ---------------------------------------------------------------- words, and numbers for pages


@lru_cache(maxsize=1)
def program() -> str:
    """Everything that could name a row: core and pages, claims and targets, tests but for this one."""
    files = [*ROOT.glob("core/*.py"), *ROOT.glob("pages/**/*.py"), *ROOT.glob("tests/**/*.py")]
    files += [ROOT / "core/data/facts.toml", *ROOT.glob("core/data/*/targets.toml")]
    return "\n".join(
        f.read_text(encoding="utf-8") for f in files if f.exists() and f.resolve() != Path(__file__)
    )


def named(row) -> bool:
    """Whether a row is asked for by its id, its item or, for a year's report, the item without its year."""
    item = re.escape(row.item.removesuffix("_2025"))
    return row.id in program() or re.search(rf"""["'.]{item}["'\]]""", program()) is not None


def test_every_word_is_read_by_name(web):
    words = {(r.table, r.item): r for r in web.rows() if isinstance(r.value, str) and r.table != "actuals"}
    assert {key for key, row in words.items() if not named(row)} == set()


def test_what_pages_are_said_to_show_is_named(web):
    shown = [web.row(row) for row in numeric(web) if (reason(web.snapshot, row) or "").startswith(SHOWN)]
    assert len(shown) > 15
    assert [row.id for row in shown if not named(row)] == []


def test_every_actual_is_in_the_back_test_or_on_the_page_of_what_came_since(web):
    measures, _ = before(web.snapshot)
    shown = {one.row.id for one in backtest.outcomes(web, measures, measures)}
    shown |= {row.id for row in backtest.since(web)}
    later = [row.id for row in web.rows() if row.table == "actuals" and row.as_of > web.snapshot]
    assert later
    assert [row for row in later if row not in shown] == []
