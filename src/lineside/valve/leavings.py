"""What left, by release and hour, in the books: how much, the last bytes of each kind, and a hash over all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import func, select

from lineside.books import Books
from lineside.trust import NODE, Kind, Ledger
from lineside.valve.release_records import LastRecord, LeftRecord
from lineside.valve.watch import LOOK_BACK_HOURS, Hour, usual

START = "00" * 32


class Last(NamedTuple):
    """The last parcel of a kind, the first `SHOWN_BYTES` of it, and of the one before it."""

    at_us: int
    form: str
    size: int
    content: bytes
    before: bytes | None


class Total(NamedTuple):
    """What left by one release: in this hour, in all, what is usual in an hour, and the hash over it."""

    hour_us: int = 0
    hour: Hour = Hour()
    bytes: int = 0
    usual: Hour | None = None
    chain: str = START
    closed_hours: tuple[tuple[int, Hour, str], ...] = ()
    """The hours before this one in which something left, each with the hash at its end."""

    def at(self, hour_us: int) -> Total:
        """The same, in this hour: what left in earlier ones tells what is usual."""
        if hour_us == self.hour_us:
            return self
        ended = ((self.hour_us, self.hour, self.chain),) if self.hour.parcels else ()
        hours = (*self.closed_hours, *ended)[-LOOK_BACK_HOURS:]
        known = usual(hour for _, hour, _ in hours)
        return self._replace(hour_us=hour_us, hour=Hour(), closed_hours=hours, usual=known)

    def more(self, size: int) -> Total:
        """The same with one more parcel."""
        hour = Hour(self.hour.parcels + 1, self.hour.bytes + size, max(self.hour.largest, size))
        return Total(self.hour_us, hour, self.bytes + size, self.usual, self.chain, self.closed_hours)

    def chained(self, chain: str) -> Total:
        """The same with the hash over its last parcel, too."""
        return Total(self.hour_us, self.hour, self.bytes, self.usual, chain, self.closed_hours)


def chain_over(chain: str, content: bytes) -> str:
    """The hash over all that left before, and these bytes."""
    return hashlib.sha256(bytes.fromhex(chain) + hashlib.sha256(content).digest()).hexdigest()


class Leavings:
    """Reads and writes what left."""

    def __init__(self, books: Books, ledger: Ledger) -> None:
        self._books, self._ledger = books, ledger

    def of(self, release: int) -> tuple[Total, dict[str, Last]]:
        """What had left by a release when this node started."""
        with self._books.reading() as rows:
            chosen = select(LeftRecord).where(LeftRecord.release_id == release)
            newest = rows.scalars(chosen.order_by(LeftRecord.hour_us.desc()).limit(LOOK_BACK_HOURS)).all()
            left = rows.scalar(select(func.sum(LeftRecord.bytes)).where(LeftRecord.release_id == release))
            shown = rows.scalars(select(LastRecord).where(LastRecord.release_id == release)).all()
        last = {one.what: Last(one.at_us, one.form, one.size, one.content, one.before) for one in shown}
        if not newest:
            return Total(), last
        hours = tuple((row.hour_us, Hour(row.parcels, row.bytes, row.largest), row.chain) for row in reversed(newest))
        (now_us, now, chain), before = hours[-1], hours[:-1]
        return Total(now_us, now, left or 0, usual(hour for _, hour, _ in before), chain, before), last

    def keep(self, left: Iterable[tuple[int, Total, Mapping[str, Last]]]) -> None:
        """Writes what left in the present hour of each release."""
        kept = list(left)
        if not kept:
            return
        with self._books.session() as rows:
            for release, total, last in kept:
                if total.closed_hours:  # its last parcels may have left after it was written down
                    rows.merge(_left(release, *total.closed_hours[-1]))
                rows.merge(_left(release, total.hour_us, total.hour, total.chain))
                for what, one in last.items():
                    rows.merge(LastRecord(release_id=release, what=what, **one._asdict()))

    def forget(self, releases: Iterable[int]) -> None:
        """Forgets the last bytes of some releases, and tells the ledger of how many; how much left stays known."""
        with self._books.session() as rows:
            chosen = list(rows.scalars(select(LastRecord).where(LastRecord.release_id.in_(list(releases)))))
            for one in chosen:
                rows.delete(one)
            if chosen:
                told = {"releases": len({one.release_id for one in chosen}), "kinds": len(chosen)}
                self._ledger.write(rows, Kind.LAST_DROPPED, who=NODE, about="valve", **told)

    def tell(self, before_us: int) -> None:
        """Tells the ledger of the hours that were over before then, each once."""
        untold = select(LeftRecord).where(LeftRecord.hour_us < before_us, LeftRecord.told.is_(False))
        with self._books.session() as rows:
            for row in rows.scalars(untold.order_by(LeftRecord.hour_us, LeftRecord.release_id)).all():
                row.told = True
                self._ledger.write(
                    rows,
                    Kind.LEFT,
                    who=NODE,
                    about=f"release/{row.release_id}",
                    hour_us=row.hour_us,
                    parcels=row.parcels,
                    bytes=row.bytes,
                    chain=row.chain,
                )


def _left(release: int, hour_us: int, hour: Hour, chain: str) -> LeftRecord:
    return LeftRecord(
        release_id=release,
        hour_us=hour_us,
        parcels=hour.parcels,
        bytes=hour.bytes,
        largest=hour.largest,
        chain=chain,
    )
