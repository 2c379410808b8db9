"""What the processes of one run of the tests have in common, so that it is made once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path


@contextmanager
def turn(folder: Path, name: str) -> Iterator[Path]:
    """The file of that name in a common folder, for one process at a time: whoever finds it missing makes it."""
    with (folder / f"{name}.lock").open("a") as door:
        flock(door, LOCK_EX)
        yield folder / name
