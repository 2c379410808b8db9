"""Plant folders, and real adapters on loopback that say what a test tells them to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lineside.node import Node, now_us
from tests.connect.served import Served
from tests.hub_peer import HubPeer, served
from tests.node.february import at, copied, write_february
from tests.node.test_member import Works

PATIENCE_S = 120
SECOND_US = 1_000_000

HEAD = """\
[site]
id = "works"
timezone = "Europe/Berlin"
production_day_starts = "06:00"
calendar = "three-shift"
[calendar.three-shift]
[[calendar.three-shift.shift]]
name = "early"
start = "06:00"
end = "14:00"
[[calendar.three-shift.shift]]
name = "late"
start = "14:00"
end = "22:00"
[[calendar.three-shift.shift]]
name = "night"
start = "22:00"
end = "06:00"
[area.hall]
[line.cell]
area = "hall"
product = "bolt"
[product.bolt]
name = "Bolt M8"
ideal_cycle_s = 2.0
"""

SIGNALS = """
[machine.{machine}.signals]
mode = {{ address = "{address}", kind = "state" }}
parts = {{ kind = "counter" }}
load = {{ kind = "measure", unit = "%" }}
[[machine.{machine}.states]]
state = "running"
when = {{ mode = "ACTIVE" }}
[[machine.{machine}.states]]
state = "stopped"
when = {{ mode = "READY" }}
[machine.{machine}.units]
total = "parts"
"""


def source(name: str, type: str, settings: str) -> str:
    """A source of the plant file."""
    return f'\n[source.{name}]\ntype = "{type}"\n{settings}\n'


def machine(name: str, source_name: str, address: str = "mode") -> str:
    """A machine of the plant file that reads a state, a counter and a measure."""
    head = f'\n[machine.{name}]\nline = "cell"\nsource = "{source_name}"\n'
    return head + SIGNALS.format(machine=name, address=address)


class Adapter(Served):
    """An SHDR adapter on a free port of 127.0.0.1: repeats its last values to whoever comes, then speaks."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, str] = {}

    async def start(self) -> None:
        """Listens; after `stop`, at the port it had."""
        await self.__aenter__()

    async def stop(self) -> None:
        """Hangs up on everybody."""
        await self.__aexit__(None, None, None)

    def say(self, item: str, value: object, time: int | None = None) -> int:
        """Says a value to everybody who listens; gives back its time in microseconds."""
        time = now_us() if time is None else time
        line = f"{stamp(time)}|{item}|{value}\n"
        self._last[item] = line
        for writer in (one for one in self._writers if not one.is_closing()):
            writer.write(line.encode())
        return time

    def source(self, name: str, stale_after_s: float = 30) -> str:
        """The source of the plant file that reads it."""
        return source(name, "shdr", f'url = "tcp://127.0.0.1:{self.port}"\nstale_after_s = {stale_after_s}')

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Greets with the last values, and answers each line."""
        with suppress(OSError):
            writer.write("".join(self._last.values()).encode())
            while await reader.readline():
                writer.write(b"* PONG 200\n" if self._last else b"")


def stamp(time: int) -> str:
    """A time as SHDR writes it."""
    return datetime.fromtimestamp(time / SECOND_US, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plant that measured one February."""
    return write_february(tmp_path_factory.mktemp("works"))


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubPeer]:
    """A hub on a socket that answers, from that February on."""
    peer = HubPeer(tmp_path / "hub", at(2, 1))
    with served(peer):
        yield peer
    peer.hub.close()


@pytest.fixture
async def adapter() -> AsyncIterator[Callable[[], Awaitable[Adapter]]]:
    """Makes running adapters, all stopped after the test."""
    async with AsyncExitStack() as running:

        async def make() -> Adapter:
            one = Adapter()
            await one.start()
            running.push_async_callback(one.stop)
            return one

        yield make


class PlantFolder:
    """A plant folder, its file put together from parts."""

    head = HEAD
    source = staticmethod(source)
    machine = staticmethod(machine)

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, *parts: str, head: str = HEAD) -> Path:
        """Writes the plant file; gives back the folder."""
        (self.folder / "plant.toml").write_text("".join((head, *parts)), "utf-8")
        return self.folder

    def table(self, name: str, rows: Sequence[tuple[str, str, object]]) -> Path:
        """Writes a recording: rows of time, address and value."""
        path = self.folder / name
        lines = ["time,address,value", *(f"{time},{address},{value}" for time, address, value in rows)]
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return path


@pytest.fixture
def plant(tmp_path: Path) -> PlantFolder:
    """The folder of this test."""
    return PlantFolder(tmp_path)


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    """Waits for a claim to hold."""

    async def wait(claim: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not claim():  # noqa: ASYNC110 - what is claimed changes in other threads
                await asyncio.sleep(0.02)

    return wait


@pytest.fixture
def values() -> Callable[[Node, str], list[float | str | None]]:
    """Reads every value that is stored of a series, in order."""

    def read(node: Node, key: str) -> list[float | str | None]:
        found = node.history.read(node.history.series(key), -(2**60), 2**60)
        numbers = [None if number != number else number for number in found.number.tolist()]  # noqa: PLR0124 - NaN
        return [number if text is None else text for number, text in zip(numbers, found.texts(), strict=True)]

    return read


@pytest.fixture
def works(month: Path, tmp_path: Path, hub: HubPeer) -> Iterator[Works]:
    """A node with a February that it has not told yet, at its end."""
    folder = tmp_path / "plant"
    folder.mkdir()
    copied(month, folder)
    found = Works(Node.open(folder), hub)
    yield found
    found.close()
