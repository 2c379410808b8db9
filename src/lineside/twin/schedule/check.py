"""What one part of a scheduling problem says against another: nothing on these lists could ever be done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from lineside.twin.check import Contradiction
from lineside.twin.schedule.problem import Operation, Problem, WorkCalendar, operation_names, order_of


def contradictions(problem: Problem) -> list[Contradiction]:
    """Everything in a scheduling problem that does not fit together."""
    names = [found for check in (_calendars, _machines, _jobs) for found in check(problem)]
    return names or [found for check in (_orders, _fitting) for found in check(problem)] or list(_enough(problem))


def _unknown(path: str, name: str, known: Iterable[str]) -> Iterator[Contradiction]:
    names = list(known)
    if name not in names:
        yield path, "twin.unknown", {"name": name, "known": ", ".join(names) or "-"}


def _calendars(problem: Problem) -> Iterator[Contradiction]:
    for name, calendar in problem.calendars.items():
        edges = [edge for span in calendar.on for edge in span]
        ordered = all(a <= b for a, b in pairwise(edges)) and all(a < b for a, b in calendar.on)
        if not ordered or (calendar.period is not None and edges[-1] > calendar.period):
            yield f"calendars.{name}", "twin.spans", {"calendar": name}


def _machines(problem: Problem) -> Iterator[Contradiction]:
    for name, machine in problem.machines.items():
        if machine.calendar is not None:
            yield from _unknown(f"machines.{name}.calendar", machine.calendar, problem.calendars)


def _jobs(problem: Problem) -> Iterator[Contradiction]:
    for name, job in problem.jobs.items():
        names = operation_names(job)
        for i, operation in enumerate(job.operations, 1):
            path = f"jobs.{name}.operations[{i}]"
            if names.index(names[i - 1]) != i - 1:
                yield path, "schedule.name_taken", {"name": names[i - 1], "job": name}
            for machine in operation.on:
                yield from _unknown(f"{path}.on.{machine}", machine, problem.machines)
            for before in operation.after or ():
                yield from _unknown(f"{path}.after", before, names)
            for resource, count in operation.needs.items():
                yield from _unknown(f"{path}.needs.{resource}", resource, problem.resources)
                there = problem.resources[resource].count if resource in problem.resources else count
                if count > there:
                    fields = {"resource": resource, "count": count, "there": there, "job": name}
                    yield f"{path}.needs.{resource}", "schedule.too_many_needed", fields


def _orders(problem: Problem) -> Iterator[Contradiction]:
    for name, job in problem.jobs.items():
        if order_of(job) is None:
            yield f"jobs.{name}.operations", "schedule.circle", {"job": name}


def _fitting(problem: Problem) -> Iterator[Contradiction]:
    """Operations whose machines all never have a span that is long enough."""
    for name, job in problem.jobs.items():
        for i, operation in enumerate(job.operations, 1):
            rooms = {machine: _room(problem, machine, operation) for machine in operation.on}
            if all(room is not None and operation.on[machine] > room for machine, room in rooms.items()):
                machine = min(rooms, key=lambda m: operation.on[m] - (rooms[m] or 0))
                fields = {"job": name, "operation": operation_names(job)[i - 1], "machine": machine}
                told = {
                    "time": operation.on[machine],
                    "room": rooms[machine],
                    "calendar": _calendar_of(problem, machine),
                }
                key = "schedule.never_over" if operation.interruptible else "schedule.never_fits"
                yield f"jobs.{name}.operations[{i}]", key, {**fields, **told}


def _enough(problem: Problem) -> Iterator[Contradiction]:
    """Machines with an end whose own work is more than they have time for."""
    for machine, spec in problem.machines.items():
        calendar = problem.calendars.get(spec.calendar or "")
        if calendar is None or calendar.period is not None:
            continue
        work = sum(
            operation.on[machine]
            for job in problem.jobs.values()
            for operation in job.operations
            if set(operation.on) == {machine}
        )
        there = sum(end - start for start, end in calendar.on)
        if work > there:
            yield f"machines.{machine}", "schedule.too_much", {"machine": machine, "work": work, "there": there}


def _calendar_of(problem: Problem, machine: str) -> str:
    return problem.machines[machine].calendar or "-"


def _room(problem: Problem, machine: str, operation: Operation) -> int | None:
    """The most working time an operation can find on a machine; None is no limit."""
    calendar = problem.calendars.get(problem.machines[machine].calendar or "")
    if calendar is None or (operation.interruptible and calendar.period is not None):
        return None
    if operation.interruptible:
        return sum(end - start for start, end in calendar.on)
    return longest(calendar)


def longest(calendar: WorkCalendar) -> int | None:
    """The longest time on without a gap; None where there is none."""
    runs = merged(calendar.on)
    if calendar.period is None:
        return max(end - start for start, end in runs)
    if runs == [(0, calendar.period)]:
        return None
    over_the_end = (
        runs[0][1] + calendar.period - runs[-1][0] if runs[0][0] == 0 and runs[-1][1] == calendar.period else 0
    )
    return max(over_the_end, *(end - start for start, end in runs))


def merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, those that touch as one."""
    runs: list[tuple[int, int]] = []
    for start, end in spans:
        if runs and runs[-1][1] == start:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs
