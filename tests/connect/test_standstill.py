from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import datetime

from lineside.connect.live import now_us
from lineside.connect.modbus_address import Table
from tests.broker import Broker, Talker
from tests.connect.modbus_device import Device
from tests.connect.mtconnect_agent import Agent
from tests.connect.shdr_adapter import Adapter
from tests.connect.sparkplug_edge import Edge
from tests.connect.standing import LATE_US, Listener

STILL_S = 2.5
"""Longer than the sources below may be silent, and shorter than a broker waits for a sign of life."""
SPARKPLUG = {"type": "sparkplug", "stale_after_s": 1.0, "options": {"reorder_s": 2.0, "settle_s": 1.0}}
X = "G/N//x"


async def test_what_an_adapter_said_before_it_left_is_not_heard_when_it_is_read() -> None:
    """The time that a node missed by standing still, and in which its peer was cut off, is a gap."""
    async with Adapter(b"|load|1\n") as adapter, Listener({"load": "measure"}, type="shdr", url=adapter.url) as node:
        await adapter.asked.get()
        await node.until(lambda n: bool(n.spans), lambda: adapter.say("|load|2\n"))
        node.stop()
        adapter.greeting = b""
        adapter.say("|load|3\n")
        adapter.hang_up()
        await asyncio.sleep(STILL_S)  # the node stands still: there is nothing else to wait for
        node.go_on()
        await adapter.asked.get()
        await node.until(lambda n: n.heard_since(n.resumed), lambda: adapter.say("|load|4\n"))

    assert not node.missed_is_heard


async def test_what_an_agent_said_before_it_ended_is_not_heard_when_it_is_read() -> None:
    """Its last document lay there while the node stood still; who comes in its place knows nothing of that time."""
    async with Agent() as agent:
        agent.add("i2", "1")
        settings = {"type": "mtconnect", "url": agent.url, "options": {"heartbeat_s": 0.1, "interval_ms": 10}}
        async with Listener({"load": "measure"}, **settings) as node:
            await node.until(lambda n: bool(n.spans))
            node.stop()
            agent.add("i2", "2")
            await asyncio.sleep(STILL_S)
            agent.restart()
            agent.add("i2", "3")
            node.go_on()
            await node.until(lambda n: n.heard_since(n.resumed) and n.has(3))

    assert node.has(2)
    assert not node.missed_is_heard


async def test_what_an_agent_kept_while_the_node_stood_still_is_no_gap() -> None:
    """Its documents go on where they stopped: the values come with their own times, and nothing is missing."""
    async with Agent() as agent:
        agent.add("i2", "1")
        options = {"heartbeat_s": 0.1, "interval_ms": 10, "connect_s": 60}
        settings = {"type": "mtconnect", "url": agent.url, "stale_after_s": 1, "options": options}
        async with Listener({"load": "measure"}, **settings) as node:
            await node.until(lambda n: bool(n.spans))
            node.stop()
            agent.add("i2", "2")
            await asyncio.sleep(STILL_S)
            node.go_on()
            await node.until(lambda n: n.heard_since(n.resumed))

    ends = {end for _, end in node.spans}
    assert node.has(2)
    assert all(start in ends for start, _ in sorted(node.spans)[1:])


async def test_values_dated_by_a_late_receipt_are_told_with_bounds(broker: Broker) -> None:
    """They hold from the end of the standstill, before which nothing was heard, and a loss says when they came."""
    settings = {"type": "mqtt", "url": broker.url, "stale_after_s": 1}
    with Talker(broker) as talker:
        async with Listener({"p/state": "state"}, **settings) as node:
            await node.until(lambda n: n.has("ON"), lambda: talker.say(("p/state", "ON")))
            talker.say(("p/state", "RUN"))
            await node.until(lambda n: n.has("RUN") and bool(n.spans))  # nothing is on the way
            node.stop()
            talker.say(("p/state", "STOP"))
            await asyncio.sleep(STILL_S)
            node.go_on()
            await node.until(lambda n: bool(n.losses) and n.has("STOP"))
            await node.until(lambda n: n.heard_since(n.resumed + LATE_US), lambda: talker.say(("p/state", "RUN")))

    ((_, key, fields),) = node.losses
    since, until = (datetime.fromisoformat(fields[name]).timestamp() * 1e6 for name in ("since", "until"))
    assert (key, fields["count"]) == ("connect.mqtt.waited", 1)
    assert node.stood - LATE_US <= since <= node.stood
    assert [time for _, time, value in node.values if value == "STOP"] == [round(until)]
    assert until >= node.resumed
    assert not node.missed_is_heard


async def test_dated_values_that_the_broker_kept_tell_of_the_time_they_carry(broker: Broker) -> None:
    """The peer was heard at each of these times, so there is no gap; after the last it may have left."""
    settings = {"type": "mqtt", "url": broker.url, "stale_after_s": 1, "options": {"time": "t"}}
    moments: list[int] = []
    with Talker(broker) as talker:

        def say(qos: int = 1) -> None:
            moments.append(now_us())
            talker.say(("p/j", json.dumps({"t": moments[-1], "x": len(moments)})), qos=qos)

        async with Listener({"p/j#x": "measure"}, **settings) as node:
            await node.until(lambda n: bool(n.spans), say)
            node.stop()
            for _ in range(4):
                say()
                await asyncio.sleep(0.4)
            last = moments[-1]
            await asyncio.sleep(STILL_S - 1.6)
            node.go_on()
            await node.until(lambda n: n.has(float(len(moments))) and n.heard_since(last - 1))
            spans = list(node.spans)
            node.stop()
            say(qos=0)
            await asyncio.sleep(STILL_S)
            node.go_on()
            await node.until(lambda n: n.heard_since(n.resumed), say)

    ends = {end for _, end in spans}
    assert all(start in ends for start, _ in sorted(spans)[1:])
    assert max(ends) == last
    assert not node.losses
    assert not node.missed_is_heard


async def test_a_death_read_late_ends_what_held_before_the_standstill(broker: Broker) -> None:
    """When in between a node died nobody knows: its values end with the last moment at which it was followed."""
    with Talker(broker) as talker:
        edge = Edge(talker)
        async with Listener({X: "measure"}, url=broker.url, **SPARKPLUG) as node:
            await node.until(lambda n: n.has(1.0) and bool(n.spans), lambda: edge.born(x=1.0))
            node.stop()
            edge.dead()
            await asyncio.sleep(STILL_S)
            node.go_on()
            await node.until(lambda n: n.has(None) and n.values[-1][2] is None)

    assert node.values[-1][1] <= node.stood


async def test_a_message_that_waited_with_the_node_is_no_gap(broker: Broker) -> None:
    """One that was early is not given up while the one before it lies there, unread as the node stood still."""
    with Talker(broker) as talker:
        edge, other = Edge(talker), Edge(talker, "M")
        async with Listener({X: "measure", "G/M//y": "measure"}, url=broker.url, **SPARKPLUG) as node:
            await node.until(lambda n: n.has(0.0), lambda: other.born(y=0.0))
            await node.until(lambda n: n.has(1.0), lambda: edge.born(x=1.0))
            first = edge.say("NDATA", lose=True, x=2.0)
            edge.say("NDATA", x=3.0)
            other.say("NDATA", y=4.0)
            await node.until(lambda n: n.has(4.0))  # what was said before that has come as well
            node.stop()
            talker.say((edge.topic("NDATA"), first.SerializeToString()), qos=0)
            await asyncio.sleep(STILL_S)
            node.go_on()
            await node.until(lambda n: n.has(3.0))

    assert [value for _, _, value in node.values][-2:] == [2.0, 3.0]
    assert not node.losses


async def test_a_gap_found_after_a_standstill_begins_before_it(broker: Broker) -> None:
    """What came before the loss was read late: since when messages are missing is not known any better."""
    with Talker(broker) as talker:
        edge = Edge(talker)
        async with Listener({X: "measure"}, url=broker.url, **SPARKPLUG) as node:
            await node.until(lambda n: n.has(1.0) and bool(n.spans), lambda: edge.born(x=1.0))
            node.stop()
            edge.say("NDATA", x=2.0)
            edge.say("NDATA", lose=True)
            edge.say("NDATA", x=4.0)
            await asyncio.sleep(STILL_S)
            node.go_on()
            await node.until(lambda n: bool(n.losses))

    ((_, key, fields),) = node.losses
    assert (key, fields["count"]) == ("connect.sparkplug.gap", 1)
    assert datetime.fromisoformat(fields["since"]).timestamp() * 1e6 <= node.stood
    assert datetime.fromisoformat(fields["until"]).timestamp() * 1e6 >= node.resumed


async def test_an_edge_node_whose_clock_is_ahead_is_not_heard_while_nobody_listened(broker: Broker) -> None:
    """A time in the future proves nothing: what it said waited, and the broker ended meanwhile."""
    with Talker(broker) as talker:
        edge = Edge(talker)
        async with Listener({X: "measure"}, url=broker.url, **SPARKPLUG) as node:
            await node.until(lambda n: n.has(1.0) and bool(n.spans), lambda: edge.born(x=1.0))
            node.stop()
            for value in (2.0, 3.0):
                ahead = edge.say("NDATA", lose=True, x=value)
                ahead.timestamp = time.time_ns() // 1_000_000 + 60_000
                talker.say((edge.topic("NDATA"), ahead.SerializeToString()), qos=0)
            talker.say(("p/end", ""))
            await asyncio.to_thread(broker.kill)
            await asyncio.sleep(STILL_S)
            node.go_on()
            await node.until(lambda n: n.has(3.0))
            await asyncio.to_thread(broker.start)
            await node.until(lambda n: n.heard_since(n.resumed))

    assert not node.missed_is_heard


async def test_a_register_read_late_is_dated_by_its_question() -> None:
    """The device answered in time, and the node stood still before it read the answer."""
    async with Device({1: {Table.HOLDING: {0: 7}}}) as device:
        url, address = device.url, "1/holding/0"
        settings = {"type": "modbus", "url": url, "stale_after_s": 1, "options": {"interval_ms": 50, "answer_s": 0.4}}
        async with Listener({address: "measure"}, **settings) as node:
            await node.until(lambda n: n.has(7.0) and bool(n.spans))

            async def late(data: bytes, send: Callable[[bytes], Awaitable[None]]) -> None:
                device.answer = usual
                node.stop()
                device.units[1][Table.HOLDING][0] = 9
                await send(data)
                await asyncio.sleep(STILL_S)
                node.go_on()

            usual, device.answer = device.answer, late
            device.units[1][Table.HOLDING][0] = 8
            await node.until(lambda n: n.has(9.0) and n.heard_since(n.resumed))

    (at,) = (time for _, time, value in node.values if value == 8.0)
    assert node.stood - LATE_US <= at <= node.stood + LATE_US
    assert not node.missed_is_heard
