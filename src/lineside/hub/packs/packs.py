"""The solution packs of a hub: the shelf and its drafts, who uses what with what came of it, needs and offers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import floor, log10
from zoneinfo import ZoneInfo

import numpy as np

from lineside.errors import ConfigurationError
from lineside.exchange import Adoption, Indicator, Need
from lineside.hub.compare import Secrecy
from lineside.hub.contents import month_at
from lineside.hub.hearing import Hearing
from lineside.hub.member import Member
from lineside.hub.packs import spread
from lineside.hub.packs.checks import require_adoption, require_need
from lineside.hub.packs.costs import ToldCost, as_cost, told_cost
from lineside.hub.packs.drafts import Drafts
from lineside.hub.packs.evidence import (
    Calibration,
    Course,
    Followed,
    Moved,
    calibration,
    followed,
    moved,
    told_calibration,
)
from lineside.hub.packs.needs import Kept, Kind, Kinds, Worth, needs, worth_told
from lineside.hub.packs.offers import Offer, Offers
from lineside.hub.packs.shelf import Effects, Published, Shelf
from lineside.hub.packs.uses import Use, uses
from lineside.hub.pilots import Diffusion, large_groups
from lineside.hub.support import Knowing
from lineside.hub.tiers.joined import compared, members_of, secrecy_of
from lineside.hub.tiers.ripe import last_ripe
from lineside.hub.tiers.sources import Sources
from lineside.hub.voice import Voice
from lineside.rules import industries
from lineside.trust import HERE


@dataclass(frozen=True, slots=True)
class Evidence:
    """What came after a pack was put to use, at those who did, and how their twins had foreseen it."""

    followed: Followed | None
    calibration: Calibration | None


class Packs:
    """All of it of one hub; `knowing` says what members are, `effects` what pilots found, by the hash of their plan."""

    def __init__(self, sources: Sources, knowing: Knowing, hearing: Hearing, voice: Voice, effects: Effects) -> None:
        self._from, self._knowing, self._hearing = sources, knowing, hearing
        books, ledger, now_us = sources.books, sources.ledger, sources.now_us
        self.drafts = Drafts(books, ledger, sources.catalogue, lambda: sources.settings().size_scheme, now_us)
        self.shelf = Shelf(books, ledger, voice, effects, now_us)
        self.offers = Offers(books, ledger, now_us)
        self._uses: tuple[tuple[int, int], tuple[Use, ...]] = (0, 0), ()
        self._moved: dict[str, tuple[object, list[Moved]]] = {}

    @property
    def secrecy(self) -> Secrecy:
        """What the settings promise."""
        return secrecy_of(self._from.settings().protection)

    @property
    def month(self) -> int:
        """The last month that is over, since the year 0."""
        return self.current_month - 1

    @property
    def current_month(self) -> int:
        """The month that it is at the hub, since the year 0."""
        return month_at(self._from.now_us(), ZoneInfo(self._from.settings().time_zone))

    # packs

    def publish(
        self, number: int, reasons: str, *, plans: Sequence[str] = (), members_cost: bool = False, by: str = HERE
    ) -> Published:
        """The draft of a number on the shelf; with `members_cost` its cost is what members told of the pack.

        Raises what `Shelf.publish` raises, and ConfigurationError where too few members told what it cost them.
        """
        draft = self.drafts.get(number).draft
        cost = None
        if members_cost:
            told = self.cost(draft.id)
            if told is None:
                raise ConfigurationError("packs.too_few_costs", least=self.secrecy.least)
            cost = as_cost(told, draft.cost)
        return self.shelf.publish(number, reasons, plans=plans, cost=cost, groups=self.groups, by=by)

    def uses(self, pack: str | None = None) -> list[Use]:
        """Who put a pack to use, or any; of who was ever admitted, as what they said counts."""
        heard, ids = self._hearing.of(Adoption), self.shelf.ids
        state = len(heard), len(ids)
        if self._uses[0] != state:
            self._uses = state, uses(heard, ids)
        found = self._uses[1]
        return [one for one in found if pack is None or one.pack == pack]

    def has_generated(self, pack: str) -> bool:
        """Whether any member that put it to use was made up for a demonstration."""
        return bool(self._generated(self.uses(pack)))

    def cost(self, pack: str) -> ToldCost | None:
        """What it cost those who told it; None where too few did."""
        found = self.uses(pack)
        return told_cost(found, self._generated(found), self.secrecy.least)

    # how far it spread

    def exact(self, pack: str) -> spread.Exact:
        """How far it spread, for who reads the figures."""
        admitted, found = self._knowing.admitted(), self.uses(pack)
        divisions = {one.number: self.division(one) for one in admitted}
        regions = {one.number: one.profile.region for one in admitted}
        return spread.exact(pack, found, divisions, regions, self._generated(found), self.month)

    def told(self, pack: str) -> Diffusion:
        """The same as members and the public are told."""
        return spread.told(pack, self.uses(pack), self.shelf.groups(pack), self.month, self.secrecy.group)

    def groups(self) -> Mapping[int, str]:
        """The groups that others are told by, as they would be made now: industries, all small ones as one."""
        admitted = {one.number: self.division(one) for one in self._knowing.admitted()}
        return large_groups(admitted, self.secrecy.group)

    # what came of it

    def evidence(self, pack: str, indicator: str, *, exact: bool) -> Evidence:
        """What followed its use. Not `exact`: as others than the hub's analysts may be told."""
        found, one, secrecy = self.moved(pack, indicator), self._from.catalogue.of(indicator), self.secrecy
        better = 1 if one.better == "higher" else -1
        judged = calibration(found, indicator)
        if exact:
            return Evidence(followed(found, better, 1), judged if judged.of else None)
        least = secrecy.least
        return Evidence(followed(found, better, least, _grid(found, one)), told_calibration(judged, secrecy.group))

    def moved(self, pack: str, indicator: str) -> list[Moved]:
        """What came of each member that uses a pack, kept until somebody says more."""
        found = self.uses(pack)
        state = (indicator, self._from.figures.version, self._ripe(), len(self._hearing.of(Adoption)))
        kept = self._moved.get(pack)
        if kept is None or kept[0] != state:
            made = moved(found, self._course(indicator), self.secrecy.group) if found else []
            self._moved[pack] = kept = (state, made)
        return kept[1]

    def _course(self, indicator: str) -> Course:
        settings, snapshot = self._from.settings(), self._from.figures.snapshot()
        members = members_of(self._from.register.everybody(), settings)
        given = compared(snapshot, members, self._from.catalogue.of(indicator))
        columns = [given.usable(at, generated=True) for at in range(snapshot.months)]
        shape = np.empty((len(members), 0))
        last = self._ripe()
        value = np.stack(columns, 1) if columns else shape
        ripe = value[:, : max(0, last + 1 - snapshot.first)]
        return Course(ripe, members.ids, members.division, members.generated, snapshot.first, last)

    def _ripe(self) -> int:
        """The last month of which all had time to speak."""
        settings = self._from.settings()
        days = 0 if settings.telling is None else settings.telling.days
        return last_ripe(self._from.now_us(), ZoneInfo(settings.time_zone), days)

    # needs

    def needs(self) -> list[Kept]:
        """All needs, the first one first."""
        return needs(self._hearing.of(Need), self._from.register.members)

    def need(self, number: int) -> Kept:
        """A need by the number that the hub gave it. Raises ConfigurationError."""
        found = next((one for one in self.needs() if one.id == number), None)
        if found is None:
            raise ConfigurationError("packs.no_such_need", need=number)
        return found

    def kinds(self) -> Callable[[int], Kind]:
        """Tells by the number of a member what others are told of whose its need is."""
        kinds = Kinds(((self.division(one), self.size(one)) for one in self._knowing.admitted()), self.secrecy.group)

        def told(member: int) -> Kind:
            own = self._from.register.get(member)
            return kinds.told(self.division(own), self.size(own))

        return told

    def worth(self) -> list[Worth]:
        """What open needs are worth together, where that may be told."""
        return worth_told(self.needs(), self.secrecy)

    def offer(
        self, need: int, words: str, *, pack: str | None = None, draft: int | None = None, by: str = HERE
    ) -> Offer:
        """An answer to a need. Raises what `Offers.make` raises, ConfigurationError for no such pack or draft.

        Raises NotPermitted for a draft in which who offers it had no hand.
        """
        if pack is not None and not self.shelf.get(pack).current:
            raise ConfigurationError("packs.not_current", sha256=pack)
        if draft is not None:
            self.drafts.require_author(draft, by)
        return self.offers.make(self.need(need), words, pack=pack, draft=draft, by=by)

    def indicator(self, name: str) -> Indicator:
        """An indicator of the catalogue. Raises ConfigurationError."""
        return self._from.catalogue.of(name)

    # members

    def division(self, member: Member) -> str:
        """Two digits of GB/T 4754."""
        return industries().of(member.profile.industry).code

    def size(self, member: Member) -> str | None:
        """Its size class; None where that is not known."""
        return self._knowing.kind(member).size or None

    def members(self) -> Mapping[int, Member]:
        """Everybody who ever enrolled, by number."""
        return self._from.register.members

    def _generated(self, found: Iterable[Use]) -> frozenset[int]:
        """Those of these members that were made up for a demonstration."""
        members = self._from.register.members
        return frozenset(one.member for one in found if members[one.member].profile.generated)

    # what members may say

    def check_adoption(self, told: Adoption, member: Member) -> None:
        """Raises UnusableData for what could mean nothing here; see `Desk.checks`."""
        seen, found = self._seen(member), self.uses()
        require_adoption(told, self.shelf.ids, found, seen, self.current_month, self._from.catalogue)

    def check_need(self, told: Need, member: Member) -> None:
        """The same of a need."""
        require_need(told, self.needs(), self._seen(member), self._from.catalogue)

    def _seen(self, member: Member) -> int:
        """The member's last statement that is in the books; that of a batch being judged is not."""
        return self._from.register.get(member.number).last


def _grid(found: Sequence[Moved], one: Indicator) -> float:
    """The width of the steps in which a change is told: for a scale of ratios such a part of where members stood."""
    if not one.ratio or not found:
        return one.step
    middle = float(np.median([abs(each.before) for each in found]))
    return one.step * 10.0 ** floor(log10(middle)) if middle > 0 else one.step
