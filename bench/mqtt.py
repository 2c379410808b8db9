"""How many MQTT messages a second become history, acknowledged after the commit: run by hand.

    python bench/mqtt.py [MESSAGES]

JSON with its own time and two wanted values, on 100 topics, with QoS 1, through a real mosquitto on loopback.
`kept`: the broker holds them for the source, which was away; timed from when it connects. `live`: they are published
meanwhile, by a process of its own that shares the two cores; timed from its first to our last. Timed until the history
has every value, which is counted in the end; then the source connects once more, to see that the broker has every
acknowledgement and sends nothing again.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench._machine import machine  # noqa: E402 the path to it was just made
from bench._source import cpu_s, running, until  # noqa: E402
from lineside.connect import SourceSettings  # noqa: E402
from lineside.history import History  # noqa: E402
from lineside.node.intake import Health, _Sink  # noqa: E402
from lineside.node.series import Routing  # noqa: E402
from lineside.plant import Kind  # noqa: E402
from tests.broker import Broker  # noqa: E402

PROGRAM = str(Path(__file__).resolve())
RUNS = 5
TOPICS = 100
START = 1_767_225_600_000_000  # 2026-01-01T00:00Z


def publish(port: int, messages: int) -> None:
    """Publish every message with QoS 1, and return when the broker has them all."""
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    client = Client(CallbackAPIVersion.VERSION2)
    client.max_inflight_messages_set(1000)
    client.connect("127.0.0.1", port)
    client.loop_start()
    sys.stdin.read()
    for count in range(messages):
        payload = json.dumps({"t": START + count, "temperature": count % 997, "parts": count})
        last = client.publish(f"plant/m{count % TOPICS}/status", payload, qos=1)
    last.wait_for_publish()
    while client._out_messages:  # noqa: SLF001 - nothing public tells that all were acknowledged
        time.sleep(0.01)
    client.disconnect()
    client.loop_stop()


async def measure(port: int, version: str, messages: int, folder: str, *, live: bool) -> tuple[float, float]:
    """Return the seconds by the clock, and of our own CPU, to take all messages."""
    wanted: dict[str, Kind] = {}
    for topic in range(TOPICS):
        wanted |= {f"plant/m{topic}/status#temperature": "measure", f"plant/m{topic}/status#parts": "counter"}
    settings = SourceSettings.model_validate(
        {"id": "bench", "type": "mqtt", "url": f"mqtt://127.0.0.1:{port}", "options": {"version": version, "time": "t"}}
    )
    with History.open(Path(folder)) as history:
        series = {address: (history.series(address, kind=kind),) for address, kind in wanted.items()}
        health = Health(settings)
        sink = _Sink(history, Routing(wanted, series, ()), health)
        async with running(settings, wanted, sink):
            await until(lambda: health.key == "connect.waiting")
        arguments = (sys.executable, PROGRAM, "--publish", str(port), str(messages))
        publisher = await asyncio.create_subprocess_exec(*arguments, stdin=asyncio.subprocess.PIPE)
        if not live:
            await publisher.communicate(b"")
        began, cpu = time.perf_counter(), cpu_s()
        async with running(settings, wanted, sink):
            if live:
                await until(lambda: health.key == "connect.waiting")
                began, cpu = time.perf_counter(), cpu_s()
                await publisher.communicate(b"")
            await until(lambda: health.values >= 2 * messages)
            seconds, used = time.perf_counter() - began, cpu_s() - cpu
        stored = sum(len(history.read(one[0], 0, START * 2, carry=False).time) for one in series.values())
        async with running(settings, wanted, sink):
            await asyncio.sleep(1)
        if (stored, health.values) != (2 * messages, 2 * messages):
            message = f"{stored} of {2 * messages} stored, {health.values - 2 * messages} sent again"
            raise SystemExit(message)
    return seconds, used


def main() -> None:
    """Measure both versions of MQTT."""
    if "--publish" in sys.argv:
        publish(int(sys.argv[2]), int(sys.argv[3]))
        return
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    print(machine("aiomqtt", "paho-mqtt", "duckdb"))
    for version in ("3.1.1", "5"):
        for live in (False, True):
            figures = []
            for _ in range(RUNS):
                with tempfile.TemporaryDirectory() as folder, Broker(Path(folder), "max_queued_messages 0") as broker:
                    figures.append(asyncio.run(measure(broker.port, version, messages, folder, live=live)))
            seconds = [one[0] for one in figures]
            cpu_us = statistics.median(one[1] for one in figures) / messages * 1e6
            print(
                f"MQTT {version:5} {'live' if live else 'kept'} {messages:,} messages: median"
                f" {messages / statistics.median(seconds):7,.0f} a second, worst {messages / max(seconds):7,.0f},"
                f" {cpu_us:.0f} us of CPU a message, {RUNS} runs"
            )


if __name__ == "__main__":
    main()
