"""What a member may release of what it depends on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from math import isfinite
from zoneinfo import ZoneInfo

from lineside.errors import UnusableData
from lineside.exchange import Exposure, month_name, month_number
from lineside.hub.contents import month_at
from lineside.hub.member import Member
from lineside.hub.settings import HubSettings
from lineside.hub.shocks.shock import plain_name

MOST_DAYS = 3650.0
"""Of a stock, a replacement or a recovery."""


def require_exposure(
    settings: Callable[[], HubSettings], now_us: Callable[[], int]
) -> Callable[[Exposure, Member], None]:
    """Raises UnusableData for an exposure that could mean nothing."""

    def check(told: Exposure, member: Member) -> None:
        current = month_at(now_us(), ZoneInfo(settings().time_zone))
        if month_number(told.month) > current:
            raise UnusableData("shocks.month_ahead", month=told.month, current=month_name(current))
        if (told.origin == "generated") != member.profile.generated:
            raise UnusableData("hub.origin", indicator="exposure", origin=told.origin)
        twice = [name for name, times in Counter(plain_name(one.what) for one in told.inputs).items() if times > 1]
        if twice:
            raise UnusableData("shocks.input_twice", what=twice[0][:60])
        for name, low, high in _intervals(told):
            if not (isfinite(high) and low <= high):
                raise UnusableData("shocks.no_interval", what=name, low=low, high=high)
        longest = max(_days(told), default=0.0)
        if not longest <= MOST_DAYS:
            raise UnusableData("shocks.too_long", days=longest, most=MOST_DAYS)

    return check


def _intervals(told: Exposure) -> Iterator[tuple[str, float, float]]:
    for one in told.recoveries:
        yield "output_lost", *one.output_lost
        yield "recovery_days", *one.recovery_days
        if one.cost_cny is not None:
            yield "cost_cny", *one.cost_cny


def _days(told: Exposure) -> Iterator[float]:
    for one in told.inputs:
        yield one.stock_days
        yield one.replaced_days or 0.0
    for each in told.recoveries:
        yield each.days
        yield each.recovery_days[1]
