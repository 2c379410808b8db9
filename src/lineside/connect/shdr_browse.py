"""What the lines of an adapter offer as values of signals."""

from __future__ import annotations

from lineside.connect.found import Offer
from lineside.connect.shdr_text import items_of


class Heard:
    """The items of the lines heard so far, by address."""

    def __init__(self) -> None:
        self.items: dict[str, Offer] = {}

    def hear(self, line: str) -> None:
        """Takes one line; what is no line of values is passed over."""
        line = line.strip()
        if line.startswith("*") or "|" not in line:
            return
        for name, value, condition in items_of(line):
            item = self.items.setdefault(name, Offer(name, tuple(name.split(":", 1))))
            if condition:
                item.kind = "condition"
            item.seen.see(value)
