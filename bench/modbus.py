"""How many registers a second are read by Modbus TCP into history: run by hand.

    python bench/modbus.py [SECONDS]

Against a server of our own, in a process of its own on loopback, and against libmodbus where its library is installed
(`apt install libmodbus5`). As fast as the interval lets, beside pymodbus reading one register a request, as plain
scripts do. *Changing*: every register differs in every answer, so every value is decoded and stored. *Still*: nothing
changes after the first answer. Registers are counted by the server.
"""

from __future__ import annotations

import asyncio
import ctypes
import ctypes.util
import resource
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench._machine import machine  # noqa: E402 the path to it was just made
from lineside.connect import SourceSettings, source  # noqa: E402
from lineside.history import History  # noqa: E402
from lineside.node.intake import Health, _Sink  # noqa: E402
from lineside.node.series import Routing  # noqa: E402
from lineside.plant import Kind  # noqa: E402

PROGRAM = str(Path(__file__).resolve())
RUNS = 3
REGISTERS = {"changing": 2_000, "still": 5_000, "libmodbus": 5_000}
read = 0
"""Registers that this process, being the server, was asked for."""


def serve(port: int, *, changing: bool) -> None:
    """Answer every request for registers."""
    global read  # noqa: PLW0603 one server, one count
    answer = bytes(250)
    with socket.create_server(("127.0.0.1", port)) as listening:
        print("ready", flush=True)
        while True:
            connection, _ = listening.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while len(query := received(connection)) == 12:
                number, unit, function, count = struct.unpack(">H4xBB2xH", query)
                if changing:
                    answer = struct.pack(">H", read // 125 & 0xFFFF) * 125
                read += count
                head = struct.pack(">HHHBBB", number, 0, 3 + 2 * count, unit, function, 2 * count)
                connection.sendall(head + answer[: 2 * count])


def received(connection: socket.socket) -> bytes:
    """Return the next request, or nothing when whoever asked has gone, perhaps amid an answer."""
    try:
        return connection.recv(12)
    except ConnectionError:
        return b""


def serve_libmodbus(port: int) -> None:
    """Let libmodbus answer, with 65,535 registers."""
    global read  # noqa: PLW0603 as above
    library = ctypes.CDLL(ctypes.util.find_library("modbus"))
    library.modbus_new_tcp.restype = library.modbus_mapping_new.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.modbus_new_tcp(b"127.0.0.1", port))
    mapping = ctypes.c_void_p(library.modbus_mapping_new(0, 0, 65_535, 0))
    listening = ctypes.c_int(library.modbus_tcp_listen(context, 4))
    query = (ctypes.c_uint8 * 260)()
    print("ready", flush=True)
    while True:
        library.modbus_tcp_accept(context, ctypes.byref(listening))
        while (length := library.modbus_receive(context, query)) > 0:
            read += query[10] << 8 | query[11]
            library.modbus_reply(context, query, length, mapping)
        library.modbus_close(context)


@asynccontextmanager
async def server(kind: str) -> AsyncIterator[tuple[int, list[int]]]:
    """A server in a process of its own: its port and, afterwards, how many registers it was asked for."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    arguments = (sys.executable, PROGRAM, "--serve", kind, str(port))
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: ASYNC220
        assert process.stdout is not None  # noqa: S101 for mypy
        process.stdout.readline()
        counted: list[int] = []
        yield port, counted
        counted.append(int(process.communicate()[0]))


async def by_source(kind: str, seconds: float) -> tuple[float, float]:
    """Return registers a second read by the source, and our CPU of a register in microseconds."""
    registers = REGISTERS[kind]
    wanted: dict[str, Kind] = dict.fromkeys((f"1/holding/{at}" for at in range(registers)), "measure")
    with tempfile.TemporaryDirectory() as folder, History.open(Path(folder)) as history:
        series = {address: (history.series(address, kind=kind_),) for address, kind_ in wanted.items()}
        async with server(kind) as (port, counted):
            settings = SourceSettings.model_validate(
                {"id": "m", "type": "modbus", "url": f"modbus://127.0.0.1:{port}", "options": {"interval_ms": 10}}
            )
            health = Health(settings)
            before = cpu_s()
            sink = _Sink(history, Routing(wanted, series, ()), health)
            task = asyncio.create_task(source(settings, wanted).run(sink))
            await asyncio.sleep(seconds)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if health.values < registers:
            message = f"{health.values} values of {registers} registers stored"
            raise SystemExit(message)
    return counted[0] / seconds, (cpu_s() - before) / counted[0] * 1e6


async def by_pymodbus(kind: str, seconds: float) -> tuple[float, float]:
    """Return the same of pymodbus, one register a request and nothing stored."""
    from pymodbus.client import AsyncModbusTcpClient

    async with server(kind) as (port, counted):
        client = AsyncModbusTcpClient("127.0.0.1", port=port)
        await client.connect()
        before, clock = cpu_s(), asyncio.get_running_loop().time
        end = clock() + seconds
        while clock() < end:
            await client.read_holding_registers(0, count=1, device_id=1)
        client.close()
    return counted[0] / seconds, (cpu_s() - before) / counted[0] * 1e6


def cpu_s() -> float:
    """Return the seconds of CPU that this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure, or be the server until the input ends."""
    if "--serve" in sys.argv:
        kind, port = sys.argv[2], int(sys.argv[3])
        serving = serve_libmodbus if kind == "libmodbus" else partial(serve, changing=kind == "changing")
        threading.Thread(target=serving, args=(port,), daemon=True).start()
        sys.stdin.read()
        print(read)
        return
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    print(machine("pymodbus", "duckdb"))
    kinds = ["changing", "still", *(["libmodbus"] if ctypes.util.find_library("modbus") else [])]
    for kind in kinds:
        for name, way in (("in blocks", by_source), ("pymodbus, one by one", by_pymodbus)):
            figures = [asyncio.run(way(kind, seconds)) for _ in range(RUNS)]
            rates = [rate for rate, _ in figures]
            print(
                f"{kind:9} {name:20} {statistics.median(rates):11,.0f} registers a second, worst {min(rates):11,.0f},"
                f" {statistics.median(cpu for _, cpu in figures):6.2f} us of CPU each, {RUNS} runs"
            )


if __name__ == "__main__":
    main()
