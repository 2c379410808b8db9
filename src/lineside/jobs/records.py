"""Jobs in the books: one row each, whatever becomes of them."""

from __future__ import annotations

from sqlalchemy import JSON, Integer
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books import Base
from lineside.jobs.job import Job, JobState
from lineside.jobs.progress import Progress


class JobRecord(Base):
    """The row of one job."""

    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str]
    title: Mapped[str]
    params: Mapped[dict[str, object]]
    state: Mapped[str] = mapped_column(default=JobState.QUEUED.value, index=True)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    message: Mapped[str] = mapped_column(default="")
    result: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    error_key: Mapped[str | None]
    error_fields: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    submitted_us: Mapped[int]
    started_us: Mapped[int | None]
    finished_us: Mapped[int | None]
    starts: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often its work was begun and not stopped on purpose."""

    def take(self, progress: Progress) -> None:
        """Notes how far the work is."""
        self.done, self.total, self.message = progress.done, progress.total, progress.message

    def job(self) -> Job:
        """The row as a value."""
        return Job(
            id=self.id,
            kind=self.kind,
            title=self.title,
            params=self.params,
            state=JobState(self.state),
            done=self.done,
            total=self.total,
            message=self.message,
            result=self.result,
            error_key=self.error_key,
            error_fields=self.error_fields,
            submitted_us=self.submitted_us,
            started_us=self.started_us,
            finished_us=self.finished_us,
        )
