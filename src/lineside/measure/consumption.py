"""Energy by production day or as a whole, beside the good units of that time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeAlias

from lineside.errors import ConfigurationError
from lineside.history import History
from lineside.measure.energy import CarrierUse, EnergyUse, Metered, energy_use
from lineside.measure.present import iso
from lineside.measure.query import Scope, kpi_rows
from lineside.measure.rows import Row
from lineside.measure.windows import heard_of, window_of
from lineside.plant import METERED, Plant, Timeline, production_day_of, production_day_span, production_days
from lineside.texts import say

Piece: TypeAlias = Literal["day"]
_MOST_DAYS = 400


@dataclass(frozen=True, slots=True)
class Consumption:
    """The energy of a production day, or of a whole window where `day` is None, and the good units made in it."""

    day: date | None
    use: EnergyUse
    good: float | None
    """At the pace-setting machine of each line; None where one does not count them."""

    @property
    def kwh_per_unit(self) -> float | None:
        """Energy over good units, where the meters told for `METERED` of the time."""
        return self._over(self.use.kwh)

    @property
    def kg_co2_per_unit(self) -> float | None:
        """Carbon over good units, in the same way."""
        return self._over(self.use.kg_co2)

    def _over(self, amount: float | None) -> float | None:
        enough = self.use.coverage is not None and self.use.coverage >= METERED
        return amount / self.good if amount is not None and self.good and enough else None


def consumption(history: History, timeline: Timeline, start: int, end: int) -> list[Consumption]:
    """The whole of [start, end), microseconds UTC, then its production days.

    Raises ConfigurationError where there are more days than anybody reads.
    """
    plant = timeline.newest
    days = list(production_days(start, end, plant.site.zone, plant.site.production_day_starts))
    if len(days) > _MOST_DAYS:
        raise ConfigurationError("measure.pieces", count=len(days), most=_MOST_DAYS)
    spans = [(max(a, start), min(b, end)) for _, a, b in days]
    uses = energy_use(history, timeline, [(start, end), *spans])
    scopes = [Scope("line", line) for line in plant.lines]
    whole = kpi_rows(history, timeline, scopes, start, end)
    by_day = kpi_rows(history, timeline, scopes, start, end, "day")
    return [
        Consumption(None, uses[0], _good(whole)),
        *(
            Consumption(day, use, _good([row for row in by_day if row.domain.production_day == day]))
            for (day, _, _), use in zip(days, uses[1:], strict=True)
        ),
    ]


def _good(lines: list[Row]) -> float | None:
    counted = [line.good for line in lines if line.good is not None]
    return sum(counted) if counted and len(counted) == len(lines) else None


def energy_json(
    history: History, timeline: Timeline, start: str | None, end: str | None, now: int, language: str
) -> dict[str, Any]:
    """As the API and the commands tell it; `declared` is false where the plant file has no `[energy]`.

    The window is that of `window_of` by day, without the future; of a plant that nothing was ever heard of, today.
    Raises ConfigurationError as `window_of` and `consumption` do.
    """
    plant = timeline.newest
    if start or end or heard_of(history, plant, now):
        first, last = window_of(history, plant, start, end, now, "day")
    else:
        zone, starts = plant.site.zone, plant.site.production_day_starts
        first, last = production_day_span(production_day_of(now, zone, starts), zone, starts)
    whole, *days = consumption(history, timeline, first, max(min(last, now), first + 1))
    return {
        "declared": plant.energy is not None,
        "whole": _consumption(whole, plant, language),
        "days": [_consumption(day, plant, language) for day in days],
    }


def _consumption(row: Consumption, plant: Plant, language: str) -> dict[str, Any]:
    """In kWh, kg CO2, good units and shares; None where a number is not known."""
    use = row.use
    return {
        "day": None if row.day is None else row.day.isoformat(),
        "from": iso(use.start, plant.site.zone),
        "to": iso(use.end, plant.site.zone),
        "kwh": _rounded(use.kwh),
        "kg_co2": _rounded(use.kg_co2),
        "coverage": None if use.coverage is None else round(use.coverage, 6),
        "good": row.good,
        "kwh_per_unit": _rounded(row.kwh_per_unit),
        "kg_co2_per_unit": _rounded(row.kg_co2_per_unit),
        "carriers": [_carrier(one, language) for one in use.carriers],
        "meters": [_meter(one, language) for one in use.meters],
        "why": None if use.kwh is not None else say(f"energy.unknown.{use.why_no_energy}", language),
    }


def _carrier(one: CarrierUse, language: str) -> dict[str, Any]:
    return {
        "carrier": one.carrier,
        "name": say(f"energy.carrier.{one.carrier}", language),
        "kwh": _rounded(one.kwh),
        "kg_co2": _rounded(one.kg_co2),
        "coverage": round(one.coverage, 6),
        "why": None if one.unknown is None else say(f"energy.unknown.{one.unknown}", language),
        "factors": [
            {
                "kg_co2_per_kwh": round(factor.kg_co2_per_kwh, 6),
                "grid": factor.grid,
                "year": factor.year,
                "source": factor.source,
                "confidence": factor.confidence,
            }
            for factor in one.factors
        ],
    }


def _meter(one: Metered, language: str) -> dict[str, Any]:
    return {
        "id": one.meter.id,
        "name": one.meter.name,
        "carrier": one.meter.carrier,
        "carrier_name": say(f"energy.carrier.{one.meter.carrier}", language),
        "of": list(one.meter.of),
        "flow": one.meter.flow,
        "flow_name": say(f"energy.flow.{one.meter.flow}", language),
        "kwh": _rounded(one.kwh),
        "coverage": round(one.coverage, 6),
        "falls": [{"time_ms": fall.time // 1000, "before": fall.before, "after": fall.after} for fall in one.falls],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
