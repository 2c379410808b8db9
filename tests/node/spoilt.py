"""What can be spoiled of a computer: a small disk that fills up, and a clock that somebody sets."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FAKETIME = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)
SIZE_MB = 192
CLOCK_S = 1.0
"""How long a process may still go by the clock as it was."""


class SmallDisk:
    """A file system of its own at a folder."""

    def __init__(self, folder: Path) -> None:
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Leaves no room for anything."""
        with suppress(OSError), self._ballast.open("wb", buffering=0) as file:
            while file.write(bytes(2**16)):
                pass

    def free(self) -> None:
        """Makes room again."""
        self._ballast.unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk | None]:
    """A small disk mounted at an empty folder; None where that is not allowed."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "lineside-soak", str(folder)]
    mounted = hasattr(os, "geteuid") and os.geteuid() == 0 and not subprocess.run(command, check=False).returncode
    try:
        yield SmallDisk(folder) if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


class WrongClock:
    """The time of day a process goes by; clocks that nobody can set stay as they are."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set(0)

    @property
    def environment(self) -> dict[str, str]:
        """What makes a process go by this clock."""
        return {
            **os.environ,
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def set(self, seconds: int) -> None:
        """Sets it so many seconds ahead; behind, where that is below zero."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}\n", "ascii")
        fresh.rename(self._file)


def wrong_clock(file: Path) -> WrongClock | None:
    """A clock that can be set; None where libfaketime is not installed."""
    return None if FAKETIME is None else WrongClock(file)
