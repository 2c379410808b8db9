"""A file of an ERP, read: which mapping fits it, and the entries it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lineside.connect import Sheet, SheetRow, read_sheet
from lineside.errors import UnusableData
from lineside.orders.b2mml import MOST_BYTES, is_document, read_document
from lineside.orders.b2mml_performance import completions_of
from lineside.orders.b2mml_schedule import orders_of
from lineside.orders.entries import Entry
from lineside.orders.fields import FIELDS, Kind
from lineside.orders.mapping import SheetMapping, entries_of, fitting, mapping_named, propose_mapping
from lineside.plant import Feed

_LOOKED_AT = 4096
"""Bytes at the beginning of a file that tell what it is."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A table with the mapping it would be read by."""

    sheet: Sheet
    mapping: SheetMapping
    saved: str | None = None
    """The name of the mapping, where it is a saved one."""
    sure: bool = False
    """Whether somebody chose the mapping: then fields may be lacking where orders are known already."""
    told: tuple[Entry, ...] | None = None
    """The entries of a document that says itself what they are; the table then only shows them."""

    def entries(self) -> list[Entry]:
        """The rows. Raises UnusableData where the mapping does not fit, or lacks what every record needs."""
        if self.told is not None:
            return list(self.told)
        if (lacking := self.mapping.lacking) and not (self.sure and lacking[0] != "id"):
            columns = ", ".join(column for column in self.sheet.columns if column)
            raise UnusableData("orders.unmapped", file=self.sheet.file, fields=", ".join(lacking), columns=columns)
        return entries_of(self.sheet, self.mapping)


def read_offer(
    kind: Kind,
    source: Path | bytes,
    name: str,
    kept: Mapping[str, SheetMapping],
    *,
    named: str | None = None,
    mapping: SheetMapping | None = None,
    told: Mapping[str, Mapping[str, str]] | None = None,
) -> Offer:
    """The table in a file with its mapping: the one given or named, else a saved one that fits, else a proposed one.

    `told` adds columns and constants to it. A document of B2MML says itself what it is, also whether it holds the
    kind asked for. Raises UnusableData for a file that cannot be read.
    """
    if is_document(_head(source)):
        return _document(source, name)
    if named is not None:
        mapping = mapping_named(kept, named)
    sheet = read_sheet(source, name, mapping.sheet if mapping is not None else None)
    return offer_of(kind, sheet, kept, named=named, mapping=mapping, told=told)


def offer_of(
    kind: Kind,
    sheet: Sheet,
    kept: Mapping[str, SheetMapping],
    *,
    named: str | None = None,
    mapping: SheetMapping | None = None,
    told: Mapping[str, Mapping[str, str]] | None = None,
) -> Offer:
    """A table that was read, with its mapping as `read_offer` has it."""
    if named is not None:
        mapping = mapping_named(kept, named)
    saved = named if mapping is not None else fitting(kept, sheet)
    found = mapping or (kept[saved] if saved is not None else propose_mapping(kind, sheet))
    if told is not None and any(told.values()):
        columns = {**found.columns, **told.get("columns", {})}
        constants = {**found.constants, **told.get("constants", {})}
        found, saved = found.model_copy(update={"columns": columns, "constants": constants}), None
    return Offer(sheet, found, saved, sure=mapping is not None or saved is not None)


def offer_of_feed(feed: Feed, sheet: Sheet, kept: Mapping[str, SheetMapping]) -> Offer:
    """What a view of a database says, with the mapping its feed names; each row is spoken of by number and key."""
    offer = offer_of(feed.kind, sheet, kept, named=feed.mapping)
    key = FIELDS[feed.kind][0].name
    entries = offer.entries() if sheet.rows else []
    told = tuple(entry._replace(place=f"{entry.place} ({entry.fields.get(key, '-')})") for entry in entries)
    return replace(offer, told=told)


def _head(source: Path | bytes) -> bytes:
    if isinstance(source, bytes):
        return source[:_LOOKED_AT]
    try:
        with source.open("rb") as file:
            return file.read(_LOOKED_AT)
    except OSError:
        return b""  # whoever reads it says what is wrong with it


def _document(source: Path | bytes, name: str) -> Offer:
    if isinstance(source, Path):
        with source.open("rb") as file:
            source = file.read(MOST_BYTES + 1)
    document = read_document(source, name)
    kind: Kind = "orders" if document.kind == "Schedule" else "completions"
    entries = orders_of(document) if kind == "orders" else completions_of(document)
    columns = tuple(f.name for f in FIELDS[kind] if any(f.name in entry.fields for entry in entries))
    rows = (SheetRow(n, tuple(str(e.fields.get(c, "")) for c in columns)) for n, e in enumerate(entries, 1))
    mapping = SheetMapping.model_validate({"kind": kind, "columns": {column: column for column in columns}})
    return Offer(Sheet(name, None, (), columns, tuple(rows)), mapping, sure=True, told=tuple(entries))
