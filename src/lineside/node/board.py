"""What every machine is doing now: the state of this moment and the KPIs of this shift, as one plain document."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from lineside.errors import LinesideError
from lineside.history import History, Last, Samples
from lineside.measure import KPIS, Row, Scope, kpi_rows, product_spans, read_facts, rule_codes, shifts_of
from lineside.plant import (
    STATES,
    Machine,
    Plant,
    ShiftSpan,
    State,
    Timeline,
    production_day_of,
    production_day_span,
    shift_spans,
)
from lineside.texts import LANGUAGES, say

_DAY = 86_400_000_000
_log = logging.getLogger(__name__)


class Hearing(Protocol):
    """Tells when a source was last heard and what is wrong with it."""

    def last_heard(self, source: str) -> int | None:
        """When it was last heard, in microseconds UTC."""

    def reason(self, source: str, language: str) -> str | None:
        """What is wrong with it, in words; None while nothing is."""


@dataclass(slots=True)
class _Current:
    state: State
    since: int
    seen: tuple[tuple[int, object] | None, ...] | None
    """The newest values it rests on; None while the source is silent."""


class Board:
    """The present of a plant. `states(now)` is cheap and called at every tick, `judge(now)` every few seconds."""

    def __init__(self, history: History, hearing: Hearing) -> None:
        self._history = history
        self._hearing = hearing
        self._current: dict[str, _Current] = {}
        self._faults: dict[str, tuple[str, int]] = {}
        self._judged: dict[str, Any] = {"machines": {}, "lines": {}, "areas": {}, "site": {}}
        self.rows: dict[str, Row] = {}
        """The row of each scope as judged last, by its address, `machine/mazak`."""

    def forget(self) -> None:
        """Starts afresh, as after a new edition."""
        self._current.clear()

    def snapshot(self, timeline: Timeline, now: int) -> dict[str, Any]:
        """The whole document, times in epoch milliseconds."""
        plant = timeline.newest
        shift = current_shift(plant, now)
        machines = {}
        for machine in plant.machines.values():
            judged = self._judged["machines"].get(machine.id, {})
            machines[machine.id] = {**self._shown(timeline, machine, now), **judged}
        return {
            "shift": None if shift is None else _shift_json(shift),
            "machines": machines,
            **{level: self._judged[level] for level in ("lines", "areas", "site")},
        }

    def judge(self, timeline: Timeline, now: int) -> None:
        """Computes the KPIs of the running shift (of the production day so far where no shift runs)."""
        self.rows = self.rows_at(timeline, now)
        judged: dict[str, Any] = {"machines": {}, "lines": {}, "areas": {}, "site": {}}
        for row in self.rows.values():
            if row.level == "machine":
                judged["machines"][row.id] = {
                    "units": _units(row),
                    "oee": _shares(row),
                }
            elif row.level == "site":
                judged["site"] = _shares(row)
            else:
                judged[f"{row.level}s"][row.id] = _shares(row)
        self._judged = judged

    def rows_at(self, timeline: Timeline, now: int) -> dict[str, Row]:
        """The rows as they are, or were, at a moment, by the address of their scope."""
        plant = timeline.newest
        windows: dict[tuple[int, int], list[Scope]] = {}
        for machine in plant.machines.values():
            windows.setdefault(machine_window(plant, machine, now), []).append(Scope("machine", machine.id))
        site = site_window(plant, now)
        upper = [*(Scope("line", i) for i in plant.lines), *(Scope("area", i) for i in plant.areas)]
        windows.setdefault(site, []).extend([*upper, Scope("site", plant.site.id)])
        rows = (row for (start, end), scopes in windows.items() for row in self._rows(timeline, scopes, start, end))
        return {row.scope: row for row in rows}

    def _rows(self, timeline: Timeline, scopes: list[Scope], start: int, end: int) -> list[Row]:
        """The rows of all scopes at once, or where that fails one by one, so that one fault leaves the others."""
        try:
            return kpi_rows(self._history, timeline, scopes, start, end)
        except Exception as error:  # noqa: BLE001 - the supervision boundary: one machine never blanks the others
            if len(scopes) == 1:
                self._note_fault(f"{scopes[0].level}/{scopes[0].id}", error, end)
                return []
        return [row for scope in scopes for row in self._rows(timeline, [scope], start, end)]

    def _shown(self, timeline: Timeline, machine: Machine, now: int) -> dict[str, Any]:
        """The state of a machine, or that it cannot be told and why."""
        try:
            state = self._state(timeline, machine, now)
        except Exception as error:  # noqa: BLE001 - the supervision boundary, as above
            told, since = self._note_fault(machine.id, error, now)
            reason = {name: say("node.board_fault", name, machine=machine.name, error=told) for name in LANGUAGES}
            return {
                "state": State.NO_DATA.value,
                "since_ms": since // 1000,
                "stale": True,
                "age_s": None,
                "reason": reason,
                "product": None,
            }
        self._faults.pop(machine.id, None)
        return state

    def _note_fault(self, what: str, error: Exception, now: int) -> tuple[str, int]:
        """The fault in words and since when it is the same; logged when it is new."""
        told = f"{type(error).__name__}: {error}"
        if self._faults.get(what, ("", 0))[0] != told:
            fault = None if isinstance(error, LinesideError) else error
            _log.error("the present of %s cannot be told: %s", what, error, exc_info=fault)
            self._faults[what] = (told, now)
        return self._faults[what]

    def _state(self, timeline: Timeline, machine: Machine, now: int) -> dict[str, Any]:
        heard = self._hearing.last_heard(machine.source) if machine.source else None
        source = timeline.newest.sources.get(machine.source or "")
        age = None if heard is None else max(0, now - heard)
        silent = age is None or source is None or age > source.stale_after_s * 1_000_000
        if heard is None:
            heard = self._told(machine)
            current = self._current[machine.id] = _Current(State.NO_DATA, now - _DAY if heard is None else heard, None)
            age = None if heard is None else max(0, now - heard)
        elif silent:
            current = self._silence(machine, heard)
        else:
            current = self._speech(timeline, machine, heard, now)
        return {
            "state": current.state.value,
            "since_ms": current.since // 1000,
            "stale": silent,
            "age_s": None if age is None or not silent else age // 1_000_000,
            "reason": self._reason(machine.source),
            "product": self._product(timeline.newest, machine, now),
        }

    def _reason(self, source: str | None) -> dict[str, str] | None:
        """What is wrong with the source, in every language: one document serves all readers."""
        told = {language: self._hearing.reason(source, language) for language in LANGUAGES} if source else {}
        return {language: reason for language, reason in told.items() if reason is not None} or None

    def _product(self, plant: Plant, machine: Machine, now: int) -> str | None:
        """The name of the product in force."""
        traces = {}
        if machine.units is not None and machine.units.product is not None:
            last = self._history.last(self._history.series(f"{machine.id}/{machine.units.product}"))
            traces[machine.units.product] = _samples(last)
        *_, product = product_spans(plant, machine, traces, now, now + 1)[-1]
        return None if product is None else plant.products[product].name

    def _told(self, machine: Machine) -> int | None:
        """When the newest value of a machine is from that nobody has heard for a day: the end of its recording."""
        lasts = (self._history.last(self._history.series(f"{machine.id}/{signal}")) for signal in machine.signals)
        return max((last.time for last in lasts if last is not None), default=None)

    def _silence(self, machine: Machine, heard: int) -> _Current:
        """No data since the source was last heard."""
        known = self._current.get(machine.id)
        if known is None or known.seen is not None:
            since = known.since if known is not None and known.state is State.NO_DATA else heard
            self._current[machine.id] = _Current(State.NO_DATA, since, None)
        return self._current[machine.id]

    def _speech(self, timeline: Timeline, machine: Machine, heard: int, now: int) -> _Current:
        """What the newest values say."""
        lasts = [self._history.last(self._history.series(f"{machine.id}/{s.id}")) for s in machine.state_signals]
        seen = tuple(None if last is None else (last.time, last.text or last.number) for last in lasts)
        known = self._current.get(machine.id)
        if known is not None and known.seen == seen:
            return known
        state = _state_of(machine, lasts)
        newest = max((entry[0] for entry in seen if entry is not None), default=now)
        if known is None or known.seen is None:
            since = self._since(timeline, machine, state, newest, heard)
        else:
            since = known.since if state is known.state else max(newest, known.since)
        self._current[machine.id] = _Current(state, min(since, now), seen)
        return self._current[machine.id]

    def _since(self, timeline: Timeline, machine: Machine, state: State, newest: int, heard: int) -> int:
        """Since when `state` holds: by the facts up to the last thing heard, else since the newest value."""
        facts = read_facts(self._history, timeline, [machine.id], heard - _DAY, heard)[machine.id]
        start, _, before = facts.states.last
        return start if before is state else max(newest, heard)


def _state_of(machine: Machine, lasts: Iterable[Last | None]) -> State:
    if not machine.states:
        return State.NO_DATA
    traces: Mapping[str, Samples] = {
        signal.id: _samples(last) for signal, last in zip(machine.state_signals, lasts, strict=True)
    }
    code = int(rule_codes(machine, traces, np.array([2**62]))[0])
    return STATES[code]


def _samples(last: Last | None) -> Samples:
    return Samples.none() if last is None else Samples.of(last)


def current_shift(plant: Plant, now: int) -> ShiftSpan | None:
    """The shift of the site's calendar that runs now."""
    if plant.site.calendar is None:
        return None
    calendar = plant.calendars[plant.site.calendar]
    spans = shift_spans(calendar, plant.site.zone, plant.site.production_day_starts, now, now + 1)
    return spans[0] if spans else None


def site_window(plant: Plant, now: int) -> tuple[int, int]:
    """The running shift so far, or the production day so far where no shift runs."""
    shift = current_shift(plant, now)
    return _so_far(plant, shift, now)


def machine_window(plant: Plant, machine: Machine, now: int) -> tuple[int, int]:
    """The same by the machine's own calendar."""
    shifts = shifts_of(plant, machine, now, now + 1)
    return _so_far(plant, shifts[0] if shifts else None, now)


def _so_far(plant: Plant, shift: ShiftSpan | None, now: int) -> tuple[int, int]:
    zone, starts = plant.site.zone, plant.site.production_day_starts
    begin = shift.start if shift else production_day_span(production_day_of(now, zone, starts), zone, starts)[0]
    return begin, max(now, begin + 1)


def _shift_json(shift: ShiftSpan) -> dict[str, Any]:
    return {
        "name": shift.name,
        "start_ms": shift.start // 1000,
        "end_ms": shift.end // 1000,
        "production_day": shift.production_day.isoformat(),
    }


def _shares(row: Row) -> dict[str, Any]:
    shares: dict[str, Any] = {kpi: _rounded(row.values[kpi]) for kpi in KPIS}
    return {
        **shares,
        "coverage": _rounded(row.coverage),
        "missing": len(row.lacks),
        "lacks": [x.code for x in row.lacks],
    }


def _units(row: Row) -> dict[str, Any] | None:
    counts = {"good": row.good, "rejected": row.rejected, "produced": row.produced}
    if all(count is None for count in counts.values()):
        return None
    return {name: None if count is None else round(count) for name, count in counts.items()}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
