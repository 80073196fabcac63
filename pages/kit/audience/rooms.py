"""The rooms of this process: who listens, what is shown, what is asked and answered, and when it is over.

Texts for the audience are given in every language, `{"en": …, "nl": …}`; each listener hears one. What
goes out is state, not history: a listener that falls behind is given the newest.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from hmac import compare_digest
from statistics import median
from typing import NamedTuple

from pages.kit.audience.limits import Allowance
from pages.kit.audience.listener import Listener, message
from pages.kit.audience.shown import Question, Refused, Shown, in_language, spoken

NODE = "BACKSTOP_NODE"  # the name of this process among several; its first letter begins every code
# Letters of codes: none that reads like another or like a digit, and after the first no vowel, so no word.
LETTERS = "BCDFGHJKMNPQRSTVWXYZ"
FIRST = "ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 5  # letters of a code, the process's own included
LIFE = 4 * 3600.0  # s after which a room ends
IDLE = 900.0  # s without a listener or a move, after which a room makes way for a new one
MOST_ROOMS, MOST_LISTENERS, MOST_LISTENING, MOST_SPEAKERS = 60, 1500, 3000, 8  # the third: of all rooms
MOST_VOTERS = 3 * MOST_LISTENERS  # browsers that may come into a room in its life
ENDED_KNOWN = 500  # codes of rooms that have ended, of which nothing else is known
A_VOTER, A_SECOND = 5, 2.0  # answers of one browser at once, and in a second
OF_AN_ADDRESS, THEN = 600, 150.0  # the same of one address, behind which a whole hall may sit
GUESSES, AGAIN = 30, 1.0  # wrong codes of one address
COMERS, THEN_COME = 1500, 20.0  # browsers new to a room, of one address


class Full(RuntimeError):
    """There are too many: rooms of this process, or listeners of a room."""


class Count(NamedTuple):
    """How many listen, and how many have answered the question."""

    listeners: int
    votes: int


class Room:
    """One audience and its presenter, who holds the driver token; made by `Rooms.open`."""

    def __init__(self, code: str, language: str, public: bool, house: Rooms) -> None:
        self.code, self.language, self.public = code, language, public
        self.driver = secrets.token_urlsafe(24)
        self.is_over = False
        self._house, self._clock = house, house.clock
        self._lock = threading.RLock()
        self._born = self._touched = self._clock()
        self._listeners: set[Listener] = set()
        self._voters: set[str] = set()
        self._often = Allowance(A_VOTER, A_SECOND, self._clock, MOST_VOTERS)
        self._version = self._number = 0  # of states, and of questions
        self._shown: Shown | None = None
        self._staged: Mapping = {}
        self._question: Question | None = None
        self._is_open, self._until = False, 0.0
        self._votes: dict[str, float | str] = {}
        self._result: Mapping | None = None
        self._told: Count | None = None

    # ---- what the presenter does

    def is_driver(self, token: str) -> bool:
        """Tell whether this is the presenter's token; one who comes back with it goes on."""
        return compare_digest(self.driver.encode(), token.encode("utf-8", "replace"))

    def admit(self) -> None:
        """Let an audience into a room that only the speaker view listened to."""
        with self._lock:
            self.public = True
            self._tell()

    def publish(self, shown: Shown) -> None:
        """Show this to everybody, and first of all to whoever comes later; the same again is not told."""
        with self._lock:
            self._touched = self._clock()
            if not self.is_over and shown != self._shown:
                self._shown = shown
                self._tell()

    def stage(self, staged: Mapping) -> None:
        """Show this in the speaker view, and nowhere else; the same again is not told.

        Parameters
        ----------
        staged : mapping
            JSON in the presenter's language, texts plain and as they are to be read:
            ``{"title": str, "step": int, "steps": [step, …]}``, the first step being 1, where a step is
            ``{"title": str, "headline": str, "say": str, "notes": str, "query": str, "does": rows}``: title,
            headline, line to say, notes, and the query of its picture. `rows` say what the move to it does:
            ``[{"name": str, "now": str, "then": str, "alarm": bool, "first": bool}]``; equal `now` and `then`
            read as "stays", `alarm` is written in the colour of failure, `first` opens a group with a little
            space. All steps are told at once, so that a speaker's window turns to any of them by itself.
        """
        with self._lock:
            if not self.is_over and staged != self._staged:
                self._staged = staged
                self._tell(to_audience=False)

    def ask(self, question: Question) -> None:
        """Open a vote; answers and result of the one before are dropped."""
        with self._lock:
            if not self.is_over:
                self._question, self._number = question, self._number + 1
                self._votes, self._result = {}, None
                self.reopen_vote()

    def close_vote(self) -> None:
        """Take no more answers; those given stay."""
        with self._lock:
            self._is_open = False
            self._tell()

    def reopen_vote(self) -> None:
        """Take answers again, for as long as at first; those given stay, and a result goes."""
        with self._lock:
            if self._question:
                self._result = None
                self._is_open, self._until = True, self._clock() + self._question.seconds
                self._tell()

    def reveal(self, result: Mapping) -> None:
        """Close the vote and show the result; the answers (`spread`) are added to it.

        Parameters
        ----------
        result : mapping
            JSON; a text is a string or one by language. All parts may be missing.
            Of a number: ``{"says": text, "rest": text, "median": number, "today": number, "breaks":
            [{"name": text, "at": number, "fails": "below" or "above"}], "band": [[from, to, colour]]}``, the
            break that matters first; low, high, unit and step are those of the question unless given.
            Of a choice: ``{"says": text, "rest": text, "model": option}``.
        """
        with self._lock:
            if self._question is None:
                return
            self._is_open, self._result = False, {"answers": self.spread(), **result}
            self._tell()

    def hide(self) -> None:
        """Take the result from the screens; the vote stays closed."""
        with self._lock:
            self._result = None
            self._tell()

    def withdraw(self) -> None:
        """Take question, answers and result away."""
        with self._lock:
            self._question, self._result, self._is_open, self._votes = None, None, False, {}
            self._tell()

    def end(self) -> None:
        """End the room for everybody; nothing of it is kept."""
        with self._lock:
            if self.is_over:
                return
            self.is_over = True
            for listener in self._listeners:
                listener.put(message("over", 0, {}), last=True)
            self._listeners.clear()
            self._votes.clear()
            self._voters.clear()
            self._shown = self._question = self._result = None
            self._staged = {}
        self._house.forget(self)

    # ---- what is known of the answers

    @property
    def shown(self) -> Shown | None:
        """What was published last."""
        return self._shown

    @property
    def question(self) -> Question | None:
        """What is asked, or was asked last."""
        return self._question

    @property
    def is_voting(self) -> bool:
        """Tell whether answers count just now."""
        return self._is_open and self._clock() < self._until

    @property
    def is_revealed(self) -> bool:
        """Tell whether the result is shown."""
        return self._result is not None

    @property
    def seconds_left(self) -> float:
        """How long the vote is still open, s."""
        return max(0.0, self._until - self._clock()) if self._is_open else 0.0

    def votes(self) -> Mapping[str, float | str]:
        """Return the answer of each browser, by its mark."""
        with self._lock:
            return dict(self._votes)

    def count(self) -> Count:
        """Return how many listen and how many have answered; speaker views do not count."""
        with self._lock:
            return Count(sum(not one.is_speaker for one in self._listeners), len(self._votes))

    def spread(self) -> list[tuple[float | str, int]]:
        """Return each answer with how many gave it: numbers from low to high, options in their order."""
        with self._lock:
            counted = Counter(self._votes.values())
            if self._question and self._question.kind == "choice":
                return [(option, counted[option]) for option in self._question.options]
            return sorted(counted.items())

    def median(self) -> float | None:
        """Return the middle of the numbers that were answered, on a stop of the slider; None without any."""
        with self._lock:
            if self._question is None or self._question.kind != "number" or not self._votes:
                return None
            return self._question.on_step(median(self._votes.values()))

    # ---- what the audience does

    def welcome(self, voter: str) -> None:
        """Let a browser in that holds this mark; `Full` when too many have come."""
        with self._lock:
            if voter not in self._voters and len(self._voters) >= MOST_VOTERS:
                raise Full
            self._voters.add(voter)

    def knows(self, voter: str) -> bool:
        """Tell whether a browser with this mark was let in."""
        return voter in self._voters

    def vote(self, voter: str, number: object, value: object) -> float | str:
        """Count the answer of a browser to a question by its number, in place of an earlier one; gives it."""
        with self._lock:
            if not self.knows(voter):
                raise Refused("stranger")
            if not self._often.takes(voter):
                raise Refused("often")
            if self._question is None or number != self._number or isinstance(number, bool):
                raise Refused("other")
            if not self.is_voting:
                raise Refused("closed")
            self._votes[voter] = self._question.read(value)
            return self._votes[voter]

    def listen(self, listener: Listener, voter: str = "") -> None:
        """Let one listen from now on, the present state first; `Full` when too many do."""
        with self._lock:
            if not self.has_place(listener):
                raise Full
            self._listeners.add(listener)
            self._touched = self._clock()
            first = self._state(listener.language, listener.is_speaker) | {"mine": self._votes.get(voter)}
            listener.put(message("state", self._version, first))

    def has_place(self, listener: Listener) -> bool:
        """Tell whether one more of this kind may listen."""
        with self._lock:
            alike = sum(one.is_speaker == listener.is_speaker for one in self._listeners)
            most = MOST_SPEAKERS if listener.is_speaker else MOST_LISTENERS
            return not self.is_over and alike < most and self._house.has_place()

    def leave(self, listener: Listener) -> None:
        """Forget one who is gone."""
        with self._lock:
            self._listeners.discard(listener)

    def hang_up(self) -> None:
        """End every stream; the room stays."""
        with self._lock:
            for listener in self._listeners:
                listener.put(b"", last=True)
            self._listeners.clear()

    @property
    def listening(self) -> int:
        """How many streams are open, speaker views included."""
        return len(self._listeners)

    def tick(self) -> None:
        """Do what time asks for: close a vote, tell how many there are, end the room; twice a second."""
        with self._lock:
            now = self._clock()
            if now - self._born >= LIFE:
                self.end()
                return
            if self._is_open and now >= self._until:
                self.close_vote()
            elif self._told != self.count():
                self._tell_count()

    def is_idle(self) -> bool:
        """Tell whether nobody has listened and nothing has moved for a while."""
        return not self._listeners and self._clock() - self._touched >= IDLE

    def is_old(self) -> bool:
        """Tell whether its hours are over."""
        return self._clock() - self._born >= LIFE

    # ---- what goes out

    def _tell(self, *, to_audience: bool = True) -> None:
        self._touched, self._version, self._told = self._clock(), self._version + 1, self.count()
        self._send("state", lambda *who: self._state(*who), to_audience)

    def _tell_count(self) -> None:
        self._told = self.count()
        self._send("count", lambda *_who: self._told._asdict(), self._question is not None)

    def _send(self, event: str, made: Callable[[str, bool], Mapping], to_audience: bool) -> None:
        written: dict[tuple[str, bool], bytes] = {}
        post = []
        for listener in self._listeners:
            if to_audience or listener.is_speaker:
                who = listener.language, listener.is_speaker
                if who not in written:
                    written[who] = message(event, self._version, made(*who))
                post.append((listener, written[who]))
        self._house.courier(lambda: [listener.put(one) for listener, one in post])

    def _state(self, language: str, is_speaker: bool) -> dict:
        state: dict = {
            "n": self._version,
            "shown": None,
            "vote": None,
            "result": None,
            **self.count()._asdict(),
        }
        if one := self._shown:
            query = in_language(one.query, language)
            state["shown"] = {
                "path": one.path,
                "query": query,
                "step": one.step,
                "of": one.of,
                "line": one.line,
                "title": one.title,
                "headline": one.headline,
            }
        if asked := self._question:
            given = {
                name: getattr(asked, name)
                for name in (
                    "kind",
                    "words",
                    "low",
                    "high",
                    "step",
                    "start",
                    "unit",
                    "per",
                    "note",
                    "seconds",
                )
            }
            given |= {"options": [{"id": key, "name": name} for key, name in asked.options.items()]}
            state["vote"] = given | {"n": self._number, "open": self.is_voting, "left": self.seconds_left}
            state["result"] = self._result
        if is_speaker:
            state |= {"staged": self._staged, "public": self.public}
        return spoken(state, language)


class Rooms:
    """The rooms of one process.

    Parameters
    ----------
    letter : str
        With which every code begins: it names the process among several.
    clock : callable
        Seconds, which never go back.
    most : int
        Rooms at a time.
    """

    def __init__(
        self, letter: str = "A", clock: Callable[[], float] = time.monotonic, most: int = MOST_ROOMS
    ) -> None:
        self.letter = letter.upper() if letter and letter.upper() in FIRST else FIRST[0]
        self.clock, self._most = clock, most
        self.is_served = False  # a front door leads to them
        self.courier: Callable[[Callable[[], object]], object] = lambda put: (
            put()
        )  # who carries what goes out
        self.answers = Allowance(OF_AN_ADDRESS, THEN, clock)
        self.guesses = Allowance(GUESSES, AGAIN, clock)
        self.comers = Allowance(COMERS, THEN_COME, clock)
        self._lock = threading.Lock()
        self._rooms: dict[str, Room] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()

    def open(self, language: str, public: bool = True) -> Room:
        """Open a room with a code of its own; `Full` when there are too many that are in use."""
        self._make_way()
        with self._lock:
            if len(self._rooms) >= self._most:
                raise Full
            taken = {*self._rooms, *self._ended, ""}
            code = ""
            while code in taken:
                code = self.letter + "".join(secrets.choice(LETTERS) for _place in range(LENGTH - 1))
            self._rooms[code] = Room(code, language, public, self)
            return self._rooms[code]

    def find(self, code: str) -> Room | None:
        """Return the room of a code, in capitals or not, with blanks around it or not."""
        room = self._rooms.get(code.strip().upper()) if len(code) <= 20 else None
        if room and room.is_old():
            room.end()
            return None
        return room

    def driven(self, code: str, driver: str) -> Room | None:
        """Return the room of a code for the presenter who holds its token."""
        room = self.find(code)
        return room if room and room.is_driver(driver) else None

    def has_ended(self, code: str) -> bool:
        """Tell whether there was such a room in this process, of late."""
        return code.strip().upper() in self._ended

    def forget(self, room: Room) -> None:
        """Take a room that is over out of the list; its code is known for a while."""
        with self._lock:
            if self._rooms.pop(room.code, None):
                self._ended[room.code] = None
                while len(self._ended) > ENDED_KNOWN:
                    self._ended.popitem(last=False)

    def has_place(self) -> bool:
        """Tell whether one more may listen, anywhere."""
        return self.listening() < MOST_LISTENING

    def listening(self) -> int:
        """Return how many streams are open."""
        return sum(room.listening for room in list(self._rooms.values()))

    def hang_up(self) -> None:
        """End every stream, and no room: the process is told to stop."""
        for room in list(self._rooms.values()):
            room.hang_up()

    def tick(self) -> None:
        """Do what time asks for, in every room."""
        for room in list(self._rooms.values()):
            room.tick()

    def _make_way(self) -> None:
        for room in list(self._rooms.values()):
            if room.is_old() or (len(self._rooms) >= self._most and room.is_idle()):
                room.end()


ROOMS = Rooms(os.environ.get(NODE, "")[:1])
