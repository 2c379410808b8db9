"""What a recording talks about: its addresses with counts, examples and a guess of their kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lineside.connect.observations import NO_VALUE, NUMBER
from lineside.connect.recordings.bytes import File, blocks
from lineside.connect.recordings.peek import Table, open_table
from lineside.connect.recordings.recording import recording_format
from lineside.connect.recordings.tables import NO_NUMBER, Columns, find_layout
from lineside.connect.set_aside import SetAside
from lineside.connect.shdr_text import items_of
from lineside.plant import Kind

FEW_WORDS = 24
_COMMA = re.compile(r"^([+-]?\d+),(\d+)$", re.ASCII)
_COUNTS = re.compile(r"(part|piece|good|scrap|reject|stroke).*(count|qty|total|act|num)|(good|scrap|reject)s?$")

Seen = tuple[str, str, bool]
"""An address, the text of a value, and whether it came as a condition."""


@dataclass(frozen=True, slots=True)
class Item:
    """One address of a recording."""

    address: str
    count: int
    example: str
    kind: Kind


class _Account:
    """What was seen of one address."""

    def __init__(self) -> None:
        self.count = 0
        self.example = ""
        self._words: set[str] = set()
        self._values = self._numbers = 0
        self._condition = False

    def see(self, value: str, *, condition: bool) -> None:
        self.count += 1
        self._condition = self._condition or condition
        if not value or value.upper() == NO_VALUE or value.lower() in NO_NUMBER:
            return
        self.example = self.example or value
        self._values += 1
        self._numbers += NUMBER.fullmatch(value) is not None
        if len(self._words) <= FEW_WORDS:
            self._words.add(value)

    def kind(self, address: str) -> Kind:
        """A guess from names and values; the engineer decides."""
        if self._condition:
            return "condition"
        if self._values and self._numbers == self._values:
            return "counter" if _COUNTS.search(address.lower()) else "measure"
        return "state" if len(self._words) <= FEW_WORDS else "text"


def recording_items(path: Path, limit: int = 200_000, *, time_column: str | None = None) -> list[Item]:
    """The addresses among the first `limit` values of a recording, the most frequent first."""
    file = File(path)
    accounts: dict[str, _Account] = {}
    try:
        for address, value, condition in islice(_values(file, Columns(time=time_column)), limit):
            accounts.setdefault(address, _Account()).see(value, condition=condition)
    finally:
        file.close()
    items = [Item(name, one.count, one.example, one.kind(name)) for name, one in accounts.items()]
    return sorted(items, key=lambda item: (-item.count, item.address))


def _values(file: File, columns: Columns) -> Iterator[Seen]:
    format = recording_format(file)
    if format == "shdr":
        for block, _ in blocks(file, SetAside()):
            for line in block.decode("utf-8", "replace").splitlines():
                yield from items_of(line)
        return
    with open_table(file, format) as table:
        for address, value in _cells(table, columns, file.path.name):
            yield address, _COMMA.sub(r"\1.\2", value) if table.decimal_comma else value, False


def _cells(table: Table, columns: Columns, file: str) -> Iterator[tuple[str, str]]:
    layout = find_layout(table.names, columns, file)
    for _, row in table.rows:
        if len(row) != len(table.names):
            continue
        if layout.signal is not None and layout.value is not None:
            yield row[layout.signal].strip(), row[layout.value].strip()
        else:
            for i, name in layout.wide.items():
                yield name, row[i].strip()
