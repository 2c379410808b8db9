"""Keeps the plant's editions: notices that the file changed, records a new edition, refuses a broken one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from threading import RLock

from lineside.books import Books, EditionTooEarly, editions, mark_live, record_edition
from lineside.errors import ConfigurationError
from lineside.orders import Ledger
from lineside.plant import (
    PLANT_FILE,
    Edition,
    Finding,
    Plant,
    PlantFileError,
    PlantText,
    Timeline,
    microseconds,
    moment,
    read_plant,
)
from lineside.trust import Kind
from lineside.trust import Ledger as SignedLedger

_NEVER = 2**62


class Editions:
    """The timeline of a plant folder, kept in its books."""

    def __init__(self, folder: Path, books: Books, signed: SignedLedger) -> None:
        self.folder = folder
        self._books = books
        self._signed = signed
        self.ledger = Ledger(books)
        """What was told from elsewhere, as far as the timeline knows it."""
        self._seen: tuple[int, int] | None = None
        self._again_at = _NEVER
        self.timeline = Timeline(())
        self.refused: PlantFileError | None = None
        self._lock = RLock()

    def notice(self, now: int) -> bool:
        """Reads the file when it changed. True when a new edition came into force.

        The first call raises what is wrong with the file. Later a broken file is kept in `refused` and the
        edition in force stays; so it does without a file, while nothing can be recorded, and, from the first
        call on, while a file's time has not come: that is taken up when it has.
        """
        with self._lock:
            self.hear()
            return self._notice(now)

    def _notice(self, now: int) -> bool:
        path = self.folder / PLANT_FILE
        seen = _stamp(path)
        if self.timeline.editions and seen == self._seen and now < self._again_at:
            return False
        again_at, refused = _NEVER, None
        try:
            told = read_plant(self.folder)
        except ConfigurationError as error:
            if not self.timeline.editions:
                raise
            new, refused = False, _refusal(error, path)
        else:
            try:
                new = self._record(told, now)
            except EditionTooEarly as early:
                new, refused, again_at = False, _not_yet(early, told, path, now), early.until_us
            self._load()
        self._seen, self._again_at, self.refused = seen, again_at, refused
        return new

    def hear(self) -> None:
        """Takes up orders and products that were told since: facts are judged by them from now on."""
        with self._lock:
            if self.ledger.refresh():
                told = self.ledger.told
                self.timeline = Timeline(tuple(replace(edition, told=told) for edition in self.timeline.editions))

    def _record(self, told: PlantText, now: int) -> bool:
        with self._books.session() as session:
            known = {edition.number for edition in editions(session, self._newest)}
            record = record_edition(session, told.text, noticed_us=now, valid_from_us=_valid_from(told.plant))
            if record.number > self._newest and record.number not in known:
                self._signed.write(session, Kind.EDITION, about="plant", number=record.number, sha256=record.sha256)
            return record.number > self._newest

    def _load(self) -> None:
        """Adds what the books hold and the timeline does not."""
        with self._books.reading() as session:
            new = [
                Edition(e.number, e.valid_from_us, e.sha256, e.text, self.ledger.told)
                for e in editions(session, self._newest)
            ]
        if new:
            self.timeline = Timeline((*self.timeline.editions, *new))

    @property
    def _newest(self) -> int:
        return self.timeline.editions[-1].number if self.timeline.editions else 0

    def mark_live(self, now: int) -> None:
        """Notes that the newest edition has judged live facts: from now on a change begins a new period."""
        with self._books.session() as session:
            mark_live(session, self._newest, now)


def _stamp(path: Path) -> tuple[int, int] | None:
    """What tells that a file changed; None without one."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def _not_yet(early: EditionTooEarly, told: PlantText, path: Path, now: int) -> PlantFileError:
    """Why the file waits, as a finding."""
    fields = {"until": _clock(early.until_us, told.plant), "now": _clock(now, told.plant)}
    if early.number is None:
        finding = Finding(told.line("valid_from"), "valid_from", "node.edition_future", fields)
    else:
        finding = Finding(1, "", "node.clock_back", {**fields, "number": early.number})
    return PlantFileError(path, [finding])


def _clock(us: int, plant: Plant) -> str:
    return f"{moment(us, plant.site.zone):%Y-%m-%d %H:%M:%S}"


def _refusal(error: ConfigurationError, path: Path) -> PlantFileError:
    """What is wrong with the file as findings, also where there is no file to find anything in."""
    return (
        error if isinstance(error, PlantFileError) else PlantFileError(path, [Finding(1, "", error.key, error.fields)])
    )


def _valid_from(plant: Plant) -> int | None:
    given = plant.valid_from
    if given is None:
        return None
    moment = given if isinstance(given, datetime) else datetime.combine(given, time())
    return microseconds(moment if moment.tzinfo else moment.replace(tzinfo=plant.site.zone))
