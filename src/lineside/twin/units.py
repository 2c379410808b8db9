"""Units of time that a model may name."""

from __future__ import annotations

from lineside.errors import ConfigurationError

_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


def seconds_in(unit: str) -> float:
    """How many seconds a unit of time has. Raises ConfigurationError for one nobody knows."""
    if unit not in _SECONDS:
        raise ConfigurationError("twin.no_unit", unit=unit, known=", ".join(_SECONDS))
    return _SECONDS[unit]
