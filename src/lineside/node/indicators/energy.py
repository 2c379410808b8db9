"""Energy and carbon of a month by good unit and by output value, from the meters of the whole site."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal, TypeAlias

from lineside.exchange import Absence
from lineside.measure import CarrierUse, EnergyUse
from lineside.node.indicators.found import Formula, Found, share
from lineside.node.indicators.month import MonthFacts
from lineside.plant import METERED

What: TypeAlias = Literal["kwh", "kg_co2"]


def per_unit(what: What) -> Formula:
    """Over the good units at the pace-setting machine of each line; absent where a line does not count them."""

    def formula(facts: MonthFacts) -> Found:
        good = {name: line.good for name, line in facts.lines.items()}
        counted = [one for one in good.values() if one is not None]
        units = sum(counted) if counted and len(counted) == len(good) else None
        told = [line.coverage for line in facts.lines.values() if line.coverage is not None]
        coverage = share(min([*told, facts.energy.coverage or 0.0]))
        basis = {"carriers": _carriers(facts.energy, what), "meters": _meters(facts.energy), "good": good}
        value = _over(facts.energy, what, units)
        return Found(value, _why(facts.energy, what, units, "no_units"), coverage, basis)

    return formula


def per_value(what: What) -> Formula:
    """Over what people entered as the output value of the month: so it looks entered, whatever the meters told."""

    def formula(facts: MonthFacts) -> Found:
        worth = facts.output_value
        basis = {"carriers": _carriers(facts.energy, what), "meters": _meters(facts.energy), "output_value": worth}
        value = _over(facts.energy, what, worth)
        absent = _why(facts.energy, what, worth, "no_output_value")
        return Found(value, absent, share(facts.energy.coverage), basis, origin="entered")

    return formula


def _over(use: EnergyUse, what: What, by: float | None) -> float | None:
    energy: float | None = getattr(use, what)
    enough = use.coverage is not None and use.coverage >= METERED
    return energy / by if energy is not None and by and enough else None


def _why(use: EnergyUse, what: What, by: float | None, without: Absence) -> Absence:
    if use.kwh is None or (what == "kg_co2" and use.kg_co2 is None):
        return use.why_no_energy if use.kwh is None else use.why_no_carbon
    if by is None:
        return without
    return "nothing_happened" if by == 0 else "too_little_coverage"


def _carriers(use: EnergyUse, what: What) -> dict[str, Any]:
    """What each comes to, of carbon with the factors."""
    return {one.carrier: _told(one, what) for one in use.carriers}


def _told(one: CarrierUse, what: What) -> dict[str, Any]:
    told: dict[str, Any] = {"kwh": one.kwh, "coverage": one.coverage}
    return told if what == "kwh" else {**told, "kg_co2": one.kg_co2, "factors": [asdict(f) for f in one.factors]}


def _meters(use: EnergyUse) -> dict[str, Any]:
    return {
        one.meter.id: {"of": list(one.meter.of), "flow": one.meter.flow, "kwh": one.kwh, "coverage": one.coverage}
        for one in use.meters
        if one.meter.whole
    }
