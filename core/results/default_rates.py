"""The default rate of the web by year, counted as that of bonds is: debt that fails over debt owed."""

from __future__ import annotations

from core.results.measures import Measures


def default_rates(measures: Measures, i: int = 0) -> dict[int, float]:
    """Debt of the companies that fail in a year over the debt of all that are alive at its start, by year.

    Debt of a company that fails is that of the quarter before. In the first year, debt at the end of the
    first quarter stands for debt at the start. All years of the run count, those after the horizon too.

    Parameters
    ----------
    measures : Measures
        Of a run with all record groups.
    i : int
        Which scenario of the batch.

    Examples
    --------
    >>> from core.model.engine import run
    >>> from core.scenario.levers import Scenario
    >>> from core.web.web import load_web
    >>> web = load_web()
    >>> set(default_rates(Measures(run(web, Scenario.default(web)))).values())
    {0.0}
    """
    layout, result = measures.layout, measures.result
    borrowers = [layout.nodes[b] for b in layout.borrowers]
    debts = {who: measures.company(who, "debt")[i] for who in borrowers}
    failed = {who: int(result.failed_quarter(who)[i]) for who in borrowers}
    rates, start = {}, 0
    for year, end in zip(layout.web.calendar.years, layout.web.calendar.year_ends, strict=True):
        before = max(start - 1, 0)
        owed = sum(float(debts[who][before]) for who in borrowers if failed[who] >= start)
        gone = [who for who in borrowers if start <= failed[who] <= end]
        lost = sum(float(debts[who][max(failed[who] - 1, 0)]) for who in gone)
        rates[year] = lost / owed if owed else 0.0
        start = end + 1
    return rates
