"""One run, read: what companies, funds, guarantors and investors end up with, and the words for it.

A module takes a finished run (`core.model.result.Result`) and says what it means for somebody: `borrowers`,
`funds` (books kept by `fund_tables`), `investors`, `guarantors`, `exposure`, `deals`, `gap`. `measures` knows
every figure by name, `reading` is a whole scenario as data, `narrative` and `picture` tell it, `comparison`
and `headline_then` set two side by side.
"""
