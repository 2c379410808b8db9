"""The clock of a hub in the making: it goes by with the history that is told, and never runs ahead of now."""

from __future__ import annotations

from collections.abc import Callable

from lineside.demo.cluster.speaking import said_us


class HistoryClock:
    """Stands at the beginning of a first month (since the year 0) until it is put forward."""

    def __init__(self, first: int, now_us: Callable[[], int]) -> None:
        self._at, self._now = said_us(first - 1), now_us

    def __call__(self) -> int:
        """Microseconds since 1970."""
        return min(self._at, self._now())

    def forward_to(self, us: int) -> None:
        """Puts it forward, never back."""
        self._at = max(self._at, us)
