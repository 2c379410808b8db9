"""How much memory a node holds while it stores 20,000 points a second: run by hand.

    python bench/memory.py [MINUTES] [POINTS_A_SECOND]

A client pushes line protocol of the present to a running node, a body a quarter of a second over each of four
connections, and waits for each answer. Every ten seconds the memory of the node and the size of its files are looked
at. Hours close meanwhile, and are moved to sorted storage, as in any node. Nobody looks at a page.
"""

from __future__ import annotations

import http.client
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench._machine import machine  # noqa: E402 the path to it was just made
from bench.line_protocol import Load, cpu_s, free_port, get, plant, running  # noqa: E402
from lineside.history import History  # noqa: E402

CONNECTIONS = 4
BODIES_A_SECOND = 4
LOOK_S = 10
PROMISED_MB = 400


@dataclass
class Pushed:
    """What was pushed."""

    points: int = 0
    took: list[float] = field(default_factory=list)
    late_s: float = 0.0


def push(port: int, machines: range, lines: int, seconds: float, pushed: Pushed) -> None:
    """Write bodies of so many lines at their times; what a slow answer delays is made up for."""
    draw, connection = random.Random(machines.start), http.client.HTTPConnection("127.0.0.1", port)
    began, each, sent = time.monotonic(), len(machines), 0
    while (due := sent / BODIES_A_SECOND) < seconds:
        wait = began + due - time.monotonic()
        pushed.late_s = max(pushed.late_s, -wait)
        time.sleep(max(0.0, wait))
        now_ns = time.time_ns()
        body = "\n".join(
            f"machine,machine=m{machines[row % each]} load={draw.random() * 100:.3f} {now_ns - row // each * 1_000_000}"
            for row in range(lines)
        )
        asked = time.monotonic()
        connection.request("POST", "/write?db=bench", body)
        answer = connection.getresponse()
        told = answer.read()
        if answer.status != http.client.NO_CONTENT:
            raise SystemExit(f"{answer.status}: {told[:500]!r}")
        pushed.took.append(time.monotonic() - asked)
        pushed.points += lines
        sent += 1


def memory_mb(node: subprocess.Popen[bytes]) -> dict[str, int]:
    """Return what the node holds: in all, of that nothing but its own, and the most so far."""
    told = dict(re.findall(r"(VmRSS|RssAnon|VmHWM):\s+(\d+)", Path(f"/proc/{node.pid}/status").read_text("ascii")))
    return {name: int(kb) // 1024 for name, kb in told.items()}


def files_mb(folder: Path) -> float:
    """Return the size of the history's files."""
    return sum(path.stat().st_size for path in (folder / "data").glob("history.duckdb*")) / 2**20


def main(minutes: float, rate: int) -> None:
    """Run a node, push, look, and print."""
    print(machine("duckdb", "pyarrow"))
    load = Load("one field", 1_000, rate // CONNECTIONS // BODIES_A_SECOND, CONNECTIONS, ("load",))
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        (folder / "plant.toml").write_text(plant(load), "utf-8")
        command = [sys.executable, "-m", "lineside", "run", name, "--port", str(port), "--no-browser", "--open"]

        def ready() -> bool:
            status, told = get(port, "/api/push/bench")
            return status == http.client.OK and b"unwanted" in told

        with running(command, ready) as node:
            some = [Pushed() for _ in range(CONNECTIONS)]
            share = load.machines // CONNECTIONS
            threads = [
                threading.Thread(
                    target=push, args=(port, range(at * share, (at + 1) * share), load.lines, minutes * 60, some[at])
                )
                for at in range(CONNECTIONS)
            ]
            began = time.monotonic()
            print("minute; points; memory, of that its own, most so far (MB); files (MB); CPU (s)")
            for thread in threads:
                thread.start()
            looks = 0
            while any(thread.is_alive() for thread in threads):
                held, points = memory_mb(node), sum(one.points for one in some)
                print(
                    f"{(time.monotonic() - began) / 60:.2f}; {points:,}; {held['VmRSS']}, {held['RssAnon']}, "
                    f"{held['VmHWM']}; {files_mb(folder):.0f}; {cpu_s(node):.0f}",
                    flush=True,
                )
                looks += 1
                time.sleep(max(0.0, began + looks * LOOK_S - time.monotonic()))
            points = sum(one.points for one in some)
            held = memory_mb(node)
        took = [seconds for one in some for seconds in one.took]
        with History.open(folder) as history, history._database.cursor() as cursor:  # noqa: SLF001 - nothing public counts
            (found,) = cursor.execute("SELECT count(*) FROM samples").fetchall()[0]
    print(
        f"{points:,} points in {minutes:g} min, {found:,} stored; "
        f"memory at the end {held['VmRSS']} MB, most {held['VmHWM']} MB "
        f"(promised {PROMISED_MB}); answers {statistics.median(took) * 1000:.0f} ms, worst {max(took) * 1000:.0f} ms; "
        f"latest body {max(one.late_s for one in some):.1f} s after its time"
    )


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 60, int(sys.argv[2]) if len(sys.argv) > 2 else 20_000)
