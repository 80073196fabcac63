"""What rows of the data are called where a person reads them: "CoreWeave · cash" instead of an id.

An id stays beside the label, since links carry it. Subjects and items have English names here; names of
companies, of debt lines and of funds stand in the data, and all are translated in `data_labels.po`.
"""

from __future__ import annotations

import re
from datetime import date

from babel import dates

from core.holdings.instruments import instrument
from core.sources import beside, history, holders, weights
from core.web.snapshot import Row, Source
from pages.kit.locale.extract import NAMED
from pages.kit.visit import cached
from pages.kit.visit.visit import language
from pages.kit.words import numbers, spans, words
from pages.kit.words.catalogue import N_, _

ITEMS = {
    "name": N_("name"),
    "kind": N_("kind"),
    "cash": N_("cash"),
    "rating": N_("credit rating"),
    "equity_value": N_("value of its shares"),
    "revenue_elasticity": N_("revenue moved by AI demand"),
    "other_cost_share": N_("cost beside computing, of revenue"),
    "operating_income": N_("operating profit"),
    "operating_income_adjusted": N_("operating profit, adjusted"),
    "operating_cash_flow": N_("operating cash flow"),
    "ebitda": N_("EBITDA"),
    "debt": N_("debt"),
    "operating_leases": N_("operating leases"),
    "finance_leases": N_("finance leases"),
    "leases_not_commenced": N_("leases not yet started"),
    "purchase_commitments": N_("firm purchases"),
    "vendor_finance": N_("vendor financing"),
    "venture_share": N_("share of the joint venture"),
    "backstops_outside": N_("data-centre guarantees in all"),
    "revenue": N_("revenue"),
    "compute_bill": N_("bill for computing"),
    "funding": N_("money from investors"),
    "mw_added": N_("capacity added"),
    "equity_raise": N_("new shares sold"),
    "active_mw": N_("active capacity"),
    "legacy_price": N_("price in old contracts"),
    "new_price": N_("price in new contracts"),
    "opex": N_("running cost"),
    "site_lease": N_("rent of sites, part of running cost"),
    "capex_per_mw": N_("cost of building"),
    "chip_share": N_("chips, part of building cost"),
    "chip_life_years": N_("life of a chip"),
    "site_life_years": N_("life of a site"),
    "contract_term": N_("length of new contracts"),
    "legacy_age": N_("age of the old fleet"),
    "legacy_end_from": N_("old contracts start to end"),
    "legacy_end_to": N_("last old contract ends"),
    "reequip_share": N_("new chips in an old hall, of building cost"),
    "debt_share": N_("borrowed part of building cost"),
    "undrawn": N_("agreed credit not yet drawn"),
    "committed_quarters": N_("building that goes on anyway"),
    "order_lead": N_("chips ordered ahead"),
    "other_contracts": N_("contracts of weaker tenants that creditors count"),
    "pledged_share": N_("part pledged to secured creditors"),
    "roll_share": N_("repayments lent again"),
    "operating_margin": N_("operating margin"),
    "overhead": N_("head-office cost"),
    "capex_left": N_("still to build"),
    "capex_quarters": N_("building time left"),
    "site_cost_per_mw": N_("cost of a site"),
    "spent": N_("built so far"),
    "asset_cost": N_("cost of what it owns"),
    "first_exit": N_("tenant can leave from"),
    "first_term_rent": N_("rent of the first term"),
    "host": N_("supplier"),
    "tenant": N_("tenant"),
    "book": N_("kind of contract"),
    "markup": N_("income as a share of rent"),
    "mw": N_("capacity let"),
    "ramp": N_("delivery spread over"),
    "rent": N_("rent"),
    "rent_total": N_("rent of the whole"),
    "offtake.share": N_("share"),
    "start": N_("starts in"),
    "term": N_("term"),
    "label": N_("name"),
    "balance": N_("balance"),
    "borrower": N_("borrower"),
    "first": N_("first repayment"),
    "maturity": N_("last repayment"),
    "profile": N_("quarters of the repayment table"),
    "rate": N_("rate or spread"),
    "rate_type": N_("kind of rate"),
    "security": N_("security"),
    "seniority": N_("place in the queue"),
    "actual": N_("what came of it"),
    "added": N_("bought since"),
    "cap": N_("limit"),
    "cost": N_("cost"),
    "from": N_("can be called from"),
    "giver": N_("guarantor"),
    "mark": N_("value"),
    "notes": N_("debt that leans on it"),
    "on": N_("promised for"),
    "price_share": N_("price it pays, of the price at the start"),
    "promises.share": N_("share of the company"),
    "spread_at_issue": N_("advantage at issue"),
    "spread_later": N_("advantage later"),
    "until": N_("runs to"),
    "value_share": N_("what the site fetches, of cost"),
    "amount": N_("amount"),
    "carry": N_("manager's share of profit"),
    "fee": N_("manager's fee"),
    "funding_spread": N_("spread on what it borrows"),
    "hurdle": N_("hurdle"),
    "leverage": N_("borrowed, against own money"),
    "life_years": N_("length"),
    "last_purchase": N_("last year in which funds buy them"),
    "size": N_("size"),
    "yield": N_("yield"),
    "demand_growth": N_("growth of AI demand"),
    "base_rate": N_("short-term rate (SOFR)"),
    "utilisation": N_("capacity in use at the start"),
    "buildout_growth": N_("growth of capacity"),
    "price_decline": N_("yearly price fall of an ageing chip"),
    "price_elasticity": N_("reaction of prices to idle capacity"),
    "u_ref": N_("capacity in use at which prices stand still"),
    "u_cap": N_("highest capacity in use"),
    "u_floor": N_("lowest capacity in use"),
    "build_floor": N_("capacity in use at which nobody orders"),
    "build_cap": N_("most that orders reach, of plan"),
    "build_lag": N_("delay of building"),
    "pipeline": N_("building time of what is under way"),
    "contract_exponent": N_("how far contracts follow spot prices"),
    "relet_share": N_("rent after re-letting"),
    "reequip_floor": N_("capacity in use below which nobody re-equips"),
    "reequip_range": N_("width of the step to full re-equipping"),
    "funding_floor": N_("capacity in use at which lab funding stops"),
    "funding_range": N_("width of the step to full lab funding"),
    "funding_cap": N_("most that lab funding reaches, of plan"),
    "bill_floor": N_("lowest bill for computing, of demand"),
    "bill_exponent": N_("how far labs cut as demand falls"),
    "intermediary_tau_cap": N_("tightness from which an intermediary earns no more"),
    "intermediary_exponent": N_("how far resale prices follow spot prices"),
    "walk_away": N_("year from whose start it would stop paying"),
    "intermediary_own_cost": N_("own cost of an intermediary, of rent"),
    "termination": N_("time until a contract is ended"),
    "chip_life": N_("life of a chip"),
    "site_life": N_("life of a site"),
    "cover_floor": N_("interest coverage below which nobody lends"),
    "cover_range": N_("width of the step of coverage to full access"),
    "strict_floor": N_("the same in a strict market"),
    "strict_range": N_("width of that step in a strict market"),
    "access.u_floor": N_("capacity in use below which lenders refuse"),
    "u_range": N_("width of the step in use to no refusal"),
    "spread_limit": N_("shift of spreads that shuts the market"),
    "spread_range": N_("width of the step before it"),
    "level_share": N_("repaid in level payments"),
    "cash_target": N_("cash it keeps, of opening cash"),
    "ebit_share": N_("EBIT cover, of EBITDA cover"),
    "alpha": N_("own means that survive a failure"),
    "beta": N_("incoming payments that survive a failure"),
    "quarters": N_("paid out over"),
    "multiple": N_("price of a running business, of EBITDA"),
    "recovery.cost": N_("cost of enforcement"),
    "recovery.other_contracts": N_("contracts of weaker tenants, counted for"),
    "site_share": N_("value that a site keeps"),
    "leased_site_share": N_("value kept in rented halls"),
    "discount": N_("discount rate"),
    "tau_exponent": N_("how far resale values follow spot prices"),
    "access": N_("access that counts as cut off"),
    "cover": N_("interest coverage that counts as too low"),
    "runway": N_("runway that counts as too short"),
    "service": N_("cover of interest and principal that counts as too low"),
    "stretched_spread": N_("wider yield of a stretched borrower"),
    "distressed_spread": N_("wider yield of a distressed borrower"),
    "cover_from": N_("interest coverage from"),
    "spread": N_("default spread"),
    "lease_rate": N_("discount rate"),
    "lease_years": N_("length of leases"),
    "lease_delay": N_("leases start after"),
    "lease_within_year": N_("leases that start within a year"),
    "guarantee_weight": N_("guarantees counted as debt"),
    "gap.last_year": N_("last year that the study counts"),
    "need": N_("capital spending"),
    "own_cash": N_("own cash flow"),
    "range": N_("width of the step below the hurdle"),
    "need_exponent": N_("how far spending follows demand"),
    "own_cash_exponent": N_("how far own cash follows demand"),
    "gap.share": N_("money from outside"),
    "gap.spread": N_("yield above the base rate"),
    "gap.hurdle": N_("least yield above the base rate"),
    "loss_share": N_("expected loss, of the fund's"),
    "rate_aversion": N_("rise in rates not passed on"),
    "interest": N_("interest"),
    "operating_profit": N_("operating profit"),
    "capex": N_("capital spending"),
    "principal": N_("principal due"),
    "cds_5y": N_("insurance against failure, five years (CDS)"),
    "net_income": N_("net result"),
    "revenue_group": N_("revenue of the whole group"),
    "ebitda_group": N_("EBITDA of the whole group"),
    "cash_free": N_("cash that is not blocked"),
    "cash_burn": N_("cash burn"),
    "debt_book": N_("debt as booked"),
    "signed_share": N_("signed part of what it buys"),
    "contract_margin": N_("what it keeps of fees"),
    "value_multiple": N_("what creditors could realise, of a year's EBITDA"),
    "covenant_cover": N_("interest coverage that lenders ask for"),
    "covenant_range": N_("width of the step to a full breach"),
    "covenant_access": N_("access to credit lost in a full breach"),
    "covenant_spread": N_("dearer credit in a full breach"),
    "collateral_cover": N_("interest coverage below which collateral is asked for"),
    "collateral_call": N_("collateral that is then asked for"),
    "depreciation": N_("wear of what it had at the start"),
    "core_ebitda": N_("EBITDA of its own business"),
    "payout": N_("dividends"),
    "sign_share": N_("part of what it builds unsold that finds a tenant"),
    "follows_from": N_("builds with its market from"),
    "follow_share": N_("part of the world's growth that it keeps up with"),
    "u_sold": N_("capacity in use from which all that is offered is sold"),
    "renegotiate_below": N_("means below which contracts are cut"),
    "haircut_most": N_("most that is cut"),
    "buffer": N_("cash below which they borrow, of that at the start"),
    "contracted_mw": N_("megawatts under contract"),
    "compute_share": N_("computing, of revenue"),
    "amazon_contract": N_("contract with Amazon"),
    "backlog": N_("backlog"),
    "backstop_in_force": N_("guarantee at TeraWulf in force"),
    "backstopped_power": N_("capacity behind its guarantees"),
    "backstops_article": N_("guarantees in the article"),
    "backstops_booked": N_("guarantees on the books"),
    "backstops_booked_2026_06": N_("guarantees on the books, June 2026"),
    "backstops_share": N_("the article's guarantees, of all"),
    "bankruptcy": N_("year of bankruptcy"),
    "blue_owl_ownership": N_("share of Blue Owl"),
    "boom_year": N_("year of the boom"),
    "broadcom_loan": N_("loan of Broadcom"),
    "capacity": N_("capacity"),
    "ccc_spread": N_("spread of bonds rated CCC"),
    "cloud_commitments": N_("cloud capacity it must rent"),
    "commitments": N_("all commitments"),
    "commitments_later": N_("lease commitments, a later count"),
    "contracted_power": N_("capacity under contract"),
    "coreweave_2023": N_("paid for CoreWeave in 2023"),
    "data_centres": N_("data centres"),
    "data_centres_article": N_("data centres in the article"),
    "ddtl1_effective_rate": N_("effective rate of delayed-draw loan 1.0"),
    "default_rate_fitch": N_("default rate, counted by Fitch"),
    "default_rate_proskauer": N_("default rate, counted by Proskauer"),
    "delivery_slip": N_("delay of halls for Fluidstack"),
    "digital_fund_iii": N_("Digital Infrastructure Fund III"),
    "ipi_assets": N_("assets of IPI Partners"),
    "digital_trust": N_("fund for private wealth"),
    "el_paso_notes": N_("notes for the campus in El Paso"),
    "first_customer": N_("largest customer, of revenue"),
    "fluidstack_contract": N_("lease to Fluidstack"),
    "fluidstack_contract_later": N_("lease to Fluidstack, made anew"),
    "google_backstop_article": N_("Google's guarantee in the article"),
    "h100_rent": N_("rent of an H100"),
    "h100_used_price": N_("price of a used H100"),
    "hy_spread": N_("spread of junk bonds"),
    "ig_spread": N_("spread of sound bonds"),
    "junk_bond_article": N_("junk bond in the article"),
    "leases_not_commenced_later": N_("leases not yet started, a later count"),
    "limited_since": N_("held back since"),
    "lit_share": N_("fibre in use"),
    "loan_price": N_("price of the loan"),
    "loss_2024": N_("loss of 2024"),
    "loss_2025": N_("loss of 2025"),
    "megafunds": N_("large funds in the article"),
    "meta_contract": N_("contract with Meta"),
    "meta_contract_later": N_("contracts with Meta, the second one too"),
    "meta_oracle_financing": N_("sites financed for Meta and Oracle"),
    "non_marketable_equity": N_("equity stakes that are not traded"),
    "notes_2030_price": N_("price of the 9.25 % notes 2030"),
    "notes_2030_yield": N_("yield of the 9.25 % notes 2030"),
    "notes_2031_price": N_("price of the 9.75 % notes 2031"),
    "notes_2031_yield": N_("yield of the 9.75 % notes 2031"),
    "notes_price": N_("price of the notes"),
    "notes_rating": N_("rating of the secured notes"),
    "notes_share": N_("notes, of all money"),
    "notes_spread": N_("spread of the notes"),
    "notes_yield": N_("yield of the notes"),
    "nvidia_share": N_("share of Nvidia"),
    "nvidia_share_later": N_("share of Nvidia, later"),
    "ohio_guarantee": N_("guarantee for a site in Ohio"),
    "openai_contract": N_("contract with OpenAI"),
    "openai_paid": N_("paid for its stake in OpenAI"),
    "openai_letter": N_("letter of intent to OpenAI"),
    "opportunistic_target": N_("target of an opportunistic fund"),
    "outside_need": N_("outside money needed"),
    "own_cash_article": N_("own cash flow in the article"),
    "policy_rate": N_("rate of the Federal Reserve"),
    "promises_for_others": N_("promises for others"),
    "redemption_cap": N_("bought back in a quarter at most"),
    "requests_credit_income": N_("asked to redeem, Credit Income fund"),
    "requests_technology_income": N_("asked to redeem, Technology Income fund"),
    "return_article": N_("return in the article"),
    "return_public": N_("return of a public peer"),
    "series_a": N_("paid in by its owners"),
    "share_price": N_("share price"),
    "sofr": N_("overnight rate (SOFR)"),
    "top_rate_article": N_("highest rate in the article"),
    "total_capital_raised": N_("all money raised"),
    "treasury_10y": N_("ten-year Treasury yield"),
    "treasury_30y": N_("thirty-year Treasury yield"),
    "vendor_finance_share": N_("vendor financing, of revenue"),
    "vendor_finance_share_announced": N_("announced vendor financing, of revenue"),
    "vendor_finance_share_firm": N_("firm vendor financing, of revenue"),
    "weighted_rate": N_("average coupon of its debt"),
    "year": N_("year of its record bond"),
    "anthropic_contract": N_("contract with Anthropic"),
    "billed_mw": N_("capacity that pays rent"),
    "bonds": N_("bonds"),
    "build_cost": N_("cost of building it"),
    "built_mw": N_("capacity built"),
    "capex_guidance": N_("capital spending it plans"),
    "chip_loans": N_("debt against chips"),
    "convertible": N_("convertible"),
    "delivered_mw": N_("capacity handed over"),
    "financing": N_("money for it"),
    "first_hall": N_("first hall"),
    "lenders": N_("who lends"),
    "microsoft_contract": N_("contract with Microsoft"),
    "nvidia_contract": N_("contract with Nvidia"),
    "nvidia_option": N_("shares that Nvidia may buy"),
    "nvidia_warrants": N_("shares that Nvidia has paid for"),
    "power_target": N_("capacity it wants under contract"),
    "price": N_("price of the bonds"),
    "shares_sold": N_("shares sold in its last round"),
}

SUBJECTS = {
    "coreweave_legacy_microsoft": N_("CoreWeave's old contracts with Microsoft"),
    "coreweave_legacy_ig": N_("CoreWeave's old contracts with others"),
    "coreweave_legacy_openai": N_("CoreWeave's old contracts with OpenAI"),
    "coreweave_legacy_meta": N_("CoreWeave's old contracts with Meta"),
    "coreweave_new_anthropic": N_("CoreWeave's new contracts with Anthropic"),
    "cipher_stingray": N_("Cipher's lease to Amazon at Stingray"),
    "coreweave_new_meta": N_("CoreWeave's new contracts with Meta"),
    "coreweave_new_openai": N_("CoreWeave's new contracts with OpenAI"),
    "coreweave_new_ig": N_("CoreWeave's new contracts with others"),
    "coreweave_new_microsoft": N_("CoreWeave's new contracts with Microsoft"),
    "terawulf_fluidstack": N_("TeraWulf's lease to Fluidstack"),
    "terawulf_core42": N_("TeraWulf's lease to Core42"),
    "cipher_fluidstack": N_("Cipher's lease to Fluidstack"),
    "cipher_amazon": N_("Cipher's lease to Amazon"),
    "oracle_campus_oracle": N_("Lease of the campuses to Oracle"),
    "xai_vehicle_xai": N_("Lease of chips to xAI"),
    "hyperion_meta": N_("Lease of Hyperion to Meta"),
    "oracle_openai": N_("Oracle's contract with OpenAI"),
    "fluidstack_anthropic": N_("Fluidstack's contract with Anthropic"),
    "google_terawulf": N_("Google's guarantee at TeraWulf"),
    "google_cipher": N_("Google's guarantee at Cipher"),
    "nvidia_coreweave": N_("Nvidia's order for CoreWeave's idle capacity"),
    "meta_hyperion": N_("Meta's residual value guarantee for Hyperion"),
    "nvidia_openai": N_("Nvidia's letter of intent to OpenAI"),
    "alphabet_terawulf_warrant": N_("Google's warrant on TeraWulf"),
    "alphabet_cipher_warrant": N_("Google's warrant on Cipher"),
    "nvidia_coreweave_stake": N_("Nvidia's stake in CoreWeave"),
    "nvidia_openai_stake": N_("Nvidia's stake in OpenAI"),
    "nvidia_xai_stake": N_("Nvidia's stake in xAI"),
    "nvidia_intel_stake": N_("Nvidia's stake in Intel"),
    "nvidia_anthropic_stake": N_("Nvidia's stake in Anthropic"),
    "new_loans": N_("New loans to neoclouds"),
    "hyperion_equity": N_("Equity of Hyperion"),
    "ig_leases": N_("Leases to sound tenants"),
    "market": N_("Market"),
    "access": N_("Access to credit"),
    "debt": N_("New borrowing"),
    "clearing": N_("Settlement of a quarter"),
    "recovery": N_("After a failure"),
    "status": N_("Warning lines"),
    "lookthrough": N_("Look-through debt"),
    "labs": N_("AI labs"),
    "givers": N_("Rich companies"),
    "gap": N_("Funding gap"),
    "gap_private_credit": N_("Funding gap, private credit"),
    "gap_corporate": N_("Funding gap, corporate bonds"),
    "gap_abs_cmbs": N_("Funding gap, securitised loans"),
    "gap_other": N_("Funding gap, other sources"),
    "big_tech": N_("Big Tech"),
    "banks": N_("Banks"),
    "rates": N_("Interest rates"),
    "gpu": N_("Graphics processors"),
    "jupiter": N_("Jupiter, Oracle's campus"),
    "meridian": N_("Meridian, Fluidstack's own site"),
    "digital_drive": N_("Digital Drive, a site let to CoreWeave"),
    "credit": N_("Corporate bonds"),
    "private_credit": N_("Private credit"),
    "lucent": N_("Lucent"),
    "nortel": N_("Nortel"),
    "fibre": N_("Glass fibre of the dot-com years"),
    "history": N_("The past"),
    "macro": N_("The whole build-out"),
    "rjr_nabisco": N_("RJR Nabisco"),
    "chatgpt": N_("ChatGPT"),
    "ig_tenants": N_("Other sound tenants"),
}

CODES = {
    "lab": N_("AI lab"),
    "tenant": N_("tenant"),
    "neocloud": N_("neocloud"),
    "vehicle": N_("special vehicle"),
    "bigtech": N_("Big Tech"),
    "fund": N_("fund"),
    "investor": N_("investor"),
    "sink": N_("outside this web"),
    "compute": N_("computing power"),
    "landlord": N_("landlord"),
    "instrument": N_("holding of funds"),
    "amortising": N_("repaid in instalments"),
    "bullet": N_("repaid at the end"),
    "balloon": N_("instalments and a large last payment"),
    "level": N_("level payments"),
    "convertible": N_("convertible into shares"),
    "fixed": N_("fixed"),
    "floating": N_("floating"),
    "legacy": N_("old contracts"),
    "new": N_("new contracts"),
    "lease": N_("lease"),
    "share_of_bill": N_("share of a bill"),
    "markup": N_("resale with a markup"),
    "lease_backstop": N_("rent guarantee"),
    "capacity_backstop": N_("order for idle capacity"),
    "residual_value": N_("residual value guarantee"),
    "letter_of_intent": N_("letter of intent"),
    "warrant": N_("warrant"),
    "stake": N_("stake"),
}

OVER_TIME = ("plans", "repayments", "actuals")  # tables of figures of a year or a quarter
OF_A_YEAR = re.compile(r"(.+)_(\d{4})")  # what was reported for a year
RESALE = re.compile(r"resale_year_(\d)")
GRADE = re.compile(r"rating_([a-d]+)(_minus|_plus)?")


def row(one: Row) -> str:
    """Return what a row is called: its subject and its item."""
    if one.table in OVER_TIME:
        who, _dot, what = one.subject.partition(".")
        when = spans.year(one.item[1:]) if one.item.startswith("y") else numbers.period(one.item)
        return f"{subject(who)} · {_(ITEMS[what])}, {when}"
    if one.table == "quotes":
        return f"{subject(one.subject)} · {item(one)}, {numbers.day(one.as_of)}"
    if one.table == weights.TABLE:
        return f"{security(one.subject)} · {item(one)}, {numbers.day(one.as_of)}"
    return f"{subject(one.subject)} · {item(one)}"


def what(one: Row) -> str:
    """Return what a figure of a period or a quote of a day is of, without whose and when."""
    return _(ITEMS[one.subject.partition(".")[2]]) if one.table == "actuals" else item(one)


def subject(ident: str) -> str:
    """Return what the subject of a row is called."""
    grade = GRADE.fullmatch(ident)
    if grade:
        sign = {None: "", "_minus": "−", "_plus": "+"}[grade[2]]
        return _("Rating {grade}").format(grade=grade[1].upper() + sign)
    if ident in SUBJECTS:
        return _(SUBJECTS[ident])
    if ident in beside.others():
        return _(beside.others()[ident].name)
    if ident in holders.names():
        return _(holders.names()[ident])
    tranches = cached.snapshot().tables["tranches"]
    return _(str(tranches[ident]["label"].raw)) if ident in tranches else words.name(ident)


def security(ident: str) -> str:
    """Return what something that can be owned is called; all names of the web together have no name."""
    if ident == weights.WEB:
        return _("all names of this web")
    return _(instrument(ident).name)


def item(one: Row) -> str:
    """Return what a row says of its subject."""
    if one.table == weights.TABLE:
        return _("holds: {what}").format(what=security(one.item))
    if one.table == holders.TABLE:
        return _("holds: {what}").format(what=subject(one.item))
    if one.table == history.TABLE:
        return _(history.figures()[one.id].name)
    family = one.subject.partition("_")[0]
    for key in (f"{family}.{one.item}", f"{one.table}.{one.item}", one.item):
        if key in ITEMS:
            return _(ITEMS[key])
    kind, _underscore, whose = one.item.partition("_")
    if year := OF_A_YEAR.fullmatch(one.item):
        return f"{_(ITEMS[year[1]])} {year[2]}"
    if kind == "hold":
        return _("{what}, share of the holdings").format(what=subject(whose))
    if kind == "mix":
        return _("{who}, share of the money").format(who=subject(whose))
    resale = RESALE.fullmatch(one.item)
    if resale is None:
        raise ValueError(f"{one.id}: no words for this item")
    age = numbers.so_many_years(resale[1])
    return _("resale value of a chip after {years}").format(years=age)


def word(one: Row) -> str:
    """Return the value of a row that is a word: a text of the data, a kind, or somebody it names."""
    raw = str(one.raw)
    if one.item in NAMED or one.unit == "rating" or one.table == beside.TABLE:
        return _(raw)
    return _(CODES[raw]) if one.item in ("kind", "book", "rate_type") else subject(raw)


def note(one: Row) -> str:
    """Return the note of a row; gettext would answer an empty text with the head of its catalogue."""
    return _(one.note) if one.note else ""


def source(one: Source) -> str:
    """Return the title of a source: our own description of it; names of series stay as published."""
    return _(one.title)


def linked(one: Source) -> str:
    """Return the title of a source as markdown: a link where its address is on record."""
    return f"[{source(one)}]({one.url})" if one.url else source(one)


def publisher(one: Source) -> str:
    """Return who published a source."""
    return _(one.publisher)


def dated(one: Source) -> str:
    """Return the date of a source as exactly as it is known: a day, a month or a year."""
    if len(one.date) == len("2026-01-31"):
        return numbers.day(one.date)
    if "-" not in one.date:
        return one.date
    return dates.format_date(date.fromisoformat(f"{one.date}-01"), format="MMMM y", locale=language())
