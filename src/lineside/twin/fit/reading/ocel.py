"""Reads OCEL 2.0 as JSON: events that name several objects, of which one type is the part."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from lineside.errors import ConfigurationError
from lineside.twin.fit.reading.columns import is_named
from lineside.twin.fit.reading.tables import Table, table_of
from lineside.twin.reading import Finding


def read_ocel(data: bytes, name: str, part: str | None) -> Table:
    """One row an event and part; `part` names the object type that is it."""
    try:
        document: Any = json.loads(data)
        kinds = {str(one["id"]): str(one["type"]) for one in document["objects"]}
        events = [_event(one) for one in document["events"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ConfigurationError("log.no_ocel", file=name, reason=str(error)[:120]) from error
    machine = next((kind for kind in sorted(set(kinds.values())) if is_named("resource", kind)), None)
    chosen = _part_type(kinds, machine, part, name)
    columns: dict[str, list[str | None]] = {}
    count = 0
    nobody: list[str | None] = [None]
    for fields, related in events:
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
    table.findings.append(
        Finding("part", "log.object_type", {"type": chosen, "types": ", ".join(sorted(set(kinds.values())))})
    )
    return table


def _event(one: Any) -> tuple[dict[str, str], list[str]]:
    fields = {str(a["name"]): str(a["value"]) for a in one.get("attributes") or []}
    fields |= {"activity": str(one["type"]), "timestamp": str(one["time"])}
    return fields, [str(related["objectId"]) for related in one.get("relationships") or []]


def _part_type(kinds: dict[str, str], machine: str | None, part: str | None, name: str) -> str:
    counts = Counter(kind for kind in kinds.values() if kind != machine)
    if part is not None and part in counts:
        return part
    if part is not None or not counts:
        raise ConfigurationError("log.no_type", file=name, type=part or "-", types=", ".join(sorted(counts)) or "-")
    named = [kind for kind in counts if is_named("part", kind)]
    return max(named or counts, key=lambda kind: counts[kind])
