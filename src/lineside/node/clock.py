"""Notices that somebody has set the clock of this computer."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

_log = logging.getLogger(__name__)
_TOLD_S = 1.0
_A_DAY_S = 86_400.0


class Clock:
    """The system's clock beside one that nobody can set."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._offset = wall() - steady()

    def set_back(self) -> int:
        """By how many microseconds the clock was set back since the last call; 0 where it was not.

        More than a day is taken for a mistake that will be mended.
        """
        before, self._offset = self._offset, self._wall() - self._steady()
        step = self._offset - before
        if abs(step) > _TOLD_S:
            _log.warning(
                "the clock of this computer was set %s by %.0f s", "forward" if step > 0 else "back", abs(step)
            )
        return round(-step * 1_000_000) if -_A_DAY_S < step < 0 else 0
