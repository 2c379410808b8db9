from __future__ import annotations

import pytest

from lineside.connect import Observation, Reason
from lineside.connect.set_aside import SetAside
from lineside.connect.shdr_text import LONGEST_ASSET, ShdrText, items_of
from lineside.history import Quality
from lineside.plant import Kind

T = "2019-04-09T10:39:25.541Z"
AT = 1_554_806_365_541_000
WANTED: dict[str, Kind] = {
    "exec": "state",
    "load": "measure",
    "parts": "counter",
    "program": "text",
    "system_cond": "condition",
    "message": "text",
    "wave": "measure",
}


def reader(**options: object) -> ShdrText:
    """A reader of the wanted items."""
    return ShdrText(WANTED, SetAside(), **options)  # type: ignore[arg-type]


def read(line: str) -> list[tuple[str, float | str | None]]:
    """Address and value of each observation of a line."""
    return [(o.address, o.text if o.number is None else o.number) for o in reader().read(line, None)]


def counts(text: ShdrText) -> dict[str, int]:
    """How much was set aside, by reason."""
    return {reason: known.count for reason, known in text.set_aside.reasons.items()}


def test_a_line_of_pairs_gives_each_of_them() -> None:
    """All items of a line share its moment."""
    assert reader().read(f"{T}|exec|ACTIVE|load|12.5|other|1|parts|7", None) == [
        Observation("exec", AT, None, "ACTIVE", Quality.GOOD),
        Observation("load", AT, 12.5, None, Quality.GOOD),
        Observation("parts", AT, 7.0, None, Quality.GOOD),
    ]


@pytest.mark.parametrize(
    ("line", "level"),
    [
        (f"{T}|system_cond|NORMAL||||", "NORMAL"),
        (f"{T}|system_cond|Warning|406|||MEMORY PROTECT", "WARNING"),
        (f"{T}|system_cond|Fault|1101|2|HIGH|INTERFERE", "FAULT"),
        (f"{T}|system_cond|fault|1101|2|HIGH|A text | with a bar".replace(" | ", " \\| "), "FAULT"),
        (f"{T}|system_cond|Unavailable||||", None),
        (f"{T}|system_cond|Normal", "NORMAL"),
    ],
)
def test_a_condition_is_its_level(line: str, level: str | None) -> None:
    """Five fields in any capitals, native codes and texts beside the level."""
    assert read(line) == [("system_cond", level)]


def test_a_condition_is_as_bad_as_the_worst_of_its_active_alarms() -> None:
    """Alarms are told apart by their native codes: one that ends leaves the others, NORMAL without a code none."""
    text = reader()
    said = [
        ("WARNING|406|||LOW OIL", "WARNING"),
        ("FAULT|1101|||INTERFERE", "FAULT"),
        ("WARNING|1101|||INTERFERE", "WARNING"),
        ("FAULT|7|||HOT", "FAULT"),
        ("NORMAL|7|||", "WARNING"),
        ("NORMAL|406|||", "WARNING"),
        ("ORANGE|1101|||", None),
        ("NORMAL|1101|||", "NORMAL"),
        ("Fault|7|||HOT", "FAULT"),
        ("normal||||", "NORMAL"),
        ("WARNING|406|||LOW OIL", "WARNING"),
        ("UNAVAILABLE", ""),
        ("NORMAL|9|||", "NORMAL"),
    ]

    told = [[row.text or "" for row in text.read(f"{T}|system_cond|{line}", None)] for line, _ in said]

    assert told == [[] if level is None else [level] for _, level in said]


def test_pairs_follow_a_condition() -> None:
    """Its five fields do not shift what stands behind them."""
    assert read(f"{T}|system_cond|Warning|406|||MEMORY PROTECT|load|3") == [("system_cond", "WARNING"), ("load", 3.0)]


def test_a_condition_nobody_wants_does_not_shift_the_rest() -> None:
    """The empty fields of a normal condition are its own."""
    assert read(f"{T}|other_cond|NORMAL|||||load|3") == [("load", 3.0)]


def test_a_whole_condition_nobody_wants_is_one_item() -> None:
    """Alone on its line it is known by its shape, and its text is not taken for an item."""
    text = reader()

    assert text.read(f"{T}|other_cond|Fault|12|2||text", None) == []
    assert text.set_aside.unwanted == {"other_cond": 1}


def test_a_level_nobody_knows_is_set_aside() -> None:
    """What is no level is not made into one."""
    text = reader()

    assert text.read(f"{T}|system_cond|ORANGE||||", None) == []
    assert counts(text) == {"no_level": 1}


def test_a_cut_condition_is_set_aside() -> None:
    """Half a condition may have lost what matters."""
    text = reader()

    assert text.read(f"{T}|system_cond|Fault|11", None) == []
    assert counts(text) == {"cut": 1}


def test_a_name_without_a_value_is_cut() -> None:
    """What came before it on the line is kept."""
    text = reader()

    assert [o.address for o in text.read(f"{T}|load|3|exec", None)] == ["load"]
    assert counts(text) == {"cut": 1}


def test_a_message_is_its_text() -> None:
    """A native code stands before the text of a message."""
    assert read(f"{T}|message|4711|Door open") == [("message", "Door open")]


def test_escaped_bars_belong_to_the_value() -> None:
    """A program name may hold the separator."""
    assert read(f"{T}|program|A\\|B|load|1") == [("program", "A|B"), ("load", 1.0)]


def test_a_time_series_is_dated_backwards_from_its_line() -> None:
    """Three samples at ten a second: the line dates the last."""
    found = reader().read(f"{T}|wave|3|10|1 2 3", None)

    assert [(o.time - AT, o.number) for o in found] == [(-200_000, 1.0), (-100_000, 2.0), (0, 3.0)]


def test_a_time_series_without_a_rate_is_set_aside() -> None:
    """Without it nobody can date its samples."""
    text = reader()

    assert text.read(f"{T}|wave|3||1 2 3", None) == []
    assert counts(text) == {"no_rate": 1}


def test_assets_are_counted_and_passed_over() -> None:
    """A multi-line asset hides nothing behind it, and nothing in it is a value."""
    text = reader()

    lines = [
        f"{T}|@ASSET@|123456.20|CuttingTool|--multiline--ABCD",
        '<CuttingTool toolId="123456">',
        "|load|99",
        "--multiline--ABCD",
        f"{T}|@REMOVE_ALL_ASSETS@|CuttingTool",
        f"{T}|load|1",
    ]

    assert [o.number for line in lines for o in text.read(line, None)] == [1.0]
    assert counts(text) == {"asset": 2}


def test_an_asset_that_is_never_closed_ends_with_the_next_dated_line() -> None:
    """What it swallowed is counted, with its first line, and the values behind it are read."""
    text = reader()
    lines = [
        f"{T}|@ASSET@|1|CuttingTool|--multiline--AB",
        "<CuttingTool>",
        "<Life/>",
        f"{T}|exec|ACTIVE",
        f"{T}|load|1",
    ]

    found = [o for line in lines for o in text.read(line, None)]

    assert [o.address for o in found] == ["exec", "load"]
    assert counts(text) == {"asset": 1, "asset_open": 2}
    assert text.set_aside.reasons["asset_open"].example == "<CuttingTool>"


def test_an_asset_ends_after_a_bound_of_lines() -> None:
    """Also where the lines behind it have no date."""
    text = reader()
    text.read(f"{T}|@ASSET@|1|CuttingTool|--multiline--AB", 0)

    found = [o for _ in range(LONGEST_ASSET + 2) for o in text.read("|load|1", 5)]

    assert len(found) == 2
    assert counts(text) == {"asset": 1, "asset_open": LONGEST_ASSET}


@pytest.mark.parametrize("line", ["<<<<<<< HEAD", "=======", ">>>>>>> 3f2a", "hello"])
def test_stray_lines_are_set_aside(line: str) -> None:
    """Merge markers and greetings are no data, and an example of them is kept."""
    text = reader()

    assert text.read(line + "\r\n", 5) == []
    assert text.set_aside.reasons == {"stray": Reason(1, 0, line)}


@pytest.mark.parametrize("line", ["", "\r\n", "* PONG 10000", "* device: mazak"])
def test_commands_and_empty_lines_are_no_data(line: str) -> None:
    """What an adapter says about itself is neither a value nor a fault."""
    text = reader()

    assert text.read(line, 5) == []
    assert counts(text) == {}


def test_a_line_without_a_time_is_dated_when_it_came() -> None:
    """Live it has the moment of arrival; in a recording nobody knows when that was."""
    text = reader()

    assert [o.time for o in text.read("|load|3", 77)] == [77]
    assert [o.time for o in text.read("load|3", 78)] == [78]
    assert text.read("|load|3", None) == []
    assert counts(text) == {"no_timestamp": 1}


def test_a_bad_timestamp_is_set_aside() -> None:
    """A moment that does not exist is not replaced by another."""
    text = reader()

    assert text.read("2019-02-30T00:00:00Z|load|3", 77) == []
    assert counts(text) == {"bad_timestamp": 1}


def test_relative_times_start_when_the_first_line_came() -> None:
    """Milliseconds since the adapter began, where the engineer says so."""
    text = reader(relative=True)

    found = [*text.read("1000|load|1", 5_000_000), *text.read("1250.5|load|2", 9_000_000)]

    assert [o.time for o in found] == [5_000_000, 5_250_500]


def test_what_is_no_number_is_bad_and_counted() -> None:
    """The value is kept as bad, so the hole is seen."""
    text = reader()

    (found,) = text.read(f"{T}|load|twelve", None)

    assert (found.number, found.quality) == (None, Quality.BAD)
    assert counts(text) == {"not_a_number": 1}


def test_unwanted_items_are_counted_by_name() -> None:
    """What nobody asked for is no fault, but can be looked up."""
    text = reader()

    text.read(f"{T}|a|1|b|2|a|3", None)

    assert text.set_aside.unwanted == {"a": 2, "b": 1}


def test_only_the_chosen_device_speaks() -> None:
    """An adapter of two machines is read for one."""
    text = reader(device="mazak")

    found = [*text.read(f"{T}|mazak:load|1", None), *text.read(f"{T}|okuma:load|2", None)]

    assert [o.number for o in found] == [1.0]


@pytest.mark.parametrize(
    ("line", "items"),
    [
        (f"{T}|exec|ACTIVE|load|3", [("exec", "ACTIVE", False), ("load", "3", False)]),
        (f"{T}|c|Warning|406|||TEXT", [("c", "Warning", True)]),
        (f"{T}|@ASSET@|1|CuttingTool|<x/>", []),
        ("hello|exec|ACTIVE", []),
        ("stray", []),
    ],
)
def test_items_nobody_described_are_found(line: str, items: list[tuple[str, str, bool]]) -> None:
    """The first look at a recording names its items."""
    assert list(items_of(line)) == items
