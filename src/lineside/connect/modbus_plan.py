"""Which requests read all wanted points: as few as limits and gaps allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from lineside.connect.modbus_address import MOST_BITS, Point, Span, Table

BITS = 16
"""In a register; limits are given in registers."""

Points: TypeAlias = Mapping[str, Point]


@dataclass(frozen=True, slots=True)
class Block:
    """What one request reads, and the points in it by address; never empty."""

    table: Table
    span: Span
    points: tuple[tuple[str, Point], ...]

    @property
    def count(self) -> int:
        """How many bits or registers it asks for."""
        return self.span.end - self.span.start

    @property
    def addresses(self) -> list[str]:
        """The addresses it gives values to."""
        return [address for address, _ in self.points]


def plan(points: Points, max_block: int, max_gap: int) -> list[Block]:
    """The fewest blocks for the points of one unit.

    A block has up to `max_block` registers, or sixteen times as many bits, unless one value alone is longer; no run in
    it that nobody wants is longer than `max_gap` registers, or sixteen times as many bits.
    """
    blocks: list[Block] = []
    for table, some in groupby(_sorted(points), key=lambda one: one[1].table):
        size = BITS if table.of_bits else 1
        blocks += _blocks(list(some), min(max_block * size, MOST_BITS), max_gap * size)
    return blocks


def _sorted(points: Points) -> list[tuple[str, Point]]:
    return sorted(points.items(), key=lambda one: (one[1].table, one[1].span, one[0]))


def _blocks(points: list[tuple[str, Point]], most: int, max_gap: int) -> Iterable[Block]:
    """From the left, each block as far as it goes: where it ends, the next must begin, so none could be spared."""
    begun = 0
    end = points[0][1].span.end
    for at, (_, point) in enumerate(points):
        start = points[begun][1].span.start
        reach = max(end, point.span.end)
        if point.span.start - end > max_gap or reach - start > max(most, points[begun][1].span.end - start):
            yield _block(points[begun:at])
            begun, end = at, point.span.end
        else:
            end = reach
    yield _block(points[begun:])


def _block(points: list[tuple[str, Point]]) -> Block:
    spans = [point.span for _, point in points]
    return Block(points[0][1].table, Span(spans[0].start, max(span.end for span in spans)), tuple(points))


def split(block: Block) -> tuple[Block, Block] | None:
    """The two parts of a block, parted at its longest gap, the middle-most of equals; None where it is one value."""
    points = list(block.points)
    middle = (block.span.start + block.span.end) / 2
    end = points[0][1].span.end
    best: tuple[float, float, int] | None = None
    for at in range(1, len(points)):
        before, span = points[at - 1][1].span, points[at][1].span
        if before != span:
            choice = (float(max(span.start - end, 0)), -abs(span.start - middle), at)
            best = choice if best is None else max(best, choice)
        end = max(end, span.end)
    if best is None:
        return None
    return _block(points[: best[2]]), _block(points[best[2] :])
