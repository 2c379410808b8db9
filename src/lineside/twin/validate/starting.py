"""A fitted line put into the state in which it was seen at a moment, with the shifts and products of what follows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lineside.twin.answers.document import scale
from lineside.twin.distributions import mean_of
from lineside.twin.estimates import Z
from lineside.twin.fit.feeding import MATERIAL
from lineside.twin.fit.twin import Parameter, Twin, plain_line
from lineside.twin.layout import setup_place
from lineside.twin.model import ANY, Line
from lineside.twin.reading import parse_line
from lineside.twin.tally import BLOCKED, DOWN, SETUP, STARVED, WORKING, Floats
from lineside.twin.validate.past import Doing, Moment
from lineside.twin.validate.remaining import law_of, mixed, remaining


def line_at(twin: Twin, moment: Moment, factors: Mapping[str, float] | None = None) -> Line:
    """The twin's line from a moment on: the shifts and products that followed, and what was in it and going on then.

    Work, set-ups and stops go on: what is left of them follows the laws of those that take longer than has passed.
    `factors` multiplies laws by JSON pointer. What is shared or held in advance (operators, pallets, places) is not
    seen in a record: a line that knows it begins every server anew, as does a station that puts parts together.
    """
    document = plain_line(twin.line)
    for pointer, factor in (factors or {}).items():
        scale(document, pointer, factor)
    _calendars(document, moment)
    running = next((due[0][1] for due in moment.due.values() if due), None)
    for source in document["sources"].values():
        if "plan" in source and (due := moment.due.get(source["to"])):
            source["plan"] = {"due": [[time, product] for time, product in due]}
    begins = _Begins(document, twin.line, running)
    for name, station in document["stations"].items():
        if not station.get("takes"):
            begins.put(name, moment.queues.get(name, ()), moment.doing.get(name, ()))
    return parse_line(document)


class _Begins:
    """Puts the servers and queues of a line into the state they were seen in."""

    def __init__(self, document: Mapping[str, Any], line: Line, running: str | None) -> None:
        self._document, self._line = document, line
        self._products = list(document.get("products") or ())
        self._running = self._named(running) or next(iter(self._products), None)
        stations = document["stations"].values()
        claimed = any(station.get("blocking") == "before" for station in stations)
        self._anew = bool(document.get("pallets") or document.get("resources")) or claimed

    def put(self, name: str, queue: Sequence[str | None], doing: Sequence[Doing]) -> None:
        """Writes what the servers of a station do, and what waits before them."""
        station = self._document["stations"][name]
        doing = doing[: int(station.get("servers", 1))]
        idle = len(doing) > 0 and all(one.state == STARVED for one in doing)
        waiting = [] if idle else [self._named(product) or self._running for product in queue]
        buffer = station.get("buffer")
        capacity = buffer["capacity"] if isinstance(buffer, dict) else buffer
        room = math.inf if capacity is None else capacity
        if self._anew:
            room += len(doing)
        else:
            station["start"] = [self._server(name, one, waiting) for one in doing]
        waiting = waiting[: int(min(len(waiting), room))]
        if waiting:
            station["buffer"] = {"capacity": capacity, "initial": waiting if self._products else len(waiting)}

    def _named(self, product: str | None) -> str | None:
        return product if product in self._products else None

    def _server(self, name: str, doing: Doing, waiting: list[str | None]) -> dict[str, Any]:
        """What a server does at time 0; its part is taken off those that wait."""
        station = self._document["stations"][name]
        made, product = self._named(doing.made), self._running
        if doing.part in (WORKING, SETUP) and waiting:
            product = waiting.pop(0)
        stop = _stop(station, doing)
        part: dict[str, Any] = {"state": "idle"}
        if doing.part == BLOCKED:
            part = {"state": "blocked", "product": made or self._running}
        elif doing.part == SETUP and (law := self._setup(name, made, product)) is not None:
            part = {"state": "setup", "product": product, **_left(law, doing.passed)}
        elif doing.part in (WORKING, SETUP):
            law = station["work"].get(product, station["work"].get(ANY))
            part = {"state": "working", "product": product, **_left(law, doing.passed)}
            if "left" not in part and stop is None:  # longer than any work takes: a stop that no state told
                stop = _stop(station, replace(doing, state=DOWN, since=max(doing.passed - mean_of(law_of(law)), 0.0)))
        if part.get("product", "") is None:
            del part["product"]
        begun: dict[str, Any] = {} if made is None else {"made": made}
        if stop is None:
            return part | begun
        return stop | begun | ({} if part["state"] == "idle" else {"doing": part})

    def _setup(self, name: str, made: str | None, product: str | None) -> Any:
        """The law of the set-up from one product to another."""
        place = None if product is None else setup_place(self._line.stations[name], made, product)
        return None if place is None else self._document["stations"][name]["setups"][place]["time"]


def _stop(station: Mapping[str, Any], doing: Doing) -> dict[str, Any] | None:
    """The stop a server is in, if it is and the twin knows such stops: of several the likeliest, with what is left.

    How likely is told by how often they come and how many of them last as long. A station at which parts enter stands
    for material where the twin counts that as a stop.
    """
    failures = station.get("failures") or {}
    if doing.state == STARVED:
        names = [name for name in failures if name == MATERIAL]
    elif doing.state == DOWN:
        names = [name for name in failures if name == doing.reason] or [name for name in failures if name != MATERIAL]
    else:
        return None
    found: dict[str, tuple[float, Floats]] = {}
    for name in names:
        if (left := remaining(failures[name]["repair"], doing.since)) is not None:
            found[name] = left[0] / max(mean_of(law_of(failures[name]["time_to_failure"])), 1e-9), left[1]
    if found:
        likely = max(found, key=lambda name: found[name][0])
        return {"state": "down", "failure": likely, "left": mixed(list(found.values()))}
    if not names:
        return None
    return {"state": "down", "failure": max(names, key=lambda name: mean_of(law_of(failures[name]["repair"])))}


def _left(law: Any, passed: float) -> dict[str, Any]:
    """What is left of a time, as a key of a server's state; all of it where the law tells nothing."""
    found = remaining(law, passed)
    return {} if found is None else {"left": mixed([found])}


def _calendars(document: dict[str, Any], moment: Moment) -> None:
    document.pop("calendars", None)
    made: dict[bytes, str] = {}
    length = moment.end - moment.start
    for name, station in document["stations"].items():
        station.pop("calendar", None)
        spans = moment.on[name]
        if len(spans) == 1 and spans[0, 0] <= 0 and spans[0, 1] >= length:
            continue
        if not len(spans):
            spans = np.array([[length, 2 * length]])
        key = spans.tobytes()
        if key not in made:
            made[key] = f"on-{len(made) + 1}"
            document.setdefault("calendars", {})[made[key]] = {"on": spans.tolist()}
        station["calendar"] = made[key]


def doubts(parameters: Sequence[Parameter], seed: int, count: int) -> list[dict[str, float]]:
    """So many draws of factors by which fitted laws may be off, from how well each is known; by JSON pointer.

    The draws of each parameter are spread evenly over what it may be (a Latin hypercube): twenty drawn freely can
    lie to one side by more than they tell.
    """
    from scipy.special import ndtri

    draw = np.random.default_rng(seed)
    factors: list[dict[str, float]] = [{} for _ in range(count)]
    for one in parameters:
        if one.what in ("work", "setup", "life", "repair", "interval") and one.low and one.high and one.value:
            sd = (math.log(one.high) - math.log(one.low)) / (2 * Z)
            luck = ndtri((draw.permutation(count) + draw.random(count)) / count)
            for doubt, far in zip(factors, np.exp(min(sd, 0.7) * luck).tolist(), strict=True):
                doubt[one.path] = far
    return factors
