"""What a host application keeps of one edge node that it follows."""

from __future__ import annotations

from lineside.connect.sparkplug_node import EdgeNode

NAMESPACE = "spBv1.0"
FIRST_ASK_US = 1_000_000
ASK_AGAIN_US, ASK_LAST_US = 2_000_000, 600_000_000
"""The pause between two requests to a node; twice as long after each that did not help."""


class Peer:
    """One wanted edge node: what it says, the addresses it feeds, and when it was asked for its births."""

    def __init__(self, group: str, node: str, patience_us: int) -> None:
        self.name = f"{group}/{node}"
        self.command = f"{NAMESPACE}/{group}/NCMD/{node}"
        self.topics = (f"{NAMESPACE}/{group}/+/{node}", f"{NAMESPACE}/{group}/+/{node}/+")
        self.addresses: dict[str, dict[str, str]] = {}
        self.patience_us = patience_us
        self.begin(0)

    def begin(self, now: int) -> None:
        """Nothing is known of it."""
        self.node = EdgeNode(self.patience_us)
        self.born_at = now
        self.silent = self.lost = False
        self.wants_birth = True
        self.ask_after = now + FIRST_ASK_US
        self.pause = ASK_AGAIN_US

    def all(self) -> list[str]:
        """Every address it feeds."""
        return [address for names in self.addresses.values() for address in names.values()]

    def born(self, now: int) -> None:
        """It said everything again; where that mends a loss, asking helps."""
        if self.lost:
            self.pause = ASK_AGAIN_US
        self.wants_birth, self.lost, self.born_at = False, False, now

    def asked(self, now: int) -> None:
        """It was asked for its births just now."""
        self.wants_birth = False
        self.ask_after = now + self.pause
        self.pause = min(2 * self.pause, ASK_LAST_US)
