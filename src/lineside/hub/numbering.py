"""Numbers that a hub gives, never twice: where its books are older than what it gave, they begin higher from then on.

A member's number, and that of a question, a sandbox or a sum stand in what others keep. After an older backup came back
nobody at the hub knows which were given since; so numbering jumps, and an entry of the ledger says so. Nor does it know
what it told of the months that were ripe by then: told again, of other members or corrected values, it could be
subtracted from what was told before. So it says nothing more of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm import Session as Rows

from lineside.books import Books, durable
from lineside.errors import ConfigurationError
from lineside.hub.records import NumberRecord
from lineside.trust import NODE, Asked, Fact, Kind, Ledger

Numbered: TypeAlias = Literal["member", "question", "sandbox", "sum"]
MARK_FILE = "hub.mark"
"""How far the ledger was when the hub last looked."""
JUMP = 1000
_MONTH = "month"


class Mark(Struct, frozen=True):
    """Size and root of the ledger at some moment, beside the books: by it older books are known."""

    size: int
    root: str


def following(rows: Rows, name: Numbered, highest: int) -> int:
    """The next number of a kind, where `highest` is the last one in the books."""
    least = rows.scalar(select(NumberRecord.least).where(NumberRecord.name == name))
    return max(highest + 1, least or 1)


def restored(folder: Path, ledger: Ledger) -> bool:
    """Whether the books are of a backup that this folder did not go on from yet.

    Raises ConfigurationError for a mark that cannot be read.
    """
    mark = _read(folder / MARK_FILE)
    with ledger.stored() as now:
        last = now.page(Asked(kinds=[Kind.RESTORED.value, Kind.RENUMBERED.value]), 1)
        behind = mark is not None and (now.size < mark.size or now.root(mark.size).hex() != mark.root)
    return behind or bool(last and last[0]["kind"] == Kind.RESTORED)


def told_from(rows: Rows) -> int:
    """The first month (since the year 0) of which nothing can have been told before the books came back; 0 for all."""
    return rows.scalar(select(NumberRecord.least).where(NumberRecord.name == _MONTH)) or 0


def jump(books: Books, ledger: Ledger, columns: dict[Numbered, InstrumentedAttribute[int]], ripe: int) -> None:
    """Lets each numbering begin higher than what could have been given since the backup; `columns` hold the numbers.

    `ripe` is the last month of which something may have been told.
    """
    with books.session() as rows:
        told: dict[str, Fact] = {}
        for name, column in columns.items():
            least = following(rows, name, rows.scalar(select(func.max(column))) or 0) + JUMP
            rows.merge(NumberRecord(name=name, least=least))
            told[name] = least
        rows.merge(NumberRecord(name=_MONTH, least=ripe + 1))
        ledger.write(rows, Kind.RENUMBERED, who=NODE, about="hub", **told)


def mark(folder: Path, ledger: Ledger) -> None:
    """Writes down how far the ledger is, in a file beside the books; nothing where it is no further."""
    with ledger.stored() as now:
        size = now.size
        told = Mark(size, now.root(size).hex())
    file = folder / MARK_FILE
    if _read(file) != told:
        fresh = file.with_suffix(".new")
        fresh.unlink(missing_ok=True)  # of a process that ended in between
        with durable(fresh) as writing:
            writing.write(msgspec.json.encode(told) + b"\n")
        fresh.replace(file)


def _read(file: Path) -> Mark | None:
    if not file.exists():
        return None
    try:
        return msgspec.json.decode(file.read_bytes(), type=Mark)
    except msgspec.DecodeError as error:
        raise ConfigurationError("hub.no_mark", file=str(file)) from error
