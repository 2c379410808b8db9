"""What an address means in MQTT (`topic`, `topic#path`) and how payloads become observations."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from lineside.connect.observations import NUMBER, Observation, observe_number, observe_text
from lineside.connect.timestamps import Timestamps
from lineside.history import Quality
from lineside.plant import NUMBER_KINDS, Kind

Path: TypeAlias = tuple[str | int, ...]

_STEP = re.compile(r"""\.?([^.\[\]"]+)|\[(\d{1,9})\]|\[("(?:[^"\\]|\\.)*")\]""", re.ASCII)
_UNITS = ((1e11, 1e6), (1e14, 1e3), (1e17, 1.0), (float("inf"), 1e-3))
"""Below which size a count since 1970 is one of s, ms, us, ns, and how many microseconds each has. They cannot be
taken for another: from 1973 to 5138 a count of seconds is smaller than any later one of milliseconds."""
_PLAIN = re.compile(r'[^.\[\]"\s][^.\[\]"]*')
LONGEST_COUNT = 20
DEEPEST = 8
LONGEST_LIST = 16
MISSING = object()
"""What a path leads to where nothing is; null is something."""


class Place(NamedTuple):
    """Where a value is: a topic, and the path in its JSON; without a path the payload itself is the value."""

    topic: str
    path: Path | None


def read_address(address: str) -> Place:
    """The place an address means; raises ValueError, in words, where it can mean none."""
    topic, mark, path = address.partition("#")
    if not topic or "+" in topic or "\0" in topic:
        raise ValueError("no topic" if not topic else "a wildcard is no address")
    return Place(topic, read_path(path) if mark else None)


def read_path(text: str) -> Path:
    """The steps of a path such as `a.b[0]["c.d"]`; raises ValueError for what is none."""
    steps: list[str | int] = []
    at = 0
    while at < len(text):
        step = _STEP.match(text, at)
        if step is None or (step[0].startswith(".") and not steps):
            raise ValueError(f"no path: {text}")
        name, place, quoted = step.groups()
        steps.append(name if name is not None else int(place) if place is not None else str(json.loads(quoted)))
        at = step.end()
    return tuple(steps)


def look_up(document: object, path: Path) -> object:
    """What stands at the path, or MISSING."""
    for step in path:
        if isinstance(step, str):
            if not isinstance(document, dict) or step not in document:
                return MISSING
            document = document[step]
        elif isinstance(document, list) and step < len(document):
            document = document[step]
        else:
            return MISSING
    return document


def observe_json(address: str, kind: Kind, time: int, value: object) -> Observation:
    """The observation a JSON value makes; one of a type that cannot be the signal's is bad."""
    if value is None:
        return Observation(address, time, None, None, Quality.NO_DATA)
    if kind in NUMBER_KINDS and isinstance(value, bool | int | float):
        try:
            return observe_number(address, time, float(value))
        except OverflowError:
            return Observation(address, time, None, None, Quality.BAD)
    if isinstance(value, str):
        return observe_text(address, kind, time, value)
    if kind in NUMBER_KINDS:
        return Observation(address, time, None, None, Quality.BAD)
    return observe_text(address, kind, time, json.dumps(value, ensure_ascii=False))


def read_time(value: object, stamps: Timestamps) -> int | None:
    """Microseconds since 1970 of an ISO text, or of a number of s, ms, us or ns; None for anything else."""
    if isinstance(value, str):
        if not NUMBER.fullmatch(value):
            return stamps.read(value.replace(" ", "T", 1))
        value = int(value) if value.isdigit() and len(value) < LONGEST_COUNT else float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e20:
        return None
    factor = next(factor for size, factor in _UNITS if value < size)
    if isinstance(value, int):
        return value * int(factor) if factor >= 1 else value // 1000
    return round(value * factor)


def leaves(
    document: object, path: str = "", names: tuple[str, ...] = (), depth: int = 0
) -> Iterator[tuple[str, tuple[str, ...], object]]:
    """Path, names and value of everything in a document that holds nothing else."""
    if depth > DEEPEST:
        return
    if isinstance(document, dict):
        for name, value in document.items():
            step = name if _PLAIN.fullmatch(name) else f"[{json.dumps(name, ensure_ascii=False)}]"
            joint = "." if path and not step.startswith("[") else ""
            yield from leaves(value, f"{path}{joint}{step}", (*names, name or '""'), depth + 1)
    elif isinstance(document, list):
        if len(document) <= LONGEST_LIST:
            for at, value in enumerate(document):
                yield from leaves(value, f"{path}[{at}]", (*names, str(at)), depth + 1)
    elif names:
        yield path, names, document
