"""What the page Present says: its keys, its buttons."""

from __future__ import annotations

from pages.kit.words import spans
from pages.kit.words.catalogue import _

EACH = (10, 20, 30, 60, 120)  # seconds of a step that goes on by itself


def story(count: int) -> str:
    """Return what the story of the article is called."""
    return _("The story in {count} steps").format(count=spans.count(count))


def keys() -> list[tuple[str, str]]:
    """List the keys, and what each does."""
    return [
        ("→ · Space · N · Page Down", _("next step")),
        ("← · Shift + Space · P · Page Up", _("step back")),
        ("Home · End", _("first step, last step")),
        ("1 2 3 … + Enter · G", _("go to this step")),
        ("O", _("all steps")),
        ("F", _("full screen")),
        ("B · .", _("black screen")),
        ("T", _("timer, and steps that go on by themselves")),
        ("Q", _("large QR code of this step")),
        ("S", _("speaker's view, in a window of its own")),
        ("R", _("a room for your audience, and what to ask it")),
        ("V · H", _("open or close a vote, show or hide its result")),
        ("?", _("these keys")),
        ("Esc", _("close what is open, else leave the talk")),
    ]


def said(count: int) -> dict[str, object]:
    """Return the words of the component."""
    return {
        "previous": _("Step back"),
        "next": _("Next step"),
        "of": [_("{number} of {count}").format(number=i, count=count) for i in range(1, count + 1)],
        "overview": _("All steps"),
        "screen": _("Full screen"),
        "code": _("QR code"),
        "timer": _("Timer"),
        "help": _("Keys"),
        "room": _("A room for your audience"),
        "vote": _("Vote of the room"),
        "blocked": _("Your browser did not allow a new window: allow it for this page, then press S again."),
        "leave": _("Leave the talk"),
        "close": _("Close"),
        "black": _("The screen is black. Any key brings the step back."),
        "each": _("Go on by itself"),
        "seconds": [
            [0, _("never")],
            *([each, _("every {count} seconds").format(count=each)] for each in EACH),
        ],
        "still": _("Your system asks for less motion, so nothing goes on by itself."),
        "again": _("Start the timer anew"),
        "scan": _("This step, on your own screen:"),
        "follow": _("Follow and answer on your own phone:"),
        "too_long": _("The link of this step is too long for a QR code."),
        "going": _("Step {number}: Enter goes there"),
        "notes": _("Notes:"),
        "levers": _("Levers:"),
        "keys": keys(),
    }
