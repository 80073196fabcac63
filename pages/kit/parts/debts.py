"""What debt lines and other holdings are called, and which figures about them are assumed."""

from __future__ import annotations

from collections.abc import Mapping

from core.web.snapshot import Row
from pages.kit.parts import provenance
from pages.kit.visit import cached
from pages.kit.words import words
from pages.kit.words.catalogue import N_, _

# Short names without the borrower's: a page about one company has said it already.
LINES = {
    "coreweave_ddtl1": N_("Delayed-draw loan 1.0"),
    "coreweave_ddtl2": N_("Delayed-draw loan 2.0"),
    "coreweave_ddtl21": N_("Delayed-draw loan 2.1"),
    "coreweave_ddtl3": N_("Delayed-draw loan 3.0"),
    "coreweave_ddtl4": N_("Delayed-draw loan 4.0"),
    "coreweave_ddtl5": N_("Delayed-draw loan 5.0"),
    "coreweave_revolver": N_("Revolving credit"),
    "coreweave_oem": N_("Loans from suppliers"),
    "coreweave_oem_nr": N_("Loans from suppliers, without recourse"),
    "coreweave_magnetar": N_("Magnetar loan"),
    "coreweave_notes2030": N_("Notes of 9.25 %, 2030"),
    "coreweave_notes2031": N_("Notes of 9.00 %, 2031"),
    "coreweave_notes2031b": N_("Notes of 9.75 %, 2031"),
    "coreweave_notes2032": N_("Notes of 9.625 %, 2032"),
    "coreweave_notes2032eur": N_("Notes of 8.50 % in euro, 2032"),
    "coreweave_conv2031": N_("Convertible 2031"),
    "coreweave_conv2032": N_("Convertible 2032"),
    "terawulf_notes2030": N_("Notes of 7.75 %, 2030"),
    "terawulf_conv2030": N_("Convertible 2030"),
    "terawulf_conv2031": N_("Convertible 2031"),
    "terawulf_conv2032": N_("Convertible 2032"),
    "cipher_notes2030": N_("Notes of 7.125 %, 2030"),
    "cipher_blackpearl2031": N_("Notes of 6.125 %, 2031"),
    "cipher_stingray2031": N_("Notes of 6.00 %, 2031"),
    "cipher_conv2030": N_("Convertible 2030"),
    "cipher_conv2031": N_("Convertible 2031"),
    "hyperion_notes": N_("Notes of 6.581 %, 2049"),
    "oracle_campus_loan": N_("Loans for Oracle's campuses"),
    "oracle_notes2028": N_("Notes due to 2028"),
    "oracle_notes2031": N_("Notes due 2029 to 2031"),
    "oracle_notes_long": N_("Notes due after 2031"),
    "xai_vehicle_loan": N_("Loan to xAI's chip vehicle"),
    "new_loans": N_("New loans to neoclouds"),
    "hyperion_equity": N_("Equity of Hyperion"),
    "ig_leases": N_("Leases to sound tenants"),
}
CLASSES = {
    "loan": N_("loans in instalments"),
    "note": N_("notes due at the end"),
    "convertible": N_("convertibles"),
    "new": N_("new borrowing"),
}


def line(ident: str) -> str:
    """Return what a debt line is called on the page of its borrower; new borrowing has one name for all."""
    tranches = cached.snapshot().tables["tranches"]
    if ident in LINES:
        return _(LINES[ident])
    return _(str(tranches[ident]["label"].raw)) if ident in tranches else _("New borrowing")


def balances(borrower: str) -> list[Row]:
    """Return the data on what a borrower owes on each line at the start."""
    tranches = cached.snapshot().tables["tranches"]
    return [items["balance"] for items in tranches.values() if items["borrower"].value == borrower]


def split(borrower: str) -> dict[str, Mapping[str, Row]]:
    """Return the loans of a borrower whose repayments by year stand in an assumed table of their own."""
    tables = cached.snapshot().tables["repayments"]
    found = {row.subject: tables.get(f"{row.subject}.principal", {}) for row in balances(borrower)}
    return {
        loan: years
        for loan, years in found.items()
        if any(row.basis == "assumption" for row in years.values())
    }


def holding(ident: str) -> str:
    """Return what a fund's holding is called, with its borrower."""
    tranches = cached.snapshot().tables["tranches"]
    name = line(ident)
    borrower = str(tranches[ident]["borrower"].value) if ident in tranches else ""
    return (
        f"{words.name(borrower)}: {name}"
        if borrower in ("coreweave", "terawulf", "cipher", "hyperion")
        else name
    )


def assumed(row: str) -> str:
    """Return a badge for a figure that is an assumption or from memory, and nothing for a reported one."""
    basis = cached.snapshot().row(row).basis
    return f" {provenance.badge(basis)}" if basis in ("assumption", "recalled") else ""
