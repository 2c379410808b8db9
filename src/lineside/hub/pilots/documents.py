"""Outcomes as they are kept and hashed: the same bytes for the same outcome, whatever of it has no bound."""

from __future__ import annotations

from math import inf, isfinite, nan
from typing import Any, TypeVar

import msgspec

from lineside.errors import UnusableData
from lineside.hub.pilots.outcome import Outcome
from lineside.hub.pilots.telling import Told

T = TypeVar("T")
OUTCOME = "lineside.pilot-outcome/1"
TOLD = "lineside.pilot-told/1"
_UNBOUND = {"inf": inf, "-inf": -inf, "nan": nan}
"""JSON has no words for these."""
_WORDS = {"plan", "name", "indicator"}
"""Fields that hold what people wrote, or no number."""


def outcome_document(found: Outcome) -> bytes:
    """An outcome as it is kept."""
    return _document(OUTCOME, found)


def told_document(told: Told) -> bytes:
    """What may be told of one, as it is kept."""
    return _document(TOLD, told)


def read_outcome(document: bytes) -> Outcome:
    """The outcome of a document. Raises UnusableData for what is none."""
    return _read(OUTCOME, document, Outcome)


def read_told(document: bytes) -> Told:
    """The same of what may be told."""
    return _read(TOLD, document, Told)


def _document(schema: str, what: object) -> bytes:
    told = _written(msgspec.to_builtins(what, enc_hook=float))
    return msgspec.json.encode({"schema": schema, "content": told}, order="sorted")


def _read(schema: str, document: bytes, kind: type[T]) -> T:
    try:
        told = msgspec.json.decode(document, type=dict[str, Any])
        if told.get("schema") != schema:
            raise UnusableData("pilots.no_outcome", reason=str(told.get("schema"))[:60])
        return msgspec.convert(_read_back(told.get("content")), kind)
    except msgspec.MsgspecError as error:
        raise UnusableData("pilots.no_outcome", reason=str(error)[:200]) from error


def _written(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: one if name in _WORDS else _written(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_written(one) for one in value]
    return str(value) if isinstance(value, float) and not isfinite(value) else value


def _read_back(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: one if name in _WORDS else _read_back(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_read_back(one) for one in value]
    return _UNBOUND.get(value, value) if isinstance(value, str) else value
