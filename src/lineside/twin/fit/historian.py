"""The record of a line of the plant, from the node's own history: its states, its counters, its planned time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np

from lineside.errors import ConfigurationError
from lineside.history import History
from lineside.measure import MachineFacts, read_facts, within
from lineside.plant import CODE, Span, State, Timeline, moment, union
from lineside.twin.fit.record import GOOD, NOBODY, REJECTED, UNKNOWN, Codes, Record, Rows, Spans, Visits, joined, rows
from lineside.twin.reading import Finding
from lineside.twin.tally import BLOCKED, DOWN, OFF, SETUP, STARVED, WORKING, Floats

_S = 1e6
_MOST_UNITS = 20_000_000
_OVERTIME = 0.02
_TOGETHER = 0.02
_SEEN_AS: Mapping[State, int] = {
    State.RUNNING: WORKING,
    State.SETUP: SETUP,
    State.STARVED: STARVED,
    State.BLOCKED: BLOCKED,
    State.DOWN: DOWN,
    State.STOPPED: DOWN,
    State.PLANNED_STOP: OFF,
    State.OFF: OFF,
    State.UNMAPPED: UNKNOWN,
    State.NO_DATA: UNKNOWN,
}
REASONS = ("stopped",)
"""A stop that is neither a fault nor for want of parts or room: down, by this reason."""


@dataclass(slots=True)
class _Gathered:
    """Columns of visits and of spans, a piece a machine."""

    visits: list[Visits] = field(default_factory=list)
    spans: list[Spans] = field(default_factory=list)
    shifts: dict[str, Floats] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def record_of_line(history: History, timeline: Timeline, line: str, start: int, end: int) -> Record:
    """What the history knows of a line in [start, end), microseconds UTC: its machines in the plant file's order.

    Counters give parts without identity, one visit a unit, finished when it was counted. A machine is on shift in
    its planned busy time; what it did outside is off unless it worked. Raises ConfigurationError when the plant has
    no such line.
    """
    plant = timeline.newest
    if line not in plant.lines:
        raise ConfigurationError("record.no_line", line=line, known=", ".join(plant.lines) or "-")
    machines = [machine.id for machine in plant.machines_of(line)]
    facts = read_facts(history, timeline, machines, start, end)
    products = tuple(dict.fromkeys(p for m in machines for p in facts[m].products if p is not None))
    gathered = _Gathered()
    for place, machine in enumerate(machines):
        _gather(gathered, facts[machine], place, products)
    visits = _in_order(gathered.visits)
    return Record(
        name=plant.lines[line].name,
        epoch=moment(start, ZoneInfo("UTC")),
        stations=tuple(machines),
        products=products,
        reasons=REASONS,
        visits=visits,
        spans=joined(Spans, gathered.spans),
        shifts=gathered.shifts,
        start=0.0,
        end=(end - start) / _S,
        findings=tuple(gathered.findings),
    )


def _gather(gathered: _Gathered, facts: MachineFacts, place: int, products: Sequence[str]) -> None:
    planned = _planned(facts)
    spans, overtime = _seen(facts, place, planned)
    gathered.spans.append(spans)
    if planned is None:
        gathered.findings.append(Finding(facts.machine, "record.no_plan", {"machine": facts.machine}))
    else:
        gathered.shifts[facts.machine] = (np.array(planned, float).reshape(-1, 2) - facts.start) / _S
        if overtime > _OVERTIME:
            told = {"machine": facts.machine, "share": f"{overtime * 100:.0f}"}
            gathered.findings.append(Finding(facts.machine, "record.overtime", told))
    units = list(_units(facts, products))
    times = np.concatenate([np.zeros(0), *(time for time, _, _ in units)])
    product = np.concatenate([np.zeros(0, np.int32), *(product for _, product, _ in units)]).astype(np.int32)
    result = np.concatenate([np.zeros(0, np.int32), *(result for _, _, result in units)]).astype(np.int32)
    if len(times) == 0:
        gathered.findings.append(Finding(facts.machine, "record.no_units", {"machine": facts.machine}))
    order = np.argsort(times, kind="stable")
    times = times[order]
    together = float(np.mean(np.diff(times) == 0)) if len(times) > 1 else 0.0
    if together > _TOGETHER:
        told = {"machine": facts.machine, "share": f"{together * 100:.0f}"}
        gathered.findings.append(Finding(facts.machine, "record.counted_together", told))
    gathered.visits.append(_visits(place, times, product[order], result[order]))


def _planned(facts: MachineFacts) -> tuple[Span, ...] | None:
    """Planned busy time of a machine; None when nothing says what is planned."""
    known = [part.planned.spans for part in facts.parts if part.planned.spans is not None]
    return union([span for spans in known for span in spans]) if known else None


def _seen(facts: MachineFacts, place: int, planned: tuple[Span, ...] | None) -> tuple[Spans, float]:
    """The states of a machine as a twin's, cut at the ends of planned time; and the share of work outside it."""
    states = facts.states
    bounds = np.array(planned or (), np.int64).reshape(-1, 2)
    edges = np.union1d(states.edges, bounds.ravel()[(bounds.ravel() > facts.start) & (bounds.ravel() < facts.end)])
    codes = states.codes[np.searchsorted(states.edges, edges[:-1], side="right") - 1]
    table = np.array([_SEEN_AS[state] for state in CODE], np.int32)
    seen: Codes = table[codes]
    stopped = codes == CODE[State.STOPPED]
    overtime = 0.0
    if planned is not None:
        planned_then = within(bounds, edges[:-1])
        working, length = seen == WORKING, np.diff(edges)
        overtime = float(length[working & ~planned_then].sum() / max(length[working].sum(), 1))
        outside = ~planned_then & np.isin(seen, (STARVED, BLOCKED, DOWN))
        seen[outside] = OFF
        stopped &= ~outside
    ordered = np.full(len(seen), place, np.int32)
    reason = np.where(stopped, 0, NOBODY).astype(np.int32)
    start, end = (edges[:-1] - facts.start) / _S, (edges[1:] - facts.start) / _S
    return Spans(ordered, np.zeros(len(seen), np.int32), seen, start, end, reason), overtime


def _units(facts: MachineFacts, products: Sequence[str]) -> Iterator[tuple[Floats, Codes, Codes]]:
    """Moments, products and results of the units a machine counted, a piece an edition and counter."""
    for part in facts.parts:
        known = np.array([products.index(p) if p in products else NOBODY for p in (*part.products, "")], np.int32)
        told: dict[str, tuple[Floats, Codes]] = {}
        for role, units in part.units.items():
            whole = np.diff(np.floor(np.cumsum(units.amount) + 1e-9), prepend=0.0).astype(np.int64)
            if whole.sum() > _MOST_UNITS:
                raise ConfigurationError("record.too_many", machine=facts.machine, count=int(whole.sum()))
            told[role] = (
                np.repeat((units.time - facts.start) / _S, whole),
                np.repeat(known[units.product], whole),
            )
        yield from _results(told)


def _results(told: Mapping[str, tuple[Floats, Codes]]) -> Iterator[tuple[Floats, Codes, Codes]]:
    """The counters of one machine as units of a known result where they tell it."""
    rejected = told.get("rejected")
    if "total" in told:
        times, product = told["total"]
        result = np.full(len(times), NOBODY if rejected is None else GOOD, np.int32)
        if rejected is not None and len(times):
            result[np.maximum(np.searchsorted(times, rejected[0], side="right") - 1, 0)] = REJECTED
        yield times, product, result
        return
    for role, code in (("good", GOOD), ("rejected", REJECTED)):
        if role in told:
            times, product = told[role]
            yield times, product, np.full(len(times), code, np.int32)


def _visits(place: int, finished: Floats, product: Codes, result: Codes) -> Visits:
    count = len(finished)
    nobody: Rows = np.full(count, NOBODY, np.int64)
    return Visits(
        station=np.full(count, place, np.int32),
        part=nobody,
        product=product,
        server=np.zeros(count, np.int32),
        started=np.full(count, np.nan),
        finished=finished,
        result=result,
        row=np.full(count, NOBODY, np.int64),
    )


def _in_order(pieces: Sequence[Visits]) -> Visits:
    whole = joined(Visits, pieces)
    return rows(whole, np.argsort(whole.finished, kind="stable"))
