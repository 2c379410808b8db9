"""Resources that stations share, and who waits for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lineside.twin import model
from lineside.twin.oracle.parts import Rank
from lineside.twin.oracle.stations import Server


@dataclass(eq=False, slots=True)
class Need:
    """A server that waits for resources, for its part or for its repair."""

    rank: Rank
    server: Server
    wanted: Mapping[str, int]
    for_repair: bool


class Resources:
    """How many of each are free; `begin` is told of each need that is met."""

    def __init__(self, specs: Mapping[str, model.Resource], begin: Callable[[Need], None]) -> None:
        self._free = {name: spec.count for name, spec in specs.items()}
        self._needs: list[Need] = []
        self._begin = begin

    def ask(self, need: Need) -> None:
        """Wait for resources, and have them now if they are free."""
        self.join(need)
        self.give()

    def join(self, need: Need) -> None:
        """Wait for resources."""
        self._needs.append(need)

    def hold(self, taken: Mapping[str, int]) -> None:
        """Take resources that are free."""
        for name, number in taken.items():
            self._free[name] -= number

    def give_back(self, taken: Mapping[str, int]) -> None:
        """Take resources back, and give them to others."""
        for name, number in taken.items():
            self._free[name] += number
        self.give()

    def give(self) -> None:
        """Give resources to those who wait for them, passing over those whose needs cannot be met."""
        for need in sorted(self._needs, key=lambda need: need.rank):
            if self._can_meet(need):
                self._needs.remove(need)
                self.hold(need.wanted)
                self._begin(need)

    def can_give(self) -> bool:
        """Whether a need can be met now."""
        return any(self._can_meet(need) for need in self._needs)

    def _can_meet(self, need: Need) -> bool:
        able = need.server.station.is_on() and (need.for_repair or need.server.failure is None)
        return able and all(self._free[name] >= number for name, number in need.wanted.items())
