"""The queue of work and the two threads that do it: one what is short, the other what is long."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time as clock
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Self

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lineside.books import Books
from lineside.errors import ConfigurationError, LinesideError
from lineside.jobs.job import Cancelled, Job, JobState, Json, Work
from lineside.jobs.progress import Progress, Reporter
from lineside.jobs.records import JobRecord

_log = logging.getLogger(__name__)

_NICENESS = 10
"""Machines' data is taken first when the processor is short."""

_STARTS = 3
"""How often work is begun that each time ended with the process."""

_HIGHEST = 2**63 - 1
"""The highest number the books can hold."""


class Jobs:
    """Does the jobs of one node in two lanes, each in the order in which they were submitted, one at a time.

    Kinds that are `short` have a lane of their own, so that nobody who waits at a page waits for long work. Of kinds
    that are `apart` never two are done at once, whichever their lanes: one stays queued and the next may go before it.

    It works from `start` or the first `submit` on; who only looks disturbs nothing. Work that the end of the
    node cut off is done again when its kind is `resumable`, which means that it may be begun again without
    harm, but not for ever: the process may have died of it. Other work that was cut off has failed.
    """

    def __init__(
        self,
        books: Books,
        kinds: Mapping[str, Work],
        *,
        resumable: Collection[str] = frozenset(),
        short: Collection[str] = frozenset(),
        apart: Collection[str] = frozenset(),
        retry_s: float = 5.0,
    ) -> None:
        self._books = books
        self._kinds = dict(kinds)
        self._resumable = frozenset(resumable)
        self._short = frozenset(short)
        self._apart = frozenset(apart)
        self._retry_s = retry_s
        self._changed = threading.Condition()
        self._unwanted: set[int] = set()
        self._closing = False
        self._workers: list[threading.Thread] = []

    def start(self) -> None:
        """Begins to work, with what an earlier end of the node cut off; later calls change nothing."""
        with self._changed:
            if not self._workers and not self._closing:
                self._take_up()
                self._workers = [
                    threading.Thread(target=self._work, args=(short,), name=f"lineside-jobs-{name}", daemon=True)
                    for name, short in (("long", False), ("short", True))
                ]
                for worker in self._workers:
                    worker.start()

    def submit(self, kind: str, title: str, params: Json | None = None) -> Job:
        """Queues a job; it is on disk on return."""
        self._work_of(kind)
        self.start()
        with self._books.session() as session:
            job = _add(session, kind, title, params or {}).job()
        self._tell()
        return job

    def keep_up(self, kind: str, title: str, params: Json | None = None) -> None:
        """Queues upkeep, unless it waits or runs already; of what is over the newest alone stays on record."""
        self._work_of(kind)
        self.start()
        with self._books.session() as session:
            before = list(session.scalars(select(JobRecord).where(JobRecord.kind == kind)))
            if not all(JobState(record.state).over for record in before):
                return
            _add(session, kind, title, params or {})  # before the others go, so that no number is used twice
            for record in before:
                session.delete(record)
        self._tell()

    def cancel(self, job_id: int) -> Job:
        """The job, no longer wanted: cancelled at once if queued; if running, as soon as its work looks."""
        with self._books.session() as session:
            record = _record(session, job_id)
            if record.state == JobState.QUEUED:
                record.state, record.finished_us = JobState.CANCELLED.value, _now_us()
            job = record.job()
        if job.state is JobState.RUNNING:
            self._unwanted.add(job_id)
        self._tell()
        return job

    def get(self, job_id: int) -> Job:
        """The job as it stands."""
        with self._books.reading() as session:
            return _record(session, job_id).job()

    def done(self, kind: str, start_us: int, end_us: int) -> list[Json]:
        """The params of the jobs of a kind that were done in [start, end), in that order; results stay unread."""
        mine = (JobRecord.kind == kind) & (JobRecord.state == JobState.DONE.value)
        when = (JobRecord.finished_us >= start_us) & (JobRecord.finished_us < end_us)
        with self._books.reading() as session:
            found = session.scalars(select(JobRecord.params).where(mine, when).order_by(JobRecord.finished_us))
            return [dict(one) for one in found]

    def recent(self, count: int = 20, kind: str | None = None, **params: str) -> list[Job]:
        """The jobs submitted last, the newest first: all, those of a kind, or of these the ones with such params."""
        newest = select(JobRecord).order_by(JobRecord.id.desc()).limit(count)
        newest = newest if kind is None else newest.where(JobRecord.kind == kind)
        for name, value in params.items():
            newest = newest.where(JobRecord.params[name].as_string() == value)
        with self._books.reading() as session:
            return [record.job() for record in session.scalars(newest)]

    def unfinished(self) -> dict[JobState, int]:
        """How many jobs wait, and how many run."""
        states = [JobState.QUEUED, JobState.RUNNING]
        with self._books.reading() as session:
            found = Counter(session.scalars(select(JobRecord.state).where(JobRecord.state.in_(states))))
        return {state: found[state] for state in states}

    def wait(self, job_id: int, timeout_s: float | None = None) -> Job:
        """The job when it is over, or as it stands when the time is up."""
        with self._changed:
            self._changed.wait_for(lambda: self.get(job_id).state.over, timeout_s)
        return self.get(job_id)

    def close(self, timeout_s: float = 10.0) -> None:
        """Ends both threads. Running work is asked to stop; see the class for what becomes of its job."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        until = clock.monotonic() + timeout_s
        for worker in self._workers:
            worker.join(max(until - clock.monotonic(), 0.0))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take_up(self) -> None:
        with self._books.session() as session:
            for record in session.scalars(select(JobRecord).where(JobRecord.state == JobState.RUNNING)):
                self._cut_off(record)

    def _cut_off(self, record: JobRecord) -> None:
        """Decides what becomes of a job that ran when the node ended."""
        resumable = record.kind in self._resumable
        if resumable and record.starts < _STARTS:
            record.state, record.started_us = JobState.QUEUED.value, None
            return
        record.state, record.finished_us = JobState.FAILED.value, _now_us()
        record.error_key = "jobs.given_up" if resumable else "jobs.interrupted"
        record.error_fields = {"title": record.title, "starts": record.starts}

    def _work(self, short: bool) -> None:  # noqa: FBT001 - the lane
        if sys.platform == "linux":  # elsewhere the priority would be the whole process's
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        while not self._closing:
            try:
                job = self._next(short=short)
            except Exception as error:  # noqa: BLE001 - the supervision boundary: books that fail now may work again
                _log_trouble(f"no job can be begun; trying again in {self._retry_s} s", error)
                self._pause()
                continue
            if job is not None:
                self._do(job)

    def _next(self, *, short: bool) -> Job | None:
        """Waits for the next job of a lane and marks it as running; None when the jobs are closing."""
        with self._changed:
            while not self._closing:
                if (job := self._start_one(short=short)) is not None:
                    self._changed.notify_all()
                    return job
                self._changed.wait()
        return None

    def _start_one(self, *, short: bool) -> Job | None:
        """The oldest job of a lane that may be done; a running one is one whose beginning failed after it was noted."""
        mine = JobRecord.kind.in_(self._short) if short else JobRecord.kind.not_in(self._short)
        waiting = select(JobRecord).where(mine, JobRecord.state.in_((JobState.QUEUED, JobState.RUNNING)))
        beside = select(JobRecord.id).where(~mine, JobRecord.state == JobState.RUNNING, JobRecord.kind.in_(self._apart))
        with self._books.session() as session:
            if session.scalar(beside.limit(1)) is not None:
                waiting = waiting.where(JobRecord.kind.not_in(self._apart))
            record = session.scalar(waiting.order_by(JobRecord.id).limit(1))
            if record is None:
                return None
            record.state, record.started_us, record.starts = JobState.RUNNING.value, _now_us(), record.starts + 1
            return record.job()

    def _do(self, job: Job) -> None:
        """Does a job and writes how it ended, as often as it takes: in a living node no job stays as running."""
        reporter = Reporter(partial(self._check, job.id), partial(self._report, job.id))
        end = self._end_of(job, reporter)
        while True:
            try:
                self._finish(job.id, reporter.latest, end)
            except Exception as error:  # noqa: BLE001 - the supervision boundary, as above
                _log_trouble(f"the end of job {job.id} cannot be written; trying again in {self._retry_s} s", error)
                if self._closing:
                    return
                self._pause()
            else:
                self._unwanted.discard(job.id)
                self._tell()
                return

    def _end_of(self, job: Job, reporter: Reporter) -> _End | None:
        """Does the work and gives back how it ended; None when the node's closing cut it off."""
        try:
            return _End(JobState.DONE, result=_plain(self._work_of(job.kind)(reporter, job.params)))
        except Cancelled:
            return _End(JobState.CANCELLED) if job.id in self._unwanted else None
        except LinesideError as error:
            return _End(JobState.FAILED, error=error)
        except Exception as error:  # noqa: BLE001 - whatever one job's work does wrong, the others go on
            _log.exception("job %s (%s) failed", job.id, job.kind)
            detail = f"{type(error).__name__}: {error}"
            return _End(JobState.FAILED, error=LinesideError("jobs.failed", title=job.title, detail=detail))

    def _work_of(self, kind: str) -> Work:
        if kind not in self._kinds:
            raise ConfigurationError("jobs.unknown_kind", kind=kind, known=", ".join(sorted(self._kinds)))
        return self._kinds[kind]

    def _finish(self, job_id: int, progress: Progress, end: _End | None) -> None:
        with self._books.session() as session:
            record = _record(session, job_id)
            record.take(progress)
            if end is None:
                record.starts -= 1  # stopped on purpose: the work killed nobody
                self._cut_off(record)
                return
            record.state, record.finished_us, record.result = end.state.value, _now_us(), end.result
            if end.error is not None:
                record.error_key, record.error_fields = end.error.key, _plain(end.error.fields)

    def _report(self, job_id: int, progress: Progress) -> None:
        """Writes how far the work is; that it cannot be written is no reason to end the work."""
        try:
            with self._books.session() as session:
                _record(session, job_id).take(progress)
        except Exception as error:  # noqa: BLE001 - the supervision boundary, as above
            _log_trouble(f"the progress of job {job_id} cannot be written", error)

    def _check(self, job_id: int) -> None:
        if self._closing or job_id in self._unwanted:
            raise Cancelled

    def _tell(self) -> None:
        """Wakes whoever waits for a change: the workers for a job, `wait` for its end."""
        with self._changed:
            self._changed.notify_all()

    def _pause(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._closing, self._retry_s)


def forget_unfinished(books: Books, kind: str) -> None:
    """Takes jobs of a kind that wait or run out of books that no node works on."""
    over = [state.value for state in JobState if state.over]
    with books.session() as session:
        session.execute(delete(JobRecord).where(JobRecord.kind == kind, JobRecord.state.not_in(over)))


@dataclass(frozen=True, slots=True)
class _End:
    """How work ended."""

    state: JobState
    result: dict[str, object] | None = None
    error: LinesideError | None = None


def _log_trouble(what: str, error: Exception) -> None:
    """With the traceback where the error is none of ours: a full disk needs no more words than it has."""
    _log.error("%s: %s", what, error, exc_info=None if isinstance(error, LinesideError) else error)


def _add(session: Session, kind: str, title: str, params: Json) -> JobRecord:
    record = JobRecord(kind=kind, title=title, params=dict(params), submitted_us=_now_us())
    session.add(record)
    session.flush()
    return record


def _record(session: Session, job_id: int) -> JobRecord:
    record = session.get(JobRecord, job_id) if abs(job_id) <= _HIGHEST else None
    if record is None:
        raise LinesideError("jobs.unknown", job=job_id)
    return record


def _plain(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields as JSON can hold them, anything else as its text."""
    plain: dict[str, object] = json.loads(json.dumps(fields, default=str))
    return plain


def _now_us() -> int:
    return clock.time_ns() // 1000
