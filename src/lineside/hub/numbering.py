"""Numbers that a hub gives, never twice: where its books are older than what it gave, they begin higher from then on.

A number stands in what others keep: members, the ledger, papers. After an older backup came back nobody at the hub
knows which were given since; so numbering jumps, and an entry of the ledger says so. Older books are known by the mark
beside them, and by what the hub signed: a receipt of a statement that the ledger does not hold. Nor does it know what
it told of the months that were ripe by then: told again, of other members or corrected values, it could be subtracted
from what was told before. So it says nothing more of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self, TypeAlias

import msgspec
from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm import Session as Rows

from lineside.books import Books, durable
from lineside.errors import ConfigurationError, UnusableData
from lineside.exchange import Receipt, Welcome
from lineside.hub.records import NumberRecord
from lineside.trust import NODE, Asked, Fact, Kind, Ledger, Stored

Numbered: TypeAlias = Literal[
    "member",
    "question",
    "sandbox",
    "sum",
    "pilot",
    "application",
    "objection",
    "offer",
    "draft",
    "edition",
    "types",
    "shocks",
]
MARK_FILE = "hub.mark"
"""How far the ledger was when the hub last looked."""
JUMP = 1000
_OF_ANY_FOLDER = ("ledger.", "key.", "account.", "token.", "login.", "request.")
"""What is written of people before a hub ran."""
_GIVES = [one.value for one in Kind if not one.value.startswith(_OF_ANY_FOLDER)]
_MONTH = "month"
_SETTLING_US = 3 * 86_400_000_000
"""A node asks its hub at least once a day."""


class Mark(Struct, frozen=True):
    """Size and root of the ledger at some moment, beside the books: by it older books are known."""

    size: int
    root: str

    @classmethod
    def of(cls, now: Stored) -> Self:
        """That of this moment."""
        size = now.size
        return cls(size, now.root(size).hex())

    def holds(self, now: Stored) -> bool:
        """Whether the ledger goes on from here."""
        return now.size >= self.size and now.root(self.size).hex() == self.root


def following(rows: Rows, name: Numbered, highest: int) -> int:
    """The next number of a kind, where `highest` is the last one in the books."""
    least = rows.scalar(select(NumberRecord.least).where(NumberRecord.name == name))
    return max(highest + 1, least or 1)


def numbered(rows: Rows, name: Numbered, column: InstrumentedAttribute[int]) -> int:
    """The same, where the numbers of the kind stand in a column."""
    return following(rows, name, rows.scalar(select(func.max(column))) or 0)


def told_from(rows: Rows) -> int:
    """The first month (since the year 0) of which nothing can have been told before the books came back; 0 for all."""
    return rows.scalar(select(NumberRecord.least).where(NumberRecord.name == _MONTH)) or 0


@dataclass(frozen=True, slots=True)
class Given:
    """Something that the hub signed for: entry `entry` of its ledger has the hash `sha256`, since `at_us`."""

    entry: int
    sha256: str
    at_us: int

    @classmethod
    def of(cls, told: Receipt | Welcome) -> Self:
        """What a receipt or a welcome says."""
        if isinstance(told, Receipt):
            return cls(told.entry, told.statement, told.received_ms * 1000)
        return cls(told.entry, told.enrolment, told.made_ms * 1000)

    def stands(self, now: Stored) -> bool:
        """Whether the ledger says so, too."""
        return self.entry < now.size and json.loads(now.body(self.entry))["facts"].get("sha256") == self.sha256


class Numbering:
    """The numbers of a hub whose data lie in `folder`.

    `columns` hold those that were given; `ripe` gives the last month of which something may have been told.
    """

    def __init__(
        self,
        folder: Path,
        books: Books,
        ledger: Ledger,
        columns: Mapping[Numbered, InstrumentedAttribute[int]],
        ripe: Callable[[], int],
    ) -> None:
        self._file, self._books, self._ledger = folder / MARK_FILE, books, ledger
        self._columns, self._ripe = columns, ripe
        self._marked: Mark | None = None
        self.restored_us: int | None = None
        """When it last became known that the books had been older; None: never."""
        self.rolled_back = False
        """Whether the books went back while they were in use: what is in memory is not theirs any more."""

    @property
    def settling(self) -> tuple[int, int]:
        """From when to when members may send what was lost with newer books; nothing was where both are 0."""
        return (0, 0) if self.restored_us is None else (self.restored_us, self.restored_us + _SETTLING_US)

    def settles(self, now_us: int) -> bool:
        """Whether they may now."""
        return now_us < self.settling[1]

    def begin(self) -> None:
        """Jumps where the books are older than what was given, or where nobody can know whether they are.

        Raises ConfigurationError for a mark that cannot be read.
        """
        self._marked = _read(self._file)
        with self._ledger.stored() as now:
            last = now.page(Asked(kinds=[Kind.RESTORED.value, Kind.RENUMBERED.value]), 1)
            jumps = now.page(Asked(kinds=[Kind.RENUMBERED.value]), 1)
            gave = bool(now.page(Asked(kinds=_GIVES), 1))
            behind = gave if self._marked is None else not self._marked.holds(now)
        self.restored_us = int(jumps[0]["time"]) if jumps else None
        if behind or (last and last[0]["kind"] == Kind.RESTORED):
            self._jump()

    def shown(self, given: Sequence[Given]) -> bool:
        """Whether something that the hub signed shows that its books are older than anybody knew: then it jumps."""
        after = [one for one in given if one.at_us > (self.restored_us or 0)]
        if not after:
            return False
        with self._ledger.stored() as now:
            lost = not all(one.stands(now) for one in after)
        if lost:
            self._jump()
        return lost

    def _jump(self) -> None:
        """Lets each kind begin higher than what could have been given since the backup."""
        with self._books.session() as rows:
            told: dict[str, Fact] = {}
            for name, column in self._columns.items():
                least = numbered(rows, name, column) + JUMP
                rows.merge(NumberRecord(name=name, least=least))
                told[name] = least
            rows.merge(NumberRecord(name=_MONTH, least=self._ripe() + 1))
            entry = self._ledger.write(rows, Kind.RENUMBERED, who=NODE, about="hub", **told)
        with self._ledger.stored() as now:
            self.restored_us = int(json.loads(now.body(entry))["time"])
        self._marked = None

    def mark(self) -> None:
        """Writes down how far the ledger is, in a file beside the books; nothing where it is no further.

        Raises UnusableData where it is not as far as it was: its server went back to an older state.
        """
        marked = self._marked
        with self._ledger.stored() as now:
            if marked is not None:
                if now.size == marked.size:
                    return
                if not marked.holds(now):
                    self.rolled_back = True
                    raise UnusableData("hub.rolled_back", books=self._books.name)
            told = Mark.of(now)
        fresh = self._file.with_suffix(".new")
        fresh.unlink(missing_ok=True)  # of a process that ended in between
        with durable(fresh) as writing:
            writing.write(msgspec.json.encode(told) + b"\n")
        fresh.replace(self._file)
        self._marked = told


def _read(file: Path) -> Mark | None:
    if not file.exists():
        return None
    try:
        return msgspec.json.decode(file.read_bytes(), type=Mark)
    except msgspec.DecodeError as error:
        raise ConfigurationError("hub.no_mark", file=str(file)) from error
