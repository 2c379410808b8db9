"""Who put a pack to use, since when and how long: made of what members said, one statement after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lineside.exchange import Adoption, Foreseen, month_number
from lineside.hub.hearing import Uttered
from lineside.hub.pilots import Adoption as Adopted


@dataclass(frozen=True, slots=True)
class Use:
    """A member uses a pack from month `since` on, until before `until`; months count since the year 0."""

    member: int
    pack: str
    """Its id: of whichever edition."""
    edition: str
    """The hash of the one it said last."""
    since: int
    entry: int
    """Of the ledger: that of the first statement that says so."""
    places: int = 1
    cost_cny: float | None = None
    """What it told first, as a correction of one member's would show in a figure of all."""
    foreseen: tuple[Foreseen, ...] = ()
    """What its twin said before."""
    until: int | None = None


def uses(heard: Sequence[Uttered[Adoption]], ids: Mapping[str, str]) -> tuple[Use, ...]:
    """All uses in the order in which they began to be told; `ids` says of which pack an edition is.

    Who says again that it uses a pack, as of another edition, goes on with what it began; who gave it up and comes
    again begins anew. A word of giving up without a use before is passed over.
    """
    done: list[Use] = []
    going: dict[tuple[int, str], int] = {}
    for one in heard:
        told = one.told
        pack = ids.get(told.pack)
        if pack is None:
            continue
        key, month = (told.member, pack), month_number(told.month)
        at = going.get(key)
        if told.ended:
            if at is not None:
                done[at] = replace(done[at], until=max(month, done[at].since))
                del going[key]
        elif at is None:
            going[key] = len(done)
            done.append(_begun(told, pack, month, one.entry))
        else:
            done[at] = _again(done[at], told, month)
    return tuple(done)


def adopted(found: Sequence[Use]) -> list[Adopted]:
    """The same as the picture of diffusion takes it."""
    return [Adopted(one.member, one.pack, one.since) for one in found]


def in_use(found: Sequence[Use], month: int) -> int:
    """How many members use it in a month."""
    return len({one.member for one in found if one.since <= month and (one.until is None or month < one.until)})


def given_up(found: Sequence[Use]) -> int:
    """How many members gave it up and did not come again."""
    return len({one.member for one in found} - {one.member for one in found if one.until is None})


def _begun(told: Adoption, pack: str, month: int, entry: int) -> Use:
    return Use(told.member, pack, told.pack, month, entry, told.places, told.cost_cny, told.foreseen)


def _again(use: Use, told: Adoption, month: int) -> Use:
    return replace(
        use,
        edition=told.pack,
        since=min(use.since, month),
        places=told.places,
        cost_cny=told.cost_cny if use.cost_cny is None else use.cost_cny,
        foreseen=use.foreseen or told.foreseen,
    )
