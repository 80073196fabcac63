"""Quick sequences of what a hand does, drawn by a seed, and what the page has to be when they are over.

`python -m tests.browser.sequences [count] [first seed]` plays many of them.

- A move of a lever asks for the value that its thumb, or its field, shows when the move is over. The thumb
  may stand where an action that is on its way (a story, Undo, a typed value) has not moved it yet, and moves
  on from there.
- Actions are taken in the order in which they were made, all of them. Only moves of one slider that come
  while the server is busy may become one step of Undo.
- A click on a button that cannot be clicked, as the page does not know yet that there is a step to undo,
  asks for nothing; nor does one beside a button that has just moved away, nor a story that the box shows
  already.
"""

from __future__ import annotations

import logging
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.scenario import link
from core.scenario.levers import Scenario, lever
from core.scenario.presets import preset, presets
from pages.kit.visit.visit import HISTORY, Step
from pages.kit.words import words
from tests.apptest import headline
from tests.browser.hand import LEVERS, SHOWN, answer, drawn, field, newcomer, query_of, stands, thumb, track
from tests.browser.server import DESKTOP, ROOT, browser, next_frame, serve, settle, watch

PAGES = {"overview": "Overview", "neoclouds": "Neoclouds", "deals": "Deals"}
LATEST = 150  # ms from one action to the next
SHORTEST, LONGEST = 3, 6  # actions
DRAG_STEPS = 5
TYPED = {"g": (-40, 90, 0.5), "r": (0, 12, 0.25), "u": (40, 96, 1)}
KINDS = {"key": 5, "drag": 2, "type": 2, "preset": 2, "undo": 2, "redo": 1, "page": 2}
PATIENCE = 2.5  # s after which a chart that is wrong stays wrong: a lever may be ahead of the server for less

# What a hand did as the page took it: where thumbs stood before and after, and which buttons were clicked.
NOTES = """() => {
  const notes = (window.notes = []);
  // the browser would wait without end for the drop of a text or a link, where the panel has moved away
  addEventListener('dragstart', event => event.preventDefault(), true);
  const hostOf = node => node.closest?.('[class*="st-key-lever_"]');
  const idOf = box => box.className.match(/st-key-lever_(\\w+)/)[1];
  const thumbOf = box => box.querySelector('[data-testid*="Isolated"]').shadowRoot.querySelector('.thumb');
  const valueOf = box => Number(thumbOf(box).getAttribute('aria-valuenow'));
  const after = (note, box) => setTimeout(() => (note.after = valueOf(box)));
  const listen = (kind, act) =>
    addEventListener(kind, event => act(event.target, event.composedPath()[0]), true);
  let held;
  listen('keydown', (target, inside) => {
    const box = inside.matches?.('.thumb') && hostOf(target);
    if (!box) return;
    const note = { lever: idOf(box), before: valueOf(box) };
    notes.push(note);
    after(note, box);
  });
  let stood;
  listen('pointerdown', (target, inside) => {
    held = inside.closest?.('.track') && hostOf(target);
    stood = held && valueOf(held);
  });
  listen('pointerup', () => {
    if (!held) return;
    const note = { lever: idOf(held), before: stood };
    notes.push(note);
    after(note, held);
    held = undefined;
  });
  const buttonOf = target => {
    const button = target.closest?.('.backstop-steps button');
    return button && { button, name: button.className };
  };
  listen('pointerdown', target => {
    const { button, name } = buttonOf(target) ?? {};
    if (button && !button.disabled) notes.push({ pressed: name });
  });
  listen('click', target => {
    const { name } = buttonOf(target) ?? {};
    if (name) notes.push({ clicked: name });
  });
}"""


@dataclass(frozen=True)
class Action:
    """One thing that a hand does, so many ms after the one before."""

    kind: str
    what: str = ""
    value: str = ""
    wait: int = 0

    def __str__(self) -> str:
        """Write it as a failure tells it."""
        return f"+{self.wait} ms {' '.join(word for word in (self.kind, self.what, self.value) if word)}"


def sequence(seed: int, count: int = 0) -> tuple[str, list[Action]]:
    """Draw the page on which it begins, and the actions: so many, or a few."""
    dice = random.Random(seed)
    kinds = dice.choices(list(KINDS), list(KINDS.values()), k=count or dice.randint(SHORTEST, LONGEST))
    return dice.choice(list(PAGES)), [_action(kind, dice) for kind in kinds]


def _action(kind: str, dice: random.Random) -> Action:
    wait, word = dice.randint(0, LATEST), dice.choice(list(TYPED))
    if kind == "key":
        return Action(kind, word, dice.choice(("ArrowLeft", "ArrowRight", "PageUp", "PageDown")), wait)
    if kind in ("drag", "type"):
        low, high, step = TYPED[word]
        return Action(kind, word, f"{low + step * dice.randrange(round((high - low) / step)):g}", wait)
    if kind == "preset":
        return Action(kind, dice.choice([one.id for one in presets()]), wait=wait)
    return Action(kind, dice.choice(list(PAGES)) if kind == "page" else "", wait=wait)


@dataclass(frozen=True)
class Visit:
    """A visit as it may stand: where it is, what Undo and Redo go to, nearest last; without a server."""

    step: Step
    past: tuple[Step, ...] = ()
    future: tuple[Step, ...] = ()

    def go(self, new: Step) -> Visit:
        """Move on."""
        return self if new == self.step else Visit(new, (*self.past, self.step)[-HISTORY:])

    def move(self, word: str, value: float) -> Visit:
        """Set a lever."""
        touched = tuple(dict.fromkeys((*self.step.touched, word)))
        return self.go(Step(self.step.scenario.replace(**{word: value}), touched))

    def take(self, story: str) -> Visit:
        """Set all levers but the horizon, which no action here moves."""
        wanted = preset(story).scenario
        return self.go(Step(wanted, wanted.differs_from(Scenario.default())))

    def undo(self) -> Visit:
        """Go back a step, if there is one."""
        return Visit(self.past[-1], self.past[:-1], (*self.future, self.step)) if self.past else self

    def redo(self) -> Visit:
        """Go forward a step, if there is one."""
        return Visit(self.future[-1], (*self.past, self.step), self.future[:-1]) if self.future else self


class Hand:
    """Plays actions on a page, and knows what the visit may be by then."""

    def __init__(self, page, path: str) -> None:
        self.page, self.path = page, path
        here = opened(page)
        self.may_be = {Visit(Step(here.scenario, here.touched))}
        self.burst: tuple[str, set[Visit]] = ("", set())  # the slider that moved last, and the visits before
        self.last = page.evaluate("performance.now()")
        page.evaluate(NOTES)

    def play(self, actions: Sequence[Action]) -> None:
        """Do what they say, each at its time by the clock of the page, whatever the server is at."""
        for action in actions:
            self.page.wait_for_function("until => performance.now() >= until", arg=self.last + action.wait)
            getattr(self, f"_{action.kind}")(action)
            self.last = self.page.evaluate("performance.now()")

    def _all(self, act) -> None:
        self.may_be, self.burst = {act(visit) for visit in self.may_be}, ("", set())

    def _notes(self) -> list[dict]:
        self.page.wait_for_function("() => notes.every(note => !note.lever || note.after !== undefined)")
        return self.page.evaluate("notes.splice(0)")

    def _slid(self, word: str, value: float) -> None:
        before = self.may_be
        starts = before | self.burst[1] if self.burst[0] == word else before
        self.may_be = {visit.move(word, value) for visit in starts}
        self.burst = (word, starts)

    def _key(self, action: Action) -> None:
        thumb(self.page, LEVERS[action.what]).focus()
        self.page.keyboard.press(action.value)
        notes = self._notes()
        assert [note["lever"] for note in notes] == [action.what], f"{action} went to {notes}"
        (note,) = notes
        up, moved = action.value in ("ArrowRight", "PageUp"), note["after"] - note["before"]
        end = lever(action.what).high if up else lever(action.what).low
        assert moved * (1 if up else -1) > 0 or note["before"] == end, f"{action} moved {moved}"
        if self.burst[0] == action.what:
            known = {visit.step.scenario[action.what] for visit in self.may_be}
            apart = min(abs(value - note["before"]) for value in known)
            assert apart <= lever(action.what).step / 2, f"{action} began at {note['before']}, not {known}"
        if moved:
            self._slid(action.what, note["after"])

    def _drag(self, action: Action) -> None:
        begin, end, y = track(self.page, action.what, float(action.value))
        self.page.mouse.move(begin, y)
        self.page.mouse.down()
        for part in range(1, DRAG_STEPS + 1):
            self.page.mouse.move(begin + (end - begin) * part / DRAG_STEPS, y)
            next_frame(self.page)
        self.page.mouse.up()
        for note in self._notes():  # none when the panel moved away under the hand
            if note["after"] != note["before"]:
                self._slid(note["lever"], note["after"])

    def _type(self, action: Action) -> None:
        box, value = field(self.page, LEVERS[action.what]), action.value
        if box.input_value() == value.replace("-", "−"):
            return
        box.fill(value)
        while box.input_value() != value:  # it was told another value meanwhile: who sees it types anew
            box.fill(value)
        box.press("Enter")
        self._all(lambda visit: visit.move(action.what, float(value)))

    def _preset(self, action: Action) -> None:
        title = preset(action.what).title["en"]
        box = self.page.locator(".st-key-preset").get_by_role("combobox")
        if box.input_value() == title:
            return
        box.click()
        self.page.get_by_role("option", name=title, exact=True).click()
        self._all(lambda visit: visit.take(action.what))

    def _undo(self, action: Action) -> None:
        box = self.page.locator(f".st-key-history .{action.kind}").bounding_box()
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        notes = self._notes()
        pressed, clicked = ([one[how] for one in notes if how in one] for how in ("pressed", "clicked"))
        assert pressed == clicked, f"{action}: pressed {pressed}, clicked {clicked}"
        for name in clicked:
            self._all(lambda visit, name=name: getattr(visit, name)())

    _redo = _undo

    def _page(self, action: Action) -> None:
        self.page.get_by_role("navigation").get_by_role("link", name=PAGES[action.what], exact=True).click()
        self.path = action.what
        self._all(lambda visit: visit)

    def path_shown(self) -> str:
        """Return the page that the address names."""
        return urlsplit(self.page.url).path.strip("/") or "overview"

    def _is_there(self) -> bool:
        here = opened(self.page).scenario
        return self.path_shown() == self.path and here in {visit.step.scenario for visit in self.may_be}

    def check(self) -> None:
        """Compare the page at rest with the visits that may be, with itself and with its own address."""
        page, until = self.page, time.monotonic() + PATIENCE
        settle(page)
        while not self._is_there() and time.monotonic() < until:  # a drag's last question was answered first
            next_frame(page)
        settle(page)
        here = opened(page)
        asked = [visit for visit in self.may_be if visit.step.scenario == here.scenario]
        assert asked, (
            f"asked for {[_told(one.step.scenario) for one in self.may_be]}, is {_told(here.scenario)}"
        )
        path = self.path_shown()
        assert path == self.path, f"the page is {path}, not {self.path}"
        for word, title in LEVERS.items():
            value = here.scenario[word]
            until = time.monotonic() + PATIENCE
            while (at := stands(page, title)) != value and time.monotonic() < until:
                next_frame(page)
            assert at == value, f"{word} is {value}, its thumb stands at {at}"
            shown = field(page, title).input_value()
            assert float(shown.replace("−", "-")) == value, f"{word} is {value}, its field shows {shown}"
        box = page.locator(".st-key-preset").get_by_role("combobox").input_value()
        stories = [one.title["en"] for one in presets() if one.scenario == here.scenario]
        assert box == (stories[0] if stories else ""), f"the box tells {box!r}, not {stories}"
        undo, redo = (page.locator(f".st-key-history .{name}").is_enabled() for name in ("undo", "redo"))
        steps = [(bool(visit.past), bool(visit.future)) for visit in asked]
        assert (undo, redo) in steps, f"undo, redo: {steps}, shown as {(undo, redo)}"
        at = newcomer(page, "" if path == "overview" else path)
        told, right = answer(page).inner_text(), words.plain(headline(at))
        assert told == right, f"the headline is {told!r}, not {right!r}"
        wanted = drawn(at)
        same = f"wanted => JSON.stringify(({SHOWN})()) === JSON.stringify(wanted)"
        until = time.monotonic() + PATIENCE
        while not page.evaluate(same, wanted):
            if time.monotonic() > until:
                shown = page.evaluate(SHOWN)
                wrong = [one[0] for one in shown if one not in wanted]
                raise AssertionError(f"{len(wrong)} of {len(wanted)} drawings are not the server's: {wrong}")
            next_frame(page)


def opened(page) -> link.Parsed:
    """Read the address of a page as the app reads a link."""
    return link.parse(query_of(page), view_keys=("co", "deal"))


def _told(scenario: Scenario) -> dict:
    return {word: scenario[word] for word in scenario.differs_from(Scenario.default())}


def play(open_page, seed: int, count: int = 0) -> None:
    """Play one sequence on a page that `open_page(query, path)` opens; a failure tells all that was done."""
    path, actions = sequence(seed, count)
    hand = Hand(open_page("g=18", "" if path == "overview" else path), path)
    try:
        hand.play(actions)
        hand.check()
    except AssertionError as failure:
        failure.add_note("\n".join((f"seed {seed}, from {path}:", *map(str, actions))))
        raise


def many(seeds: Sequence[int]) -> Iterator[tuple[int, Exception]]:
    """Play many on a server of their own, and give those that failed."""
    os.chdir(ROOT)  # as Streamlit reads its settings from there
    with serve() as address, browser() as chromium:
        page = watch(chromium.new_context(locale="en-GB", viewport=DESKTOP)).new_page()

        def open_page(query: str, path: str):
            page.goto(f"{address}/{path}?{query}")
            settle(page)
            return page

        for seed in seeds:
            try:
                play(open_page, seed)
            except Exception as failure:  # is told, and the others are played
                yield seed, failure


def main() -> None:
    """Play as many sequences as asked for, from a seed on."""
    logging.disable(logging.WARNING)  # Streamlit's, that what is drawn without a browser has no visitor
    given = [int(word) for word in sys.argv[1:]]
    count, first = (*given, *(200, 0)[len(given) :])
    failed = 0
    for seed, failure in many(range(first, first + count)):
        failed += 1
        told = (f"{seed}: {type(failure).__name__}", str(failure), *getattr(failure, "__notes__", ()))
        print("\n".join(told), flush=True)
    print(f"{count} sequences, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
