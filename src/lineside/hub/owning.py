"""One process owns a hub's folder, for as long as it lives."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from lineside.errors import ConfigurationError, FolderInUse

LOCK_FILE = "hub.lock"


class Owning:
    """Holds the folder until `close` or the end of the process, however that comes.

    SQLite's lock on a file of its own does it alike on every system. Raises FolderInUse.
    """

    def __init__(self, folder: Path) -> None:
        data = folder / "data"
        try:
            data.mkdir(parents=True, exist_ok=True)
            self._lock = sqlite3.connect(data / LOCK_FILE, timeout=0, isolation_level=None, check_same_thread=False)
            try:
                self._lock.execute("BEGIN EXCLUSIVE")
            except BaseException:
                self._lock.close()
                raise
        except (OSError, sqlite3.OperationalError) as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
                raise FolderInUse("hub.in_use", folder=str(folder)) from error
            raise ConfigurationError("hub.unwritable", folder=str(folder), reason=str(error)) from error

    def close(self) -> None:
        """Lets go of the folder."""
        self._lock.close()
