"""Payloads of Sparkplug B as they are said: the other side of `sparkplug_payload`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lineside.connect.sparkplug_payload import Type, payload_type

_FIELDS = {
    Type.INT64: "long_value",
    Type.DATETIME: "long_value",
    Type.DOUBLE: "double_value",
    Type.BOOLEAN: "boolean_value",
    Type.STRING: "string_value",
}
"""Where a value of each type that is said stands; the others are read only."""
_ALL_BITS = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Metric:
    """One value to be said, under the time (milliseconds since 1970) of the fact; None is said as null.

    `about` explains it once, in births; `reason` says why there is no value.
    """

    name: str
    type: Type
    value: float | str | bool | None
    time_ms: int
    reason: str = ""
    about: Mapping[str, str | float] = field(default_factory=dict)
    historical: bool = False


def write_birth(metrics: Iterable[tuple[Metric, int | None]], *, time_ms: int, seq: int | None) -> bytes:
    """A payload that explains each metric: name, type and properties, and the alias it will go by, where it has one."""
    payload = _payload(time_ms, seq)
    for one, alias in metrics:
        metric = _add(payload, one)
        metric.name, metric.datatype = one.name, one.type
        if alias is not None:
            metric.alias = alias
        for key, value in one.about.items():
            _property(metric, key, value)
        if one.reason:
            _property(metric, "reason", one.reason)
    return bytes(payload.SerializeToString())


def write_data(metrics: Iterable[tuple[Metric, int]], *, time_ms: int, seq: int) -> bytes:
    """A payload of metrics that go by the aliases of their birth; with the reason, empty where there is a value.

    The type is repeated, though the specification would rather not: common decoders read no value without it.
    """
    payload = _payload(time_ms, seq)
    for one, alias in metrics:
        metric = _add(payload, one)
        metric.alias, metric.datatype = alias, one.type
        if one.historical:
            metric.is_historical = True
        _property(metric, "reason", one.reason)
    return bytes(payload.SerializeToString())


def rebirth_request(now_ms: int) -> bytes:
    """The command that asks an edge node for its births; the only one this node ever sends."""
    return write_birth([(Metric("Node Control/Rebirth", Type.BOOLEAN, True, now_ms), None)], time_ms=now_ms, seq=None)


def _payload(time_ms: int, seq: int | None) -> Any:
    payload = payload_type()()
    payload.timestamp = time_ms
    if seq is not None:
        payload.seq = seq
    return payload


def _add(payload: Any, one: Metric) -> Any:
    metric = payload.metrics.add()
    metric.timestamp = one.time_ms
    if one.value is None:
        metric.is_null = True
    else:
        whole = one.type in (Type.INT64, Type.DATETIME)
        setattr(metric, _FIELDS[one.type], int(one.value) & _ALL_BITS if whole else one.value)
    return metric


def _property(metric: Any, key: str, value: str | float) -> None:
    metric.properties.keys.append(key)
    told = metric.properties.values.add()
    if isinstance(value, str):
        told.type, told.string_value = Type.STRING, value
    else:
        told.type, told.double_value = Type.DOUBLE, value
