"""Lays out what servers do at time 0 for compiled engines."""

from __future__ import annotations

from collections.abc import Mapping

from lineside.twin import cells as cell
from lineside.twin.distributions import Law
from lineside.twin.layout import DONE, NEED, NONE, PLACE, SETTING, WORK, busy_of, setup_of
from lineside.twin.memory import Memory
from lineside.twin.model import ANY, Blocked, Busy, Down, Line, SettingUp, Start, Station, Working
from lineside.twin.streams import station_stream


def lay_starts(memory: Memory, line: Line, products: Mapping[str, int]) -> int:
    """The address of a table of what each server does at time 0; NONE for a line that does not say it."""
    table: list[int] = []
    for name, station in line.stations.items():
        entries = [_lay_start(memory, name, station, entry, products) for entry in station.start]
        table += [*entries, *[NONE] * (station.servers - len(entries))]
    return memory.store(table) if any(table) else NONE


def _lay_start(memory: Memory, name: str, station: Station, entry: Start, products: Mapping[str, int]) -> int:
    """The address of the record of what one server of a station does at time 0."""
    at = memory.record(cell.START_SIZE)
    made, busy = entry.made, busy_of(entry)
    if isinstance(entry, Down):
        repair, purpose = station.failures[entry.failure].repair, f"repair/{entry.failure}"
        law, stream = _left(memory, name, entry.left, repair, purpose)
        failure = list(station.failures).index(entry.failure) + 1
        memory.write(at, "START", failure=failure, repair=law, repair_stream=stream)
    if busy is not None:
        product, made = busy.product or station.makes or next(iter(products)), busy.made or made
        phase = _phase(station, busy)
        memory.write(at, "START", phase=phase, product=products[product])
        if isinstance(busy, Working | SettingUp):
            rule = setup_of(station, made, product)
            work = station.work.get(product, station.work.get(ANY))
            whole, purpose = (work, "work") if phase == WORK else (rule, "setup")
            law, stream = _left(memory, name, busy.left, whole, purpose)
            memory.write(at, "START", left=law, left_stream=stream)
        made = product if phase in (WORK, DONE) else made
    memory.write(at, "START", last=0 if made is None else products[made] + 1)
    return at


def _left(memory: Memory, name: str, left: Law | None, whole: Law | None, purpose: str) -> tuple[int, int]:
    """The law of what is left, or the usual one where that is not said, and the stream it is drawn from."""
    stream = station_stream(name, purpose if left is None else "start")
    return memory.law(whole if left is None else left, stream), memory.stream(stream)


def _phase(station: Station, entry: Busy) -> int:
    match entry:
        case Working():
            return WORK
        case SettingUp():
            return SETTING
        case Blocked():
            return PLACE if station.blocking == "before" else DONE
    return NEED
