"""What was said in a member's name and not taken: the last of each member, for who can act, and a count for the ledger.

Those that a key of the member signed are kept apart from the others, which anybody may have sent: so nobody can push
out of sight what a member really said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Rows

from lineside.errors import LinesideError
from lineside.exchange import Problem
from lineside.hub.chain import GAP, TOO_EARLY, ForkedError
from lineside.hub.heard import Heard
from lineside.hub.records import RefusedRecord
from lineside.trust import NOBODY, Kind, Ledger

KEPT = 100
"""So many of each member, signed and not signed."""


@dataclass(frozen=True, slots=True)
class Refused:
    """One of them; `member` is whom it concerns, None for nobody known."""

    error: LinesideError
    sha256: str
    line: bytes
    member: int | None = None
    number: int | None = None
    signed: bool = False
    known: bool = False
    """Whether the same was refused before, and is kept already."""

    @classmethod
    def of(
        cls, error: LinesideError, heard: Heard, member: int | None = None, *, signed: bool = False, known: bool = False
    ) -> Refused:
        """What was understood and refused."""
        number = getattr(heard.told, "number", None)
        return cls(error, heard.sha256, heard.line, member, number, signed, known)

    @property
    def kept(self) -> bool:
        """Whether it is for people to see; who is early has done nothing wrong."""
        return self.member is not None and not self.known and self.error.key != TOO_EARLY


def is_kept(rows: Rows, member: int, sha256: str) -> bool:
    """Whether something with this hash is kept already."""
    same = (RefusedRecord.member == member) & (RefusedRecord.sha256 == sha256)
    return rows.scalar(select(RefusedRecord.id).where(same).limit(1)) is not None


def keep(rows: Rows, refused: Sequence[Refused], now_us: int) -> None:
    """Writes down what concerns members, and lets go of the oldest."""
    kept = [one for one in refused if one.kept]
    rows.add_all(_record(one, now_us) for one in kept)
    rows.flush()
    for member, signed in {(one.member, one.signed) for one in kept}:
        mine = (RefusedRecord.member == member) & (RefusedRecord.signed == signed)
        oldest = select(RefusedRecord.id).where(mine).order_by(RefusedRecord.id.desc()).offset(KEPT).limit(1)
        last = rows.scalar(oldest)
        if last is not None:
            rows.execute(delete(RefusedRecord).where(mine, RefusedRecord.id <= last))


def _record(one: Refused, now_us: int) -> RefusedRecord:
    forked = isinstance(one.error, ForkedError)
    return RefusedRecord(
        member=one.member,
        signed=one.signed,
        at_us=now_us,
        number=one.number,
        sha256=one.sha256,
        other=one.error.other if isinstance(one.error, ForkedError) else None,
        why=one.error.key,
        fields=dict(Problem.of(one.error).fields),
        envelope=one.line if forked and one.signed else None,
    )


def count(ledger: Ledger, refused: Sequence[Refused], address: str | None) -> None:
    """Notes them for the ledger, summed by minute; a gap or who is early is no misdeed."""
    for one in refused:
        if one.error.key not in (GAP, TOO_EARLY):
            about = "hub" if one.member is None else f"member/{one.member}"
            who = about if one.signed and one.member is not None else None if address else NOBODY
            ledger.count(Kind.STATEMENT_REFUSED, who=who, address=address, about=about, why=one.error.key)
