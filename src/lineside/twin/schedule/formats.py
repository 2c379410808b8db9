"""Reads the text formats of the literature: job shops as in JSPLIB, flexible job shops as in Brandimarte's set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lineside.errors import UnusableData

MOST_MACHINES = 100_000
"""More than these no instance has; each is made, whether it is used or not."""


def problem_of_text(text: str, name: str) -> dict[str, Any]:
    """The document of a problem written as numbers.

    A job shop gives a job a line: machine (from 0) and duration, pair by pair. A flexible one gives a job a line that
    begins with the number of its operations, and each operation begins with the number of its alternatives; so the
    lengths of the lines tell which of them it is. An operation of no time, as orb07 has one, is left out. Raises
    UnusableData for a file that is neither.
    """
    lines = [
        (i, line.split()) for i, line in enumerate(text.splitlines(), 1) if line.strip() and line.strip()[0] != "#"
    ]
    if not lines or len(lines[0][1]) < 2:
        raise UnusableData("schedule.no_numbers", file=name, line=lines[0][0] if lines else 1)
    count, machines = (_whole(word, name, lines[0][0]) for word in lines[0][1][:2])
    if machines > MOST_MACHINES:
        raise UnusableData("schedule.no_numbers", file=name, line=lines[0][0])
    rows = [(at, [_whole(word, name, at) for word in words]) for at, words in lines[1:] if words]
    if len(rows) < count or count < 1:
        raise UnusableData("schedule.few_jobs", file=name, count=count, found=len(rows))
    rows = rows[:count]
    flexible = any(len(row) != 2 * machines for _, row in rows)
    jobs = {
        f"j{j}": {"operations": [o for o in (_flexible(row, name, at) if flexible else _serial(row)) if _takes_time(o)]}
        for j, (at, row) in enumerate(rows, 1)
    }
    # Some flexible files count their machines from 1, as the first line's number of them then shows.
    used = {m for job in jobs.values() for operation in job["operations"] for m in operation["on"]}
    first = 1 if flexible and "m0" not in used else 0
    return {
        "schema": "lineside.schedule/1",
        "name": name,
        "machines": {f"m{m}": {} for m in range(first, machines + first)},
        "jobs": jobs,
    }


def _whole(word: str, name: str, line: int) -> int:
    try:
        return int(float(word))
    except (ValueError, OverflowError) as error:
        raise UnusableData("schedule.no_numbers", file=name, line=line) from error


def _takes_time(operation: dict[str, Any]) -> bool:
    return 0 not in operation["on"].values()


def _serial(row: list[int]) -> Iterator[dict[str, Any]]:
    yield from ({"on": {f"m{machine}": time}} for machine, time in zip(row[::2], row[1::2], strict=True))


def _flexible(row: list[int], name: str, line: int) -> Iterator[dict[str, Any]]:
    numbers = iter(row)
    try:
        for _ in range(next(numbers)):
            yield {"on": {f"m{next(numbers)}": next(numbers) for _ in range(next(numbers))}}
    except (StopIteration, RuntimeError) as error:
        raise UnusableData("schedule.short_line", file=name, line=line) from error
