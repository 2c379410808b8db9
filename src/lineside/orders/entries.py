"""One record as a source tells it, before it is judged, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from lineside.errors import LinesideError, UnusableData

Value: TypeAlias = str | int | float | bool | Decimal | date | datetime | time | timedelta | None
"""What a field holds; None, the empty text or a missing field: it is not told."""


_SHOWN = 300
"""Characters of a cell that an error repeats."""


class Reading(NamedTuple):
    """How texts of a source are read where they do not tell it themselves."""

    day_first: bool | None = None
    """Whether 3/4/2026 is in April."""
    decimal: str | None = None
    """The decimal mark, "." or ","."""


class Entry(NamedTuple):
    """One record of a source."""

    place: str
    """Where it stands there, "7" for a row: it is named in every error."""
    fields: Mapping[str, Value]
    reading: Reading = Reading()
    columns: Mapping[str, str] = MappingProxyType({})
    """What the source calls the fields, where it has names of its own."""


class WrongEntry(LinesideError):
    """An entry that was not taken; `path` is its place."""

    def __init__(self, entry: Entry, field: str, key: str, **fields: object) -> None:
        short = {name: _short(value) for name, value in fields.items()}
        super().__init__(key, place=entry.place, field=entry.columns.get(field, field), **short)
        self.path = entry.place


def _short(value: object) -> object:
    """A value as a sentence can hold it."""
    return value if not isinstance(value, str) or len(value) <= _SHOWN else f"{value[:_SHOWN]}…"


class EntriesRefused(UnusableData):
    """Some entries were not taken; `findings` names the first of them. The others are stored."""

    def __init__(self, taken: Taken) -> None:
        super().__init__(
            "orders.refused", count=taken.refused, entries=taken.entries, taken=taken.entries - taken.refused
        )
        self.findings = taken.findings


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the entries of a source."""

    entries: int
    new: int
    changed: int
    same: int
    refused: int
    findings: Sequence[WrongEntry]
    """The first of the refused ones."""
    shadowed: Sequence[str] = ()
    """Ids that the plant file has, too: its word holds."""
