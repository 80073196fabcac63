"""The model of one quarter after another, as scalar rules for one scenario that numba compiles.

Read `engine` first: it is the order of a quarter. What rules are handed has one name everywhere: ``web`` (or
its part ``p``: parameters), the numbers of the snapshot; ``lever``, the levers of the scenario in model
units; ``path``, market and terms by quarter; ``s``, the state that one quarter hands to the next; ``due``,
what is owed and at hand in the quarter; ``done``, who paid what; ``view``, what lenders see ahead; ``q``, the
quarter; ``k``, a borrower; ``f``, a fleet. `tables` says what each of these records holds, in USD bn and
decimals a year unless a rule says otherwise.
"""
