"""What one machine did in a window: states, units and plan, read once and judged as often as asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lineside.history import History, Quality, Samples
from lineside.measure.counting import BACK_WITHIN_US, CounterFall, countable, increments
from lineside.measure.intervals import Intervals, Times, constant, join
from lineside.measure.planned import Excluded, Planned, planned_time
from lineside.measure.states import derive_states
from lineside.plant import Edition, Machine, Plant, SourceSettings, Span, State, Timeline

_HOUR = 3_600_000_000
_EVER = 2**62
_LOOK_BACK = (_HOUR, 24 * _HOUR, 31 * 24 * _HOUR, _EVER)
ROLES = ("total", "good", "rejected")


@dataclass(frozen=True, slots=True)
class Units:
    """What one counter counted, with the product each unit belongs to (index into `products`, -1: unknown)."""

    time: Times
    amount: npt.NDArray[np.float64]
    product: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class EditionFacts:
    """A machine in the part of a window that one edition of the plant judges."""

    edition: Edition
    machine: Machine | None
    start: int
    end: int
    until: int
    """Up to when it is judged: the last moment it was heard, when that is so near `end` that more may be on its way."""
    superseded: int | None
    """When another edition took over; None for the one that judges the present."""
    states: Intervals
    planned: Planned
    units: Mapping[str, Units]
    products: tuple[str, ...]
    product_spans: tuple[tuple[int, int, str | None], ...]
    falls: tuple[CounterFall, ...] = ()
    removed: tuple[Span, ...] = ()
    """Time of which nothing is kept any more."""


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """A machine in a window, one part an edition."""

    machine: str
    start: int
    end: int
    parts: tuple[EditionFacts, ...]
    newest: Plant

    @property
    def states(self) -> Intervals:
        """Its states, tiling the window."""
        return join([part.states for part in self.parts])

    @property
    def products(self) -> tuple[str | None, ...]:
        """Every product in force in the window, in order of first appearance; None where nothing tells."""
        return tuple(dict.fromkeys(product for part in self.parts for _, _, product in part.product_spans))


def read_facts(
    history: History, timeline: Timeline, machines: Sequence[str], start: int, end: int
) -> dict[str, MachineFacts]:
    """The facts of several machines in [start, end), judged by the editions in force then."""
    parts: dict[str, list[EditionFacts]] = {machine: [] for machine in machines}
    last_moments = {edition.number: last for _, last, edition in timeline.during(-_EVER, _EVER)}
    for first, last, edition in timeline.during(start, end):
        superseded = None if last_moments[edition.number] == _EVER else last_moments[edition.number]
        present = [edition.plant.machines[m] for m in machines if m in edition.plant.machines]
        traces = _read_traces(history, present, first, last)
        for name in machines:
            machine = edition.plant.machines.get(name)
            parts[name].append(
                _absent(edition, first, last, superseded)
                if machine is None
                else _present(history, edition, machine, traces[name], first, last, superseded, open_ended=last == end)
            )
    newest = timeline.newest
    return {name: MachineFacts(name, start, end, tuple(found), newest) for name, found in parts.items()}


def _absent(edition: Edition, start: int, end: int, superseded: int | None) -> EditionFacts:
    nothing = constant(State.NO_DATA, start, end)
    planned = Planned((), None, (Excluded(start, end, "no_machine"),))
    return EditionFacts(edition, None, start, end, end, superseded, nothing, planned, {}, (), ((start, end, None),))


def _present(
    history: History,
    edition: Edition,
    machine: Machine,
    traces: Mapping[str, Samples],
    start: int,
    end: int,
    superseded: int | None,
    *,
    open_ended: bool,
) -> EditionFacts:
    heard = history.heard(machine.source, start, end) if machine.source else np.zeros((0, 2), dtype=np.int64)
    state_traces = {s.id: traces[s.id] for s in machine.state_signals}
    spans = product_spans(edition.plant, machine, traces, start, end)
    products = tuple(dict.fromkeys(p for _, _, p in spans if p is not None))
    units, falls = _count(machine, traces, spans, products, start, end)
    return EditionFacts(
        edition,
        machine,
        start,
        end,
        _until(history, edition.plant.sources.get(machine.source or ""), start, end) if open_ended else end,
        superseded,
        derive_states(machine, state_traces, heard, start, end),
        planned_time(edition.plant, machine, start, end),
        units,
        products,
        spans,
        falls,
        tuple((first, last) for first, last in history.removed(start, end).tolist()),
    )


def _until(history: History, source: SourceSettings | None, start: int, end: int) -> int:
    """Where [start, end) ends for a source that was not heard since: silence shorter than it may keep is no gap yet."""
    if source is None:
        return end
    since = end - round(source.stale_after_s * 1_000_000)
    heard = history.heard(source.id, max(since, start), _EVER)
    return min(int(heard[-1, 1]), end) if len(heard) else end


def _counter_ids(machine: Machine) -> dict[str, str]:
    """Signal ids of its counters by role."""
    rule = machine.units
    pairs = ((role, getattr(rule, role, None)) for role in ROLES)
    return {role: signal for role, signal in pairs if signal is not None}


def _read_traces(history: History, machines: Sequence[Machine], start: int, end: int) -> dict[str, dict[str, Samples]]:
    """Samples of every signal that states, units or products of the machines need, by machine and signal.

    Each reaches so far beyond the window that a counter's falls in it can be told, with the one before that in front,
    also when another is at its beginning: a counter's step to it is wanted.
    """
    start, end = start - BACK_WITHIN_US - 1, end + BACK_WITHIN_US
    wanted: dict[tuple[str, str], int] = {}
    for machine in machines:
        wanted |= {(machine.id, one): history.series(f"{machine.id}/{one}") for one in machine.kpi_signals}
    read = history.read_many(list(wanted.values()), start, end)
    traces: dict[str, dict[str, Samples]] = {machine.id: {} for machine in machines}
    counters = {(m.id, signal) for m in machines for signal in _counter_ids(m).values()}
    for key, series in wanted.items():
        trace = read[series]
        if key in counters and len(trace) and trace.time[0] <= start and not countable(trace)[0]:
            trace = with_usable_start(history, series, start, trace)
        traces[key[0]][key[1]] = trace
    return traces


def with_usable_start(history: History, series: int, start: int, trace: Samples) -> Samples:
    """The trace with its last usable value before `start` in front, sought further and further back."""
    for distance in _LOOK_BACK:
        earlier = history.read(series, max(start - distance, -_EVER), start)
        usable = np.flatnonzero(countable(earlier))
        if len(usable):
            return _after(earlier, int(usable[-1]), trace)
    return trace


def _after(earlier: Samples, index: int, trace: Samples) -> Samples:
    """The trace of a counter with sample number `index` of an earlier one in front."""
    one = slice(index, index + 1)
    return Samples(
        np.concatenate((earlier.time[one], trace.time)),
        np.concatenate((earlier.number[one], trace.number)),
        np.full(len(trace) + 1, -1, dtype=np.int32),
        (),
        np.concatenate((earlier.quality[one], trace.quality)),
    )


def product_spans(
    plant: Plant, machine: Machine, traces: Mapping[str, Samples], start: int, end: int
) -> tuple[tuple[int, int, str | None], ...]:
    """Which product was in force when: as the machine says, else by orders, else the line's planned product."""
    if machine.units is not None and machine.units.product is not None:
        trace = traces[machine.units.product]
        names = [plant.product_named(word) for word in trace.words]
        edges = trace.time.clip(start, end).tolist()
        codes = np.where(trace.quality <= Quality.UNCERTAIN, trace.codes, -1).tolist()
        found = [names[code] if code >= 0 else None for code in codes]
        return _tile_products(list(zip(edges, [*edges[1:], end][: len(edges)], found, strict=True)), start, end)
    fallback = plant.lines[machine.line].product
    planned = [s for s in plant.spans_of(machine) if s.start < end and s.end > start]
    spans = [(max(s.start, start), min(s.end, end), s.product) for s in planned]
    return _tile_products(spans, start, end, fallback)


def _tile_products(
    spans: Sequence[tuple[int, int, str | None]], start: int, end: int, fallback: str | None = None
) -> tuple[tuple[int, int, str | None], ...]:
    """Product spans without gap or overlap; where two overlap the earlier one goes on to its end."""
    tiled: list[tuple[int, int, str | None]] = []
    at = start
    for first, last, product in [*spans, (end, end, fallback)]:
        if first > at:
            _extend(tiled, at, first, fallback)
            at = first
        if last > at:
            _extend(tiled, at, last, product)
            at = last
    return tuple(tiled)


def _extend(tiled: list[tuple[int, int, str | None]], start: int, end: int, product: str | None) -> None:
    if tiled and tiled[-1][2] == product:
        tiled[-1] = (tiled[-1][0], end, product)
    else:
        tiled.append((start, end, product))


def _count(
    machine: Machine,
    traces: Mapping[str, Samples],
    spans: Sequence[tuple[int, int, str | None]],
    products: Sequence[str],
    start: int,
    end: int,
) -> tuple[dict[str, Units], tuple[CounterFall, ...]]:
    if machine.units is None:
        return {}, ()
    begins = np.array([a for a, _, _ in spans], dtype=np.int64)
    index = np.array([-1 if p is None else products.index(p) for _, _, p in spans], dtype=np.int32)
    units: dict[str, Units] = {}
    falls: list[CounterFall] = []
    for role, signal in _counter_ids(machine).items():
        made = increments(traces[signal], machine.signals[signal].kind, machine.units.rollover, start, end)
        product = index[np.searchsorted(begins, made.time, side="right") - 1]
        units[role] = Units(made.time, made.amount, product)
        falls += made.falls
    return units, tuple(falls)


def spans_of_product(part: EditionFacts, product: str | None) -> tuple[Span, ...]:
    """When `product` was in force in this part of the window."""
    return tuple((a, b) for a, b, p in part.product_spans if p == product)
