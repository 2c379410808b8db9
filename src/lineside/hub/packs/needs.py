"""What members look for, and what of it who may know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lineside.exchange import Need
from lineside.hub.compare import Secrecy
from lineside.hub.hearing import Uttered
from lineside.hub.member import Member, Standing


@dataclass(frozen=True, slots=True)
class Kept:
    """A need with the number by which the hub names it: that says nothing of whose it is."""

    id: int
    need: Need
    received_us: int
    open: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """What others are told of whose a need is; None where too few members are of that kind."""

    division: str | None
    size: str | None


@dataclass(frozen=True, slots=True)
class Worth:
    """What needs for one indicator are worth together, in yuan a year, to two digits."""

    indicator: str
    cny: float
    members: int


def needs(heard: Sequence[Uttered[Need]], members: Mapping[int, Member]) -> list[Kept]:
    """All needs in the order in which they were told; those taken back, and of who is no member, are not open."""
    back = {(one.told.member, one.told.takes_back) for one in heard if one.told.takes_back is not None}
    found = []
    for at, one in enumerate(heard):
        if one.told.takes_back is None:
            speaks = (member := members.get(one.told.member)) is not None and member.state is Standing.MEMBER
            is_open = speaks and (one.told.member, one.told.number) not in back
            found.append(Kept(at + 1, one.told, one.received_us, is_open))
    return found


class Kinds:
    """How many members there are of each kind, by which a need is told without whose it is.

    `every` is the industry and the size of each member; as much of one's own is told as at least `least` share.
    """

    def __init__(self, every: Iterable[tuple[str, str | None]], least: int) -> None:
        self._kinds, self._least = Counter(every), least
        self._divisions = Counter[str]()
        for (division, _), members in self._kinds.items():
            self._divisions[division] += members

    def told(self, division: str, size: str | None) -> Kind:
        """What others are told of a member of this industry and size."""
        if size is not None and self._kinds[division, size] >= self._least:
            return Kind(division, size)
        return Kind(division if self._divisions[division] >= self._least else None, None)


def worth_told(found: Sequence[Kept], secrecy: Secrecy) -> list[Worth]:
    """What needs are worth, by indicator: of whole groups of members, of none of which one is too large a part.

    Members come into groups in the order in which they first told, each with what it had told when its group was full;
    a group counts while all of it have such a need that is open. So two answers, earlier and later, differ by groups.
    The largest may not be more than its share of what is left without the largest others that may have come together
    (the dominance rule).
    """
    told: list[Worth] = []
    for indicator in sorted({one.need.indicator for one in found if one.need.indicator and one.need.worth_cny}):
        mine = [one for one in found if one.need.indicator == indicator and one.need.worth_cny]
        still = {one.need.member for one in mine if one.open}
        counted = [one for one in _groups(mine, secrecy.group) if one.keys() <= still]
        sums = [list(one.values()) for one in counted if not _dominated(list(one.values()), secrecy)]
        if sums:
            told.append(Worth(indicator, float(f"{sum(map(sum, sums)):.2g}"), len(sums) * secrecy.group))
    return told


def _groups(found: Iterable[Kept], size: int) -> Iterator[dict[int, float]]:
    """Members by groups of a size, with what each told until its group was full; those of a last part are left out."""
    placed: set[int] = set()
    group: dict[int, float] = {}
    for one in found:
        member = one.need.member
        if member not in placed:
            group[member] = group.get(member, 0.0) + (one.need.worth_cny or 0.0)
        if len(group) == size:
            yield group
            placed |= group.keys()
            group = {}


def _dominated(worth: Sequence[float], secrecy: Secrecy) -> bool:
    ordered = sorted(worth, reverse=True)
    left = ordered[0] + sum(ordered[1 + secrecy.c :])
    return ordered[0] > secrecy.dominance * left
