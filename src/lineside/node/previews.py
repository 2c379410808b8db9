"""What an import of a file would do: its first rows, what its columns seem to mean, and what is wrong in which row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from time import monotonic
from typing import Any

from lineside.connect import Columns, Peek, find_layout, peek, read_recording, tells_time
from lineside.errors import ConfigurationError, LinesideError, UnusableData
from lineside.node.imports import Reading, source_of, summary_json
from lineside.plant import Fed, Plant, read_by
from lineside.texts import LANGUAGES

PEEKED_ROWS = 5_000
SHOWN_ROWS = 8
CHECKED_S = 5.0
ITEMS = 500
LONG, WIDE = "long", "wide"
MACHINE_NAMES = ("machine", "station", "equipment", "asset", "device", "maschine", "anlage", "机器", "设备", "工位")
_UNIT = re.compile(r"[\[(（].*?[\])）]\s*$")
_BETWEEN = re.compile(r"[\s_\-./:|\\]+")


_END = object()


def preview(plant: Plant, path: Path, reading: Reading, now: int, form: str | None = None) -> dict[str, Any]:
    """What would become of a file, as plain data; nothing is stored.

    What `reading` leaves open is proposed; `form` (wide or long) says how the table is laid out. Rows are examined for
    some seconds at most: `whole` tells whether these were all. Raises UnusableData for a file that is no recording.
    """
    first = peek(path, PEEKED_ROWS, reading.sheet)
    reading, problem = _with_source(plant, path, first, replace(reading, sheet=first.sheet))
    if first.format != "shdr":
        reading = _with_columns(plant, first, reading, form)
    checked = None
    if problem is None:
        try:
            checked = _check(plant, path, reading, now)
        except UnusableData as error:
            problem = error
    return {
        "file": path.name,
        "format": first.format,
        "sheets": first.sheets,
        "columns": first.columns,
        "head": [{"row": row.number, "cells": row.cells} for row in first.rows[:SHOWN_ROWS]],
        "form": None if first.format == "shdr" else WIDE if reading.signal_column is None else LONG,
        "items": _items(first, reading),
        "reading": asdict(reading),
        "sources": [{"id": name, "addresses": _addresses(plant, name)} for name in plant.sources if _fed(plant, name)],
        "zone": plant.site.zone.key,
        "problem": problem and {"key": problem.key, "words": _words(problem)},
        "checked": checked,
    }


def _with_source(plant: Plant, path: Path, first: Peek, reading: Reading) -> tuple[Reading, LinesideError | None]:
    """The reading with the source whose signals the file speaks of; with the error where that stays open."""
    try:
        return replace(reading, source=source_of(plant, path, reading.source)), None
    except ConfigurationError as error:
        if reading.source is not None:
            raise
        open_one = error
    said = {cell for row in first.rows for cell in row.cells[:3]} | set(first.columns)
    known = {name: sum(_meant(plant, name, one) is not None for one in said) for name in plant.sources}
    best = max(known.values(), default=0)
    names = [name for name, count in known.items() if count == best > 0]
    return (replace(reading, source=names[0]), None) if len(names) == 1 else (reading, open_one)


def _with_columns(plant: Plant, first: Peek, reading: Reading, form: str | None) -> Reading:
    """The reading with a meaning for each column, as far as they can be told."""
    names = first.columns
    if reading.time_column is None:
        reading = replace(reading, **_time(first))
    if reading.signal_column is None and form != WIDE and reading.names is None:
        reading = replace(reading, **_long(first, reading, forced=form == LONG))
    if reading.names is not None or reading.source is None:
        return reading
    speak = names if reading.signal_column is None else _items(first, reading)
    of_time = {reading.time_column, reading.clock_column}
    meant = {one: _meant(plant, reading.source, one) for one in speak if one and one not in of_time}
    return replace(reading, names={one: address or "" for one, address in meant.items()})


def _time(first: Peek) -> dict[str, Any]:
    """The column of times by its name, or else by what it holds."""
    try:
        found = find_layout(first.columns, Columns(), "").time
    except UnusableData:
        found = tuple(i for i, name in enumerate(first.columns) if name and tells_time(first.column(i)[:100]))[:1]
    return dict(zip(("time_column", "clock_column"), (first.columns[i] for i in found), strict=False))


def _long(first: Peek, reading: Reading, *, forced: bool) -> dict[str, Any]:
    """The columns of a table with one value a row; nothing where it is none."""
    others = [name for name in first.columns if name not in (reading.time_column, reading.clock_column)]
    machine = next((name for name in others if name.lower() in MACHINE_NAMES), None)
    try:
        layout = find_layout(first.columns, Columns(time=reading.time_column, clock=reading.clock_column), "")
    except UnusableData:
        return {}
    if layout.signal is not None and layout.value is not None:
        names = first.columns[layout.signal], first.columns[layout.value]
    elif forced and len(rest := [name for name in others if name and name != machine]) > 1:
        names = rest[0], rest[-1]
    else:
        return {}
    return {"machine_column": machine, "signal_column": names[0], "value_column": names[1]}


def _items(first: Peek, reading: Reading) -> list[str]:
    """What the table speaks of: its columns, or the signals in its rows."""
    if reading.signal_column is None:
        return [name for name in first.columns if name and name not in (reading.time_column, reading.clock_column)]
    places = [
        first.columns.index(one) for one in (reading.machine_column, reading.signal_column) if one in first.columns
    ]
    found = dict.fromkeys(
        "/".join(row.cells[i].strip() for i in places) for row in first.rows if len(row.cells) > max(places)
    )
    return list(found)[:ITEMS]


def _fed(plant: Plant, source: str) -> dict[str, list[Fed]]:
    """The series that each address of a source fills."""
    found: dict[str, list[Fed]] = {}
    for one in read_by(plant, source):
        found.setdefault(one.address, []).append(one)
    return found


def _meant(plant: Plant, source: str, name: str) -> str | None:
    """The address that a name in a table means: itself, or that of the one signal it is written like."""
    fed = _fed(plant, source)
    if name in fed:
        return name
    for said in filter(None, (_plain(name), _plain(_UNIT.sub("", name)))):
        for names in _WAYS:
            found = {address for address, signals in fed.items() if said in map(_plain, names(address, signals))}
            if len(found) == 1:
                return found.pop()
    return None


_WAYS: tuple[Callable[[str, list[Fed]], list[str]], ...] = (
    lambda address, _: [address],
    lambda _, fed: [place + one.id for one in fed for place in (one.owner, one.owner_name)],
    lambda _, fed: [one.id for one in fed],
)
"""How a column may be named for what an address feeds, the surest way first."""


def _plain(name: str) -> str:
    return _BETWEEN.sub("", name).casefold()


def _check(plant: Plant, path: Path, reading: Reading, now: int) -> dict[str, Any]:
    """Reads the file as the import would, for some seconds at most."""
    source = reading.source or ""
    wanted = {address: fed[0].kind for address, fed in _fed(plant, source).items()}
    began = monotonic()
    with read_recording(
        path,
        wanted,
        now=now,
        zone=reading.clock(plant),
        device=plant.sources[source].device,
        columns=reading.columns,
        sheet=reading.sheet,
        day_first=reading.day_first,
    ) as recording:
        pieces, whole = recording.pieces(), True
        for _ in pieces:
            if monotonic() - began > CHECKED_S:
                whole = next(pieces, _END) is _END
                break
        return {**summary_json(recording.summary), "whole": whole}


def _addresses(plant: Plant, source: str) -> list[dict[str, Any]]:
    return [
        {
            "address": address,
            "kind": fed[0].kind,
            "unit": fed[0].unit,
            "of": [{"machine": one.owner, "name": one.owner_name, "signal": one.id} for one in fed],
        }
        for address, fed in _fed(plant, source).items()
    ]


def _words(error: LinesideError) -> Mapping[str, dict[str, str | None]]:
    return {one: {"problem": error.sentence(one), "cure": error.cure(one)} for one in LANGUAGES}
