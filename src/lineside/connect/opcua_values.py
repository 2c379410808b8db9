"""What OPC UA values, qualities and times mean as observations."""

from __future__ import annotations

import json
from datetime import datetime
from enum import Enum
from types import SimpleNamespace
from typing import Any

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


def observe_value(address: str, kind: Kind, data: Any, received: int) -> Observation:
    """The observation of a DataValue: dated by its source, else by the server, else when it was received."""
    stamp = data.SourceTimestamp or data.ServerTimestamp
    time = to_microseconds(stamp) if stamp is not None else received
    quality = quality_of(data.StatusCode.value if data.StatusCode is not None else 0)
    value = data.Value.Value if data.Value is not None else None
    if quality >= Quality.BAD or value is None:
        return Observation(address, time, None, None, max(quality, Quality.NO_DATA if value is None else quality))
    if kind in NUMBER_KINDS and isinstance(value, bool | int | float) and not isinstance(value, Enum):
        return observe_number(address, time, float(value), quality)
    observation = observe_text(address, kind, time, _text(value))
    return observation._replace(quality=max(quality, observation.quality))


def part_of(data: Any, path: Path, structures: Structures) -> Any:
    """The DataValue of what stands at a place in a structure or array; bad where there is no such place."""
    from asyncua import ua

    if data.Value is None or data.Value.Value is None:
        return data
    try:
        found = look_up(structures.unfold(data.Value.Value), path)
    except Unfoldable:
        found = MISSING
    status = ua.StatusCode(ua.UInt32(NO_SUCH_PLACE)) if found is MISSING else data.StatusCode
    value = SimpleNamespace(Value=None if found is MISSING else found)
    return SimpleNamespace(
        Value=value,
        StatusCode=status,
        SourceTimestamp=data.SourceTimestamp,
        ServerTimestamp=data.ServerTimestamp,
    )


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
