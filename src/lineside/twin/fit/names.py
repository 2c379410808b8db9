"""Names of a record as a line model can hold them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lineside.twin.fit.record import Record
from lineside.twin.model import OUT, SCRAP

_LONGEST = 64


def named(text: str) -> str:
    """A text as a name of the line model: other signs than letters, digits, `_`, `.` and `-` become `-`."""
    name = "".join(sign if sign.isalnum() or sign in "_.-" else "-" for sign in text.strip()).strip(".-")
    return name[:_LONGEST] or "unnamed"


def legal(texts: Iterable[str]) -> tuple[str, ...]:
    """A name for each of several texts, none twice."""
    names: list[str] = []
    for text in texts:
        name, number = named(text), 2
        taken = {*names, OUT, SCRAP}
        while name in taken:
            name, number = f"{named(text)[: _LONGEST - 4]}-{number}", number + 1
        names.append(name)
    return tuple(names)


def lawful(record: Record) -> tuple[Record, dict[str, str]]:
    """The record with names that a line model can hold, and what those are called that had to change."""
    stations, products = legal(record.stations), legal(record.products)
    told = dict(zip((*stations, *products), (*record.stations, *record.products), strict=True))
    shifts = {name: record.shifts[told[name]] for name in stations if told[name] in record.shifts}
    changed = {name: text for name, text in told.items() if name != text}
    return replace(record, stations=stations, products=products, shifts=shifts), changed
