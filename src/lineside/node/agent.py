"""The node as an MTConnect agent: what its machines say from its start on, numbered, the newest of it in memory.

Values of signals come as they are stored, each once. Availability, execution, state and counts are those of the
board. A machine whose source is silent says that it has no values, and says them again when it is heard again.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lineside.history import History, Last, Rows
from lineside.node.offer import AVAILABILITY, COUNTS, EXECUTION, EXECUTIONS, NO_VALUE, STATE, id_of, offer
from lineside.node.ring import Bools, Ring, Told
from lineside.plant import MTConnectAgent, Plant, State

LONGEST_TEXT = 2_000
"""Characters of a text that are kept; what is longer ends in an ellipsis."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the sequence stands."""

    first: int
    next: int


@dataclass(slots=True)
class _Machine:
    signals: Mapping[int, int]
    """Data items of its signals, and the series of each."""
    silent: bool = True
    told: dict[int, Any] = field(default_factory=dict)
    silence: dict[int, int] = field(default_factory=dict)
    """With which sequence number each signal was said to have no value."""


class Agent:
    """One instance, whose sequence numbers mean the same as long as it lives. Safe from any thread."""

    def __init__(self, history: History, plant: Plant, settings: MTConnectAgent, instance: int, now: int) -> None:
        self.plant, self.settings, self.instance, self.began = plant, settings, instance, now
        self.items = offer(plant)
        self.streams = 0
        """How many clients are being streamed to."""
        self._history = history
        self._lock = threading.Lock()
        self._place = {item.id: place for place, item in enumerate(self.items)}
        named = [
            (i, plant.machines[item.machine].signals[item.signal]) for i, item in enumerate(self.items) if item.signal
        ]
        keys = [(self.items[i].series, signal.kind, signal.unit) for i, signal in named]
        series = dict(zip((i for i, _ in named), history.series_of(keys), strict=True))
        self._item_of = np.full(max(series.values(), default=0) + 1, -1, np.int64)
        self._item_of[list(series.values())] = list(series)
        self._machines = {
            name: _Machine({i: series[i] for i in series if self.items[i].machine == name}) for name in plant.machines
        }
        self._ring = Ring(settings.buffer, len(self.items))
        with self._lock:
            for item in range(len(self.items)):
                self._say(item, now, NO_VALUE)
            for machine in self._machines.values():
                machine.silence = {item: item + 1 for item in machine.signals}

    # -- what is said ------------------------------------------------------------------------------

    def stored(self, rows: Rows) -> None:
        """Takes what the history has just stored."""
        known = rows.series < len(self._item_of)
        item = np.where(known, self._item_of[np.where(known, rows.series, 0)], -1)
        chosen = np.flatnonzero(item >= 0)
        chosen = chosen[np.argsort(rows.time[chosen], kind="stable")]
        if not len(chosen):
            return
        words = [_cut(word) for word in rows.text.dictionary.to_pylist()]
        codes = rows.text.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
        text = np.array([*words, None], object)[codes[chosen]]
        with self._lock:
            self._ring.put(item[chosen], rows.time[chosen], rows.number[chosen], text)

    def notice(self, present: Mapping[str, Any], now: int) -> None:
        """Takes what the board shows of the machines."""
        with self._lock:
            for name, machine in self._machines.items():
                if (shown := present.get(name)) is not None:
                    self._notice(name, machine, shown, now)

    def _notice(self, name: str, machine: _Machine, shown: Mapping[str, Any], now: int) -> None:
        since, silent = shown["since_ms"] * 1000, bool(shown["stale"])
        if silent != machine.silent:
            machine.silent = silent
            self._fall_silent(machine, since) if silent else self._speak_again(machine, now)
        state = State(shown["state"])
        self._tell(name, machine, AVAILABILITY, NO_VALUE if silent else "AVAILABLE", since if silent else now)
        self._tell(name, machine, EXECUTION, EXECUTIONS[state], since)
        self._tell(name, machine, STATE, state.value, since)
        counts = shown.get("units") or {}
        for count in COUNTS:
            self._tell(name, machine, count, counts.get(count), now)

    def _fall_silent(self, machine: _Machine, since: int) -> None:
        for item in machine.signals:
            machine.silence[item] = self._ring.next
            self._say(item, max(since, int(self._ring.last.time[item])), NO_VALUE)

    def _speak_again(self, machine: _Machine, now: int) -> None:
        for item, series in machine.signals.items():
            last = self._history.last(series)
            if last is not None and machine.silence.get(item) == self._ring.last.sequence[item]:
                self._say(item, max(now, int(self._ring.last.time[item])), last)

    def _tell(self, name: str, machine: _Machine, what: str, value: str | int | None, time: int) -> None:
        """Says one of the node's own findings when it has changed."""
        item = self._place.get(id_of(name, f"-{what}"))
        said = NO_VALUE if value is None else value
        if item is None or machine.told.get(item, NO_VALUE) == said:
            return
        machine.told[item] = said
        self._say(item, max(time, int(self._ring.last.time[item])), said)

    def _say(self, item: int, time: int, value: Last | str | float) -> None:
        number, text = (value.number, value.text) if isinstance(value, Last) else (None, None)
        if isinstance(value, str):
            text = None if value == NO_VALUE else value
        elif not isinstance(value, Last):
            number = value
        self._ring.put(
            np.array([item]),
            np.array([time]),
            np.array([np.nan if number is None else number], np.float64),
            np.array([_cut(text)], object),
        )

    # -- what is asked -----------------------------------------------------------------------------

    @property
    def standing(self) -> Standing:
        """Where the sequence stands now."""
        with self._lock:
            return Standing(self._ring.first, self._ring.next)

    def wanted(self, ids: set[str] | None) -> Bools:
        """Which items have one of these ids; all, when None."""
        return np.array([ids is None or item.id in ids for item in self.items], np.bool_)

    def sample(self, start: int, wanted: Bools, count: int) -> tuple[Told, int, Standing] | None:
        """At most `count` values from `start` on, where to go on, and where the sequence stood; None out of range."""
        with self._lock:
            standing = Standing(self._ring.first, self._ring.next)
            if not standing.first <= start <= standing.next:
                return None
            return *self._ring.span(start, wanted, count), standing

    def current(self, at: int | None, wanted: Bools) -> tuple[Told, Standing] | None:
        """The value of each item, now or when `at` had been said; None out of range."""
        with self._lock:
            standing = Standing(self._ring.first, self._ring.next)
            if at is not None and not standing.first <= at < standing.next:
                return None
            held = self._ring.last.take(np.arange(len(self.items))) if at is None else self._ring.at(at)
        return held.take(wanted[held.item]), standing


def agent_of(history: History, plant: Plant, known: Agent | None, now: int) -> Agent | None:
    """The agent that this edition asks for: the known one while it offers the same, else a new instance."""
    settings = plant.mtconnect
    if settings is None:
        return None
    if known is not None and (known.settings, known.items) == (settings, offer(plant)):
        return known
    return Agent(history, plant, settings, max(now // 1_000_000, known.instance + 1 if known else 1), now)


def _cut(text: str | None) -> str | None:
    return text if text is None or len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
