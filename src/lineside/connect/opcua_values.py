"""What OPC UA values, qualities and times mean as observations."""

from __future__ import annotations

import json
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from lineside.connect.mqtt_payload import MISSING, Path, look_up
from lineside.connect.observations import Observation, observe_number, observe_text
from lineside.connect.opcua_structures import Structures, Unfoldable
from lineside.connect.timestamps import to_microseconds
from lineside.history import Quality
from lineside.plant import NUMBER_KINDS, Kind

OVERFLOW = 0x0480
"""Info bits of a status code: values were dropped from the queue before this one (OPC UA part 4, 7.39)."""

NO_SUCH_PLACE = 0x80370000
"""BadIndexRangeNoData."""

_NOTHING_CAME = frozenset(
    {
        0x80050000,  # BadCommunicationError
        0x80310000,  # BadNoCommunication
        0x80320000,  # BadWaitingForInitialData
        0x808A0000,  # BadNotConnected
        0x808D0000,  # BadOutOfService
    }
)


def quality_of(status: int) -> Quality:
    """The severity class of a status code; the codes of a lost connection say that nothing came."""
    if status & 0xFFFF0000 in _NOTHING_CAME:
        return Quality.NO_DATA
    return (Quality.GOOD, Quality.UNCERTAIN, Quality.BAD, Quality.BAD)[status >> 30 & 3]


class Reading(NamedTuple):
    """A value with its status code, and when its source, else the server, gave it (microseconds UTC)."""

    value: object
    status: int = 0
    time: int | None = None


def reading_of(data: Any) -> Reading:
    """What a DataValue says."""
    stamp = data.SourceTimestamp or data.ServerTimestamp
    return Reading(
        data.Value.Value if data.Value is not None else None,
        data.StatusCode.value if data.StatusCode is not None else 0,
        to_microseconds(stamp) if stamp is not None else None,
    )


def observe_value(address: str, kind: Kind, reading: Reading, received: int) -> Observation:
    """The observation of a value: dated by its source, else by the server, else when it was received."""
    value, status, time = reading
    time = received if time is None else time
    quality = quality_of(status) if status else Quality.GOOD
    if quality >= Quality.BAD or value is None:
        return Observation(address, time, None, None, max(quality, Quality.NO_DATA if value is None else quality))
    if kind in NUMBER_KINDS and isinstance(value, float | int) and not isinstance(value, Enum):
        return observe_number(address, time, float(value), quality)
    observation = observe_text(address, kind, time, _text(value))
    return observation._replace(quality=max(quality, observation.quality))


def part_of(reading: Reading, path: Path, structures: Structures) -> Reading:
    """What stands at a place in a structure or array; bad where there is no such place."""
    if reading.value is None:
        return reading
    try:
        found = look_up(structures.unfold(reading.value), path)
    except Unfoldable:
        found = MISSING
    return Reading(None, NO_SUCH_PLACE, reading.time) if found is MISSING else reading._replace(value=found)


def _text(value: object) -> str:
    """A value as the words a person would use for it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    localized = getattr(value, "Text", value)
    if isinstance(localized, list | tuple):
        return json.dumps([_text(item) for item in localized], ensure_ascii=False)
    return "" if localized is None else str(localized)
