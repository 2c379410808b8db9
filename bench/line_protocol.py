"""How many points a second of line protocol become history over HTTP, beside InfluxDB: run by hand.

    python bench/line_protocol.py [BATCHES]

The same client, over the same number of connections, writes the same bodies to a running node and to InfluxDB (1.6 or
1.8, `apt install influxdb`; left out where there is none), each with a folder of its own on the same disk, one after
the other. An answer is waited for before the connection sends its next body, so what counts was committed; identity
and repeats are looked at by both. The first body is not measured: it makes the series in InfluxDB, and here loads what
is loaded with the first value. Then every value is counted. Bodies are made beforehand, of the present; client and
server share the two cores.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench._machine import machine  # noqa: E402 the path to it was just made
from lineside.history import History  # noqa: E402

RUNS = 3


@dataclass(frozen=True)
class Load:
    """What is written: so many machines and lines a body, over so many connections, with these fields."""

    name: str
    machines: int
    lines: int
    connections: int
    fields: tuple[str, ...]


LOADS = (
    Load("one field", 1_000, 10_000, 4, ("load",)),
    Load("one field, one connection", 1_000, 10_000, 1, ("load",)),
    Load("four fields, one of them a text", 250, 5_000, 4, ("load", "power", "parts", "mode")),
)
KINDS = {"load": "measure", "power": "measure", "parts": "counter", "mode": "state"}


def bodies(load: Load, batches: int) -> list[bytes]:
    """Return the bodies: one point of each machine after the other, each machine's a millisecond apart."""
    draw, start_ns = random.Random(1), time.time_ns() // 1_000_000 * 1_000_000
    made = []
    for batch in range(batches):
        lines = []
        for row in range(batch * load.lines, (batch + 1) * load.lines):
            values = {
                "load": f"{draw.random() * 100:.3f}",
                "power": f"{draw.random() * 20:.2f}",
                "parts": f"{row // load.machines}i",
                "mode": '"ACTIVE"' if row % 7 else '"READY"',
            }
            fields = ",".join(f"{name}={values[name]}" for name in load.fields)
            number = row % load.machines
            time_ns = start_ns + row // load.machines * 1_000_000
            lines.append(f"machine,line=l{number % 9},machine=m{number} {fields} {time_ns}")
        made.append("\n".join(lines).encode())
    return made


def write(port: int, path: str, load: Load, made: list[bytes]) -> tuple[float, list[float]]:
    """Write all bodies; return the seconds it took and those of each answer."""
    left, took, guard = iter(made), [], threading.Lock()

    def worker() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while True:
            with guard:
                body = next(left, None)
            if body is None:
                return
            began = time.perf_counter()
            connection.request("POST", path, body)
            answer = connection.getresponse()
            told = answer.read()
            if answer.status != http.client.NO_CONTENT:
                raise SystemExit(f"{answer.status}: {told[:500]!r}")
            took.append(time.perf_counter() - began)

    first = http.client.HTTPConnection("127.0.0.1", port)
    first.request("POST", path, next(left))
    first.getresponse().read()
    threads = [threading.Thread(target=worker) for _ in range(load.connections)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began, took


def plant(load: Load) -> str:
    """Return a plant file that wants every value."""
    head = '[site]\nid = "bench"\ntimezone = "UTC"\n[area.hall]\n[line.cell]\narea = "hall"\n'
    parts = [head, '[source.bench]\ntype = "push"\n']
    for number in range(load.machines):
        parts.append(f'[machine.m{number}]\nline = "cell"\nsource = "bench"\n[machine.m{number}.signals]\n')
        parts += [
            f'{name} = {{ address = "machine,machine=m{number}#{name}", kind = "{KINDS[name]}" }}\n'
            for name in load.fields
        ]
    return "".join(parts)


@contextmanager
def running(command: list[str], ready: Callable[[], bool]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server for the length of the block."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 120
        while not ready():
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"{command[0]} does not answer")
            time.sleep(0.1)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def get(port: int, path: str) -> tuple[int, bytes]:
    """Return status and body of an answer; 0 where nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except OSError:
        return 0, b""
    finally:
        connection.close()


def cpu_s(process: subprocess.Popen[bytes]) -> float:
    """Return the CPU seconds a process has used."""
    fields = Path(f"/proc/{process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mb(process: subprocess.Popen[bytes]) -> int:
    """Return the most memory a process has held."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text("ascii"))
    return int(found[1]) // 1024 if found else 0


def to_lineside(load: Load, made: list[bytes], folder: Path) -> tuple[float, list[float], float, int]:
    """Write to a node; return seconds, those of the answers, its CPU seconds and its memory in MB."""
    (folder / "plant.toml").write_text(plant(load), "utf-8")
    port = free_port()
    command = [sys.executable, "-m", "lineside", "run", str(folder), "--port", str(port), "--no-browser", "--open"]

    def ready() -> bool:
        status, told = get(port, "/api/push/bench")
        return status == http.client.OK and b"unwanted" in told

    with running(command, ready) as node:
        cpu = cpu_s(node)
        seconds, took = write(port, "/write?db=bench", load, made)
        cpu, memory = cpu_s(node) - cpu, peak_mb(node)
    with History.open(folder) as history, history._database.cursor() as cursor:  # noqa: SLF001 - nothing public counts
        (found,) = cursor.execute("SELECT count(*) FROM samples").fetchall()[0]
    wanted = len(made) * load.lines * len(load.fields)
    if found != wanted:
        raise SystemExit(f"{found} values of {wanted} are in the history")
    return seconds, took, cpu, memory


def to_influx(load: Load, made: list[bytes], folder: Path) -> tuple[float, list[float], float, int]:
    """Write to InfluxDB; return seconds, those of the answers, its CPU seconds and its memory in MB."""
    port, other = free_port(), free_port()
    config = folder / "influxdb.conf"
    config.write_text(
        f'reporting-disabled = true\nbind-address = "127.0.0.1:{other}"\n[meta]\ndir = "{folder}/meta"\n'
        f'[data]\ndir = "{folder}/data"\nwal-dir = "{folder}/wal"\nquery-log-enabled = false\n'
        f'[http]\nbind-address = "127.0.0.1:{port}"\nlog-enabled = false\n[monitor]\nstore-enabled = false\n',
        "utf-8",
    )

    def query(text: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("POST", f"/query?db=bench&q={urllib.parse.quote(text)}")
        return connection.getresponse().read()

    with running(
        ["influxd", "-config", str(config)], lambda: get(port, "/ping")[0] == http.client.NO_CONTENT
    ) as server:
        query("CREATE DATABASE bench")
        cpu = cpu_s(server)
        seconds, took = write(port, "/write?db=bench", load, made)
        cpu, memory = cpu_s(server) - cpu, peak_mb(server)
        counted = json.loads(query("SELECT count(*) FROM machine"))["results"][0]["series"][0]["values"][0][1:]
    if sum(counted) != len(made) * load.lines * len(load.fields):
        raise SystemExit(f"{sum(counted)} values are in InfluxDB")
    return seconds, took, cpu, memory


def main(batches: int) -> None:
    """Write every load to each, several times in turn, and print what came of it."""
    print(machine())
    servers = {"lineside": to_lineside}
    if shutil.which("influxd"):
        told = subprocess.run(["influxd", "version"], capture_output=True, text=True, check=True).stdout
        servers[told.split(" (")[0].strip()] = to_influx
    for load in LOADS:
        made = bodies(load, batches)
        points = (batches - 1) * load.lines
        print(
            f"\n{load.name}: {points:,} points, {load.lines:,} a body of {len(made[0]) // 1000} kB, "
            f"{load.connections} connection(s)"
        )
        rates: dict[str, list[float]] = {name: [] for name in servers}
        for _ in range(RUNS):
            for name, serve in servers.items():
                with tempfile.TemporaryDirectory() as folder:
                    seconds, took, cpu, memory = serve(load, made, Path(folder))
                rates[name].append(points / seconds)
                print(
                    f"  {name}: {points / seconds:,.0f} points/s, answers {statistics.median(took) * 1e3:.0f} ms "
                    f"(worst {max(took) * 1e3:.0f}), CPU {cpu / points * 1e6:.2f} us a point, {memory} MB"
                )
        for name, found in rates.items():
            print(f"  {name}: median {statistics.median(found):,.0f} points/s, worst {min(found):,.0f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
