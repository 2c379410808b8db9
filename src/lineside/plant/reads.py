"""What a source is read for: the signals of machines and the meters of energy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lineside.plant.energy import METER
from lineside.plant.model import Kind, Plant


@dataclass(frozen=True, slots=True)
class Fed:
    """One series that a source fills; `owner` is the machine, or "meter"."""

    owner: str
    owner_name: str
    id: str
    address: str
    kind: Kind
    unit: str

    @property
    def key(self) -> str:
        """The key of the series."""
        return f"{self.owner}/{self.id}"


def read_by(plant: Plant, source: str) -> Iterator[Fed]:
    """All that a source of the plant is read for; several may have one address."""
    for machine in plant.machines.values():
        for one in machine.signals.values() if machine.source == source else ():
            yield Fed(machine.id, machine.name, one.id, one.address, one.kind, one.unit)
    for meter in plant.meters.values():
        if meter.source == source:
            yield Fed(METER, meter.name, meter.id, meter.address, meter.kind, meter.unit)


def wanted_of(plant: Plant, source: str) -> dict[str, Kind]:
    """The kind that each address of a source is read as: that of the first that has it."""
    found: dict[str, Kind] = {}
    for one in read_by(plant, source):
        found.setdefault(one.address, one.kind)
    return found
