"""A ledger as one file: what it says of itself in the first line, then the bytes of each entry, a line each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lineside.errors import UnusableData
from lineside.trust.ledger.entries import canonical
from lineside.trust.ledger.heads import Head, Receipt, decode
from lineside.trust.ledger.held import Held
from lineside.trust.ledger.stored import Stored
from lineside.trust.ledger.tree import Tree, leaf_hash
from lineside.trust.ledger.verify import Verdict, scan_ledger

EXPORT = "lineside.ledger/1"
_LONGEST = 64 * 2**20
_BEGINNING = b'{"format":"' + EXPORT.encode()


def exported_ledger(now: Stored, head: Head) -> Iterator[bytes]:
    """The lines of a file with the first `head.size` entries."""
    own = [text for *_, text in now.heads(receipts=False)]
    receipts = [text for *_, text in now.heads(receipts=True)]
    yield canonical({"format": EXPORT, "head": head.told(), "own": own, "receipts": receipts}) + b"\n"
    for index, body, _ in now.entries():
        if index >= head.size:
            return
        yield body + b"\n"


@dataclass(frozen=True, slots=True)
class Export:
    """A file that was exported; its entries are read when they are asked for."""

    path: Path
    head: Head
    own: tuple[Head, ...]
    receipts: tuple[Receipt, ...]

    @classmethod
    def open(cls, path: Path) -> Export:
        """Reads its first line, the signatures checked. Raises UnusableData."""
        name = path.name
        told = decode(next(_lines(path), b""), name)
        if told.get("format") != EXPORT:
            raise UnusableData("ledger.no_export", file=name)
        own, receipts = told.get("own"), told.get("receipts")
        if not isinstance(own, list) or not isinstance(receipts, list):
            raise UnusableData("ledger.no_export", file=name)
        heads = tuple(Head.parse(one, name) for one in own)
        return cls(path, Head.parse(told.get("head"), name), heads, tuple(Receipt.parse(one, name) for one in receipts))

    def entries(self) -> Iterator[tuple[int, bytes, bytes | None]]:
        """Its entries with their index."""
        lines = _lines(self.path)
        next(lines, None)
        for index, line in enumerate(lines):
            yield index, line, None

    def held(self) -> Held:
        """The same as something to compare with: it places every change. Raises UnusableData where it is not whole."""
        tree = Tree([leaf_hash(body) for _, body, _ in self.entries()])
        if len(tree) != self.head.size or tree.root() != self.head.root:
            raise UnusableData("ledger.held_damaged", file=self.path.name, size=self.head.size, entries=len(tree))
        return Held.of(self.head, tree.at, file=self.path.name, level=0)

    def verify(self, held: Iterable[Held] = ()) -> Verdict:
        """What is wrong with it, by itself, by the receipts in it and by what is held elsewhere."""
        receipts = [Held(one.head, f"{self.path.name} (receipt)") for one in self.receipts]
        return scan_ledger(self.entries()).verdict([*self.own, self.head], [*receipts, *held])


def read_held(path: Path) -> Held:
    """What a file holds of a ledger: a head, a receipt or an export. Raises UnusableData."""
    try:
        with path.open("rb") as file:
            begins = file.read(len(_BEGINNING))
            if begins == _BEGINNING:
                return Export.open(path).held()
            return Held.parse(begins + file.read(_LONGEST), path.name)
    except OSError as error:
        raise UnusableData("ledger.unreadable", file=str(path), reason=error.strerror or str(error)) from error


def parse_receipt(path: Path) -> Receipt:
    """The receipt in a file. Raises UnusableData."""
    try:
        with path.open("rb") as file:
            return Receipt.parse(decode(file.read(_LONGEST), path.name), path.name)
    except OSError as error:
        raise UnusableData("ledger.unreadable", file=str(path), reason=error.strerror or str(error)) from error


def write_export(path: Path, lines: Iterable[bytes]) -> int:
    """Writes a new file, gives its size. Raises UnusableData where it cannot be written or something is there."""
    try:
        with path.open("xb") as file:
            for line in lines:
                file.write(line)
            return file.tell()
    except OSError as error:
        raise UnusableData("ledger.unwritten", file=str(path), reason=error.strerror or str(error)) from error


def as_file(told: dict[str, Any]) -> bytes:
    """An object as the text of a file."""
    return json.dumps(told, indent=1).encode() + b"\n"


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while line := file.readline(_LONGEST):
                yield line.removesuffix(b"\n")
    except OSError as error:
        raise UnusableData("ledger.unreadable", file=str(path), reason=error.strerror or str(error)) from error
