"""Textbook finance that knows no company: clearing of payments, loans, rates of return, a fund's waterfall.

Everything here can be checked with a pencil or against a published example. What the model also uses is a
rule, on plain numbers and compiled: `clearing`, `loans`, `rates`, `tiers`. What is asked from outside takes
arrays, refuses what makes no sense and calls the rule: `networks`, `debt`, `returns`, `waterfall`.
"""
