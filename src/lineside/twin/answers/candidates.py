"""Ready-made changes of a line: what a plant would try at each station."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from lineside.texts import DEFAULT_LANGUAGE, say
from lineside.twin.answers.changes import Change
from lineside.twin.layout import buffers_of, is_flooded
from lineside.twin.model import Line, Station

CYCLE, REPAIR, LIFE, SETUP = 0.9, 0.5, 2.0, 0.5


def candidates(
    line: Line, language: str = DEFAULT_LANGUAGE, *, places: int = 1, names: Mapping[str, str] | None = None
) -> tuple[Change, ...]:
    """For each station 10 % off the cycle, repairs and set-ups halved, half as many failures, one server more.

    Then `places` more in each finite buffer, one more of each resource, and one pallet more in each loop. They are
    named in the reader's language, and after what people call a place where `names` tells it. Only what a line has is
    proposed for it, and no places where a source always has a part.
    """
    called = names or {}
    alike = Counter(called.values())

    def named(kind: str, at: str, **what: Any) -> Change:
        told = called.get(at, at)
        told = f"{told} ({at})" if alike[told] > 1 else told
        return Change(name=say(f"answers.candidate.{kind}", language, at=told, places=places), **what)

    def all_of() -> Iterator[Change]:
        for name, station in line.stations.items():
            for kind, what in _of_station(f"/stations/{name}", station):
                yield named(kind, name, **what)
        for name, buffer in buffers_of(line).items():
            if buffer.capacity is not None and not is_flooded(line, name):
                place = f"/buffers/{name}" if name in line.buffers else f"/stations/{name}/buffer"
                yield named("buffer", name, set={f"{place}/capacity": buffer.capacity + places})
        for name, resource in line.resources.items():
            yield named("resource", name, set={f"/resources/{name}/count": resource.count + 1})
        for name, pallets in line.pallets.items():
            yield named("pallets", name, set={f"/pallets/{name}/count": pallets.count + 1})

    return tuple(all_of())


def _of_station(place: str, station: Station) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "cycle", {"scale": {f"{place}/work": CYCLE}}
    if station.failures:
        yield "repair", {"scale": {f"{place}/failures/{mode}/repair": REPAIR for mode in station.failures}}
        yield "failures", {"scale": {f"{place}/failures/{mode}/time_to_failure": LIFE for mode in station.failures}}
    if station.setups:
        yield "setup", {"scale": {f"{place}/setups": SETUP}}
    yield "server", {"set": {f"{place}/servers": station.servers + 1}}
