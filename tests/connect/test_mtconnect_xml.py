from __future__ import annotations

from pathlib import Path

import pytest

from lineside.connect.mtconnect_xml import AgentRefused, Wanted, read_devices, read_streams
from lineside.errors import UnusableData
from lineside.plant import Kind

HEADER = '<Header instanceId="7" firstSequence="1" lastSequence="9" nextSequence="10"/>'
DEVICES = b"""<MTConnectDevices xmlns="urn:mtconnect.org:MTConnectDevices:1.3"><Devices>
<Device id="d1" name="mazak"><DataItems><DataItem id="a1" name="exec"/><DataItem id="a2"/></DataItems>
 <Components><Axes id="x"><DataItems><DataItem id="a3" name="load"/></DataItems></Axes></Components></Device>
<Device id="d2" name="okuma"><DataItems><DataItem id="b1" name="exec"/></DataItems></Device>
</Devices></MTConnectDevices>"""


def streams(inside: str, version: str = "1.3", header: str = HEADER) -> bytes:
    """An answer to /current or /sample."""
    return (
        f'<MTConnectStreams xmlns="urn:mtconnect.org:MTConnectStreams:{version}">{header}<Streams>'
        f'<DeviceStream name="mazak"><ComponentStream>{inside}</ComponentStream></DeviceStream></Streams>'
        "</MTConnectStreams>"
    ).encode()


def observed(inside: str, kind: Kind, version: str = "1.3") -> list[tuple[int, float | str | None]]:
    """Times and values of the item `i`."""
    wanted = Wanted({"i": ["signal"]}, {"signal": kind})
    found = wanted.observations(read_streams(streams(inside, version)))
    return [(o.time, o.text if o.number is None else o.number) for o in found]


@pytest.mark.parametrize(
    ("address", "device", "ids"),
    [
        ("a1", None, ["a1"]),
        ("exec", None, ["a1", "b1"]),
        ("exec", "okuma", ["b1"]),
        ("okuma:exec", None, ["b1"]),
        ("mazak:a2", None, ["a2"]),
        ("load", None, ["a3"]),
        ("Load", None, []),
    ],
)
def test_an_address_is_an_id_a_name_or_both_with_their_device(address: str, device: str | None, ids: list[str]) -> None:
    """What two devices share is told apart by naming one."""
    assert [item.id for item in read_devices(DEVICES).resolve(address, device)] == ids


@pytest.mark.parametrize("version", ["1.3", "1.7", "2.2"])
def test_values_come_in_the_order_of_their_sequence(version: str) -> None:
    """However the document groups them, and in every version."""
    inside = (
        '<Samples><Load dataItemId="i" sequence="3" timestamp="1970-01-01T00:00:03Z">3</Load>'
        '<Load dataItemId="i" sequence="1" timestamp="1970-01-01T00:00:01Z"> 1.5 </Load></Samples>'
        '<Events><Load dataItemId="i" sequence="2" timestamp="1970-01-01T00:00:02Z">UNAVAILABLE</Load></Events>'
    )

    assert observed(inside, "measure", version) == [(1_000_000, 1.5), (2_000_000, None), (3_000_000, 3.0)]


@pytest.mark.parametrize(("element", "level"), [("Normal", "NORMAL"), ("Fault", "FAULT"), ("Unavailable", None)])
def test_a_condition_is_the_name_of_its_element(element: str, level: str | None) -> None:
    """Its text is for people."""
    place = 'dataItemId="i" sequence="1" timestamp="1970-01-01T00:00:01Z"'
    inside = f"<Condition><{element} {place}>text</{element}></Condition>"

    assert observed(inside, "condition") == [(1_000_000, level)]


def test_a_condition_is_as_bad_as_its_worst_alarm() -> None:
    """An alarm that ends leaves the others active; a plain Normal ends all."""
    said = (
        ("Warning", "A"),
        ("Fault", "B"),
        ("Warning", "C"),
        ("Normal", "B"),
        ("Normal", "A"),
        ("Normal", "C"),
        ("Fault", "B"),
        ("Fault", "A"),
        ("Normal", ""),
    )
    elements = "".join(
        f'<{level} dataItemId="i" sequence="{n}" timestamp="1970-01-01T00:00:0{n}Z" nativeCode="{code}"/>'
        for n, (level, code) in enumerate(said, 1)
    )

    assert [level for _, level in observed(f"<Condition>{elements}</Condition>", "condition")] == [
        *("WARNING", "FAULT", "FAULT", "WARNING", "WARNING", "NORMAL", "FAULT", "FAULT", "NORMAL"),
    ]


def test_errors_of_newer_agents_are_elements_of_their_own() -> None:
    """Since 2.6 the code is the name of the element."""
    document = (
        b'<MTConnectError xmlns="urn:mtconnect.org:MTConnectError:2.7"><Errors><OutOfRange><URI>u</URI>'
        b"<ErrorMessage>too old</ErrorMessage></OutOfRange></Errors></MTConnectError>"
    )

    with pytest.raises(AgentRefused) as raised:
        read_streams(document)

    assert (raised.value.codes, raised.value.fields["reason"]) == (("OUT_OF_RANGE",), "OUT_OF_RANGE too old")


def test_a_time_series_is_dated_backwards() -> None:
    """The document dates the last of its samples."""
    inside = (
        '<Samples><WaveTimeSeries dataItemId="i" sequence="1" timestamp="1970-01-01T00:00:01Z" sampleCount="3"'
        ' sampleRate="4">1 2 3</WaveTimeSeries></Samples>'
    )

    assert observed(inside, "measure") == [(500_000, 1.0), (750_000, 2.0), (1_000_000, 3.0)]


def test_a_data_set_is_told_as_text() -> None:
    """Keys and values, as a person would read them."""
    inside = (
        '<Events><VarsDataSet dataItemId="i" sequence="1" timestamp="1970-01-01T00:00:01Z">'
        '<Entry key="a">1</Entry><Entry key="b">2</Entry></VarsDataSet></Events>'
    )

    assert observed(inside, "text") == [(1_000_000, "a=1 b=2")]


def test_values_without_a_readable_time_are_left_out() -> None:
    """A value that nobody can date is no observation."""
    assert observed('<Events><E dataItemId="i" sequence="1" timestamp="noon">x</E></Events>', "text") == []


def test_an_error_document_speaks_for_itself() -> None:
    """Its codes and its text are the reason."""
    document = b'<MTConnectError><Errors><Error errorCode="OUT_OF_RANGE">too old</Error></Errors></MTConnectError>'

    with pytest.raises(AgentRefused) as raised:
        read_streams(document)

    assert raised.value.codes == ("OUT_OF_RANGE",)
    assert raised.value.fields["reason"] == "OUT_OF_RANGE too old"


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html><body>Hello",
        b"<html></html>",
        b'{"MTConnectStreams": {}}',
        b"<MTConnectStreams/>",
        streams("", header='<Header instanceId="7" firstSequence="one" lastSequence="9" nextSequence="10"/>'),
        DEVICES,
    ],
    ids=["empty", "cut", "page", "json", "no header", "bad header", "other answer"],
)
def test_what_is_no_answer_is_refused(document: bytes) -> None:
    """The reason names what came instead."""
    with pytest.raises(UnusableData) as raised:
        read_streams(document)

    assert raised.value.key == "connect.mtconnect.document"


def test_a_document_cannot_read_files(tmp_path: Path) -> None:
    """Entities that reach for files of this machine stay empty."""
    (tmp_path / "secret").write_text("geheim", "utf-8")
    entity = f'<!DOCTYPE x [<!ENTITY s SYSTEM "{(tmp_path / "secret").as_uri()}">]>'.encode()
    inside = '<Events><E dataItemId="i" sequence="1" timestamp="1970-01-01T00:00:01Z">&s;</E></Events>'

    (value,) = read_streams(entity + streams(inside)).values

    assert "geheim" not in value.text
