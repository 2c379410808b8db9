"""The programmes of a hub, read anew when a file of its folder has changed."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TypeAlias

from lineside.rules import Programmes, programmes

_Seen: TypeAlias = tuple[tuple[str, int, int], ...]
"""Of each file its name, when it was changed and its size."""


class Shelf:
    """What ships with the product, and what lies in `folder`, which need not be there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._seen: _Seen | None = None
        self._programmes = Programmes((), ())

    def read(self) -> Programmes:
        """The programmes as their files are now, with what is wrong about them."""
        seen = self._look()  # before the files are read: one that changes meanwhile is read again
        with self._lock:
            if seen != self._seen:
                self._programmes, self._seen = programmes(self._folder), seen
            return self._programmes

    def _look(self) -> _Seen:
        found = []
        for file in sorted(self._folder.glob("*.toml")):
            try:
                now = file.stat()
            except OSError:  # gone, or not to be read: the reader says so in its findings
                found.append((file.name, 0, 0))
            else:
                found.append((file.name, now.st_mtime_ns, now.st_size))
        return tuple(found)
