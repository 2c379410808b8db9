"""Shocks as changes of the line model: everything a shock does is said in the model's own words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal

from lineside.errors import ConfigurationError
from lineside.twin.answers.document import Document, document_of
from lineside.twin.model import Line
from lineside.twin.reading import parse_line

POWER = "shock.power"
GATE = "shock.gate"
CAP = "shock.cap"
_FIRST_OF_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Shock:
    """What goes wrong from `start` on for a time.

    A `station` is lost: it stands still as it does off shift. A `source` is late: what it brings in that time comes
    at its end. Of a `resource`, `less` are not there. Of the `power`, the share `less` is not there: no more
    than the rest of all servers can work at once.
    """

    kind: Literal["station", "source", "resource", "power"]
    start: float
    duration: float
    name: str = ""
    less: float = 1.0

    def plain(self) -> dict[str, Any]:
        """The same for JSON."""
        return {name: getattr(self, name) for name in ("kind", "name", "start", "duration", "less")}


def struck(line: Line, shock: Shock, horizon: float) -> tuple[Line, Line]:
    """The line without and with a shock, alike in all else; what a shock needs is in both.

    Raises ConfigurationError for a shock that is not in time, or of something that is not there.
    """
    if not (shock.start > 0 and shock.duration > 0 and math.isfinite(shock.duration) and shock.start < horizon):
        raise ConfigurationError("answers.shock", start=shock.start, duration=shock.duration, horizon=horizon)
    known = {"station": line.stations, "source": line.sources, "resource": line.resources, "power": {"": 0}}[shock.kind]
    if shock.name not in known:
        raise ConfigurationError("answers.not_there", name=shock.name or "-", known=", ".join(known) or "-")
    calm, hit = document_of(line), document_of(line)
    match shock.kind:
        case "station":
            _close(hit, line, shock.name, shock, horizon)
        case "source":
            for document in (calm, hit):
                _gate(document, shock.name)
            _close(hit, line, GATE, shock, horizon)
        case "resource":
            _hold(hit, shock.name, min(max(round(shock.less), 0), line.resources[shock.name].count), shock)
        case "power":
            servers = sum(station.servers for station in line.stations.values())
            for document in (calm, hit):
                _wire(document, servers)
            _hold(hit, POWER, min(max(math.ceil(servers * shock.less - 1e-9), 0), servers), shock)
    return parse_line(calm), parse_line(hit)


def _close(document: Document, line: Line, name: str, shock: Shock, horizon: float) -> None:
    """Takes the time of the shock out of a station's calendar, up to the horizon."""
    station = line.stations.get(name)
    calendar = None if station is None or station.calendar is None else line.calendars[station.calendar]
    spans = [(0.0, 2.0 * horizon)]
    if calendar is not None:
        rounds: Iterator[int] = iter([0]) if calendar.period is None else count()
        spans = []
        for number in rounds:
            at = number * (calendar.period or 0.0)
            spans += [(at + a, at + b) for a, b in calendar.on]
            if at > horizon:
                break
    end = shock.start + shock.duration
    cut = [part for a, b in spans for part in ((a, min(b, shock.start)), (max(a, end), b)) if part[0] < part[1]]
    document["calendars"]["shock.calendar"] = {"on": cut or [(2.0 * horizon, 3.0 * horizon)]}
    document["stations"][name]["calendar"] = "shock.calendar"


def _gate(document: Document, name: str) -> None:
    """Puts a gate that takes no time between a source and its buffer; one that always has a part waits before it."""
    source = document["sources"][name]
    queue = 0 if source["interval"] is None else None
    document["stations"][GATE] = {"work": 0.0, "buffer": queue, "to": source["to"]}
    source["to"] = GATE


def _wire(document: Document, servers: int) -> None:
    """Lets every server need a unit of power for its work."""
    document["resources"][POWER] = {"count": servers}
    for station in document["stations"].values():
        station["needs"] = {**station["needs"], POWER: 1}


def _hold(document: Document, resource: str, number: int, shock: Shock) -> None:
    """Lets helpers, who go before everybody, take so many of a resource each as it comes free, for the time."""
    if not number:
        return
    document["stations"][CAP] = {
        "work": shock.duration,
        "servers": number,
        "buffer": None,
        "needs": {resource: 1},
        "priority": _FIRST_OF_ALL,
        "to": "scrap",
    }
    document["sources"][CAP] = {"to": CAP, "first": shock.start, "limit": number}
