"""MTConnect documents of one agent, as text: what is offered, what was said, and what went wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import escape
from math import isnan

from lineside.node import DEVICE, NO_VALUE, PATH, Agent, Item, Standing, Told, id_of
from lineside.plant import Machine

SMALLEST_PLAIN, LARGEST_PLAIN = 1e-9, 1e15
_UNFIT = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_US, _LAST_US = -62_135_596_800_000_000, 253_402_300_799_999_999  # the years 1 and 9999
_LEVELS = {"NORMAL": "Normal", "WARNING": "Warning", "FAULT": "Fault"}
_GROUPS = {"SAMPLE": "Samples", "EVENT": "Events", "CONDITION": "Condition"}
_COMPONENTS = {DEVICE: "Device", PATH: "Path"}
_NAMED_ERRORS = {  # since 2.6 an error is an element of its own
    "OUT_OF_RANGE": "OutOfRange",
    "NO_DEVICE": "NoDevice",
    "INVALID_URI": "InvalidURI",
    "INVALID_REQUEST": "InvalidParameterValue",
    "INVALID_PATH": "InvalidXPath",
    "UNSUPPORTED": "Unsupported",
    "UNAUTHORIZED": "Unauthorized",
    "ASSET_NOT_FOUND": "AssetNotFound",
    "INTERNAL_ERROR": "InternalError",
}


class Refused(Exception):
    """What is asked for cannot be given; `code` is MTConnect's word, `parameter` the one that is wrong."""

    def __init__(self, status: int, code: str, text: str, parameter: str = "", value: str = "") -> None:
        super().__init__(text)
        self.status, self.code, self.text, self.parameter, self.value = status, code, text, parameter, value


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the documents of one version; `now` in microseconds UTC."""

    agent: Agent
    now: int

    @property
    def version(self) -> str:
        """The version of MTConnect."""
        return self.agent.settings.version

    def devices(self, machines: Iterable[Machine]) -> str:
        """What /probe answers."""
        inside = "".join(self._device(machine) for machine in machines)
        return self._document("Devices", self._assets, f"<Devices>{inside}</Devices>")

    def assets(self) -> str:
        """What /assets answers: a plant has none."""
        return self._document("Assets", {"assetBufferSize": 1, "assetCount": 0}, "<Assets/>")

    def streams(self, told: Told, goes_on: int, standing: Standing, machines: Iterable[Machine]) -> str:
        """What /current and /sample answer; values of all these machines, whether they have any or not."""
        header: dict[str, object] = {
            "bufferSize": self.agent.settings.buffer,
            "nextSequence": goes_on,
            "firstSequence": standing.first,
            "lastSequence": standing.next - 1,
        }
        said: dict[str, list[tuple[Item, str]]] = {machine.id: [] for machine in machines}
        for item, text in self._values(told):
            said[item.machine].append((item, text))
        inside = "".join(self._device_stream(machine, values) for machine, values in said.items())
        return self._document("Streams", header, f"<Streams>{inside}</Streams>")

    # -- within ------------------------------------------------------------------------------------

    @property
    def _assets(self) -> dict[str, object]:
        return {"bufferSize": self.agent.settings.buffer, "assetBufferSize": 1, "assetCount": 0}

    def _document(self, kind: str, header: dict[str, object], inside: str) -> str:
        whole = {"instanceId": self.agent.instance, "sender": self.agent.plant.site.id, **header}
        if _number(self.version) >= (2, 0):
            whole["deviceModelChangeTime"] = stamp(self.agent.began)
        return document(kind, self.version, self.now, whole, inside)

    def _device(self, machine: Machine) -> str:
        items = [item for item in self.agent.items if item.machine == machine.id]
        at_path = "".join(self._item(machine, item) for item in items if item.place == PATH)
        told = " ".join(filter(None, (machine.name, machine.label)))
        components = (
            f'<Components><Controller id="{id_of(machine.id, "-controller")}"><Components>'
            f'<Path id="{id_of(machine.id, "-path")}"><DataItems>{at_path}</DataItems></Path>'
            "</Components></Controller></Components>"
        )
        return (
            f"<Device{_attributes({**_identity(self.agent, machine.id), 'id': id_of(machine.id, '-device')})}>"
            f"<Description>{_clean(told)}</Description>"
            f"<DataItems>{''.join(self._item(machine, i) for i in items if i.place == DEVICE)}</DataItems>"
            f"{components if at_path else ''}</Device>"
        )

    def _item(self, machine: Machine, item: Item) -> str:
        attributes = {
            "category": item.category,
            "id": item.id,
            "name": item.signal,
            "type": self._word(item.type, "VARIABLE", "MESSAGE"),
            "subType": item.sub_type,
            "units": item.units,
        }
        signal = machine.signals.get(item.signal)
        source = "" if signal is None else f"<Source>{_clean(signal.address)}</Source>"
        return f"<DataItem{_attributes(attributes)}>{source}</DataItem>"

    def _word(self, word: str, newer: str, instead: str) -> str:
        """Version 1.3 has no variables: there they are messages."""
        return instead if word == newer and _number(self.version) < (1, 5) else word

    def _values(self, told: Told) -> Iterator[tuple[Item, str]]:
        for sequence, place, time, number, text in zip(*(column.tolist() for column in told.columns), strict=True):
            item = self.agent.items[place]
            attributes: dict[str, object] = {
                "dataItemId": item.id,
                "timestamp": stamp(time),
                "name": item.signal,
                "sequence": sequence,
                "subType": item.sub_type,
            }
            value = text if text is not None else NO_VALUE if isnan(number) else number_text(number, item.factor)
            element = self._word(item.element, "Variable", "Message")
            if item.category == "CONDITION":
                attributes["type"] = item.type
                element = _LEVELS.get(value, "Unavailable")
                value = "" if value in _LEVELS or text is None else value
                if element in ("Warning", "Fault") and _number(self.version) >= (2, 3):
                    attributes["conditionId"] = item.id
            elif value == "WAIT" and item.type == "EXECUTION" and _number(self.version) < (2, 0):
                value = "INTERRUPTED"
            yield item, f"<{element}{_attributes(attributes)}>{_clean(value)}</{element}>"

    def _device_stream(self, machine: str, values: list[tuple[Item, str]]) -> str:
        inside = []
        for place, component in _COMPONENTS.items():
            here = [(item, text) for item, text in values if item.place == place]
            if not here:
                continue
            attributes = {"component": component, "componentId": id_of(machine, f"-{place}")}
            groups = "".join(
                f"<{name}>{''.join(texts)}</{name}>"
                for category, name in _GROUPS.items()
                if (texts := [text for item, text in here if item.category == category])
            )
            inside.append(f"<ComponentStream{_attributes(attributes)}>{groups}</ComponentStream>")
        return f"<DeviceStream{_attributes(_identity(self.agent, machine))}>{''.join(inside)}</DeviceStream>"


def error_document(error: Refused, version: str, header: dict[str, object], uri: str, now: int) -> str:
    """An MTConnectError document."""
    if _number(version) < (2, 6):
        inside = f"<Errors><Error{_attributes({'errorCode': error.code})}>{_clean(error.text)}</Error></Errors>"
        return document("Error", version, now, header, inside)
    header = {**header, "deviceModelChangeTime": stamp(now)}
    name, about = _NAMED_ERRORS[error.code], ""
    if error.code == "ASSET_NOT_FOUND":
        name, about = (
            ("AssetNotFound", f"<AssetId>{error.value}</AssetId>") if _ID.fullmatch(error.value) else ("InvalidURI", "")
        )
    elif error.parameter == "at":  # the schema knows no such parameter
        name = "InvalidRequest"
    elif error.code in ("OUT_OF_RANGE", "INVALID_REQUEST"):
        value = f"<Value>{_clean(error.value)}</Value>"
        about = f"<QueryParameter{_attributes({'name': error.parameter})}>{value}</QueryParameter>"
    inside = f"{about}<URI>{_clean(uri)}</URI><ErrorMessage>{_clean(error.text)}</ErrorMessage>"
    return document("Error", version, now, header, f"<Errors><{name}>{inside}</{name}></Errors>")


def document(kind: str, version: str, now: int, header: dict[str, object], inside: str) -> str:
    """A whole document of a kind: Devices, Streams, Assets or Error."""
    about = _attributes({"creationTime": stamp(now), "version": f"{version}.0.0", **header})
    space = f"urn:mtconnect.org:MTConnect{kind}:{version}"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<MTConnect{kind} xmlns="{space}">'
        f"<Header{about}/>{inside}</MTConnect{kind}>\n"
    )


def stamp(time: int) -> str:
    """A moment in microseconds UTC as MTConnect writes it."""
    time = min(max(time, _FIRST_US), _LAST_US)
    return (_EPOCH + timedelta(microseconds=time)).isoformat(timespec="microseconds").replace("+00:00", "Z")


def number_text(number: float, factor: Decimal) -> str:
    """A number times a factor, without the noise of binary fractions."""
    exact = Decimal(repr(number)) * factor
    if not exact or SMALLEST_PLAIN < abs(exact) < LARGEST_PLAIN:
        return f"{exact.normalize():f}" if exact else "0"
    return repr(float(exact))


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _identity(agent: Agent, machine: str) -> dict[str, object]:
    return {"name": machine, "uuid": f"{agent.plant.site.id}.{machine}"}


def _attributes(values: dict[str, object] | dict[str, str]) -> str:
    return "".join(f' {name}="{_clean(str(value))}"' for name, value in values.items() if value != "")


def _clean(text: str) -> str:
    return escape(_UNFIT.sub("\ufffd", text))
