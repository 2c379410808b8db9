from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from lineside.node import Node, now_us

Make = Callable[[], Awaitable[Any]]
Until = Callable[[Callable[[], bool]], Awaitable[None]]
Values = Callable[[Node, str], list[float | str | None]]


async def test_a_source_that_cannot_be_reached_does_not_disturb_the_others(
    plant: Any, adapter: Make, until: Until, values: Values
) -> None:
    """It says why in both languages and is tried again; the others deliver."""
    good, gone = await adapter(), await adapter()
    folder = plant.write(
        good.source("good"), gone.source("gone"), plant.machine("press", "good"), plant.machine("drill", "gone")
    )
    await gone.stop()

    with Node.open(folder) as node:
        async with node.live():
            await until(lambda: node.intake.health["gone"].state == "degraded")
            reason, cure = node.intake.health["gone"].reason("en"), node.intake.health["gone"].cure("zh")
            good.say("parts", 3)
            await until(lambda: values(node, "press/parts") == [3.0])
            await gone.start()
            gone.say("parts", 4)
            await until(lambda: values(node, "drill/parts") == [4.0])
            await until(lambda: node.intake.health["gone"].state == "active")

    assert f"127.0.0.1:{gone.port}" in reason
    assert "cannot be reached" in reason
    assert "网络" in (cure or "")


async def test_slow_readers_hold_up_neither_values_nor_the_present(
    plant: Any, adapter: Make, until: Until, values: Values
) -> None:
    """While every thread that others may use is busy, what a machine says is stored and shown."""
    one, loop, read = await adapter(), asyncio.get_running_loop(), threading.Event()
    one.say("parts", 1)

    with Node.open(plant.write(one.source("s"), plant.machine("press", "s"))) as node:
        async with node.live():
            await until(lambda: node.intake.health["s"].state == "active")
            busy = [loop.run_in_executor(None, read.wait) for _ in range(64)]
            try:
                one.say("mode", "ACTIVE")
                await until(lambda: values(node, "press/mode") == ["ACTIVE"])
                await until(lambda: node.now["machines"]["press"]["state"] == "running")
            finally:
                read.set()
                await asyncio.gather(*busy)


async def test_a_new_machine_makes_its_series_beside_the_event_loop(plant: Any) -> None:
    """While the history is kept from writing, the node goes on answering."""
    folder = plant.write(plant.source("s", "file", ""), plant.machine("press", "s"))
    beats = 0

    with Node.open(folder) as node:
        with node.history._turnstile.turn():  # noqa: SLF001 - nothing public holds the one turn to write
            applying = asyncio.create_task(node.intake.apply(node.plant))
            for _ in range(5):
                await asyncio.sleep(0.02)
                beats += not applying.done()
        await applying

    assert beats == 5


async def test_a_source_that_means_nothing_stops_alone(plant: Any, adapter: Make, until: Until, values: Values) -> None:
    """An unknown type and an unknown option are named, with what is known, and the others deliver."""
    good = await adapter()
    folder = plant.write(
        good.source("good"),
        plant.source("pigeon", "pigeon", 'url = "tcp://127.0.0.1:9"'),
        plant.source("odd", "shdr", 'url = "tcp://127.0.0.1:9"\noptions = { colour = "red" }'),
        *(plant.machine(f"m-{name}", name) for name in ("good", "pigeon", "odd")),
    )

    with Node.open(folder) as node:
        async with node.live():
            await until(lambda: {node.intake.health[n].state.value for n in ("pigeon", "odd")} == {"stopped"})
            good.say("parts", 3)
            await until(lambda: values(node, "m-good/parts") == [3.0])
            pigeon, odd = node.intake.health["pigeon"], node.intake.health["odd"]

    assert pigeon.key == "connect.type_unknown"
    assert "shdr" in (pigeon.cure() or "")
    assert "colour" in odd.reason()


async def test_a_source_nobody_uses_says_so(plant: Any, adapter: Make) -> None:
    """A source no machine names is not run."""
    one = await adapter()

    with Node.open(plant.write(one.source("spare"))) as node:
        async with node.live():
            health = node.intake.health["spare"]

    assert (health.state.value, health.key) == ("stopped", "node.source_unused")
    assert 'source = "spare"' in (health.cure() or "")


async def test_a_source_that_accepts_and_stays_silent_is_degraded_with_the_reason(
    plant: Any, adapter: Make, until: Until
) -> None:
    """A line that stands without data flowing is told apart from one that cannot be reached."""
    mute = await adapter()

    with Node.open(plant.write(mute.source("mute", stale_after_s=0.5), plant.machine("press", "mute"))) as node:
        async with node.live():
            await until(lambda: node.intake.health["mute"].state == "degraded")
            health = node.intake.health["mute"]
            key, reason = health.key, node.intake.reason("mute", "en")
            chinese = node.intake.reason("mute", "zh")
            await until(lambda: node.now["machines"]["press"]["reason"] == {"en": reason, "zh": chinese})
            shown = node.now["machines"]["press"]

    assert key == "connect.silent"
    assert reason is not None
    assert "nothing has come for more than 0.5 s" in reason
    assert (shown["state"], shown["stale"]) == ("no_data", True)


async def test_one_address_feeds_every_machine_that_names_it(
    plant: Any, adapter: Make, until: Until, values: Values
) -> None:
    """Two machines behind one controller share its signal, each with series of its own."""
    one = await adapter()
    folder = plant.write(one.source("s"), plant.machine("left", "s", "mode"), plant.machine("right", "s", "mode-2"))

    with Node.open(folder) as node:
        async with node.live():
            one.say("mode", "ACTIVE")
            one.say("mode-2", "READY")
            one.say("parts", 9)
            await until(lambda: node.intake.health["s"].values == 4)

        assert (values(node, "left/parts"), values(node, "right/parts")) == ([9.0], [9.0])
        assert (values(node, "left/mode"), values(node, "right/mode")) == (["ACTIVE"], ["READY"])


async def test_an_edited_source_is_read_at_its_new_address(
    plant: Any, adapter: Make, until: Until, values: Values
) -> None:
    """When its address changes the old conversation ends and a new one begins."""
    old, new = await adapter(), await adapter()
    old.say("parts", 1)
    new.say("parts", 2)

    with Node.open(plant.write(old.source("s"), plant.machine("press", "s"))) as node:
        async with node.live():
            await until(lambda: values(node, "press/parts") == [1.0])
            plant.write(new.source("s"), plant.machine("press", "s"))
            await until(lambda: values(node, "press/parts") == [1.0, 2.0])
            old.say("parts", 3)
            new.say("parts", 4)
            await until(lambda: values(node, "press/parts") == [1.0, 2.0, 4.0])


async def test_an_edition_loses_nothing_an_agent_still_holds(plant: Any, until: Until, values: Values) -> None:
    """The source made for it goes on where the one before stopped, and no gap is left."""
    async with Agent() as agent:
        agent.say("parts", 1)
        with Node.open(plant.write(agent.source(), plant.machine("press", "s"))) as node:
            async with node.live():
                await until(lambda: values(node, "press/parts") == [1.0] and len(spans(node)) == 1)
                agent.mute = True
                await until(lambda: node.intake.health["s"].state == "degraded")
                agent.say("parts", 2, 3)
                plant.write(agent.source(stale_after_s=29), plant.machine("press", "s"))
                await until(lambda: len(node.timeline.editions) == 2)
                agent.mute = False
                await until(lambda: values(node, "press/parts") == [1.0, 2.0, 3.0])
                after = now_us()
                await until(lambda: spans(node)[-1][1] > after)

            assert len(spans(node)) == 1
            assert node.history.events(0, 2**60) == []


async def test_what_an_agent_lost_is_kept_as_an_event(plant: Any, until: Until, values: Values) -> None:
    """Which source, when, how many: it can be read long after the screen showed it."""
    async with Agent() as agent:
        agent.say("parts", 1)
        with Node.open(plant.write(agent.source(), plant.machine("press", "s"))) as node:
            async with node.live():
                await until(lambda: values(node, "press/parts") == [1.0] and len(spans(node)) == 1)
                agent.say("parts", 2, 3, 4)
                agent.forget(3)
                await until(lambda: node.history.events(0, 2**60, "s") != [])
                await until(lambda: (node.intake.reason("s", "en") or "").startswith("2 observation(s) were lost"))
            (event,) = node.history.events(0, 2**60, "s")

    detail = json.loads(event.detail)
    assert (event.kind, detail["key"], detail["fields"]["count"]) == ("loss", "connect.mtconnect.gap", 2)


class Agent:
    """An MTConnect agent on 127.0.0.1 that answers with single documents; it holds numbers of one item each."""

    def __init__(self) -> None:
        self.mute = False
        self._first = 1
        self._entries: list[str] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    def source(self, stale_after_s: float = 30) -> str:
        """The source of the plant file that reads it."""
        port = self._server.sockets[0].getsockname()[1]
        options = "options = { interval_ms = 500, connect_s = 1 }"
        return (
            f'\n[source.s]\ntype = "mtconnect"\nurl = "http://127.0.0.1:{port}"\n'
            f"stale_after_s = {stale_after_s}\n{options}\n"
        )

    def say(self, item: str, *values: int) -> None:
        """Observes values of an item."""
        for value in values:
            place = f'dataItemId="{item}" sequence="{self._next}" timestamp="2024-01-01T00:00:{self._next:02}Z"'
            self._entries.append(f"<Value {place}>{value}</Value>")

    def forget(self, count: int) -> None:
        """Overwrites the oldest."""
        self._first += count
        del self._entries[:count]

    @property
    def _next(self) -> int:
        return self._first + len(self._entries)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                target = (await reader.readuntil(b"\r\n\r\n")).decode().split()[1]
                if self.mute:
                    break
                body = self._answer(urlsplit(target).path, parse_qs(urlsplit(target).query))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        writer.close()

    def _answer(self, path: str, query: dict[str, list[str]]) -> bytes:
        if path == "/probe":
            return b'<MTConnectDevices><Device name="d"><DataItem id="parts"/></Device></MTConnectDevices>'
        at = int(query["from"][0]) if "from" in query else self._next - 1
        if at < self._first:
            return b'<MTConnectError><Error errorCode="OUT_OF_RANGE">no</Error></MTConnectError>'
        header = f'instanceId="1" firstSequence="{self._first}" lastSequence="{self._next - 1}"'
        said = "".join(self._entries[at - self._first :])
        return (
            f'<MTConnectStreams><Header {header} nextSequence="{self._next}"/><Events>{said}</Events>'
            "</MTConnectStreams>"
        ).encode()


def spans(node: Node) -> list[list[int]]:
    """When the source was heard."""
    found: list[list[int]] = node.history.heard("s", 0, 2**60).tolist()
    return found


async def test_sources_that_people_and_imports_fill_are_never_run(plant: Any) -> None:
    """They are fine as they are, and say who fills them."""
    folder = plant.write(plant.source("hand", "tally", ""), plant.source("disk", "file", 'files = "*.csv"'))

    with Node.open(folder) as node:
        async with node.live():
            told = {name: (health.state.value, health.key) for name, health in node.intake.health.items()}
            reason = node.intake.reason("disk", "en")

    assert told == {"hand": ("active", "node.source_tally"), "disk": ("active", "node.source_file")}
    assert reason is None
