"""What of an effect is told to people of a hub who see no member's figures.

A count is told where a group of members is counted and a group is not, in whole classes; of classes that are not told
there are two at least, which hold a group together, so that the whole tells none. Money is told of everybody together,
with two digits. Money and inequality are told where a group receives it, before and after, and where nobody's amount
or a group's is another: else a rule that one firm alone meets would say of what that firm is, and what it gets. This
keeps single firms out of sight; it does not stop who tries hundreds of changes, so it is for the hub's own people, who
are bound by the agreement, and nobody else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields, replace

from lineside.hub.compare import Secrecy
from lineside.hub.laboratory import Bounds, Budget, Effect, Estimate, Movement, Spread, Unevenness

NOTHING = Estimate(math.nan, math.nan, math.nan)
COUNTS = ("gains", "loses", "enters", "drops_out", "cannot_say")
_DIGITS = 3
"""Of an index of inequality."""


def protected(effect: Effect, counts: Effect, secrecy: Secrecy) -> Effect:
    """The effect without what must not be told; `counts` is the same where each member counts for one."""
    sizes = [one.members for one in counts.classes]
    rows = told(sizes, [counts.whole.members] * len(sizes), secrecy)
    columns = {name: told([_members(one, name) for one in counts.classes], sizes, secrecy, rows) for name in COUNTS}
    classes = tuple(
        _movement(one, {name for name in COUNTS if columns[name][at]}, size=rows[at])
        for at, one in enumerate(effect.classes)
    )
    whole_told = {name for name in COUNTS if _of_whole(_members(counts.whole, name), counts.whole.members, secrecy)}
    money = counts.whole.members >= secrecy.least and _receivers(counts, secrecy) and _moves(counts, secrecy)
    whole = _movement(effect.whole, whole_told, size=counts.whole.members >= secrecy.group)
    if money:
        before, after = _rough(effect.whole.cost_before), _rough(effect.whole.cost_after)
        whole = replace(whole, cost_before=before, cost_after=after)
    nothing = Bounds(math.nan, math.nan)
    return replace(
        effect,
        whole=whole,
        classes=classes,
        difference=_rough(effect.difference) if money else NOTHING,
        cost_before=nothing,
        cost_after=nothing,
        eligible_before=nothing,
        eligible_after=nothing,
        spread_before=_no_spread(),
        spread_after=_no_spread(),
        budget_before=_budget(effect.budget_before, told=money),
        budget_after=_budget(effect.budget_after, told=money),
        unevenness=tuple(_uneven(one) for one in effect.unevenness if money and one.members >= secrecy.least),
        gaps=(),
    )


def told(
    counts: Sequence[int], sizes: Sequence[int], secrecy: Secrecy, rows: Sequence[bool] | None = None
) -> tuple[bool, ...]:
    """Which parts of a whole may be told: each has so many counted, of so many; `rows` are those told at all."""
    group = secrecy.group
    places = range(len(counts))
    others = [size - count for size, count in zip(sizes, counts, strict=True)]
    hidden = {at for at in places if min(counts[at], others[at]) < group or (rows is not None and not rows[at])}

    def lays_bare() -> bool:
        return bool(hidden) and (len(hidden) < 2 or sum(counts[at] for at in hidden) < group)

    while lays_bare() and len(hidden) < len(counts):
        hidden.add(min((at for at in places if at not in hidden), key=lambda at: counts[at]))
    return tuple(at not in hidden for at in places)


def _members(movement: Movement, name: str) -> int:
    found: Estimate = getattr(movement, name)
    return 0 if math.isnan(found.value) else round(found.value)


def _of_whole(count: int, size: int, secrecy: Secrecy) -> bool:
    return count >= secrecy.group and size - count >= secrecy.group


def _receivers(counts: Effect, secrecy: Secrecy) -> bool:
    """Whether enough receive anything, before and after, that no sum is of a few."""
    found = (counts.spread_before.receivers.value, counts.spread_after.receivers.value)
    return all(round(one) >= secrecy.group for one in found)


def _moves(counts: Effect, secrecy: Secrecy) -> bool:
    """Whether the amounts of enough change, or of none, that no difference is of a few."""
    moved = _members(counts.whole, "gains") + _members(counts.whole, "loses")
    return not moved or moved >= secrecy.group


def _movement(one: Movement, names: set[str], *, size: bool) -> Movement:
    kept = {name: getattr(one, name) if name in names else NOTHING for name in COUNTS}
    members, enterprises = (one.members, one.enterprises) if size else (0, math.nan)
    return Movement(one.name, members, enterprises, **kept, cost_before=NOTHING, cost_after=NOTHING)


def _rough(one: Estimate) -> Estimate:
    return Estimate(*(float(f"{value:.1e}") for value in (one.value, one.low, one.high)))


def _budget(one: Budget | None, *, told: bool) -> Budget | None:
    if one is None:
        return None
    return replace(one, share=_rough(one.share)) if told else replace(one, share=NOTHING, exceeded=math.nan)


def _no_spread() -> Spread:
    return Spread(**{one.name: NOTHING for one in fields(Spread)})


def _uneven(one: Unevenness) -> Unevenness:
    def rounded(of: Estimate) -> Estimate:
        return Estimate(*(round(value, _DIGITS) for value in (of.value, of.low, of.high)))

    return replace(one, before=rounded(one.before), after=rounded(one.after), difference=rounded(one.difference))
