"""Stress: how far is trouble in each direction, which combinations bring it, and how likely is that?"""

from pages.kit.frame import require_frame

require_frame()

from pages.kit import claims, glossary, state, stress_parts, view  # noqa: E402
from pages.kit.catalogue import _  # noqa: E402

scenario = state.scenario()
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
    "breaks": stress_parts.break_points,
    "plane": stress_parts.two_levers,
    "tornado": stress_parts.tornado,
    "chance": stress_parts.monte_carlo,
    "reverse": stress_parts.reverse,
}
for name, box in boxes.items():
    if box.open:
        with box:
            parts[name](scenario)
glossary.explain("interest_coverage", "utilisation", "sofr", "spread", "backstop", "neocloud", "ebitda")
claims.table("stress")
