"""What the plant says of itself as an edge node: states and KPIs of the board, and of the history what was missed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lineside.books import Books
from lineside.connect import Metric, MetricType, SourceState, without_password
from lineside.errors import ConfigurationError
from lineside.history import History
from lineside.measure import KPIS, Row, Scope, kpi_rows, lack_json, read_facts, shifts_of
from lineside.node.board import Board
from lineside.node.places import Peer, Places
from lineside.node.things import kpi_thing
from lineside.plant import SparkplugNode, State, Timeline
from lineside.publish import FLOW, Devices, EdgeNode, Standing, node_name, parcel_of
from lineside.texts import say
from lineside.trust import Outlet, Parcel

_PLACE = "sparkplug/edge"
"""Under which the place is kept; no source has a slash in its id."""
_LACKS_TOLD = 3
_SHARES = (*KPIS, "coverage")


class Present:
    """The supply of an edge node. `notice` tells it what is now; it asks the history for the rest."""

    def __init__(
        self, settings: SparkplugNode, history: History, board: Board, timeline: Callable[[], Timeline]
    ) -> None:
        self._settings, self._history, self._board, self._timeline = settings, history, board, timeline
        self.scopes = scopes_of(settings, timeline())
        self._machines = [scope.id for scope in self.scopes if scope.level == "machine"]
        self._judged_at = 0
        self._judged: dict[str, list[Metric]] = {}
        self._now: dict[str, list[Metric]] = {}

    def notice(self, machines: Mapping[str, Any], now: int) -> None:
        """Takes what the board shows of the machines and, as often as they are wanted, its KPIs. Microseconds."""
        rows = self._board.rows
        if not self._judged or now - self._judged_at >= self._settings.every_s * 1e6:
            self._judged_at = now
            self._judged = {one.id: list(self._of_row(rows.get(f"{one.level}/{one.id}"), now)) for one in self.scopes}
        self._now = {one.id: [*self._of_state(one, machines), *self._judged[one.id]] for one in self.scopes}

    def present(self) -> Devices:
        """Every device with all its metrics."""
        return self._now

    def thing(self, device: str, metric: str) -> str:
        """A state, a KPI, or what counts and coverage go into."""
        level = next(one.level for one in self.scopes if one.id == device)
        if metric == "state":
            return f"states/{device}"
        return kpi_thing(f"{level}/{device}", metric if metric in KPIS else "oee")

    def missed(self, start_ms: int, end_ms: int, step_ms: int) -> Devices:
        """States as they changed, and KPIs that changed from one moment to the next."""
        found: dict[str, list[Metric]] = {one.id: [] for one in self.scopes}
        if "state" in self._settings.metrics:
            facts = read_facts(self._history, self._timeline(), self._machines, start_ms * 1000, end_ms * 1000)
            for machine, one in facts.items():
                starts = [one.states[i] for i in range(len(one.states))]
                judged = [(start, state) for start, _, state in starts if start < one.parts[-1].until]
                found[machine] += [self._state(state.value, start // 1000) for start, state in judged]
        before: dict[tuple[str, str], object] = {}
        for moment in range((start_ms // step_ms + 1) * step_ms, end_ms, step_ms):
            rows = self._board.rows_at(self._timeline(), moment * 1000)
            for scope in self.scopes:
                for metric in self._of_row(rows.get(f"{scope.level}/{scope.id}"), moment * 1000):
                    if before.get((scope.id, metric.name), before) != metric.value:
                        before[scope.id, metric.name] = metric.value
                        found[scope.id].append(metric)
        return found

    def finals(self, start_ms: int, end_ms: int) -> Devices:
        """The KPIs of whole shifts that ended in (start, end]; cheap where none did."""
        since, until, plant = start_ms * 1000, end_ms * 1000, self._timeline().newest
        shifts = [shift for machine in plant.machines.values() for shift in shifts_of(plant, machine, since, until)]
        begin = min((shift.start for shift in shifts if since < shift.end <= until), default=until)
        if begin == until:
            return {}
        rows = kpi_rows(self._history, self._timeline(), self.scopes, begin, until, by="shift")
        found: dict[str, list[Metric]] = {}
        for row in rows:
            domain = row.domain
            if domain.shift is not None and domain.whole is None and since < domain.end <= until:
                found.setdefault(row.id, []).extend(self._of_row(row, domain.end))
        return found

    def _of_state(self, scope: Scope, machines: Mapping[str, Any]) -> Iterator[Metric]:
        """The state of a machine. A line has none: it is judged at its pace station."""
        if scope.level == "machine" and "state" in self._settings.metrics:
            shown = machines.get(scope.id)
            if shown is None:  # it has just left the plant file
                return
            silent = shown["state"] == State.NO_DATA.value and shown["reason"]
            yield self._state(
                shown["state"], shown["since_ms"], shown["reason"][self._settings.language] if silent else ""
            )

    def _state(self, state: str, time_ms: int, reason: str = "") -> Metric:
        return Metric("state", MetricType.STRING, state, time_ms, reason, {"documentation": self._about("state")})

    def _of_row(self, row: Row | None, at: int) -> Iterator[Metric]:
        """KPIs and counts of a row, and from when on they count; None: the board could not judge it."""
        wanted = [name for name in self._settings.metrics if name != "state"]
        if not wanted:
            return
        time_ms = (at if row is None else row.domain.end) // 1000
        reason = self._reason(row)
        for name in wanted:
            value = None if row is None else _value(row, name)
            share = name in _SHARES
            about: dict[str, str | float] = {"documentation": self._about(name), "engUnit": "1"}
            if share:
                about |= {"engLow": 0.0, "engHigh": 1.0}
            rounded = None if value is None else round(float(value), 4 if share else 3)
            yield Metric(name, MetricType.DOUBLE, rounded, time_ms, reason if value is None else "", about)
        start_ms = None if row is None else row.domain.start // 1000
        about = {"documentation": self._about("window_start")}
        yield Metric("window_start", MetricType.DATETIME, start_ms, start_ms or time_ms, "" if row else reason, about)

    def _reason(self, row: Row | None) -> str:
        """Why a value of this row is missing, where one is."""
        language, plant = self._settings.language, self._timeline().newest
        if row is None:
            return say("publish.not_judged", language)
        told = [lack_json(lack, plant, language)["what"] for lack in row.lacks[:_LACKS_TOLD]]
        return "; ".join(told) or say("publish.nothing_yet", language)

    def _about(self, name: str) -> str:
        return say(f"kpi.{name}.explain" if name in KPIS else f"publish.about.{name}", self._settings.language)


def _value(row: Row, name: str) -> float | None:
    if name in KPIS:
        return row.values[name]
    return {"coverage": row.coverage, "produced": row.produced, "good": row.good, "rejected": row.rejected}[name]


def scopes_of(settings: SparkplugNode, timeline: Timeline) -> list[Scope]:
    """The machines and lines that are told of, each a device."""
    plant = timeline.newest
    machines = plant.machines if settings.machines is None else settings.machines
    lines = plant.lines if settings.lines is None else settings.lines
    return [*(Scope("machine", one) for one in machines), *(Scope("line", one) for one in lines)]


class Publisher:
    """Runs the edge node that the newest edition asks for, if any."""

    def __init__(
        self, history: History, books: Books, board: Board, timeline: Callable[[], Timeline], outlet: Outlet
    ) -> None:
        self._history, self._board, self._timeline, self._outlet = history, board, timeline, outlet
        self._places = Places(books)
        self._present: Present | None = None
        self._node: EdgeNode | None = None
        self._running: tuple[object, asyncio.Task[None]] | None = None
        self.standing: Standing | None = None
        """How it fares; None where the plant file asks for none."""

    def notice(self, machines: Mapping[str, Any], now: int) -> None:
        """Takes what the board shows."""
        if (present := self._present) is not None:
            present.notice(machines, now)

    async def apply(self) -> None:
        """Starts, stops or starts anew; one that says the same to the same broker runs on."""
        plant = self._timeline().newest
        settings = plant.sparkplug
        wanted = settings and (settings, plant.site.id, scopes_of(settings, self._timeline()))
        if self._running is not None and self._running[0] == wanted:
            return
        await self.close()
        if settings is None:
            return
        name = node_name(settings, plant.site.id)
        peer: Peer = "sparkplug", without_password(settings.url), name
        present = Present(settings, self._history, self._board, self._timeline)
        place = await asyncio.to_thread(self._places.of, _PLACE, peer)
        try:
            node = EdgeNode(
                settings,
                plant.site.id,
                present,
                lambda place: self._places.keep(_PLACE, peer, place),
                place or {},
                self._outlet,
            )
        except ConfigurationError as error:
            self.standing = Standing(peer[1] or "", name, settings.primary_host or "", SourceState.STOPPED)
            self.standing.key, self.standing.fields = error.key, error.fields
            return
        self._present, self._node, self.standing = present, node, node.standing
        self._running = wanted, asyncio.create_task(node.run(), name="sparkplug edge node")

    @property
    def way(self) -> tuple[str, str] | None:
        """The flow and the address that the plant file names; None where it asks for no edge node."""
        settings = self._timeline().newest.sparkplug
        return None if settings is None else (FLOW, without_password(settings.url) or "")

    def preview(self) -> list[Parcel]:
        """What would leave by a birth now."""
        node = self._node
        return [] if node is None else [parcel_of(node.standing.url, one) for one in node.preview()]

    async def close(self) -> None:
        """Ends the edge node, which says goodbye."""
        running, self._running, self._present, self.standing = self._running, None, None, None
        self._node = None
        while running is not None and not running[1].done():
            running[1].cancel()  # more than once: libraries take the cancelling of a task for their own
            await asyncio.wait([running[1]], timeout=1)
