"""What a factory of the demo cluster tells of a month: the values it has, and of the others why it has none."""

from __future__ import annotations

from collections.abc import Mapping

from lineside.demo.cluster.courses import Courses
from lineside.demo.cluster.firms import Firm, is_technology
from lineside.demo.cluster.planted import Planted
from lineside.exchange import Absence, Catalogue, Value

_BOASTED = 0.93
"""The OEE of who plays the game of the combination; no availability of such a factory comes near it."""
_TWIN_FROM, _AI_FROM = 9, 10
"""Of the twelve things that make an enterprise digital, who does so many runs a twin, or AI."""
_GROWTH = {True: 0.09, False: 0.05}
"""Of output a year, by whether the division is one of technology."""
_MONTHS = 12
_HEARD = {"availability", "performance", "quality", "oee", "first_pass_yield", "recovery_time"}
"""Indicators with the coverage of the machines."""
_WHOLE = {
    "lead_time",
    "schedule_adherence",
    *(f"{what}_per_{of}" for what in ("energy", "carbon") for of in ("unit", "value")),
}
"""Indicators of records that are kept or not, and if kept, whole."""


def values(
    firm: Firm, courses: Courses, place: int, catalogue: Catalogue, planted: Planted, month: int
) -> tuple[Value, ...]:
    """Every indicator of the catalogue in one month; `place` counts months from the first."""
    told = _told(firm, courses, place)
    game, since = planted.games.get(firm.number, ("", month + 1))
    if game == "combination" and month >= since:
        told["oee"] = _BOASTED
    missing = _missing(firm, courses, place)
    return tuple(_value(name, told, missing, courses.coverage[place]) for name in catalogue.indicators)


def undercounted(values: tuple[Value, ...], share: float) -> tuple[Value, ...]:
    """The values that are different where this share of the units was not counted yet: performance and OEE."""
    by = {one.indicator: one.value for one in values}
    performance, availability, quality = by["performance"], by["availability"], by["quality"]
    if performance is None or availability is None or quality is None:
        return ()
    counted = round(performance * (1 - share), 4)
    found = {"performance": counted, "oee": availability * counted * quality}
    return tuple(
        Value(indicator=one.indicator, value=found[one.indicator], coverage=one.coverage, origin=one.origin)
        for one in values
        if one.indicator in found
    )


def _told(firm: Firm, courses: Courses, place: int) -> dict[str, float]:
    """What it could tell, rounded as people tell it; OEE is the product of what is told."""
    found = {name: _rounded(name, float(course[place])) for name, course in courses.values.items()}
    oee = found["availability"] * found["performance"] * found["quality"]
    return {**found, "oee": oee, **_asked(firm, int(courses.connected[place]), place)}


def _asked(firm: Firm, connected: int, place: int) -> dict[str, float]:
    """What an authority asks for, by our own choice: twins and AI where it is digital enough, and steady growth."""
    growth = _GROWTH[is_technology(firm.division)]
    return {
        "machines_connected": float(connected),
        "twin_in_use": float(firm.criteria >= _TWIN_FROM and connected > 0),
        "ai_in_use": float(firm.criteria >= _AI_FROM),
        "output_value": round(firm.revenue_cny / _MONTHS / 1000 * (1 + growth) ** (place / _MONTHS), 1),
    }


def _rounded(name: str, value: float) -> float:
    return (
        float(f"{value:.4g}") if "_per_" in name else round(value, 1 if name in {"lead_time", "recovery_time"} else 4)
    )


def _missing(firm: Firm, courses: Courses, place: int) -> Mapping[str, Absence]:
    """Why something is not told, by indicator."""
    heard: Absence | None = None if courses.connected[place] else "no_source"
    planned: Absence | None = heard or (None if firm.calendar else "no_calendar")
    counted: Absence | None = heard or (None if firm.units else "no_units")
    paced: Absence | None = planned or counted or (None if firm.cycle else "no_cycle")
    stopped: Absence | None = planned or (None if courses.happened[place] else "nothing_happened")
    ordered: Absence | None = None if firm.orders else "no_orders"
    metered: Absence | None = None if firm.meter else "no_meter"
    assessed: Absence | None = None if firm.assessed else "not_computed"
    reasons: dict[str, Absence | None] = {
        "availability": planned,
        "performance": paced,
        "quality": counted,
        "oee": paced,
        "first_pass_yield": counted,
        "online_share": planned,
        "recovery_time": stopped,
        "lead_time": ordered,
        "schedule_adherence": ordered,
        "energy_per_unit": metered or (None if firm.units else "no_units"),
        "carbon_per_unit": metered or (None if firm.units else "no_units"),
        "energy_per_value": metered,
        "carbon_per_value": metered,
        "maturity_level": assessed,
        "maturity_measured": assessed,
        "twin_in_use": None if courses.connected[place] else "no_model",
        "ai_in_use": assessed,
        "output_value": None if firm.posture else "not_released",
        "security_posture": assessed or (None if firm.posture else "not_released"),
    }
    return {name: reason for name, reason in reasons.items() if reason is not None}


def _value(name: str, told: Mapping[str, float], missing: Mapping[str, Absence], heard: float) -> Value:
    """One indicator; a catalogue may have more of them than this generator knows."""
    absent: Absence | None = missing.get(name) or (None if name in told else "not_computed")
    if absent is not None:
        return Value(indicator=name, absent=absent, origin="generated")
    coverage = float(heard) if name in _HEARD else 1.0 if name in _WHOLE else None
    return Value(indicator=name, value=told[name], coverage=coverage, origin="generated")
