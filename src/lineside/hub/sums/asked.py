"""What somebody wants summed, before it is called for: checked against what a hub may ask."""

from __future__ import annotations

from dataclasses import dataclass, field

from lineside.errors import ConfigurationError
from lineside.exchange import Addressed, Both, Catalogue, Profile, month_name, month_number
from lineside.hub.enrolling import size_of
from lineside.hub.settings import HubSettings

_MOST_STEPS = 2**52
"""Of all values together, so that the sum of 500 members is exact as a number of 64 bits and as one that is shown."""
MOST_MEMBERS = 500


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
        if not 0 < self.resolution <= self.most or self.most / self.resolution * MOST_MEMBERS > _MOST_STEPS:
            raise ConfigurationError("sums.steps", resolution=self.resolution, most=self.most)
        if not (1 <= self.days <= 60 and 1 <= self.hours <= 24 * 60):
            raise ConfigurationError("sums.times")


def is_for(to: Addressed, number: int, profile: Profile, settings: HubSettings) -> bool:
    """Whether something is addressed to a member: it fits each list that is not empty."""
    size = size_of(profile, settings.size_scheme) if to.sizes else None
    return (
        (not to.members or number in to.members)
        and (not to.regions or profile.region in to.regions)
        and (not to.industries or any(_digits(profile.industry).startswith(_digits(one)) for one in to.industries))
        and (not to.traits or not set(to.traits).isdisjoint(profile.traits))
        and (not to.sizes or size in to.sizes)
    )


def _digits(industry: str) -> str:
    return "".join(one for one in industry if one.isdigit())
