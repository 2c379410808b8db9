from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from lineside.connect.sparkplug_payload import read_payload
from lineside.history import SAMPLES
from lineside.node import Node, now_us
from lineside.node.publisher import Present
from tests.broker import Broker, Talker
from tests.releases import spoken

Until = Callable[[Callable[[], bool]], Awaitable[None]]
PROGRAM = Path(__file__).with_name("live_program.py")
PRESS = "[machine.press]\nline = 'cell'\nsource = 't'\n"
STARTED_S = 90
"""On a busy machine a new process takes long to begin."""

HOUR_US = 3_600_000_000
METRICS = ("state", "oee", "availability", "effectiveness", "quality", "coverage", "produced", "good", "rejected")


def sparkplug(broker: Broker, **keys: str) -> str:
    """The table of the plant file."""
    more = "".join(f"{key} = {value}\n" for key, value in keys.items())
    return f'\n[sparkplug]\nurl = "{broker.url}"\ngroup = "G"\nlines = []\n{more}'


def reader(broker: Broker, device: str) -> str:
    """The plant file of a host that reads an edge node's device: every metric is a signal."""
    signals = "".join(
        f'{name} = {{ address = "G/works/{device}/{name}", kind = "{"state" if name == "state" else "measure"}" }}\n'
        for name in METRICS
    )
    head = f'\n[source.s]\ntype = "sparkplug"\nurl = "{broker.url}"\noptions = {{ host_id = "scada" }}\n'
    return f'{head}\n[machine.{device}]\nline = "cell"\nsource = "s"\n[machine.{device}.signals]\n{signals}'


async def patiently(claim: Callable[[], bool]) -> None:
    """Waits for a claim to hold, as long as two nodes and a broker may take on a busy machine."""
    async with asyncio.timeout(STARTED_S):
        while not claim():  # noqa: ASYNC110 - what is claimed changes in other threads
            await asyncio.sleep(0.05)


async def test_another_node_reads_what_the_board_shows_and_what_it_missed(
    plant: Any, tmp_path: Path, adapter: Any, values: Any
) -> None:
    """State, KPIs and counts arrive as they are here, those that cannot be computed as no value, with the reason.

    What changed while the host was away arrives when it is back, under its own time.
    """
    press = await adapter()
    for item, value in (("mode", "ACTIVE"), ("parts", 0), ("load", 1)):
        press.say(item, value, now_us() - 60_000_000)
    (tmp_path / "host").mkdir()
    with Broker(tmp_path) as broker, Talker(broker, "spBv1.0/+/+/works/#") as tap:
        (tmp_path / "host" / "plant.toml").write_text(plant.head + reader(broker, "press"), "utf-8")
        parts = press.source("a"), plant.machine("press", "a"), sparkplug(broker, primary_host='"scada"')
        with Node.open(plant.write(*parts)) as node, Node.open(tmp_path / "host") as host:
            spoken(node)
            async with node.live():
                async with host.live():
                    await patiently(lambda: values(host, "press/state")[-1:] == ["running"])
                    press.say("mode", "READY")
                    press.say("parts", 3)
                    await patiently(lambda: values(host, "press/state")[-1:] == ["stopped"])
                    await patiently(lambda: values(host, "press/produced")[-1:] == [3.0])
                    shown, read = dict[str, Any](), dict[str, Any]()

                    def agree() -> bool:
                        """Both change while they are looked at: soon after a shift began, with each second."""
                        shown.update(node.now["machines"]["press"]["oee"])
                        read.update({name: values(host, f"press/{name}")[-1] for name in METRICS})
                        both = [(read[name], shown[name]) for name in ("coverage", "availability")]
                        return all(None not in one and one[0] == pytest.approx(one[1], abs=0.01) for one in both)

                    await patiently(agree)
                told = node.publisher.standing
                assert told is not None
                await patiently(lambda: told.key == "publish.host_offline")
                missed = [press.say("mode", word, now_us() + at) for word, at in (("ACTIVE", -50_000), ("READY", 0))]
                await patiently(lambda: values(node, "press/mode")[-2:] == ["ACTIVE", "READY"])
                async with host.live():
                    await patiently(lambda: values(host, "press/state").count("running") >= 2)
                state = host.history.read(host.history.series("press/state"), 0, 2**60)
        birth = next(m for m in tap.heard if m.topic == "spBv1.0/G/DBIRTH/works/press")

    assert read["coverage"] == pytest.approx(shown["coverage"], abs=0.01)
    assert read["availability"] == pytest.approx(shown["availability"], abs=0.01)
    assert read["quality"] is read["oee"] is None
    assert (missed[0] // 1000, "running") in list(zip((state.time // 1000).tolist(), state.texts(), strict=True))
    metrics = {metric.name: metric for metric in read_payload(bytes(birth.payload)).metrics}
    reason = dict(zip(metrics["quality"].properties.keys, metrics["quality"].properties.values, strict=True))["reason"]
    assert metrics["quality"].is_null
    assert "reject count" in reason.string_value
    assert {*METRICS, "window_start"} == set(metrics)


async def test_a_killed_node_dies_at_the_broker_too(plant: Any, tmp_path: Path, until: Until) -> None:
    """After kill -9 the broker tells the death by the will, with the number of the birth; the next has another."""
    with Broker(tmp_path) as broker, Talker(broker, "spBv1.0/#") as tap:
        folder = plant.write(plant.source("t", "tally", ""), PRESS, sparkplug(broker))
        with Node.open(folder) as node:
            spoken(node)
        killed = subprocess.Popen([sys.executable, PROGRAM, folder])  # noqa: ASYNC220
        try:
            await patiently(lambda: "DBIRTH" in kinds(tap))
        finally:
            killed.kill()
            killed.wait()
        await until(lambda: "NDEATH" in kinds(tap))
        with Node.open(folder) as node:
            async with node.live():
                await until(lambda: kinds(tap).count("DBIRTH") == 2)
        await until(lambda: kinds(tap).count("NDEATH") == 2)

    said = [(m.topic.split("/")[2], read_payload(bytes(m.payload))) for m in tap.heard]
    numbers = [(kind, one.metrics[0].long_value) for kind, one in said if kind in {"NBIRTH", "NDEATH"}]
    assert numbers == [("NBIRTH", 0), ("NDEATH", 0), ("NBIRTH", 1), ("NDEATH", 1)]
    assert {(m.qos, m.retain) for m in tap.heard if "/NDEATH/" in m.topic} == {(1, False)}


def kinds(tap: Talker) -> list[str]:
    """What kinds of messages were heard, in order."""
    return [m.topic.split("/")[2] for m in tap.heard]


def recorded(node: Node, start: int, end: int, made: int) -> None:
    """A press that ran from start to end and made so many parts, all heard."""
    rows: list[tuple[str, int, float | str]] = [
        ("mode", start, "ACTIVE"),
        ("mode", end, "READY"),
        *(("parts", start + n, float(n)) for n in range(made + 1)),
    ]
    node.history.append(
        pa.table(
            {
                "series": [node.history.series(f"press/{key}") for key, _, _ in rows],
                "time": pa.array([time for _, time, _ in rows], pa.timestamp("us", "UTC")),
                "number": pa.array([None if isinstance(v, str) else v for *_, v in rows], pa.float64()),
                "text": pa.array([v if isinstance(v, str) else None for *_, v in rows], pa.string()),
                "quality": [0] * len(rows),
            }
        ).cast(SAMPLES),
        bulk=True,
    )
    node.history.hear("a", start, end, durable=True)


def test_what_was_missed_is_read_from_the_history(plant: Any, tmp_path: Path) -> None:
    """States under their own times, KPIs as the board would have shown them, and the last word of each shift."""
    with Broker(tmp_path) as broker:
        settings = plant.write(
            plant.source("a", "file", ""), plant.machine("press", "a"), sparkplug(broker, every_s="600")
        )
    # An hour before a shift ends at the plant, in summer as in winter.
    day = datetime.fromtimestamp(now_us() / 1e6, ZoneInfo("Europe/Berlin")) - timedelta(days=2)
    noon = int(day.replace(hour=13, minute=0, second=0, microsecond=0).timestamp()) * 1_000_000
    with Node.open(settings) as node:
        recorded(node, noon - HOUR_US, noon + HOUR_US, 100)
        sparkplug_settings = node.plant.sparkplug
        assert sparkplug_settings is not None
        present = Present(sparkplug_settings, node.history, node.board, lambda: node.timeline)
        missed = present.missed((noon - 2 * HOUR_US) // 1000, (noon + 2 * HOUR_US) // 1000, 600_000)["press"]
        finals = present.finals(noon // 1000, (noon + 12 * HOUR_US) // 1000)["press"]
        at = noon + 30 * 60_000_000
        row = node.board.rows_at(node.timeline, at)["machine/press"]

    states = [(one.value, one.time_ms * 1000 - noon) for one in missed if one.name == "state"]
    shares = {one.time_ms * 1000: one.value for one in missed if one.name == "availability"}
    produced = [one.value for one in finals if one.name == "produced"]
    assert states == [("no_data", -2 * HOUR_US), ("running", -HOUR_US), ("no_data", HOUR_US)]
    assert row.values["availability"] is not None
    assert shares[at] == round(row.values["availability"], 4)
    assert produced[0] == 100
    assert {datetime.fromtimestamp(one.time_ms / 1000, UTC).minute for one in finals} == {0}


async def test_a_mistake_in_the_table_stops_the_edge_node_alone(plant: Any, until: Until) -> None:
    """It is told where the sources are; an edit that mends it, or takes it out, is taken up."""
    head = plant.source("t", "tally", ""), PRESS
    folder = plant.write(*head, '[sparkplug]\nurl = "http://h"\ngroup = "G"\n')
    with Node.open(folder) as node:
        async with node.live():
            assert node.publisher.standing is not None
            told = node.publisher.standing.state, node.publisher.standing.key
            assert node.now["machines"]["press"]["state"] == "no_data"
            plant.write(*head)
            await until(lambda: node.publisher.standing is None)
            await asyncio.sleep(0)

    assert told == ("stopped", "connect.url")
