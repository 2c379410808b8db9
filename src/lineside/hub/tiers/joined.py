"""The register and the figures as comparison takes them: members with their cells, indicators with their months."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from lineside.exchange import Indicator, Profile
from lineside.hub.compare import Compared, Enterprises, Members, Scale, Secrecy
from lineside.hub.enrolling import size_of
from lineside.hub.figures import Origin, Snapshot
from lineside.hub.member import Member
from lineside.hub.settings import HubSettings, Population, Protection
from lineside.rules import industries, size_schemes


def secrecy_of(protection: Protection) -> Secrecy:
    """What the settings promise: `group` members hidden against `colluders`, and the largest share of one."""
    return Secrecy(protection.group, protection.colluders, protection.largest)


def members_of(everybody: Iterable[Member], settings: HubSettings) -> Members:
    """Everybody who was ever admitted: what somebody said before leaving stays in figures of those months."""
    mine = [one for one in everybody if one.admitted_us is not None]
    sizes = tuple(one.id for one in size_schemes()[settings.size_scheme].classes)
    places = {None: -1} | {name: at for at, name in enumerate(sizes)}
    regions = {name: at for at, name in enumerate(settings.region_codes)}
    kinds = [_kind(one.profile, settings.size_scheme) for one in mine]
    return Members(
        ids=np.array([one.number for one in mine], dtype=np.int64),
        division=np.array([division for division, _ in kinds], dtype=np.int64),
        size=np.array([places[size] for _, size in kinds], dtype=np.int64),
        region=np.array([regions.get(one.profile.region, -1) for one in mine], dtype=np.int64),
        generated=np.array([one.profile.generated for one in mine], dtype=bool),
        sizes=sizes,
        regions=settings.region_codes,
    )


@lru_cache(maxsize=2**17)
def _kind(profile: Profile, scheme: str) -> tuple[int, str | None]:
    return int(industries().of(profile.industry).code), size_of(profile, scheme)


def compared(snapshot: Snapshot, members: Members, indicator: Indicator) -> Compared:
    """An indicator of these members, in their order; a column for each month of the snapshot."""
    told = snapshot.of(indicator.id)
    rows = members.ids - 1
    known = rows < snapshot.members
    shape = rows.size, snapshot.months
    value, coverage = np.full(shape, np.nan), np.full(shape, np.nan, np.float32)
    origin = np.full(shape, Origin.ABSENT, np.uint8)
    value[known], coverage[known], origin[known] = (
        part[rows[known]] for part in (told.value, told.coverage, told.origin)
    )
    return Compared(Scale.of(indicator), value, origin, coverage)


def enterprises_of(population: Sequence[Population]) -> Enterprises | None:
    """How many enterprises the settings tell of, by industry and by size; None where they tell of none."""
    if not population:
        return None
    by_industry: dict[str, int] = {}
    by_size: dict[str, int] = {}
    for one in population:
        by_industry[one.industry] = by_industry.get(one.industry, 0) + one.enterprises
        by_size[one.size] = by_size.get(one.size, 0) + one.enterprises
    return Enterprises(by_industry, by_size)
