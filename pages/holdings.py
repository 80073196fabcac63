"""My holdings: which of somebody's positions hang on this web, and what happens to them in this scenario."""

from pages.kit.frame.frame import require_frame

require_frame()

from pages.kit.frame import frame  # noqa: E402
from pages.kit.parts import claims, holdings  # noqa: E402
from pages.kit.words import glossary  # noqa: E402

holdings.take()
frame.title(frame.named("holdings"), holdings.sentence())
holdings.entry()
if holdings.are_known():
    holdings.questions()
    holdings.picture()
    holdings.rows()
    holdings.pension()
    holdings.foot()

glossary.explain("neocloud", "backstop", "private_credit", "look_through_debt")
claims.table("holdings")
