"""The queue of long work and the one thread that does it."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time as clock
from collections.abc import Callable, Collection, Mapping
from functools import partial
from types import TracebackType
from typing import Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from lineside.books import Books
from lineside.errors import ConfigurationError, LinesideError
from lineside.jobs.job import Cancelled, Job, JobState, Json, Work
from lineside.jobs.progress import Progress, Reporter
from lineside.jobs.records import JobRecord

_log = logging.getLogger(__name__)

_NICENESS = 10
"""Machines' data is taken first when the processor is short."""


class Jobs:
    """Does the jobs of one node, in the order in which they were submitted, in a thread of its own.

    What was running when the node stopped or died runs again when its kind is `resumable`, which means
    that its work may be begun again without harm; else it failed as interrupted.
    """

    def __init__(self, books: Books, kinds: Mapping[str, Work], *, resumable: Collection[str] = frozenset()) -> None:
        self._books = books
        self._kinds = dict(kinds)
        self._subscribers: list[Callable[[Job], None]] = []
        self._changed = threading.Condition()
        self._telling = threading.RLock()
        self._unwanted: set[int] = set()
        self._closing = False
        self._take_up(resumable)
        self._worker = threading.Thread(target=self._work, name="lineside-jobs", daemon=True)
        self._worker.start()

    def submit(self, kind: str, title: str, params: Json | None = None) -> Job:
        """Queues a job; it is on disk on return."""
        self._work_of(kind)
        with self._books.session() as session:
            record = JobRecord(kind=kind, title=title, params=dict(params or {}), submitted_us=_now_us())
            session.add(record)
            session.flush()
            job = record.job()
        self._tell(job.id)
        return job

    def cancel(self, job_id: int) -> Job:
        """The job, no longer wanted: cancelled at once if queued; if running, as soon as its work looks."""
        with self._books.session() as session:
            record = _record(session, job_id)
            if record.state == JobState.QUEUED:
                record.state, record.finished_us = JobState.CANCELLED.value, _now_us()
            job = record.job()
        if job.state is JobState.RUNNING:
            self._unwanted.add(job_id)
        else:
            self._tell(job.id)
        return job

    def get(self, job_id: int) -> Job:
        """The job as it stands."""
        with self._books.session() as session:
            return _record(session, job_id).job()

    def recent(self, count: int = 20) -> list[Job]:
        """The jobs submitted last, the newest first."""
        with self._books.session() as session:
            newest = select(JobRecord).order_by(JobRecord.id.desc()).limit(count)
            return [record.job() for record in session.scalars(newest)]

    def wait(self, job_id: int, timeout_s: float | None = None) -> Job:
        """The job when it is over, or as it stands when the time is up."""
        with self._changed:
            self._changed.wait_for(lambda: self.get(job_id).state.over, timeout_s)
        return self.get(job_id)

    def subscribe(self, callback: Callable[[Job], None]) -> Callable[[], None]:
        """Calls back with every job that changes, from whatever thread changed it; gives back how to stop.

        Progress comes at most four times a second. A callback must be quick; what it raises is logged.
        """
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    def close(self, timeout_s: float = 10.0) -> None:
        """Ends the thread. Running work is asked to stop; see the class for what becomes of its job."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._worker.join(timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take_up(self, resumable: Collection[str]) -> None:
        """Decides what becomes of jobs that were running when the node stopped."""
        with self._books.session() as session:
            for record in session.scalars(select(JobRecord).where(JobRecord.state == JobState.RUNNING)):
                if record.kind in resumable:
                    record.state, record.started_us = JobState.QUEUED.value, None
                else:
                    record.state, record.finished_us = JobState.FAILED.value, _now_us()
                    record.error_key, record.error_fields = "jobs.interrupted", {"title": record.title}

    def _work(self) -> None:
        if sys.platform == "linux":  # elsewhere the priority would be the whole process's
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        while (job := self._next()) is not None:
            try:
                self._do(job)
            except Exception:  # noqa: BLE001 - a job whose end cannot be written must not end the others
                _log.exception("job %s could not be finished", job.id)

    def _next(self) -> Job | None:
        """Waits for the next job and marks it as running; None when the jobs are closing."""
        while True:
            with self._changed:
                if self._closing:
                    return None
                job = self._start_one()
                if job is None:
                    self._changed.wait()
                    continue
            self._tell(job.id)
            return job

    def _start_one(self) -> Job | None:
        with self._books.session() as session:
            queued = select(JobRecord).where(JobRecord.state == JobState.QUEUED).order_by(JobRecord.id)
            record = session.scalar(queued.limit(1))
            if record is None:
                return None
            record.state, record.started_us = JobState.RUNNING.value, _now_us()
            return record.job()

    def _do(self, job: Job) -> None:
        reporter = Reporter(partial(self._check, job.id), partial(self._report, job.id))
        finish = partial(self._finish, job.id, reporter)
        try:
            finish(JobState.DONE, result=self._work_of(job.kind)(reporter, job.params))
        except Cancelled:
            if job.id in self._unwanted:
                finish(JobState.CANCELLED)
            # else the node is closing: the job stays as running, and the next start takes it up
        except LinesideError as error:
            finish(JobState.FAILED, error=error)
        except Exception as error:  # noqa: BLE001 - whatever one job's work does wrong, the others go on
            _log.exception("job %s (%s) failed", job.id, job.kind)
            detail = f"{type(error).__name__}: {error}"
            finish(JobState.FAILED, error=LinesideError("jobs.failed", title=job.title, detail=detail))
        finally:
            self._unwanted.discard(job.id)

    def _work_of(self, kind: str) -> Work:
        if kind not in self._kinds:
            raise ConfigurationError("jobs.unknown_kind", kind=kind, known=", ".join(sorted(self._kinds)))
        return self._kinds[kind]

    def _finish(
        self,
        job_id: int,
        reporter: Reporter,
        state: JobState,
        *,
        result: Json | None = None,
        error: LinesideError | None = None,
    ) -> None:
        with self._books.session() as session:
            record = _record(session, job_id)
            record.state, record.finished_us = state.value, _now_us()
            record.take(reporter.latest)
            record.result = None if result is None else _plain(result)
            if error is not None:
                record.error_key, record.error_fields = error.key, _plain(error.fields)
        self._tell(job_id)

    def _report(self, job_id: int, progress: Progress) -> None:
        with self._books.session() as session:
            record = _record(session, job_id)
            record.take(progress)
        self._tell(job_id)

    def _check(self, job_id: int) -> None:
        if self._closing or job_id in self._unwanted:
            raise Cancelled

    def _tell(self, job_id: int) -> None:
        """Tells everyone how the job stands now, so that what is heard last is true whoever told it."""
        with self._changed:
            self._changed.notify_all()
        with self._telling:
            job = self.get(job_id)
            for callback in list(self._subscribers):
                try:
                    callback(job)
                except Exception:  # noqa: BLE001 - one bad listener must not end the work or deafen the others
                    _log.exception("a listener of jobs failed")


def _record(session: Session, job_id: int) -> JobRecord:
    record = session.get(JobRecord, job_id)
    if record is None:
        raise LinesideError("jobs.unknown", job=job_id)
    return record


def _plain(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields as JSON can hold them, anything else as its text."""
    plain: dict[str, object] = json.loads(json.dumps(fields, default=str))
    return plain


def _now_us() -> int:
    return clock.time_ns() // 1000
