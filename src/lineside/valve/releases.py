"""All releases of a plant: asked for, allowed, closed. What changes is in the books before it counts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Rows

from lineside.books import Books
from lineside.errors import ConfigurationError
from lineside.trust import HERE, NODE, Kind, Ledger
from lineside.valve.books import MILLIONTHS
from lineside.valve.records import BudgetRecord
from lineside.valve.release import (
    DOWNLOAD,
    OWNER,
    Approval,
    Closing,
    Release,
    State,
    Terms,
    checked,
    meant,
    own_people,
)
from lineside.valve.release_records import ApprovalRecord, LastRecord, ReleaseRecord, ValveRecord

May = Callable[[int], bool]
"""Whether an account may allow releases now."""


class Releases:
    """The releases, and whether the whole valve is closed. `now_us`: microseconds since 1970."""

    def __init__(self, books: Books, now_us: Callable[[], int], may: May, ledger: Ledger) -> None:
        self._books, self.now, self.may, self._ledger = books, now_us, may, ledger
        self._lock = threading.RLock()
        self.version = 0
        """Another one after each change."""
        self.all: Mapping[int, Release] = {}
        self.closed: Closing | None = None
        """Why nothing leaves at all; None while the valve is open."""
        self.latest_us = 0
        """The latest time that anything was noted at: a clock before it was set back."""
        self._unkept: ValveRecord | None = None
        """A closing of the valve that could not be written down yet."""
        self._unkept_of: dict[int, Closing] = {}
        """The same of single releases."""
        self._seen: object = None
        self._begin()
        self._read()

    def get(self, number: int) -> Release:
        """A release by its number. Raises ConfigurationError."""
        if number not in self.all:
            raise ConfigurationError("valve.no_release", number=number)
        return self.all[number]

    def state(self, release: Release) -> State:
        """Where a release stands now."""
        return release.state(self.now(), self.may)

    def open_on(self, flow: str, address: str) -> list[Release]:
        """The open releases of a way, the newest first."""
        own = [one for one in self.all.values() if (one.terms.flow, one.terms.address) == (flow, address)]
        return [one for one in reversed(own) if self.state(one) is State.OPEN]

    def noise_beside(self, number: int | None = None) -> float:
        """The epsilon of all other releases with noise: what they may cost, or cost, where they are over.

        All count, whatever they tell, as figures of different places are made of the same machines; so what is told
        with noise of one contributor's data of one period is bounded by the sum (sequential composition).
        """
        others = [
            one
            for one in self.all.values()
            if one.id != number and one.terms.shaping and one.terms.shaping.how == "noise"
        ]
        over = {f"release/{one.id}" for one in others if self.state(one) in (State.CLOSED, State.ENDED)}
        spent = 0.0
        if over:
            with self._books.reading() as rows:
                spent = (
                    rows.scalar(select(func.sum(BudgetRecord.spent)).where(BudgetRecord.name.in_(over))) or 0
                ) / MILLIONTHS
        return spent + sum(
            one.terms.shaping.budget for one in others if one.terms.shaping and f"release/{one.id}" not in over
        )

    def ask(self, terms: Terms, things: Iterable[str], by: int) -> Release:
        """Asks for a release, which somebody has yet to allow. Raises ConfigurationError."""
        kept, now = checked(terms, self.now()), self.now()
        found = meant(kept, things)
        with self._lock:
            with self._books.session() as rows:
                record = ReleaseRecord(terms=kept.json(), things=sorted(found), made_us=now, by=by)
                rows.add(record)
                rows.flush()
                number = record.id
                asked = _release(record, ())
                told = {"flow": kept.flow, "grade": str(kept.grade), "digest": asked.digest}
                self._tell(rows, Kind.RELEASE_ASKED, by, f"release/{number}", told)
            self._read()
        return self.all[number]

    def allow(self, number: int, digest: str, by: int) -> Release:
        """One person allows what they were shown, which `digest` names. Raises ConfigurationError."""
        with self._lock:
            release = self.get(number)
            why = self.why_not_allow(release, by)
            if why is None and digest != release.digest:
                why = ConfigurationError("valve.not_what_was_shown", number=number)
            if why is not None:
                raise why
            with self._books.session() as rows:
                rows.add(ApprovalRecord(release_id=number, by=by, at_us=self.now(), digest=digest))
                self._tell(rows, Kind.RELEASE_ALLOWED, by, f"release/{number}", {"digest": digest})
            self._read()
        return self.all[number]

    def why_not_allow(self, release: Release, by: int) -> ConfigurationError | None:
        """Why somebody may not allow a release now; None: they may."""
        number, needed, allowed = release.id, release.terms.approvals, release.allowed_by(self.may)
        if not self.may(by):
            return ConfigurationError("valve.may_not_allow")
        if self.state(release) not in (State.WAITING, State.TO_COME, State.OPEN):
            return ConfigurationError("valve.over", number=number)
        if by in allowed:
            return ConfigurationError("valve.allowed_already", number=number)
        if needed > 1 and by == OWNER:
            return ConfigurationError("valve.needs_accounts")
        if needed > 1 and by == release.by and len(allowed) + 1 >= needed:
            return ConfigurationError("valve.asked_by_you", number=number)
        return None

    def close(self, number: int, by: int | None, key: str = "valve.closed_by_hand", **fields: object) -> Release:
        """Closes a release for good. Closing one that is closed changes nothing. Raises ConfigurationError.

        It holds at once, and also where it cannot be written down, which `notice` then tries again.
        """
        with self._lock:
            release = self.get(number)
            if release.closing is not None:
                return release
            self._unkept_of[number] = closing = Closing(self.now(), by, key, dict(fields))
            self.all = {**self.all, number: replace(release, closing=closing)}
            self.version += 1
            self._keep_closings()
            self._read()
        return self.all[number]

    def open(self, by: int) -> None:
        """Opens the whole valve again; releases that were closed stay so. Says, too, that the clock is right.

        Raises ConfigurationError for who may not.
        """
        if not self.may(by):
            raise ConfigurationError("valve.may_not_allow")
        with self._lock:
            self._write(ValveRecord(at_us=self.now(), closed=False, by=by, key="valve.opened", fields={}))
            self._unkept = None
            self._read()
            self.latest_us = self.now()

    def shut(self, by: int | None, key: str = "valve.shut_by_hand", **fields: object) -> None:
        """Closes the whole valve, for as long as nobody opens it, over any restart.

        It holds at once, and also where it cannot be written down, which `notice` then tries again.
        """
        with self._lock:
            record = ValveRecord(at_us=self.now(), closed=True, by=by, key=key, fields=dict(fields))
            self._unkept, self.closed = record, _closed(record)
            self.version += 1
            self._keep_closings()
            self._read()

    def notice(self) -> None:
        """Takes what another process has written, such as a command that closed the valve. Call it each second."""
        with self._lock:
            try:
                self._keep_closings()
            finally:
                with self._books.reading() as rows:
                    seen = _marks(rows)
                if seen != self._seen:
                    self._read()

    def _keep_closings(self) -> None:
        """Writes down what is closed and was not written down yet, the whole valve first."""
        if (record := self._unkept) is not None:
            self._write(
                ValveRecord(at_us=record.at_us, closed=True, by=record.by, key=record.key, fields=record.fields)
            )
            self._unkept = None
        for number, closing in list(self._unkept_of.items()):
            self._write_closing(number, closing)
            del self._unkept_of[number]

    def _write_closing(self, number: int, closing: Closing) -> None:
        """Writes a closing down, unless another process has closed the release meanwhile."""
        with self._books.session() as rows:
            record = rows.get_one(ReleaseRecord, number)
            if record.closed_us is None:
                record.closed_us, record.closed_by = closing.at_us, closing.by
                record.closed_key, record.closed_fields = closing.key, dict(closing.fields)
                self._tell(rows, Kind.RELEASE_CLOSED, closing.by, f"release/{number}", {"why": closing.key})

    def _write(self, record: ValveRecord) -> None:
        kind, by, why = Kind.VALVE_SHUT if record.closed else Kind.VALVE_OPENED, record.by, {"why": record.key}
        with self._books.session() as rows:
            rows.add(record)
            self._tell(rows, kind, by, "valve", why)

    def _begin(self) -> None:
        """Makes the release of the plant's own people, where there never was one."""
        with self._books.session() as rows:
            found = rows.scalars(select(ReleaseRecord)).all()
            self.latest_us = max((_last_us(rows), *(one.made_us for one in found)))
            if not any(one.terms["flow"] == DOWNLOAD for one in found):
                record = ReleaseRecord(terms=own_people().json(), things=[], made_us=self.now(), by=OWNER)
                rows.add(record)
                rows.flush()
                told = {"flow": DOWNLOAD, "grade": str(own_people().grade), "digest": _release(record, ()).digest}
                self._tell(rows, Kind.RELEASE_ASKED, None, f"release/{record.id}", told)

    def _tell(self, rows: Rows, kind: Kind, by: int | None, about: str, facts: Mapping[str, str]) -> None:
        """Writes into the ledger, with the change it tells of; 0 is who sits at the machine, None the valve itself."""
        who = NODE if by is None else f"account/{by}" if by else HERE
        self._ledger.write(rows, kind, who=who, about=about, **facts)

    def _read(self) -> None:
        with self._books.reading() as rows:
            allowed: dict[int, list[Approval]] = {}
            for row in rows.scalars(select(ApprovalRecord).order_by(ApprovalRecord.id)):
                allowed.setdefault(row.release_id, []).append(Approval(row.by, row.at_us, row.digest))
            found = rows.scalars(select(ReleaseRecord).order_by(ReleaseRecord.id))
            self.all = {row.id: _release(row, allowed.get(row.id, ()), self._unkept_of.get(row.id)) for row in found}
            self.closed = _closing(rows)
            if self._unkept is not None:
                self.closed = _closed(self._unkept)
            self._seen = _marks(rows)
        self.version += 1


def _release(row: ReleaseRecord, allowed: Iterable[Approval], closing: Closing | None = None) -> Release:
    """A release as it is written down, or closed by what is not written down yet."""
    if row.closed_us is not None:
        closing = Closing(row.closed_us, row.closed_by, row.closed_key or "", row.closed_fields or {})
    terms = Terms.read(row.terms)
    return Release(row.id, terms, frozenset(row.things), row.made_us, row.by, tuple(allowed), closing)


def _closing(rows: Rows) -> Closing | None:
    newest = rows.scalar(select(ValveRecord).order_by(ValveRecord.id.desc()).limit(1))
    if newest is None or not newest.closed:
        return None
    return _closed(newest)


def _closed(record: ValveRecord) -> Closing:
    return Closing(record.at_us, record.by, record.key, record.fields)


def _marks(rows: Rows) -> object:
    """Another value after each change that another process may make."""
    approved, told = (select(func.max(one.id)).scalar_subquery() for one in (ApprovalRecord, ValveRecord))
    return tuple(
        rows.execute(select(func.count(ReleaseRecord.id), func.count(ReleaseRecord.closed_us), approved, told)).one()
    )


def _last_us(rows: Rows) -> int:
    """The latest time at which anything was decided or left."""
    columns = LastRecord.at_us, ApprovalRecord.at_us, ValveRecord.at_us, ReleaseRecord.closed_us
    return max(rows.scalar(select(func.max(one))) or 0 for one in columns)
