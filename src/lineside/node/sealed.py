"""A backup as one file that only the holder of a key can read: a tar archive, its manifest first, sealed."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from lineside.books import Kept
from lineside.errors import ConfigurationError, LinesideError, UnusableData
from lineside.node.manifest import MANIFEST, Manifest
from lineside.trust import OwnerKey, Sealing, opened

PLAIN = ".lineside-sealing-"
"""Begins the name of the folder in data/ that holds a backup until it is sealed: it lies in the clear nowhere else."""
_PIECE = 2**20


@contextmanager
def plain_place(data: Path) -> Iterator[Path]:
    """A folder of the plant's own volume, gone afterwards; what a kill left behind is gone before.

    Raises LinesideError in words where the disk or the rights on it are in the way.
    """
    for left in data.glob(f"{PLAIN}*"):
        shutil.rmtree(left, ignore_errors=True)
    place = None
    try:
        data.mkdir(exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=PLAIN, dir=data))
        yield place
    except OSError as error:
        raise _failed(data, error) from error
    finally:
        if place is not None:
            shutil.rmtree(place, ignore_errors=True)


def _failed(target: Path, error: OSError) -> LinesideError:
    reason = error.strerror or str(error)
    return LinesideError("books.target_failed", target=str(target), file=str(error.filename), reason=reason)


def seal(plain: Path, files: tuple[str, ...], target: Path, key: OwnerKey, check: Callable[[], None]) -> int:
    """Writes a sealed backup that appears when it is whole, and is on disk then; its size in bytes.

    Raises LinesideError in words where the disk or the rights on it are in the way.
    """
    making = target.with_name(f".lineside-{target.name}-{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            sealing = Sealing(file, key)
            with tarfile.open(fileobj=cast("BinaryIO", sealing), mode="w|", bufsize=_PIECE) as archive:
                for name in (MANIFEST, *files):
                    check()
                    with (plain / name).open("rb") as one:
                        archive.addfile(_told(archive.gettarinfo(plain / name, name)), _Checked(one, check))
            sealing.finish()
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            raise ConfigurationError("books.target_exists", target=str(target))
        making.rename(target)
        return target.stat().st_size
    except OSError as error:
        raise _failed(target, error) from error
    finally:
        making.unlink(missing_ok=True)


def _told(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without whose it was here."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


class _Checked(io.RawIOBase):
    """Looks while it is read whether somebody wants it to stop."""

    def __init__(self, file: BinaryIO, check: Callable[[], None]) -> None:
        self._file, self._check = file, check

    def read(self, size: int = -1) -> bytes:
        self._check()
        return self._file.read(size)


class _Opened(io.RawIOBase):
    """What a sealed file holds, as a stream."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._rest) < size:
            piece = next(self._pieces, b"")
            if not piece:
                break
            self._rest += piece
        size = len(self._rest) if size < 0 else size
        given, self._rest = self._rest[:size], self._rest[size:]
        return given


def is_sealed(backup: Path) -> bool:
    """Whether a backup is a sealed one: a file."""
    return backup.is_file()


def unseal(backup: Path, key: OwnerKey, into: Path | None = None, *, partly: bool = False) -> Manifest:
    """Reads all of a sealed backup, each file by its sum, and puts it `into` a folder where one is given.

    Raises UnusableData for what is damaged, and ConfigurationError for a wrong key. `partly` goes on behind what is
    damaged, but without a manifest; then the sums of the files in the folder say which of them are whole.
    """
    with tempfile.TemporaryDirectory(prefix="lineside-") as small, backup.open("rb") as file:
        stream, place = _Opened(opened(file, key, str(backup), partly=partly)), into or Path(small)
        tar = cast("BinaryIO", stream)
        try:
            with closing(tarfile.open(fileobj=tar, mode="r|", bufsize=_PIECE, ignore_zeros=partly)) as archive:
                return _read(archive, backup, into, Path(small), stream)
        except (tarfile.TarError, KeyError, EOFError) as error:
            if partly and (place / MANIFEST).exists():
                return Manifest.read(place)
            raise UnusableData("trust.seal.none", file=str(backup)) from error


def _read(archive: tarfile.TarFile, backup: Path, into: Path | None, small: Path, stream: _Opened) -> Manifest:
    manifest, found = None, {}
    for entry in archive:
        if into is not None or manifest is None:
            archive.extract(entry, into or small, filter="data")
        else:
            found[entry.name] = _sum(archive, entry)
        manifest = manifest or Manifest.read(into or small)
    while stream.read(_PIECE):  # to the end, which is sealed as such
        pass
    if manifest is None or (into is None and found != manifest.files):
        raise UnusableData("trust.seal.none", file=str(backup))
    return manifest


def _sum(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> Kept:
    digest, size = hashlib.sha256(), 0
    file = archive.extractfile(entry)
    while file is not None and (piece := file.read(_PIECE)):
        digest.update(piece)
        size += len(piece)
    return Kept(size, digest.hexdigest())
