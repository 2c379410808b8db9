"""For how many enterprises members stand, by the numbers that the settings of a hub tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lineside.errors import ConfigurationError
from lineside.hub.settings import Population


class By(StrEnum):
    """What the classes are by which an effect is told."""

    SIZE = "size"
    INDUSTRY = "industry"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a member is; a size that is not known is empty."""

    industry: str
    size: str
    region: str

    def by(self, by: By) -> str:
        """Its class."""
        return str(getattr(self, by.value))


@dataclass(frozen=True, slots=True)
class Standing:
    """Which members stand for others, by their places, and how many enterprises each class has."""

    places: tuple[int, ...]
    enterprises: dict[str, float]


def standing_for(kinds: Sequence[Kind], told: Sequence[Population], by: By) -> Standing:
    """Members of kinds whose number of enterprises is told, and these numbers by class.

    Where a kind is told for all regions, what is told of single ones is not counted beside it. Raises
    ConfigurationError where nothing is told of any member, or not by region.
    """
    whole = {(one.industry, one.size) for one in told if one.region is None}
    counted = [one for one in told if one.region is None or (one.industry, one.size) not in whole]
    if by is By.REGION and whole:
        raise ConfigurationError("support.not_by_region")
    known = {(one.industry, one.size, one.region) for one in counted}
    places = tuple(
        at
        for at, kind in enumerate(kinds)
        if known & {(kind.industry, kind.size, None), (kind.industry, kind.size, kind.region)}
    )
    if not places:
        raise ConfigurationError("support.no_population")
    enterprises: defaultdict[str, float] = defaultdict(float)
    for one in counted:
        enterprises[Kind(one.industry, one.size, one.region or "").by(by)] += one.enterprises
    return Standing(places, dict(enterprises))
