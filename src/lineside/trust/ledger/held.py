"""What somebody holds of a ledger: a head with marks, a receipt, or an export; and where another past begins.

Marks are the hashes of complete subtrees, at most 256 of one size, that fold up to the root of the head. They are not
signed and need not be: who changes one no longer gets the signed root. With them the first entry that differs is known
to one of at most 256 parts, of a small ledger to the very entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from lineside.errors import UnusableData
from lineside.trust.ledger.heads import HEAD, RECEIPT, Head, Receipt, decode
from lineside.trust.ledger.tree import At, Tree, root

MARKED = "lineside.held/1"
MOST_MARKS = 256


@dataclass(frozen=True, slots=True)
class Held:
    """A head from elsewhere than the node. Of `marks[i]` the subtree covers `1 << level` entries."""

    head: Head
    file: str
    level: int = 0
    marks: Sequence[bytes] = ()
    rest: tuple[tuple[int, int, bytes], ...] = field(default=())
    """What is no whole subtree of that level at the end, as level, number and hash."""

    @classmethod
    def of(cls, head: Head, at: At, *, file: str = "", level: int | None = None) -> Self:
        """A head with the marks of its tree."""
        size = head.size
        if level is None:
            level = max(0, ((size - 1) // MOST_MARKS).bit_length())
        marks = [at(level, number) for number in range(size >> level)]
        below = [one for one in range(level) if size >> one & 1]
        return cls(
            head, file, level, marks, tuple((one, (size >> one) - 1, at(one, (size >> one) - 1)) for one in below)
        )

    @classmethod
    def parse(cls, text: bytes, file: str) -> Self:
        """What a file of a head or a receipt holds. Raises UnusableData."""
        told = decode(text, file)
        if told.get("format") == HEAD:
            return cls(Head.parse(told, file), file)
        if told.get("format") == RECEIPT:
            return cls(Receipt.parse(told, file).head, file)
        if told.get("format") != MARKED:
            raise UnusableData("ledger.no_head", file=file)
        head = Head.parse(told.get("head"), file)
        try:
            level, marks = int(told["level"]), [bytes.fromhex(one) for one in told["marks"]]
            rest = tuple((int(one), int(number), bytes.fromhex(found)) for one, number, found in told["rest"])
            held = cls(head, file, level, marks, rest)
            whole = 0 <= level < 64 and len(marks) == head.size >> level and held._root() == head.root
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise UnusableData("ledger.no_head", file=file) from error
        if not whole:
            raise UnusableData("ledger.marks_forged", file=file)
        return held

    def told(self) -> dict[str, Any]:
        """As plain data."""
        rest = [[level, number, found.hex()] for level, number, found in self.rest]
        marks = [mark.hex() for mark in self.marks]
        return {"format": MARKED, "head": self.head.told(), "level": self.level, "marks": marks, "rest": rest}

    def _root(self) -> bytes:
        tree, rest = Tree(self.marks), {(level, number): found for level, number, found in self.rest}

        def at(level: int, number: int) -> bytes:
            return tree.at(level - self.level, number) if level >= self.level else rest[level, number]

        return root(at, self.head.size)

    def place(self, tree: Tree) -> tuple[int, int]:
        """Between which entries (the last not included) the first one lies that differs from what is held.

        Only of a tree that is another one, or shorter.
        """
        size = min(len(tree), self.head.size)
        if not self.marks:
            return 0, self.head.size
        for number, mark in enumerate(self.marks):
            start, end = number << self.level, (number + 1) << self.level
            if end > size:
                return start, min(end, self.head.size)
            if tree.at(self.level, number) != mark:
                return start, end
        start = len(self.marks) << self.level
        for level, number, found in sorted(self.rest, key=lambda one: -one[0]):
            end = start + (1 << level)
            if end > size or tree.at(level, number) != found:
                return start, end
            start = end
        return start, self.head.size


def marked_head(head: Head, at: At) -> dict[str, Any]:
    """The file that is handed to somebody: a head with its marks."""
    return Held.of(head, at).told()


def change(held: Sequence[bytes], now: Sequence[bytes], first: int) -> tuple[str, int]:
    """What happened to entries from `first` on, by the hashes of all of them, and how many it concerns.

    "changed", "removed", "inserted", "cut" (nothing follows), or "other" where another past goes on from there.
    """
    before, after = list(held[first:]), list(now[first:])
    if not after:
        return "cut", len(before)
    if before and before[0] in after and after[after.index(before[0]) :][: len(before)] == before:
        return "inserted", after.index(before[0])
    if after[0] in before:
        gone = before.index(after[0])
        left = before[gone:]
        if after[: len(left)] == left:
            return "removed", gone
    differing = sum(old != new for old, new in zip(before, after, strict=False))
    if len(after) >= len(before) and (len(before) == 1 or differing < len(before)):
        return "changed", differing
    return "other", len(before)
