from __future__ import annotations

from datetime import UTC, datetime
from enum import IntEnum

import pytest
from asyncua import ua

from lineside.connect import Observation
from lineside.connect.opcua_values import observe_value, quality_of, reading_of
from lineside.history import Quality
from lineside.plant import Kind

NOW = 9_000_000


class Mode(IntEnum):
    """An enumeration of a server."""

    AUTO = 1


def at(second: int) -> ua.DateTime:
    """A moment of 1970 as a server writes it."""
    return ua.DateTime(1970, 1, 1, 0, 0, second, tzinfo=UTC)


def observed(kind: Kind, value: object, status: int = 0) -> Observation:
    """The observation of a value the source dated one second after 1970."""
    data = ua.DataValue(ua.Variant(value), ua.StatusCode(ua.UInt32(status)), SourceTimestamp=at(1))
    return observe_value("a", kind, reading_of(data), NOW)


@pytest.mark.parametrize(
    ("kind", "value", "number", "text"),
    [
        ("measure", 12.5, 12.5, None),
        ("counter", 7, 7.0, None),
        ("measure", True, 1.0, None),
        ("measure", "12.5", 12.5, None),
        ("state", True, None, "true"),
        ("state", 3, None, "3"),
        ("state", "RUN", None, "RUN"),
        ("text", ua.LocalizedText("运行"), None, "运行"),
        ("text", b"\x01\xff", None, "01ff"),
        ("text", [1, 2], None, '["1", "2"]'),
        ("text", datetime(2024, 1, 1, tzinfo=UTC), None, "2024-01-01T00:00:00+00:00"),
        ("condition", "Fault", None, "FAULT"),
    ],
)
def test_a_value_is_what_its_kind_wants(kind: Kind, value: object, number: float | None, text: str | None) -> None:
    """Numbers as numbers, and everything else in the words a person would use."""
    assert observed(kind, value) == Observation("a", 1_000_000, number, text, Quality.GOOD)


def test_an_enumeration_is_its_name() -> None:
    """A person says AUTO, not 1; as a number it says nothing."""
    data = ua.DataValue(ua.Variant(1), SourceTimestamp=at(0))
    object.__setattr__(data.Value, "Value", Mode.AUTO)

    assert observe_value("a", "state", reading_of(data), NOW).text == "AUTO"
    assert observe_value("a", "measure", reading_of(data), NOW).quality is Quality.BAD


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "twelve", [1]])
def test_what_is_no_number_is_bad(value: object) -> None:
    """A hole is seen as one."""
    found = observed("measure", value)

    assert (found.number, found.quality) == (None, Quality.BAD)


@pytest.mark.parametrize(
    ("status", "quality"),
    [
        (0x00000000, Quality.GOOD),
        (0x00000480, Quality.GOOD),
        (0x40000000, Quality.UNCERTAIN),
        (0x40920000, Quality.UNCERTAIN),
        (0x80000000, Quality.BAD),
        (0x80340000, Quality.BAD),
        (0x80310000, Quality.NO_DATA),
        (0x80320000, Quality.NO_DATA),
        (0x808A0000, Quality.NO_DATA),
    ],
)
def test_a_status_is_its_severity(status: int, quality: Quality) -> None:
    """OPC UA part 4, 7.39: the two upper bits; codes of a lost connection say that nothing came."""
    assert quality_of(status) is quality


def test_an_uncertain_value_keeps_its_value() -> None:
    """It may be looked at, and is marked."""
    assert observed("measure", 3.0, 0x40000000) == Observation("a", 1_000_000, 3.0, None, Quality.UNCERTAIN)


def test_a_bad_value_is_no_value() -> None:
    """What a server holds beside a bad status is not shown as measured."""
    assert observed("measure", 3.0, 0x80000000) == Observation("a", 1_000_000, None, None, Quality.BAD)


def test_no_value_is_no_data() -> None:
    """An empty node is a gap."""
    assert observed("measure", None).quality is Quality.NO_DATA


def test_a_value_is_dated_by_its_source_then_by_the_server_then_by_us() -> None:
    """The nearest clock to the machine goes first."""
    values = [
        ua.DataValue(ua.Variant(1.0), SourceTimestamp=at(1), ServerTimestamp=at(2)),
        ua.DataValue(ua.Variant(1.0), ServerTimestamp=at(2)),
        ua.DataValue(ua.Variant(1.0)),
    ]

    assert [observe_value("a", "measure", reading_of(value), NOW).time for value in values] == [
        1_000_000,
        2_000_000,
        NOW,
    ]
