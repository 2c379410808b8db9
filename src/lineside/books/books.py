"""The books of a plant folder: opened, brought up to date, handed out in short sessions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, inspect, text
from sqlalchemy.orm import Session, sessionmaker

from lineside.books.engines import READS, file_engine, server_engine, told_plainly
from lineside.books.hold import Hold
from lineside.errors import ConfigurationError

HEAD = "0032"
"""The newest migration; kept here so that Alembic is imported only when there is one to run."""


class Books:
    """The relational records of one folder; what a session has written is on disk when it ends well.

    They lie in the file `path`, or in the database of PostgreSQL that `url` names, which must be theirs alone. `alone`
    keeps other processes that ask for the same from that database; a file is its folder's. Raises FolderInUse where
    one has it, ConfigurationError for what is no such address, LinesideError where it cannot be reached or read.
    """

    def __init__(self, path: Path, url: str | None = None, *, alone: bool = False) -> None:
        self.folder = path.parent
        """What belongs to the books and lies in no table: keys."""
        self._engine = file_engine(path) if url is None else server_engine(url)
        self.name = str(path) if url is None else self._engine.url.render_as_string(hide_password=True)
        """For people: the file, or the address."""
        self._hold: Hold | None = None
        try:
            with told_plainly(self.name):
                if alone and url is not None:
                    self._hold = Hold(self._engine, self.name)
                self._bring_up_to_date()
                if self._hold is not None:
                    self._hold.sign()
        except BaseException:
            self.close()
            raise
        self._sessions = sessionmaker(self._engine, expire_on_commit=False)
        self._readings = sessionmaker(self._engine.execution_options(**{READS: True}))

    @classmethod
    def open(cls, folder: Path, url: str | None = None, *, alone: bool = False) -> Self:
        """The books of a plant or hub folder, made or migrated where needed."""
        data = Path(folder) / "data"
        data.mkdir(parents=True, exist_ok=True)
        return cls(data / "books.sqlite", url, alone=alone)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction: kept when the block ends well, undone when it raises. Keep it short.

        Sessions of different threads come one after another, so none can fail for having read what
        another changed meanwhile.
        """
        with told_plainly(self.name), self._sessions.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A look at the records as they stand, which waits for no writer; never write in it."""
        with told_plainly(self.name), self._readings() as session:
            yield session

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """The same for who asks in SQL, as they stood at the first question; any thread may go on with it."""
        with told_plainly(self.name), self._engine.connect().execution_options(**{READS: True}) as connection:
            yield connection

    def keep_hold(self) -> None:
        """Takes the database again where its server let it go. Raises FolderInUse where another process has it."""
        if self._hold is not None:
            with told_plainly(self.name):
                self._hold.keep()

    def close(self) -> None:
        """Gives the file, or the connections, up."""
        if self._hold is not None:
            self._hold.close()
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _bring_up_to_date(self) -> None:
        with self._engine.begin() as connection:
            found = _revision(connection)
            if found != HEAD:
                from lineside.books.migrations import upgrade

                if not upgrade(connection, found):
                    raise ConfigurationError("books.newer_format", file=self.name, found=found)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision
