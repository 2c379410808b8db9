"""A watched folder in a running node: its files are known after a restart, and told by the API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from litestar.testing import AsyncTestClient

from lineside.api import create_app
from lineside.node import Node

Until = Callable[[Callable[[], bool]], Awaitable[None]]


async def test_files_are_read_once_over_a_restart(plant: Any, tmp_path: Path, until: Until, values: Any) -> None:
    """Clock times are the plant's, repeats are none, and what is known of each file outlives the node."""
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "a.csv").write_text("time,load\n2026-03-04 07:00:00,5\nsoon,6\n", "utf-8")
    folder = plant.write(
        plant.source("logs", "folder", f"url = '{exports}'\noptions = {{ scan_s = 0.1, stable_s = 0.1 }}"),
        plant.machine("press", "logs"),
    )
    with Node.open(folder) as node:
        async with node.live():
            await until(lambda: node.intake.health["logs"].key == "connect.folder.active")
            await until(lambda: bool(node.intake.files_of("logs")))
            read = node.intake.files_of("logs")[0]

    (exports / "b.csv").write_text("time,load\n2026-03-04 07:01:00,7\n", "utf-8")
    with Node.open(folder) as node:
        async with node.live(), AsyncTestClient(create_app(node), base_url="http://127.0.0.1:8000") as client:
            await until(lambda: len(node.intake.files_of("logs")) == 2)
            told = (await client.get("/api/sources/logs")).json()
        heard = node.history.heard("logs", 0, 2**60).tolist()
        stored = values(node, "press/load")

    assert read.time // 1000 == told["files"][1]["time_ms"]
    assert [(file["name"], file["faulty"]) for file in told["files"]] == [("b.csv", 0), ("a.csv", 1)]
    assert told["files"][1]["faults"][0]["problem"] == "no readable time"
    assert "a.csv" in told["told"][0]["reason"]
    assert told["promise"] == "replayable"
    assert stored == [5.0, 7.0]
    assert heard == [[1_772_604_000_000_000, 1_772_604_060_000_000]]
