"""A snapshot as arrays: who is a node, which due stands in which row, what falls due when.

`layout` has the types, `schedules` the sums that need no web, `compile` makes the one of the other.
"""
