"""The node as a Sparkplug B edge node: births, what changed since, and after an interruption what was missed.

Promise: while broker and primary host are there, every change is sent once, with QoS 0 as the specification has it.
What either may have missed is read from the history again and sent as historical, from a while before both were last
known to be there; so some of it comes twice, under the same time. Nothing here can be written: the one command that is
obeyed is that for a rebirth.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from time import monotonic, time_ns
from typing import Protocol, TypeAlias

from lineside import __version__
from lineside.connect import (
    Metric,
    MetricType,
    SourceState,
    read_commands,
    together,
    what_broke,
    without_password,
    write_birth,
    write_data,
)
from lineside.errors import ConfigurationError, Unreachable
from lineside.plant import SparkplugNode
from lineside.publish.broker import broker_for, node_name
from lineside.publish.door import FLOW, Door, Message, opened
from lineside.publish.host import PrimaryHost
from lineside.publish.standing import Standing
from lineside.trust import Outlet, Withheld

NAMESPACE = "spBv1.0"
ITSELF = "plant"
"""The thing that births and deaths of the node itself tell of: its name and that it is there."""
REBIRTH = "Node Control/Rebirth"
BEAT_S = 0.25
PULSE_S = 5.0
KEPT_STATE_S = 0.5
"""So long what the broker kept of a host may take to come; nobody is born before."""
REST_MS = 1_000
"""Births are said no more often than that, however often they are asked for."""
REMEMBER_S = 60.0
FIRST_RETRY_S, LAST_RETRY_S = 0.25, 15.0
GOODBYE_S = 0.5
OVERLAP_MS = 90_000
"""So long a broker may take to notice that a host has died, whose messages until then nobody received."""
SETTLED_S = 5.0
"""So long it may take until a stored state is judged; the last of what was missed is sent once more then."""
SLICE_MS = 3 * 3_600_000
MOMENTS = 200
"""KPIs of at most so many moments are sent of an interruption, beside those of each shift's end."""
CORRECTED_MS = 24 * 3_600_000
"""For so long after its end the KPIs of a shift are sent again when late facts change them."""
LOOK_AGAIN_S, LOOK_BACK_S = 60.0, 600.0
"""So often it is looked whether a shift has ended, and whether late facts changed one that had."""
AT_ONCE, PAUSE_S = 100, 0.05
"""Historical metrics a message, and the pause behind each: what was missed does not flood the broker."""

Devices: TypeAlias = Mapping[str, Sequence[Metric]]
"""Metrics by the name of their device."""
_log = logging.getLogger(__name__)


class Supply(Protocol):
    """What there is to say; all but `present` may take long and are called in threads. Times in milliseconds."""

    def present(self) -> Devices:
        """Every device with all of its metrics as they are now; nothing while that is not known."""

    def thing(self, device: str, metric: str) -> str:
        """What a metric is, by the names of the catalogue."""

    def missed(self, start_ms: int, end_ms: int, step_ms: int) -> Devices:
        """What changed in [start, end), oldest first: each state, and KPIs as they were every so often."""

    def finals(self, start_ms: int, end_ms: int) -> Devices:
        """The KPIs of each shift that ended in (start, end], under the time of its end."""


Memory: TypeAlias = Callable[[dict[str, int]], object]
"""Keeps, durably, what the next run goes on with."""


class _HostGone(Exception):
    """The primary host is offline: the session ends with a death, and another one waits for the host."""


class EdgeNode:
    """Says what a supply has at one broker, until cancelled; connects again by itself."""

    def __init__(
        self,
        settings: SparkplugNode,
        site: str,
        supply: Supply,
        memory: Memory,
        place: Mapping[str, int],
        outlet: Outlet,
    ) -> None:
        self._broker = broker_for(settings, site)
        self._group, _, self._node = node_name(settings, site).partition("/")
        self._host_name = settings.primary_host
        self._resend_ms = round(settings.resend_h * 3_600_000)
        self._every_ms = round(settings.every_s * 1000)
        self._supply, self._memory, self._outlet = supply, memory, outlet
        self._bdseq = place.get("bdseq", -1)
        self._until = place.get("until", 0)
        self.standing = Standing(
            without_password(settings.url), f"{self._group}/{self._node}", settings.primary_host or ""
        )
        self._begin()

    def _begin(self) -> None:
        """Nothing was said in this session yet."""
        self._turn = asyncio.Lock()
        self._seq = 0
        self._aliases: dict[tuple[str, str], int] = {}
        self._said: dict[tuple[str, str], tuple[object, str]] = {}
        self._finals: dict[tuple[str, str, int], object] = {}  # what an earlier session said may have been in vain
        self._born = self._caught_up = False
        self._rebirth_wanted = False
        self._now_is_known = asyncio.Event()

    # -- sessions ----------------------------------------------------------------------------------

    async def run(self) -> None:
        """One session after the other."""
        pause = FIRST_RETRY_S
        while True:
            began = monotonic()
            try:
                await self._session()
            except _HostGone:
                pause = FIRST_RETRY_S
            except ConfigurationError as error:
                self._tell(SourceState.STOPPED, error.key, **error.fields)
                return
            except Withheld as error:
                self._tell(SourceState.DEGRADED, error.key, **error.fields)
                pause = await self._until_open(pause)
            except Exception as error:  # noqa: BLE001 - the supervision boundary: told, and tried again
                key, fields = what_broke(error)
                if key == "publish.failed":
                    _log.exception("the edge node failed")
                self._tell(SourceState.DEGRADED, key, **fields)
            if monotonic() - began > LAST_RETRY_S:
                pause = FIRST_RETRY_S
            self.standing.born_ms = self.standing.host_online = None
            self.standing.waits_since_ms = self._until or None
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))
            pause = min(2 * pause, LAST_RETRY_S)

    async def _until_open(self, pause: float) -> float:
        """Waits while nothing may leave to this broker, without a try; gives the pause before the next one."""
        if self._outlet.is_open(FLOW, self.standing.url):  # something may, so what is said has to change
            return pause
        self.standing.born_ms = self.standing.host_online = None
        while not self._outlet.is_open(FLOW, self.standing.url):  # noqa: ASYNC110 - what opens it is elsewhere
            await asyncio.sleep(FIRST_RETRY_S)
        return FIRST_RETRY_S

    async def _session(self) -> None:
        """One session from connecting to its end, which a death tells: by us, or by the will we left."""
        self._begin()
        self._bdseq = (self._bdseq + 1) % 256
        await self._remember()
        death = write_birth([(self._bdseq_metric(), None)], time_ms=_now_ms(), seq=None)
        host = None if self._host_name is None else PrimaryHost(self._host_name)
        will = Message(self._topic("NDEATH"), death, "NDEATH", frozenset({ITSELF}))
        async with opened(self._broker, will, self._outlet, self.standing.url) as door:
            try:
                topics = [self._topic("NCMD"), f"{self._topic('DCMD')}/+", *(host.topics if host else ())]
                if denied := await door.listen(topics):
                    raise Unreachable("publish.denied", topics=", ".join(denied), reason=next(iter(denied.values())))
                await self._converse(door, host)
            finally:
                if self._born:
                    await self._die(door, will)
                await self._remember()

    async def _die(self, door: Door, death: Message) -> None:
        """Says that the node is dead; where the broker does not confirm it in time, the will does."""
        try:
            async with asyncio.timeout(GOODBYE_S):
                await door.publish(death, qos=1)
        except Exception:  # noqa: BLE001 - whatever it was, the session is over
            door.break_off()

    async def _converse(self, door: Door, host: PrimaryHost | None) -> None:
        """Until something ends it."""
        await together(self._hear(door, host), self._speak(door, host), self._pulse(door), self._catch_up(door))

    async def _hear(self, door: Door, host: PrimaryHost | None) -> None:
        while True:
            for message in await door.gather():
                if host is not None and message.topic in host.topics:
                    host.hear(message.topic, message.payload)
                    self.standing.host_online = host.online
                elif not message.kept:
                    self._obey(message.topic, message.payload)

    def _obey(self, topic: str, payload: bytes) -> None:
        """Notes that everything is to be said again; refuses all else."""
        for name, value in read_commands(payload):
            if name == REBIRTH and topic == self._topic("NCMD"):
                self._rebirth_wanted = self._rebirth_wanted or value is True
            else:
                self.standing.refused += 1
                _log.warning("refused the command %s on %s: nothing here can be written", name[:100], topic)

    async def _speak(self, door: Door, host: PrimaryHost | None) -> None:
        if host is not None:
            await asyncio.sleep(KEPT_STATE_S)
        while True:
            door.check()
            devices = self._supply.present()
            if host is not None and not host.online:
                if self._born:
                    raise _HostGone
                self._tell(SourceState.DEGRADED, "publish.host_offline", host=self._host_name)
            elif devices and (not self._born or self._rebirth_due()):
                await self._give_birth(door, devices)
                self._tell(SourceState.ACTIVE, "publish.active")
            elif devices:
                for device, metrics in devices.items():
                    await self._say(door, device, list(self._changed(device, metrics)))
            await asyncio.sleep(BEAT_S)

    def _rebirth_due(self) -> bool:
        return self._rebirth_wanted and _now_ms() - (self.standing.born_ms or 0) >= REST_MS

    async def _pulse(self, door: Door) -> None:
        """Learns up to when the broker has everything, which is kept from time to time."""
        kept = monotonic()
        while True:
            before = _now_ms()
            await door.listen([self._topic("NCMD")])
            if self._caught_up:
                self._until = before
            if monotonic() - kept > REMEMBER_S:
                kept = monotonic()
                await self._remember()
            await asyncio.sleep(PULSE_S)

    # -- what is said ------------------------------------------------------------------------------

    async def _give_birth(self, door: Door, devices: Devices) -> None:
        """Says everything: the node first, then each device."""
        self._rebirth_wanted = False
        now = _now_ms()
        about = Metric("Properties/Software", MetricType.STRING, f"Lineside {__version__}", now)
        control = Metric(REBIRTH, MetricType.BOOLEAN, value=False, time_ms=now)
        async with self._turn:
            self._seq = 0
            self._said.clear()
            self._born = True
            await self._out(door, "NBIRTH", "", [(one, None) for one in (self._bdseq_metric(), control, about)])
            for device, metrics in devices.items():
                await self._out(door, "DBIRTH", device, [(one, self._alias(device, one.name)) for one in metrics])
                self._said |= {(device, one.name): (one.value, one.reason) for one in metrics}
            self.standing.births += 1
            self.standing.born_ms = now
            self._now_is_known.set()

    async def _say(self, door: Door, device: str, metrics: Sequence[Metric]) -> None:
        if metrics:
            async with self._turn:
                await self._out(door, "DDATA", device, [(one, self._alias(device, one.name)) for one in metrics])

    def preview(self) -> list[Message]:
        """What a birth would say now, byte for byte but for times and numbers; nothing of it is sent."""
        return [
            self._message("DBIRTH", device, [(one, self._alias(device, one.name)) for one in metrics], seq)
            for seq, (device, metrics) in enumerate(self._supply.present().items(), 1)
        ]

    def _message(self, kind: str, device: str, metrics: Sequence[tuple[Metric, int | None]], seq: int) -> Message:
        if kind == "DDATA":
            payload = write_data(((one, alias or 0) for one, alias in metrics), time_ms=_now_ms(), seq=seq)
        else:
            payload = write_birth(metrics, time_ms=_now_ms(), seq=seq)
        things = frozenset(self._supply.thing(device, one.name) if device else ITSELF for one, _ in metrics)
        return Message(self._topic(kind, device), payload, f"{kind} {device}".strip(), things)

    async def _out(self, door: Door, kind: str, device: str, metrics: Sequence[tuple[Metric, int | None]]) -> None:
        now = _now_ms()
        seq, self._seq = self._seq, (self._seq + 1) % 256
        await door.publish(self._message(kind, device, metrics, seq))
        standing = self.standing
        standing.sent_ms = now
        standing.messages += 1
        standing.metrics += len(metrics)
        standing.historical += sum(one.historical for one, _ in metrics)

    def _changed(self, device: str, metrics: Iterable[Metric]) -> Iterator[Metric]:
        for one in metrics:
            said = one.value, one.reason
            if self._said.get((device, one.name)) not in (None, said):
                self._said[device, one.name] = said
                yield one

    def _alias(self, device: str, name: str) -> int:
        return self._aliases.setdefault((device, name), len(self._aliases) + 1)

    def _topic(self, kind: str, device: str = "") -> str:
        return f"{NAMESPACE}/{self._group}/{kind}/{self._node}" + (f"/{device}" if device else "")

    def _bdseq_metric(self) -> Metric:
        return Metric("bdSeq", MetricType.INT64, self._bdseq, _now_ms())

    # -- what was missed ---------------------------------------------------------------------------

    async def _catch_up(self, door: Door) -> None:
        """After the birth says what was missed, from the history; then corrects the KPIs of shifts that ended."""
        await self._now_is_known.wait()
        now = _now_ms()
        since = max(self._until - OVERLAP_MS, now - self._resend_ms) if self._until else now  # at first nothing is owed
        if since > self._until > 0:
            self.standing.given_up = self._until, since
            _log.warning("what happened before is not said any more: it is longer ago than resend_h")
        first, step = since, max((now - since) // MOMENTS, self._every_ms)
        while since < now:
            self.standing.waits_since_ms = since
            end = min(since + SLICE_MS, now)
            await self._recall(door, await asyncio.to_thread(self._supply.missed, since, end, step))
            await self._correct(door, since, end)
            await door.listen([self._topic("NCMD")])
            since = self._until = end
        self.standing.waits_since_ms = None
        self._until, self._caught_up = now, True
        if first < now:
            await asyncio.sleep(SETTLED_S)
            last = max(first, now - OVERLAP_MS)
            await self._recall(door, await asyncio.to_thread(self._supply.missed, last, now, step))
        looked = -LOOK_BACK_S
        while True:
            await asyncio.sleep(LOOK_AGAIN_S)
            back = CORRECTED_MS if monotonic() - looked >= LOOK_BACK_S else round(LOOK_BACK_S * 1000)
            looked = monotonic() if back == CORRECTED_MS else looked
            now = _now_ms()
            await self._correct(door, now - back, now)

    async def _correct(self, door: Door, since: int, until: int) -> None:
        """Says the KPIs of shifts' ends that were not said so."""
        found = await asyncio.to_thread(self._supply.finals, since, until)
        fresh: dict[str, list[Metric]] = {}
        for device, metrics in found.items():
            for one in metrics:
                key = device, one.name, one.time_ms
                if self._finals.get(key, self) != one.value:
                    self._finals[key] = one.value
                    fresh.setdefault(device, []).append(one)
        oldest = _now_ms() - self._resend_ms - CORRECTED_MS
        self._finals = {key: value for key, value in self._finals.items() if key[2] > oldest}
        await self._recall(door, fresh)

    async def _recall(self, door: Door, devices: Devices) -> None:
        for device, metrics in devices.items():
            old = [replace(one, historical=True) for one in metrics if (device, one.name) in self._aliases]
            for at in range(0, len(old), AT_ONCE):
                await self._say(door, device, old[at : at + AT_ONCE])
                await asyncio.sleep(PAUSE_S)

    # -- within ------------------------------------------------------------------------------------

    def _tell(self, state: SourceState, key: str, **fields: object) -> None:
        standing = self.standing
        if (state, key) != (standing.state, standing.key):
            _log.info("edge node %s: %s (%s %s)", standing.name, state.value, key, fields)
        about = {"url": standing.url, "name": standing.name, "source": "sparkplug"}
        standing.state, standing.key, standing.fields = state, key, {**about, **fields}

    async def _remember(self) -> None:
        await asyncio.to_thread(self._memory, {"bdseq": self._bdseq, "until": self._until})


def _now_ms() -> int:
    return time_ns() // 1_000_000
