"""What the factory looks for: posted to its hub, taken back, and what was offered for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Struct

from lineside.errors import ConfigurationError, UnusableData
from lineside.exchange import Need, catalogue
from lineside.node.member import Member, Progress
from lineside.trust import HERE

_SILENT = "hub.no_answer"


@dataclass(frozen=True, slots=True)
class PostedNeed:
    """A need by the number of its statement; `made_us` in microseconds since 1970."""

    number: int
    need: Need
    made_us: int
    taken: bool
    """Whether the hub has it."""
    back: int | None = None
    """The statement by which it was taken back."""


class OfferedPack(Struct, frozen=True):
    """A pack as an offer names it."""

    sha256: str
    title: dict[str, str] = {}
    offered_by: str = ""
    effects: list[dict[str, Any]] = []


class OfferedDraft(Struct, frozen=True):
    """A pack that was not published yet, as an offer names it."""

    title: dict[str, str] = {}
    offered_by: str = ""


class Offer(Struct, frozen=True):
    """What somebody offers for a need, as the hub tells it: a pack, a draft of one, or words."""

    words: str = ""
    pack: OfferedPack | None = None
    draft: OfferedDraft | None = None


class Offered(Struct, frozen=True):
    """A need with the offers for it, as the hub tells them."""

    number: int
    offers: list[Offer] = []


class _Needs(Struct, frozen=True):
    needs: list[Offered]


class Needs:
    """The needs of one member."""

    def __init__(self, member: Member) -> None:
        self._member = member

    def all(self) -> list[PostedNeed]:
        """Every need that this membership posted and the hub did not refuse, the newest first."""
        membership = self._member.memberships.current()
        if membership is None:
            return []
        found: dict[int, PostedNeed] = {}
        for one in self._member.chain.all(membership):
            told = one.statement
            if not isinstance(told, Need) or one.progress is Progress.REFUSED:
                continue
            if told.takes_back is None:
                found[one.number] = PostedNeed(one.number, told, one.made_us, one.progress is Progress.TAKEN)
            elif (before := found.get(told.takes_back)) is not None:
                found[before.number] = PostedNeed(before.number, before.need, before.made_us, before.taken, one.number)
        return list(reversed(found.values()))

    def post(
        self,
        title: str,
        words: str = "",
        indicator: str | None = None,
        worth_cny: float | None = None,
        *,
        to_members: bool = False,
        who: str = HERE,
    ) -> PostedNeed:
        """Signs a need; it leaves with the next run. Raises ConfigurationError, and Withheld where it may not leave."""
        if not title.strip():
            raise ConfigurationError("solutions.no_title")
        if indicator is not None:
            catalogue().of(indicator)
        said = self._member.say(
            lambda fields: Need(
                title=title.strip()[:200],
                words=words.strip()[:2000],
                indicator=indicator,
                worth_cny=worth_cny,
                shown="members" if to_members else "hub",
                **fields,
            ),
            who,
        )
        return self._posted(said.number)

    def take_back(self, number: int, who: str = HERE) -> PostedNeed:
        """Signs that a need is over. Raises ConfigurationError where there is no such need, or it is over already."""
        if not any(one.number == number and one.back is None for one in self.all()):
            raise ConfigurationError("solutions.no_need", number=number)
        self._member.say(lambda fields: Need(takes_back=number, **fields), who)
        return self._posted(number)

    def offers(self) -> list[Offered]:
        """What the hub has for them, asked now. Raises LinesideError where it cannot be asked, or tells no offers."""
        try:
            told = self._member.ask("offers")
        except UnusableData as error:
            if error.key == _SILENT:
                raise UnusableData("solutions.no_offers") from error
            raise
        try:
            return msgspec.json.decode(told.answer, type=_Needs).needs
        except msgspec.DecodeError as error:
            raise UnusableData("solutions.no_offer_list") from error

    def _posted(self, number: int) -> PostedNeed:
        return next(one for one in self.all() if one.number == number)
