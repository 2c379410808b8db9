"""Files on schedule: each release of them tells a period when it is over, once, past the valve.

What is told is judged after all that was told before, recorded and paid for; then the bytes are handed to the outlet;
then they are written, whole or not at all. A period that could not be told stays untold.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from lineside.books import Books, durable, sync_folder
from lineside.errors import ConfigurationError, LinesideError, NotPermitted
from lineside.history import History
from lineside.jobs import JobContext, Json
from lineside.node.outbox_table import RELATED, Made, Period, files_json, made, noise, periods, wanted
from lineside.plant import Timeline
from lineside.trust import NODE, Kind, Ledger, Parcel, Withheld
from lineside.valve import (
    FILE,
    BudgetRecord,
    FileRecord,
    Published,
    Release,
    Rules,
    State,
    ToldRecord,
    Valve,
    budget_left,
    grant,
    published,
    record,
    spend,
)

FILES = "files"
"""The kind of the job."""
OUTBOX = "outbox"
AFTER_US = 600_000_000
"""So long after the end of a period its file is made: what machines said late is in it."""
_DAY_US = 86_400_000_000
_MANIFEST = "lineside.release-file/1"
_ENDINGS = (".csv", ".json", ".manifest.json")
_CSV, _JSON = "text/csv; charset=utf-8", "application/json"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Due:
    """A period that a release has yet to tell."""

    release: Release
    period: Period


class Outbox:
    """The folder of files that leave, and what became of each period."""

    def __init__(
        self,
        folder: Path,
        books: Books,
        history: History,
        timeline: Callable[[], Timeline],
        valve: Valve,
        ledger: Ledger,
    ) -> None:
        self.folder = folder / OUTBOX
        self._books, self._history, self._timeline = books, history, timeline
        self._valve, self._ledger = valve, ledger

    def due(self) -> list[Due]:
        """The periods that are over and untold, of each open release, the oldest first."""
        now, plant, found = self._valve.releases.now(), self._timeline().newest, []
        for release in self._valve.releases.all.values():
            every = release.terms.every
            if release.terms.flow != FILE or every is None or self._valve.releases.state(release) is not State.OPEN:
                continue
            over = list(periods(every, release.terms.since_us, now - AFTER_US, plant))
            if over:
                done = {one.period for one in self.became(release) if one.state != "begun"}
                found += [Due(release, one) for one in over if one.name not in done]
        return found

    def became(self, release: Release) -> list[FileRecord]:
        """What became of each period of a release, the newest first."""
        chosen = select(FileRecord).where(FileRecord.release_id == release.id)
        with self._books.reading() as rows:
            found = list(rows.scalars(chosen.order_by(FileRecord.until_us.desc())))
            rows.expunge_all()
        return found

    def left_of_budget(self, release: Release) -> float | None:
        """The epsilon that a release may still spend; None for one without noise."""
        shaping = release.terms.shaping
        if shaping is None or shaping.how != "noise":
            return None
        with self._books.reading() as rows:
            name = _called(release)
            there = rows.scalar(select(BudgetRecord.id).where(BudgetRecord.name == name))
            return shaping.budget if there is None else budget_left(rows, name)

    def work(self, context: JobContext, _: Json) -> dict[str, Any]:
        """The job: tells every period that is due, once."""
        told: dict[str, int] = {}
        for one in self.due():
            context.check()
            state = self.tell(one)
            told[state] = told.get(state, 0) + 1
        return told

    def tell(self, due: Due) -> str:
        """Tells one period; gives what became of it. Raises LinesideError only where that cannot be written down."""
        release, period = due.release, due.period
        with self._books.reading() as rows:
            if rows.get(FileRecord, (release.id, period.name)) is not None:  # what was paid is not known to have left
                return self._end(due, "failed", ConfigurationError("valve.file_broke_off"))
        try:
            self._ask(release, period)
            index, content = self._paid(due)
        except NotPermitted as why:
            return self._end(due, "withheld", why)
        except ConfigurationError as why:
            return self._end(due, "failed", why)
        try:
            for parcel in _parcels(release, period, content):
                self._valve.let_out(parcel)
            self._write(release.terms.address, content)
        except Withheld as why:
            return self._end(due, "withheld", why)
        except OSError as error:
            reason = error.strerror or str(error)
            why_not = LinesideError("valve.file_unwritten", folder=release.terms.address, reason=reason)
            _log.error("%s (release %d, %s, entry %d)", why_not, release.id, period.name, index)
            return self._end(due, "failed", why_not)
        return self._end(due, "left")

    def _ask(self, release: Release, period: Period) -> None:
        """Raises Withheld where the valve would not let it out: then nothing is paid."""
        terms = release.terms
        parcel = _parcel(release, period, "", b"", "")
        why = self._valve.why_not(terms.flow, terms.address) or self._valve.would(release, parcel)
        if why is not None:
            self._valve.refuse(parcel, why)
        self._within(terms.address)

    def _paid(self, due: Due) -> tuple[int, dict[str, bytes]]:
        """Records and pays, all or nothing; the files, each under its name. Noise is drawn when that is on disk."""
        release, period = due.release, due.period
        judged = self._made(release, period)
        now = self._valve.releases.now()
        with self._books.session() as rows:
            if judged.verdict is not None:
                record(rows, judged.verdict, release=_called(release), told_us=now)
            if judged.epsilon:
                self._pay(rows, release, judged.epsilon, now)
            begun = _row(due, "begun", now)
            rows.add(begun)
            index = self._ledger.write(
                rows, Kind.RELEASE_FILE, who=NODE, about=_called(release), period=period.name, digest=release.digest
            )
        last = self._made(release, period, draw=True) if judged.epsilon else judged
        if last.epsilon > judged.epsilon:  # something came in between, for which nothing is paid
            raise NotPermitted("valve.overtaken", recipient=release.terms.recipient)
        return index, self._files(release, last, index, now)

    def _pay(self, rows: Rows, release: Release, epsilon: float, now: int) -> None:
        name, shaping = _called(release), release.terms.shaping
        if shaping is not None and rows.scalar(select(BudgetRecord.id).where(BudgetRecord.name == name)) is None:
            grant(rows, name, shaping.budget)
        spend(rows, name, epsilon, release=name, spent_us=now)

    def preview(self, release: Release) -> list[Parcel]:
        """What would leave of the last period that is over; noise is not drawn, as that would tell something."""
        plant, now = self._timeline().newest, self._valve.releases.now()
        if (every := release.terms.every) is None or release.terms.flow != FILE:
            return []
        last = list(periods(every, now - 62 * _DAY_US, now, plant))[-1]
        return list(_parcels(release, last, self._files(release, self._made(release, last), None, now)))

    def withheld(self, release: Release, language: str) -> list[str]:
        """Why figures of the last period would be withheld, for the owner alone: it speaks of values."""
        every = release.terms.every
        if every is None or release.terms.shaping is None:
            return []
        now = self._valve.releases.now()
        last = list(periods(every, now - 62 * _DAY_US, now, self._timeline().newest))[-1]
        verdict = self._made(release, last).verdict
        return [] if verdict is None else [verdict.for_owner(one, language) for one in verdict.refused]

    def tidy(self, before_us: int) -> int:
        """Removes the files that left before a moment; how many. What was told in them stays told."""
        gone = 0
        left = select(FileRecord).where(FileRecord.state == "left", FileRecord.at_us < before_us)
        with self._books.reading() as rows:
            old = [(one.release_id, one.period) for one in rows.scalars(left)]
        for number, period in old:
            target = self._within(self._valve.releases.get(number).terms.address)
            for ending in _ENDINGS:
                path = target / f"{_stem(period, number)}{ending}"
                gone += path.is_file()
                path.unlink(missing_ok=True)
        if gone:
            self._ledger.append(Kind.FILES_REMOVED, who=NODE, about=OUTBOX, files=gone)
        return gone

    def _made(self, release: Release, period: Period, *, draw: bool = False) -> Made:
        shaping = release.terms.shaping
        before = Published(Rules())
        if shaping is not None and shaping.how != "noise":
            with self._books.reading() as rows:
                self._one_unit(rows, release)
                before = published(rows, shaping.rules(*RELATED), release.terms.recipient)
        return made(self._history, self._timeline(), release, period, before, noise if draw else None)

    def _one_unit(self, rows: Rows, release: Release) -> None:
        """Raises NotPermitted where figures were told by another unit: differences between them would not be seen."""
        told = {f"release/{one.id}": one.terms.shaping for one in self._valve.releases.all.values()}
        for name in rows.scalars(select(ToldRecord.release).distinct()):
            other, mine = told.get(name), release.terms.shaping
            if other is not None and mine is not None and other.unit != mine.unit:
                raise NotPermitted("valve.other_unit", unit=other.unit, mine=mine.unit)

    def _files(self, release: Release, table: Made, index: int | None, now: int) -> dict[str, bytes]:
        """Both tables, and the manifest, which is written last."""
        plant, stem = self._timeline().newest, _stem(table.period.name, release.id)
        csv, json, manifested = (f"{stem}{ending}" for ending in _ENDINGS)
        tables = {csv: table.csv(plant), json: table.json(plant)}
        shaping = release.terms.shaping
        manifest = {
            "schema": _MANIFEST,
            "release": release.id,
            "digest": release.digest,
            "period": table.period.name,
            "made_ms": None if index is None else now // 1000,
            "ledger_entry": index,
            "shaping": None if shaping is None else shaping.json(),
            "files": {
                name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
                for name, content in tables.items()
            },
        }
        return {**tables, manifested: files_json(manifest)}

    def _within(self, address: str) -> Path:
        """The folder of an address. Raises NotPermitted where it leads outside of the outbox, as a link may."""
        target = self.folder / address
        if target.resolve() != self.folder.resolve() / address:
            raise NotPermitted("valve.file_outside", folder=address)
        return target

    def _write(self, address: str, content: Mapping[str, bytes]) -> None:
        """Writes files beside their names and renames them when all are on disk; else leaves nothing of them."""
        target = self._within(address)
        target.mkdir(parents=True, exist_ok=True)
        beside = {target / f".{name}.part": target / name for name in content}
        try:
            for path, one in zip(beside, content.values(), strict=True):
                path.unlink(missing_ok=True)
                with durable(path) as file:
                    file.write(one)
            for path, name in beside.items():
                path.rename(name)
            sync_folder(target)
        except OSError:
            for path in beside:
                path.unlink(missing_ok=True)
            raise

    def _end(self, due: Due, state: str, why: LinesideError | None = None) -> str:
        key, fields = (None, None) if why is None else (why.key, {n: _plain(v) for n, v in why.fields.items()})
        now = self._valve.releases.now()
        with self._books.session() as rows:
            rows.merge(_row(due, state, now, key, fields))
        return state


def _row(due: Due, state: str, now: int, key: str | None = None, fields: dict[str, Any] | None = None) -> FileRecord:
    return FileRecord(
        release_id=due.release.id,
        period=due.period.name,
        from_us=due.period.from_us,
        until_us=due.period.until_us,
        at_us=now,
        state=state,
        key=key,
        fields=fields,
    )


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | str | None) and not hasattr(value, "name") else str(value)


def _stem(period: str, release: int) -> str:
    """What the files of a period are called before their endings."""
    return f"kpi-{period}-{release}"


def _called(release: Release) -> str:
    return f"release/{release.id}"


def _parcels(release: Release, period: Period, content: Mapping[str, bytes]) -> Iterator[Parcel]:
    """The files as they leave; of the same kind in each period, so that the last can be compared."""
    kinds = (("table", _CSV), ("table as JSON", _JSON), ("manifest", _JSON))
    for (what, form), one in zip(kinds, content.values(), strict=True):
        yield _parcel(release, period, what, one, form)


def _parcel(release: Release, period: Period, what: str, content: bytes, form: str) -> Parcel:
    things = frozenset(f"kpi/{scope}/{kpi}" for scope, kpis in wanted(release).items() for kpi in kpis)
    days = (period.until_us - period.from_us) / _DAY_US
    return Parcel(FILE, release.terms.address, things, content, form, what, days, release.terms.transformation)
