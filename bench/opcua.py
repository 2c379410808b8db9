"""How many OPC UA values a second become history, and at what cost: run by hand.

    python bench/opcua.py [SECONDS]            a server of our own, in a process of its own
    python bench/opcua.py [SECONDS] URL ITEMS  a server that is running, such as node-opcua, with ns=1;s=v0 to ITEMS-1

All items change at the rate named. The server of our own is asyncua's with its publishing replaced by one that costs
hardly anything, so that the two cores are ours; it keeps as many values of an item as the source asks for, drops the
oldest beyond that and says so. Timed from the wire to the commit: an age is that of a value when it is durable, from
the moment its source dates it; the publishing interval is in it. *asyncua* is its own client on the same server with a
handler that does nothing and stores nothing.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench._machine import machine  # noqa: E402 the path to it was just made
from bench._source import cpu_s, running, until  # noqa: E402
from lineside.connect import SourceSettings  # noqa: E402
from lineside.history import History  # noqa: E402
from lineside.node.intake import Health, _Sink  # noqa: E402
from lineside.node.series import Routing  # noqa: E402
from lineside.plant import Kind  # noqa: E402

PROGRAM = str(Path(__file__).resolve())
RUNS = 3
SETTLE_S = 3.0
SHAPES = (
    # items, changes a second, publishing interval in ms
    (1_000, 1, 1_000),
    (1_000, 10, 100),
    (1_000, 10, 500),
    (1_000, 10, 1_000),
    (5_000, 1, 1_000),
    (5_000, 2, 500),
    (5_000, 10, 500),
)
ITEM = np.dtype(
    [
        ("handle", "<u4"),
        ("mask", "u1"),
        ("type", "u1"),
        ("value", "<f8"),
        ("status", "<u4"),
        ("source", "<i8"),
        ("server", "<i8"),
    ]
)
EPOCH_TICKS = 116_444_736_000_000_000
VALUES_A_MESSAGE = 10_000
OVERFLOW = 0x480


def serve(port: int, items: int, hz: float) -> None:  # noqa: C901 - parts of a class that is made here
    """Be a server whose items all change at this rate; tells for each line of input how many values it dropped."""
    from asyncua import ua
    from asyncua.server import internal_subscription, uaprocessor
    from asyncua.server import subscription_service as service
    from asyncua.server.server import Server
    from asyncua.ua.ua_binary import nodeid_to_binary, struct_to_binary

    logging.disable(logging.CRITICAL)
    dropped = 0

    class Flood(internal_subscription.InternalSubscription):
        """Every item has a new value at each step."""

        done = 0
        began = 0.0

        @property
        def monitored(self) -> list[Any]:
            """The items asked for, once they are all."""
            found = list(self.monitored_item_srv._monitored_items.values())  # noqa: SLF001 - asyncua has no other door
            return found if len(found) >= items else []

        @property
        def steps(self) -> int:
            """How many steps there were until now."""
            self.began = self.began or time.time()
            return int((time.time() - self.began) * hz)

        def has_published_results(self) -> bool:
            """Whether steps have passed since what was published last."""
            return bool(super().has_published_results() or (self.monitored and self.steps > self.done))

        async def enqueue_datachange_event(self, *_: Any) -> None:
            """Nothing: values are made when they are sent."""

        def _pop_publish_result(self) -> Any:
            result = super()._pop_publish_result()
            flood = self.flood(self.monitored) if self.monitored else b""
            result.NotificationMessage.NotificationData = flood
            if flood:
                result.NotificationMessage.SequenceNumber = self._notification_seq
                self._notification_seq += 1
            return result

        def flood(self, monitored: list[Any]) -> bytes:
            """What became due, the oldest first, as bytes of a notification; no more than a message may hold."""
            nonlocal dropped
            now = self.steps
            late = max(now - self.done - monitored[0].queue_size, 0)
            dropped += late * items
            self.done += late
            steps = min(now - self.done, max(VALUES_A_MESSAGE // items, 1))
            rows = np.zeros((steps, items), ITEM)
            rows["handle"] = [one.client_handle for one in monitored]
            rows["mask"], rows["type"] = 0x0F, 11
            step = self.done + 1 + np.arange(steps)[:, None]
            rows["value"] = step + np.arange(items) / 1e6
            rows["status"][:1] = OVERFLOW if late else 0
            rows["source"] = rows["server"] = ticks(self.began + step / hz)
            self.done += steps
            if self.done < now:
                waiting: Any = self.pub_request_callback
                waiting.__self__._publish_results_subs[self.data.SubscriptionId] = True  # noqa: SLF001
            return struct.pack("<i", rows.size) + rows.tobytes() + struct.pack("<i", -1) if steps else b""

    async def forward(self: Any, result: Any, asked: Any) -> None:
        """Sends a publication without the library's way to bytes."""
        header = ua.ResponseHeader()
        header.RequestHandle = asked.requesthdr.RequestHandle
        number, flood = result.NotificationMessage.SequenceNumber, result.NotificationMessage.NotificationData
        body = struct.pack("<Ii?Iq", result.SubscriptionId, 0, False, number, int(ticks(time.time())))
        body += struct.pack("<i", bool(flood))
        if flood:
            body += nodeid_to_binary(ua.FourByteNodeId(ua.Int32(811))) + struct.pack("<Bi", 1, len(flood)) + flood
        whole = (
            nodeid_to_binary(ua.FourByteNodeId(ua.Int32(829)))
            + struct_to_binary(header)
            + body
            + struct.pack("<ii", 0, 0)
        )
        self._transport.write(self._connection.message_to_binary(whole, request_id=asked.seqhdr.RequestId))

    for where, name, what in (
        (service, "InternalSubscription", Flood),
        (uaprocessor.UaProcessor, "forward_publish_response", forward),
    ):
        setattr(where, name, what)

    def answer() -> None:
        for _ in sys.stdin:
            print(dropped, flush=True)

    async def run() -> None:
        server = Server()
        await server.init()
        server.set_endpoint(f"opc.tcp://127.0.0.1:{port}")
        index = await server.register_namespace("urn:bench")
        line = await server.nodes.objects.add_object(index, "Line")
        for at in range(items):
            await line.add_variable(ua.NodeId(ua.String(f"v{at}"), ua.Int16(index)), f"v{at}", 0.0)
        async with server:
            print(index, flush=True)
            await asyncio.to_thread(answer)

    asyncio.run(run())


def ticks(seconds: Any) -> Any:
    """A time as OPC UA counts it."""
    return np.int64(EPOCH_TICKS) + (np.asarray(seconds) * 1e7).astype(np.int64)


class Counterpart:
    """A server in a process of its own."""

    def __init__(self, items: int, hz: float) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = int(taken.getsockname()[1])
        arguments = (sys.executable, PROGRAM, "--serve", str(port), str(items), str(hz))
        self._process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url, self.index = f"opc.tcp://127.0.0.1:{port}", self._number()

    @property
    def dropped(self) -> int:
        """How many values it has dropped."""
        assert self._process.stdin is not None  # noqa: S101 for mypy
        print(file=self._process.stdin, flush=True)
        return self._number()

    def _number(self) -> int:
        assert self._process.stdout is not None  # noqa: S101 for mypy
        return int(self._process.stdout.readline())

    def stop(self) -> None:
        """Ends it."""
        self._process.communicate()


class Watched(_Sink):
    """Notes how old values are when they are durable."""

    def watch(self) -> None:
        """Begins anew."""
        self.ages: list[np.ndarray[Any, Any]] = []
        self.told: list[str] = []

    async def observe(self, batch: Any) -> None:
        """Stores a batch, and looks at the clock."""
        await super().observe(batch)
        self.ages.append(time.time_ns() // 1_000 - batch.column("time").cast("int64").to_numpy())

    async def lost(self, time: int, key: str, **fields: object) -> None:
        """Keeps what was told as lost."""
        await super().lost(time, key, **fields)
        self.told.append(key)


async def by_source(url: str, index: int, items: int, publishing_ms: int, seconds: float) -> str:
    """Let the source store what comes, and tell in one line what did."""
    wanted: dict[str, Kind] = dict.fromkeys((f"ns={index};s=v{at}" for at in range(items)), "measure")
    with tempfile.TemporaryDirectory() as folder, History.open(Path(folder)) as history:
        series = {address: (history.series(address, kind=kind),) for address, kind in wanted.items()}
        options = {"publishing_ms": publishing_ms, "sampling_ms": 50, "connect_s": 60}
        settings = SourceSettings.model_validate({"id": "m", "type": "opcua", "url": url, "options": options})
        health = Health(settings)
        sink = Watched(history, Routing(wanted, series, ()), health)
        sink.watch()
        async with running(settings, wanted, sink):
            await until(lambda: health.values >= 2 * items)
            await asyncio.sleep(SETTLE_S)
            sink.watch()
            stored, cpu, clock = health.values, cpu_s(), time.perf_counter()
            await asyncio.sleep(seconds)
            stored, cpu, clock = health.values - stored, cpu_s() - cpu, time.perf_counter() - clock
            ages = np.sort(np.concatenate(sink.ages)) / 1e6
            losses = health.vitals.losses
    return (
        f"{stored / clock:8,.0f} values a second stored, {cpu / clock:5.1%} of a core,"
        f" {cpu / max(stored, 1) * 1e6:5.1f} us each, "
        f"age {ages[len(ages) // 2]:.2f} s, p99 {ages[len(ages) * 99 // 100]:.2f} s, losses told {losses}"
    )


async def by_asyncua(url: str, index: int, items: int, publishing_ms: int, seconds: float) -> str:
    """Let the library's own client take what comes, and do nothing with it."""
    from asyncua.client.client import Client

    class Nothing:
        count = 0

        def datachange_notification(self, node: object, val: object, data: object) -> None:
            del node, val, data
            self.count += 1

    handler = Nothing()
    async with Client(url, timeout=60) as client:
        feed: Any = await client.create_subscription(publishing_ms, handler)
        for at in range(0, items, 1_000):
            nodes = [client.get_node(f"ns={index};s=v{one}") for one in range(at, min(at + 1_000, items))]
            await feed.subscribe_data_change(nodes, queuesize=50, sampling_interval=50)
        await until(lambda: handler.count >= 2 * items)
        await asyncio.sleep(SETTLE_S)
        count, cpu, clock = handler.count, cpu_s(), time.perf_counter()
        await asyncio.sleep(seconds)
        count, cpu, clock = handler.count - count, cpu_s() - cpu, time.perf_counter() - clock
    each = cpu / max(count, 1) * 1e6
    return f"{count / clock:8,.0f} values a second heard,  {cpu / clock:5.1%} of a core, {each:5.1f} us each"


def trial(items: int, hz: float, publishing_ms: int, seconds: float) -> None:
    """Measure one shape, in turn with the library alone."""
    server = Counterpart(items, hz)
    for run in range(1, RUNS + 1):
        for name, way in (("lineside", by_source), ("asyncua", by_asyncua)):
            before = server.dropped
            try:
                told = asyncio.run(way(server.url, server.index, items, publishing_ms, seconds))
            except OSError as error:  # asyncua lets go of a server that is behind
                told = f"gave up: {error!r}"
            shape = f"{items:,} x {hz:g} Hz, {publishing_ms} ms, run {run}, {name:8}"
            print(
                f"{shape}: {told}, {server.dropped - before:,} dropped by it, load {os.getloadavg()[0]:.1f}", flush=True
            )
    server.stop()


def main() -> None:
    """Measure every shape, or be the server, or measure a server that is there."""
    if "--serve" in sys.argv:
        serve(int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
        return
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 15.0
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    print(machine("asyncua", "duckdb"))
    if len(sys.argv) > 3:
        for publishing_ms in (100, 500, 1_000):
            print(
                f"{publishing_ms} ms:", asyncio.run(by_source(sys.argv[2], 1, int(sys.argv[3]), publishing_ms, seconds))
            )
        return
    for shape in SHAPES:
        trial(*shape, seconds)


if __name__ == "__main__":
    main()
