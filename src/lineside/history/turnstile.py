"""Who may write next: live samples before bulk ones."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turnstile:
    """Lets one writer through at a time; while a live writer waits, no bulk writer enters.

    An import of a month of recordings thus holds up a running machine by one bulk batch at most.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._busy = False
        self._live_waiting = 0

    @contextmanager
    def turn(self, *, bulk: bool = False) -> Iterator[None]:
        """Holds the one turn to write for the length of the block."""
        with self._condition:
            if bulk:
                self._condition.wait_for(lambda: not self._busy and not self._live_waiting)
            else:
                self._live_waiting += 1
                try:
                    self._condition.wait_for(lambda: not self._busy)
                finally:
                    self._live_waiting -= 1
            self._busy = True
        try:
            yield
        finally:
            with self._condition:
                self._busy = False
                self._condition.notify_all()
