"""What is known of a plant in a month: read once, machine by machine, so that no more than one is held at a time.

A month is that of production days, as files of releases and the tables of the screens have it: it begins where the
production day of the 1st begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from lineside.exchange import month_name, month_number
from lineside.history import History
from lineside.measure import (
    EnergyUse,
    MachineFacts,
    Row,
    Scope,
    energy_use,
    order_span,
    pace_of,
    read_facts,
    row_of,
    whole_row,
)
from lineside.node.indicators.stops import DOWN, Stops, ended_stops
from lineside.node.indicators.twin import TwinMonth
from lineside.orders import Completion, Ledger, completions
from lineside.plant import Machine, Plant, Span, State, Timeline, clip, production_day_span

TwinsOf: TypeAlias = Callable[[Span], TwinMonth]
"""What was done with the twins in some time."""
_DAY_US = 86_400_000_000
_STOP_US = 31 * _DAY_US
"""So far back the begin of a stop is sought."""
_ORDER_US = 92 * _DAY_US
"""So long after its planned end an order may still count units."""
_BY_PEOPLE = ("tally", "file")
"""Sources that no machine is connected to: what they tell is typed in, or brought as a file."""


@dataclass(frozen=True, slots=True)
class MachineMonth:
    """One machine: its row as the screens have it, for how long it was heard in planned busy time, and its stops."""

    row: Row
    line: str
    connected: bool
    heard_s: float | None
    """Seconds of planned busy time in which its source was heard; None where nothing is planned."""
    stops: Stops

    @property
    def id(self) -> str:
        """Its id in the plant file."""
        return self.row.id


@dataclass(frozen=True, slots=True)
class OrderMonth:
    """An order that was due in the month, or completed in it. Times in microseconds UTC."""

    id: str
    due_us: int
    quantity: int
    counter: str | None
    """The machine that counts for it."""
    made: float | None = None
    """None: nobody counted, and nobody told."""
    first_us: int | None = None
    completed_us: int | None = None
    """When its last unit was made; None while units are wanting."""
    basis: str = "counted"


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """All that indicators of a month are computed from."""

    month: str
    zone: str
    window: Span
    editions: Mapping[int, str]
    """Editions of the plant file that judge the month, by number, each with the SHA-256 of its text."""
    site: Row
    lines: Mapping[str, Row]
    machines: Sequence[MachineMonth]
    orders: Sequence[OrderMonth]
    ordered: bool
    """Whether the plant has any orders at all."""
    twin: TwinMonth
    energy: EnergyUse
    output_value: float | None = None
    """In 1000 CNY, as people entered it; None where nobody did."""


def month_of(month: str, plant: Plant) -> Span:
    """Begin and end of a month in microseconds UTC. Raises UnusableData for what names none."""
    number, zone, starts = month_number(month), plant.site.zone, plant.site.production_day_starts
    first, after = (date.fromisoformat(f"{month_name(one)}-01") for one in (number, number + 1))
    return production_day_span(first, zone, starts)[0], production_day_span(after, zone, starts)[0]


def read_month(
    history: History,
    timeline: Timeline,
    ledger: Ledger,
    month: str,
    now: int,
    twins: TwinsOf = lambda _: TwinMonth(),
    output_value: float | None = None,
) -> MonthFacts:
    """The facts of a month; `ledger` holds what an ERP told, `twins` tells of the twins, people of its output value.

    Raises UnusableData for what names no month.
    """
    plant = timeline.newest
    start, end = month_of(month, plant)
    machines = [_machine(history, timeline, one, start, end) for one in plant.machines.values()]
    rows = {one.id: one.row for one in machines}
    counted = completions(history, timeline, ledger, start - _ORDER_US, end, now) if plant.orders else {}
    return MonthFacts(
        month=month,
        zone=plant.site.timezone,
        window=(start, end),
        editions={edition.number: edition.sha256 for _, _, edition in timeline.during(start, end)},
        site=row_of(Scope("site", plant.site.id), plant, rows, start, end),
        lines={line: row_of(Scope("line", line), plant, rows, start, end) for line in plant.lines},
        machines=machines,
        orders=list(_orders(plant, counted, start, end)),
        ordered=bool(plant.orders),
        twin=twins((start, end)),
        energy=energy_use(history, timeline, [(start, end)])[0],
        output_value=output_value,
    )


def _machine(history: History, timeline: Timeline, machine: Machine, start: int, end: int) -> MachineMonth:
    facts = read_facts(history, timeline, [machine.id], start, end)[machine.id]
    row = whole_row(facts, timeline.newest)
    source = machine.source
    heard = history.heard(source, start, end) if source else np.zeros((0, 2), np.int64)
    connected, stops = _connected(timeline, machine.id, end), _stops(history, timeline, facts)
    return MachineMonth(row, machine.line, connected, _heard(facts, row, heard), stops)


def _connected(timeline: Timeline, machine: str, end: int) -> bool:
    """Whether its states came from a source of its own when the month ended."""
    plant = list(timeline.during(end - 1, end))[-1][2].plant
    found = plant.machines.get(machine)
    source = None if found is None or not found.states else plant.sources.get(found.source or "")
    return source is not None and source.type not in _BY_PEOPLE


def _heard(facts: MachineFacts, row: Row, heard: npt.NDArray[np.int64]) -> float | None:
    """A stop that was planned is taken out of planned busy time, and can only be known while heard."""
    if row.planned_busy_s is None:
        return None
    planned = [span for part in facts.parts for span in clip(part.planned.spans or (), part.start, part.until)]
    return _overlap(heard, planned) / 1_000_000 - row.planned_times.get(State.PLANNED_STOP, 0.0)


def _overlap(heard: npt.NDArray[np.int64], spans: Sequence[Span]) -> int:
    """Microseconds of disjoint `spans` that lie in the disjoint, ordered rows of `heard`."""
    if not spans or not len(heard):
        return 0
    before = np.concatenate(([0], np.cumsum(heard[:, 1] - heard[:, 0])))
    edges = np.array(spans, np.int64)
    place = np.searchsorted(heard[:, 0], edges, side="right")
    inside = np.minimum(edges, heard[place - 1, 1]) - heard[place - 1, 0]
    until = np.where(place > 0, before[place - 1] + inside, 0)
    return int((until[:, 1] - until[:, 0]).sum())


def _stops(history: History, timeline: Timeline, facts: MachineFacts) -> Stops:
    start, states = facts.start, facts.states
    planned = _planned(facts)
    if len(states) and states[0][2] in DOWN:
        earlier = read_facts(history, timeline, [facts.machine], start - _STOP_US, facts.end)[facts.machine]
        states, planned = earlier.states, _planned(earlier)
    return ended_stops(states, planned, start, facts.end)


def _planned(facts: MachineFacts) -> list[Span] | None:
    spans = [part.planned.spans for part in facts.parts]
    return None if None in spans else [span for some in spans for span in some or ()]


def _orders(plant: Plant, counted: Mapping[str, Completion], start: int, end: int) -> Iterable[OrderMonth]:
    for order in plant.orders:
        _, due = order_span(order, plant)
        found = counted.get(order.id)
        completed = None if found is None or not _complete(found, plant) else found.end_us
        if not start <= due < end and not (completed is not None and start <= completed < end):
            continue
        machine = order.machine or (pace_of(plant, order.line or "") if order.line in plant.lines else None)
        counter = plant.machines.get(machine or "")
        if found is not None:
            made, first, basis = _made(found, plant), found.start_us, found.basis
            yield OrderMonth(order.id, due, order.quantity, machine, made, first, completed, basis)
        else:
            nothing = 0.0 if counter is not None and counter.units is not None else None
            yield OrderMonth(order.id, due, order.quantity, machine, nothing)


def _complete(found: Completion, plant: Plant) -> bool:
    return found.state == "done" or (_made(found, plant) or 0.0) >= found.planned


def _made(found: Completion, plant: Plant) -> float | None:
    """What counts towards the quantity: good units where they are counted or told, else all."""
    machine = plant.machines.get(found.machine or (pace_of(plant, found.line) or "" if found.line else ""))
    units = None if machine is None else machine.units
    if found.basis == "counted" and units is not None and units.good is None:
        return (found.good or 0.0) + (found.rejected or 0.0)
    return found.good
