"""One Modbus unit in one conversation: what to ask it, what it last said, and what it fails to say."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from lineside.connect.live import LAST_RETRY_S
from lineside.connect.modbus_address import Point
from lineside.connect.modbus_line import Refused
from lineside.connect.modbus_plan import Block, Points, plan, split
from lineside.connect.modbus_values import bit_at, decode, observe
from lineside.connect.observations import Observation
from lineside.plant import Kind

UNMAPPED = frozenset({2, 3})
"""Exceptions to an address or a length: a part of the block may still be readable."""
LASTING = frozenset({1, *UNMAPPED})
"""Exceptions that asking again at once does not mend."""
ABSENT = frozenset({10, 11})
"""Exceptions of a gateway whose unit does not answer."""


class Limits(NamedTuple):
    """How a unit may be asked."""

    max_block: int
    max_gap: int
    answer_s: float
    rest_s: float
    retry_refused_s: float


@dataclass(slots=True, eq=False)
class Reading:
    """A block that is read in every round."""

    block: Block
    good: int
    """When it was last read, in microseconds; the conversation's begin before that."""
    raw: bytes = b""
    why: str = ""
    """Why it could not be read the last time."""


class Unit:
    """Keeps which blocks a unit answers to. `clock` times are seconds of a monotonic clock."""

    def __init__(self, number: int, points: Points, kinds: Mapping[str, Kind], limits: Limits, began: int) -> None:
        self.number = number
        self.free_at = 0.0
        self.refused: dict[str, str] = {}
        self._points = points
        self._kinds = kinds
        self._limits = limits
        self._wait_s = limits.answer_s
        self._due = 0.0
        self._said: dict[str, Observation] = {}
        self._again: deque[tuple[float, Block]] = deque()
        self._readings: list[Reading] = []
        self._replan(began)

    def _replan(self, good: int) -> None:
        blocks = plan(self._points, self._limits.max_block, self._limits.max_gap)
        self._readings = [Reading(block, good) for block in blocks]
        self._again.clear()

    def readings(self, clock: float) -> list[Reading]:
        """What to read in this round, with one of those refused earlier; nothing while it is left alone.

        Where all are refused one is asked for in every round, so that the unit is known to be there.
        """
        if clock < self._due:
            return []
        if self._again and (self._again[0][0] <= clock or not self._readings):
            return [*self._readings, Reading(self._again.popleft()[1], 0)]
        return list(self._readings)

    def take(self, reading: Reading, time: int, data: bytes) -> list[Observation]:
        """What changed with this answer."""
        self._wait_s = self._limits.answer_s
        if reading not in self._readings:  # refused until now: perhaps others are not any more either
            self._replan(time)
            return []
        before, reading.raw = reading.raw, data
        reading.good, reading.why = time, ""
        if data == before:
            return []
        rows = []
        for address, point in reading.block.points:
            bits = _bits(reading.block, point, data)
            if before and bits == _bits(reading.block, point, before):
                continue
            value = bits if isinstance(bits, bool) else decode(point, bits)
            row = observe(address, self._kinds[address], time, value)
            self.refused.pop(address, None)
            if address not in self._said or self._said[address][2:] != row[2:]:
                self._said[address] = row
                rows.append(row)
        return rows

    def refuse(self, reading: Reading, refusal: Refused, clock: float) -> tuple[list[Reading], list[str]]:
        """What to read instead of a block that was refused, and the addresses that are given up for now."""
        if refusal.code in ABSENT:
            self.miss(str(refusal), clock)
            return [], []
        self._wait_s = self._limits.answer_s
        if refusal.code not in LASTING:
            reading.why = str(refusal)
            return [], []
        parts = split(reading.block) if refusal.code in UNMAPPED else None
        instead = [Reading(block, reading.good) for block in parts or ()]
        if reading in self._readings:
            at = self._readings.index(reading)
            self._readings[at : at + 1] = instead
        if instead:
            return instead, []
        self._again.append((clock + self._limits.retry_refused_s, reading.block))
        self.refused |= dict.fromkeys(reading.block.addresses, str(refusal))
        self._forget(reading.block.addresses)
        return [], reading.block.addresses

    def miss(self, why: str, clock: float) -> None:
        """It did not answer: leaves it alone, for longer each time."""
        self._due = clock + self._wait_s
        self._wait_s = min(2 * self._wait_s, LAST_RETRY_S)
        for reading in self._readings:
            reading.why = why

    def stale(self, now: int, silence_us: int) -> Iterable[Reading]:
        """The blocks that could not be read for longer than this, until they are again."""
        for reading in self._readings:
            if reading.why and now - reading.good > silence_us:
                reading.raw = b""
                self._forget(reading.block.addresses)
                yield reading

    def _forget(self, addresses: Iterable[str]) -> None:
        for address in addresses:
            self._said.pop(address, None)


def _bits(block: Block, point: Point, data: bytes) -> bytes | bool:
    """What an answer holds of a point: its registers, or its bit."""
    at = point.span.start - block.span.start
    return bit_at(data, at) if point.table.of_bits else data[2 * at : 2 * (point.span.end - block.span.start)]
