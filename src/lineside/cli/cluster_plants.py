"""The plants of a demo cluster: each a demo in a process of its own, which ends when its standard input does.

So they end with whoever started them, in order and on every system, even where that one was killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from lineside.cli.demo import run_demo
from lineside.cli.remote import RemoteNode, running_node
from lineside.cli.terminal import language
from lineside.demo.cluster import ClusterPlant, plants
from lineside.errors import LinesideError
from lineside.node import now_us
from lineside.plant import local_zone

_LOOK_S = 0.3
_FAREWELL_S = 20.0


def run_part(folder: Path, number: int, months: int, port: int | None) -> None:
    """Runs one plant of a cluster until the standard input ends."""
    threading.Thread(target=_end_with_input, daemon=True).start()
    plant = plants(now_us(), local_zone(), months, language())[number - 1]
    run_demo(folder, port, browser=False, works=plant.works, seed=plant.seed)


def _end_with_input() -> None:
    while os.read(sys.__stdin__.fileno() if sys.__stdin__ is not None else 0, 4096):
        pass
    signal.raise_signal(signal.SIGTERM)  # which is not forgotten, see `LikeCtrlC`


@dataclass(slots=True)
class _Part:
    """A plant and the process that runs it."""

    plant: ClusterPlant
    folder: Path
    process: subprocess.Popen[bytes]


class Parts:
    """The processes of all plants from entering the context on; when it is left they are ended."""

    def __init__(self, folder: Path, chosen: Sequence[ClusterPlant], months: int, port: int | None) -> None:
        self._folder, self._chosen, self._months, self._port = folder, chosen, months, port
        self._parts: list[_Part] = []

    def __enter__(self) -> Self:
        for number, plant in enumerate(self._chosen, 1):
            place = plant_folder(self._folder, number)
            self._parts.append(_Part(plant, place, self._start(number, place)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for part in self._parts:
            if part.process.stdin is not None:
                part.process.stdin.close()
        until = time.monotonic() + _FAREWELL_S
        for part in self._parts:
            try:
                part.process.wait(max(0.0, until - time.monotonic()))
            except (subprocess.TimeoutExpired, KeyboardInterrupt):
                part.process.kill()
                part.process.wait()

    def _start(self, number: int, place: Path) -> subprocess.Popen[bytes]:
        own = ("--part", str(number), "--months", str(self._months), "--no-browser")
        port = () if self._port is None else ("--port", "0")
        command = [sys.executable, "-m", "lineside", "demo", str(place), *own, *port]
        with log_of(place).open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
                creationflags=_apart(),
            )

    def answering(self, number: int, stopping: Callable[[], bool]) -> RemoteNode | None:
        """A plant's node as soon as it answers; None when all is stopping. Raises LinesideError when it has ended."""
        part = self._parts[number - 1]
        while not stopping():
            if part.process.poll() is not None:
                name = part.plant.profile.name
                raise LinesideError("cli.cluster.ended", name=name, file=str(log_of(part.folder)))
            if (node := running_node(part.folder)) is not None:
                return node
            time.sleep(_LOOK_S)
        return None


def _apart() -> int:
    """Where there are no sessions: ctrl-C at the terminal is for who started the process alone there, too."""
    if sys.platform == "win32":
        return subprocess.CREATE_NEW_PROCESS_GROUP
    return 0


def plant_folder(cluster: Path, number: int) -> Path:
    """Where a plant of a cluster lies."""
    return cluster / f"node-{number}"


def log_of(place: Path) -> Path:
    """What a plant's process says to nobody."""
    return place.with_name(f"{place.name}.log")
