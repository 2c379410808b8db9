"""What a recording talks about: its addresses with counts, examples and a guess of their kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lineside.connect.observations import NO_VALUE, NUMBER
from lineside.connect.recordings.bytes import File, blocks
from lineside.connect.recordings.csv import BOM, read_cells, read_header
from lineside.connect.recordings.encoding import Decoder
from lineside.connect.recordings.parquet import open_parquet
from lineside.connect.recordings.recording import recording_format
from lineside.connect.recordings.tables import NO_NUMBER, find_layout
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
        for address, value, condition in islice(_values(file, time_column), limit):
            accounts.setdefault(address, _Account()).see(value, condition=condition)
    finally:
        file.close()
    items = [Item(name, one.count, one.example, one.kind(name)) for name, one in accounts.items()]
    return sorted(items, key=lambda item: (-item.count, item.address))


def _values(file: File, time_column: str | None) -> Iterator[Seen]:
    format = recording_format(file)
    if format == "shdr":
        return _shdr(file)
    if format == "csv":
        return _csv(file, time_column)
    return _parquet(file, time_column)


def _shdr(file: File) -> Iterator[Seen]:
    for block, _ in blocks(file, SetAside()):
        for line in block.decode("utf-8", "replace").splitlines():
            yield from items_of(line)


def _csv(file: File, time_column: str | None) -> Iterator[Seen]:
    decoder = Decoder(file.path.name)
    whole = (decoder.read(block) for block, _ in blocks(file, SetAside()))
    lines = (line for block in whole for line in block.removeprefix(BOM).splitlines())
    delimiter, names = read_header(next(lines, b""))
    cells = (read_cells(line.decode("utf-8", "replace"), delimiter) for line in lines)
    for address, value, condition in _table(cells, names, time_column, file.path.name):
        yield address, _COMMA.sub(r"\1.\2", value) if delimiter == ";" else value, condition


def _parquet(file: File, time_column: str | None) -> Iterator[Seen]:
    with file.unpacked() as content:
        table = open_parquet(content, file.path.name)
        cells = (
            ["" if cell is None else str(cell) for cell in row.values()]
            for piece in table.iter_batches(4096)
            for row in piece.to_pylist()
        )
        yield from _table(cells, list(table.schema_arrow.names), time_column, file.path.name)


def _table(cells: Iterable[list[str]], names: list[str], time_column: str | None, file: str) -> Iterator[Seen]:
    layout = find_layout(names, time_column, file)
    for row in cells:
        if len(row) != len(names):
            continue
        if layout.address is not None and layout.value is not None:
            yield row[layout.address].strip(), row[layout.value].strip(), False
        else:
            for i, name in layout.wide.items():
                yield name, row[i].strip(), False
