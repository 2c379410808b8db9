"""A plant folder with a whole February: six machines that ran in two shifts a day, so that months can be told."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from lineside.history import SAMPLES
from lineside.node import Node

BERLIN = ZoneInfo("Europe/Berlin")
DAY_US = 86_400_000_000
MINUTE_US = 60_000_000
LINES = 6
DAYS = 28
"""Of February 2026, which begins on a Sunday."""
MACHINE = """
[line.l{n}]
area = "hall"
product = "bolt"
[machine.m{n}]
line = "l{n}"
source = "s"
[machine.m{n}.signals]
mode = {{ kind = "state" }}
parts = {{ kind = "counter" }}
scrap = {{ kind = "counter" }}
[[machine.m{n}.states]]
state = "running"
when = {{ mode = "ACTIVE" }}
[[machine.m{n}.states]]
state = "stopped"
when = {{ mode = "READY" }}
[machine.m{n}.units]
total = "parts"
rejected = "scrap"
"""
HEAD = """\
[site]
id = "works"
timezone = "Europe/Berlin"
production_day_starts = "06:00"
calendar = "two-shift"
[calendar.two-shift]
[[calendar.two-shift.shift]]
name = "early"
start = "06:00"
end = "14:00"
[[calendar.two-shift.shift]]
name = "late"
start = "14:00"
end = "22:00"
[area.hall]
[product.bolt]
ideal_cycle_s = 10.0
[source.s]
type = "file"
files = "x-*.csv"
"""


def at(month: int, day: int, hour: int = 6, minute: int = 0) -> int:
    """A moment of 2026 at the plant, in microseconds UTC."""
    return int(datetime(2026, month, day, hour, minute, tzinfo=BERLIN).timestamp()) * 1_000_000


def put(node: Node, key: str, rows: list[tuple[int, float | str]]) -> None:
    """Stores values of a series."""
    node.history.append(
        pa.table(
            {
                "series": [node.history.series(key)] * len(rows),
                "time": pa.array([time for time, _ in rows], pa.timestamp("us", "UTC")),
                "number": pa.array([None if isinstance(v, str) else v for _, v in rows], pa.float64()),
                "text": pa.array([v if isinstance(v, str) else None for _, v in rows], pa.string()),
                "quality": [0] * len(rows),
            }
        ).cast(SAMPLES)
    )


def write_february(folder: Path) -> Path:
    """Six machines in February: each ran in both shifts of each day, one longer than the other."""
    (folder / "plant.toml").write_text(HEAD + "".join(MACHINE.format(n=n) for n in range(LINES)), "utf-8")
    with Node.open(folder) as node:
        for n in range(LINES):
            modes: list[tuple[int, float | str]] = []
            parts: list[tuple[int, float | str]] = []
            scrap: list[tuple[int, float | str]] = []
            made = 0.0
            for day in range(1, DAYS + 1):
                for hour in (6, 14):
                    ran = 200 + 20 * n + day
                    start = at(2, day, hour)
                    modes += [(start, "ACTIVE"), (start + ran * MINUTE_US, "READY")]
                    for minute in (1, ran - 1):
                        parts.append((start + minute * MINUTE_US, made + 5 * minute))
                        scrap.append((start + minute * MINUTE_US, (made + 5 * minute) // 50))
                    made += 5 * ran
            put(node, f"m{n}/mode", modes)
            put(node, f"m{n}/parts", parts)
            put(node, f"m{n}/scrap", scrap)
        node.history.hear("s", at(2, 1), at(3, 2))
    return folder


def copied(month: Path, folder: Path) -> Path:
    """Another folder with the same plant."""
    (folder / "data").mkdir()
    (folder / "plant.toml").write_bytes((month / "plant.toml").read_bytes())
    for one in (month / "data").iterdir():
        if one.is_file():
            (folder / "data" / one.name).write_bytes(one.read_bytes())
    return folder
