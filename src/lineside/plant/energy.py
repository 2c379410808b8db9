"""The energy a site takes: its carriers, where electricity comes from, and the meters that tell how much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from lineside.plant.factors import POWER_KW, Carrier, factors
from lineside.plant.table import Addressed, Identifier, Table

Flow: TypeAlias = Literal["bought", "produced", "sold"]
METER = "meter"
"""What the series of all meters are kept under: `meter/main`."""
METERED = 0.8
"""So much of a window the meters must have told: else a ratio would be of the energy of some days and units of all."""


def parse_places(raw: object) -> object:
    """One place alone may stand without brackets."""
    return [raw] if isinstance(raw, str) else raw


Places = Annotated[tuple[str, ...], BeforeValidator(parse_places)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class OwnFactor(Table):
    """A factor of the site's own, as of its supplier."""

    kg_co2_per_kwh: Annotated[float, Field(ge=0, allow_inf_nan=False)] = Field(
        description="Carbon dioxide in kg for each kWh that a meter of this carrier tells."
    )
    source: Annotated[str, Field(min_length=1, max_length=300)] = Field(
        description="Where it is from: the contract, the certificate, the analysis."
    )
    since: date = Field(description="From when it holds; before, the table's factor does.")


class Energy(Table):
    """What the site takes of energy."""

    carriers: Annotated[tuple[Carrier, ...], Field(min_length=1)] = Field(
        description="All that the site takes: electricity, natural_gas, diesel, gasoline, coal, heat. Energy of the"
        " site is told only where each has a meter."
    )
    grid: str | None = Field(None, description='Whose average factor electricity has, "cn-east"; see the table below.')
    factors: Mapping[Carrier, OwnFactor] = Field(
        {}, alias="factor", description="Own factors by carrier, instead of those of the table."
    )


class Meter(Addressed):
    """A meter of energy: of the whole site, of lines or of machines."""

    carrier: Carrier = Field("electricity", description="What it measures.")
    of: Places = Field(
        description='"site", or the lines and machines whose energy it is: ["line/cell", "machine/oven"].'
    )
    source: Identifier = Field(description="The source it is read by.")
    unit: str = Field(
        description="Of a running total Wh, kWh, MWh, MJ, GJ, or m3, Nm3, kg, t or L of a fuel; of a power W, kW or MW."
    )
    flow: Flow = Field(
        "bought",
        description="Of electricity: bought, produced here (solar), or sold. Used is bought and produced without sold.",
    )
    kwh_per_unit: Positive | None = Field(
        None,
        description="Energy in one unit, where the supplier tells it: the calorific value of gas, steam by weight.",
    )
    rollover: Positive | None = Field(None, description="Value at which the running total starts again from zero.")

    @property
    def series(self) -> str:
        """The key its values are kept under."""
        return f"{METER}/{self.id}"

    @property
    def kind(self) -> Literal["measure", "counter"]:
        """How its values are meant."""
        return "measure" if self.unit in POWER_KW else "counter"

    @property
    def whole(self) -> bool:
        """Whether it is one of the site's own."""
        return "site" in self.of

    @property
    def kwh(self) -> float:
        """What one of its unit is in kWh, of a power one hour of it; 0 where that is not known."""
        if self.kwh_per_unit is not None:
            return self.kwh_per_unit
        return POWER_KW.get(self.unit) or factors().fuels[self.carrier].units_kwh.get(self.unit, 0.0)


def wrong_meter(meter: Meter, carriers: tuple[Carrier, ...]) -> Iterator[tuple[str, str, dict[str, object]]]:
    """What of a meter does not fit together: which key, which sentence, and its fields."""
    if not meter.kwh:
        known = ", ".join([*factors().fuels[meter.carrier].units_kwh, *POWER_KW])
        yield "unit", "plant.meter_unit", {"unit": meter.unit, "carrier": meter.carrier, "known": known}
    if meter.flow != "bought" and meter.carrier != "electricity":
        yield "flow", "plant.meter_flow", {"flow": meter.flow, "carrier": meter.carrier}
    if meter.whole and len(meter.of) > 1:
        yield "of", "plant.meter_site", {"meter": meter.id}
    if meter.whole and meter.carrier not in carriers:
        yield "carrier", "plant.meter_carrier", {"meter": meter.id, "carrier": meter.carrier}
    if meter.kind == "measure" and (meter.rollover or meter.kwh_per_unit):
        yield "unit", "plant.meter_power", {"unit": meter.unit}
