"""What people said of things and labels, in the books: every version stays, the newest of each counts."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import cast

from sqlalchemy import JSON, Integer, select
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books import Base, Books
from lineside.errors import ConfigurationError
from lineside.trust.grades import Grade, Label, facts
from lineside.trust.judging import Mode, Statement
from lineside.trust.ledger import HERE, Kind, Ledger
from lineside.trust.things import parse_branch

_LABEL = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_LONGEST = 500
SHORTEST_DAYS, LONGEST_DAYS = 2, 36_500


class GradingRecord(Base):
    """One statement, as somebody made it once."""

    __tablename__ = "gradings"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    branch: Mapped[str] = mapped_column(index=True)
    mode: Mapped[str]
    grade: Mapped[int | None]
    labels: Mapped[list[str]] = mapped_column(JSON)
    days: Mapped[float]
    share: Mapped[float]
    reason: Mapped[str]
    by: Mapped[str]
    at_us: Mapped[int]


class LabelRecord(Base):
    """One version of a label."""

    __tablename__ = "labels"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    label: Mapped[str]
    words: Mapped[str]
    least: Mapped[int]
    leaves: Mapped[bool]
    dropped: Mapped[bool]
    keep_days: Mapped[int | None]
    reason: Mapped[str]
    by: Mapped[str]
    at_us: Mapped[int]


@dataclass(frozen=True, slots=True)
class Who:
    """By whom and why something is said."""

    name: str
    reason: str
    who: str = HERE
    """As the ledger names them, `Identity.who`."""


class Gradings:
    """The statements and labels of a plant; what is asked often is in memory. `now_us`: microseconds since 1970."""

    def __init__(self, books: Books, now_us: Callable[[], int], ledger: Ledger | None = None) -> None:
        self._books, self._now = books, now_us
        self._ledger = Ledger(books, now_us) if ledger is None else ledger
        self._lock = threading.Lock()
        self.version = 0
        """Another one after each change."""
        self.statements: tuple[Statement, ...] = ()
        """Those in force."""
        self.labels: tuple[Label, ...] = ()
        """The plant's own and those that are always there."""
        self._read()

    def history(self, branches: Sequence[str]) -> list[Statement]:
        """Every statement ever made of these things and branches, the newest first; withdrawals, too."""
        with self._books.reading() as rows:
            found = rows.scalars(select(GradingRecord).where(GradingRecord.branch.in_(branches)))
            return [_statement(row) for row in sorted(found, key=lambda row: -row.id)]

    def checked(self, wanted: Iterable[Statement]) -> list[Statement]:
        """The statements as they would be kept. Raises ConfigurationError for what cannot be meant."""
        return [self._checked(one) for one in wanted]

    def keep(self, wanted: Sequence[Statement], who: Who) -> None:
        """Keeps statements beside the earlier ones, all or none, for their own reasons or the one given.

        Raises ConfigurationError.
        """
        now = self._now()
        kept = [
            replace(one, reason=_reason(one.reason.strip() or who.reason), by=who.name, at_us=now)
            for one in self.checked(wanted)
        ]
        with self._lock:
            with self._books.session() as rows:
                rows.add_all(
                    GradingRecord(
                        branch=one.branch,
                        mode=one.mode,
                        grade=None if one.grade is None else int(one.grade),
                        labels=sorted(one.labels),
                        days=one.days,
                        share=one.share,
                        reason=one.reason,
                        by=one.by,
                        at_us=one.at_us,
                    )
                    for one in kept
                )
                for one in kept:
                    told = {
                        "mode": one.mode,
                        "grade": str(one.grade or "-"),
                        "labels": ",".join(sorted(one.labels)) or "-",
                    }
                    self._ledger.write(rows, Kind.GRADED, who=who.who, about=one.branch, **told)
            self._read()

    def keep_label(self, label: Label, who: Who) -> None:
        """Makes or changes a label of the plant's own. Raises ConfigurationError."""
        built_in = {one.id for one in facts().labels}
        if not _LABEL.fullmatch(label.id) or label.id in built_in or not 0 < len(label.words.strip()) <= 64:
            raise ConfigurationError("grades.label_name", label=label.id[:40])
        if label.keep_days is not None and not SHORTEST_DAYS <= label.keep_days <= LONGEST_DAYS:
            raise ConfigurationError("grades.label_days", shortest=SHORTEST_DAYS, longest=LONGEST_DAYS)
        self._write_label(label, who, dropped=False)

    def drop_label(self, name: str, who: Who) -> None:
        """Takes a label away that nothing bears any more. Raises ConfigurationError."""
        label = next((one for one in self.labels if one.id == name and one.own), None)
        if label is None:
            raise ConfigurationError("grades.no_label", label=name[:40], known=self._names())
        if used := [one.branch for one in self.statements if name in one.labels]:
            raise ConfigurationError("grades.label_used", label=name, count=len(used), first=used[0])
        self._write_label(label, who, dropped=True)

    def _write_label(self, label: Label, who: Who, *, dropped: bool) -> None:
        with self._lock:
            before = next((one.keep_days for one in self.labels if one.id == label.id), None)
            with self._books.session() as rows:
                rows.add(
                    LabelRecord(
                        label=label.id,
                        words=label.words.strip(),
                        least=int(label.least),
                        leaves=label.leaves,
                        dropped=dropped,
                        keep_days=label.keep_days,
                        reason=_reason(who.reason),
                        by=who.name,
                        at_us=self._now(),
                    )
                )
                least, about = str(label.least), f"label/{label.id}"
                facts_ = {"leaves": label.leaves, "dropped": dropped}
                self._ledger.write(rows, Kind.LABEL, who=who.who, about=about, least=least, **facts_)
                if label.keep_days != before:
                    self._ledger.write(rows, Kind.LABEL_KEEPS, who=who.who, about=about, days=label.keep_days or 0)
            self._read()

    def _checked(self, one: Statement) -> Statement:
        known = {label.id for label in self.labels}
        if unknown := sorted(one.labels - known):
            raise ConfigurationError("grades.no_label", label=unknown[0][:40], known=self._names())
        if one.mode == "whole" and one.labels:
            raise ConfigurationError("grades.whole_labels")
        if not (0 <= one.days <= 36_600 and 0 < one.share <= 1):
            raise ConfigurationError("grades.whole_size")
        return replace(one, branch=parse_branch(one.branch))

    def _names(self) -> str:
        return ", ".join(label.id for label in self.labels)

    def _read(self) -> None:
        """Reads what is in force; the lock is held, or nobody else knows of this yet."""
        with self._books.reading() as rows:
            said = {
                (row.branch, row.mode): row for row in rows.scalars(select(GradingRecord).order_by(GradingRecord.id))
            }
            named = {row.label: row for row in rows.scalars(select(LabelRecord).order_by(LabelRecord.id))}
        self.statements = tuple(one for one in map(_statement, said.values()) if not one.withdrawn)
        own = (_label(row) for row in named.values() if not row.dropped)
        self.labels = (*facts().labels, *own)
        self.version += 1


def _label(row: LabelRecord) -> Label:
    least = Grade(row.least)
    return Label(row.label, row.words, least, row.leaves, keep_days=row.keep_days, said_us=row.at_us)


def _statement(row: GradingRecord) -> Statement:
    return Statement(
        row.branch,
        cast("Mode", row.mode),
        None if row.grade is None else Grade(row.grade),
        frozenset(row.labels),
        row.reason,
        row.by,
        row.at_us,
        row.days,
        row.share,
    )


def _reason(text: str) -> str:
    reason = text.strip()
    if not 0 < len(reason) <= _LONGEST:
        raise ConfigurationError("grades.no_reason", longest=_LONGEST)
    return reason
