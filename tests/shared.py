"""What the processes of one run of the tests have in common, so that it is made once; and what none may share."""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, flock
from pathlib import Path

_EACH = 1_000
_places = itertools.count(os.getpid())
"""Programs of the tests choose, too: each process begins elsewhere."""


@contextmanager
def turn(folder: Path, name: str) -> Iterator[Path]:
    """The file of that name in a common folder, for one process at a time: whoever finds it missing makes it."""
    with (folder / f"{name}.lock").open("a") as door:
        flock(door, LOCK_EX)
        yield folder / name


def free_port() -> int:
    """A loopback port that nobody takes before who asked listens at it, nor while it is away for a moment.

    It lies below those that the system gives to whoever asks for any; each process of this run has a thousand.
    """
    first = 20_000 + _EACH * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    for place in itertools.islice(_places, _EACH):
        with suppress(OSError), socket.create_server(("127.0.0.1", first + place % _EACH)) as door:
            return int(door.getsockname()[1])
    message = "no port is free"
    raise OSError(message)
