"""How many Sparkplug metrics a second become history, with every gap told: run by hand.

    python bench/sparkplug.py [SECONDS]

Eight edge nodes with two devices of 50 metrics each publish births and data by alias through a real mosquitto on
loopback, from a process of its own that shares the two cores, at 200 to 800 messages a second. It
plants gaps: now and then it counts a message and does not send it. The node asks for a birth after each and gets it.
Counted in the end: metrics in the history, those sent outside of gaps, and every planted message against those told.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench._machine import machine  # noqa: E402 the path to it was just made
from bench._source import cpu_s, running, until  # noqa: E402
from lineside.connect import SourceSettings  # noqa: E402
from lineside.connect.sparkplug_payload import Type, payload_type  # noqa: E402
from lineside.history import History  # noqa: E402
from lineside.node.intake import Health, _Sink  # noqa: E402
from lineside.node.series import Routing  # noqa: E402
from lineside.plant import Kind  # noqa: E402
from tests.broker import Broker  # noqa: E402

PROGRAM = str(Path(__file__).resolve())
NODES = 8
DEVICES = 2
METRICS = 50
GAPS_EVERY = 1000
"""One planted gap among so many messages of a node, of one to three messages."""


class Edge:
    """One edge node as an independent publisher would be, its numbers counted by itself."""

    def __init__(self, client: object, node: int) -> None:
        self._client = client
        self._node = f"N{node}"
        self._seq = 0
        self._round = 0
        self.wants_birth = True

    def _send(self, kind: str, device: str, payload: object, *, lose: bool = False) -> None:
        payload.timestamp = time.time_ns() // 1_000_000  # type: ignore[attr-defined]
        payload.seq = self._seq  # type: ignore[attr-defined]
        self._seq = (self._seq + 1) % 256
        if not lose:
            topic = f"spBv1.0/G/{kind}/{self._node}{'/' if device else ''}{device}"
            self._client.publish(topic, payload.SerializeToString())  # type: ignore[attr-defined]

    def birth(self) -> None:
        """Say what there is."""
        self.wants_birth = False
        self._seq = 0
        payload = payload_type()()
        payload.metrics.add(name="bdSeq", datatype=Type.INT64, long_value=0)
        self._send("NBIRTH", "", payload)
        for device in range(DEVICES):
            payload = payload_type()()
            for at in range(METRICS):
                payload.metrics.add(name=f"m{at}", alias=device * METRICS + at, datatype=Type.DOUBLE, double_value=-1.0)
            self._send("DBIRTH", f"D{device}", payload)

    def data(self, *, lose: bool) -> int:
        """Send the next values of one device, or only count them; gives back how many metrics."""
        self._round += 1
        device = self._round % DEVICES
        payload = payload_type()()
        for at in range(METRICS):
            payload.metrics.add(alias=device * METRICS + at, double_value=float(self._round))
        self._send("DDATA", f"D{device}", payload, lose=lose)
        return METRICS


def publish(port: int, rate: float, seconds: float) -> None:
    """Publish for so long, at so many messages a second; prints what was sent and what was lost on purpose."""
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    client = Client(CallbackAPIVersion.VERSION2)
    client.max_queued_messages_set(0)
    client.connect("127.0.0.1", port)
    edges = [Edge(client, node) for node in range(NODES)]

    def command(_client: object, _data: object, message: object) -> None:
        edges[int(message.topic.rpartition("/N")[2])].wants_birth = True  # type: ignore[attr-defined]

    client.on_message = command
    client.subscribe("spBv1.0/G/NCMD/+")
    client.loop_start()
    chance = random.Random(7)
    began = time.perf_counter()
    sent = planted = gaps = 0
    while (passed := time.perf_counter() - began) < seconds:
        if sent / METRICS >= passed * rate:
            time.sleep(0.001)
            continue
        edge = edges[int(sent / METRICS) % NODES]
        if edge.wants_birth:
            edge.birth()
        if passed < seconds - 5 and chance.random() < 1 / GAPS_EVERY:
            gaps += 1
            for _ in range(lost := chance.randint(1, 3)):
                edge.data(lose=True)
            planted += lost
        sent += edge.data(lose=False)
    client.disconnect()
    client.loop_stop()
    print(json.dumps({"sent": sent, "planted": planted, "gaps": gaps}))


class Counting(_Sink):
    """The node's own sink, which also adds up what is told as missing."""

    told = 0

    async def lost(self, time: int, key: str, **fields: object) -> None:
        """Count and keep."""
        if key == "connect.sparkplug.gap":
            self.told += int(str(fields["count"]))
        await super().lost(time, key, **fields)


async def measure(port: int, rate: float, seconds: float, folder: str) -> str:
    """Run one rate; gives back what came of it in words."""
    wanted: dict[str, Kind] = {
        f"G/N{node}/D{device}/m{at}": "measure"
        for node in range(NODES)
        for device in range(DEVICES)
        for at in range(METRICS)
    }
    settings = SourceSettings.model_validate(
        {"id": "bench", "type": "sparkplug", "url": f"mqtt://127.0.0.1:{port}", "options": {"reorder_s": 0.2}}
    )
    with History.open(Path(folder)) as history:
        series = {address: (history.series(address, kind=kind),) for address, kind in wanted.items()}
        health = Health(settings)
        sink = Counting(history, Routing(wanted, series, ()), health)
        async with running(settings, wanted, sink):
            await until(lambda: health.key == "connect.waiting")
            arguments = (sys.executable, PROGRAM, "--publish", str(port), str(rate), str(seconds))
            before = cpu_s()
            publisher = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
            said, _ = await publisher.communicate()
            cpu = cpu_s() - before
            await asyncio.sleep(2)
        sent = json.loads(said)
        stored = sum(int((history.read(one[0], 0, 2**60, carry=False).number >= 0).sum()) for one in series.values())
    return (
        f"{sent['sent'] / seconds:7,.0f} metrics a second sent, {stored / seconds:7,.0f} stored;"
        f" {sent['gaps']} gaps planted with {sent['planted']} messages, {sink.told} told;"
        f" {cpu / sent['sent'] * 1e6:.1f} us of CPU a metric"
    )


def main() -> None:
    """Measure three rates."""
    if "--publish" in sys.argv:
        publish(int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))
        return
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 30
    print(machine("aiomqtt", "paho-mqtt", "protobuf", "duckdb"))
    for rate in (200, 400, 600, 800):
        with tempfile.TemporaryDirectory() as folder, Broker(Path(folder), "max_queued_messages 0") as broker:
            print(asyncio.run(measure(broker.port, rate, seconds, folder)))


if __name__ == "__main__":
    main()
