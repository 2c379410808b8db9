from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_to_binary
from hypothesis import given
from hypothesis import strategies as st

from lineside.connect.opcua_publish import Publication, read_publication
from lineside.connect.opcua_values import Reading, reading_of

STAMP = ua.DateTime(2024, 4, 9, 10, 39, 25, 115_633, tzinfo=UTC)
LATER = ua.DateTime(2024, 4, 9, 10, 39, 26, 115_633, tzinfo=UTC)
US = 1_712_659_165_115_633


def published(*values: ua.DataValue, status: int | None = None) -> bytes:
    """A message as a server sends it: these values under the handles 7, 8, ..."""
    items = [
        ua.MonitoredItemNotification(ClientHandle=ua.UInt32(at), Value=value) for at, value in enumerate(values, 7)
    ]
    data: list[Any] = [ua.DataChangeNotification(MonitoredItems=items)] if items else []
    if status is not None:
        data.append(ua.StatusChangeNotification(Status=ua.StatusCode(ua.UInt32(status))))
    message = ua.NotificationMessage(SequenceNumber=ua.UInt32(5), NotificationData=data)
    result = ua.PublishResult(
        SubscriptionId=ua.UInt32(3), AvailableSequenceNumbers=[ua.UInt32(4)], NotificationMessage=message
    )
    result.Results = [ua.StatusCode()]
    return struct_to_binary(ua.PublishResponse(Parameters=result))


def read(*values: ua.DataValue, status: int | None = None) -> Publication:
    """What is read of it."""
    return read_publication(Buffer(published(*values, status=status)))


@pytest.mark.parametrize(
    ("value", "type"),
    [
        (True, ua.VariantType.Boolean),
        (-3, ua.VariantType.SByte),
        (250, ua.VariantType.Byte),
        (-30_000, ua.VariantType.Int16),
        (60_000, ua.VariantType.UInt16),
        (-2_000_000_000, ua.VariantType.Int32),
        (4_000_000_000, ua.VariantType.UInt32),
        (-(2**62), ua.VariantType.Int64),
        (2**63, ua.VariantType.UInt64),
        (0.5, ua.VariantType.Float),
        (1e300, ua.VariantType.Double),
        ("läuft 运行", ua.VariantType.String),
        ("", ua.VariantType.String),
        (b"\x01\xff", ua.VariantType.ByteString),
        (STAMP, ua.VariantType.DateTime),
        (ua.LocalizedText("运行"), ua.VariantType.LocalizedText),
        ([1, 2, 3], ua.VariantType.Int32),
        ([], ua.VariantType.Double),
        (ua.EUInformation(DisplayName=ua.LocalizedText("mm")), ua.VariantType.ExtensionObject),
    ],
)
def test_every_type_of_value_is_read(value: object, type: ua.VariantType) -> None:
    """The plain ones by ourselves, all others by the library; what comes after them is not disturbed."""
    data = ua.DataValue(ua.Variant(value, type), SourceTimestamp=STAMP, ServerTimestamp=LATER)
    next_ = ua.DataValue(ua.Variant(2.0, ua.VariantType.Double), SourceTimestamp=LATER)

    found = read(data, next_)

    assert found.values == [(7, Reading(value, 0, US)), (8, Reading(2.0, 0, US + 1_000_000))]
    assert (found.subscription, found.number, found.status, found.empty) == (3, 5, 0, False)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, 1.5, 7, True, "RUN"]),
            st.sampled_from([0, 0x480, 0x40000000, 0x80340000]),
            st.sampled_from([None, STAMP]),
            st.sampled_from([None, LATER]),
            st.booleans(),
        ),
        max_size=12,
    )
)
def test_whatever_a_value_holds_or_lacks_it_is_read_as_the_library_reads_it(rows: list[tuple[Any, ...]]) -> None:
    """Value, status, times and their fractions come and go independently of each other."""
    values = [
        ua.DataValue(
            None if value is None else ua.Variant(value),
            ua.StatusCode(ua.UInt32(status)),
            SourceTimestamp=source,
            ServerTimestamp=server,
            SourcePicoseconds=ua.UInt16(3) if pico and source else None,
            ServerPicoseconds=ua.UInt16(4) if pico and server else None,
        )
        for value, status, source, server, pico in rows
    ]

    assert read(*values).values == [(at, reading_of(value)) for at, value in enumerate(values, 7)]


def test_a_message_without_values_is_a_sign_of_life() -> None:
    """A keep-alive."""
    assert read() == Publication(3, 5, [], 0, empty=True)


def test_the_end_of_a_subscription_is_read() -> None:
    """Beside values or alone."""
    ended = read(ua.DataValue(ua.Variant(1.0)), status=0x800A0000)

    assert (ended.status, len(ended.values)) == (0x800A0000, 1)


def test_a_time_that_is_not_given_is_none() -> None:
    """Some servers write zero, which would be the year 1601; then the next clock counts."""
    zero = ua.DateTime(1601, 1, 1, tzinfo=UTC)

    found = read(
        ua.DataValue(ua.Variant(1.0), SourceTimestamp=zero, ServerTimestamp=STAMP),
        ua.DataValue(ua.Variant(1.0), SourceTimestamp=zero),
    )

    assert [reading.time for _, reading in found.values] == [US, None]


@given(st.data())
def test_spoiled_bytes_are_an_error_and_no_hang(data: st.DataObject) -> None:
    """Cut anywhere, or with any byte changed: an error, or other values."""
    whole = bytearray(published(ua.DataValue(ua.Variant(1.5), SourceTimestamp=STAMP), ua.DataValue(ua.Variant("RUN"))))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))

    try:
        found = read_publication(Buffer(bytes(whole[:cut])))
    except Exception:  # noqa: BLE001 - whatever it is, the feed tells it as unreadable
        return
    assert len(found.values) <= len(whole)
