"""Reads OCEL 2.0 as JSON, XML or SQLite: events that name several objects, of which one type is the part."""

from __future__ import annotations

import io
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from lineside.errors import ConfigurationError
from lineside.twin.fit.reading.columns import is_named
from lineside.twin.fit.reading.tables import Table, table_of
from lineside.twin.fit.reading.xes import forget
from lineside.twin.reading import Finding


@dataclass(slots=True)
class _Log:
    """What a file holds, whatever its form."""

    kinds: dict[str, str] = field(default_factory=dict)
    """The type of each object."""
    events: list[tuple[dict[str, str], list[str]]] = field(default_factory=list)
    """Fields of each event, and the objects it names."""
    findings: list[Finding] = field(default_factory=list)


def read_json(data: bytes, name: str, part: str | None) -> Table:
    """One row an event and part; `part` names the object type that is it."""
    return _table(_read(_of_json, data, name), name, part)


def read_xml(data: bytes, name: str, part: str | None) -> Table:
    """The same from XML, with entities off; of a file that is cut, what it holds."""
    return _table(_read(_of_xml, data, name), name, part)


def read_sqlite(data: bytes, name: str, part: str | None) -> Table:
    """The same from a SQLite database."""
    return _table(_read(_of_sqlite, data, name), name, part)


def _read(form: Callable[[bytes], _Log], data: bytes, name: str) -> _Log:
    try:
        return form(data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, sqlite3.Error, etree.LxmlError) as error:
        raise ConfigurationError("log.no_ocel", file=name, reason=str(error)[:120]) from error


def _of_json(data: bytes) -> _Log:
    document: Any = json.loads(data.decode(json.detect_encoding(data)))
    if b"\\u" in data:
        json.dumps(document, ensure_ascii=False).encode()  # raises for half a character, which no table can hold
    kinds = {str(one["id"]): str(one["type"]) for one in document["objects"]}
    events = []
    for one in document["events"]:
        fields = {str(a["name"]): str(a["value"]) for a in one.get("attributes") or []}
        related = [str(object_["objectId"]) for object_ in one.get("relationships") or []]
        events.append((_event(fields, one["type"], one["time"]), related))
    return _Log(kinds, events)


def _of_xml(data: bytes) -> _Log:
    log, depth = _Log(), 0
    walk = etree.iterparse(
        io.BytesIO(data), ("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )
    try:
        for action, element in walk:
            depth += 1 if action == "start" else -1
            if action == "start" or depth != 2:  # log, section, entry
                continue
            kind = etree.QName(element).localname
            if kind == "object":
                log.kinds[element.attrib["id"]] = element.attrib["type"]
            elif kind == "event":
                fields = {str(a.get("name")): a.text or "" for a in _below(element, "attributes")}
                related = [str(one.attrib["object-id"]) for one in _below(element, "objects")]
                log.events.append((_event(fields, element.attrib["type"], element.attrib["time"]), related))
            forget(element)
    except etree.XMLSyntaxError as error:
        if not log.events:
            raise
        log.findings.append(Finding("-", "log.cut", {"count": len(log.events), "reason": str(error)}))
    return log


def _below(element: etree._Element, section: str) -> list[etree._Element]:
    """The entries of a section of an event; what names an object is called differently by different writers."""
    sections = [one for one in element if isinstance(one.tag, str) and etree.QName(one).localname == section]
    return [entry for one in sections for entry in one if isinstance(entry.tag, str)]


def _of_sqlite(data: bytes) -> _Log:
    with closing(sqlite3.connect(":memory:")) as books:
        books.deserialize(data[:18] + b"\1\1" + data[20:])  # a log written with a write-ahead log is read without one
        books.execute("PRAGMA trusted_schema = OFF")
        kinds = {str(one): str(kind) for one, kind in books.execute("SELECT ocel_id, ocel_type FROM object")}
        related: dict[str, list[str]] = {}
        for event, one in books.execute("SELECT ocel_event_id, ocel_object_id FROM event_object"):
            related.setdefault(str(event), []).append(str(one))
        log = _Log(kinds)
        for kind, called in books.execute("SELECT ocel_type, ocel_type_map FROM event_map_type").fetchall():
            quoted = f"event_{called}".replace('"', '""')
            rows = books.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608 - a name, quoted
            names = [str(column[0]) for column in rows.description]
            for row in rows:
                told = dict(zip(names, row, strict=True))
                event, time = str(told.pop("ocel_id")), told.pop("ocel_time")
                fields = {key: str(value) for key, value in told.items() if value is not None}
                log.events.append((_event(fields, kind, time), related.get(event, [])))
    return log


def _event(fields: Mapping[str, str], kind: Any, time: Any) -> dict[str, str]:
    return {**fields, "activity": str(kind), "timestamp": str(time)}


def _table(log: _Log, name: str, part: str | None) -> Table:
    kinds = log.kinds
    machine = next((kind for kind in sorted(set(kinds.values())) if is_named("resource", kind)), None)
    chosen = _part_type(kinds, machine, part, name)
    columns: dict[str, list[str | None]] = {}
    count = 0
    nobody: list[str | None] = [None]
    for fields, related in log.events:
        machines = [one for one in related if kinds.get(one) == machine]
        for one in [*(one for one in related if kinds.get(one) == chosen)] or nobody:
            row = {**fields, "part": one, "resource": machines[0] if machines else None}
            for key, value in row.items():
                column = columns.setdefault(key, [])
                column.extend([None] * (count - len(column)))
                column.append(value)
            count += 1
    if not any(columns.get("resource", [])):
        columns.pop("resource", None)
    table = table_of(name, columns, count)
    types = ", ".join(sorted(set(kinds.values())))
    table.findings += [*log.findings, Finding("part", "log.object_type", {"type": chosen, "types": types})]
    return table


def _part_type(kinds: dict[str, str], machine: str | None, part: str | None, name: str) -> str:
    counts = Counter(kind for kind in kinds.values() if kind != machine)
    if part is not None and part in counts:
        return part
    if part is not None or not counts:
        raise ConfigurationError("log.no_type", file=name, type=part or "-", types=", ".join(sorted(counts)) or "-")
    named = [kind for kind in counts if is_named("part", kind)]
    return max(named or counts, key=lambda kind: counts[kind])
