"""Recomputes a ledger from the bytes of its entries, and compares it with what others hold of it.

Nothing here asks a node. What the ledger says of itself (its own head, hashes stored beside the entries) only tells
whether it is whole; whether it is the same as before is told by heads that were held elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from lineside.errors import LinesideError
from lineside.texts import LANGUAGES
from lineside.trust.ledger.entries import Kind
from lineside.trust.ledger.heads import Head, fingerprint, key_given_over
from lineside.trust.ledger.held import Held, change
from lineside.trust.ledger.stored import KEYS, log_of
from lineside.trust.ledger.tree import Tree, leaf_hash

_DAY_US = 86_400_000_000
_MOST = 20
"""So many findings of one sort are told; the others would say the same."""


@dataclass(slots=True)
class Verdict:
    """What was found. `wrong` says that the ledger is not what it was, or not whole; `notes` are to be known."""

    log: str = ""
    size: int = 0
    root: str = ""
    key: str = ""
    """The fingerprint of the key in force at the end."""
    compared: int = 0
    """With how many heads from elsewhere."""
    wrong: list[LinesideError] = field(default_factory=list)
    notes: list[LinesideError] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong

    def told(self) -> dict[str, Any]:
        """As plain data, in words of every language."""
        return {
            "log": self.log,
            "size": self.size,
            "root": self.root,
            "key": self.key,
            "compared": self.compared,
            "whole": self.whole,
            "wrong": [_words(one) for one in self.wrong],
            "notes": [_words(one) for one in self.notes],
        }


def _words(found: LinesideError) -> dict[str, Any]:
    words = {one: {"sentence": found.sentence(one), "cure": found.cure(one)} for one in LANGUAGES}
    return {"key": found.key, "fields": dict(found.fields), "words": words}


class Scan:
    """Reads a ledger from its first entry on; `verdict` gives what there is to say."""

    def __init__(self) -> None:
        self.tree = Tree()
        self._log = ""
        self._wrong: list[LinesideError] = []
        self._notes: list[LinesideError] = []
        self._keys: list[tuple[int, bytes]] = []
        self._restored: list[tuple[int, str]] = []
        self._last_us = self._missing = 0

    def take(self, index: int, body: bytes, stored: bytes | None = None) -> None:
        """The next entry, and the hash that is stored beside it where there is one."""
        missing = index - len(self.tree) - self._missing
        if missing > 0:
            self._find("ledger.gap", entry=index - missing, count=missing)
            self._missing += missing
        leaf = leaf_hash(body)
        if stored is not None and stored != leaf:
            self._find("ledger.unlike", entry=index)
        at = len(self.tree)
        self.tree.add(leaf)
        if at == 0:
            self._log = log_of(body)
        try:
            told = json.loads(body)
            kind, facts, time = told["kind"], told["facts"], int(told["time"])
            self._special(at, kind, facts)
        except (ValueError, KeyError, TypeError, RecursionError):
            self._find("ledger.no_entry", entry=index)
            return
        if time < self._last_us - _DAY_US // 24:
            self._note("ledger.clock", entry=index, hours=round((self._last_us - time) / 3_600_000_000))
        self._last_us = time

    def _special(self, index: int, kind: str, facts: dict[str, Any]) -> None:
        if kind == Kind.RESTORED:
            self._restored.append((index, str(facts["made"])))
        if kind not in KEYS:
            return
        key = bytes.fromhex(facts["key"])
        if (kind == Kind.BEGUN) != (index == 0):
            self._find("ledger.begun_twice", entry=index)
        if kind == Kind.KEY_CHANGED and not (
            self._keys and key_given_over(self._keys[-1][1], self._log, key, str(facts["signature"]))
        ):
            self._find("ledger.key_taken", entry=index, key=fingerprint(key))
        if kind == Kind.KEY_LOST:
            self._note("ledger.key_lost", entry=index, key=fingerprint(key))
        self._keys.append((index, key))

    def verdict(self, own: Sequence[Head], held: Sequence[Held]) -> Verdict:
        """What is wrong, by the ledger's own heads and those from elsewhere."""
        size = len(self.tree)
        verdict = Verdict(self._log, size, self.tree.root().hex(), compared=len(held))
        verdict.key = fingerprint(self._keys[-1][1]) if self._keys else ""
        if not self._keys or self._keys[0][0] != 0:
            self._find("ledger.no_beginning")
        for head in sorted(own, key=lambda one: one.size):
            if head.size > size or self.tree.root(head.size) != head.root:
                self._find("ledger.own_head", size=head.size, entries=size)
                break
            if head.key != self._key_at(head.size):
                self._find("ledger.own_key", size=head.size, key=fingerprint(head.key))
        same = max((one.head.size for one in held if self._agrees(one.head)), default=0)
        for one in sorted(held, key=lambda it: it.head.size):
            self._compare(one, same)
        verdict.wrong, verdict.notes = self._wrong, self._notes
        return verdict

    def _agrees(self, head: Head) -> bool:
        return head.log == self._log and head.size <= len(self.tree) and self.tree.root(head.size) == head.root

    def _compare(self, held: Held, same: int) -> None:
        head, size = held.head, len(self.tree)
        if self._agrees(head):
            if head.key != self._key_at(head.size):
                self._find("ledger.strange_key", file=held.file, key=fingerprint(head.key))
            return
        if head.log != self._log and not (held.marks and size and held.place(self.tree)[0] > 0):
            self._find("ledger.other_log", file=held.file, log=head.log, own=self._log)
            return
        first, last = held.place(self.tree)
        first = max(first, same)
        fields: dict[str, Any] = {"file": held.file, "size": head.size, "entries": size}
        if not held.marks or held.level:
            key = "ledger.shorter" if size < head.size and first >= size else "ledger.differs"
            self._find(key, first=first, last=max(last - 1, first), **fields)
        else:
            leaves = [self.tree.at(0, number) for number in range(size)]
            what, count = change(held.marks, leaves, first)
            self._find(f"ledger.{what}", first=first, count=count, **fields)
        for index, made in self._restored:
            if index >= first:
                self._find("ledger.restored", file=held.file, entry=index, made=made)

    def _key_at(self, size: int) -> bytes | None:
        return next((key for index, key in reversed(self._keys) if index < size), None)

    def _find(self, key: str, /, **fields: object) -> None:
        if sum(one.key == key for one in self._wrong) < _MOST:
            self._wrong.append(LinesideError(key, **fields))

    def _note(self, key: str, /, **fields: object) -> None:
        if sum(one.key == key for one in self._notes) < _MOST:
            self._notes.append(LinesideError(key, **fields))


def scan_ledger(
    entries: Iterable[tuple[int, bytes, bytes | None]], check: Callable[[int], None] = lambda _: None
) -> Scan:
    """Reads all entries; `check` is told now and then how many there were, and may raise."""
    found = Scan()
    for index, body, stored in entries:
        found.take(index, body, stored)
        if index % 1000 == 0:
            check(index)
    return found
