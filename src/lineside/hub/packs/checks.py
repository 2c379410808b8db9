"""What adoptions and needs have to keep to, beside what every statement does.

A statement of the same batch is not seen yet: where one could still explain another, that one is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lineside.errors import UnusableData
from lineside.exchange import Adoption, Catalogue, Need, month_name, month_number
from lineside.hub.contents import OLDEST_MONTHS
from lineside.hub.packs.needs import Kept
from lineside.hub.packs.uses import Use


def require_adoption(
    told: Adoption, ids: Mapping[str, str], found: Sequence[Use], seen: int, month: int, catalogue: Catalogue
) -> None:
    """Raises UnusableData for a pack that is not of this hub, a month that cannot be, or nothing to give up.

    `ids` says of which pack an edition is; `found` are the uses that are known, `seen` is the member's last statement
    that is; `month` is the one that it is now. A pack may be in use before it is published, as in a pilot.
    """
    pack = ids.get(told.pack)
    if pack is None:
        raise UnusableData("packs.not_here", sha256=told.pack)
    first, last = month - OLDEST_MONTHS, month + 1
    if not first <= month_number(told.month) <= last:
        raise UnusableData("packs.month", month=told.month, first=month_name(first), last=month_name(last))
    for one in told.foreseen:
        if one.indicator not in catalogue.indicators:
            known = ", ".join(catalogue.indicators)
            raise UnusableData("exchange.no_indicator", indicator=one.indicator[:60], known=known)
        if one.low > one.high:
            raise UnusableData("packs.foreseen", indicator=one.indicator, low=one.low, high=one.high)
    mine = any(one.member == told.member and one.pack == pack and one.until is None for one in found)
    if told.ended and not mine and told.number == seen + 1:
        raise UnusableData("packs.not_in_use", sha256=told.pack)


def require_need(told: Need, found: Sequence[Kept], seen: int, catalogue: Catalogue) -> None:
    """Raises UnusableData for a need without a title, of an unknown indicator, or one taken back that there is not."""
    if told.takes_back is None:
        if not told.title.strip():
            raise UnusableData("packs.no_title")
        if told.indicator is not None and told.indicator not in catalogue.indicators:
            known = ", ".join(catalogue.indicators)
            raise UnusableData("exchange.no_indicator", indicator=told.indicator[:60], known=known)
        return
    mine = {one.need.number for one in found if one.need.member == told.member and one.open}
    known_by_now = told.takes_back <= seen
    if told.takes_back >= told.number or (known_by_now and told.takes_back not in mine):
        raise UnusableData("packs.no_need", number=told.takes_back)
