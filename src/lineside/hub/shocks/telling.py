"""What everybody is told of the published shocks, edition after edition, and what keeps single factories out of sight.

Members are in one partition, by industry, and keep the group in which they were told first; those of industries that
are too small are one group. Each counts one. Within a group members have a *class*: who came and was corrected in the
same editions. As many of a class lose something as the protection asks, and none of them too much of the whole. Its
values change for all of it, for a part where this part and the rest are such classes again, or for none; newcomers wait
until they are one. So whatever was told before and after, a difference of figures is a sum over so many.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from math import ceil, floor

import numpy as np

from lineside.hub.compare import Secrecy
from lineside.hub.compare.counts import dominated
from lineside.hub.shocks.effect import Between

REST = ""
"""The group of those whose own is too small."""
STEP = 0.01
"""To which shares are told; ends are rounded outward."""
_DUST = 1e-9


@dataclass(frozen=True, slots=True)
class Loss:
    """What a member loses by a published shock: of the output of its days; `group` is its industry."""

    group: str
    low: float
    high: float
    generated: bool = False


@dataclass(frozen=True, slots=True)
class Seat:
    """A member that counts in what is told: its loss as it was taken, in its group, and its class."""

    loss: Loss
    kind: int


Seats = Mapping[int, Seat]
"""By member: what an edition of one shock is made of."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What is told of a group: at least so many members, and which share of the output of the days they lose."""

    group: str
    members: int
    lost: Between
    generated: bool
    """Whether any of them was made up for a demonstration."""


def renewed(before: Seats, now: Mapping[int, Loss], secrecy: Secrecy) -> dict[int, Seat]:
    """The seats of the next edition: `before` with what may be taken of what members say `now`.

    Who says nothing any more keeps what it said, as a sum without it would tell it.
    """
    fresh = count(max((one.kind for one in before.values()), default=-1) + 1)
    after = dict(before)
    for those in _by_class(before).values():
        moved = {one for one in those if one in now and _other(before[one].loss, now[one])}
        left = len(those) - len(moved)
        if left and not _hide([before[one].loss for one in those if one not in moved], secrecy):
            continue
        if _hide([now[one] for one in moved], secrecy):
            kind = next(fresh)
            after |= {one: Seat(replace(now[one], group=before[one].loss.group), kind) for one in moved}
    for group, those in _newcomers(before, now, secrecy).items():
        kind = next(fresh)
        after |= {one: Seat(replace(now[one], group=group), kind) for one in those}
    return after


def figures(seats: Seats, secrecy: Secrecy) -> list[Figure]:
    """What is told of these: by group, and of all that is told together, which adds nothing to it."""
    groups: defaultdict[str, list[Seat]] = defaultdict(list)
    for one in seats.values():
        groups[one.loss.group].append(one)
    return [figure for group, those in sorted(groups.items()) if (figure := _figure(group, those, secrecy))]


def whole(told: Sequence[Figure]) -> Between | None:
    """The mean of the groups that are told, by their members as they are told; None without any."""
    members = sum(one.members for one in told)
    if not members:
        return None
    low, high = (sum(getattr(one.lost, end) * one.members for one in told) / members for end in ("low", "high"))
    return _outward(low, high)


def _hide(those: Sequence[Loss], secrecy: Secrecy) -> bool:
    """Whether these hide each other as a class."""
    return _hidden([one.high for one in those], secrecy)


def _figure(group: str, those: Sequence[Seat], secrecy: Secrecy) -> Figure | None:
    classes = [[seat.loss for seat in those if seat.kind == kind] for kind in {seat.kind for seat in those}]
    if not all(_hide(one, secrecy) for one in classes):  # the protection is stricter than it was
        return None
    sure = all(_hidden([loss.low for loss in one], secrecy) for one in classes)
    low = sum(seat.loss.low for seat in those) / len(those) if sure else 0.0  # which is true of any loss
    high = sum(seat.loss.high for seat in those) / len(those)
    members = len(those) // secrecy.group * secrecy.group
    return Figure(group, members, _outward(low, high), any(seat.loss.generated for seat in those))


def _hidden(values: Sequence[float], secrecy: Secrecy) -> bool:
    """Whether a sum of these tells of nobody: so many give to it, and none too much, whoever of them colludes."""
    giving = sum(one > 0 for one in values)
    return giving >= secrecy.group and not dominated(np.array(values, np.float64), secrecy)


def _by_class(seats: Seats) -> dict[tuple[str, int], list[int]]:
    found: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for member, seat in sorted(seats.items()):
        found[seat.loss.group, seat.kind].append(member)
    return found


def _newcomers(before: Seats, now: Mapping[int, Loss], secrecy: Secrecy) -> dict[str, list[int]]:
    """Who comes in, by group: as many at once as hide each other; those of small industries come in together."""
    waiting = sorted(now.keys() - before.keys())
    known = {one.loss.group for one in before.values()}
    sizes = Counter(now[one].group for one in waiting)
    found: defaultdict[str, list[int]] = defaultdict(list)
    for one in waiting:
        group = now[one].group
        found[group if sizes[group] >= secrecy.group else REST if group not in known else group].append(one)
    return {group: those for group, those in found.items() if _hide([now[one] for one in those], secrecy)}


def _other(one: Loss, other: Loss) -> bool:
    return (one.low, one.high) != (other.low, other.high)


def _outward(low: float, high: float) -> Between:
    return Between(round(floor(low / STEP + _DUST) * STEP, 9), round(ceil(high / STEP - _DUST) * STEP, 9))
