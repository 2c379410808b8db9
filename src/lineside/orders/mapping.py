"""Which column of a table is which field: proposed from its names and cells, kept by a name for the next file."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from lineside.books import Base
from lineside.connect import Sheet
from lineside.errors import ConfigurationError, UnusableData
from lineside.orders.cells import day_first, decimal_mark
from lineside.orders.entries import Entry, Reading, Value
from lineside.orders.fields import FIELDS, Kind, field_of, plain

_LOOKED_AT = 2000
"""Cells of a column that are looked at for the order of day and month and the decimal mark."""


class SheetMapping(BaseModel):
    """How one form of table is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    columns: Mapping[str, str] = Field({}, description="The column of each field.")
    constants: Mapping[str, str] = Field({}, description="What a field is in every row that says nothing else.")
    day_first: bool | None = Field(None, description="Whether 3/4/2026 is in April.")
    decimal: str | None = Field(None, pattern=r"^[.,]$", description="The decimal mark of numbers that are texts.")
    sheet: str | None = Field(None, description="Which sheet of a workbook; the first when left out.")

    @property
    def lacking(self) -> list[str]:
        """Needed fields that neither a column nor a constant tells."""
        return [
            f.name for f in FIELDS[self.kind] if f.needed and not (f.name in self.columns or f.name in self.constants)
        ]

    def missing(self, columns: Sequence[str]) -> list[str]:
        """Columns that it reads and a table does not have."""
        return [column for column in self.columns.values() if column not in columns]


class MappingRecord(Base):
    """A mapping as it was saved."""

    __tablename__ = "mappings"

    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    mapping: Mapped[dict[str, object]]
    saved_us: Mapped[int]


def parse_mapping(document: Mapping[str, Any]) -> SheetMapping:
    """A mapping as JSON has it. Raises ConfigurationError for what is none, or names fields that are none."""
    try:
        mapping = SheetMapping.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise ConfigurationError("orders.mapping", reason=reason) from error
    for name in (*mapping.columns, *mapping.constants):
        if field_of(mapping.kind, name) is None:
            known = ", ".join(field.name for field in FIELDS[mapping.kind])
            raise ConfigurationError("orders.mapping_field", field=name, known=known)
    return mapping


def save_mapping(session: Session, name: str, mapping: SheetMapping, now_us: int) -> None:
    """Keeps a mapping by a name; one that had the name is replaced."""
    record = session.get(MappingRecord, name) or MappingRecord(name=name)
    record.kind, record.mapping, record.saved_us = mapping.kind, mapping.model_dump(mode="json"), now_us
    session.add(record)


def saved_mappings(session: Session, kind: Kind) -> dict[str, SheetMapping]:
    """The mappings kept for a kind, the newest first."""
    kept = select(MappingRecord).where(MappingRecord.kind == kind).order_by(MappingRecord.saved_us.desc())
    return {record.name: SheetMapping.model_validate(record.mapping) for record in session.scalars(kept)}


def drop_mapping(session: Session, name: str) -> None:
    """Forgets a mapping. Raises ConfigurationError for one there is not."""
    record = session.get(MappingRecord, name)
    if record is None:
        raise ConfigurationError("orders.no_mapping", name=name, known="-")
    session.delete(record)


def mapping_named(kept: Mapping[str, SheetMapping], name: str) -> SheetMapping:
    """The mapping kept by a name. Raises ConfigurationError where there is none."""
    if name not in kept:
        raise ConfigurationError("orders.no_mapping", name=name, known=", ".join(kept) or "-")
    return kept[name]


def fitting(kept: Mapping[str, SheetMapping], sheet: Sheet) -> str | None:
    """The name of the mapping that reads most of the table's columns, if every column it reads is there."""
    fits = [name for name, one in kept.items() if one.columns and not one.missing(sheet.columns)]
    return max(fits, key=lambda name: len(kept[name].columns), default=None)


def propose_mapping(kind: Kind, sheet: Sheet) -> SheetMapping:
    """A mapping by the names of the columns, in English, German or Chinese, and by what the cells prove."""
    columns: dict[str, str] = {}
    by_name = {plain(column): column for column in reversed(sheet.columns)}
    for field in FIELDS[kind]:
        free = (by_name[word] for word in field.words if word in by_name and by_name[word] not in columns.values())
        if (column := next(free, None)) is not None:
            columns[field.name] = column
    return SheetMapping(
        kind=kind,
        columns=columns,
        constants={},
        day_first=_proved(map(day_first, _texts(kind, sheet, columns, ("begin", "finish")))),
        decimal=_proved(map(decimal_mark, _texts(kind, sheet, columns, ("number", "whole")))),
        sheet=sheet.title,
    )


def _texts(kind: Kind, sheet: Sheet, columns: Mapping[str, str], types: tuple[str, ...]) -> Iterable[str]:
    places = [sheet.columns.index(columns[f.name]) for f in FIELDS[kind] if f.name in columns and f.type in types]
    rows = sheet.rows[:_LOOKED_AT]
    return [cell for row in rows for place in places if isinstance(cell := row.cells[place], str) and cell]


def _proved(told: Iterable[Any]) -> Any:
    """What some cells prove and none disproves."""
    found = {one for one in told if one is not None}
    return found.pop() if len(found) == 1 else None


def entries_of(sheet: Sheet, mapping: SheetMapping) -> list[Entry]:
    """The rows of a table as entries.

    Raises UnusableData where the mapping does not fit: a column is gone, or a needed field is told by none.
    """
    if missing := mapping.missing(sheet.columns):
        near = difflib.get_close_matches(missing[0], sheet.columns, 1)
        raise UnusableData(
            "orders.no_column",
            file=sheet.file,
            columns=", ".join(missing),
            near=near[0] if near else "-",
            known=", ".join(sheet.columns),
        )
    twice = [column for column in mapping.columns.values() if sheet.columns.count(column) > 1]
    if twice:
        raise UnusableData("orders.column_twice", file=sheet.file, column=twice[0])
    if not sheet.rows:
        raise UnusableData("orders.no_rows", file=sheet.file)
    places = {name: sheet.columns.index(column) for name, column in mapping.columns.items()}
    days = {name for name, place in places.items() if _whole_days(row.cells[place] for row in sheet.rows)}
    reading = Reading(mapping.day_first, mapping.decimal)
    entries = []
    for row in sheet.rows:
        fields: dict[str, Value] = dict(mapping.constants)
        for name, place in places.items():
            cell = row.cells[place]
            if name in days:
                cell = cast("Any", cell.date() if isinstance(cell, datetime) else cell)
            if cell != "":
                fields[name] = cell
        entries.append(Entry(str(row.number), fields, reading, mapping.columns))
    return entries


def _whole_days(cells: Iterable[object]) -> bool:
    """Whether every date of a column stands without a clock, as workbooks keep them."""
    moments = [cell for cell in cells if isinstance(cell, datetime)]
    return bool(moments) and all(cell.time() == time() and cell.tzinfo is None for cell in moments)
