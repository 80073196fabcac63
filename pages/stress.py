"""Stress: how far is trouble in each direction, which combinations bring it, and how likely is that?"""

from pages.kit.frame.frame import require_frame

require_frame()

from pages.kit.frame import view  # noqa: E402
from pages.kit.parts import claims, stress, stress_chances  # noqa: E402
from pages.kit.visit import visit  # noqa: E402
from pages.kit.words import glossary  # noqa: E402
from pages.kit.words.catalogue import _  # noqa: E402

parts = {
    "breaks": (_("Breaking points"), stress.break_points),
    "plane": (_("Two levers at once"), stress.two_levers),
    "tornado": (_("What matters most"), stress.tornado),
    "chance": (_("How likely"), stress_chances.monte_carlo),
    "reverse": (_("The nearest break"), stress.reverse),
}
chosen = view.pick("tab", label=_("Stress"), name=lambda part: parts[part][0])
parts[chosen][1](visit.scenario())
glossary.explain("interest_coverage", "utilisation", "sofr", "spread", "backstop", "neocloud", "ebitda")
claims.table("stress")
