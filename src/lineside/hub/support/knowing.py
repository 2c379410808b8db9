"""What a hub knows of its members as rules ask for it, as of a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from lineside.exchange import Catalogue
from lineside.hub.enrolling import size_of
from lineside.hub.figures import Figures
from lineside.hub.member import Member, Standing
from lineside.hub.register import Register
from lineside.hub.settings import HubSettings
from lineside.hub.support.enterprises import Kind
from lineside.hub.support.facts import Facts, Latest, asked, facts_of, latest
from lineside.rules import Programme, industries


class Knowing:
    """The register and the figures of a hub, looked at by its settings as they are."""

    def __init__(
        self, register: Register, figures: Figures, catalogue: Catalogue, settings: Callable[[], HubSettings]
    ) -> None:
        self.register = register
        self._figures, self._catalogue, self._settings = figures, catalogue, settings

    @property
    def settings(self) -> HubSettings:
        """Those in force."""
        return self._settings()

    def day(self, at_us: int) -> date:
        """The day at the hub, of microseconds since 1970."""
        return datetime.fromtimestamp(at_us / 1e6, UTC).astimezone(ZoneInfo(self.settings.time_zone)).date()

    def admitted(self) -> list[Member]:
        """The members that speak."""
        return [one for one in self.register.everybody() if one.state is Standing.MEMBER]

    def kind(self, member: Member) -> Kind:
        """Its industry, size and region."""
        profile = member.profile
        size = size_of(profile, self.settings.size_scheme)
        return Kind(industries().of(profile.industry).code, size or "", profile.region)

    def teller(self, rules: Iterable[Programme], on: date) -> Callable[[Programme, Member], Facts]:
        """Tells what one of some rules asks for and a member told, by the newest months up to a day."""
        wanted = {one.id: one for rule in rules for one in asked(rule, self._catalogue)}
        newest: dict[str, Latest] = {}
        if wanted:
            snapshot, until = self._figures.snapshot(), on.year * 12 + on.month - 1
            newest = {name: latest(snapshot, one, until) for name, one in wanted.items()}
        scheme = self.settings.size_scheme
        return lambda rule, member: facts_of(rule, member.number, member.profile, scheme, newest)
