"""How a number is written, in the reader's language, with the digits it deserves.

A value that is not defined (`None` or nan) is an en dash, followed by the reason where the caller knows one.
"""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache

from babel import dates, lists
from babel import numbers as babel_numbers

from pages.kit.visit.visit import language
from pages.kit.words.catalogue import _, ngettext

NBSP = "\u00a0"


def missing(value: float | None) -> bool:
    """Tell whether a value is not defined."""
    return value is None or math.isnan(value)


def decimal(value: float | None, digits: int = 1, why: str = "") -> str:
    """Write a plain number with a fixed count of decimals; minus is a real minus sign."""
    if missing(value):
        return f"–{NBSP}({why})" if why else "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return _decimal(round(value, digits) + 0.0, digits, language())  # no "-0.0"


@lru_cache(maxsize=20_000)  # the same few figures again and again: 50 µs each, a third of a page's time
def _decimal(rounded: float, digits: int, locale: str) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return babel_numbers.format_decimal(rounded, format=pattern, locale=locale).replace("-", "−")


def amount(value: float | None, digits: int | None = None) -> str:
    """Write USD bn without its unit: three figures that count, one decimal at most below a hundred."""
    if missing(value):
        return "–"
    return decimal(value, digits if digits is not None else (1 if abs(value) < 99.95 else 0))


def money(value: float | None, why: str = "") -> str:
    """Write USD bn with its unit, in millions below 0.1 and in trillions from 1,000."""
    if missing(value):
        return decimal(value, why=why)
    size = abs(value)
    if size < 5e-7:
        return _("USD 0").replace(" ", NBSP)
    if size >= 999.5:
        text = _("USD {amount} tn").format(amount=decimal(value / 1000, 1))
    elif size < 0.0995:
        text = _("USD {amount} m").format(amount=decimal(value * 1000, 0))
    else:
        text = _("USD {amount} bn").format(amount=amount(value))
    return text.replace(" ", NBSP)


def currency(value: float | None, code: str) -> str:
    """Write an amount of somebody's own money without decimals, in its currency: "€3,100"."""
    if missing(value) or not code:
        return decimal(value, 0)
    pattern = "¤#,##0;−¤#,##0" if language() == "en" else "¤ #,##0;−¤ #,##0"
    text = babel_numbers.format_currency(value, code, pattern, locale=language(), currency_digits=False)
    return text.replace(" ", NBSP)


def about(value: float) -> float:
    """Round an amount to the two figures that one says aloud.

    >>> about(7397.0), about(85.2), about(0.0)
    (7400.0, 85.0, 0.0)
    """
    return float(f"{value:.2g}")


def percent(value: float | None, digits: int = 1, why: str = "") -> str:
    """Write a decimal fraction in per cent."""
    return decimal(value, why=why) if missing(value) else f"{decimal(value * 100, digits)}{NBSP}%"


def turns(value: float | None, digits: int = 1, why: str = "") -> str:
    """Write a multiple, such as debt over EBITDA."""
    return decimal(value, why=why) if missing(value) else f"{decimal(value, digits)}x"


def basis_points(value: float | None, why: str = "") -> str:
    """Write a decimal fraction in basis points."""
    return (
        decimal(value, why=why) if missing(value) else _("{amount} bp").format(amount=decimal(value * 1e4, 0))
    )


def so_many_quarters(amount: str) -> str:
    """Write a number, already in words or signs, as that many quarters."""
    return ngettext("{amount} quarter", "{amount} quarters", _form(amount)).format(amount=amount)


def so_many_years(amount: str) -> str:
    """Write a number, already in words or signs, as that many years."""
    return ngettext("{amount} year", "{amount} years", _form(amount)).format(amount=amount)


def _form(amount: str) -> int:
    """Return a number that takes the same form of a word; only a one that is written as such is one."""
    return 1 if amount in {"1", "+1", "−1"} else 2


def quarter(name: str | None) -> str:
    """Write a quarter such as "2029Q3" for a label."""
    if name is None:
        return "–"
    return _("{year} Q{number}").format(year=name[:4], number=name[-1]).replace(" ", NBSP)


def period(name: str) -> str:
    """Write a quarter, a half ("2026H2") or a year for a label."""
    if "H" in name:
        return _("{year} H{number}").format(year=name[:4], number=name[-1]).replace(" ", NBSP)
    return quarter(name) if "Q" in name else name


def quarter_in_words(name: str) -> str:
    """Write a quarter such as "2029Q3" for a sentence."""
    ordinal = (_("first quarter"), _("second quarter"), _("third quarter"), _("fourth quarter"))[
        int(name[-1]) - 1
    ]
    return _("{ordinal} of {year}").format(ordinal=ordinal, year=name[:4])


def day(iso: str) -> str:
    """Write an ISO date in words."""
    return dates.format_date(date.fromisoformat(iso), format="long", locale=language())


def lever_value(value: object, unit: str) -> str:
    """Write the value of a lever in its public unit, exact as the link carries it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if not isinstance(value, (int, float)):
        return str(value)
    if unit == "year":
        return f"{value:g}"
    number = babel_numbers.format_decimal(value, format="#,##0.##########", locale=language()).replace(
        "-", "−"
    )
    return number + {"%": f"{NBSP}%", "%/year": f"{NBSP}%", "bp": f"{NBSP}bp"}.get(unit, "")


def typed(value: float) -> str:
    """Write a number as a field holds it: no thousands, the reader's sign for decimals, a real minus."""
    text = babel_numbers.format_decimal(value, format="0.##########", locale=language())
    return text.replace("-", "−")


def either(text: str) -> tuple[str, str]:
    """Return both numbers that something like 1.000 may mean, as `typed` writes them."""
    digits = "".join(sign for sign in text if sign.isdigit())
    sign = "−" if text[:1] in "-−" else ""
    return sign + typed(int(digits) / 1000), sign + digits


def listing(names: list[str]) -> str:
    """Write names as a list in words: "a, b and c"."""
    style = "standard"
    text = lists.format_list(names, style=style, locale=language())
    return text.replace(", and ", " and ")


def exact(value: float) -> str:
    """Write a number with all the digits it has, up to four decimals."""
    if math.isinf(value):
        return decimal(value)
    return babel_numbers.format_decimal(value, format="#,##0.####", locale=language()).replace("-", "−")
