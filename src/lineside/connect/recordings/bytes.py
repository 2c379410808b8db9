"""Opens a recording, gzipped or not, and reads it in blocks of whole lines."""

from __future__ import annotations

import gzip
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path
from typing import BinaryIO

from lineside.connect.set_aside import SetAside
from lineside.errors import UnusableData

GZIP = b"\x1f\x8b"
BLOCK = 4 * 1024 * 1024
LONGEST_LINE = 16 * 1024 * 1024
MOST_UNPACKED = 4 * 1024**3
"""Bytes of an archive that must be unpacked to a temporary file."""


class File:
    """One recording on disk; it knows how much of it has been read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damage: str | None = None
        self._marked: int | None = None
        try:
            self._raw: BinaryIO = path.open("rb")
            self.size = path.stat().st_size
        except OSError as error:
            raise UnusableData("connect.recording.unreadable", file=path.name, reason=error.strerror) from error
        self.gzipped = self._raw.read(2) == GZIP
        self._raw.seek(0)
        self.stream: BufferedIOBase | BinaryIO = gzip.GzipFile(fileobj=self._raw) if self.gzipped else self._raw

    def close(self) -> None:
        """Lets go of the file."""
        self.stream.close()
        self._raw.close()

    @property
    def done(self) -> int:
        """Bytes of the file read so far, compressed as it is."""
        if self._marked is not None:
            return self._marked
        return self.size if self._raw.closed else self._raw.tell()

    def mark(self, done: int) -> None:
        """Says how much has been read, where the position in the file does not tell."""
        self._marked = done

    @contextmanager
    def unpacked(self) -> Iterator[BufferedIOBase | BinaryIO]:
        """The content as a file one can jump about in; an archive is unpacked to a temporary file first."""
        if not self.gzipped:
            yield self.stream
            return
        with tempfile.TemporaryFile() as copy:
            while data := self.read(BLOCK):
                copy.write(data)
                if copy.tell() > MOST_UNPACKED:
                    raise UnusableData("connect.sheet.too_large", file=self.path.name)
            copy.seek(0)
            yield copy

    def head(self, length: int = 65_536) -> bytes:
        """The beginning of what the file holds; the next read starts there again."""
        data = self.read(length)
        self.stream.seek(0)
        self.damage = None
        return data

    def read(self, length: int) -> bytes:
        """The next bytes; an archive that is cut or damaged ends the file with all that could be unpacked."""
        if not isinstance(self.stream, gzip.GzipFile):
            return self.stream.read(length)
        parts: list[bytes] = []
        while length > 0 and self.damage is None:
            try:
                part = self.stream.read1(length)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                self.damage = str(error)
                break
            if not part:
                break
            parts.append(part)
            length -= len(part)
        return b"".join(parts)


def blocks(file: File, set_aside: SetAside) -> Iterator[tuple[bytes, bool]]:
    """Blocks of whole lines, each ending in a newline, and whether the last line had none of its own."""
    rest = b""
    while data := file.read(BLOCK):
        data = rest + data
        cut = data.rfind(b"\n") + 1
        block, rest = data[:cut], data[cut:]
        if block:
            yield block, False
        if len(rest) > LONGEST_LINE:
            set_aside.note("line_too_long", line=0, example=rest[:100].decode("utf-8", "replace"))
            rest = b""
    if file.damage is not None:
        set_aside.note("archive_cut", line=0, example=file.damage)
    if rest:
        yield rest + b"\n", True
