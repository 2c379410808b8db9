"""What running work tells: held back to a few writes a second, and never lost."""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from dataclasses import dataclass

from lineside.jobs.job import JobContext

_INTERVAL_S = 0.25


@dataclass(frozen=True, slots=True)
class Progress:
    """How far work is."""

    done: int = 0
    total: int | None = None
    message: str = ""


class Reporter(JobContext):
    """Writes progress at most four times a second; `latest` is what was said last, written or not."""

    def __init__(self, check: Callable[[], None], write: Callable[[Progress], None]) -> None:
        self.latest = Progress()
        self._check = check
        self._write = write
        self._next_write = clock.monotonic()

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Takes what is said, and writes it when it is time again."""
        self._check()
        self.latest = Progress(done, total, message)
        if clock.monotonic() >= self._next_write:
            self._write(self.latest)
            self._next_write = clock.monotonic() + _INTERVAL_S

    def check(self) -> None:
        """Raises Cancelled when the job is no longer wanted."""
        self._check()
