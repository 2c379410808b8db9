"""A job as others see it, and what its work may say while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

Json: TypeAlias = Mapping[str, object]


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """True when nothing will happen to the job any more."""
        return self not in (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of long work. `total` is None while nobody knows it; `error_key` is a text key."""

    id: int
    kind: str
    title: str
    params: Json
    state: JobState
    done: int
    total: int | None
    message: str
    result: Json | None
    error_key: str | None
    error_fields: Json | None
    submitted_us: int
    started_us: int | None
    finished_us: int | None


class Cancelled(Exception):
    """The work is no longer wanted. Work that must clean up does so and raises it on, or gives back what it has."""


class JobContext(Protocol):
    """What running work says to the outside."""

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """So much of so much is done. Say it as often as you like; raises Cancelled like `check`."""

    def check(self) -> None:
        """Raises Cancelled when the job is no longer wanted. Call it about ten times a second."""


Work: TypeAlias = Callable[[JobContext, Json], Json]
"""The work of one kind of job: takes its parameters, gives back its result, both JSON."""
