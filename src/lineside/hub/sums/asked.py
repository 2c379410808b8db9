"""What somebody wants summed, before it is called for: checked against what a hub may ask."""

from __future__ import annotations

from dataclasses import dataclass, field

from lineside.errors import ConfigurationError
from lineside.exchange import MOST_SUM_MEMBERS, Addressed, Both, Catalogue, month_name, month_number
from lineside.hub.settings import HubSettings

_MOST_STEPS = 2**52
"""Of all values together, so that the sum of 500 members is exact as a number of 64 bits and as one that is shown."""


@dataclass(frozen=True, slots=True)
class AskedSum:
    """The words of a call; `days` is how long members may say that they take part, `hours` how long a round waits."""

    title: Both
    purpose: Both
    quantity: Both
    month: str
    unit: str
    resolution: float
    most: float
    indicator: str | None = None
    to: Addressed = field(default_factory=Addressed)
    least: int = 0
    """0: as few as the hub's rules allow."""
    days: int = 14
    hours: int = 72

    def require(self, settings: HubSettings, catalogue: Catalogue, month: int) -> None:
        """Raises ConfigurationError for what nobody could answer, or what would show a member."""
        rules = settings.protection
        if self.least and self.least < rules.group + rules.colluders:
            raise ConfigurationError("sums.few", least=rules.group + rules.colluders)
        if month_number(self.month) >= month:
            raise ConfigurationError("sums.month", month=self.month, current=month_name(month))
        if self.indicator is not None:
            catalogue.of(self.indicator)
        if not 0 < self.resolution <= self.most or self.most / self.resolution * MOST_SUM_MEMBERS > _MOST_STEPS:
            raise ConfigurationError("sums.steps", resolution=self.resolution, most=self.most)
        if not (1 <= self.days <= 60 and 1 <= self.hours <= 24 * 60):
            raise ConfigurationError("sums.times")
