"""What one round of telling goes by: the register, the figures and the rules as they are at its beginning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from lineside.exchange import Catalogue, month_name
from lineside.hub.compare import Compared, Members, Secrecy
from lineside.hub.figures import Snapshot
from lineside.hub.member import Member
from lineside.hub.settings import HubSettings, Telling
from lineside.hub.tiers.families import families
from lineside.hub.tiers.joined import compared, members_of, secrecy_of
from lineside.hub.tiers.ripe import last_ripe


@dataclass(frozen=True, slots=True, eq=False)
class Now:
    """One moment of a hub. Months count since the year 0; `last` is the last that is ripe."""

    time_us: int
    settings: HubSettings
    rules: Telling
    members: Members
    speaking: frozenset[int]
    """Who is a member at this moment, by number; others only were."""
    first: int
    last: int
    since: int
    """The first month of which nothing can have been told before the books came back from a backup; 0: of any."""
    families: Mapping[str, Sequence[Compared]]

    @classmethod
    def of(
        cls,
        time_us: int,
        settings: HubSettings,
        rules: Telling,
        everybody: Sequence[Member],
        snapshot: Snapshot,
        catalogue: Catalogue,
        since: int = 0,
    ) -> Now:
        """The same of a register and a snapshot of the figures."""
        members = members_of(everybody, settings)
        ripe = last_ripe(time_us, ZoneInfo(settings.time_zone), rules.days)
        return cls(
            time_us,
            settings,
            rules,
            members,
            frozenset(one.number for one in everybody if not one.state.over),
            snapshot.first,
            min(ripe, snapshot.first + snapshot.months - 1),
            since,
            {name: [compared(snapshot, members, one) for one in those] for name, those in families(catalogue).items()},
        )

    @property
    def secrecy(self) -> Secrecy:
        """What the settings promise."""
        return secrecy_of(self.settings.protection)

    @property
    def zone(self) -> ZoneInfo:
        """By whose calendar months are over."""
        return ZoneInfo(self.settings.time_zone)

    @property
    def months(self) -> list[str]:
        """The names of the months that are ripe and of which anybody spoke, the first one first."""
        return [month_name(at) for at in range(self.first, self.last + 1)]

    def recent(self, months: int) -> slice:
        """The columns of the last so many ripe months."""
        end = self.last + 1 - self.first
        return slice(max(0, end - months), max(0, end))
