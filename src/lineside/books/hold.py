"""A database of books that one process writes into: by a lock of the server, and by a name that each change looks at.

The lock tells a second process that there is a first one; PostgreSQL takes it back however that ends, if a moment after
it was killed: so long the next one waits. Where the first loses the lock without noticing, as when the server starts
anew, another may take its place: then the name in the books is the other's, and every change of the first is refused,
as what it has in memory is not true any more.
"""

from __future__ import annotations

import secrets
import threading
from contextlib import suppress
from time import monotonic, sleep

from sqlalchemy import Connection, Engine, Integer, delete, event, insert, text
from sqlalchemy.exc import DatabaseError, ResourceClosedError
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books.base import Base
from lineside.books.engines import HOLDS, READS
from lineside.errors import FolderInUse, LinesideError

LOCK = 0x4C696E66
"""Of the database, beside that of its writers."""
WAIT_S = 2.0
"""How long one that comes waits for the lock of one that goes."""
_LOST = (DatabaseError, ResourceClosedError)
"""The server went away, now or before, and the lock with it."""


class HolderRecord(Base):
    """Who has the books: one row."""

    __tablename__ = "books_holder"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    holder: Mapped[str]


class Hold:
    """Of one process on the database of an engine; `name` is that of the books, for people.

    Raises FolderInUse where another process has it.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine, self._name, self._holder = engine, name, secrets.token_hex(16)
        self._lock = threading.Lock()
        self._connection = self._taken()

    def _taken(self) -> Connection:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT", **{HOLDS: True})
        patience = monotonic() + WAIT_S
        while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK}):
            if monotonic() > patience:
                connection.close()
                raise FolderInUse("books.held", books=self._name)
            sleep(0.05)
        connection.detach()  # a pool would keep it open, and the lock with it
        return connection

    def sign(self) -> None:
        """Writes into the books who has them; from here on changes look at it. The table is there."""
        with self._engine.begin() as connection:
            connection.execute(delete(HolderRecord))
            connection.execute(insert(HolderRecord).values(id=1, holder=self._holder))
        event.listen(self._engine, "begin", self._look)

    def _look(self, connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get(READS) or options.get(HOLDS):
            return
        found = connection.exec_driver_sql("SELECT holder FROM books_holder").scalar()
        if found != self._holder:
            raise LinesideError("books.taken", books=self._name)

    def keep(self) -> None:
        """Takes the lock again where it was lost. Raises FolderInUse where another process has it by now."""
        with self._lock:
            try:
                self._connection.scalar(text("SELECT 1"))
            except _LOST:
                self._connection.close()
                self._connection = self._taken()

    def close(self) -> None:
        """Lets others have it."""
        with self._lock, suppress(*_LOST):
            # of a closed connection alone the server would know a moment later
            self._connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
        self._connection.close()
