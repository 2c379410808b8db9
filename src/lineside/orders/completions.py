"""What was made for each order: counted from facts, or entered where somebody told it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from lineside.history import History
from lineside.measure import MachineFacts, order_span, pace_of, read_facts
from lineside.orders.records import Ledger
from lineside.plant import Order, Plant, Timeline

_EVER = 2**62
_MOST_US = 92 * 86_400_000_000
"""An order counts units so long after its planned end at most."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What was made for an order; times in microseconds UTC, from the first unit to the last."""

    order: str
    product: str
    line: str | None
    machine: str | None
    planned: int
    good: float | None
    rejected: float | None
    start_us: int
    end_us: int
    basis: Literal["counted", "entered"]
    state: str


class _Turn(NamedTuple):
    """The time in which units count for an order."""

    order: Order
    start: int
    planned: int
    """Its planned end; until `end` it goes on only while units are wanting."""
    end: int


def completions(
    history: History, timeline: Timeline, ledger: Ledger, start: int, end: int, now: int
) -> dict[str, Completion]:
    """What was made for the orders planned in [start, end), by their ids; those of which nothing is known are left out.

    Units count for the order whose planned time they were made in, of overlapping ones for the earlier. An order that
    is not full at its planned end goes on until the next one of its machine or line begins. Where the machine names
    its product, only units of the order's count. What was entered for an order stands instead of what was counted.
    """
    plant = timeline.newest
    states = {key: str(version.fields.get("state", "")) for key, version in ledger.newest("orders").items()}
    entered = _entered(ledger)
    found: dict[str, Completion] = {}
    for machine, orders in _by_counter(plant).items():
        turns = [t for t in _turns(plant, orders, now) if t.start < min(end, now) and t.planned > start]
        if machine is None or not turns:
            continue
        first, last = min(t.start for t in turns), min(max(t.end for t in turns), now)
        facts = read_facts(history, timeline, [machine], first, last)[machine]
        for turn, made in _counted(facts, turns):
            found[turn.order.id] = _completion(turn.order, made, "counted", states)
    for order in plant.orders:
        first, last = order_span(order, plant)
        if order.id in entered and first < end and last > start:
            found[order.id] = _completion(order, entered[order.id], "entered", states)
    return found


class _Made(NamedTuple):
    good: float | None
    rejected: float | None
    start: int
    end: int


def _completion(
    order: Order, made: _Made, basis: Literal["counted", "entered"], states: Mapping[str, str]
) -> Completion:
    state = states.get(order.id) or "planned"
    return Completion(order.id, order.product, order.line, order.machine, order.quantity, *made, basis, state)


def _entered(ledger: Ledger) -> dict[str, _Made]:
    """What was entered, summed by order."""
    told: dict[str, list[Mapping[str, Any]]] = {}
    for key, version in ledger.newest("completions").items():
        told.setdefault(str(version.fields.get("order", key)), []).append({"at": version.received_us, **version.fields})
    return {
        order: _Made(
            sum(one["good"] for one in some),
            sum(one["rejected"] for one in some) if all("rejected" in one for one in some) else None,
            min(one.get("start", one.get("end", one["at"])) for one in some),
            max(one.get("end", one.get("start", one["at"])) for one in some),
        )
        for order, some in told.items()
    }


def _by_counter(plant: Plant) -> dict[str | None, list[Order]]:
    """The orders by the machine that counts for them: their own, or their line's pace station."""
    found: dict[str | None, list[Order]] = {}
    for order in plant.orders:
        machine = order.machine or (pace_of(plant, order.line or "") if order.line in plant.lines else None)
        found.setdefault(machine if machine in plant.machines else None, []).append(order)
    return found


def _turns(plant: Plant, orders: Iterable[Order], now: int) -> Iterator[_Turn]:
    spans = sorted(((order_span(order, plant), order) for order in orders), key=lambda one: one[0])
    nexts = [*(span[0] for span, _ in spans[1:]), now]
    at = -_EVER
    for ((start, end), order), following in zip(spans, nexts, strict=True):
        begin, planned = max(start, at), max(end, at)
        at = planned
        if begin < planned:
            yield _Turn(order, begin, planned, max(planned, min(following, planned + _MOST_US, now)))


def _counted(facts: MachineFacts, turns: Sequence[_Turn]) -> Iterator[tuple[_Turn, _Made]]:
    for turn in turns:
        good, rejected = _units(facts, turn, "good"), _units(facts, turn, "rejected")
        total = _units(facts, turn, "total")
        if good is None and total is None:
            continue
        main = good if good is not None else total
        time, amount = main if main is not None else (np.zeros(0, np.int64), np.zeros(0))
        scrap_in_main = good is None and rejected is not None
        last = _last(turn, time, amount)
        made = _sum(main, last) or 0.0
        scrap = _sum(rejected, last)
        if rejected is None and good is not None and total is not None:
            scrap = (_sum(total, last) or 0.0) - made
        known_good = made - (scrap or 0.0) if scrap_in_main else made if good is not None else None
        if len(time) and made:
            inside = time[time <= last]
            yield turn, _Made(known_good if known_good is not None else made, scrap, int(inside[0]), int(inside[-1]))


def _last(turn: _Turn, time: npt.NDArray[np.int64], amount: npt.NDArray[np.float64]) -> int:
    """Up to when units count: to the planned end, and on while the order is not full."""
    so_far = np.cumsum(amount)
    wanted = time[(time < turn.planned) | (so_far - amount < turn.order.quantity)]
    return int(wanted[-1]) if len(wanted) else turn.planned


def _units(facts: MachineFacts, turn: _Turn, role: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]] | None:
    """When a counter counted what in a turn; None where the machine has no such counter."""
    times, amounts, counted = [], [], False
    for part in facts.parts:
        units = part.units.get(role)
        if units is None:
            continue
        counted = True
        inside = (units.time >= turn.start) & (units.time < turn.end)
        if part.machine is not None and part.machine.units is not None and part.machine.units.product is not None:
            products = part.products
            inside &= units.product == (products.index(turn.order.product) if turn.order.product in products else -2)
        times.append(units.time[inside])
        amounts.append(units.amount[inside])
    return (np.concatenate(times), np.concatenate(amounts)) if counted else None


def _sum(units: tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]] | None, last: int) -> float | None:
    return None if units is None else float(units[1][units[0] <= last].sum())
