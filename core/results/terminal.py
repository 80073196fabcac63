"""What a terminal shows: a reading as text, and how far something long is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence

LINES = 4  # that tell how far it is where each stays, as in a log


def table(reading: dict) -> str:
    """A reading as text for a terminal: scenario, companies, funds, guarantors, what broke.

    Parameters
    ----------
    reading : dict
        As `core.results.reading.read` gives it.
    """
    quarters, last = reading["quarters"], reading["last_quarter"]

    def _when(quarter: int | None) -> str:
        """A quarter's name."""
        return "-" if quarter is None else quarters[quarter]

    def _number(value: float | None, scale: float = 1.0, unit: str = "") -> str:
        """A number with two decimals and its unit."""
        return "-" if value is None else f"{value * scale:.2f}{unit}"

    lines = [f"model {reading['model']}, data {reading['snapshot']}, {reading['link']}", ""]
    lines += [f"! {text}" for text in reading["messages"]]
    lines.append(
        f"{'company':<16}{'status':<24}{'fails':<9}{'first breach':<24}"
        f"{'EBITDA/interest':>16}{'debt, USD bn':>14}"
    )
    for c in reading["companies"]:
        breach = c["first_breach"]
        first = f"{_when(breach['quarter'])} {breach['measure']}" if breach else "-"
        status = f"{c['status']} ({c['supported_by']})" if c["supported_by"] else c["status"]
        cover, debt = _number(c["interest_coverage"][last], 1, "x"), _number(c["debt"][last])
        lines.append(
            f"{c['id']:<16}{status:<24}{_when(c['failed_quarter']):<9}{first:<24}{cover:>16}{debt:>14}"
        )
    lines += ["", f"flows and losses from {quarters[0]} to {quarters[last]}"]
    lines += ["", f"{'fund':<16}{'gross IRR':>10}{'net IRR':>10}{'MOIC':>8}{'loss rate':>11}"]
    for f in reading["funds"]:
        rates = f"{_number(f['gross_irr'], 100, ' %'):>10}{_number(f['net_irr'], 100, ' %'):>10}"
        lines.append(
            f"{f['id']:<16}{rates}{_number(f['moic'], 1, 'x'):>8}{_number(f['loss_rate'], 100, ' %'):>11}"
        )
    lines += [
        "",
        f"{'guarantor':<16}{'promised':>10}{'called':>10}{'debt/EBITDA':>13}"
        f"{'agency style':>14}{'look-through':>14}",
    ]
    for g in reading["guarantors"]:
        called = sum(g["called"][: last + 1])
        lines.append(
            f"{g['id']:<16}{_number(g['promised']):>10}{_number(called):>10}"
            f"{_number(g['reported_leverage'], 1, 'x'):>13}{_number(g['agency_leverage'], 1, 'x'):>14}"
            f"{_number(g['look_through_leverage'], 1, 'x'):>14}"
        )
    lines += ["", "what happened"]
    for e in reading["chain"]:
        source = f" (through {e['from']})" if e["from"] else ""
        lines.append(
            f"{_when(e['quarter'])}  round {e['round']}  {e['entity']:<14}{e['cause']}{source}"
            f"  {e['amount']:.3f}"
        )
    return "\n".join(lines)


def progress(done: int, of: int) -> None:
    """Say on standard error how far the compiling is: on one line of a terminal, else a line now and then.

    Parameters
    ----------
    done, of : int
        Rules compiled, of how many; equal at the end.
    """
    text = "the model is compiled" if done == of else f"compiling the model: {done} of {of} rules"
    if sys.stderr.isatty():
        print(f"\r{text:<50}", end="\n" if done == of else "", file=sys.stderr, flush=True)
    elif done == 1 or done * LINES // of > (done - 1) * LINES // of:
        print(text, file=sys.stderr, flush=True)


def usage(commands: Iterable[Callable[[Sequence[str]], object]]) -> str:
    """How commands are called, a line each: what their docstrings say first.

    Parameters
    ----------
    commands : iterable of callable
        Functions of commands.
    """
    told = ((command.__doc__ or "").partition("\n")[0].replace("``", "") for command in commands)
    return "\n".join(f"python -m core {line}" for line in told)
