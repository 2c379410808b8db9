"""How many members told of incidents, for everybody: in steps, of quarters that are over. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from lineside.exchange import Incident
from lineside.hub.hearing import Uttered

QUARTERS = 4
"""So many are told."""


@dataclass(frozen=True, slots=True)
class Count:
    """So many members at least told of incidents in a quarter, as 2026-Q3; `severity` None: of any.

    A member that told of several counts once.
    """

    quarter: str
    concern: str
    severity: int | None
    members: int


def quarter_of(moment_us: int, zone: ZoneInfo) -> int:
    """The quarter of a moment by the calendar of a zone, since the year 0."""
    moment = datetime.fromtimestamp(moment_us / 1_000_000, UTC).astimezone(zone)
    return moment.year * 4 + (moment.month - 1) // 3


@dataclass(frozen=True, slots=True)
class Spell:
    """While a member was one, in microseconds since 1970; `until_us` is None while it is."""

    since_us: int
    until_us: int | None = None

    def touches(self, quarter: int, zone: ZoneInfo) -> bool:
        """Whether it could have told of something in a quarter."""
        begun = quarter_of(self.since_us, zone) <= quarter
        return begun and (self.until_us is None or quarter <= quarter_of(self.until_us, zone))


def counts(
    said: Iterable[Uttered[Incident]],
    members: Mapping[int, Spell],
    concerns: Sequence[str],
    group: int,
    now_us: int,
    zone: ZoneInfo,
) -> tuple[Count, ...]:
    """Of each of the last quarters, concern and severity how many of some members told of an incident.

    Counts are whole steps of `group` (minimum group and colluders), rounded down, and leave a group of those who were
    members in the quarter in doubt; cells below one step are left out. A statement counts in the quarter in which it
    was received: what was told of a quarter never changes, so that no two answers can be subtracted.
    """
    current = quarter_of(now_us, zone)
    cells: dict[tuple[int, str, int | None], set[int]] = {}
    for one in said:
        quarter, told = quarter_of(one.received_us, zone), one.told
        if told.member in members and told.concern in concerns and current - QUARTERS <= quarter < current:
            for severity in (None, told.severity):
                cells.setdefault((quarter, told.concern, severity), set()).add(told.member)
    found = []
    for quarter in range(current - 1, current - QUARTERS - 1, -1):
        name = f"{quarter // 4:04d}-Q{quarter % 4 + 1}"
        most = sum(spell.touches(quarter, zone) for spell in members.values()) - group
        for concern in concerns:
            for severity in (None, 1, 2, 3, 4):
                steps = min(len(cells.get((quarter, concern, severity), ())), most) // group * group
                if steps > 0:
                    found.append(Count(name, concern, severity, steps))
    return tuple(found)
