"""Run by test_disk_full: a live node whose disk fills up, is edited meanwhile, and gets room again."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path

from lineside.node import Node

PLANT = """
[site]
id = "works"
timezone = "UTC"
[area.hall]
[line.cell]
area = "hall"
"""
MACHINE = """
[source.{name}]
type = "shdr"
url = "tcp://127.0.0.1:{port}"
[machine.{name}]
line = "cell"
source = "{name}"
[machine.{name}.signals]
{signal} = {{ kind = "measure" }}
"""
PATIENCE_S = 180


class Adapter:
    """Says the same to everybody, and its last values to whoever comes."""

    def __init__(self) -> None:
        self.last: dict[str, str] = {}
        self.writers: list[asyncio.StreamWriter] = []

    async def start(self) -> int:
        """Listens, and gives back its port."""
        server = await asyncio.start_server(self._welcome, "127.0.0.1", 0)
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def _welcome(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write("".join(self.last.values()).encode())
        self.writers.append(writer)

    def say(self, item: str, value: int, stamp: str) -> None:
        """One value."""
        self.last[item] = f"2026-03-04T{stamp}Z|{item}|{value}\n"
        for writer in self.writers:
            writer.write(self.last[item].encode())


async def until(claim: Callable[[], bool]) -> None:
    """Returns as soon as the claim holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not claim():  # noqa: ASYNC110 - what is claimed changes in other threads
            await asyncio.sleep(0.05)


def values(node: Node, key: str) -> list[float]:
    """Everything stored of a series."""
    numbers: list[float] = node.history.read(node.history.series(key), 0, 2**60).number.tolist()
    return numbers


async def run(folder: Path) -> dict[str, object]:
    """What happened, to be judged by the test."""
    one, other = Adapter(), Adapter()
    press = MACHINE.format(name="press", signal="load", port=await one.start())
    drill = MACHINE.format(name="drill", signal="heat", port=await other.start())
    file = folder / "plant.toml"
    file.write_text(PLANT + press, "utf-8")
    one.say("load", 1, "06:00:00")
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Node.open(folder) as node:
        async with node.live():
            await until(lambda: node.intake.health["press"].values == 1)
            room = (folder / "data" / "history.duckdb.wal").stat().st_size
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
            file.write_text(PLANT + press + drill, "utf-8")  # not before: a thread of the node may be looking
            one.say("load", 2, "06:00:01")
            await until(lambda: node.intake.health["press"].key == "history.disk_full")
            health = node.intake.health["press"]
            told: dict[str, object] = {"state": health.state.value, "cure": health.cure(), "reason": health.reason()}
            await asyncio.sleep(3)  # long enough to look at the edited file, and to renew the present, in vain
            told["editions_while_full"] = len(node.timeline.editions)
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
            other.say("heat", 7, "06:00:02")
            await until(lambda: set(node.now["machines"]) == {"press", "drill"})
            await until(lambda: node.intake.health["press"].state == "active")
            one.say("load", 3, "06:00:03")
            await until(lambda: values(node, "press/load")[-1] == 3)
            await until(lambda: values(node, "drill/heat") == [7])
    with Node.open(folder) as node:
        return {**told, "press": values(node, "press/load"), "editions": len(node.timeline.editions)}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(Path(sys.argv[1])))))  # noqa: T201
