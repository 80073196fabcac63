"""Textbook finance that knows no company: clearing of payments, loans, rates of return, a fund's waterfall.

Everything here can be checked with a pencil or against a published example.
"""
