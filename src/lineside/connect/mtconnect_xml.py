"""Reads the documents of an MTConnect agent, versions 1.3 to 2.x, by the local names of their elements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree

from lineside.connect.alarms import Alarms
from lineside.connect.observations import Observation, observe_text
from lineside.connect.timestamps import Timestamps
from lineside.errors import UnusableData
from lineside.plant import NUMBER_KINDS, Kind

_LISTS = frozenset({"Components", "DataItems", "Devices", "MTConnectDevices"})
"""Elements that only hold others."""


@dataclass(frozen=True, slots=True)
class Header:
    """Where an agent's buffer stands: `instance` changes when the agent was restarted."""

    instance: str
    first: int
    last: int
    next: int


@dataclass(frozen=True, slots=True)
class DataItem:
    """One thing a device can tell."""

    id: str
    name: str | None
    device: str
    category: str = ""
    type: str = ""
    units: str = ""
    representation: str = ""
    components: tuple[str, ...] = ()
    of_agent: bool = False
    """It tells how the agent itself fares, and no machine."""


@dataclass(frozen=True, slots=True)
class Devices:
    """What an agent offers."""

    names: tuple[str, ...]
    items: tuple[DataItem, ...]

    def resolve(self, address: str, device: str | None) -> list[DataItem]:
        """The items an address means: by id, by name, or by `device:name`."""
        scope = [item for item in self.items if device in (None, item.device)]
        by_id = [item for item in scope if item.id == address]
        return by_id or [i for i in scope if address in (i.name, f"{i.device}:{i.name}", f"{i.device}:{i.id}")]


@dataclass(frozen=True, slots=True)
class Streams:
    """One answer to /current or /sample."""

    header: Header
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """One value as the document gives it."""

    item: str
    stamp: str
    sequence: int
    text: str
    rate: str | None
    code: str | None = None
    """Which of the alarms of a condition it is about, "" for all of them; None for what is no condition."""


class AgentRefused(UnusableData):
    """The agent answered with an error document; `codes` tells which."""

    def __init__(self, codes: tuple[str, ...], text: str) -> None:
        super().__init__("connect.mtconnect.document", reason=f"{', '.join(codes)} {text}".strip())
        self.codes = codes


def read_devices(document: bytes) -> Devices:
    """What /probe answered."""
    root = _root(document, "MTConnectDevices")
    names: list[str] = []
    items: list[DataItem] = []
    for device in root.iter("{*}Device", "{*}Agent"):
        name = device.get("name") or device.get("uuid") or device.get("id") or ""
        names.append(name)
        items += [_data_item(item, name, device) for item in device.iter("{*}DataItem")]
    return Devices(tuple(names), tuple(items))


def _data_item(item: Any, name: str, device: Any) -> DataItem:
    type, sub = item.get("type", ""), item.get("subType")
    above = [element for element in item.iterancestors() if etree.QName(element).localname not in _LISTS]
    within = above[: above.index(device)]
    return DataItem(
        id=item.get("id", ""),
        name=item.get("name"),
        device=name,
        category=item.get("category", ""),
        type=f"{type}.{sub}" if sub else type,
        units=item.get("units") or item.get("nativeUnits") or "",
        representation=item.get("representation", ""),
        components=tuple(element.get("name") or etree.QName(element).localname for element in reversed(within)),
        of_agent=etree.QName(device).localname == "Agent",
    )


def read_streams(document: bytes) -> Streams:
    """What /current or /sample answered; raises AgentRefused for an error document."""
    root = _root(document, "MTConnectStreams")
    header = root.find("{*}Header")
    if header is None:
        raise UnusableData("connect.mtconnect.document", reason="no Header")
    values = sorted(_values(root), key=lambda value: value.sequence)
    return Streams(_header(header), tuple(values))


def _root(document: bytes, expected: str) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        raise UnusableData("connect.mtconnect.document", reason=str(error)) from error
    name = etree.QName(root).localname
    if name == "MTConnectError":
        errors = root.findall(".//{*}Error") or root.findall("{*}Errors/*")
        text = " ".join((error.findtext("{*}ErrorMessage") or error.text or "").strip() for error in errors)
        raise AgentRefused(tuple(error.get("errorCode") or _code(error) for error in errors), text)
    if name != expected:
        raise UnusableData("connect.mtconnect.document", reason=name)
    return root


def _code(error: Any) -> str:
    """Since 2.6 an error is an element of its own: `OutOfRange` is OUT_OF_RANGE."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", etree.QName(error).localname).upper()


def _header(element: Any) -> Header:
    def number(name: str) -> int:
        text = element.get(name, "")
        if not (text.isascii() and text.isdigit() and len(text) < 20):
            raise UnusableData("connect.mtconnect.document", reason=f"{name}={text!r}")
        return int(text)

    return Header(
        element.get("instanceId", ""), number("firstSequence"), number("lastSequence"), number("nextSequence")
    )


def _values(root: Any) -> Iterator[Value]:
    for group in root.iter("{*}Samples", "{*}Events", "{*}Condition"):
        conditions = etree.QName(group).localname == "Condition"
        for element in group.iterchildren(tag=etree.Element):
            entries = element.findall("{*}Entry")
            text = etree.QName(element).localname if conditions else (element.text or "").strip()
            if entries:
                text = " ".join(f"{entry.get('key')}={(entry.text or '').strip()}" for entry in entries)
            sequence = element.get("sequence", "0")
            yield Value(
                item=element.get("dataItemId", ""),
                stamp=element.get("timestamp", ""),
                sequence=int(sequence) if sequence.isascii() and sequence.isdigit() and len(sequence) < 20 else 0,
                text=text,
                rate=element.get("sampleRate") if element.get("sampleCount") else None,
                code=element.get("conditionId") or element.get("nativeCode", "") if conditions else None,
            )


class Wanted:
    """Which items of an agent are wanted, under which addresses; an item may have several."""

    def __init__(self, addresses: Mapping[str, list[str]], kinds: Mapping[str, Kind]) -> None:
        self._addresses = addresses
        self._kinds = kinds
        self._timestamps = Timestamps()
        self._alarms = Alarms()

    def forget(self) -> None:
        """Forgets which alarms are active, as before /current, which tells all of them."""
        self._alarms.forget()

    def observations(self, streams: Streams, before: int | None = None) -> Iterator[Observation]:
        """The observations of wanted items in the order of their sequence numbers, or those before one of them."""
        for value in streams.values:
            if before is not None and value.sequence >= before:
                break
            addresses = self._addresses.get(value.item)
            time = self._timestamps.read(value.stamp) if addresses else None
            if addresses is None or time is None:
                continue
            if value.code is not None:
                worst = self._alarms.worst(value.item, value.code, value.text)
                value = replace(value, text=worst)  # noqa: PLW2901
            for address in addresses:
                yield from _observe(address, self._kinds[address], time, value)


def _observe(address: str, kind: Kind, time: int, value: Value) -> Iterator[Observation]:
    """One observation, or those of a time series, of which the document dates the last one."""
    samples = value.text.split()
    try:
        rate = float(value.rate or 0)
    except ValueError:
        rate = 0.0
    if value.rate is None or kind not in NUMBER_KINDS or not rate > 0 or len(samples) < 2:
        yield observe_text(address, kind, time, value.text)
        return
    for i, sample in enumerate(samples):
        ago = min((len(samples) - 1 - i) / rate, 1e9)
        yield observe_text(address, kind, time - round(ago * 1_000_000), sample)
