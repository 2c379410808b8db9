"""What energy carriers hold and emit, and electricity by grid and year: the table that ships, with its sources."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, TypeAlias, get_args

Carrier: TypeAlias = Literal["electricity", "natural_gas", "diesel", "gasoline", "coal", "heat"]
CARRIERS: tuple[Carrier, ...] = get_args(Carrier)

ENERGY_KWH: Mapping[str, float] = {"Wh": 0.001, "kWh": 1.0, "MWh": 1000.0, "MJ": 1 / 3.6, "GJ": 1000 / 3.6}
"""Units of energy, in kWh."""
POWER_KW: Mapping[str, float] = {"W": 0.001, "kW": 1.0, "MW": 1000.0}
"""Units of power, in kW."""


@dataclass(frozen=True, slots=True)
class Fuel:
    """A carrier: net calorific value, and kg CO2 where no grid and no year matters."""

    id: Carrier
    scope: Literal[1, 2]
    """Of the GHG Protocol: burnt here, or bought as electricity or heat."""
    units_kwh: Mapping[str, float]
    """Every unit a meter may count it in, in kWh."""
    kg_co2_per_kwh: float | None
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Grid:
    """Average factors of the electricity that a grid delivers, in kg CO2/kWh by year."""

    id: str
    names: Mapping[str, str]
    """By language."""
    kg_co2_per_kwh: Mapping[int, float]
    source: str
    confidence: str

    def of_year(self, year: int) -> tuple[int, float] | None:
        """The newest factor that is not of a later year, with its own year; None where all are of later ones."""
        known = [one for one in self.kg_co2_per_kwh if one <= year]
        return (max(known), self.kg_co2_per_kwh[max(known)]) if known else None


@dataclass(frozen=True, slots=True)
class Factors:
    """The table of one edition."""

    edition: str
    fuels: Mapping[str, Fuel]
    grids: Mapping[str, Grid]


@cache
def factors() -> Factors:
    """The table that ships."""
    told = tomllib.loads(files("lineside.plant").joinpath("data/energy.toml").read_text("utf-8"))
    fuels = {one["id"]: _fuel(one) for one in told["carrier"]}
    grids = {
        one["id"]: Grid(
            id=one["id"],
            names={"en": one["en"], "zh": one["zh"]},
            kg_co2_per_kwh={int(year): value for year, value in one["kg_co2_per_kwh"].items()},
            source=one["source"],
            confidence=one["confidence"],
        )
        for one in told["grid"]
    }
    return Factors(told["edition"], fuels, grids)


def _fuel(told: Mapping[str, Any]) -> Fuel:
    kwh = told.get("kwh", 0.0)
    return Fuel(
        id=told["id"],
        scope=told["scope"],
        units_kwh={**ENERGY_KWH, **{unit: bases * kwh for unit, bases in told["units"].items()}},
        kg_co2_per_kwh=told["kg_co2"] / kwh if "kg_co2" in told else None,
        source=told["source"],
        confidence=told["confidence"],
    )
