"""A proposal as a table for a spreadsheet, and back: one row a signal, everything in its row."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

from pydantic import ValidationError

from lineside.connect.discovery.proposal import (
    ROLES,
    Confidence,
    Proposal,
    ProposedMachine,
    ProposedSignal,
    StateWords,
)
from lineside.connect.found import Note
from lineside.connect.json_text import read_document
from lineside.errors import UnusableData
from lineside.plant import Kind, SourceSettings, State
from lineside.texts import say

COLUMNS = (
    *("keep", "source", "type", "url", "device", "options", "machine", "machine_name", "pack"),
    *("signal", "address", "kind", "unit", "role", "states", "confidence", "reason", "example", "place"),
)
NEEDED = ("keep", "source", "type", "machine", "signal", "address", "kind")
YES, NO = frozenset({"yes", "y", "1", "true", "x", "是"}), frozenset({"no", "n", "0", "false", "", "否"})
KINDS: tuple[str, ...] = get_args(Kind)
NAMED = 12
_RULE = re.compile(r"(?:(\d{1,6}):)?(\w+)=(.*)", re.DOTALL)
_FORMULA = re.compile(r"^'*[=+\-@\t\r]")
"""What a spreadsheet would take for a formula; it is written behind an apostrophe, which is taken off again."""


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: Mapping[str, str]


def write_table(proposal: Proposal, language: str) -> str:
    """The table as CSV; the reasons are in a language."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    sources = {source.id: source for source in proposal.sources}
    for machine in proposal.machines:
        source = sources[machine.source]
        for signal in machine.signals:
            row = {**_source_cells(source), **_signal_cells(signal, language)}
            row |= {"machine": machine.id, "machine_name": machine.name, "pack": machine.pack}
            writer.writerow([_guarded(row[column]) for column in COLUMNS])
    return text.getvalue()


def _source_cells(source: SourceSettings) -> dict[str, str]:
    options = json.dumps(dict(source.options), ensure_ascii=False) if source.options else ""
    return {
        "source": source.id,
        "type": source.type,
        "url": source.url or "",
        "device": source.device or "",
        "options": options,
    }


def _signal_cells(signal: ProposedSignal, language: str) -> dict[str, str]:
    return {
        "keep": "yes" if signal.keep else "no",
        "signal": signal.id,
        "address": signal.address,
        "kind": signal.kind,
        "unit": signal.unit,
        "role": signal.role,
        "states": "; ".join(f"{one.rank}:{one.state}={'|'.join(map(_escaped, one.words))}" for one in signal.states),
        "confidence": signal.confidence.value,
        "reason": say(signal.why.key, language, **signal.why.fields),
        "example": signal.example,
        "place": signal.description,
    }


def _guarded(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _escaped(word: str) -> str:
    return re.sub(r"([\\|;])", r"\\\1", word)


def read_table(text: str) -> Proposal:
    """The proposal an edited table makes; raises UnusableData that names every row that cannot be read."""
    rows = _rows(text)
    wrong: list[str] = []
    sources: dict[str, SourceSettings] = {}
    machines: dict[str, list[tuple[_Row, ProposedSignal]]] = {}
    kept: set[tuple[str, str]] = set()
    for row in rows:
        faults = list(_faults(row.cells))
        if row.cells["keep"].casefold() in YES:
            name = row.cells["machine"], row.cells["signal"]
            faults += ["signal"] if name in kept and "signal" not in faults else []
            kept.add(name)
        wrong += [f"{row.line}: {column} = {row.cells[column]}" for column in faults]
        if faults:
            continue
        sources.setdefault(row.cells["source"], _settings(row.cells))
        machines.setdefault(row.cells["machine"], []).append((row, _signal(row.cells)))
    if wrong:
        more = "" if len(wrong) <= NAMED else f"; +{len(wrong) - NAMED}"
        raise UnusableData("discover.table_rows", count=len(wrong), rows="; ".join(wrong[:NAMED]) + more)
    return Proposal(tuple(sources.values()), tuple(_machine(id, some) for id, some in machines.items()))


def _rows(text: str) -> list[_Row]:
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    names = [name.strip().casefold() for name in next(reader, [])]
    if lacking := [name for name in NEEDED if name not in names]:
        raise UnusableData("discover.table_columns", columns=", ".join(lacking))
    rows = []
    for cells in _read(reader):
        if any(cell.strip() for cell in cells):
            told = dict(zip(names, (_bare(cell) for cell in cells), strict=False))
            rows.append(_Row(reader.line_num, {column: told.get(column, "") for column in COLUMNS}))
    return rows


def _read(reader: Any) -> Iterator[list[str]]:
    """The rows; raises UnusableData where one has no end, as behind a quote that is not closed."""
    try:
        yield from reader
    except csv.Error as error:
        raise UnusableData("discover.table_rows", count=1, rows=f"{reader.line_num}: {error}") from error


def _bare(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell.strip()


def _faults(cells: Mapping[str, str]) -> Iterator[str]:
    """The columns of a row that cannot be what they say."""
    if cells["keep"].casefold() not in YES | NO:
        yield "keep"
    yield from (column for column in ("source", "type", "machine", "signal", "address") if not cells[column])
    if cells["kind"] not in KINDS:
        yield "kind"
    if cells["role"] and cells["role"] not in ROLES:
        yield "role"
    if cells["options"] and not isinstance(_json(cells["options"]), dict):
        yield "options"
    if _states(cells["states"]) is None:
        yield "states"
    if cells["source"] and cells["type"]:
        try:
            _settings(cells)
        except ValidationError as error:
            yield from ({"id": "source"}.get(name := str(detail["loc"][0]), name) for detail in error.errors())


def _json(text: str) -> Any:
    try:
        return read_document(text)
    except ValueError:
        return None


def _states(text: str) -> tuple[StateWords, ...] | None:
    rules = []
    for number, part in enumerate(re.split(r"(?<!\\);", text)):
        if not part.strip():
            continue
        rule = _RULE.fullmatch(part.strip())
        if rule is None or rule[2] not in list(State)[:8]:
            return None
        words = [re.sub(r"\\(.)", r"\1", word.strip()) for word in re.split(r"(?<!\\)\|", rule[3])]
        if not all(words):
            return None
        rules.append(StateWords(int(rule[1] or 10 * (number + 1)), State(rule[2]), tuple(words)))
    return tuple(rules)


def _settings(cells: Mapping[str, str]) -> SourceSettings:
    told = {"id": cells["source"], "options": _json(cells["options"]) or {}}
    told |= {key: cells[key] for key in ("type", "url", "device") if cells[key]}
    return SourceSettings.model_validate(told)


def _signal(cells: Mapping[str, str]) -> ProposedSignal:
    sure = cells["confidence"]
    return ProposedSignal(
        id=cells["signal"],
        address=cells["address"],
        kind=cast("Kind", cells["kind"]),
        confidence=Confidence(sure) if sure in list(Confidence) else Confidence.GUESS,
        why=Note("discover.why.table", {"reason": cells["reason"] or "-"}),
        keep=cells["keep"].casefold() in YES,
        unit=cells["unit"],
        role=cells["role"],
        states=_states(cells["states"]) or (),
        example=cells["example"],
        description=cells["place"],
    )


def _machine(id: str, some: list[tuple[_Row, ProposedSignal]]) -> ProposedMachine:
    cells = some[0][0].cells
    signals = tuple(signal for _, signal in some)
    return ProposedMachine(id, cells["machine_name"] or id, cells["source"], signals, cells["pack"])
