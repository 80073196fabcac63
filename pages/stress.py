"""Stress: how far is trouble in each direction, which combinations bring it, and how likely is that?"""

from pages.kit.frame.frame import require_frame

require_frame()

from pages.kit.frame import view  # noqa: E402
from pages.kit.parts import claims, stress, stress_chances  # noqa: E402
from pages.kit.visit import visit  # noqa: E402
from pages.kit.words import glossary  # noqa: E402
from pages.kit.words.catalogue import _  # noqa: E402

scenario = visit.scenario()
boxes = view.tabs(
    "tab",
    {
        "breaks": _("Breaking points"),
        "plane": _("Two levers at once"),
        "tornado": _("What matters most"),
        "chance": _("How likely"),
        "reverse": _("The nearest break"),
    },
)
parts = {
    "breaks": stress.break_points,
    "plane": stress.two_levers,
    "tornado": stress.tornado,
    "chance": stress_chances.monte_carlo,
    "reverse": stress.reverse,
}
for name, box in boxes.items():
    if box.open:
        with box:
            parts[name](scenario)
glossary.explain("interest_coverage", "utilisation", "sofr", "spread", "backstop", "neocloud", "ebitda")
claims.table("stress")
