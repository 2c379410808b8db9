from __future__ import annotations

from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from lineside.connect.modbus_address import MOST_BITS, Point, Span, Table, read_address
from lineside.connect.modbus_plan import Block, plan, split


def points_of(*addresses: str) -> dict[str, Point]:
    """The points of some addresses."""
    return {address: read_address(address) for address in addresses}


def registers(spans: list[tuple[int, int]]) -> dict[str, Point]:
    """Points of holding registers, each from a start with a length."""
    return {
        f"{start}+{length}": Point(1, Table.HOLDING, Span(start, start + length), "string", 2 * length)
        for start, length in spans
    }


SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 6)), min_size=1, max_size=10, unique=True)


@given(
    st.lists(st.tuples(st.sampled_from(Table), st.integers(0, 5_000), st.integers(1, 8)), min_size=1, max_size=60),
    st.integers(1, 125),
    st.integers(0, 40),
)
def test_every_point_is_read_once_and_whole_within_the_limits(
    places: list[tuple[Table, int, int]], max_block: int, max_gap: int
) -> None:
    """No block is longer than the device allows, unless one value alone is; none reads a long gap."""
    points = {
        f"{table}{start}+{length}": Point(1, table, Span(start, start + (1 if table.of_bits else length)), "string")
        for table, start, length in places
    }

    blocks = plan(points, max_block, max_gap)

    assert sorted(address for block in blocks for address in block.addresses) == sorted(points)
    for block in blocks:
        size = 16 if block.table.of_bits else 1
        spans = [point.span for _, point in block.points]
        longest = max(span.end - span.start for span in spans)
        assert block.span == (min(span.start for span in spans), max(span.end for span in spans))
        assert block.count <= max(min(max_block * size, MOST_BITS), longest)
        covered = {at for span in spans for at in range(*span)}
        runs = "".join(" " if at in covered else "x" for at in range(*block.span)).split()
        assert all(len(run) <= max_gap * size for run in runs)


@given(SPANS, st.integers(6, 30), st.integers(0, 12))
def test_no_plan_needs_fewer_requests(spans: list[tuple[int, int]], max_block: int, max_gap: int) -> None:
    """Compared with every way to cut the points into blocks, from the left."""
    assert len(plan(registers(spans), max_block, max_gap)) == fewest(sorted(spans), max_block, max_gap)


def fewest(spans: list[tuple[int, int]], max_block: int, max_gap: int) -> int:
    """Return the fewest requests, by trying every subset of the points that one request could read first."""
    places = tuple((start, start + length) for start, length in spans)

    def readable(some: list[tuple[int, int]]) -> bool:
        end = some[0][1]
        for start, stop in some[1:]:
            if start - end > max_gap:
                return False
            end = max(end, stop)
        return end - some[0][0] <= max_block

    @cache
    def least(left: frozenset[tuple[int, int]]) -> int:
        if not left:
            return 0
        first, *rest = sorted(left)
        choices = [[first]]
        for place in rest:
            choices += [[*some, place] for some in choices]
        return 1 + min(least(left - frozenset(some)) for some in choices if readable(some))

    return least(frozenset(places))


def test_tables_are_read_apart() -> None:
    """One request reads one table."""
    blocks = plan(points_of("1/coil/3", "1/holding/4", "1/input/5", "1/discrete/6"), 125, 16)

    assert [block.table for block in blocks] == [Table.COIL, Table.DISCRETE, Table.HOLDING, Table.INPUT]


def test_bits_are_planned_by_what_a_register_holds() -> None:
    """A gap of sixteen coils costs what one of a register does."""
    near, far = plan(points_of("1/coil/0", "1/coil/17"), 125, 1), plan(points_of("1/coil/0", "1/coil/18"), 125, 1)

    assert [block.span for block in near] == [(0, 18)]
    assert [block.span for block in far] == [(0, 1), (18, 19)]
    assert len(plan(points_of("1/coil/0", "1/coil/999", "1/coil/1999"), 125, 124)) == 1
    assert len(plan(points_of("1/coil/0", "1/coil/999", "1/coil/2000"), 125, 124)) == 2


def test_many_bits_of_one_register_are_read_once() -> None:
    """A status word is one place, however many signals it has, and cannot be parted."""
    (block,) = plan(points_of(*(f"1/holding/7:bit({bit})" for bit in range(16))), 125, 16)

    assert block.span == (7, 8)
    assert split(block) is None


def test_a_block_is_parted_at_its_longest_gap() -> None:
    """What a device refuses most probably lies where nobody wants anything."""
    (block,) = plan(points_of("1/holding/0", "1/holding/1", "1/holding/9", "1/holding/12"), 125, 16)

    assert parts(block) == [(0, 2), (9, 13)]


def test_a_block_without_gaps_is_parted_in_the_middle() -> None:
    """So that a bad address is found in few requests."""
    (block,) = plan(points_of(*(f"1/holding/{at}" for at in range(8))), 125, 16)

    assert parts(block) == [(0, 4), (4, 8)]


@given(SPANS)
def test_parting_ends_with_single_values_and_loses_none(spans: list[tuple[int, int]]) -> None:
    """However values lie over each other."""
    points = registers(spans)
    left = plan(points, 125, 124)
    single = []
    while left:
        block = left.pop()
        halves = split(block)
        if halves is None:
            single.append(block)
        else:
            left += halves

    assert sorted(address for block in single for address in block.addresses) == sorted(points)
    assert all(len({point.span for _, point in block.points}) == 1 for block in single)


def parts(block: Block) -> list[Span]:
    """The spans of the two parts of a block."""
    halves = split(block)
    assert halves is not None
    return [half.span for half in halves]
