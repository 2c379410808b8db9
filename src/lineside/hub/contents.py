"""What a statement may say: months that are over, indicators of the catalogue, origins that fit its member."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from lineside.errors import UnusableData
from lineside.exchange import Catalogue, ProfileChange, Statement, Submission, Value, month_name, month_number
from lineside.hub.enrolling import require_profile
from lineside.hub.member import Member
from lineside.hub.settings import HubSettings

AHEAD_MS = 600_000
"""So far a member's clock may be ahead of the hub's."""
OLDEST_MONTHS = 120
"""What is older is not compared with anything."""


def month_at(now_us: int, zone: ZoneInfo) -> int:
    """The month (since the year 0) that a moment lies in."""
    moment = datetime.fromtimestamp(now_us / 1_000_000, UTC).astimezone(zone)
    return moment.year * 12 + moment.month - 1


def require_contents(told: Statement, member: Member, now_us: int, settings: HubSettings, catalogue: Catalogue) -> None:
    """Raises UnusableData for what could mean nothing; what is only odd is taken, see `remarks`."""
    if told.made_ms > now_us // 1000 + AHEAD_MS:
        raise UnusableData("hub.future", made_ms=told.made_ms, now_ms=now_us // 1000)
    if isinstance(told, Submission):
        _require_month(month_number(told.month), month_at(now_us, ZoneInfo(settings.time_zone)), settings.time_zone)
        _require_values(told, member, catalogue)
    elif isinstance(told, ProfileChange):
        require_profile(told.profile, settings)
        if told.profile.generated != member.profile.generated:
            raise UnusableData("hub.generated_stays")


def _require_month(month: int, current: int, zone: str) -> None:
    if month >= current:
        raise UnusableData("hub.month_not_over", month=month_name(month), zone=zone)
    if month < current - OLDEST_MONTHS:
        raise UnusableData("hub.month_old", month=month_name(month), oldest=month_name(current - OLDEST_MONTHS))


def _require_values(told: Submission, member: Member, catalogue: Catalogue) -> None:
    edition = catalogue.read(told.catalogue)
    if edition is None and not catalogue.precedes(told.catalogue):
        raise UnusableData("hub.other_catalogue", edition=told.catalogue[:60], own=catalogue.edition.id)
    times = Counter(one.indicator for one in told.values)
    if len(times) != len(told.values):
        raise UnusableData("hub.value_twice", indicator=times.most_common(1)[0][0])
    for one in told.values:
        _require_value(one, member, edition)


def _require_value(value: Value, member: Member, edition: Catalogue | None) -> None:
    """`edition` is that by which it is meant; None where it is newer than this hub, which knows no indicators of it."""
    if edition is not None and value.indicator not in edition.indicators:
        known = ", ".join(edition.indicators)
        raise UnusableData("exchange.no_indicator", indicator=value.indicator[:60], known=known)
    if (value.value is None) == (value.absent is None):
        raise UnusableData("hub.value_or_reason", indicator=value.indicator)
    if value.value is not None and (value.origin == "generated") != member.profile.generated:
        raise UnusableData("hub.origin", indicator=value.indicator, origin=value.origin)
