"""What members said of solution packs, as paths take it."""

from __future__ import annotations

from collections.abc import Iterable

from lineside.exchange import Adoption as Said
from lineside.exchange import month_number
from lineside.hub.hearing import Uttered
from lineside.hub.pilots import Adoption
from lineside.hub.types import Packs
from lineside.hub.types.paths import WINDOW


def packs_of(said: Iterable[Uttered[Said]], proven: frozenset[str]) -> Packs:
    """Who adopted which pack when and at what cost, by its first word; who gave it up before it could act did not."""
    since: dict[tuple[int, str], int] = {}
    costs: dict[tuple[int, str], float] = {}
    for one in said:
        told, month = one.told, month_number(one.told.month)
        key = (told.member, told.pack)
        if not told.ended:
            since.setdefault(key, month)
            if told.cost_cny is not None:
                costs[key] = told.cost_cny
        elif key in since and month - since[key] < WINDOW:
            del since[key]
    kept = [Adoption(member, pack, month) for (member, pack), month in since.items()]
    return Packs(kept, {key: cost for key, cost in costs.items() if key in since}, proven)
