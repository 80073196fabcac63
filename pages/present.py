"""Present: a talk in a few steps, each a sentence, a chart and a line to say."""

from pages.kit.frame.frame import require_frame

require_frame()

from pages.kit.frame import frame  # noqa: E402
from pages.kit.parts import claims, present, present_deck, present_room, present_speaker  # noqa: E402

talk = present.talk()
if talk:
    present_speaker.tell(talk)
    present.step(talk)
else:
    present_room.follow(frame.named("present"))
    frame.title(frame.named("present"))
    present.start()
    present_deck.making()
    claims.table("present")
present_room.dialog()
