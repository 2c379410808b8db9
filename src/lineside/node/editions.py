"""Keeps the plant's editions: notices that the file changed, records a new edition, refuses a broken one."""

from __future__ import annotations

from datetime import datetime, time
from functools import lru_cache
from pathlib import Path

from lineside.books import Books, editions, mark_live, record_edition
from lineside.errors import ConfigurationError
from lineside.plant import (
    PLANT_FILE,
    Edition,
    Finding,
    Plant,
    PlantFileError,
    Timeline,
    microseconds,
    parse_plant,
    read_plant,
)


@lru_cache(maxsize=32)
def _plant_of(text: str) -> Plant:
    return parse_plant(text)


class Editions:
    """The timeline of a plant folder, kept in its books."""

    def __init__(self, folder: Path, books: Books) -> None:
        self.folder = folder
        self._books = books
        self._seen: tuple[int, int] | None = None
        self.timeline = Timeline(())
        self.refused: PlantFileError | None = None

    def notice(self, now: int) -> bool:
        """Reads the file when it changed. True when a new edition came into force.

        The first call raises what is wrong with the file. Later a broken file is kept in `refused` and the
        edition in force stays; so it does without a file, or while nothing can be recorded.
        """
        try:
            stat = (self.folder / PLANT_FILE).stat()
            seen = (stat.st_mtime_ns, stat.st_size)
        except OSError:
            seen = None
        if seen == self._seen and self.timeline.editions:
            return False
        try:
            text = read_plant(self.folder)
        except ConfigurationError as error:
            if not self.timeline.editions:
                raise
            self.refused, self._seen = _refusal(error, self.folder / PLANT_FILE), seen
            return False
        with self._books.session() as session:
            record = record_edition(session, text.text, noticed_us=now, valid_from_us=_valid_from(text.plant))
            known = {e.number for e in self.timeline.editions}
            stored = [(e.number, e.valid_from_us, e.sha256, e.text) for e in editions(session)]
            new = record.number not in known
            session.commit()
        self.refused, self._seen = None, seen
        self.timeline = Timeline(tuple(Edition(n, v, s, _plant_of(t)) for n, v, s, t in stored))
        return new

    def mark_live(self, now: int) -> None:
        """Notes that the newest edition has judged live facts: from now on a change begins a new period."""
        with self._books.session() as session:
            mark_live(session, self.timeline.editions[-1].number, now)
            session.commit()


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
