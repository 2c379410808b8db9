"""One at a time does the work of all who wait: many small waits for a disk become one."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

_T = TypeVar("_T")
_R = TypeVar("_R")


def _shut() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(slots=True)
class _Ticket(Generic[_T, _R]):
    """What somebody wants done, and what came of it."""

    items: Sequence[_T]
    results: list[_R] | None = None
    error: BaseException | None = None
    turn: threading.Lock = field(default_factory=_shut)
    """Opened when it is done, or when its owner is to do the work."""

    @property
    def done(self) -> bool:
        return self.results is not None or self.error is not None


class Gathering(Generic[_T, _R]):
    """Hands items to `work` in batches of about `most`; nobody waits for company, who comes meanwhile is taken along.

    Items of one caller are handed over together and in their order, those of callers in the order in which they came.
    """

    def __init__(self, work: Callable[[Sequence[_T]], list[_R]], most: int) -> None:
        self._work, self._most = work, most
        self._lock = threading.Lock()
        self._waiting: deque[_Ticket[_T, _R]] = deque()
        self._busy = False

    def do(self, items: Sequence[_T]) -> list[_R]:
        """What `work` makes of the items, done when this returns. Raises what it raises, to all whom it concerns."""
        if not items:
            return []
        mine: _Ticket[_T, _R] = _Ticket(items)
        with self._lock:
            self._waiting.append(mine)
            first, self._busy = not self._busy, True
        if not first:
            mine.turn.acquire()
        if not mine.done:
            self._do_some()
        if mine.error is not None:
            raise mine.error
        return mine.results or []

    def _do_some(self) -> None:
        """Does the work of the first who wait, and gives the turn to the next."""
        with self._lock:
            batch = self._batch()
        try:
            results = self._work([item for one in batch for item in one.items])
        except BaseException as error:  # noqa: BLE001 - each of them raises it
            for one in batch:
                one.error = error
        else:
            _hand_out(batch, results)
        with self._lock:
            after = self._waiting[0] if self._waiting else None
            self._busy = after is not None
        for one in [*batch[1:], *([] if after is None else [after])]:
            one.turn.release()

    def _batch(self) -> list[_Ticket[_T, _R]]:
        batch = [self._waiting.popleft()]
        size = len(batch[0].items)
        while self._waiting and size + len(self._waiting[0].items) <= self._most:
            batch.append(self._waiting.popleft())
            size += len(batch[-1].items)
        return batch


def _hand_out(batch: Sequence[_Ticket[_T, _R]], results: list[_R]) -> None:
    at = 0
    for one in batch:
        one.results = results[at : at + len(one.items)]
        at += len(one.items)
