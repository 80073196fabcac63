"""Questions that take many runs: what if a lever moved, where does something break, what drove a figure.

Each module asks one question of the same engine: sweeps, strips and break-points (`explore`), both levers at
once (`frontier`), what moved a figure (`attribution`), how likely (`monte_carlo`,
`distributions`), how far the base case is from what was reported (`targets`, `backtest`), how much rests on
assumptions (`assumptions`). `batches` runs many scenarios for all of them; in `turns` long runs of one
process wait for one another.
"""
