"""What a screen reader knows of a page: its tree of names and roles, and what it is told of changes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

# What is put into a live region, and when; only what is polite and can be reached is read without a break.
HEAR = """() => {
  window.heard = [];
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const element = target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
      const region = element?.closest('[role="status"]');
      if (region?.textContent && !region.closest('[inert], [aria-hidden="true"]'))
        window.heard.push([region.textContent, performance.now()]);
    }
  }).observe(document, { subtree: true, childList: true, characterData: true });
}"""
CONTROLS = {
    "button",
    "link",
    "textbox",
    "slider",
    "combobox",
    "radio",
    "checkbox",
    "switch",
    "tab",
    "spinbutton",
}
SHOWN = {"figure", "table", "grid", "region", "navigation", "radiogroup", "dialog"}
# Names that Streamlit 1.67 gives to parts of its own that the keyboard does not stop at.
NOT_OURS = {("button", "Open")}  # the arrow of a list to choose from


@dataclass(frozen=True)
class Node:
    """Something on a page as it is read aloud."""

    role: str
    name: str
    level: int | None = None
    live: str | None = None


def tree(page) -> list[Node]:
    """Return all that is read aloud of a page, in its order."""
    line = page.context.new_cdp_session(page)
    found = line.send("Accessibility.getFullAXTree")["nodes"]
    line.detach()
    known = {one["nodeId"]: one for one in found}
    nodes, waiting = [], [found[0]["nodeId"]]  # the browser gives them level by level
    while waiting:
        one = known.get(waiting.pop())
        if one is None:
            continue
        waiting += reversed(one.get("childIds", ()))
        if one["ignored"]:
            continue
        told = {prop["name"]: prop["value"].get("value") for prop in one.get("properties", ())}
        name = one.get("name", {}).get("value", "")
        nodes.append(Node(one["role"]["value"], name, told.get("level"), told.get("live")))
    return nodes


def unclear(nodes: list[Node]) -> list[str]:
    """List controls and drawings without a name, and names that two of a kind share."""
    named = [(one.role, one.name.strip()) for one in nodes if one.role in CONTROLS | SHOWN]
    counted = Counter(one for one in named if one not in NOT_OURS)
    return [f"{count} × {role} {name!r}" for (role, name), count in counted.items() if count > 1 or not name]


def out_of_order(nodes: list[Node]) -> list[str]:
    """List what is wrong with the headings of a page: no first one or two, levels that are left out."""
    levels = [one.level for one in nodes if one.role == "heading"]
    wrong = [f"{levels.count(1)} first headings"] if levels.count(1) != 1 else []
    before = [1, *levels]
    skips = [now for now, last in zip(levels, before[:-1], strict=True) if now > last + 1]
    return wrong + [f"a heading of level {now} too deep" for now in skips]
