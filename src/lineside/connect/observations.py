"""What every source and reader yields: observations, and how a value's text becomes one."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa

from lineside.history import Quality
from lineside.plant import NUMBER_KINDS, Kind

OBSERVATIONS = pa.schema(
    [
        pa.field("address", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("time", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("number", pa.float64()),
        pa.field("text", pa.string()),
        pa.field("quality", pa.int16(), nullable=False),
    ]
)

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
"""How a number is written at a machine: a decimal point, no thousands mark."""

NO_VALUE = "UNAVAILABLE"


class Observation(NamedTuple):
    """One value of one address at one moment (microseconds since 1970 UTC)."""

    address: str
    time: int
    number: float | None
    text: str | None
    quality: Quality


def observe_text(address: str, kind: Kind, time: int, value: str) -> Observation:
    """The observation a value's text makes; no value, and no number where one belongs, show as quality."""
    if value.upper() == NO_VALUE:
        return Observation(address, time, None, None, Quality.NO_DATA)
    if kind in NUMBER_KINDS:
        if NUMBER.fullmatch(value):
            return observe_number(address, time, float(value))
        return Observation(address, time, None, None, Quality.BAD if value else Quality.NO_DATA)
    return Observation(address, time, None, value.upper() if kind == "condition" else value, Quality.GOOD)


def observe_number(address: str, time: int, number: float, quality: Quality = Quality.GOOD) -> Observation:
    """The observation of a number; one that is infinite or no number counts as bad."""
    if not math.isfinite(number):
        return Observation(address, time, None, None, Quality.BAD)
    return Observation(address, time, number, None, quality)


def to_batch(observations: Iterable[Observation]) -> pa.RecordBatch:
    """The observations as one batch of the schema OBSERVATIONS, in their order."""
    columns: tuple[Sequence[object], ...] = tuple(zip(*observations, strict=True)) or ((),) * 5
    address, time, number, text, quality = columns
    return pa.RecordBatch.from_arrays(
        [
            pa.array(address, pa.string()).dictionary_encode(),
            pa.array(time, pa.int64()).cast(OBSERVATIONS.field("time").type),
            pa.array(number, pa.float64()),
            pa.array(text, pa.string()),
            pa.array(quality, pa.int16()),
        ],
        schema=OBSERVATIONS,
    )


def known_address(wanted: Mapping[str, Kind], name: str, device: str | None = None) -> str:
    """The wanted address `name` means: itself, or the part behind `device:`; `name` when none is wanted.

    Without a chosen device the prefix is ignored, as an adapter serves one machine as a rule.
    """
    if name in wanted or ":" not in name:
        return name
    prefix, _, item = name.partition(":")
    return item if item in wanted and device in (None, prefix) else name
