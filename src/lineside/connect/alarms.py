"""Conditions of MTConnect: several alarms may be active in one at once, and it is as bad as its worst."""

from __future__ import annotations

_ALARMS = ("WARNING", "FAULT")
_MOST = 1_000


class Alarms:
    """Which alarms are active, by condition and by the code that tells one from another."""

    def __init__(self) -> None:
        self._active: dict[str, dict[str, str]] = {}

    def forget(self) -> None:
        """Knows of none, as before a peer tells all of them."""
        self._active.clear()

    def worst(self, condition: str, code: str, level: str) -> str:
        """The level of a condition when that of one alarm is told: an alarm that ends leaves the others active.

        A level that is no alarm and has no code ends all of them.
        """
        alarms = self._active.setdefault(condition, {})
        told = []
        if level.upper() in _ALARMS:
            told = [level]
            if code in alarms or len(alarms) < _MOST:
                alarms[code] = level
        elif level.upper() == "NORMAL" and code:
            alarms.pop(code, None)
        else:
            alarms.clear()
        return max([*told, *alarms.values()], key=lambda one: _ALARMS.index(one.upper()), default=level)
