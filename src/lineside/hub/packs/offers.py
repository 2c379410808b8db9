"""Answers to needs: a pack, a draft of one, or words; kept, and entered into the ledger by their hash."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from lineside.books import Books
from lineside.errors import ConfigurationError, NotPermitted
from lineside.hub.numbering import numbered
from lineside.hub.packs.needs import Kept
from lineside.hub.packs.records import OfferRecord
from lineside.trust import HERE, Kind, Ledger

MOST_WORDS = 2000
MOST_OFFERS = 50
"""To one need."""
_HIGHEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Offer:
    """An answer to the need that statement `number` of a member is; `by` as the ledger names people."""

    id: int
    member: int
    number: int
    pack: str | None
    draft: int | None
    words: str
    by: str
    at_us: int
    ended_us: int | None


class Offers:
    """All answers. `now_us` is the time in microseconds since 1970."""

    def __init__(self, books: Books, ledger: Ledger, now_us: Callable[[], int]) -> None:
        self._books, self._ledger, self._now = books, ledger, now_us

    def make(
        self, need: Kept, words: str, *, pack: str | None = None, draft: int | None = None, by: str = HERE
    ) -> Offer:
        """A new answer. Raises ConfigurationError for a need that is over, with too many answers, and for none at all.

        That there is such a pack or draft the caller sees to.
        """
        plain = words.strip()
        if not need.open:
            raise ConfigurationError("packs.need_over", need=need.id)
        if len(plain) > MOST_WORDS or not (plain or pack or draft) or (pack and draft):
            raise ConfigurationError("packs.no_offer", most=MOST_WORDS)
        told = need.need
        with self._books.session() as rows:
            if len(_of(rows, told.member, told.number)) >= MOST_OFFERS:
                raise ConfigurationError("packs.many_offers", most=MOST_OFFERS)
            record = OfferRecord(
                id=numbered(rows, "offer", OfferRecord.id),
                member=told.member,
                number=told.number,
                pack=pack,
                draft=draft,
                words=plain,
                by=by,
                at_us=self._now(),
            )
            rows.add(record)
            rows.flush()
            facts = {"number": record.id, "pack": pack, "sha256": sha256(plain.encode()).hexdigest()}
            self._ledger.write(rows, Kind.OFFER_MADE, who=by, about=f"need/{need.id}", **facts)
            return _told(record)

    def end(self, number: int, *, by: str = HERE) -> Offer:
        """It holds no more. Raises NotPermitted for who did not make it, ConfigurationError where there is none."""
        with self._books.session() as rows:
            record = rows.get(OfferRecord, number) if 0 < number <= _HIGHEST else None
            if record is None or record.ended_us is not None:
                raise ConfigurationError("packs.offer_gone", offer=number)
            if record.by != by:
                raise NotPermitted("packs.not_your_offer", offer=number)
            record.ended_us = self._now()
            self._ledger.write(rows, Kind.OFFER_ENDED, who=by, about=f"offer/{number}", number=number)
            return _told(record)

    def of(self, need: Kept) -> list[Offer]:
        """The answers to a need that hold, in the order in which they came."""
        with self._books.reading() as rows:
            return [_told(one) for one in _of(rows, need.need.member, need.need.number)]

    def all(self) -> Mapping[tuple[int, int], list[Offer]]:
        """The same of every need that has answers, by its member and the number of its statement."""
        found: defaultdict[tuple[int, int], list[Offer]] = defaultdict(list)
        with self._books.reading() as rows:
            for one in rows.scalars(select(OfferRecord).where(OfferRecord.ended_us.is_(None)).order_by(OfferRecord.id)):
                found[one.member, one.number].append(_told(one))
        return found


def _of(rows: Rows, member: int, number: int) -> list[OfferRecord]:
    mine = (OfferRecord.member == member) & (OfferRecord.number == number) & OfferRecord.ended_us.is_(None)
    return list(rows.scalars(select(OfferRecord).where(mine).order_by(OfferRecord.id)))


def _told(record: OfferRecord) -> Offer:
    return Offer(
        record.id,
        record.member,
        record.number,
        record.pack,
        record.draft,
        record.words,
        record.by,
        record.at_us,
        record.ended_us,
    )
