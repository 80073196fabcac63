"""Rooms in which an audience follows a presenter and answers before the model: their state, no page.

One process holds its rooms; sessions publish from their threads, the front door serves whoever listens.
Nothing is written down: a room ends with its presenter, after a few hours, or with the process.
"""
