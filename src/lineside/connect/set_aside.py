"""The account of what was read and not kept: every reason with its count and first example."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import NamedTuple

EXAMPLE_LENGTH = 120
FAULTS_KEPT = 200


@dataclass(frozen=True, slots=True)
class Reason:
    """How often something was set aside for one reason, and where that was seen first (0: not in a file)."""

    count: int
    line: int
    example: str


class Fault(NamedTuple):
    """One cell of a table that cannot be read, or with no `column` one row: where it stands and what it holds."""

    reason: str
    line: int
    column: str
    example: str


class SetAside:
    """Counts by reason; reasons are text keys below `connect.setaside`. The first faults of a table are named."""

    def __init__(self) -> None:
        self.reasons: dict[str, Reason] = {}
        self.unwanted: Counter[str] = Counter()
        self.faults: list[Fault] = []
        self.current = ""
        self.line = 0

    def note(self, reason: str, count: int = 1, *, line: int | None = None, example: str | None = None) -> None:
        """Counts, and keeps the first place and text it was seen at: the current ones unless given."""
        known = self.reasons.get(reason)
        if known is None:
            text = self.current if example is None else example
            known = Reason(0, self.line if line is None else line, _printable(text[:EXAMPLE_LENGTH]))
        self.reasons[reason] = replace(known, count=known.count + count)

    def name(self, reason: str, line: int, column: str, example: str) -> None:
        """Keeps where a fault stands, while there is room."""
        if len(self.faults) < FAULTS_KEPT:
            self.faults.append(Fault(reason, line, column, _printable(example[:EXAMPLE_LENGTH])))


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
