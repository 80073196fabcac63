"""The rules, one quarter after another. Start reading at `engine`: it is the order of a quarter.

The market moves (`market`, `terms`), dues are added up (`dues`, `operations`, `borrowing`, `promises`), the
web is cleared once (`core.finance.networks`), the books are closed (`books`, `recovery`), and what happened
is kept and checked (`record`, `result`). Formulas: docs/model.md.
"""
