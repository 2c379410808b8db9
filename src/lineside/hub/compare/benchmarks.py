"""What was told, in memory: any benchmark from there, until something new is told."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar, cast

from sqlalchemy.orm import Session

from lineside.books import Books
from lineside.hub.compare.bands import Bands, Told
from lineside.hub.compare.peers import Cell
from lineside.hub.compare.telling import told_bytes, version

T = TypeVar("T")
MOST = 2_000
"""Months of indicators held: 40 indicators over four years."""


class Benchmarks:
    """What is told of indicators and months, read from the books once. Any thread may ask.

    A look at the books' version tells whether something was told since, also by another process.
    """

    def __init__(self, books: Books, most: int = MOST) -> None:
        self._books = books
        self._most = most
        self._held: OrderedDict[tuple[str, str], Told | None] = OrderedDict()
        self._made: dict[Hashable, object] = {}
        self._version = -1
        self._lock = Lock()

    def told(self, indicator: str, month: str) -> Told | None:
        """The last edition of what is told of a month; None where nothing is."""
        return self.months(indicator, [month]).get(month)

    def months(self, indicator: str, months: list[str]) -> dict[str, Told]:
        """The same of several months, those of which something is told."""
        with self._lock, self._books.reading() as session:
            self._look(session)
            for month in months:
                key = indicator, month
                if key not in self._held:
                    content = told_bytes(session, indicator, month)
                    self._held[key] = Told.read(content) if content is not None else None
                self._held.move_to_end(key)
            found = {month: told for month in months if (told := self._held[indicator, month]) is not None}
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        return found

    def bands(self, indicator: str, month: str, cell: Cell) -> Bands | None:
        """What is told of one cell."""
        told = self.told(indicator, month)
        return told.by_cell.get(cell) if told else None

    def made(self, name: Hashable, make: Callable[[Session], T]) -> T:
        """What `make` works out of what was told, by a name of its own; kept until something new is told."""
        with self._books.reading() as session:
            with self._lock:
                now = self._look(session)
                if name in self._made:
                    return cast("T", self._made[name])
            found = make(session)
        with self._lock:
            if self._version == now:
                self._made[name] = found
        return found

    def _look(self, session: Session) -> int:
        now = version(session)
        if now != self._version:
            self._held.clear()
            self._made.clear()
            self._version = now
        return now
