from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import pairwise
from statistics import median

import pytest
from pymodbus import FramerType
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from lineside.connect import MemorySink, SourceState
from lineside.connect.live import now_us
from lineside.connect.modbus_address import Table
from lineside.connect.modbus_line import MEANINGS
from lineside.history import Quality
from lineside.plant import Kind
from tests.connect.modbus_device import Device, Send, deliver, framed

Listening = Callable[..., AbstractAsyncContextManager[MemorySink]]

FAST: Mapping[str, float | str] = {"interval_ms": 40, "answer_s": 5}
"""Options for a device on loopback that answers: one that is held up by a busy machine is not silent."""


def holding(*values: int, start: int = 0) -> dict[Table, dict[int, int]]:
    """A unit with some holding registers."""
    return {Table.HOLDING: dict(enumerate(values, start))}


def wanting(*addresses: str) -> dict[str, Kind]:
    """Measures at these addresses."""
    return dict.fromkeys(addresses, "measure")


def values(sink: MemorySink, address: str | None = None) -> list[float | str | None]:
    """What was observed, of one address or of all."""
    rows = [row for row in sink.observations if address in (None, row.address)]
    return [row.text if row.number is None else row.number for row in rows]


def told(key: str, **fields: object) -> Callable[[MemorySink], bool]:
    """Holds when a source has said this of itself."""
    return lambda sink: any(one.key == key and fields.items() <= one.fields.items() for one in sink.told)


def refused(names: str) -> Callable[[MemorySink], bool]:
    """Holds when the source's last word is that these get no values."""

    def claim(sink: MemorySink) -> bool:
        last = sink.told[-1] if sink.told else None
        return last is not None and last.key == "connect.refused" and names in str(last.fields["names"])

    return claim


def active(sink: MemorySink) -> bool:
    """Holds while all is well."""
    return bool(sink.told) and sink.told[-1].key == "connect.active"


async def until(claim: Callable[[], bool]) -> None:
    """Returns as soon as something holds of the device."""
    async with asyncio.timeout(60):
        while not claim():  # noqa: ASYNC110 - the device notes what it is asked, and tells nobody
            await asyncio.sleep(0.005)


@asynccontextmanager
async def foreign(port: int, framer: FramerType) -> AsyncIterator[None]:
    """A server of pymodbus with two units of which one has all four tables."""
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    bits = [SimData(0, values=[True, False, True, True] + [False] * 12, datatype=DataType.BITS)]
    words = [
        SimData(0, values=[7, 65_535], datatype=DataType.REGISTERS),
        SimData(10, values=-12.5, datatype=DataType.FLOAT32),
        SimData(12, values=-(2**40), datatype=DataType.INT64),
        SimData(20, values="M-2041", datatype=DataType.STRING),
    ]
    units = [SimDevice(1, (bits, bits, words, words)), SimDevice(9, SimData(0, values=9, datatype=DataType.REGISTERS))]
    server = ModbusTcpServer(units, framer=framer, address=("127.0.0.1", port))
    await server.serve_forever(background=True)
    try:
        yield
    finally:
        await server.shutdown()  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(("scheme", "framer"), [("modbus", FramerType.SOCKET), ("modbus+rtu", FramerType.RTU)])
async def test_a_server_that_is_not_ours_is_read(
    listening: Listening, free_port: int, scheme: str, framer: FramerType
) -> None:
    """All four tables and several types, from two units, over both kinds of line."""
    wanted: dict[str, Kind] = {
        "1/coil/2": "state",
        "1/discrete/1": "state",
        "1/holding/1:int16": "measure",
        "1/input/0": "counter",
        "1/40011:float32": "measure",
        "1/holding/12:int64": "measure",
        "1/holding/20:string(6)": "text",
        "9/holding/0*0.5": "measure",
    }
    async with (
        foreign(free_port, framer),
        listening(f"{scheme}://127.0.0.1:{free_port}", wanted, options={"max_gap": 0}) as sink,
    ):
        await sink.until(lambda s: active(s) and len(s.observations) >= 8)

    assert {row.address: row.text if row.number is None else row.number for row in sink.observations} == {
        "1/coil/2": "true",
        "1/discrete/1": "false",
        "1/holding/1:int16": -1.0,
        "1/input/0": 7.0,
        "1/40011:float32": -12.5,
        "1/holding/12:int64": -(2.0**40),
        "1/holding/20:string(6)": "M-2041",
        "9/holding/0*0.5": 4.5,
    }


@pytest.mark.parametrize("rtu", [False, True])
async def test_nothing_is_ever_written(listening: Listening, rtu: bool) -> None:
    """Whatever is wanted, and whatever goes wrong, the functions sent are 1 to 4: byte for byte."""
    places = [(unit, table.name.lower(), at) for unit in (1, 5) for table in Table for at in (0, 5, 900)]
    wanted = wanting(*(f"{unit}/{table}/{at}" for unit, table, at in places))
    async with (
        Device({1: {table: {0: 1, 5: 1} for table in Table}}, rtu=rtu) as device,
        listening(device.url, wanted, options={**FAST, "answer_s": 0.05, "retry_refused_s": 0.1}),
    ):
        await until(lambda: len(device.of(5)) >= 2 and len(device.of(1)) > 40)

    size, at = (8, 1) if rtu else (12, 7)
    assert len(device.bytes) == len(device.asked) * size
    assert set(device.bytes[at::size]) == {1, 2, 3, 4}


async def test_a_value_is_dated_between_request_and_answer(listening: Listening) -> None:
    """When the device looked is not known more exactly; the middle is at most half the wait off."""
    asked, answered = list[int](), list[int]()

    async def note(frame: bytes, send: Send) -> None:
        answered.append(now_us())
        asked.append(answered[-1] - round((time.monotonic() - device.asked[-1].at) * 1_000_000))
        await send(frame)

    async with Device({1: holding(7)}) as device:
        device.delay_s, device.answer = 1.5, note
        async with listening(device.url, wanting("1/holding/0"), options=FAST) as sink:
            await sink.until(lambda s: bool(s.observations))

    middle = (asked[0] + answered[0]) / 2  # of what a busy machine makes of the delay
    assert abs(sink.observations[0].time - middle) < 50_000


async def test_only_changes_are_kept_and_all_the_time_is_heard(listening: Listening) -> None:
    """A register that holds still gives one value, known to hold as long as the device answers."""
    async with (
        Device({1: holding(7, 1)}) as device,
        listening(device.url, wanting("1/holding/0", "1/holding/1"), options=FAST) as sink,
    ):
        await until(lambda: len(device.asked) > 5)
        device.units[1][Table.HOLDING][1] = 2
        await sink.until(lambda s: len(s.observations) >= 3 and bool(s.spans))
        heard = len(device.asked)
        await sink.until(lambda s: len(s.spans) >= 2)

    assert len(device.asked) > heard
    assert values(sink, "1/holding/0") == [7.0]
    assert values(sink, "1/holding/1") == [1.0, 2.0]
    assert all(one[1] == two[0] for one, two in pairwise(sink.spans))
    assert active(sink) or sink.told[-2].key == "connect.active"


async def test_a_bit_that_stands_still_in_a_word_that_changes_is_no_change(listening: Listening) -> None:
    """A status word has many signals."""
    async with Device({1: holding(0b01)}) as device:
        wanted = wanting("1/holding/0:bit(0)", "1/holding/0:bit(1)")
        async with listening(device.url, wanted, options=FAST) as sink:
            await sink.until(lambda s: len(s.observations) == 2)
            device.units[1][Table.HOLDING][0] = 0b11
            await sink.until(lambda s: len(s.observations) == 3)

    assert values(sink, "1/holding/0:bit(0)") == [1.0]
    assert values(sink, "1/holding/0:bit(1)") == [0.0, 1.0]


async def test_a_block_is_read_with_one_request(listening: Listening) -> None:
    """Sixty registers with holes between them, in one telegram."""
    async with Device({1: holding(*range(120))}) as device:
        addresses = [f"1/holding/{at}" for at in range(0, 120, 2)]
        async with listening(device.url, wanting(*addresses), options=FAST) as sink:
            await sink.until(lambda s: len(s.observations) == 60)

    assert {one[:4] for one in device.asked} == {(1, 3, 0, 119)}


async def test_a_bad_address_is_found_and_named_and_the_others_flow(listening: Listening) -> None:
    """A block that the device refuses is parted until the culprit stands alone."""
    async with Device({1: holding(*range(40))}) as device:
        del device.units[1][Table.HOLDING][13]
        addresses = [f"1/holding/{at}" for at in range(40)]
        async with listening(device.url, wanting(*addresses), options=FAST) as sink:
            await sink.until(refused("1/holding/13 (exception 2, illegal data address)"))
            found = len(device.asked)
            await until(lambda: len(device.asked) > found + 20)

    assert sink.told[-2].fields["count"] == 1
    assert {row.address for row in sink.observations if row.number is not None} == {*addresses} - {"1/holding/13"}
    assert (1, 3, 13, 1) not in {one[:4] for one in device.asked[found:]}
    assert len({one[:4] for one in device.asked[found:]}) < 8


async def test_a_hole_that_a_device_does_not_let_read_is_left_out(listening: Listening) -> None:
    """No wanted address is at fault, so none is named; the plan without the hole is kept."""
    async with Device({1: holding(1, 2) | {}}) as device:
        device.units[1][Table.HOLDING][9] = 3
        async with listening(device.url, wanting("1/holding/0", "1/holding/1", "1/holding/9"), options=FAST) as sink:
            await sink.until(active)
            await until(lambda: len(device.asked) > 10)

    assert set(values(sink)) == {1.0, 2.0, 3.0}
    assert {one[2:4] for one in device.asked[1:]} == {(0, 2), (9, 1)}
    assert not told("connect.refused")(sink)


async def test_an_address_that_comes_to_life_is_read_again(listening: Listening) -> None:
    """Refused ones are asked for from time to time, and then everything is planned anew."""
    async with Device({1: holding(1)}) as device:
        options = {**FAST, "retry_refused_s": 0.3}
        async with listening(device.url, wanting("1/holding/0", "1/holding/1"), options=options) as sink:
            await sink.until(refused("1/holding/1"))
            device.units[1][Table.HOLDING][1] = 5
            await sink.until(lambda s: active(s) and 5.0 in values(s))
            again = len(device.asked)
            await until(lambda: len(device.asked) > again + 3)

    assert {one[2:4] for one in device.asked[again:]} == {(0, 2)}


async def test_a_value_that_is_refused_has_ended(listening: Listening) -> None:
    """The state that rested on it is unknown from then on."""
    async with (
        Device({1: holding(1, 2)}) as device,
        listening(device.url, wanting("1/holding/0", "1/holding/1"), options={**FAST, "retry_refused_s": 0.2}) as sink,
    ):
        await sink.until(active)
        del device.units[1][Table.HOLDING][1]
        await sink.until(refused("1/holding/1"))
        device.units[1][Table.HOLDING][1] = 2
        await sink.until(lambda s: active(s) and len(values(s, "1/holding/1")) == 3)

    assert values(sink, "1/holding/1") == [2.0, None, 2.0]
    assert values(sink, "1/holding/0") == [1.0]
    assert next(row for row in sink.observations if row.number is None).quality is Quality.NO_DATA


@pytest.mark.parametrize("code", [4, 6, 11, 99])
async def test_a_unit_that_cannot_answer_now_loses_its_values_and_gets_them_back(
    listening: Listening, code: int
) -> None:
    """After `stale_after_s`, from when it was last read; the reason is in the specification's words."""
    async with Device({1: holding(1), 2: holding(2)}) as device:
        wanted = wanting("1/holding/0", "2/holding/0")
        async with listening(device.url, wanted, options={**FAST, "answer_s": 0.5}, stale_after_s=2) as sink:
            await sink.until(active)
            device.exceptions[2] = code
            begun = now_us()
            await sink.until(refused(f"2/holding/0 (unit 2: exception {code}"))
            device.exceptions.clear()
            await sink.until(lambda s: active(s) and len(values(s, "2/holding/0")) == 3)

    assert values(sink, "2/holding/0") == [2.0, None, 2.0]
    assert values(sink, "1/holding/0") == [1.0]
    none = next(row for row in sink.observations if row.number is None)
    assert none.time < begun + 50_000
    assert MEANINGS.get(code, "") in str(next(t for t in sink.told if t.key == "connect.refused").fields["names"])


@pytest.mark.parametrize("code", [1, 2, 3])
async def test_what_a_unit_will_not_do_is_told_at_once(listening: Listening, code: int) -> None:
    """Not after the silence: the unit has answered."""
    async with Device({1: holding(1), 2: holding(2)}) as device:
        device.exceptions[2] = code
        async with listening(device.url, wanting("1/holding/0", "2/holding/0"), options=FAST, stale_after_s=60) as sink:
            await sink.until(refused(f"2/holding/0 (exception {code}, {MEANINGS[code]})"))

    assert values(sink, "1/holding/0") == [1.0]


async def test_a_device_that_refuses_everything_is_not_silent(listening: Listening) -> None:
    """Its cable is fine; the addresses are wrong, and that is what is told."""
    async with (
        Device({1: holding(1)}) as device,
        listening(device.url, wanting("1/holding/8", "1/holding/9"), options=FAST, stale_after_s=2) as sink,
    ):
        await sink.until(lambda s: bool(s.spans) and s.spans[-1][1] - s.spans[0][0] > 4_700_000)

    assert sink.told[-2].key == "connect.refused"
    assert not told("connect.silent")(sink)
    assert all(one[1] == two[0] for one, two in pairwise(sink.spans))


async def test_a_silent_unit_does_not_stop_the_others(listening: Listening) -> None:
    """It is asked again at longer and longer intervals; its values end, those of the others flow."""
    async with Device({1: holding(1), 2: holding(2), 3: holding(3)}) as device:
        wanted = wanting("1/holding/0", "2/holding/0", "3/holding/0")
        options = {**FAST, "answer_s": 0.1}
        async with listening(device.url, wanted, options=options, stale_after_s=1) as sink:
            await sink.until(active)
            device.silent.add(2)
            first = len(device.of(2))
            await sink.until(refused("2/holding/0 (unit 2: no answer)"))
            since, tries = len(device.asked), len(device.of(2))
            device.units[3][Table.HOLDING][0] = 30
            await sink.until(lambda s: 30.0 in values(s))
            await until(lambda: len(device.of(2)) >= tries + 3)
            waits = [two.at - one.at for one, two in pairwise(device.of(2)[first:])]
            others = len(device.asked) - since
            device.silent.clear()
            await sink.until(active)

    assert all(wait > 0.1 * 2**n for n, wait in enumerate(waits))
    assert others > 20
    assert values(sink, "2/holding/0") == [2.0, None, 2.0]
    assert values(sink, "1/holding/0") == [1.0]
    assert all(one[1] == two[0] for one, two in pairwise(sink.spans))


async def test_one_lost_answer_ends_nothing(listening: Listening) -> None:
    """A pause shorter than `stale_after_s` is no gap, and not worth a word."""
    async with (
        Device({1: holding(1)}) as device,
        listening(device.url, wanting("1/holding/0"), options={**FAST, "answer_s": 0.1}) as sink,
    ):
        await sink.until(active)
        device.silent.add(1)
        asked = len(device.asked)
        await until(lambda: len(device.asked) > asked)
        device.silent.clear()
        await until(lambda: len(device.asked) > asked + 5)

    assert values(sink) == [1.0]
    assert [one.key for one in sink.told if one.state is SourceState.DEGRADED] == []


async def test_a_device_that_accepts_and_never_answers_is_told(listening: Listening) -> None:
    """Also with more units than there are tries: the connection is made anew."""
    async with Device({}) as device:
        wanted = wanting(*(f"{unit}/holding/0" for unit in range(1, 6)))
        async with listening(device.url, wanted, options={**FAST, "answer_s": 0.02}) as sink:
            await sink.until(told("connect.no_answer"))

    assert {one.unit for one in device.asked} == {1, 2, 3, 4, 5}
    assert sink.observations == []


async def test_a_connection_that_is_cut_is_made_again(listening: Listening) -> None:
    """Told as closed, and the value is said again: what it was meanwhile is not known."""
    async with (
        Device({1: holding(1)}) as device,
        listening(device.url, wanting("1/holding/0"), options=FAST) as sink,
    ):
        await sink.until(active)
        device.hang_up()
        await sink.until(lambda s: told("connect.closed")(s) and len(values(s)) == 2 and active(s))

    assert values(sink) == [1.0, 1.0]


async def test_an_answer_cut_in_the_middle_is_no_value(listening: Listening) -> None:
    """Half of a number would be another number."""

    async def half(frame: bytes, send: Send) -> None:
        await send(frame[:-1])
        device.answer = deliver
        device.hang_up()

    async with Device({1: holding(1, 2)}) as device:
        device.answer = half
        async with listening(device.url, wanting("1/holding/0:uint32"), options=FAST) as sink:
            await sink.until(active)

    assert values(sink) == [65_538.0]
    assert told("connect.closed")(sink)


@pytest.mark.parametrize("rtu", [False, True])
async def test_where_packets_end_does_not_matter(listening: Listening, rtu: bool) -> None:
    """An answer may come byte by byte."""

    async def piecemeal(frame: bytes, send: Send) -> None:
        for at in range(len(frame)):
            await send(frame[at : at + 1])
            await asyncio.sleep(0.001)

    async with Device({1: holding(1, 2)}, rtu=rtu) as device:
        device.answer = piecemeal
        async with listening(device.url, wanting("1/holding/0:uint32"), options=FAST) as sink:
            await sink.until(active)

    assert values(sink) == [65_538.0]


async def test_a_late_answer_is_not_taken_for_the_next_one(listening: Listening) -> None:
    """Its number gives it away: what it says held before the request."""
    late: list[bytes] = []

    async def swap(frame: bytes, send: Send) -> None:
        if not late:
            late.append(frame)
            device.units[1][Table.HOLDING][0] = 2
            return
        await send(late[0] + frame if len(late) == 1 else frame)
        late.append(frame)

    async with Device({1: holding(1)}) as device:
        device.answer = swap
        async with listening(device.url, wanting("1/holding/0"), options={**FAST, "answer_s": 0.05}) as sink:
            await sink.until(active)

    assert values(sink) == [2.0]


@pytest.mark.parametrize("rtu", [False, True])
async def test_an_answer_that_came_while_the_node_was_busy_counts(listening: Listening, rtu: bool) -> None:
    """The device is not blamed for what kept this process from looking."""

    async def busy(frame: bytes, send: Send) -> None:
        await send(frame)
        time.sleep(1.25)  # noqa: ASYNC251 - nothing else runs meanwhile, as when another thread has the interpreter

    async with Device({1: holding(1)}, rtu=rtu) as device:
        device.answer = busy
        async with listening(device.url, wanting("1/holding/0"), options={**FAST, "answer_s": 1}) as sink:
            await sink.until(active)
            first = len(device.asked)

    assert first == 1


async def test_a_device_that_always_answers_late_is_no_silent_one(listening: Listening) -> None:
    """The cure is to wait longer, not to look at the cable; its old values are not taken meanwhile."""
    async with Device({1: holding(1)}) as device:
        device.delay_s = 0.5
        async with listening(device.url, wanting("1/holding/0"), options={**FAST, "answer_s": 0.1}) as sink:
            await sink.until(told("connect.modbus.late", seconds="0.1"))

    assert sink.observations == []


async def test_a_late_answer_of_another_unit_is_dropped_without_numbers(listening: Listening) -> None:
    """Over RTU the unit gives it away; the line is emptied before each request."""
    held: list[bytes] = []

    async def hold(frame: bytes, send: Send) -> None:
        if frame[0] == 2 and not held:
            held.append(frame)
            return
        await send(b"".join(held) + frame if len(held) == 1 and frame[0] == 1 else frame)

    async with Device({1: holding(1), 2: holding(2)}, rtu=True) as device:
        device.answer = hold
        options = {**FAST, "answer_s": 0.05}
        async with listening(device.url, wanting("1/holding/0", "2/holding/0"), options=options) as sink:
            await sink.until(lambda s: len(s.observations) == 2)
            device.units[1][Table.HOLDING][0] = 5
            await sink.until(lambda s: len(s.observations) == 3)

    assert values(sink, "1/holding/0") == [1.0, 5.0]
    assert values(sink, "2/holding/0") == [2.0]


async def test_what_is_left_in_the_line_is_no_answer_to_the_next_request(listening: Listening) -> None:
    """An answer without a number that came after its time is dropped before the unit is asked again."""

    async def late(frame: bytes, send: Send) -> None:
        if len(device.asked) == 1:
            device.units[1][Table.HOLDING][0] = 2
            await asyncio.sleep(0.25)
        await send(frame)

    async with Device({1: holding(1)}, rtu=True) as device:
        device.answer = late
        async with listening(device.url, wanting("1/holding/0"), options={**FAST, "answer_s": 0.2}) as sink:
            await sink.until(active)

    assert values(sink) == [2.0]


async def test_noise_on_the_line_is_dropped(listening: Listening) -> None:
    """A wrong check sum or a strange function is no answer; the next request is answered again."""
    noise = [b"\x01\x03\x02\x00\x09\xff\xff", b"\xff" * 20]

    async def disturb(frame: bytes, send: Send) -> None:
        await send(noise.pop() if noise else frame)

    async with Device({1: holding(1)}, rtu=True) as device:
        device.answer = disturb
        async with listening(device.url, wanting("1/holding/0"), options={**FAST, "answer_s": 0.05}) as sink:
            await sink.until(active)

    assert values(sink) == [1.0]


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (b"\x01\x03\x02\x00\x09", "answered 2 bytes instead of 4"),
        (b"\x01\x03\x04\x00\x09", "answered 2 bytes instead of 4"),
        (b"\x01\x03\x06\x00\x09\x00\x09", "answered 4 bytes instead of 4"),
        (b"\x01\x04\x04\x00\x09\x00\x09", "answered for unit 1, function 4"),
        (b"\x07\x03\x04\x00\x09\x00\x09", "answered for unit 7, function 3"),
    ],
)
async def test_a_wrong_answer_is_no_value(listening: Listening, message: bytes, why: str) -> None:
    """Too short, of another function or another unit: it is told and not taken."""

    async def wrong(frame: bytes, send: Send) -> None:
        await send(framed(frame[:2], message) if frame[6] == 1 else frame)

    async with Device({1: holding(1, 2), 2: holding(3)}) as device:
        device.answer = wrong
        wanted = wanting("1/holding/0:uint32", "2/holding/0")
        options = {**FAST, "answer_s": 0.5}
        async with listening(device.url, wanted, options=options, stale_after_s=2) as sink:
            await sink.until(refused(f"1/holding/0:uint32 (unit 1: {why})"))

    assert values(sink, "1/holding/0:uint32") == [None]
    assert values(sink, "2/holding/0") == [3.0]


async def test_what_is_no_modbus_ends_the_conversation(listening: Listening) -> None:
    """Another protocol at this port, or RTU behind a gateway that does not translate."""

    async def greet(_: bytes, send: Send) -> None:
        await send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with Device({1: holding(1)}) as device:
        device.answer = greet
        async with listening(device.url, wanting("1/holding/0"), options=FAST) as sink:
            await sink.until(told("connect.modbus.no_modbus"))

    assert sink.observations == []


async def test_rounds_keep_their_deadlines(listening: Listening) -> None:
    """However long a round takes, the next begins at a multiple of the interval: nothing drifts."""
    async with Device({1: holding(1)}) as device:
        device.delay_s = 0.2
        async with listening(device.url, wanting("1/holding/0"), options={"interval_ms": 500, "answer_s": 5}):
            await until(lambda: len(device.asked) >= 12)

    offsets = [one.at - device.asked[0].at for one in device.asked]
    assert median(abs((offset + 0.25) % 0.5 - 0.25) for offset in offsets) < 0.015


async def test_rounds_that_take_too_long_are_told(listening: Listening) -> None:
    """With how long a round takes and how many were left out; kept as an event."""
    async with Device({1: holding(1)}) as device:
        device.delay_s = 0.5
        options = {"interval_ms": 200, "answer_s": 5}
        async with listening(device.url, wanting("1/holding/0"), options=options) as sink:
            await sink.until(lambda s: bool(s.losses))

    _, key, fields = sink.losses[0]
    assert key == "connect.modbus.overrun"
    assert int(str(fields["count"])) >= 2
    assert fields["interval"] == "0.2"
    assert 0.5 <= float(str(fields["took"])) < 0.65
    assert values(sink) == [1.0]


async def test_rounds_made_long_by_silent_units_are_not_blamed_on_the_interval(listening: Listening) -> None:
    """The cure is at those units, so they are named and nothing else."""
    async with (
        Device({1: holding(1)}) as device,
        listening(
            device.url,
            wanting(*(f"{unit}/holding/0" for unit in range(1, 14))),
            options={**FAST, "answer_s": 0.03},
            stale_after_s=0.5,
        ) as sink,
    ):
        await until(lambda: len(device.of(13)) >= 6)

    assert not told("connect.modbus.overrun")(sink)
    assert told("connect.refused", count=12)(sink)


async def test_a_unit_rests_between_requests(listening: Listening) -> None:
    """Some serial devices lose a request that comes too soon after their answer."""
    async with Device({1: {Table.HOLDING: {0: 1}, Table.INPUT: {0: 2}}}) as device:
        options = {**FAST, "rest_ms": 60}
        async with listening(device.url, wanting("1/holding/0", "1/input/0"), options=options):
            await until(lambda: len(device.asked) >= 5)

    assert all(two.at - one.at >= 0.055 for one, two in pairwise(device.asked))


async def test_an_address_that_means_nothing_does_not_stop_the_others(listening: Listening) -> None:
    """The plant file may be edited while the node runs: the mistake is named, the rest goes on."""
    async with (
        Device({1: holding(1)}) as device,
        listening(device.url, wanting("1/holding/0", "1/holdng/1"), options=FAST) as sink,
    ):
        await sink.until(refused("1/holdng/1 (not understood, see lineside check)"))

    assert values(sink, "1/holding/0") == [1.0]
    assert values(sink, "1/holdng/1") == [None]


async def test_a_source_without_any_usable_address_says_which_one(listening: Listening, free_port: int) -> None:
    """Nothing can be asked, so nothing is connected."""
    async with listening(f"modbus://127.0.0.1:{free_port}", {"1/coil/0": "count"}) as sink:
        await sink.until(told("connect.modbus.count", address="1/coil/0"))

    assert sink.observations == []
