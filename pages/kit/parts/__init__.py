"""What pages are made of: a module for each page, by its name, and what several pages share.

Shared are `tables`, `looks` (at a company or fund), `provenance` (where a figure comes from) with `origins`,
`claims`, `debts`, `report` and `spreadsheet`. A part reads the core, words and draws; it knows no other page.
"""
