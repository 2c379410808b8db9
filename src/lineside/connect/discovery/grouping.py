"""Which machine each value belongs to, told from the names on the way to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import TypeAlias

from lineside.connect.found import Offer

Place: TypeAlias = tuple[str, ...]

ALIKE = 0.5
"""Share of common names from which on two places are of one make."""
PARTS = frozenset(
    (
        *("status", "state", "states", "admin", "command", "commands", "counter", "counters", "count", "counts"),
        *("data", "value", "values", "telemetry", "info", "information", "identification", "config", "configuration"),
        *("settings", "parameter", "parameters", "alarm", "alarms", "diagnostics", "diagnosis", "production"),
        *("process", "job", "jobs", "order", "orders", "quality", "energy", "power", "motor", "axis", "axes"),
        *("spindle", "sensors", "sensor", "io", "inputs", "outputs", "monitoring", "notification", "notifications"),
        *("components", "zone", "zones"),
    )
)
"""What people call the parts of one machine."""
STATE_NAME = re.compile(r"state|status|mode|execution|running|状态|模式", re.IGNORECASE)
COUNT_NAME = re.compile(
    r"(part|piece|good|scrap|reject|bad|stroke|shot|product|prod|cycle)\w*?(count|counter|qty|quantity|total|num|cnt)"
    r"|(good|scrap|reject(ed)?|bad|nok)(part|piece)?s?$|(part|piece)s$|counter$|产量|计数|合格|不良",
    re.IGNORECASE,
)


def plain(name: str) -> str:
    """A name without case, marks and the digits at its end: `Prod-Count_1` is `prodcount`."""
    return re.sub(r"\d+$", "", re.sub(r"[\W_]+", "", name.casefold()))


def machine_places(items: Iterable[Offer], known: Mapping[Place, str]) -> dict[str, Place]:
    """The place of the machine of each item, by address; the outermost `known` one holds whatever the names say."""
    found: dict[str, Place] = {}
    others: list[Offer] = []
    for item in items:
        above = next((item.place[:n] for n in range(1, len(item.place)) if item.place[:n] in known), None)
        if above is None:
            others.append(item)
        else:
            found[item.address] = above
    _divide((), others, found, top=True)
    return found


def _divide(place: Place, items: list[Offer], found: dict[str, Place], *, top: bool = False) -> None:
    depth = len(place)
    direct = [item for item in items if len(item.place) == depth + 1]
    below: dict[str, list[Offer]] = {}
    for item in items:
        if len(item.place) > depth + 1:
            below.setdefault(item.place[depth], []).append(item)
    apart = top or _several_machines(list(below.values()), depth)
    if not apart and (direct or any(plain(name) in PARTS for name in below)):
        found.update((item.address, place) for item in items)
        return
    found.update((item.address, place) for item in direct)
    for name, some in below.items():
        _divide((*place, name), some, found)


def _several_machines(parts: list[list[Offer]], depth: int) -> bool:
    """Whether places beside each other are machines of one make: alike, and with a state or a counter each."""
    telling = [some for some in parts if any(_telling(item.name) for item in some)]
    names = [{"/".join(item.place[depth + 1 :]) for item in some} for some in telling]
    return any(len(one & two) >= ALIKE * len(one | two) for one, two in combinations(names[:50], 2))


def _telling(name: str) -> bool:
    return STATE_NAME.search(name) is not None or COUNT_NAME.search(name) is not None
