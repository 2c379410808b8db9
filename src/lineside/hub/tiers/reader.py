"""Who reads what is told."""

from __future__ import annotations

from dataclasses import dataclass

from lineside.hub.compare import Bands, Told
from lineside.hub.tiers.plain import Plain, bands_json, region_names, withheld
from lineside.hub.tiers.tiers import Tiers


@dataclass(frozen=True, slots=True)
class Reader:
    """Their language, and whether figures in which generated members count are for them."""

    language: str
    generated: bool = True

    def sees(self, share: float) -> bool:
        """Whether a figure with this share of generated members is for them."""
        return self.generated or share == 0

    def shown(self, tiers: Tiers, told: Told | None, bands: Bands | None) -> Plain:
        """The `bands` of a cell, or None and why it is `withheld`."""
        if told is None or bands is None or not self.sees(bands.generated):
            return {"bands": None, "withheld": withheld(bands.generated if bands else None, self.language)}
        names = region_names(tiers.settings, self.language)
        return {"bands": bands_json(bands, tiers.scales[told.indicator], self.language, names), "withheld": None}
