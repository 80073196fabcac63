"""One visitor's session: the scenario with its history, what was computed for it, what waits to be drawn."""
