"""One at a time does the work of all who wait: many small waits for a disk become one."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(slots=True)
class _Ticket(Generic[_T, _R]):
    """What somebody wants done, and what came of it."""

    items: Sequence[_T]
    results: list[_R] | None = None
    error: BaseException | None = None

    @property
    def done(self) -> bool:
        return self.results is not None or self.error is not None


class Gathering(Generic[_T, _R]):
    """Hands items to `work` in batches of about `most`; nobody waits for company, who comes meanwhile is taken along.

    Items of one caller are handed over together and in their order, those of callers in the order in which they came.
    """

    def __init__(self, work: Callable[[Sequence[_T]], list[_R]], most: int) -> None:
        self._work, self._most = work, most
        self._turn = threading.Lock()
        self._waiting: deque[_Ticket[_T, _R]] = deque()

    def do(self, items: Sequence[_T]) -> list[_R]:
        """What `work` makes of the items, done when this returns. Raises what it raises, to all whom it concerns."""
        if not items:
            return []
        mine: _Ticket[_T, _R] = _Ticket(items)
        self._waiting.append(mine)
        while not mine.done:
            with self._turn:
                if not mine.done:
                    self._do_some()
        if mine.error is not None:
            raise mine.error
        return mine.results or []

    def _do_some(self) -> None:
        batch = self._batch()
        try:
            results = self._work([item for one in batch for item in one.items])
        except BaseException as error:  # noqa: BLE001 - each of them raises it
            for one in batch:
                one.error = error
            return
        at = 0
        for one in batch:
            one.results = results[at : at + len(one.items)]
            at += len(one.items)

    def _batch(self) -> list[_Ticket[_T, _R]]:
        batch, count = [self._waiting.popleft()], len(self._waiting)
        size = len(batch[0].items)
        while count and size + len(self._waiting[0].items) <= self._most:
            batch.append(self._waiting.popleft())
            size, count = size + len(batch[-1].items), count - 1
        return batch
