"""Drafts of packs: made and revised by who offers them; every revision is kept, and who made it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Rows

from lineside.books import Books
from lineside.errors import ConfigurationError, NotPermitted
from lineside.exchange import Catalogue
from lineside.hub.numbering import numbered
from lineside.hub.packs.draft import Draft, decoded_draft, digest, encoded_draft, require_draft
from lineside.hub.packs.records import DraftRecord, RevisionRecord
from lineside.trust import HERE, Kind, Ledger

State: TypeAlias = Literal["open", "published", "dropped"]
MOST_OPEN = 200
"""Drafts that nobody has decided, at a hub."""
_HIGHEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft as it is now. `authors` made its revisions, as the ledger names people; times are microseconds."""

    number: int
    draft: Draft
    state: State
    sha256: str
    at_us: int
    authors: tuple[str, ...]
    revisions: int


class Drafts:
    """All drafts of a hub. `scheme` names the size classes it goes by; `now_us` is the time in microseconds."""

    def __init__(
        self,
        books: Books,
        ledger: Ledger,
        catalogue: Catalogue,
        scheme: Callable[[], str],
        now_us: Callable[[], int],
    ) -> None:
        self._books, self._ledger, self._now = books, ledger, now_us
        self._catalogue, self._scheme = catalogue, scheme

    def get(self, number: int) -> Drafted:
        """One of them. Raises ConfigurationError."""
        with self._books.reading() as rows:
            return drafted(rows, _record(rows, number))

    def listed(self, *, open_only: bool = True) -> list[Drafted]:
        """The newest first."""
        chosen = select(DraftRecord).order_by(DraftRecord.id.desc())
        if open_only:
            chosen = chosen.where(DraftRecord.state == "open")
        with self._books.reading() as rows:
            return [drafted(rows, one) for one in rows.scalars(chosen)]

    def begin(self, draft: Draft, *, by: str = HERE) -> Drafted:
        """A new draft. Raises DraftRefused, and ConfigurationError where too many are open."""
        require_draft(draft, self._catalogue, self._scheme())
        with self._books.session() as rows:
            waiting = select(func.count()).select_from(DraftRecord).where(DraftRecord.state == "open")
            if (rows.scalar(waiting) or 0) >= MOST_OPEN:
                raise ConfigurationError("packs.too_many", most=MOST_OPEN)
            number = numbered(rows, "draft", DraftRecord.id)
            record = DraftRecord(id=number, pack=draft.id, state="open", sha256="", at_us=0, content=b"")
            rows.add(record)
            rows.flush()
            return self._keep(rows, record, 1, draft, by)

    def revise(self, number: int, draft: Draft, *, by: str = HERE) -> Drafted:
        """The draft as it is from now on. Raises DraftRefused, and ConfigurationError where it was decided already."""
        require_draft(draft, self._catalogue, self._scheme())
        with self._books.session() as rows:
            record = open_record(rows, number)
            if draft.id != record.pack:
                raise ConfigurationError("packs.other_id", draft=number, id=record.pack)
            return self._keep(rows, record, len(_authors(rows, number)) + 1, draft, by)

    def drop(self, number: int, *, by: str = HERE) -> Drafted:
        """It is not to be published. Raises ConfigurationError where it was decided already."""
        with self._books.session() as rows:
            record = open_record(rows, number)
            record.state = "dropped"
            self._ledger.write(rows, Kind.PACK_DROPPED, who=by, about=f"draft/{number}", sha256=record.sha256)
            return drafted(rows, record)

    def require_author(self, number: int, who: str) -> None:
        """Raises NotPermitted for who made none of its revisions."""
        if who not in self.get(number).authors:
            raise NotPermitted("packs.not_yours", draft=number)

    def _keep(self, rows: Rows, record: DraftRecord, number: int, draft: Draft, by: str) -> Drafted:
        content = encoded_draft(draft)
        record.content, record.sha256, record.at_us = content, digest(content), self._now()
        rows.add(
            RevisionRecord(
                draft_id=record.id,
                number=number,
                at_us=record.at_us,
                by=by,
                sha256=record.sha256,
                content=content,
            )
        )
        about = f"draft/{record.id}"
        self._ledger.write(rows, Kind.PACK_DRAFTED, who=by, about=about, number=number, sha256=record.sha256)
        rows.flush()
        return drafted(rows, record)


def open_record(rows: Rows, number: int) -> DraftRecord:
    """The record of a draft that nobody decided. Raises ConfigurationError."""
    record = _record(rows, number)
    if record.state != "open":
        raise ConfigurationError("packs.decided", draft=number)
    return record


def drafted(rows: Rows, record: DraftRecord) -> Drafted:
    """A draft as its record tells it."""
    authors = _authors(rows, record.id)
    return Drafted(
        record.id,
        decoded_draft(record.content),
        cast("State", record.state),
        record.sha256,
        record.at_us,
        tuple(dict.fromkeys(authors)),
        len(authors),
    )


def _record(rows: Rows, number: int) -> DraftRecord:
    record = rows.get(DraftRecord, number) if 0 < number <= _HIGHEST else None
    if record is None:
        raise ConfigurationError("packs.no_draft", draft=number)
    return record


def _authors(rows: Rows, number: int) -> list[str]:
    """Who made each revision."""
    mine = select(RevisionRecord.by).where(RevisionRecord.draft_id == number).order_by(RevisionRecord.number)
    return list(rows.scalars(mine))
