"""Puts a pack to use: the plant file, the books and the ledger together, or none of them; and takes it back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import msgspec
from sqlalchemy import select

from lineside.books import Books
from lineside.errors import ConfigurationError, LinesideError
from lineside.exchange import Foreseen
from lineside.node.packs.draft import PackDraft
from lineside.node.packs.records import AppliedRecord
from lineside.plant import PLANT_FILE
from lineside.trust import HERE, Fact, Kind, Ledger

_ABOUT = "plant"


@dataclass(frozen=True, slots=True)
class Applied:
    """A pack in use, or one that was. Times in microseconds since 1970."""

    id: int
    pack: str
    values: Mapping[str, Any]
    at_us: int
    before_sha256: str
    after_sha256: str
    month: str
    foreseen: Foreseen | None
    cost_cny: float | None
    told: int | None
    ended_us: int | None
    ended_month: str | None
    restored: bool
    ended_told: int | None
    measured: Mapping[str, Any] | None
    measured_us: int | None

    @classmethod
    def of(cls, record: AppliedRecord) -> Self:
        """What a record says."""
        foreseen = None if record.foreseen is None else msgspec.convert(record.foreseen, Foreseen)
        kept = {one: getattr(record, one) for one in cls.__slots__ if one != "foreseen"}
        return cls(**kept, foreseen=foreseen)

    @property
    def in_use(self) -> bool:
        """Whether it was not given up."""
        return self.ended_us is None


@dataclass(slots=True)
class Uses:
    """The packs that were put to use in one folder. `now`: microseconds since 1970; `written` follows a new file."""

    folder: Path
    books: Books
    ledger: Ledger
    now: Callable[[], int]
    written: Callable[[], object]
    _file: Path = field(init=False)

    def __post_init__(self) -> None:
        self._file = self.folder / PLANT_FILE

    def all(self) -> list[Applied]:
        """The newest first."""
        with self.books.reading() as rows:
            return [Applied.of(one) for one in rows.scalars(select(AppliedRecord).order_by(AppliedRecord.id.desc()))]

    def get(self, number: int) -> Applied:
        """One of them. Raises ConfigurationError where there is none."""
        with self.books.reading() as rows:
            record = rows.get(AppliedRecord, number)
            if record is None:
                raise ConfigurationError("solutions.not_applied", number=number)
            return Applied.of(record)

    def require(self, draft: PackDraft, seen: str) -> None:
        """Raises ConfigurationError where a draft must not be applied.

        That is where the plant file is no longer the one that was looked at (`seen`, its SHA-256), where it would be
        refused, where the hub withdrew the pack or a newer edition is here, and where the pack is in use already.
        """
        kept = draft.kept
        if draft.plant.before_sha256 != seen:
            raise ConfigurationError("solutions.file_changed", file=PLANT_FILE)
        if draft.plant.findings:
            first = draft.plant.findings[0]
            told = f"{first.line}: {first.key} {first.sentence()}".strip()
            raise ConfigurationError("solutions.findings", count=len(draft.plant.findings), first=told)
        if kept.listed is not None and kept.listed.withdrawn:
            raise ConfigurationError("solutions.withdrawn", pack=draft.pack.id)
        if not kept.newest:
            raise ConfigurationError("solutions.old_edition", pack=draft.pack.id, edition=draft.pack.edition)
        if any(one.in_use and (one.pack, one.values) == (kept.sha256, dict(draft.choices)) for one in self.all()):
            raise ConfigurationError("solutions.in_use", pack=draft.pack.id)

    def apply(
        self,
        draft: PackDraft,
        seen: str,
        month: str,
        foreseen: Foreseen | None = None,
        cost_cny: float | None = None,
        who: str = HERE,
    ) -> Applied:
        """Writes the plant file of a draft; the old text is kept here. `month` is the first whole one after.

        Raises what `require` raises, and LinesideError where the file cannot be written; then nothing has changed.
        """
        self.require(draft, seen)
        plant = draft.plant
        with self._swapped() as swap, self.books.session() as rows:
            record = AppliedRecord(
                pack=draft.kept.sha256,
                values=dict(draft.choices),
                at_us=self.now(),
                by=who,
                before=plant.before,
                before_sha256=plant.before_sha256,
                after_sha256=plant.after_sha256,
                month=month,
                foreseen=None if foreseen is None else msgspec.to_builtins(foreseen),
                cost_cny=cost_cny,
                restored=False,
            )
            rows.add(record)
            facts: dict[str, Fact] = {
                "sha256": draft.kept.sha256,
                "before": plant.before_sha256,
                "after": plant.after_sha256,
            }
            self.ledger.write(rows, Kind.PACK_APPLIED, who=who, about=_ABOUT, **facts)
            rows.flush()
            applied = Applied.of(record)
            if plant.changes:
                swap(plant.before, plant.after)
        self.written()
        return applied

    def end(self, number: int, month: str, *, restore: bool, who: str = HERE) -> Applied:
        """Gives a pack up; with `restore` the plant file of before is put back. `month`: the first whole one without.

        Raises ConfigurationError where it was given up before, or the file was changed since it was applied.
        """
        with self._swapped() as swap, self.books.session() as rows:
            record = rows.get(AppliedRecord, number)
            if record is None or record.ended_us is not None:
                raise ConfigurationError("solutions.not_applied", number=number)
            record.ended_us, record.ended_month, record.ended_by = self.now(), month, who
            record.restored = restore
            facts: dict[str, Fact] = {"sha256": record.pack, "restored": restore}
            self.ledger.write(rows, Kind.PACK_ENDED, who=who, about=_ABOUT, **facts)
            rows.flush()
            ended = Applied.of(record)
            if restore and record.before_sha256 != record.after_sha256:
                swap(self._expected(record.after_sha256), record.before)
        self.written()
        return ended

    def note(self, number: int, **fields: Any) -> Applied:
        """The same with some fields changed."""
        with self.books.session() as rows:
            record = rows.get_one(AppliedRecord, number)
            for name, value in fields.items():
                setattr(record, name, value)
            rows.flush()
            return Applied.of(record)

    def _expected(self, digest: str) -> bytes:
        """The plant file, where it has this SHA-256. Raises ConfigurationError where it has not."""
        content = self._file.read_bytes() if self._file.is_file() else b""
        if sha256(content).hexdigest() != digest:
            raise ConfigurationError("solutions.file_changed", file=PLANT_FILE)
        return content

    @contextmanager
    def _swapped(self) -> Iterator[Callable[[bytes, bytes], None]]:
        """Gives what puts a text in the place of another; where the books then fail, the other one comes back."""
        done = list[tuple[bytes, bytes]]()

        def swap(before: bytes, after: bytes) -> None:
            self._replace(before, after)
            done.append((before, after))

        try:
            yield swap
        except BaseException:
            for before, after in done:
                self._replace(after, before)
            raise

    def _replace(self, before: bytes, after: bytes) -> None:
        """Puts a text in the place of the plant file, whole, with its rights.

        Raises ConfigurationError where the file is not `before` any more, LinesideError where it cannot be written.
        """
        beside = self._file.with_name(f".{self._file.name}.{os.getpid()}")
        try:
            with beside.open("wb") as file:
                file.write(after)
                file.flush()
                os.fsync(file.fileno())
            self._expected(sha256(before).hexdigest())
            beside.chmod(self._file.stat().st_mode & 0o777)
            beside.replace(self._file)
        except OSError as error:
            reason = error.strerror or str(error)
            raise LinesideError("solutions.unwritten", file=str(self._file), reason=reason) from error
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
